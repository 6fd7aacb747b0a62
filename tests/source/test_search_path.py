"""Which folders a script adds to sys.path."""

from __future__ import annotations

import ast

import pytest
from csa.source.imports import Imports

from tests.support.requirements import plan

HEAD = "import os, sys, site\nfrom pathlib import Path\n"


def folders(source: str) -> list[tuple[str, ...] | None]:
    return [change.folders for change in Imports.of(ast.parse(HEAD + source)).path_changes]


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("os.path.dirname(__file__)", "."),
        ("os.path.dirname(os.path.abspath(__file__))", "."),
        ("os.path.dirname(os.path.realpath(os.path.dirname(__file__)))", ".."),
        ("os.path.join(os.path.dirname(__file__), 'lib', 'x')", "lib/x"),
        ("os.path.join(os.path.dirname(__file__), os.pardir)", ".."),
        ("os.path.normpath(os.path.join(os.path.dirname(__file__), '../lib'))", "../lib"),
        ("str(Path(__file__).parent)", "."),
        ("str(Path(__file__).resolve().parent.parent / 'lib')", "../lib"),
        ("str(Path(os.path.abspath(__file__)).parents[1])", ".."),
        ("os.fspath(Path(__file__).absolute().parent.joinpath('lib'))", "lib"),
        ("HERE", "."),
        ("os.path.join(HERE, 'lib')", "lib"),
        ("'lib'", None),  # below the working directory
        ("os.getcwd()", None),
        ("os.environ['LIB']", None),
        ("os.path.join(HERE, name)", None),
        ("os.path.join(HERE, '/opt')", None),
        ("TWICE", None),
        ("ROUND", None),
        ("Path(__file__).parents[-1]", None),
        ("Path(__file__).suffix", None),
        ("f'{HERE}/lib'", "lib"),
        ("HERE + '/../lib'", "../lib"),
        ("HERE + 'lib'", None),
        ("f'{HERE}/{name}'", None),
    ],
)
def test_a_folder_is_told_by_where_the_file_is(path: str, folder: str | None) -> None:
    known = "HERE = os.path.dirname(__file__)\nTWICE = HERE\nTWICE = 'x'\nROUND = ROUND\n"
    expected = None if folder is None else (folder,)
    assert folders(f"{known}sys.path.insert(0, {path})") == [expected]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("sys.path.append(os.path.dirname(__file__))", (".",)),
        ("sys.path.extend([os.path.dirname(__file__), str(Path(__file__).parent / 'a')])", (".", "a")),
        ("sys.path += [os.path.dirname(__file__)]", (".",)),
        ("sys.path[:0] = [os.path.dirname(__file__)]", (".",)),
        ("sys.path[0] = os.path.dirname(__file__)", (".",)),
        ("site.addsitedir(os.path.dirname(__file__))", (".",)),
        ("sys.path.extend([os.path.dirname(__file__), '/opt'])", None),
        ("sys.path = [os.path.dirname(__file__)] + sys.path", None),
        ("sys.path.append()", None),
        ("sys.path += []", None),
    ],
)  # fmt: skip
def test_a_change_adds_folders_in_several_ways(change: str, found: tuple[str, ...] | None) -> None:
    assert folders(change) == [found]


OWN = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\n"


def test_imports_after_a_folder_of_its_own_are_known_as_before() -> None:
    assert list(plan(f"{OWN}import yaml").added.values()) == ["yaml"]
    result = plan({"main.py": f"{OWN}import helper, lib.deep", "helper.py": "", "lib/deep.py": ""})
    assert result.unknown == {}
    early = plan({"main.py": f"import helper\n{OWN}", "helper.py": ""})
    assert list(early.unknown) == ["helper"]


def test_the_script_s_other_files_find_what_one_of_them_added() -> None:
    files = {"lib/a.py": "import b, deep.c", "lib/b.py": "", "lib/deep/c.py": ""}
    path = "os.path.join(os.path.dirname(__file__), 'lib')"
    main = f"import os, sys\nsys.path.insert(0, {path})\nimport a"
    assert plan({"main.py": main, **files}).unknown == {}
    assert set(plan({"main.py": f"{OWN}import lib.a", **files}).unknown) == {"b", "deep"}
