"""What a Python file imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .search_path import PathChange, PathChanges

NO_MODULE = ("ImportError", "ModuleNotFoundError")
"""What an import raises that fails."""


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

    `needed` is what it cannot do without: no relative imports, none for type checkers and none that
    may fail. `names` are the dotted names of all imports, relative ones left out. `path_changes` are
    the changes of sys.path, in order.
    """

    needed: list[Needed]
    names: set[str]
    path_changes: list[PathChange]

    @classmethod
    def of(cls, tree: ast.Module) -> Imports:
        """Return those of a parsed file."""
        needed: list[Needed] = []
        names: set[str] = set()
        changes = PathChanges()
        # No recursion: expressions of any depth occur in generated code. Of each node: whether an
        # import in it may fail, is for type checkers alone, and is done by a function later.
        nodes: list[tuple[ast.AST, bool, bool, bool]] = [(tree, False, False, False)]
        while nodes:
            node, may_fail, hidden, deferred = nodes.pop()
            inside: Iterable[ast.AST] = ast.iter_child_nodes(node)
            if isinstance(node, ast.Try) and any(
                goes_on(handler, *NO_MODULE) for handler in node.handlers
            ):
                nodes += [(child, True, hidden, deferred) for child in node.body]
                inside = [*node.handlers, *node.orelse, *node.finalbody]
            elif isinstance(node, ast.If) and _identifier(node.test) == "TYPE_CHECKING":
                nodes += [(child, may_fail, True, deferred) for child in node.body]
                inside = node.orelse
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                may_fail, deferred = False, True  # runs later, outside of the try
            nodes += [(child, may_fail, hidden, deferred) for child in inside]
            if isinstance(node, ast.stmt | ast.expr):
                changes.look_at(node)
                found = _names(node)
                names.update(found)
                if found and not may_fail and not hidden:
                    needed += [Needed(*_start(node), name, deferred) for name in found]
        return cls(needed, names, changes.found())


def _start(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _names(node: ast.AST) -> list[str]:
    """Return what a single statement or call imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{alias.name}".removesuffix(".*") for alias in node.names]
    if isinstance(node, ast.Call) and _identifier(node.func) in ("import_module", "__import__"):
        name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")):
            return [name]
    return []


def goes_on(handler: ast.ExceptHandler, *errors: str) -> bool:
    """Tell whether a script goes on after one of some errors, by their names."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not any(_identifier(kind) in errors for kind in kinds):
        return False
    last = handler.body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return _identifier(last.value.func) not in ("exit", "_exit", "quit")
    return not isinstance(last, ast.Raise)


def _identifier(node: ast.AST | None) -> str | None:
    """Return b of `b` and of `a.b`."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None
