"""What breaks the rules of csa/check/release.py, and what does not."""

from __future__ import annotations

from .changes import Breaking, Good

BREAKING: Breaking = [
    ("CSA201", {"version.txt": "1.0.0.dev\n"}, "version.txt", 1, "it says 1.0.0.dev"),
    ("CSA201", {"version.txt": ""}, "version.txt", 1, "it says nothing"),
    ("CSA202", {"version.txt": "1.0.0\n"}, "HISTORY.md", 1, "the heading of 1.0.0 has no date"),
    ("CSA202", {"version.txt": "1.1.0\n"}, "HISTORY.md", 0, "no entry for 1.1.0"),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "## 1.0.0 (soon)\n\n- New.\n"},
     "HISTORY.md", 1, "no date"),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "# H\n\n## 1.0.0 (July 1, 2026)\n\n### X\n"},
     "HISTORY.md", 3, "is empty"),
]  # fmt: skip

GOOD: Good = [
    ("CSA201", {"version.txt": "12.0.1"}),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "## v1.0.0 (July 1, 2026)\n\n- New.\n"}),
    ("CSA202", {"version.txt": "nonsense\n"}),
]  # fmt: skip
