"""Imports of a folder that gets another name follow it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.references import check, find, write

# --- Imports --------------------------------------------------------------------------------

IMPORTS = [
    ("a.py", "import MyScript", "import my_script as MyScript"),
    ("a.py", "import MyScript as m", "import my_script as m"),
    ("a.py", "import os, MyScript; import sys", "import os, my_script as MyScript; import sys"),
    ("a.py", "import MyScript.main", "import my_script.main"),
    ("a.py", "import MyScript.main as m", "import my_script.main as m"),
    ("a.py", "from MyScript import main", "from my_script import main"),
    ("a.py", "from MyScript.main import x", "from my_script.main import x"),
    ("a.py", "def f():\n    from MyScript.main import (\n        x)",
     "def f():\n    from my_script.main import (\n        x)"),
    ("a.py", "import scripts.MyScript.main as m", "import scripts.my_script.main as m"),
    ("a.py", "from scripts.MyScript.main import x", "from scripts.my_script.main import x"),
    ("a.py", "from scripts import MyScript as m", "from scripts import my_script as m"),
    ("a.py", "from scripts import (\n    other,\n    MyScript,\n)",
     "from scripts import (\n    other,\n    my_script as MyScript,\n)"),
    ("scripts/a.py", "from .MyScript import x", "from .my_script import x"),
    ("scripts/a.py", "from . import MyScript", "from . import my_script as MyScript"),
    ("scripts/other/a.py", "from ..MyScript import x", "from ..my_script import x"),
    ("docs/a.py", "from ..scripts.MyScript.main import x",
     "from ..scripts.my_script.main import x"),
    ("scripts/MyScript/main.py", "from MyScript.x import y", "from my_script.x import y"),
    ("scripts/MyScript/a.py", "from ..MyScript.x import y", "from ..my_script.x import y"),
    ("a.py", "'é'; import MyScript as m", "'é'; import my_script as m"),
    ("a.py", "\ufeffimport MyScript as m", "\ufeffimport my_script as m"),
    ("a.py", "import scripts.MyScript.main\nscripts.MyScript.main.run()",
     "import scripts.my_script.main\nscripts.my_script.main.run()"),
    ("a.py", "import scripts.MyScript\n'é', (scripts\n .MyScript).x",
     "import scripts.my_script\n'é', (scripts\n .my_script).x"),
    ("a.py", "import MyScript as m\nX = '\\d'", "import my_script as m\nX = '\\d'"),
    ("a.pyi", "import MyScript as m", "import my_script as m"),
    ("a.py", "X = 'scripts/MyScript', 'scripts.MyScript.main', '\\d'  # scripts/MyScript",
     "X = 'scripts/my_script', 'scripts.my_script.main', '\\d'  # scripts/my_script"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), IMPORTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.filterwarnings("error")
def test_an_import_of_the_folder_follows_it(
    mono: Path, path: str, before: str, after: str, end: str
) -> None:
    before, after = (text.replace("\n", end) + end for text in (before, after))
    check(mono, path, before, after, old="scripts/MyScript", new="my_script")


NO_IMPORTS = [
    ("a.py", "MyScript = 1\nprint(MyScript)"),
    ("a.py", "class MyScript: pass"),
    ("a.py", "x = scripts/MyScript/y"),
    ("a.py", "def f(scripts): return scripts.MyScript.main"),
    ("a.py", "from x import MyScript"),
    ("a.py", "from x.MyScript import y"),
    ("a.py", "from .MyScript import y"),
    ("a.py", "import x.MyScript"),
    ("scripts/other/a.py", "from . import MyScript"),
    ("a.py", "import MyScript as"),
    ("a.py", "'import MyScript'"),
    ("a.py", "d[x](MyScript)"),
    ("scripts/a.py", "d[x](MyScript)"),
    ("README.md", "import MyScript"),
]


@pytest.mark.parametrize(("path", "source"), NO_IMPORTS)
def test_what_is_no_import_of_the_folder_is_left(mono: Path, path: str, source: str) -> None:
    check(mono, path, source + "\n", None, old="scripts/MyScript", new="my_script")


@pytest.mark.parametrize("local", ["scripts/other/MyScript.py", "scripts/other/MyScript/x.py"])
def test_a_module_that_python_finds_first_is_another(mono: Path, local: str) -> None:
    write(mono, local, "")
    source = "import MyScript\nfrom MyScript import x\n"
    check(mono, "scripts/other/a.py", source, None, old="scripts/MyScript", new="my_script")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import scripts.MyScript\ndef f(scripts): return scripts.MyScript\n",
            "import scripts.my_script\ndef f(scripts): return scripts.MyScript\n",
        ),
        (
            "import MyScript.main as m\nMyScript = 1\nprint(MyScript.main, 'MyScript')\n",
            "import my_script.main as m\nMyScript = 1\nprint(MyScript.main, 'MyScript')\n",
        ),
    ],
)
def test_a_variable_of_the_name_is_left(mono: Path, before: str, after: str) -> None:
    write(mono, "a.py", before)
    found = find(mono, "scripts/MyScript", "my_script")
    assert found.changes == {"a.py": after.encode()}
    assert [line for _, line in found.mentions][-1] == before.count("\n")


@pytest.mark.parametrize(
    "imports",
    [
        "import MyScript.main\n",
        "import MyScript\nimport MyScript.main\n",
        "import MyScript.main, MyScript.more\n",
        "import MyScript.main\nimport MyScript.more\n",
        "from scripts import MyScript\nimport MyScript.main\n",
    ],
)
def test_what_an_import_binds_is_still_there(mono: Path, imports: str) -> None:
    write(mono, "scripts/MyScript/main.py", "VALUE = 1\n")
    write(mono, "scripts/MyScript/more.py", "VALUE = 2\n")
    write(mono, "a.py", imports + "print(MyScript.main.VALUE)\n")
    changed = find(mono, "scripts/MyScript", "my_script").changes["a.py"]
    write(mono, "a.py", changed)
    (mono / "scripts/MyScript").rename(mono / "scripts/my_script")
    path = {"PYTHONPATH": str(mono / "scripts")}
    assert run(sys.executable, "a.py", cwd=mono, env=path).stdout == "1\n"


def test_an_import_binds_the_old_name_once_and_only_if_it_is_used(mono: Path) -> None:
    write(mono, "a.py", "import MyScript.a, MyScript.b\nMyScript.a\n")
    write(mono, "b.py", "import MyScript.a, MyScript.b\n")
    assert find(mono, "scripts/MyScript", "my_script").changes == {
        "a.py": b"import my_script.a, my_script as MyScript, my_script.b\nMyScript.a\n",
        "b.py": b"import my_script.a, my_script.b\n",
    }
