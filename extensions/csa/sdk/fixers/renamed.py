"""What has another name, or is in another module."""

from __future__ import annotations

import ast

from ...source.edits import Edit, PythonText
from ...source.names import bound_by
from .base import Fix, Fixer, Use


class Renamed(Fixer):
    """`from pyatlan.error import X` becomes `from pyatlan.errors import X`; a class that was in
    another class is imported."""

    needs_client = False

    def place(self, use: Use) -> ast.expr | None:
        return use.attribute

    def fix(self, use: Use, client: str) -> Fix | None:
        if use.attribute is None:
            return self._module(use)
        if not use.is_class(use.attribute.value):
            return None
        named = use.attribute.value
        freed = (named,) if isinstance(named, ast.Name) else ()
        module, _, name = use.change.becomes.rpartition(".")
        edit = Edit(*use.text.span(use.attribute), name)
        imported = _import(use.text, use.owner, module, name)
        return None if imported is None else Fix((edit, *imported), freed)

    def _module(self, use: Use) -> Fix | None:
        """Return the change of a module's name in the statement that imports it."""
        end = use.start + len(use.broken.name)
        if use.text.text[use.start : end] != use.broken.name:
            return None
        for node in use.text.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                start, after = use.text.span(node)
                if start <= use.start < after:
                    # `import a.b` alone binds a, by which the script goes on; a star binds more.
                    unclear = any(
                        alias.name == "*" or (alias.name == use.broken.name and not alias.asname)
                        for alias in node.names
                    )
                    return None if unclear else Fix((Edit(use.start, end, use.change.becomes),))
        return None


def _import(text: PythonText, beside: str, module: str, name: str) -> tuple[Edit, ...] | None:
    """Return the edit that imports a name above the import of another, none where it is there.

    None where that cannot be: the name is another thing's, or the other is not imported at the
    module's top level, in a line of its own.
    """
    places = [
        node
        for node in text.nodes
        if name == (node.arg if isinstance(node, ast.arg) else None) or name in bound_by(node)
    ]
    if places:
        same = [
            isinstance(node, ast.ImportFrom) and node.module == module and node in text.tree.body
            for node in places
        ]
        return () if all(same) else None
    for statement in text.tree.body:
        if isinstance(statement, ast.ImportFrom) and beside in bound_by(statement):
            start, _ = text.span(statement)
            if start != text.offset(statement.lineno, 0):
                return None
            return (Edit(start, start, f"from {module} import {name}{text.newline}"),)
    return None
