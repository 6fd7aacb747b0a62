"""What breaks the rules of csa/check/image.py, and what does not."""

from __future__ import annotations

from .changes import Breaking, Good

BREAKING: Breaking = [
    ("CSA301", {"Dockerfile": "FROM python:3.13\n"}, "Dockerfile", 1, "builds on python:3.13, and"),
    ("CSA301", {"Dockerfile": "# none\n"}, "Dockerfile", 0, "builds on None"),
    ("CSA302", {"requirements.txt": "+PyAtlan==8.5.1\n"}, "requirements.txt", 8, "delete it"),
    ("CSA303", {"requirements.txt": "requests>=2,<3\n"}, "requirements.txt", 0, "no opentelemetry-sdk"),
    ("CSA303", {"requirements.txt": "opentelemetry-sdk<1.39\nopentelemetry_exporter_otlp>=1.38\n"},
     "requirements.txt", 2, "lets a newer one in"),
]  # fmt: skip

GOOD: Good = [
    ("CSA301", {"Dockerfile": None}),
    ("CSA302", {"requirements.txt": "+pyatlan-extras>=1,<2\n# pyatlan\n"}),
    ("CSA303", {"requirements.txt": "opentelemetry-sdk==1.38.0\n"
                                    "opentelemetry-exporter-otlp~=1.38.0\n"}),
]  # fmt: skip
