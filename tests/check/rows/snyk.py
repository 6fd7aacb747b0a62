"""What breaks the rules of csa/check/snyk.py, and what does not."""

from __future__ import annotations

from .changes import Breaking, Good


def policy(entries: str) -> str:
    return f"version: v1.25.0\nignore:\n{entries}"


BREAKING: Breaking = [
    *[("CSA703", {".snyk": text}, ".snyk", line, says) for text, line, says in [
        ("ignore: [1\n", 0, "it is not YAML: see its line 2"),
        ("[" * 30_000, 0, "it is not YAML"),
        ("[\n" * 900 + "]\n" * 900, 0, ""),
        ("", 0, "it has neither version nor ignore: write version: v1.25.0"),
        ("foo: bar\n", 0, "it has neither version nor ignore"),
        ("[]\n", 0, "it has neither version nor ignore"),
        ("\nversion: 1.25.0\n", 2, "its version is 1.25.0: write version: v1.25.0"),
        ("version: v2.0.0\n", 1, "its version is v2.0.0"),
        ("version: v1\nignore: [A]\n", 2, "ignore has no entries: write below it - '*': {"),
        (policy("  A: {'*': {reason: x}}\n"), 3, "A has no list of paths: write below it"),
        (policy("  1234: ['*']\n"), 3, "1234 has a path without fields: write below it"),
        (policy("  A: [{'*': why}]\n"), 3, "A has a path without fields"),
        (policy("  A:\n  - '*': {expires: 1 Jan 2030}\n"), 3,
         "A expires 1 Jan 2030, which is no date: write expires: 2030-01-31"),
        (policy("  A:\n  - '*': {expires: 2024-13-45}\n"), 3, "A expires 2024-13-45"),
        (policy("  A:\n  - '*': {expires: 20300131}\n"), 3, "A expires 20300131, which is no date"),
        (policy("  A:\n  - '*': {expires: 2030-W01-1}\n"), 3, "A expires 2030-W01-1, which is no date"),
        (policy("  A: []\n  B: []\n  A: []\n"), 0, "it is YAML with A twice in what begins in its line 3"),
        ("version: v1\nversion: v2\n", 0, "it is YAML with version twice in what begins in its line 1"),
        (policy('  "a\\nb": 3\n'), 0, "a?b has no list of paths"),
    ]],
    ("CSA703", {".snyk": b"version: v1\n# \xff\n"}, ".snyk", 0, "it is not UTF-8"),
    *[("CSA704", {".snyk": policy(text)}, ".snyk", 3, says) for text, says in [
        ("  B:\n  - '*': {expires: 2020-01-02T00:00:00.000Z}\n", "B was ignored until 2020-01-02. "),
        ("  12:\n  - a > b: {}\n    c: {expires: '2020-01-02'}\n", "12 was ignored until 2020-01-02"),
    ]],
]  # fmt: skip

GOOD: Good = [
    ("CSA703", {".snyk": None}),
    *[("CSA703", {".snyk": text}) for text in [
        "version: v1.25.0\nignore: {}\n", "version: v1\nignore:\npatch: {}\n", "ignore: {A: }\n", "ignore: ~\n",
        "ignore: null\n",
        "exclude: {global: [a]}\n", policy("  A:\n  - '*':\n  - a > b: {expires: 2030-01-31}\n"),
        policy("  A:\n  - '*': {expires: ~}\n"),
        "\ufeff" + policy("  A: &a\n  - '*': {<<: &b {reason: x}, expires: 2030-01-31 00:00}\n  B: *a\n"),
    ]],
    ("CSA704", {".snyk": policy("  B:\n  - '*': {reason: harmless}\n  C:\n  - '*': "
                                "{expires: 2999-01-01}\n  D: 3\n  E: [{'*': 3}, a]\n")}),
    ("CSA704", {".snyk": "3\n"}),
]  # fmt: skip
