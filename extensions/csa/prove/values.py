"""The steps of expressions that call nothing and run once."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Sequence

from .flow import without_not
from .library import module_of
from .state import State
from .steps import Const, Imported, Join, Name, Result, Step, Value, result

_TYPES = {"Dict": dict, "List": list, "Set": set, "Tuple": tuple, "joined": str}
"""What steps make that are of a type of Python's own."""


class Values(State):
    """Tells the steps of expressions, apart from calls and what runs any number of times."""

    def value(self, node: ast.expr) -> Value:
        """Tell the steps of an expression; return its value."""
        tell = getattr(self, f"_{type(node).__name__}", None)
        if tell:
            value = tell(node)
            assert isinstance(value, Value)
            return value
        operands = [
            self.value(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)
        ]
        return result(self.emit(op_of(node), operands, node))

    def values(self, nodes: Sequence[ast.expr]) -> list[Value]:
        return [self.value(node) for node in nodes]

    # --- Without an effect -----------------------------------------------------------------------

    def _Constant(self, node: ast.Constant) -> Value:
        return Const(node, node.value)

    def _Name(self, node: ast.Name) -> Value:
        return self.read(node.id, node)

    def _Tuple(self, node: ast.Tuple | ast.List) -> Value:
        if any(isinstance(element, ast.Starred) for element in node.elts):
            return self._unpacking(node, node.elts)
        makes = "value" if isinstance(node, ast.Tuple) else "object"
        return self.made(op_of(node), self.values(node.elts), node, makes)

    _List = _Tuple

    def _Set(self, node: ast.Set) -> Value:
        values = self.values(node.elts)
        if all(isinstance(value, Const) for value in values):
            return self.made(op_of(node), values, node, "object")
        return result(self.emit(op_of(node), values, node))

    def _Dict(self, node: ast.Dict) -> Value:
        values: list[Value] = []
        for key, value in zip(node.keys, node.values, strict=True):
            values += self.values([key, value] if key else [value])
        keys = tuple(key is not None for key in node.keys)
        if all(isinstance(key, ast.Constant) for key in node.keys):
            return self.made(("Dict",), values, node, "object")
        return result(self.emit(("Dict", keys), values, node))

    def _Slice(self, node: ast.Slice) -> Value:
        parts = (node.lower, node.upper, node.step)
        given = tuple(part is not None for part in parts)
        return self.made(("Slice", given), self.values([part for part in parts if part]), node)

    def made(
        self, op: tuple[object, ...], operands: Sequence[Value], node: ast.AST, makes: str = "value"
    ) -> Result:
        for value in operands:
            self.knowledge.escape(value)
        return self.make(op, operands, node, makes)

    def _unpacking(self, node: ast.expr, elements: Sequence[ast.expr]) -> Value:
        starred = tuple(isinstance(element, ast.Starred) for element in elements)
        values = self.values(
            [element.value if isinstance(element, ast.Starred) else element for element in elements]
        )
        return result(self.emit((*op_of(node), starred), values, node))

    def _UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        number = isinstance(value, Const) and type(value.value) in (int, float)
        if number and isinstance(node.op, (ast.USub, ast.UAdd)):
            return self.made(op_of(node), [value], node)
        return result(self.emit(op_of(node), [value], node))

    def _BinOp(self, node: ast.BinOp) -> Value:
        sides = self.values([node.left, node.right])
        kinds = {type(side.value) if isinstance(side, Const) else None for side in sides}
        plain = isinstance(node.op, (ast.Add, ast.Sub)) and kinds <= {int, float}
        plain |= isinstance(node.op, (ast.Add, ast.Mult)) and kinds in ({int}, {str})
        if plain and not (isinstance(node.op, ast.Mult) and kinds == {str}):
            return self.made(op_of(node), sides, node)
        return result(self.emit(op_of(node), sides, node))

    def _JoinedStr(self, node: ast.JoinedStr) -> Value:
        texts = [""]
        values: list[Value] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                texts[-1] += str(part.value)
                continue
            assert isinstance(part, ast.FormattedValue)
            operands = [self.value(part.value)]
            if part.format_spec:
                operands.append(self.value(part.format_spec))
            first = operands[0]
            if operands[1:] or part.conversion != -1 or not isinstance(first, Const):
                operands = [result(self.emit(("format", part.conversion), operands, part))]
            elif isinstance(first.value, str):
                texts[-1] += first.value
                continue
            values += operands
            texts.append("")
        if not values:
            return Const(node, texts[0])
        return self.make(("joined", *texts), values, node)

    def _Attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(self.value(node.value), node.attr, node)

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """Return an attribute of a value."""
        if isinstance(value, Imported):
            dotted = f"{value.dotted}.{name}"
            if self.module.library.is_fixed(dotted) and (
                not module_of(dotted) or dotted in self.loaded
            ):
                return Imported(node, dotted)
        found = self.knowledge.attribute(value, name)
        if isinstance(found, Value):
            return found
        if found or hasattr(_type_of(value), name):
            return self.make(("attribute", name), [value], node)
        return result(self.emit(("attribute", name), [value], node))

    # --- One way or another ----------------------------------------------------------------------

    def _BoolOp(self, node: ast.BoolOp) -> Value:
        return self._chosen(node, op_of(node), node.values)

    def _chosen(self, node: ast.expr, op: tuple[object, ...], nodes: Sequence[ast.expr]) -> Value:
        value = self.value(nodes[0])
        if not nodes[1:]:
            return value
        step = self.emit(op, [value], node)
        rest = lambda: self._chosen(node, op, nodes[1:])
        return Join(node, step, (value, *self._either(step, [rest], first=True)))

    def _either(
        self, step: Step, runs: Sequence[Callable[[], Value]], *, first: bool = False
    ) -> list[Value]:
        """Tell blocks of which one is taken; return the value of each."""
        values: list[Value] = []

        def with_value(run: Callable[[], Value]) -> Callable[[], bool]:
            def told() -> bool:
                values.append(run())
                return True

            return told

        self.ways(step, [with_value(run) for run in runs], first=first)
        return values

    def _IfExp(self, node: ast.IfExp) -> Value:
        test, is_negated = without_not(node.test)
        ways = [node.orelse, node.body] if is_negated else [node.body, node.orelse]
        step = self.emit(("if",), [self.value(test)], node)
        values = self._either(step, [lambda way=way: self.value(way) for way in ways])  # type: ignore[misc]
        return Join(node, step, tuple(values))

    def _Compare(self, node: ast.Compare) -> Value:
        return self._compared(node, self.value(node.left), 0)

    def _compared(self, node: ast.Compare, left: Value, number: int) -> Value:
        right = self.value(node.comparators[number])
        op = ("compare", type(node.ops[number]).__name__)
        if isinstance(node.ops[number], (ast.Is, ast.IsNot)):
            found: Value = self.make(op, [left, right], node)
        else:
            found = result(self.emit(op, [left, right], node))
        if number + 1 == len(node.ops):
            return found
        step = self.emit(("BoolOp", "And"), [found], node)
        rest = lambda: self._compared(node, right, number + 1)
        return Join(node, step, (found, *self._either(step, [rest], first=True)))


def _type_of(value: Value) -> type | None:
    """Return the type of a value where that is known, and has attributes that never change."""
    if isinstance(value, Const):
        return type(value.value)
    if not isinstance(value, Result) or not value.step.makes or value.part is not None:
        return None
    called = value.step.operands[0] if value.step.op[0] == "call" else None
    if isinstance(called, Name):
        return getattr(builtins, called.name, None)
    return _TYPES.get(str(value.step.op[0]))


def op_of(node: ast.AST) -> tuple[object, ...]:
    """Return what a node is, besides its parts."""
    found: list[object] = [type(node).__name__]
    for name, part in ast.iter_fields(node):
        if isinstance(part, (ast.operator, ast.unaryop, ast.boolop)):
            found.append(type(part).__name__)
        elif not isinstance(part, (ast.AST, list)) and part is not None:
            found.append((name, repr(part)))
    return tuple(found)
