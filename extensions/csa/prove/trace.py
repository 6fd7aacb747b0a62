"""The steps of a script while they are told, and its variables at each of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from .knowledge import Knowledge
from .library import is_builtin
from .module import CannotJudge, Module
from .scopes import Cell, Frame
from .steps import (
    UNBOUND,
    Const,
    Join,
    Name,
    Result,
    Step,
    Value,
    result,
)

MOST_STEPS = 100_000
"""Of one script: functions that are called often make it many."""

Key = tuple[ast.AST | None, str]
"""A variable before anything runs: the function that it is of, None for the module, and its name."""

Env = dict[Cell, Value]


class Trace:
    """The variables of a script as they are at one point, and the steps up to there.

    `kept` are the functions and classes whose calls stay calls, `boxed` the variables that functions
    see change. `alone` tells that a function is looked at by itself: then the module's variables
    have what they get at some time.
    """

    def __init__(
        self, module: Module, kept: Collection[str], boxed: Collection[Key], *, alone: bool
    ):
        self.module = module
        self.kept = kept
        self.boxed = boxed
        self.alone = alone
        self.knowledge = Knowledge(module)
        self._numbers = count()
        captured = module.captured(kept, {name for node, name in boxed if node is None})
        self.top = Frame(None, None, next(self._numbers), captured=captured)
        self.frame = self.top
        self.env: Env = {}
        self.boxes: dict[Cell, Result] = {}
        self.trace: list[Step] = []
        self.loops: tuple[Step, ...] = ()
        self.conditions: list[Step] = []
        self.watched: list[tuple[list[Cell], list[tuple[Value, ...]]]] = []
        self.since = 0
        """The number of the first frame of the function that may run at any time."""
        self.loaded = set(module.loaded) if alone else set()
        """The modules of the standard library that were imported."""
        self.globals_read: set[str] = set()
        self.demoted: set[Key] = set()
        """Variables that turned out to be boxed: then all has to be told again."""
        self.guarded = False
        """Whether what runs is under the guard."""
        self.unguarded: Env = {}
        """What variables have without what runs under the guard, where that sets them."""
        self._steps = 0

    # --- Steps ---------------------------------------------------------------------------------

    def emit(
        self,
        op: tuple[object, ...],
        operands: Iterable[Value],
        node: ast.AST,
        target: Step | None = None,
    ) -> Step:
        """Add a step that has an effect, as far as anybody knows."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise CannotJudge(1, "it is too long, or its functions call each other too often")
        step = Step(op, tuple(operands), node, self.loops, target=target, guarded=self.guarded)
        self.trace.append(step)
        for cells, points in self.watched:
            points.append(tuple(self.get(cell) for cell in cells))
        self.knowledge.note(step, tuple(self.conditions))
        return step

    def make(
        self, op: tuple[object, ...], operands: Iterable[Value], node: ast.AST, makes: str = "value"
    ) -> Result:
        """Return what is made without an effect, at whatever time."""
        return result(Step(op, tuple(operands), node, self.loops, makes))

    @contextmanager
    def block(self, step: Step, *, surely: bool = False) -> Iterator[None]:
        """Let the steps go into a block of one; `surely` where that runs whenever its step does."""
        outer, self.trace = self.trace, []
        step.blocks.append(self.trace)
        conditions = self.conditions
        self.conditions = conditions if surely else [*conditions, step]
        yield
        self.conditions, self.trace = conditions, outer

    def joined(self, step: Step, ends: Sequence[Env]) -> Env:
        """Return the variables where ways through a step meet."""
        if len(ends) == 1:
            return ends[0]
        found: Env = {}
        for cell in dict.fromkeys(cell for env in ends for cell in env):
            values = tuple(env.get(cell) or self.initial(cell) for env in ends)
            same = all(value is values[0] for value in values)
            found[cell] = values[0] if same else Join(step.node, step, values)
        return found

    def ways(self, step: Step, runs: Sequence[Callable[[], bool]], *, first: bool = False) -> bool:
        """Run blocks of which one is taken, `first` if it may be none; tell whether it goes on.

        The steps of the one block that goes on stand below the step, which is the same.
        """
        before = self.env
        ends = [before] if first else []
        falling = []
        for run in runs:
            self.env = dict(before)
            with self.block(step):
                falls = run()
            if falls:
                ends.append(self.env)
                falling.append(step.blocks[-1])
        if len(ends) == len(falling) == 1:
            self.lift(falling[0])
        self.env = self.joined(step, ends) if ends else before
        return bool(ends)

    def lift(self, block: list[Step]) -> None:
        """Let the steps of a block stand below the step that it is of."""
        self.trace += block
        block.clear()

    @contextmanager
    def watching(self, cells: list[Cell]) -> Iterator[list[tuple[Value, ...]]]:
        """Note what variables have before each step that may fail."""
        points: list[tuple[Value, ...]] = []
        self.watched.append((cells, points))
        yield points
        self.watched.pop()

    def at_any(self, step: Step, cells: list[Cell], points: list[tuple[Value, ...]]) -> Env:
        """Return the variables when a block was left at any of its steps."""
        found: Env = {}
        for number, cell in enumerate(cells):
            values = tuple(point[number] for point in points)
            if all(value is values[0] for value in values) and values:
                found[cell] = values[0]
            elif values:
                found[cell] = Join(step.node, step, values, at_any=True)
        return found

    def initial(self, cell: Cell) -> Value:
        """Return what a variable has before anything sets it."""
        frame, name = cell
        if frame is self.top and name == "__doc__":
            return Const(None, ast.get_docstring(self.module.tree, clean=False))
        if frame is self.top and is_builtin(name):
            return Name(None, name)
        return UNBOUND

    def get(self, cell: Cell) -> Value:
        return self.env.get(cell) or self.initial(cell)
