"""What breaks the rules of csa/check/release.py, and what does not."""

from __future__ import annotations

from .changes import Breaking, Good

BREAKING: Breaking = [
    ("CSA201", {"version.txt": "1.0.0.dev\n"}, "version.txt", 1, r"it says '1.0.0.dev\n'"),
    ("CSA201", {"version.txt": "\ufeff1.0.0\n"}, "version.txt", 1, r"it says '\ufeff1.0.0\n'"),
    ("CSA201", {"version.txt": b"1.0.0\xff"}, "version.txt", 1, r"it says '1.0.0\\xff'"),
    ("CSA201", {"version.txt": "1.0.0\u00a0\n"}, "version.txt", 1, r"it says '1.0.0\xa0\n'"),
    ("CSA201", {"version.txt": ""}, "version.txt", 1, "it says nothing"),
    ("CSA202", {"version.txt": "1.0.0\n"}, "HISTORY.md", 1, "write it as ## 1.0.0 ("),
    ("CSA202", {"version.txt": "1.1.0\n"}, "HISTORY.md", 0, "no heading like ## 1.1.0 ("),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "## [1.0.0] - 2026-07-01\n\n- New.\n"},
     "HISTORY.md", 0, "it has no heading like ## 1.0.0 (July 1, 2026)"),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "## 1.0.0 (soon)\n\n- New.\n"},
     "HISTORY.md", 1, "write it as ## 1.0.0 (July 1, 2026)"),
    ("CSA202", {"version.txt": "1.0.0\n",
                "HISTORY.md": "## 1.0.0 (July 1, 2026)\n\n<!-- What is\nnew? -->\n"},
     "HISTORY.md", 1, "is empty"),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "# H\n\n## 1.0.0 (July 1, 2026)\n\n### X\n"},
     "HISTORY.md", 3, "is empty"),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "```\n## 1.0.0 (July 1, 2026)\n\n- New.\n```\n"},
     "HISTORY.md", 0, "it has no heading like ## 1.0.0 ("),
]  # fmt: skip

GOOD: Good = [
    ("CSA202", {}),  # in development
    ("CSA201", {"version.txt": "12.0.1"}),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "## v1.0.0 (July 1, 2026)\n\n- New.\n"}),
    ("CSA201", {"version.txt": None}),
    ("CSA202", {"version.txt": "nonsense\n"}),
]  # fmt: skip
