"""Imports of what lies beside a script name the same files as its package's modules do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from csa.refactor.siblings import looked_up_by_name, with_package_imports

HELPERS = {
    "helper.py": b"def greet():\n    return 'hi'\n",
    "lib/__init__.py": b"",
    "lib/rates.py": b"import helper\nfrom lib import units\nRATE = 3, helper.greet(), units.EUR\n",
    "lib/units.py": b"EUR = 'EUR'\n",
    "plain/deep/leaf.py": b"import sys\nLEAF = 1\n",
}
"""What lies beside main.py."""

SHOWN = b"""
import sys
loaded = (getattr(module, "__file__", None) for module in sys.modules.values())
print(sorted({file for file in loaded if file and "/scripts/" in file}))
"""
"""Prints all files of the script that were imported."""

REWRITTEN = {
    b"import helper": b"from pkg import helper",
    b"import helper as h": b"from pkg import helper as h",
    b"import helper as helper": b"from pkg import helper",
    b"from helper import greet": b"from pkg.helper import greet",
    b"from  helper import (greet,  # hello\n    greet as g)": (
        b"from  pkg.helper import (greet,  # hello\n    greet as g)"
    ),
    b"from \\\n  helper import greet": b"from \\\n  pkg.helper import greet",
    b"from helper import *": b"from pkg.helper import *",
    b"import lib.rates as rates": b"from pkg.lib import rates",
    b"from lib.rates import RATE": b"from pkg.lib.rates import RATE",
    b"from lib import rates, units": b"from pkg.lib import rates, units",
    b"from plain.deep.leaf import LEAF": b"from pkg.plain.deep.leaf import LEAF",
    b"import os, helper, json, re": b"import os\nfrom pkg import helper\nimport json, re",
    b"import os as o, helper as h  # both": b"import os as o\nfrom pkg import helper as h  # both",
    b"if True: import os, helper; print(1)": (
        b"if True: import os; from pkg import helper; print(1)"
    ),
    b"def f():\n\timport helper, lib\nf()": (
        b"def f():\n\tfrom pkg import helper\n\tfrom pkg import lib\nf()"
    ),
    b"try:\n    import helper\nexcept ImportError:\n    pass": (
        b"try:\n    from pkg import helper\nexcept ImportError:\n    pass"
    ),
    b"\xef\xbb\xbfimport helper": b"\xef\xbb\xbffrom pkg import helper",
    b"x = '\xc3\xa4'; import helper": b"x = '\xc3\xa4'; from pkg import helper",
    b"import helper\r\nimport os, lib\r\n": (
        b"from pkg import helper\r\nimport os\r\nfrom pkg import lib\r\n"
    ),
    b"from lib.units import EUR as E": (b"from pkg.lib.units import EUR as E"),
}
"""What main.py has, and what it has in the package."""

LEFT = [
    b"import os, json",
    b"import lib.rates",  # binds lib, and loads what is in it
    b"import helpers",
    b"from . import helper",
    b"from .helper import greet",
    b"import importlib\nimportlib.import_module('helper')",
    b"import sys\nsys.path.insert(0, 'elsewhere')\nimport helper",
    b"print('import helper')",
    b"import (helper)",  # no Python
    b"# coding: latin-1\nx = '\xe4'\nimport helper",
]
"""What stays: csa check names what the image would not find."""


def folder(path: Path, main: bytes) -> dict[str, bytes]:
    """Write a script with its helpers; return its files."""
    files = {**HELPERS, "main.py": main}
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return files


def loaded(*command: str, cwd: Path) -> str:
    """What Python prints."""
    return subprocess.run(
        [sys.executable, "-B", *command], cwd=cwd, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize(("before", "after"), REWRITTEN.items())
def test_an_import_of_what_lies_beside_names_the_package(before: bytes, after: bytes) -> None:
    assert with_package_imports({**HELPERS, "main.py": before}, "pkg")["main.py"] == after


@pytest.mark.parametrize("main", LEFT)
def test_what_cannot_be_said_alike_is_left(main: bytes) -> None:
    assert "main.py" not in with_package_imports({**HELPERS, "main.py": main}, "pkg")


def test_a_package_has_its_imports_already() -> None:
    changed = with_package_imports({**HELPERS, "main.py": b"import helper, lib\n"}, "pkg")
    assert with_package_imports({**HELPERS, **changed}, "pkg") == {}


def test_python_finds_the_same_files_as_a_script_and_as_a_package(tmp_path: Path) -> None:
    lines = [line for line in REWRITTEN if not line.startswith(b"\xef") and b"\r" not in line]
    main = b"\n".join([*lines, SHOWN])
    script = tmp_path / "scripts" / "pkg"
    before = folder(script, main)
    as_script = loaded("main.py", cwd=script)
    for path, content in with_package_imports(before, "pkg").items():
        (script / path).write_bytes(content)
    assert loaded("-m", "pkg.main", cwd=script.parent) == as_script
    assert as_script.count(".py") == len(before)


@pytest.mark.parametrize("name", ["logging", "requests", "tests", "pyatlan"])
def test_a_folder_that_may_stand_for_a_distribution_is_left(name: str) -> None:
    sources = {"main.py": f"import {name}\n".encode(), f"{name}/one.py": b""}
    assert with_package_imports(sources, "pkg") == {}


def test_a_module_that_hides_a_distribution_is_meant() -> None:
    sources = {"main.py": b"import requests\n", "requests.py": b""}
    assert with_package_imports(sources, "pkg") == {"main.py": b"from pkg import requests\n"}


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("dictConfig({'class': 'helper.LIMIT'})", ["helper.LIMIT"]),
        ("patch('lib.rates.RATE', 5)", ["lib.rates.RATE"]),
        ("EntryPoint('x', 'helper:LIMIT', 'y')", ["helper:LIMIT"]),
        ("sys.modules['helper'].LIMIT", ["helper"]),
        ("open('helper.ini'); print('helper'); log('helper.other')", []),
        ("x['helper']; sys.modules[name]", []),
    ],
)
def test_a_module_that_a_text_names_is_found(code: str, named: list[str]) -> None:
    sources = {"helper.py": b"LIMIT = 1\n", "lib/rates.py": b"RATE = 2\n", "lib/__init__.py": b""}
    sources["main.py"] = f"import sys\n{code}\n".encode()
    assert [*looked_up_by_name(sources)] == [("main.py", 2, text) for text in named]
