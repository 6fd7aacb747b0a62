"""What a script does when it runs, as steps in their order, and the values that they work with.

A step that only makes something, such as a list, has no place in the order: nobody can tell when it
ran.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field


@dataclass(eq=False)
class Value:
    """What a script works with; `node` is where it is written, if anywhere."""

    node: ast.AST | None


@dataclass(eq=False)
class Const(Value):
    """A number, a text or another constant."""

    value: object


@dataclass(eq=False)
class Name(Value):
    """What Python itself gives a name, such as print."""

    name: str


@dataclass(eq=False)
class Imported(Value):
    """A module or what is in it, by its dotted name."""

    dotted: str


@dataclass(eq=False)
class Defined(Value):
    """A function or class of the module, which is the same from its definition on."""

    name: str


@dataclass(eq=False)
class Global(Value):
    """What a variable of the module has got by the time that a function reads it."""

    name: str


@dataclass(eq=False)
class Unbound(Value):
    """What a variable has before it gets a value."""


UNBOUND = Unbound(None)


@dataclass(eq=False, repr=False)
class Step:
    """Something that happens: what, with which values, and what else happens within it.

    `loops` are the steps around it that happen more than once. `makes` is empty for a step with an
    effect; for another one it says whether what it makes can be told from an equal one: "object",
    or "value". `target` is the step that is left by this one, `guarded` tells that it
    happens only when the module is run, not when it is imported.
    """

    op: tuple[object, ...]
    operands: tuple[Value, ...]
    node: ast.AST
    loops: tuple[Step, ...] = ()
    makes: str = ""
    blocks: list[list[Step]] = field(default_factory=list)
    target: Step | None = None
    guarded: bool = False

    def leaves(self, target: Step) -> bool:
        """Tell whether a step is left by this one, or by one within it."""
        inner = (step for block in self.blocks for step in block)
        return self.target is target or any(step.leaves(target) for step in inner)


@dataclass(eq=False)
class Result(Value):
    """What a step gives, or a part of it."""

    step: Step
    part: object = None


@dataclass(eq=False)
class Join(Value):
    """What a variable has where ways through a step meet: one value for each of them.

    `at_any` is for a block that may end anywhere: the values are those before each of its steps.
    """

    step: Step
    values: tuple[Value, ...]
    at_any: bool = False


@dataclass(eq=False)
class Loop(Value):
    """What a variable has when a loop begins anew: the value from before it, or from a round."""

    step: Step
    entry: Value
    deleted: bool
    back: tuple[Value, ...] = ()


def may_be_unbound(value: Value) -> bool:
    """Tell whether reading a variable with this value may fail."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Unbound) or (isinstance(one, Loop) and one.deleted):
            return True
        if isinstance(one, Join):
            waiting += one.values
        elif isinstance(one, Loop):
            waiting.append(one.entry)
    return False


def result(step: Step, part: object = None) -> Result:
    return Result(step.node, step, part)
