"""Rules on a package's tests."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile
from posixpath import dirname

from ..source.conditions import STANDARD
from ..source.names import Function
from ..source.requirements import SDK
from .marks import in_body, is_collected, recorded_tests
from .names import Names, assigned, module_name, origin, spelled
from .package import Package
from .rule import Rule

TEST_MAIN = "tests/test_main.py"
TESTS = ("test_main_functions", "test_main", "test_after_main")

MOCKS = {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "create_autospec"}
"""What makes a stand-in of its argument spec."""

PATCHES = re.compile(r"(.*\.)?(patch|patch\.object|patch\.multiple|setattr|delattr)")
"""What puts one in the place of its first argument, or of attributes of that."""

PATCHES_ITEMS = re.compile(r"(.*\.)?(patch\.dict|setitem|delitem)")
"""What puts one in the place of items of its first argument."""

SYS_MODULES = "sys.modules"
"""Where Python looks for what is imported."""

NOT_ITS_OWN = (STANDARD - {"resource", "token"}) | {
    *(
        "authlib",
        "dateutil",
        "httpx",
        "httpx_retries",
        "jinja2",
        "lazy_loader",
        "msgspec",
        "nanoid",
    ),
    *("networkx", "opentelemetry", "pkg_resources", "pydantic", "pytest", "pytz", "tenacity"),
    *("test_utils", "yaml"),
}
"""What stands in a dotted name below pyatlan for modules that it imports, or has for tests only."""

NAMES_RECORDINGS = "vcr_cassette_name"
"""The fixture of pytest-vcr that does, where a package has one of its own."""


class TestFunctions(Rule):
    """tests/test_main.py must have test_main_functions, test_main and test_after_main.

    They test the functions on their own, a whole run, and what the run left behind. Call
    `pytest.skip` in a test that cannot be written yet, and give the reason.
    """

    id = "CSA601"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if TEST_MAIN not in package.sources:
            return  # said by another rule
        there: set[str] = set()
        bodies = [package.tree(TEST_MAIN).body]
        while bodies:
            for statement in in_body(bodies.pop()):
                if isinstance(statement, ast.ClassDef):
                    bodies.append(statement.body)
                elif isinstance(statement, Function):
                    there.add(statement.name)
                elif isinstance(statement, ast.ImportFrom):
                    there.update(alias.asname or alias.name for alias in statement.names)
                there.update(name for name, _ in assigned(statement))
        for name in TESTS:
            if not there & {name, "*"}:
                yield TEST_MAIN, 0, f"{name} is missing"


class ClientNotMocked(Rule):
    """Tests must not mock pyatlan.

    The tests are to find out whether the script still works with Atlan: they run against a tenant,
    or are skipped. What third parties answer may be recorded or mocked.
    """

    id = "CSA602"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        files = [*package.modules, *package.tests]
        modules = {module_name(package, path): Names.of(package, path) for path in files}
        for path in package.tests:
            names = modules[module_name(package, path)]
            found = {
                (line, origin(dotted, modules))
                for line, dotted in _replaced(package.nodes(path), names)
            }
            replaced = {line: dotted for line, dotted in sorted(found) if _is_sdk(dotted)}
            for line, dotted in replaced.items():
                yield path, line, f"{dotted} is replaced here"


def _replaced(nodes: Iterable[ast.AST], names: Names) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of what assignments and calls put a stand-in for."""
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from ((node.lineno, name) for name in _replaced_by(node, names))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.lineno, names.dotted(node)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            texts = names.texts_of(node.slice) if names.dotted(node.value) == SYS_MODULES else ()
            yield from ((node.lineno, text) for text in texts)


def _replaced_by(call: ast.Call, names: Names) -> Iterator[str]:
    """Yield the dotted names of what a call puts a stand-in for."""
    function = names.dotted(call.func) or spelled(call.func)
    words = {word.arg: word.value for word in call.keywords if word.arg}
    first, second = [*call.args[:2], None, None][:2]
    if function.rpartition(".")[2] in MOCKS:
        yield from map(names.dotted, (first, words.get("spec"), words.get("spec_set")))
    elif PATCHES.fullmatch(function):
        target = first or words.get("target")
        texts = names.texts_of(target)
        attributes = set() if texts else names.texts_of(second or words.get("attribute"))
        if function.endswith(".multiple"):
            attributes = set(words)
        for owner in texts or {names.dotted(target)}:
            yield from {f"{owner}.{attribute}" for attribute in attributes} or {owner}
    elif function in (f"{SYS_MODULES}.setdefault", f"{SYS_MODULES}.update"):
        yield from names.texts_of(first) | words.keys()
    elif PATCHES_ITEMS.fullmatch(function):
        patched = names.texts_of(first) | {names.dotted(first)}
        items = names.texts_of(second or words.get("values")) | words.keys()
        yield from items if SYS_MODULES in patched else ()


def _is_sdk(dotted: str) -> bool:
    """Tell whether something is pyatlan's own, and not of a module that it imports."""
    first, *parts = dotted.split(".")
    modules = takewhile(lambda part: part.islower(), parts)  # not Table.json
    return first in SDK and NOT_ITS_OWN.isdisjoint(modules)


class Recorded(Rule):
    """Every test with the mark vcr must have a recording.

    Without one, the test calls the network, or fails in CI. Run `pytest` outside of CI to record it, read
    the recording, then commit it. A test that sends nothing needs no mark. For a parametrized test, one
    recording is enough.
    """

    id = "CSA603"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        nodes = (node for path in package.tests for node in package.nodes(path))
        if any(isinstance(node, Function) and node.name == NAMES_RECORDINGS for node in nodes):
            return  # then nobody can tell
        folders = _recordings(package.paths)
        collected = [path for path in package.tests if is_collected(path)]
        for path in collected:
            marked = recorded_tests(package.tree(path), Names.of(package, path))
            for line, name in sorted(marked):
                if not any(_may_have(folder, path, collected) for folder in folders[name]):
                    yield path, line, f"{name} has none"


def _recordings(paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the folders that have recordings, by the names of tests."""
    folders: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        stem, dot, kind = path.rpartition(".")
        if dot and kind in ("yaml", "json"):
            # With parameters, an id follows in brackets: a / in it makes a folder.
            begins = (
                [bracket.start() for bracket in re.finditer(r"\[", stem)]
                if stem[-1:] == "]"
                else []
            )
            for end in (len(stem), *begins):
                folder, _, name = stem[:end].rpartition("/")
                folders[name].append(folder)
    return folders


def _may_have(folder: str, path: str, collected: Iterable[str]) -> bool:
    """Tell whether a folder may have the recordings of a test file: not if it is another's."""
    above, _, name = folder.rpartition("/")
    if re.fullmatch(r".*\.(test_.*|.*_test)", name):  # BaseVCR's, named after the module
        own = path.removesuffix(".py").replace("/", ".")
        return f".{name}".endswith(f".{own}") or f".{own}".endswith(f".{name}")
    if name == "cassettes":  # pytest-vcr's, beside the tests
        return path.startswith(f"{above}/") or above not in {
            dirname(cassette) for cassette in collected
        }
    return True


RULES = (TestFunctions(), ClientNotMocked(), Recorded())
