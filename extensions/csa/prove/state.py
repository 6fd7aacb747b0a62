"""The variables of a script while its steps are told."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from .scopes import Cell, Frame, cell_of
from .steps import (
    UNBOUND,
    Const,
    Defined,
    Global,
    Imported,
    Loop,
    Name,
    Result,
    Step,
    Value,
    may_be_unbound,
    result,
)
from .trace import Env, Trace


class State(Trace):
    """What names stand for, and what that has, at one point of a script."""

    def enter(self, node: ast.AST, outer: Frame) -> Frame:
        """Return a new frame for a function, class or comprehension."""
        return Frame(node, outer, next(self._numbers), self.loops, *self.module.scope(node))

    def assigned(self, nodes: Sequence[ast.AST]) -> list[Cell]:
        """Return the variables that nodes, or the functions that they call, may set."""
        told = [self.module.names_in(node) for node in nodes]
        bound = {name for names, _, _ in told for name in names}
        mentioned = {name for _, names, _ in told for name in names}
        written = self.module.written_by(mentioned & self.module.definitions.keys())
        cells = dict.fromkeys(cell_of(name, self.frame) for name in sorted(bound))
        return list(cells | dict.fromkeys((self.top, name) for name in sorted(written)))

    def repeated(
        self,
        step: Step,
        nodes: Sequence[ast.AST],
        run: Callable[[], bool],
        continues: Callable[[], list[Env]],
    ) -> None:
        """Run a block of a step that runs any number of times; `nodes` are what may run in it.

        Afterwards the variables are as at the block's begin.
        """
        deleted = {name for node in nodes for name in self.module.names_in(node)[2]}
        heads = {
            cell: Loop(step.node, step, self.get(cell), cell[1] in deleted)
            for cell in self.assigned(nodes)
        }
        self.env.update(heads)
        head = dict(self.env)
        outer, self.loops = self.loops, (*self.loops, step)
        with self.block(step):
            falls = run()
        self.loops = outer
        ends = [*continues(), *([self.env] if falls else [])]
        for cell, loop in heads.items():
            loop.back = tuple(end.get(cell) or self.initial(cell) for end in ends)
        self.env = head

    def box(self, cell: Cell, node: ast.AST) -> Result:
        """Return what holds the value of a variable that functions see change."""
        if cell not in self.boxes:
            frame, name = cell
            is_global = frame is self.top
            op = ("global", name) if is_global else ("box",)
            self.boxes[cell] = result(Step(op, (), node, frame.loops, "object"))
        return self.boxes[cell]

    def is_global(self, name: str) -> bool:
        """Tell whether a name stands for a variable of the module here."""
        return cell_of(name, self.frame)[0] is self.top

    def is_boxed(self, cell: Cell) -> bool:
        return (cell[0].node, cell[1]) in self.boxed

    def demote(self, cell: Cell) -> None:
        """Note that functions see a variable change."""
        self.demoted.add((cell[0].node, cell[1]))

    def is_outside(self, cell: Cell) -> bool:
        """Tell whether a variable is not of the function that may run at any time."""
        return cell[0].number < self.since

    def read(self, name: str, node: ast.AST) -> Value:
        """Return what a name has; a step that fails where it may have nothing."""
        cell = cell_of(name, self.frame)
        frame = cell[0]
        if frame.is_class:  # what the class has not, is looked up around it
            self.frame = self._around(frame)
            around = self.read(name, node)
            self.frame = frame
            return result(self.emit(("read in class", name), [around], node))
        if name in ("super", "__class__") and not self._is_in_method():
            return result(self.emit(("look up", name), [], node))
        if self.is_boxed(cell):
            if frame is self.top and self.alone:
                self.globals_read.add(name)
            return result(self.emit(("read",), [self.box(cell, node)], node))
        if frame is self.top and self.alone:
            return self._read_later(name, node)
        value = self.get(cell)
        if self.is_outside(cell) and name in frame.captured and may_be_unbound(value):
            self.demote(cell)
        if frame is self.top and name not in self.module.bound and value is UNBOUND:
            return result(self.emit(("look up", name), [], node))
        if may_be_unbound(value):
            self.emit(("check",), [value], node)
        if isinstance(value, Defined):
            self._expose(value.name)
        return value

    def _is_in_method(self) -> bool:
        return any(frame.is_class for frame in self._frames())

    def _frames(self) -> Iterator[Frame]:
        """Yield the frames around, the innermost first."""
        frame: Frame | None = self.frame
        while frame is not None:
            yield frame
            frame = frame.outer

    def _around(self, frame: Frame) -> Frame:
        """Return the frame in which a class finds what it has not itself."""
        while frame.is_class and frame.outer is not None:
            frame = frame.outer
        return frame

    def _read_later(self, name: str, node: ast.AST) -> Value:
        """Return what a variable of the module has by the time that a function runs."""
        module = self.module
        if name in module.definitions:
            return Defined(node, name)
        if name in module.imports:
            return Imported(node, module.imports[name])
        if name in module.constants:
            return Const(node, module.constants[name].value)
        if name in module.bound:
            self.globals_read.add(name)
            return Global(node, name)
        if self.initial((self.top, name)) is UNBOUND:
            return result(self.emit(("look up", name), [], node))
        return Name(node, name)

    def _expose(self, name: str) -> None:
        """See to it that a function has all that it uses when others get at it."""
        for used in sorted(self.module.reached([name])):
            cell = (self.top, used)
            known = used not in self.module.bound or self.is_boxed(cell) or self.alone
            if not known and may_be_unbound(self.get(cell)):
                self.demote(cell)

    def write(self, name: str, value: Value, node: ast.AST) -> None:
        """Give a variable a value."""
        cell = cell_of(name, self.frame)
        frame = cell[0]
        if frame.is_class:
            self.emit(("set in class", name), [value], node)
            return
        if self.is_boxed(cell):
            self.emit(("set",), [self.box(cell, node), value], node)
            return
        if self.is_outside(cell) or (frame is self.top and self.alone):
            self.demote(cell)
        if name in frame.captured:
            before = self.env.get(cell, UNBOUND)
            imported = isinstance(before, Imported) and isinstance(value, Imported)
            again = value is before or (imported and before.dotted == value.dotted)  # type: ignore[attr-defined]
            if not again and (before is not UNBOUND or self.loops != frame.loops):
                self.demote(cell)
        self._set(cell, value)

    def unset(self, name: str, node: ast.AST) -> None:
        """Take a variable's value away."""
        cell = cell_of(name, self.frame)
        if cell[0].is_class:
            self.emit(("unset in class", name), [], node)
            return
        if self.is_boxed(cell):
            self.emit(("unset",), [self.box(cell, node)], node)
            return
        if name in cell[0].captured or self.is_outside(cell):
            self.demote(cell)
        self._set(cell, self.initial(cell))

    def _set(self, cell: Cell, value: Value) -> None:
        if cell[0] is self.top and self.guarded:
            self.unguarded.setdefault(cell, self.get(cell))
        elif cell in self.unguarded and self.conditions:
            self.unguarded[cell] = result(Step(("either",), (), self.module.tree))
        else:
            self.unguarded.pop(cell, None)
        self.env[cell] = value

    def at_import(self, name: str) -> Value:
        """Return what a variable of the module has once that was imported, not run."""
        cell = (self.top, name)
        return self.unguarded.get(cell) or self.get(cell)
