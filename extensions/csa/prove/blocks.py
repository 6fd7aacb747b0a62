"""The steps of statements with blocks, and of those that leave them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Sequence

from ..source.names import Function
from .flow import Give, is_endless
from .scopes import Frame, cell_of
from .statements import Statements
from .steps import (
    UNBOUND,
    Const,
    Step,
    result,
)
from .trace import Env

GIVEN = "what it returns"
"""The name of the variable for that, which no other can have."""


class Way:
    """Where `return`, `break` or `continue` lead, and the variables at each of them."""

    def __init__(self, step: Step):
        self.step = step
        self.ends: list[Env] = []


class Blocks(Statements):
    """Tells the steps of blocks that are chosen, repeated, or end early."""

    returns: Way | None = None
    breaks: Way | None = None
    continues: Way | None = None

    @property
    def given(self) -> tuple[Frame, str]:
        """The variable for what the function returns that runs."""
        frame = self.frame
        while frame.outer is not None and not isinstance(frame.node, Function):
            frame = frame.outer
        return frame, GIVEN

    def _leave(self, way: Way | None, kind: str, node: ast.AST) -> bool:
        assert way is not None  # it compiles
        self.emit(("leave", kind), [], node, way.step)
        way.ends.append(dict(self.env))
        return False

    def _run_Give(self, node: Give) -> None:
        self.env[self.given] = self.value(node.value) if node.value else Const(node, None)

    def _run_Return(self, node: ast.Return) -> bool:
        self.env[self.given] = self.value(node.value) if node.value else Const(node, None)
        return self._leave(self.returns, "return", node)

    def _run_Break(self, node: ast.Break) -> bool:
        return self._leave(self.breaks, "break", node)

    def _run_Continue(self, node: ast.Continue) -> bool:
        return self._leave(self.continues, "continue", node)

    def _run_If(self, node: ast.If) -> bool:
        step = self.emit(("if",), [self.value(node.test)], node)
        return self.ways(step, [lambda: self.run(node.body), lambda: self.run(node.orelse)])

    def _run_For(self, node: ast.For | ast.AsyncFor) -> bool:
        kind = "for" if isinstance(node, ast.For) else "async for"
        step = self.emit((kind,), [self.value(node.iter)], node)

        def told() -> bool:
            self.assign(node.target, result(step, "item"), node)
            return self.run(self.module.tidied(node.body, ast.Continue))

        return self._looped(step, node, told, lambda: True)

    _run_AsyncFor = _run_For

    def _run_While(self, node: ast.While) -> bool:
        step = self.emit(("while",), [], node)
        ends: list[Env] = []

        def told() -> bool:
            value = self.value(node.test)
            self.emit(("test",), [value], node.test)
            ends.append(dict(self.env))
            return self.run(self.module.tidied(node.body, ast.Continue))

        def ended() -> bool:
            self.env = ends[0]
            return not is_endless(node)

        return self._looped(step, node, told, ended)

    def _looped(
        self,
        step: Step,
        node: ast.For | ast.AsyncFor | ast.While,
        told: Callable[[], bool],
        ended: Callable[[], bool],
    ) -> bool:
        outer = self.breaks, self.continues
        breaks, continues = Way(step), Way(step)
        self.breaks, self.continues = breaks, continues
        parts = [*([] if isinstance(node, ast.While) else [node.target]), *node.body]
        parts += [node.test] if isinstance(node, ast.While) else []
        self.repeated(step, parts, told, lambda: continues.ends)
        self.breaks, self.continues = outer
        ends: list[Env] = []
        if ended():
            with self.block(step):
                falls = self.run(self.module.tidied(node.orelse, None))
            ends += [self.env] if falls else []
            if not breaks.ends:
                self.lift(step.blocks[-1])
        ends += breaks.ends
        self.env = self.joined(step, ends) if ends else self.env
        return bool(ends)

    def _run_Match(self, node: ast.Match) -> bool:
        step = self.emit(("match",), [self.value(node.subject)], node)
        before, ends = self.env, []
        for number, case in enumerate(node.cases):
            self.env = dict(before)
            with self.block(step):
                captured = self._captured(step, case.pattern, number)
                if case.guard:
                    self.emit(("guard",), [self.value(case.guard)], case.guard)
                    before = self.joined(step, [before, captured])
                if self.run(case.body):
                    ends.append(self.env)
        self.env = self.joined(step, [before, *ends])
        return True

    def _captured(self, step: Step, pattern: ast.pattern, number: int) -> Env:
        """Tell the steps of a pattern; return the variables once it matched."""
        pattern = copy.deepcopy(pattern)
        names: list[str] = []
        for part in ast.walk(pattern):
            if isinstance(part, (ast.MatchValue, ast.MatchClass)):
                tested = part.value if isinstance(part, ast.MatchValue) else part.cls
                self.emit(("pattern",), [self.value(tested)], part)
            for field in ("name", "rest"):
                if name := getattr(part, field, None):
                    names.append(name)
                    setattr(part, field, str(len(names)))
        self.emit(("case", ast.dump(pattern)), [], pattern)
        for index, name in enumerate(names):
            self.write(name, result(step, (number, index)), pattern)
        return dict(self.env)

    # --- Blocks that end early ---------------------------------------------------------------

    def _run_With(self, node: ast.With | ast.AsyncWith) -> bool:
        return self._entered(node, list(node.items))

    _run_AsyncWith = _run_With

    def _entered(self, node: ast.With | ast.AsyncWith, items: list[ast.withitem]) -> bool:
        if not items:
            return self.run(node.body)
        item, *rest = items
        manager = self.value(item.context_expr)
        step = self.emit((type(node).__name__,), [manager], node)
        before = dict(self.env)
        parts: list[ast.AST] = [
            *node.body,
            *(
                part
                for other in items
                for part in (other.context_expr, other.optional_vars)
                if part
            ),
        ]
        cells = self.assigned(parts)
        with self.block(step, surely=True), self.watching(cells) as points:
            if item.optional_vars:
                self.assign(item.optional_vars, result(step, "as"), node)
            falls = self._entered(node, rest)
        if self.knowledge.may_swallow(manager):
            early = {**before, **self.at_any(step, cells, points)}
            self.env = self.joined(step, [self.env, early] if falls else [early])
            return True
        return falls

    def _run_Try(self, node: ast.Try | ast.TryStar) -> bool:
        names = tuple(handler.name is not None for handler in node.handlers)
        step = self.emit((type(node).__name__, names), [], node)
        before, left = dict(self.env), self._left()
        ends: list[Env] = []
        parts = [
            *node.body,
            *node.orelse,
            *(inner for handler in node.handlers for inner in handler.body),
        ]
        every = self.assigned(parts)
        with self.watching(every) as all_points:
            cells = self.assigned(node.body)
            with self.block(step), self.watching(cells) as points:
                falls = self.run(node.body)
            tried = self.env
            caught = {**before, **self.at_any(step, cells, points)}
            goes_on: list[bool] = []
            for number, handler in enumerate(node.handlers):
                self.env = dict(caught)
                with self.block(step):
                    goes_on.append(self._handled(step, handler, number))
                if goes_on[-1]:
                    ends.append(self.env)
            self.env = tried
            with self.block(step):
                if falls and self.run(node.orelse):
                    ends.append(self.env)
        after = dict(self.joined(step, ends)) if ends else self.env
        if not node.finalbody:
            if falls and not any(goes_on):
                self.lift(step.blocks[-1])
            self.env = after
            return bool(ends)
        all_points += [tuple(env.get(cell, UNBOUND) for cell in every) for env in ends]
        leaving = self._left(left)
        self.env = {**before, **self.at_any(step, every, all_points)}
        anyway = dict(self.env)
        with self.block(step, surely=True):
            falls = self.run(node.finalbody)
        changed = {cell: value for cell, value in self.env.items() if anyway.get(cell) is not value}
        for env in (after, *leaving):
            env.update(changed)
        self.env = after
        return falls and bool(ends)

    _run_TryStar = _run_Try

    def _handled(self, step: Step, handler: ast.ExceptHandler, number: int) -> bool:
        if handler.type:
            self.emit(("catches",), [self.value(handler.type)], handler)
        if handler.name:
            self.write(handler.name, result(step, ("error", number)), handler)
        left = self._left()
        falls = self.run(handler.body)
        if handler.name and falls:
            self.unset(handler.name, handler)
        if handler.name:
            cell = cell_of(handler.name, self.frame)
            for env in self._left(left):
                env[cell] = self.initial(cell)
        return falls

    def _left(self, before: Sequence[Env] = ()) -> list[Env]:
        """Return the variables at each way out of here so far, but for those that were there
        before."""
        ways = {way for way in (self.returns, self.breaks, self.continues) if way}
        ends = [env for way in ways for env in way.ends]
        return [env for env in ends if not any(env is seen for seen in before)]
