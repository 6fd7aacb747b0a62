"""Rules on a package's tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import repeat
from pathlib import PurePosixPath

from ..requirements import SDK
from ..statements import Function, imported_names
from .package import Package, calls
from .rule import Rule

TEST_MAIN = "tests/test_main.py"
TESTS = ("test_main_functions", "test_main", "test_after_main")

MOCKS = {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "create_autospec"}
"""What makes a stand-in of its argument spec."""

PATCHES = {"patch", "object", "multiple", "setattr"}
"""Functions that put a stand-in in the place of their first argument, by their last name."""

PATCHERS = re.compile(r"\b(patch|mocker|mock|monkeypatch|mp)\b|\bm(ock)?_?patch")
"""What they belong to."""


class TestFunctions(Rule):
    """tests/test_main.py has test_main_functions, test_main and test_after_main.

    The functions on their own; a whole run; what it left there. A test that cannot be written yet
    says so with `pytest.skip`.
    """

    id = "CSA601"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if TEST_MAIN not in package.paths:
            return  # said by another rule
        nodes = ast.walk(package.tree(TEST_MAIN))
        there = {node.name for node in nodes if isinstance(node, Function)}
        for name in TESTS:
            if name not in there:
                yield TEST_MAIN, 0, f"{name} is missing"


class ClientNotMocked(Rule):
    """No test puts a stand-in in the place of pyatlan.

    The tests are to find out whether the script still works with Atlan: they run against a tenant,
    or are skipped. What third parties answer may be recorded or mocked.
    """

    id = "CSA602"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        imported = {
            _module(package, path): _origins(package.tree(path)) for path in package.modules
        }
        for path in package.tests:
            own = _origins(package.tree(path))
            for call in calls(package.tree(path)):
                for dotted in map(_expanded, _replaced(call), repeat(own)):
                    origin = _through(imported, dotted)
                    if origin.split(".")[0] in SDK:
                        yield path, call.lineno, f"{origin} is replaced here"


def _module(package: Package, path: str) -> str:
    """Return the dotted name of one of a package's modules."""
    return f"{package.name}.{path.removesuffix('.py').replace('/', '.')}"


def _replaced(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call puts a stand-in for."""
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    first, second = [*call.args[:2], None, None][:2]
    if last in MOCKS:
        yield from call.args[:1]
        yield from (word.value for word in call.keywords if word.arg in ("spec", "spec_set"))
    elif last in PATCHES and PATCHERS.search(name):
        yield from call.args[:1]
        yield from (word.value for word in call.keywords if word.arg == "target")
        if first and isinstance(second, ast.Constant) and isinstance(second.value, str):
            yield ast.Attribute(first, second.value, ast.Load())


def _origins(tree: ast.Module) -> dict[str, str]:
    """Return the dotted origins of what is imported anywhere in a file, by name."""
    return imported_names(node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _expanded(node: ast.expr, origins: Mapping[str, str]) -> str:
    """Return the dotted name that an expression stands for, or is; empty when it is none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    first, dot, rest = ast.unparse(node).partition(".")
    return f"{origins[first]}{dot}{rest}" if first in origins else ""


def _through(imported: Mapping[str, Mapping[str, str]], dotted: str) -> str:
    """Return where a dotted name comes from when one of the package's modules imports it."""
    for module, origins in imported.items():
        if dotted.startswith(f"{module}."):
            first, dot, rest = dotted.removeprefix(f"{module}.").partition(".")
            return f"{origins[first]}{dot}{rest}" if first in origins else dotted
    return dotted


class Recorded(Rule):
    """Every test with the mark vcr has a recording.

    Without one it goes to the network, or fails in CI. `pytest` outside of CI makes it: commit it
    once you have read it.
    """

    id = "CSA603"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        recordings = [PurePosixPath(path).name for path in package.paths if "cassette" in path]
        for path in package.tests:
            for owner, test in _with_mark(package.tree(path)):
                name = f"{owner}.{test.name}" if owner else test.name
                cassette = re.compile(rf"{re.escape(name)}(\[.*\])?\.(yaml|json)")
                if not any(map(cassette.fullmatch, recordings)):
                    yield path, test.lineno, f"{name} has none"


def _with_mark(tree: ast.Module) -> Iterator[tuple[str | None, Function]]:
    """Yield the tests with the mark vcr, each with its class, but for those that name a recording
    of their own."""
    everything = any(
        isinstance(one, ast.Assign) and _is_mark(one.value)
        for one in tree.body
        if "pytestmark" in ast.unparse(one)
    )
    for one in tree.body:
        inside = one.body if isinstance(one, ast.ClassDef) else [one]
        owner = one.name if isinstance(one, ast.ClassDef) else None
        outer = everything or (isinstance(one, ast.ClassDef) and _marked(one))
        for test in inside:
            if isinstance(test, Function) and test.name.startswith("test"):
                named = any(isinstance(mark, ast.Call) and mark.args for mark in _marks(test))
                if (outer or _marked(test)) and not named:
                    yield owner, test


def _marked(node: Function | ast.ClassDef) -> bool:
    return bool(_marks(node))


def _marks(node: Function | ast.ClassDef) -> list[ast.expr]:
    return [decorator for decorator in node.decorator_list if _is_mark(decorator)]


def _is_mark(node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple)):
        return any(map(_is_mark, node.elts))
    return ast.unparse(node.func if isinstance(node, ast.Call) else node).endswith("mark.vcr")


RULES = (TestFunctions(), ClientNotMocked(), Recorded())
