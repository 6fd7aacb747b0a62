"""What a Python file imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from .conditions import IN_EVERY_IMAGE, holds
from .names import dotted_name, last_name
from .search_path import PathChange, PathChanges

NO_MODULE = ("ImportError", "ModuleNotFoundError")
"""What an import raises that fails."""


MOST_OF_A_TEXT = 100
"""Characters of a text in which a module's name is looked for."""

OF_A_PACKAGE = re.compile(
    r"(importlib\.)?resources\.(contents|files|is_resource|open_\w+|path|read_\w+)|files"
    r"|pkgutil\.get_data|pkg_resources\.resource_\w+|runpy\.run_module"
)
"""Functions that import the module whose name is their first argument."""

_NAMED = re.compile(r"\A(?:\w+\+(?=\w+://))?([A-Za-z_]\w*)(?=://|\Z)")


class Needed(NamedTuple):
    """A dotted name that a file needs, of `from a import b` as `a.b`: where it is imported, and
    whether a function does so later."""

    line: int
    column: int
    name: str
    deferred: bool

    def runs_after(self, place: tuple[int, int]) -> bool:
        """Tell whether it is imported after what stands in a line and column, or may be."""
        return self.deferred or (self.line, self.column) > place


def absolute_imports(
    nodes: Iterable[ast.AST], package: str, path: str
) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield those of the nodes that are imports, by absolute names: `path` is the package's file
    that has them. Relative ones that lead out of the package are left out."""
    folder = [package, *path.split("/")[:-1]]
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.level:
            if above := folder[: max(len(folder) + 1 - node.level, 0)]:
                module = ".".join([*above, *filter(None, [node.module])])
                yield ast.copy_location(ast.ImportFrom(module, node.names, 0), node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield node


@dataclass(frozen=True)
class Imports:
    """What a Python file imports.

    `needed` is what it cannot do without: none for type checkers or other systems, and none that
    may fail. `names` are the dotted names of all imports. `path_changes` are the changes of sys.path,
    in order. Relative imports are among them where the package is known; those that lead out of it
    keep their dots. `texts` are words in texts that may name a module: of a parser, an engine or a
    driver, such as "lxml" and "mysql+pymysql://".
    """

    needed: list[Needed]
    names: set[str]
    path_changes: list[PathChange]
    texts: set[str]

    @classmethod
    @lru_cache(maxsize=8)
    def of(cls, tree: ast.Module, package: str = "", path: str = "") -> Imports:
        """Return those of a parsed file, which is at a path of a package."""
        needed: list[Needed] = []
        names: set[str] = set()
        texts: set[str] = set()
        changes = PathChanges()
        # No recursion: expressions of any depth occur in generated code. Of each node: whether an
        # import in it may fail, never runs, and is done by a function later.
        nodes: list[tuple[ast.AST, bool, bool, bool]] = [(tree, False, False, False)]
        while nodes:
            node, may_fail, hidden, deferred = nodes.pop()
            apart, caught = {*never_runs(node)}, {*may_fail_in(node, *NO_MODULE)}
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                may_fail, deferred = False, True  # runs later, outside of the try
            nodes += [
                (child, may_fail or child in caught, hidden or child in apart, deferred)
                for child in ast.iter_child_nodes(node)
            ]
            if isinstance(node, ast.stmt | ast.expr):
                changes.look_at(node)
                found = _names(node, package, path)
                names.update(found)
                if found and not may_fail and not hidden:
                    needed += [Needed(*_start(node), name, deferred) for name in found]
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.update(_NAMED.findall(node.value[:MOST_OF_A_TEXT]))
        return cls(needed, names, changes.found(), texts)


def never_runs(node: ast.AST) -> Sequence[ast.stmt | ast.ExceptHandler]:
    """Return the parts of a statement that do not run in an image."""
    if isinstance(node, ast.Try | ast.TryStar) and all(map(_never_fails, node.body)):
        return [handler for handler in node.handlers if goes_on(handler, *NO_MODULE)]
    if not isinstance(node, ast.If) or (verdict := holds(node.test)) is None:
        return ()
    return node.orelse if verdict else node.body


def _never_fails(statement: ast.stmt) -> bool:
    """Tell whether a statement imports only modules that are in every image."""
    names = {name.split(".")[0] for name in _names(statement, "", "")}
    return bool(names) and names <= IN_EVERY_IMAGE


def may_fail_in(node: ast.AST, *errors: str) -> Sequence[ast.stmt]:
    """Return the statements in one after whose errors, such as these, a script goes on."""
    if isinstance(node, ast.Try | ast.TryStar):
        only_imports = all(isinstance(inner, ast.Import | ast.ImportFrom) for inner in node.body)
        any_error = ("Exception", "BaseException", "") if only_imports else ()
        if any(goes_on(handler, *errors, *any_error) for handler in node.handlers):
            return node.body
    elif isinstance(node, ast.With):
        calls = [item.context_expr for item in node.items]
        if any(
            isinstance(call, ast.Call)
            and last_name(call.func) == "suppress"
            and any(last_name(error) in errors for error in call.args)
            for call in calls
        ):
            return node.body
    elif isinstance(node, ast.If) and errors == NO_MODULE:
        asks = (isinstance(part, ast.Call) and part.func for part in ast.walk(node.test))
        if any(call and last_name(call) == "find_spec" for call in asks):
            return node.body
    return ()


def _start(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _names(node: ast.AST, package: str, path: str) -> list[str]:
    """Return what a single statement or call imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level and not package:
            return []
        out = ast.ImportFrom("." * node.level + (node.module or ""), node.names, 0)
        [absolute] = [*absolute_imports([node], package, path)] or [out]
        return [f"{absolute.module}.{alias.name}".removesuffix(".*") for alias in node.names]  # type: ignore[union-attr]
    if isinstance(node, ast.Call) and (
        last_name(node.func) in ("import_module", "__import__")
        or OF_A_PACKAGE.fullmatch(dotted_name(node.func) or "")
    ):
        name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")):
            return [name]
    return []


def goes_on(handler: ast.ExceptHandler, *errors: str) -> bool:
    """Tell whether a script goes on after one of some errors, by their names; "" is any."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not any(last_name(kind) in errors for kind in kinds):
        return False
    last = handler.body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return last_name(last.value.func) not in ("exit", "_exit", "quit")
    return not isinstance(last, ast.Raise)
