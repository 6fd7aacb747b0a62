"""What breaks the rules of csa/check/requirements.py, and what does not."""

from __future__ import annotations

from .changes import NEW_REQUIREMENT, Breaking, Good, a_test

BREAKING: Breaking = [
    ("CSA501", {"main.py": "+import requests\n"}, "main.py", 139,
     "requests is imported: add requests>="),
    ("CSA501", {"lookup.py": "def f():\n    import yaml_of_nobody\n"}, "lookup.py", 2,
     "no distribution is known"),
    ("CSA501", a_test("pass", "import hypothesis\n"), "tests/test_more.py", 1,
     "to requirements-test.txt"),
    ("CSA502", {"requirements.txt": NEW_REQUIREMENT}, "requirements.txt", 8,
     "no import needs requests"),
    ("CSA502", {"requirements.txt": "+pyyaml>=6,<7 #\n"}, "requirements.txt", 8, "pyyaml"),
    ("CSA503", {"requirements.txt": "+requests\n"}, "requirements.txt", 8, "begin with"),
    ("CSA503", {"requirements.txt": "+requests>=2.32\n"}, "requirements.txt", 8, "end before"),
    ("CSA503", {"requirements-test.txt": "+responses<1\n"}, "requirements-test.txt", 14, "begin"),
]  # fmt: skip

GOOD: Good = [
    ("CSA501", {"main.py": "+import requests\n", "requirements.txt": NEW_REQUIREMENT}),
    ("CSA501", {"main.py": "+import httpx, pyatlan.client, new_pkg.lookup\n", "lookup.py": ""}),
    ("CSA501", a_test("pass", "import dotenv\nimport new_pkg.main\nfrom . import conftest\n")),
    ("CSA501", {"main.py": None}),
    ("CSA502", {"deep.py": "x = " + "-" * 30000 + "1\n"}),
    ("CSA502", {"requirements.txt": "+openpyxl>=3.1,<4  # pandas reads Excel with it\n"}),
    ("CSA502", {"main.py": "+try:\n    import yaml\nexcept ImportError:\n    yaml = None\n",
                "requirements.txt": "+PyYAML>=6,<7\n"}),
    ("CSA503", {"requirements.txt": "+requests==2.32.5\nyaml~=6.0\nx @ https://e.com/x-1.whl\n"
                                    "-e git+https://e.com/y@1#egg=y\n# z\n-r other.txt\n"}),
]  # fmt: skip
