"""A rendered package's script: what it reports, refuses and logs."""

from __future__ import annotations

import csv
import re
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from tests.support.package import Package
from tests.support.standins.otlp import OtlpReceiver
from tests.support.standins.tenant import Tenant


def test_the_script_reports_found_and_missing_and_only_reads(
    package: Package, tenant: Tenant, tmp_path: Path
) -> None:
    tenant.add("Table", "a", "default/a")
    tenant.add("Table", "b", "default/ü b")["status"] = "DELETED"
    names = ["default/a", "default/ü b", *(f"default/{number}" for number in range(60))]
    shown = start(package, tenant, tmp_path, names)
    assert "1 found, 61 missing." in shown.stderr
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as report:
        assert list(csv.reader(report)) == [
            ["qualified_name", "status"],
            ["default/a", "found"],
            *([name, "missing"] for name in names[1:]),
        ]
    assert tenant.requests
    assert tenant.writes == []


def test_the_platform_s_headers_go_with_each_request(
    package: Package, tenant: Tenant, tmp_path: Path
) -> None:
    agent = {"X_ATLAN_AGENT": "workflow", "X_ATLAN_AGENT_ID": "run-of-a-workflow"}
    start(package, tenant, tmp_path, ["default/a"], env=agent)
    sent = [{name.lower(): value for name, value in request.headers.items()}
            for request in tenant.requests]  # fmt: skip
    assert [headers["x-atlan-agent-id"] for headers in sent] == ["run-of-a-workflow"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "Cannot read {file} as a CSV file: No such file or directory."),
        (b"", "{file} is empty: list one qualified name per line."),
        (b"qualified_name\n\n  \n", "{file} is empty: list one qualified name per line."),
        (b"name\ndefault/a\n", "{file} needs a column qualified_name in its first line."),
        (b"\xff\xfe\x00", "Cannot read {file} as a CSV file: "),
    ],
)
def test_a_wrong_input_file_is_answered_with_one_sentence(
    newest: Package, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "assets.csv"
    if content is not None:
        file.write_bytes(content)
    shown = newest.run(
        "-m", "new_pkg.main", "--user-id=", f"--input-file={file}", cwd=tmp_path, code=1
    )
    assert sentence.format(file=file) in shown.stderr
    assert len(shown.stderr.splitlines()) == 1


REFUSED = (
    "ERROR new_pkg: Atlan could not be reached or refused the request; "
    "check ATLAN_BASE_URL and the credentials: "
)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ATLAN_API_KEY": "wrong"}, REFUSED),
        ({"ATLAN_API_KEY": "", "CLIENT_ID": "stand-in-client", "CLIENT_SECRET": "wrong"}, REFUSED),
        ({"ATLAN_API_KEY": ""}, REFUSED + "ATLAN-PYTHON-400-056 Missing privileged credentials"),
        (
            {"ATLAN_BASE_URL": "my-tenant.atlan.com"},
            "ERROR new_pkg: ATLAN_BASE_URL needs its https:// or http://.",
        ),
    ],
)
def test_wrong_credentials_are_answered_with_one_sentence(
    package: Package, tenant: Tenant, tmp_path: Path, wrong: dict[str, str], sentence: str
) -> None:
    shown = start(package, tenant, tmp_path, ["default/a"], env=wrong, code=1)
    assert sentence in last_line(shown.stderr)
    assert "Traceback" not in shown.stderr


def test_an_error_answer_is_passed_on_without_a_traceback(
    newest: Package, tenant: Tenant, tmp_path: Path
) -> None:
    tenant.fail_with = 500
    shown = start(newest, tenant, tmp_path, ["default/a"], code=1)
    assert REFUSED + "ATLAN-PYTHON-500-000 Server responded with an error" in last_line(
        shown.stderr
    )
    assert "Traceback" not in shown.stderr


def test_a_wrong_oauth_client_is_answered_with_one_sentence(
    newest: Package, tenant: Tenant, tmp_path: Path
) -> None:
    wrong = {**tenant.oauth, "ATLAN_OAUTH_CLIENT_SECRET": "wrong"}
    shown = start(newest, tenant, tmp_path, ["default/a"], credentials=wrong, code=1)
    assert REFUSED + "Client error '401 UNAUTHORIZED'" in last_line(shown.stderr)
    assert "Traceback" not in shown.stderr


def test_a_url_that_is_not_atlan_s_is_answered_with_one_sentence(
    newest: Package, tenant: Tenant, tmp_path: Path
) -> None:
    def login_page(_: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<html>Log in</html>"]

    server = make_server("127.0.0.1", 0, login_page, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    elsewhere = {**tenant.oauth, "ATLAN_BASE_URL": f"http://127.0.0.1:{server.port}"}
    shown = start(newest, tenant, tmp_path, ["default/a"], credentials=elsewhere, code=1)
    server.shutdown()
    server.server_close()
    assert REFUSED + "Expecting value" in last_line(shown.stderr)
    assert "Traceback" not in shown.stderr


def test_a_report_that_cannot_be_written_is_reported(
    newest: Package, tenant: Tenant, tmp_path: Path
) -> None:
    (tmp_path / "report.csv").mkdir()
    shown = start(newest, tenant, tmp_path, ["default/a"], code=1)
    assert last_line(shown.stderr).endswith(f"Cannot write {tmp_path}/report.csv: Is a directory.")


def test_help_and_a_mistyped_argument_do_not_import_the_sdk(newest: Package) -> None:
    for argument, code in (("--help", 0), ("--inputfile", 2)):
        shown = newest.run("-X", "importtime", "-m", "new_pkg.main", argument, code=code)
        assert "argparse" in shown.stderr
        assert not re.search(r"\| +(pyatlan|httpx|pydantic)\b", shown.stderr)


# --- Its logs --------------------------------------------------------------------------------


def test_logs_reach_an_opentelemetry_receiver(
    package: Package, tenant: Tenant, tmp_path: Path
) -> None:
    with OtlpReceiver() as receiver:
        start(package, tenant, tmp_path, ["default/a"], env=receiver.environment, anew=True)
    bodies = [body for _, severity, body in receiver.records if severity == "WARN"]
    assert [body.rpartition(" - ")[2] for body in bodies] == ["Missing: default/a"]
    assert {record[0]["service.name"] for record in receiver.records} == {"new_pkg"}


def test_what_stops_the_script_reaches_the_receiver_too(newest: Package) -> None:
    with OtlpReceiver() as receiver:
        newest.run(
            "-m", "new_pkg.main", "--user-id=", "--input-file=/missing.csv",
            env=receiver.environment, code=1,
        )  # fmt: skip
    assert "Cannot read /missing.csv" in receiver.records[-1][2]


def start(
    package: Package,
    tenant: Tenant,
    folder: Path,
    names: list[str],
    env: dict[str, str] | None = None,
    credentials: dict[str, str] | None = None,
    code: int = 0,
    anew: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the script as Argo does, on an input file with these names."""
    input_file = folder / "assets.csv"
    input_file.write_text("\n".join(["qualified_name", *names, ""]), encoding="utf-8")
    return package.run(
        "-m", "new_pkg.main", "--user-id", tenant.user_id, "--input-file", input_file,
        "--report-file", folder / "report.csv",
        cwd=folder, env={**(credentials or tenant.environment), **(env or {})}, code=code, anew=anew,
    )  # fmt: skip


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]
