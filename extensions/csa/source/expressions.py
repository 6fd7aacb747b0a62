"""What expressions of a module are, as far as its text tells: nothing is evaluated."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator

from .names import Definition, bound_in, is_guard

# They ask a person or open a file, and a test run may do neither unasked.
_NOT_TO_CALL = ("input", "open", "getpass", "FileType")


class Expressions:
    """Tells of the expressions of a module what they are; `source` is its text, `tree` that parsed."""

    def __init__(self, source: str, tree: ast.Module):
        self.source = source
        self.importable = bound_in(statement for statement in tree.body if not is_guard(statement))
        self.imports = imports(tree)
        self.constants = _constants(tree.body)

    def literal(self, node: ast.expr) -> object:
        """Return the value of a literal, or of a constant that has one. Raises ValueError."""
        if isinstance(node, ast.Name) and node.id in self.constants:
            node = self.constants[node.id]
        try:
            return ast.literal_eval(node)
        except (TypeError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValueError from error

    def value(self, node: ast.expr | None) -> object:
        """As _literal; None for anything else."""
        try:
            return self.literal(node) if node else None
        except ValueError:
            return None

    def text(self, node: ast.expr | None) -> str | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [self.text(node.left), self.text(node.right)]
            return None if None in parts else "".join(map(str, parts))
        if isinstance(node, ast.JoinedStr):
            values = [
                part.value if isinstance(part, ast.FormattedValue) else part for part in node.values
            ]
            found = [self.value(value) for value in values]
            return None if None in found else "".join(map(str, found))
        value = self.value(node)
        return value if isinstance(value, str) else None

    def segment(self, node: ast.expr) -> str:
        text = ast.get_source_segment(self.source, node) or ast.unparse(node)
        return ast.unparse(node) if "\n" in text else text

    def names(self, node: ast.expr) -> tuple[str, ...] | None:
        """Return the names of main.py in an expression; None if a test cannot evaluate it."""
        names = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                if last_name(part.func) in _NOT_TO_CALL or not self._standard(part.func):
                    return None
            elif isinstance(part, (ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda)):
                return None
            elif isinstance(part, ast.Name):
                if part.id in self.importable:
                    names.add(part.id)
                elif not hasattr(builtins, part.id):
                    return None
        return tuple(sorted(names))

    def _standard(self, node: ast.expr) -> bool:
        """Tell whether a function is Python's own."""
        while isinstance(node, (ast.Attribute, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Constant):
            return True  # a method of a literal
        if not isinstance(node, ast.Name):
            return False
        if node.id in self.imports:
            return self.imports[node.id][0].partition(".")[0] in sys.stdlib_module_names
        return node.id not in self.importable and hasattr(builtins, node.id)

    def is_text(self, node: ast.expr) -> bool | None:
        """Tell whether an expression is a string, to which argparse applies `type`."""
        if isinstance(node, ast.JoinedStr):
            return True
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
            fallback = self.value(node.args[1]) if len(node.args) > 1 else None
            return True if isinstance(fallback, str) else None
        try:
            return isinstance(self.literal(node), str)
        except ValueError:
            return None


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a module is imported, in order: no function's body, no guard's."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) and is_guard(child):
            continue
        yield child
        if not isinstance(child, (Definition, ast.Lambda)):
            yield from _own_nodes(child)


def imports(tree: ast.Module) -> dict[str, tuple[str, str | None]]:
    """Return, by name, what a module imports at its top level: (module, name in it or None)."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in _own_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = alias.name if alias.asname else alias.name.partition(".")[0]
                found[alias.asname or module] = (module, None)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = (node.module, alias.name)
    return found


def _constants(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """Return the literals in a body's assignments, by the names that have one alone."""
    found: dict[str, ast.expr] = {}
    stored = [
        node.id
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    for statement in body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and stored.count(target.id) == 1 and _plain(value):
                found[target.id] = value
    return found


def last_name(node: ast.AST) -> str:
    """Return the last name of a dotted one, of what is called if it is a call."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _plain(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
