"""What breaks the rules of csa/check/secrets.py, and what does not."""

from __future__ import annotations

from .changes import CASSETTE, KEY, Breaking, Good

BREAKING: Breaking = [
    ("CSA701", {"main.py": f'+API_KEY = "{KEY}"\n'}, "main.py", 139, "Secret Keyword"),
    ("CSA701", {"main.py": '+client = connect(\n+    password="hunter2hunter2")\n'}, "main.py", 140, ""),
    ("CSA701", {"notes.md": "AKIAIOSFODNN7ABCDEFG\n"}, "notes.md", 1, "AWS"),
    ("CSA702", {CASSETTE.format("get"): "interactions: 3\n"}, CASSETTE.format("get"), 0, "no recording"),
    ("CSA703", {".snyk": "ignore: [1\n"}, ".snyk", 0, "not the YAML"),
    ("CSA703", {".snyk": "[]\n"}, ".snyk", 0, "not the YAML"),
    ("CSA703", {".snyk": "ignore:\n  A:\n  - '*': {expires: someday}\n"}, ".snyk", 0, "not the YAML"),
    ("CSA704", {".snyk": "ignore:\n  B:\n  - '*': {expires: 2020-01-02T00:00:00.000Z}\n"},
     ".snyk", 2, "B was ignored until 2020-01-02"),
]  # fmt: skip

GOOD: Good = [
    ("CSA701", {"main.py": '+PASSWORD = os.environ["PASSWORD"]\nTOKEN_NAME = "access_token"\n'
                           'secret = "${SECRET}"\napi_key = ""\n'
                           f'token = "{KEY}"  # pragma: allowlist secret\n'}),
    ("CSA702", {"tests/fixtures/answer.yaml": f"api_key: {KEY}\n"}),
    ("CSA703", {".snyk": None}),
    ("CSA703", {".snyk": "version: v1.25.0\nignore: {}\n"}),
    ("CSA704", {".snyk": "ignore:\n  B:\n  - '*': {reason: harmless}\n  C:\n  - '*': "
                         "{expires: 2999-01-01}\n"}),
]  # fmt: skip
