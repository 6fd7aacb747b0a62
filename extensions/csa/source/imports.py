"""What a Python file imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

NO_MODULE = ("ImportError", "ModuleNotFoundError")
"""What an import raises that fails."""


class Needed(NamedTuple):
    """A dotted name that a file needs, of `from a import b` as `a.b`: where it is imported, and
    whether a function does so later."""

    line: int
    column: int
    name: str
    deferred: bool

    @property
    def place(self) -> tuple[int, int]:
        """Line and column."""
        return self.line, self.column


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
    may fail. `names` are the dotted names of all imports, relative ones left out. `path_change` is
    line and column of the first change to sys.path.
    """

    needed: list[Needed]
    names: set[str]
    path_change: tuple[int, int] | None

    @classmethod
    def of(cls, tree: ast.Module) -> Imports:
        """Return those of a parsed file."""
        needed: list[Needed] = []
        names: set[str] = set()
        changes = _PathChanges()
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
        return cls(needed, names, changes.first())


class _PathChanges:
    """Where a file changes sys.path."""

    def __init__(self) -> None:
        self.paths, self.calls = {"sys.path"}, {"site.addsitedir"}
        self.called: list[tuple[str | None, tuple[int, int]]] = []
        self.set: list[tuple[str | None, tuple[int, int]]] = []

    def look_at(self, node: ast.stmt | ast.expr) -> None:
        """Note a statement's or an expression's part in it."""
        targets: list[ast.expr] = []
        if isinstance(node, ast.Call):
            self.called.append((_dotted(node.func), _start(node)))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                self.paths |= {f"{alias.asname}.path"} if alias.name == "sys" else set()
                self.calls |= {f"{alias.asname}.addsitedir"} if alias.name == "site" else set()
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                self.paths |= {alias.asname or alias.name} if name == "sys.path" else set()
                self.calls |= {alias.asname or alias.name} if name == "site.addsitedir" else set()
        elif isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            # sys.path[:0] = […] changes it, too.
            whole = target.value if isinstance(target, ast.Subscript) else target
            self.set.append((_dotted(whole), _start(target)))

    def first(self) -> tuple[int, int] | None:
        """Return line and column of the first change, None if there is none."""
        methods = ("append", "extend", "insert")
        calls = self.calls | {f"{path}.{method}" for path in self.paths for method in methods}
        changes = [place for name, place in self.called if name in calls]
        changes += [place for name, place in self.set if name in self.paths]
        return min(changes, default=None)


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


def _dotted(node: ast.expr) -> str | None:
    """Return `a.b.c` of such an expression, None of any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
