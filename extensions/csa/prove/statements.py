"""The steps of statements that have no blocks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from ..source.effects import must_stay_global
from ..source.names import bound_names
from .expressions import Expressions
from .library import prefixes
from .module import CannotJudge
from .steps import (
    Imported,
    Join,
    Loop,
    Result,
    Step,
    Value,
    result,
)


class Statements(Expressions):
    """Tells the steps of statements.

    Each method that has a statement's kind for a name tells whether what follows runs.
    """

    def run(self, block: Sequence[ast.stmt]) -> bool:
        """Tell the steps of a block; return whether it may run to its end."""
        return all(self._ran(statement) for statement in block)

    def _ran(self, statement: ast.stmt) -> bool:
        tell: Callable[[ast.stmt], bool | None] | None
        tell = getattr(self, f"_run_{type(statement).__name__}", None)
        if tell is None:
            raise CannotJudge(statement.lineno, "csa does not know this kind of statement")
        if self.frame is self.top and not self.alone:
            self.guarded = statement.lineno in self.module.guarded
        begin = len(self.trace)
        goes_on = tell(statement) is not False and not self.module.exits(statement)
        if isinstance(statement, (ast.AnnAssign, ast.Assign, ast.AugAssign, ast.Expr)):
            self._close(self.trace[begin:], statement)
        return goes_on

    def _close(self, steps: Sequence[Step], node: ast.stmt) -> None:
        """Tell which files close after a statement, since no variable has them."""
        is_dropped = isinstance(node, ast.Expr)
        calls = [step for step in steps if step.op[0] == "call"]
        inside = {id(part) for part in ast.walk(node)} if calls else set()
        for step in (step for step in calls if id(step.node) in inside):
            closes = self.knowledge.closes_at_once(step, is_dropped=is_dropped)
            if closes and not _has(self.env.values(), step):
                self.emit(("closed at the end",), [result(step)], node)
                self.knowledge.close(step)

    # --- Plain statements --------------------------------------------------------------------

    def _run_Pass(self, node: ast.stmt) -> None:
        pass

    _run_Global = _run_Nonlocal = _run_Pass

    def _run_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def _run_Assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target, value, node)
        self._note_place(node)

    def _run_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.assign(node.target, self.value(node.value), node)
            self._note_place(node)
        if self.frame.is_class or (self.frame is self.top and self.module.shows_texts):
            self.emit(("annotation", ast.unparse(node)), [], node)
        elif self.frame is self.top and not self.module.annotations.are_harmless(node.annotation):
            self.value(node.annotation)

    def _note_place(self, node: ast.Assign | ast.AnnAssign) -> None:
        """Tell where what is looked up by its name, or goes with its variable, is kept."""
        if must_stay_global(node, self.module.known):
            for name in sorted(bound_names(node)):
                self.emit(("kept", name, self.is_global(name)), [], node)

    def _run_AugAssign(self, node: ast.AugAssign) -> None:
        op = ("changed", type(node.op).__name__)
        target = node.target
        if isinstance(target, ast.Name):
            before = self.read(target.id, target)
            self.write(target.id, self._changed(op, before, node), node)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            before = self.attribute(owner, target.attr, target)
            changed = self._changed(op, before, node)
            self.emit(("set attribute", target.attr), [owner, changed], node)
        else:
            owner, key = self.value(target.value), self.value(target.slice)
            before = result(self.emit(("Subscript",), [owner, key], target))
            self.emit(("set item",), [owner, key, self._changed(op, before, node)], node)

    def _changed(self, op: tuple[object, ...], before: Value, node: ast.AugAssign) -> Value:
        return result(self.emit(op, [before, self.value(node.value)], node))

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        if isinstance(target, ast.Name):
            self.write(target.id, value, node)
        elif isinstance(target, ast.Attribute):
            self.emit(
                ("set attribute", target.attr),
                [self.value(target.value), value],
                node,
            )
        elif isinstance(target, ast.Subscript):
            self.emit(
                ("set item",), [self.value(target.value), self.value(target.slice), value], node
            )
        elif isinstance(target, (ast.Tuple, ast.List)):
            starred = tuple(isinstance(element, ast.Starred) for element in target.elts)
            parts = [
                element.value if isinstance(element, ast.Starred) else element
                for element in target.elts
            ]
            values: list[Value]
            made = value.step if isinstance(value, Result) and value.step.op == ("Tuple",) else None
            if made and len(made.operands) == len(parts) and not any(starred):
                values = list(made.operands)
            else:
                step = self.emit(("unpack", starred), [value], node)
                values = [result(step, number) for number in range(len(parts))]
            for part, held in zip(parts, values, strict=True):
                self.assign(part, held, node)

    def _run_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.read(target.id, target)
                self.unset(target.id, target)
            elif isinstance(target, ast.Attribute):
                self.emit(
                    ("delete attribute", target.attr),
                    [self.value(target.value)],
                    target,
                )
            elif isinstance(target, ast.Subscript):
                parts = [self.value(target.value), self.value(target.slice)]
                self.emit(("delete item",), parts, target)
            elif isinstance(target, (ast.Tuple, ast.List)):
                self._run_Delete(ast.copy_location(ast.Delete(target.elts), node))

    def _run_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._imported(alias.name, None, node)
            root = alias.name if alias.asname else alias.name.split(".")[0]
            self.write(alias.asname or root, Imported(node, root), node)

    def _run_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if module == "__future__":
                self.emit(("future", alias.name), [], node)
                continue
            self._imported(module, alias.name, node)
            if alias.name == "*":
                self._starred(node)
                continue
            value = Imported(node, f"{module}.{alias.name}")
            self.write(alias.asname or alias.name, value, node)

    def _imported(self, module: str, name: str | None, node: ast.AST) -> None:
        """Tell the step of an import. Python's own modules are there at whatever time."""
        dotted = module if name is None else f"{module}.{name}"
        plain = not self.watched and name != "*"
        if plain and self.module.library.is_python(dotted):
            self.loaded.update(prefixes(dotted))
            return
        anywhere = plain and self.module.library.is_well_known(module)
        self.emit(("import", module, name, anywhere), [], node)

    def _starred(self, node: ast.AST) -> None:
        """Let `import *` bring another value for each name that there is."""
        for cell, value in list(self.env.items()):
            if cell[0] is self.top:
                self.env[cell] = self.make(("or from *", cell[1]), [value], node)

    def _run_Raise(self, node: ast.Raise) -> bool:
        parts = [part for part in (node.exc, node.cause) if part]
        self.emit(("raise", node.cause is not None), self.values(parts), node)
        return False

    def _run_Assert(self, node: ast.Assert) -> None:
        step = self.emit(("assert",), [self.value(node.test)], node)

        def told() -> bool:
            self.emit(("raise",), self.values([node.msg] if node.msg else []), node)
            return False

        self.ways(step, [told], first=True)


def _has(values: Iterable[Value], step: Step) -> bool:
    """Tell whether one of some values may be what a step gave, or have it in it."""
    seen: set[int] = set()
    waiting = [*values]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Join):
            waiting += value.values
        elif isinstance(value, Loop):
            waiting += [value.entry, *value.back]
        elif isinstance(value, Result):
            if value.step is step:
                return True
            waiting += value.step.operands if value.step.makes else ()
    return False
