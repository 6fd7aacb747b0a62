"""Where a Python file changes sys.path, and which folders it adds."""

from __future__ import annotations

import ast
import posixpath
from dataclasses import dataclass

from .names import dotted_name

FILE = "/".join(["", *map(str, range(20)), "file"])
"""What __file__ stands for: folders above it have to be there."""

SAME = {"Path", "PurePath", "abspath", "absolute", "as_posix", "fspath", "normpath", "realpath"}
SAME |= {"resolve", "str"}
"""Functions and methods that give the path that they get."""

DEEPEST = 50
"""Expressions in each other that are read as a path."""


@dataclass(frozen=True, order=True)
class PathChange:
    """A change of sys.path: line and column, and the folders that it adds, relative to that of its
    file; None where nobody can tell."""

    line: int
    column: int
    folders: tuple[str, ...] | None

    @property
    def place(self) -> tuple[int, int]:
        """Line and column."""
        return self.line, self.column


class PathChanges:
    """Finds the changes in a file, whose nodes it looks at in any order."""

    def __init__(self) -> None:
        self.paths, self.calls = {"sys.path"}, {"site.addsitedir"}
        self.called: list[tuple[str | None, ast.Call]] = []
        self.set: list[tuple[str | None, ast.expr, ast.expr | None]] = []
        self.values: dict[str, list[ast.expr]] = {}

    def look_at(self, node: ast.stmt | ast.expr) -> None:
        """Note a statement's or an expression's part in it."""
        targets: list[ast.expr] = []
        if isinstance(node, ast.Call):
            self.called.append((dotted_name(node.func), node))
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
            value = getattr(node, "value", None)
            # sys.path[:0] = […] changes it, too.
            whole = target.value if isinstance(target, ast.Subscript) else target
            self.set.append((dotted_name(whole), target, value))
            if isinstance(target, ast.Name) and value:
                self.values.setdefault(target.id, []).append(value)

    def found(self) -> list[PathChange]:
        """Return the changes in the order of the lines."""
        methods = {"append": 0, "extend": 0, "insert": 1}
        changes = []
        for name, call in self.called:
            path, _, method = (name or "").rpartition(".")
            if name in self.calls:
                changes.append(self._change(call, call.args[:1]))
            elif path in self.paths and method in methods:
                at = methods[method]
                changes.append(self._change(call, call.args[at : at + 1]))
        changes += [
            self._change(target, [value] if value else [])
            for name, target, value in self.set
            if name in self.paths
        ]
        return sorted(changes, key=lambda change: change.place)

    def _change(self, node: ast.expr, added: list[ast.expr]) -> PathChange:
        if added and isinstance(added[0], (ast.List, ast.Tuple)):
            added = added[0].elts
        folders = [self._folder(folder) for folder in added]
        known = tuple(folder for folder in folders if folder is not None)
        whole = known if known and len(known) == len(folders) else None
        return PathChange(node.lineno, node.col_offset, whole)

    def _folder(self, node: ast.expr) -> str | None:
        path = self._path(node)
        return posixpath.relpath(path, posixpath.dirname(FILE)) if path else None

    def _path(self, node: ast.expr, depth: int = 0) -> str | None:
        """Return the path that an expression stands for, if it is that of the file or leads on from
        there."""
        if depth > DEEPEST:
            return None
        if isinstance(node, ast.Name):
            values = self.values.get(node.id, [])
            if node.id == "__file__":
                return FILE
            return self._path(values[0], depth + 1) if len(values) == 1 else None
        if isinstance(node, ast.Call):
            return self._path_of_call(node, depth)
        up, named = 1, "parent"
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            number = node.slice.value  # parents[1]
            up = number + 1 if isinstance(number, int) and 0 <= number < DEEPEST else 0
            node, named = node.value, "parents"
        if isinstance(node, ast.Attribute) and node.attr == named and up:
            begin = self._path(node.value, depth + 1)
            for _ in range(up):
                begin = begin and posixpath.dirname(begin)
            return begin
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            begin = self._path(node.left, depth + 1)
            return begin and _joined(begin, [node.right])
        match node:  # put together as texts
            case (
                ast.BinOp(op=ast.Add(), left=first, right=ast.Constant(value=str(rest)))
                | ast.JoinedStr(
                    values=[ast.FormattedValue(value=first), ast.Constant(value=str(rest))]
                )
            ) if rest.startswith("/"):
                begin = self._path(first, depth + 1)
                return begin and posixpath.normpath(begin + rest)
        return None

    def _path_of_call(self, call: ast.Call, depth: int) -> str | None:
        function, arguments = call.func, call.args
        name = function.attr if isinstance(function, ast.Attribute) else dotted_name(function)
        if isinstance(function, ast.Attribute) and (not arguments or name == "joinpath"):
            arguments = [function.value, *arguments]  # a method
        begin = self._path(arguments[0], depth + 1) if arguments else None
        if name == "dirname":
            return begin and posixpath.dirname(begin)
        if name in ("join", "joinpath"):
            return begin and _joined(begin, arguments[1:])
        return begin if name in SAME else None


def _joined(begin: str, more: list[ast.expr]) -> str | None:
    """Return a path that goes on with texts, None if they are something else."""
    for part in more:
        text: object = ".." if dotted_name(part) in ("os.pardir", "os.path.pardir") else None
        if isinstance(part, ast.Constant):
            text = part.value
        if not isinstance(text, str) or text.startswith("/"):
            return None
        begin = posixpath.normpath(posixpath.join(begin, text))
    return begin
