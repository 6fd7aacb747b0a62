"""What breaks the rules of csa/check/code.py, and what does not."""

from __future__ import annotations

from .changes import GUARD, Breaking, Good, script

BREAKING: Breaking = [
    ("CSA401", script("import sys\n"), "main.py", 1, "it has no logic"),
    ("CSA401", script("def main():\n    print(1)\n\nmain()\n"), "main.py", 1, "main() takes no args"),
    ("CSA401", script("import argparse\n\n" + GUARD.replace("main(p", "print(p")),
     "main.py", 0, "some of it is elsewhere"),
    ("CSA401", script(f"import argparse\n\ndef main(args):\n    pass\n\n{GUARD}    main(None)\n"),
     "main.py", 9, "called once more"),
    ("CSA401", script("def main(:\n"), "main.py", 1, "cannot read it"),
    ("CSA402", script(f"import argparse\nimport shutil\n\nshutil.rmtree('x')\n\n"
                      f"def main(args):\n    pass\n\n{GUARD}"), "main.py", 4, "runs at import: shutil"),
]  # fmt: skip

GOOD: Good = [
    ("CSA401", script(f"import argparse\n\n\ndef main(args):\n    print(args)\n\n\n{GUARD}")),
    ("CSA402", script(f"import argparse\nimport os\n\nX = os.environ.get('X', '')\n\n"
                      f"def main(args):\n    pass\n\n{GUARD}")),
]  # fmt: skip
