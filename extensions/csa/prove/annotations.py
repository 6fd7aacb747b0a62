"""Whether an annotation does nothing when it is evaluated: it fails for names that are not there, for
attributes that nobody has, for parameters that a type does not take."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable, Collection, Sequence

from ..source.effects import ModuleNames, is_future_annotations
from ..source.names import bound_names, imported_names
from .library import value_of


class _Other:
    """What stands for a class that is not Python's own."""


class Annotations:
    """Tells of the annotations of a module whether evaluating them has no effect.

    `statements` are those of the module, `is_python` tells of a dotted name whether the standard
    library has it.
    """

    def __init__(
        self,
        statements: Sequence[ast.stmt],
        nodes: Collection[ast.AST],
        known: ModuleNames,
        is_python: Callable[[str], bool],
    ):
        self.never = any(map(is_future_annotations, statements))
        """Whether they are not evaluated at all."""
        self._bound = [(statement, bound_names(statement)) for statement in statements]
        self._known = known
        self._is_python = is_python
        notes = {
            id(part)
            for node in nodes
            for note in (getattr(node, "annotation", None), getattr(node, "returns", None))
            if isinstance(note, ast.AST)
            for part in ast.walk(note)
        }
        self._used = {
            ast.unparse(node)
            for node in nodes
            if isinstance(node, ast.Attribute) and id(node) not in notes
        }

    def are_harmless(self, annotation: ast.expr) -> bool:
        """Tell whether evaluating an annotation does nothing and does not fail."""
        if self.never:
            return True
        try:
            self._type(annotation)
        except (AttributeError, LookupError, NameError, TypeError):
            return False
        return True

    def _type(self, node: ast.expr) -> object:
        """Return what stands for a type; raise an error where Python may."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.Attribute):
            dotted = self._known.fixed_origin(node) or ""
            if self._is_python(dotted):
                return value_of(dotted)
            if (
                dotted and ast.unparse(node) in self._used
            ):  # the script itself needs that it is there
                return _Other
        if isinstance(node, (ast.List, ast.Tuple)):
            elements = [self._type(element) for element in node.elts]
            return elements if isinstance(node, ast.List) else tuple(elements)
        if isinstance(node, ast.Subscript):
            generic = self._type(node.value)
            if generic is _Other:
                raise TypeError
            return operator.getitem(generic, self._type(node.slice))  # type: ignore[call-overload]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return operator.or_(self._type(node.left), self._type(node.right))
        raise TypeError

    def _named(self, node: ast.Name) -> object:
        binding = [
            statement
            for statement, names in self._bound
            if node.id in names and statement.lineno < node.lineno
        ]
        if not binding:
            if node.id in self._known.own:
                raise NameError
            return getattr(builtins, node.id)
        origin = imported_names(binding).get(node.id, "")
        if self._is_python(origin):
            return value_of(origin)
        return _Other
