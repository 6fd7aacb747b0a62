"""What breaks the rules of csa/check/image.py, and what does not."""

from __future__ import annotations

from .changes import BASE, Breaking, Good

OTEL = "opentelemetry-exporter-otlp"
WHEEL = "https://example.com/opentelemetry_sdk-{}-py3-none-any.whl"


def requirements(*lines: str) -> dict[str, str]:
    return {"requirements.txt": "".join(f"{line}\n" for line in lines)}


BREAKING: Breaking = [
    *[("CSA301", {"Dockerfile": text}, "Dockerfile", line, says) for text, line, says in [
        ("FROM python:3.13\n", 1, "it builds on python:3.13, and the answers say"),
        ("# none\n", 0, "it has no FROM"),
        ("", 0, "it has no FROM"),
        (f"FROM {BASE} AS base\nFROM python:3.13\n", 2, "builds on python:3.13"),
        ("ARG TAG=3.13\n\nFROM python:${TAG}\n", 3, "builds on python:3.13"),
        ("FROM $BASE\n", 1, "builds on $BASE"),
        (f"FROM python:3.13\nRUN <<END\nFROM {BASE}\nEND\n", 1, "builds on python:3.13"),
        ("FROM \\\n  python:3.13\n", 1, "builds on python:3.13"),
        (f"FROM {BASE}\nCMD [\"python\", \"<<END\"]\nFROM python:3.13\n", 3, "builds on python:3.13"),
        (f"FROM {BASE}\nRUN echo $((1<<20)) <<<x '<<END'\nFROM python:3.13\n", 3, "builds on python:3.13"),
        (f"FROM {BASE}\nRUN cat <<END\n END\nEND\nFROM python:3.13\n", 5, "builds on python:3.13"),
    ]],
    ("CSA302", {"requirements.txt": "+PyAtlan==8.5.1\n"}, "requirements.txt", 8, "delete it"),
    *[("CSA303", requirements(*lines), "requirements.txt", line, says) for lines, line, says in [
        (["requests>=2,<3"], 0, "it has no opentelemetry-sdk"),
        ([], 0, "it has no opentelemetry-sdk"),
        (["opentelemetry-sdk-extension-aws<3"], 0, "it has no opentelemetry-sdk"),
        (["opentelemetry-sdk<1.39", f"{OTEL}-proto-common<1.39"], 0, f"it has no {OTEL}-proto-grpc"),
        (["opentelemetry-sdk<1.39", f"{OTEL}-proto-http<1.39"], 0, f"it has no {OTEL}-proto-grpc"),
        (["opentelemetry-sdk<1.39", "opentelemetry_exporter_otlp>=1.38"], 2, "lets a newer one in"),
        (["opentelemetry-sdk===1.40.0"], 1, "lets a newer one in"),
        (["opentelemetry-sdk>=1.38,<2,!=1.39.*"], 1, "lets a newer one in"),
        (["opentelemetry-sdk>=1.38,!=1.39.*,!=1.40.*,!=1.41.*,!=2.*"], 1, "lets a newer one in"),
        ([f"opentelemetry-sdk @ {WHEEL.format('1.40.0')}"], 1, "lets a newer one in"),
        (["opentelemetry-sdk @ git+https://example.com/otel@main"], 1, "lets a newer one in"),
        (["opentelemetry-sdk<1.39; python_version < '3'"], 0, "it has no opentelemetry-sdk"),
        *[([f"{name}>=1.38"], 1, "lets a newer one in") for name in (
            "opentelemetry-api", "opentelemetry-proto", f"{OTEL}-proto-common",
            f"{OTEL}-proto-grpc", f"{OTEL}-proto-http",
        )],
    ]],
]  # fmt: skip

GOOD: Good = [
    *[("CSA301", {"Dockerfile": text}) for text in [
        None,
        f"ARG BASE={BASE}\nFROM --platform=linux/amd64 ${{BASE}} AS built\n\nfrom built\nRUN true\n",
        f"FROM {BASE}@sha256:{'0' * 64}\n",
        f"FROM \\\n  {BASE}\nCOPY --from=python:3.13 a b\nRUN echo \\\n FROM python\n",
        f"ARG BASE=x\nFROM ${{NAME:-{BASE}}}\n",
        f'FROM {BASE}\nRUN <<-"END"\n\tFROM x\n\tEND\n',
        f"FROM {BASE}\nCOPY <<ONE <<TWO /app/\nFROM x\nONE\nFROM y\nTWO\n",
        f"FROM {BASE}\nRUN echo \\\n\n  FROM x\n",
        f"# escape=`\nFROM `\n  {BASE}\n",
        f"ARG TAG={BASE.split(':')[1]} IMAGE={BASE.split(':')[0]}:$TAG\nFROM $IMAGE\n",
        f"ARG SET=1\nFROM ${{SET:+{BASE}}}\n",
        f"\ufeff# syntax=docker/dockerfile:1\r\nFROM {BASE}\r\nRUN <<END\r\nFROM x\r\nEND\r\n",
    ]],
    ("CSA302", {"requirements.txt": "+pyatlan-extras>=1,<2\n# pyatlan\n"}),
    *[("CSA303", requirements(*lines)) for lines in [
        ["opentelemetry-sdk==1.38.0", f"{OTEL}~=1.38.0"],
        ["opentelemetry-sdk<1.39", "opentelemetry-sdk>=1.40; sys_platform == 'win32'", f"{OTEL}<1.39"],
        [f"opentelemetry-sdk @ {WHEEL.format('1.38.0')}#sha256=00", f"{OTEL}<=1.38.0"],
        ["opentelemetry-sdk @ git+https://example.com/otel@v1.38.0#subdirectory=sdk", f"{OTEL}<1.39"],
        ["opentelemetry-sdk>=1.38", "opentelemetry-sdk<1.39", f"{OTEL}<=1.38.0"],
        ["opentelemetry-sdk===1.38.0", f"{OTEL}-proto-grpc<1.39", "opentelemetry-sdk-extension-aws<3",
         "opentelemetry-propagator-gcp>=1.6", "opentelemetry-instrumentation-requests>=0.50b0"],
    ]],
    ("CSA303", {"requirements.txt": None}),
]  # fmt: skip
