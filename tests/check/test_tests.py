"""The rules on tests read any test file, and say a thing once."""

from __future__ import annotations

from pathlib import Path

import pytest
from csa.check.package import Package
from csa.check.tests import RULES, TESTS

from tests.support.monorepo import init

NOTHING = [(0, f"{name} is missing") for name in TESTS]

FILES = {
    "empty": "",
    "not Python": "def f(:\n",
    "bytes": "\0",
    "another coding": "# coding: nothing\n",
    "many calls": "a" + ".b()" * 3000,
    "many attributes": "a" + ".b" * 3000 + "()\na" + ".b" * 3000 + " = 1\n",
    "a long decorator": "@a" + ".b()" * 3000 + "\ndef f(): ...\n",
    "a long target": "patch(" + "'a' + " * 3000 + "b)\n",
    "a long sum": "X = " + "x + " * 3000 + "x\npatch(X)\n",
    "a long power": "patch(" + "a ** " * 900 + "b)\n",
    "brackets": "patch(" + "[" * 150 + "]" * 150 + ")\n",
    "blocks": "".join(f"{' ' * n}if x:\n" for n in range(90)) + " " * 90 + "x = 1\n",
    "classes": "".join(f"{' ' * n}class TestA:\n" for n in range(90)) + " " * 90 + "x = 1\n",
    "branches": "if x: ...\n" + "elif x: ...\n" * 900,
    "a match": "match x:\n case {'a': [*b]}: ...\n",
    "growing texts": "".join(f"x = [x, x, '{n}']\ny = f'!{{y}}{{y}}'\n" for n in range(500)),
    "its own base": "class TestA(TestA): ...\nclass TestB:\n class TestC(TestB): ...\n"
    "class TestB(TestB):\n class TestC(TestB): ...\n",
    "bases in a circle": "class TestA(TestB): ...\nclass TestB(TestA): ...\n",
    "imports in a circle": "from .test_main.x import y as x\nx.y = 1\n",
    "imports from far above": f"from {'.' * 3000} import x\nx.y = 1\n",
    "calls without arguments": "patch()\nsetattr(*a)\nMock(*a, **b)\npatch.dict({**a})\n",
    "odd items": "import sys\nsys.modules[:] = sys.modules[1, ...] = sys.modules[b''] = 1\n",
    "odd assignments": "for x, y in z: ...\nX: int\n(pytestmark) = pytestmark\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "new_pkg"
    (folder / "tests").mkdir(parents=True)
    answers = "_src_path: x\n_commit: 1.0.0\npackage_name: new_pkg\n"
    (folder / ".copier-answers.yml").write_text(answers)
    init(tmp_path)
    return folder


def found(package: Path, text: str) -> list[tuple[int, str]]:
    (package / "tests" / "test_main.py").write_text(text)
    return [(line, what) for rule in RULES for _, line, what in rule.broken(Package(package))]


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_any_file_is_read(package: Path, text: str) -> None:
    said = found(package, text)
    # Another rule says which files cannot be read.
    assert said == (NOTHING if "tests/test_main.py" in Package(package).sources else [])


def test_what_is_replaced_is_said_once(package: Path) -> None:
    text = (
        "from pyatlan.client.atlan import AtlanClient as C\n"
        "patch.object(C, 'x', C.save)\nC.a, C.b = Mock(C), Mock(spec=C)\n"
    )
    said = [one for one in found(package, text) if one not in NOTHING]
    assert [line for line, _ in said] == [2, 3]
    assert said[0][1] == "pyatlan.client.atlan.AtlanClient.x is replaced here"
