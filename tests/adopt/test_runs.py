"""Lines that run a script as a file are named where its imports need it to be a module."""

from __future__ import annotations

from pathlib import Path

import pytest
from csa.adopt.runs import lines_that_run

from tests.support.adoptions import adopt
from tests.support.commands import commit_all
from tests.support.references import write


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("Makefile", "x:\n\tpython scripts/old-name/main.py --a\n", [2]),
        ("Makefile", "x:\n\t$(PYTHON) -i ./scripts/old-name/main.py\n", [2]),
        ("Makefile", "\tcd scripts/old-name && python3.11 main.py\n", [1]),
        ("Makefile", "\tcd scripts/old-name\n\tcd scripts/other && python main.py\n", []),
        ("run.sh", "cd scripts/old-name\nset -e\npython ./main.py\n", [3]),
        ("a.yml", "- working-directory: scripts/old-name\n  run: |\n    python main.py\n", [3]),
        ("a.yml", "command: [python]\nargs:\n- scripts/old-name/main.py\n", [3]),
        ("a.yml", "paths:\n- scripts/old-name/main.py\n", []),
        ("a.py", "subprocess.run([sys.executable, 'scripts/old-name/main.py'])\n", [1]),
        ("a.py", "runpy.run_path('scripts/old-name/main.py')\n", [1]),
        ("a.md", "Run `python scripts/old-name/main.py`.\n", [1]),
        ("a.md", "See scripts/old-name/main.py.\n", []),
        ("a.sh", "python scripts/other/main.py scripts/old-name\n", []),
        ("a.sh", "python -m scripts.old_name.main\n", []),
        ("scripts/old-name/README.md", "Run `python main.py`.\n", [1]),
        ("scripts/old-name/main.py", "# python main.py\n", []),
    ],
)
def test_where_a_script_is_run_as_a_file(
    mono: Path, path: str, text: str, lines: list[int]
) -> None:
    write(mono, path, text)
    assert list(lines_that_run(mono, "scripts/old-name")) == [(path, line) for line in lines]


def test_a_folder_at_the_top_is_found_too(mono: Path) -> None:
    write(mono, "old-name/main.py", "")
    write(mono, "a.sh", "python old-name/main.py\ncd old-name && python main.py\n")
    assert list(lines_that_run(mono, "old-name")) == [("a.sh", 1), ("a.sh", 2)]


def test_they_are_manual_steps_where_imports_get_the_package_s_name(
    mono: Path, template: Path
) -> None:
    guarded = 'if __name__ == "__main__":\n    print(1)\n'
    for name, imported in {"old-name": "import helper\n\n", "MyScript": ""}.items():
        write(mono, f"scripts/{name}/main.py", imported + guarded)
        write(mono, f"scripts/{name}/run.sh", "python main.py\n")
    write(mono, "scripts/old-name/helper.py", "")
    commit_all(mono, "Scripts")
    steps = adopt(mono, template, "old-name", code=1)["manual_steps"]
    text = "it runs main.py as a file: run python -m old_name.main in scripts instead"
    assert {"path": "scripts/old_name/run.sh", "line": 1, "text": text} in steps
    steps = adopt(mono, template, "MyScript", code=None)["manual_steps"]
    assert not [step for step in steps if step["path"].endswith("run.sh")]
