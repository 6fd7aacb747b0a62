"""What a script finds by a name that adoption changes: left as it is, or reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.adoptions import adopt, monorepo
from tests.support.commands import commit_all

MAIN = """\
import argparse
import sys
from pathlib import Path

import helper


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", default="1")
    args = parser.parse_args()
    print(helper.say(args.n))


if __name__ == "__main__":
    main()
"""

HELPER = "class Rec:\n    pass\n\n\ndef say(text):\n    return text\n"


def steps(tmp_path: Path, template: Path, files: dict[str, str]) -> tuple[str, list[str]]:
    """Adopt a script with these files; return what became of main.py, and the manual steps."""
    root = monorepo(tmp_path / "mono", "sibling-helper")
    folder = root / "scripts" / "old-script"
    for path, text in {"main.py": MAIN, "helper.py": HELPER, **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    commit_all(root, "A script")
    adoption: dict[str, Any] = adopt(root, template, "old-script", code=None)
    begin = "scripts/old_script/"
    return adoption["main"], [
        f"{step['path'].removeprefix(begin)}:{step['line']}: {step['text']}"
        for step in adoption["manual_steps"]
        if "at import" not in step["text"]
    ]


@pytest.mark.parametrize(
    "code",
    [
        "import sys\n\n\ndef say(text):\n    return text.format(**sys._getframe(1).f_locals)\n",
        "import sys\n\n\ndef say(text):\n    return vars(sys.modules['__main__'])\n",
        "def say(text):\n    return text.__globals__\n",
    ],
)
def test_a_main_whose_variables_a_module_reads_stays(
    tmp_path: Path, template: Path, code: str
) -> None:
    main, said = steps(tmp_path, template, {"helper.py": code})
    assert main == "left"
    assert said[0].startswith("main.py:1: scripts/old-script/helper.py reads the variables of the")


@pytest.mark.parametrize(
    ("files", "step"),
    [
        ({"log.ini": "[handler_h]\nclass=helper.Rec\n"}, "log.ini:2: it names helper.Rec, which is"),
        ({"steps.json": '{"run": "helper:say"}\n'}, "steps.json:1: it names helper.say, which is"),
        ({"helper.py": f"import pickle\n\n{HELPER}"}, "helper.py:1: existing pickles name the"),
        ({"main.py": MAIN.replace("    print(", "    logging.getLogger('helper')\n    print(")},
         "it names helper, which is old_script.helper in the package"),
        ({"main.py": MAIN.replace("    print(", "    HERE = Path('x') / 'old-script' / 'y'\n    print(")},
         "a path has the folder's old name here: write old_script"),
        ({"old_script.py": "X = 1\n"}, "old_script.py:0: it has the package's name, so that Python"),
    ],
)  # fmt: skip
def test_what_is_looked_up_by_a_name_of_before_is_reported(
    tmp_path: Path, template: Path, files: dict[str, str], step: str
) -> None:
    main, said = steps(tmp_path, template, files)
    assert main == "refactored"
    assert [line for line in said if step in line], said


def test_what_only_looks_alike_is_left(tmp_path: Path, template: Path) -> None:
    files = {
        "helper.ini": "a=helper.ini\nb=helper.other\n",
        "data.json": '["other.Rec", "helper"]\n',
    }
    assert steps(tmp_path, template, files) == ("refactored", [])
