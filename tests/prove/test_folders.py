"""What other files of a folder do to the proof: those that main.py imports, or that import it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from csa.errors import Misuse
from csa.prove import Proof, prove

from tests.support.commands import commit_all, git

Files = Mapping[str, str | None]

BEFORE, AFTER = "a = 1\nprint(a)\n", "b = 1\nprint(b)\n"
"""What main.py does in all of these, and does still."""

LIMIT = "LIMIT = 1\nif __name__ == '__main__':\n    import helper\n    helper.go()\n"
GUARDED = "if __name__ == '__main__':\n    LIMIT = 1\n    import helper\n    helper.go()\n"
LOST = "files that import it do not find LIMIT"


def write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or text is None:
            path.unlink()
        if text is not None and text.startswith("-> "):
            path.unlink(missing_ok=True)
            path.symlink_to(text.removeprefix("-> "))
        elif text is not None:
            path.write_text(text)


def proof(folder: Path, old: Files, new: Files) -> Proof:
    write(folder, old)
    git(folder, "init", "--quiet")
    commit_all(folder, "Before")
    write(folder, new)
    return prove(folder)


def reasons(proof: Proof) -> dict[str, str]:
    found = {path: one.reason for path, one in proof.verdicts.items() if one.result != "proven"}
    assert bool(found) == (proof.result != "proven")
    return found


# --- Code that imports main.py -------------------------------------------------------------------

IMPORTERS = {
    "import": "def go():\n    import main\n    print(main.LIMIT)\n",
    "from": "def go():\n    from main import LIMIT\n    print(LIMIT)\n",
    "from a package": "def go():\n    from s import main\n    print(main.LIMIT)\n",
    "from here": "def go():\n    from . import main\n    print(main.LIMIT)\n",
    "from .main": "def go():\n    from .main import LIMIT\n    print(LIMIT)\n",
    "another name": "def go():\n    import main as m\n    n = m\n    print(n.LIMIT)\n",
    "by a text": "def go():\n    import main\n    print(getattr(main, 'LIM' + 'IT'))\n",
    "importlib": "import importlib\ndef go():\n    print(importlib.import_module('main').LIMIT)\n",
    "a module that is loaded": (
        "import sys, other\ndef go():\n    print(sys.modules['main'].LIMIT)\n"
    ),
    "a command": (
        "import subprocess\ndef go():\n    subprocess.run(['python', '-c', 'import main; print(main.LIMIT)'])\n"
    ),
    "runpy": "import runpy\ndef go():\n    print(runpy.run_path('main.py')['LIMIT'])\n",
}


@pytest.mark.parametrize("helper", IMPORTERS.values(), ids=IMPORTERS)
def test_names_that_a_module_beside_main_takes_have_to_be_there_at_import(
    tmp_path: Path, helper: str
) -> None:
    found = proof(tmp_path, {"main.py": LIMIT, "helper.py": helper}, {"main.py": GUARDED})
    assert reasons(found) == {"main.py": LOST}


@pytest.mark.parametrize(
    ("main", "new", "reason"),
    [
        (LIMIT, GUARDED.replace("if", "LIMIT = 2\nif", 1), "it uses 2 instead of 1"),
        (
            "LIMIT = 1\ndef f():\n    return LIMIT\nif __name__ == '__main__':\n    print(f())\n",
            "def f():\n    return LIMIT\nif __name__ == '__main__':\n    LIMIT = 1\n    print(f())\n",
            LOST,
        ),
        (
            "LIMIT = 1\ndef f():\n    return LIMIT\nif __name__ == '__main__':\n    print(f())\n",
            "LIMIT = 1\ndef f():\n    return g()\nif __name__ == '__main__':\n    def g():\n        return 1\n    print(f())\n",
            "files that import it do not find g",
        ),
        (
            "from lib import *\nprint(f)\n",
            "if __name__ == '__main__':\n    from lib import *\n    print(f)\n",
            "it would no longer run when the module is imported, as other files do",
        ),
        (
            "print(1)\n",
            "if __name__ == '__main__':\n    print(1)\n",
            "it would no longer run when the module is imported, as other files do",
        ),
        ("print(1)\n", "def __getattr__(name):\n    return 1\nprint(1)\n", "__getattr__"),
    ],
)  # fmt: skip
def test_what_a_module_beside_main_gets_by_its_import_stays(
    tmp_path: Path, main: str, new: str, reason: str
) -> None:
    helper = "def go():\n    import main\n    print(main.LIMIT, main.f())\n"
    found = proof(tmp_path, {"main.py": main, "helper.py": helper}, {"main.py": new})
    assert reason in reasons(found)["main.py"]


@pytest.mark.parametrize(
    ("new", "helper"),
    [
        (LIMIT.replace("    import", "    NEW = 2\n    import"), IMPORTERS["import"]),
        (GUARDED, "def go():\n    print(1)\n"),
        (GUARDED, "from other import main\ndef go():\n    main()\n"),
    ],
)
def test_what_no_module_beside_main_takes_may_go_under_the_guard(
    tmp_path: Path, new: str, helper: str
) -> None:
    files: Files = {"helper.py": helper, "other.py": "def main():\n    print(1)\n"}
    assert reasons(proof(tmp_path, {"main.py": LIMIT, **files}, {"main.py": new})) == {}


@pytest.mark.parametrize(
    ("helper", "reason"),
    [
        (
            "import sys\ndef go():\n    setattr(sys.modules['__main__'], 'N', 7)\n",
            "other code may look up its variables by their names",
        ),
        (
            "import sys\ndef go():\n    sys._getframe(1).f_globals['N'] = 7\n",
            "other code may look up its variables by their names",
        ),
        ("def go():\n    from __main__ import N\n    print(N)\n", ""),
    ],
)
def test_variables_that_other_code_looks_up_while_main_runs_are_no_matter_of_main(
    tmp_path: Path, helper: str, reason: str
) -> None:
    main = "import helper\nN = 1\nhelper.go()\nprint(N)\n"
    new = "import helper\nN = 1\nM = N\nhelper.go()\nprint(M)\n"
    found = reasons(proof(tmp_path, {"main.py": main, "helper.py": helper}, {"main.py": new}))
    assert reason in found["main.py"]


# --- What main.py imports ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("star", "new", "reason"),
    [
        ("helper", "__all__ = []\nX = 1\n", "instead of __all__"),
        ("helper", "__all__: list = ['X']\nX = 1\n", "instead of __all__"),
        ("helper", "X = 1\ndef __getattr__(name):\n    return 1\n", "instead of __getattr__"),
        ("helper", "X = 1\ndef print(*_):\n    pass\n", "so new names may matter"),
        ("pkg", "from .helper import *\n", ""),
    ],
)
def test_names_that_a_star_brings_stay(tmp_path: Path, star: str, new: str, reason: str) -> None:
    main = f"from {star} import *\n{BEFORE}"
    place = "helper.py" if star == "helper" else "pkg/__init__.py"
    old: Files = {"main.py": main, place: "X = 1\n", "pkg/helper.py": "X = 1\n"}
    found = reasons(proof(tmp_path, old, {"main.py": main, place: new}))
    assert found.keys() == {place}
    assert reason in found[place]


@pytest.mark.parametrize("new", ["'''Doc.'''\nX = 1\n", "_Y = 1\nX = _Y\n", "__version__ = '1'\nX = 1\n"])  # fmt: skip
def test_a_module_of_which_a_star_brings_the_same_is_proven(tmp_path: Path, new: str) -> None:
    old: Files = {"main.py": "from helper import *\nprint(X)\n", "helper.py": "X = 1\n"}
    assert reasons(proof(tmp_path, old, {"helper.py": new})) == {}


@pytest.mark.parametrize(
    ("main", "is_asked"),
    [
        ("import helper\nprint(hasattr(helper, 'Y'))\n", True),
        ("import helper as h\nprint(dir(h))\n", True),
        ("import helper\nprint(helper.__dict__)\n", True),
        ("try:\n    from helper import Y\nexcept ImportError:\n    Y = 0\n", True),
        ("import pkg.a\n", True),
        ("import helper, json\nprint(json.Y, 'Y', vars(json))\n", False),
        ("from other import Y\nimport helper\n", False),
        ("from helper import *\n", False),
    ],
)
def test_a_new_name_matters_where_somebody_may_look_for_it(
    tmp_path: Path, main: str, is_asked: bool
) -> None:
    new = "Y = 1\nX = 1\n" if "*" not in main else "_Y = 1\nX = 1\n"
    old: Files = {
        **dict.fromkeys(("helper.py", "pkg/b.py"), "X = 1\n"),
        "pkg/a.py": "from . import b\nprint(getattr(b, 'Y', 0))\n",
        "main.py": main,
    }
    found = reasons(proof(tmp_path, old, {"helper.py": new, "pkg/b.py": new}))
    where = "pkg/b.py" if main.startswith("import pkg") else "helper.py"
    text = "another file may look for Y, which is new"
    assert found.get(where) == (text if is_asked else None)


@pytest.mark.parametrize(
    "main", ["import helper\nprint(helper.__doc__)\n", "import helper\nprint(helper.f.__doc__)\n"]
)
def test_docstrings_that_another_file_reads_stay(tmp_path: Path, main: str) -> None:
    helper = "'''A.'''\ndef f():\n    '''A.'''\n"
    found = proof(
        tmp_path, {"main.py": main, "helper.py": helper}, {"helper.py": helper.replace("A", "B")}
    )
    assert reasons(found).keys() == {"helper.py"}


IN_PLACE = "it is imported in the place of helper.py"
NEW = "it is new, and imported in the place of the module zz"
OWN = "it is new, and may be imported in the place of the module re"
LINK = "it is or was a link, and now points elsewhere"
UNREAD = "it changed, and csa cannot read it as Python source"


@pytest.mark.parametrize(
    ("more", "new", "reason"),
    [
        ("", {"helper/__init__.py": ""}, IN_PLACE),
        ("", {"helper/__init__.pyc": ""}, IN_PLACE),
        ("", {"helper.abi3.so": ""}, IN_PLACE),
        ("", {"helper.cpython-311-x86_64-linux-gnu.so": ""}, IN_PLACE),
        ("", {"helper": "-> pkg"}, IN_PLACE),
        ("", {"pkg/h/__init__.py": ""}, "it is imported in the place of pkg/h.py"),
        ("", {"space/__init__.py": "print(2)\n"}, "it is imported in the place of space"),
        ("", {"main/__init__.py": ""}, "it is imported in the place of main.py"),
        ("", {"__init__.py": "print(2)\n"}, "it is new, and may run before main.py"),
        ("import json\n", {"re.py": ""}, OWN),
        ("import json\n", {"re/__init__.py": ""}, OWN),
        ("import json\n", {"re.so": ""}, OWN),
        ("import json\n", {"re.py": "-> helper.py"}, OWN),
        ("import sys\nsys.path.insert(0, 'lib')\n", {"lib/re.py": ""}, OWN),
        ("import requests\n", {"urllib3.py": ""}, OWN.replace(" re", " urllib3")),
        ("try:\n    import zz\nexcept ImportError:\n    pass\n", {"zz.py": ""}, NEW),
        ("try:\n    import zz\nexcept ImportError:\n    pass\n", {"zz/x.txt": ""}, NEW),
        ("try:\n    from pkg import zz\nexcept ImportError:\n    pass\n", {"pkg/zz.py": ""}, NEW),
        ("import importlib\nimportlib.import_module('zz')\n", {"zz.py": ""}, NEW),
        ("", {"linked.py": "-> helper.py"}, LINK),
        ("", {"linked.py": "print(2)\n"}, LINK),
        ("", {"native.so": "2"}, UNREAD),
        ("", {"native.so": None}, UNREAD),
        ("", {"large.py": "#" * 600_000 + "2"}, UNREAD),
        ("", {"helper.py": "#" * 600_000 + "2"}, UNREAD),
    ],
)
def test_a_file_that_python_imports_instead_of_another_cannot_be_judged(
    tmp_path: Path, more: str, new: Files, reason: str
) -> None:
    old: Files = {
        "helper.py": "print(1)\n",
        "other.py": "",
        "linked.py": "-> other.py",
        "pkg/__init__.py": "",
        "pkg/h.py": "print(1)\n",
        "space/x.py": "print(1)\n",
        "native.so": "1",
        "large.py": "#" * 600_000 + "1",
        "main.py": more + BEFORE,
    }
    found = reasons(proof(tmp_path, old, {**new, "main.py": more + AFTER}))
    assert set(found.values()) == {reason}


@pytest.mark.parametrize(
    "new",
    [
        *("helper/data.txt", "re/data.txt", "lib/re.py", "more.py", "more.so", "helper.pyi"),
        *("helper.pyc", "space/__init__.py", "__init__.py", "tests/helper.py", "tests/__init__.py"),
        *("tests/json.py", "Makefile", "test_helper.py", "conftest.py"),
    ],
)
def test_a_new_file_that_takes_no_other_s_place_does_not_matter(tmp_path: Path, new: str) -> None:
    more = "import json, helper, space.x\n"
    old: Files = {"main.py": more + BEFORE, "helper.py": "", "space/x.py": ""}
    assert reasons(proof(tmp_path, old, {new: "", "main.py": more + AFTER})) == {}


# --- Files that are called as tests are ------------------------------------------------------------


@pytest.mark.parametrize(
    ("imports", "changed"),
    [
        ("import tests.a", "tests/a.py"),
        ("from tests import a", "tests/a.py"),
        ("from tests import *", "tests/a.py"),
        ("import tests.b", "tests/a.py"),
        ("import tests.c", "tests/a.py"),
        ("import tests.a", "tests/__init__.py"),
        ("import helper", "tests/a.py"),
        ("import importlib\nimportlib.import_module('.a', 'tests')", "tests/a.py"),
        ("import runpy\nrunpy.run_path('tests/a.py')", "tests/a.py"),
        ("import sys\nsys.path.insert(0, 'tests')\nimport a", "tests/a.py"),
        ("import test_util", "test_util.py"),
        ("import test_util", "conftest.py"),
    ],
)
def test_what_main_imports_counts_whatever_its_name(
    tmp_path: Path, imports: str, changed: str
) -> None:
    old: Files = {
        "tests/__init__.py": "__all__ = ['a']\n",
        "tests/a.py": "",
        "conftest.py": "",
        "tests/b.py": "from . import a\n",
        "tests/c.py": "from .a import *\n",
        "helper.py": "import tests.a\n",
        "test_util.py": "import conftest\n",
        "main.py": f"{imports}\n{BEFORE}",
    }
    write(tmp_path, old)
    text = (tmp_path / changed).read_text() + "print('new')\n"
    found = proof(tmp_path, old, {"main.py": f"{imports}\n{AFTER}", changed: text})
    assert reasons(found).keys() == {changed}
    write(tmp_path, {changed: None})
    deleted = reasons(prove(tmp_path))
    assert deleted == {changed: "it was deleted, or has another name"}


def test_tests_that_nothing_imports_do_not_count(tmp_path: Path) -> None:
    tests = ("tests/helper.py", "tests/decoder.py", "test_util.py", "conftest.py")
    main = "import json.decoder, helper\n"
    old: Files = {
        **dict.fromkeys(tests, "print(1)\n"),
        "helper.py": "",
        "main.py": main + BEFORE,
    }
    new: Files = {**dict.fromkeys(tests, "print(2)\n"), "main.py": main + AFTER}
    assert list(proof(tmp_path, old, new).verdicts) == ["main.py"]


# --- What is compared at all ------------------------------------------------------------------------


def test_a_module_that_alone_was_refactored_is_compared(tmp_path: Path) -> None:
    old: Files = {"main.py": "import helper\n", "helper.py": BEFORE, "tests/test_x.py": ""}
    with pytest.raises(Misuse, match="the modules beside it are as they were committed at HEAD"):
        proof(tmp_path, old, {"tests/test_x.py": "print(1)\n", "more.py": ""})
    helper = {"helper.py": "def f():\n    print(1)\nf()\n"}
    write(tmp_path, {"helper.py": "_b = 1\nprint(1)\n"})
    assert reasons(prove(tmp_path)) != {}
    write(tmp_path, {"helper.py": f"# more\n{BEFORE}"})
    assert (prove(tmp_path).result, list(prove(tmp_path).verdicts)) == ("proven", ["helper.py"])
    write(tmp_path, {"helper.py": helper["helper.py"].replace("1", "2")})
    assert prove(tmp_path).result == "different"
