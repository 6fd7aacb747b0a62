"""Whether two modules take the same steps, and if not, which is the first that differs."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import NoReturn

from ..source.names import bound_names
from .functions import Functions
from .module import Module
from .steps import (
    Const,
    Defined,
    Global,
    Imported,
    Join,
    Loop,
    Name,
    Result,
    Step,
    Unbound,
    Value,
    may_be_unbound,
)
from .trace import Key
from .users import Users

_SAID = {
    *("__author__", "__authors__", "__copyright__", "__credits__", "__date__", "__email__"),
    *("__license__", "__maintainer__", "__status__", "__version__"),
}
"""Names that only people read."""


class Different(Exception):
    """Two modules do not take the same steps: where in each, None where one has nothing there, and
    in what they differ."""

    def __init__(self, old: ast.AST | None, new: ast.AST | None, reason: str = ""):
        super().__init__(reason)
        self.old = old
        self.new = new
        self.reason = reason


def compare(old: Module, new: Module, users: Users) -> None:
    """Raise Different unless two modules take the same steps, CannotJudge where that cannot be told.

    `users` is what other files take from the old one.
    """
    boxed: set[Key] = {(None, name) for name in users.running}
    while demoted := _compare(old, new, boxed, users):
        boxed |= demoted


def _public(old: Module, new: Module, users: Users) -> set[str]:
    """Return the names that have to be as they were, though nothing in the module says so."""
    taken = users.names | users.running
    found = old.bound if "*" in taken else old.bound & taken
    special = {
        name for name in old.bound | new.bound if name.startswith("__") and name.endswith("__")
    }
    special -= {"__all__"} if not users.by_star else set()
    return found | (special - _SAID) | ({"__doc__"} if users.read_texts else set())


def _compare(old: Module, new: Module, boxed: set[Key], users: Users) -> set[Key]:
    """Compare two modules; return the variables that turned out to be boxed, if there are more."""
    public = _public(old, new, users)
    kept = {
        name
        for name in old.definitions.keys() & new.definitions.keys()
        if (None, name) not in boxed
        and (
            name in public
            or any(
                name not in module.expandable or len(module.calls.get(name, ())) > 1
                for module in (old, new)
            )
        )
    }
    problems: dict[str, Different] = {}
    globals_read: set[str] = set()
    demoted: set[Key] = set()
    while True:
        globals_read.clear()
        failed = set()
        for name in sorted(kept):
            runs = [Functions(module, kept, boxed, alone=True) for module in (old, new)]
            steps = [run.alone_of(name) for run in runs]
            globals_read |= runs[0].globals_read | runs[1].globals_read
            demoted |= runs[0].demoted | runs[1].demoted
            if demoted:
                continue
            try:
                Comparison(kept, problems).all(*steps)
            except Different as different:
                problems[name] = different
                failed.add(name)
        if demoted:
            return demoted
        if not failed:
            break
        kept -= failed
    before, after = (Functions(module, kept, boxed, alone=False) for module in (old, new))
    steps = [before.whole(), after.whole()]
    if demoted := before.demoted | after.demoted:
        return demoted
    comparison = Comparison(kept, problems, public, is_imported=users.imported)
    comparison.all(*steps)
    for name in sorted(globals_read.union(public)):
        comparison.at_end(before.get((before.top, name)), after.get((after.top, name)))
    needed = new.reached(public) & new.bound
    for name in sorted(public | needed):
        values = before.at_import(name), after.at_import(name)
        was_there = name not in old.bound or not may_be_unbound(values[0])
        if was_there and may_be_unbound(values[1]):
            raise Different(values[0].node, None, f"files that import it do not find {name}")
        if name in public | globals_read:
            comparison.at_end(*values)
    comparison.finish()
    if old.starts_processes:
        for lost in sorted((old.at_import - new.at_import) & (globals_read | kept)):
            nodes = (statement for statement in old.statements if lost in bound_names(statement))
            raise Different(next(nodes), None, f"processes that are started do not find {lost}")
    return set()


class Comparison:
    """Pairs the steps of two modules, in their order, and what they make.

    `kept` are the functions and classes that are known to be the same, `problems` say where others
    are not. `public` are names that others find in it when they import it, which `is_imported` tells
    of what runs.
    """

    def __init__(
        self,
        kept: Collection[str],
        problems: dict[str, Different],
        public: Collection[str] = (),
        *,
        is_imported: bool = False,
    ):
        self.kept = kept
        self.problems = problems
        self.public = public
        self.is_imported = is_imported
        self._new: dict[Step, Step] = {}
        self._old: dict[Step, Step] = {}
        self._same: set[tuple[int, int]] = set()
        self._later: list[tuple[Value, Value]] = []
        self._held: list[Value] = []  # so that no id is used twice
        self._at: tuple[ast.AST | None, ast.AST | None] = (None, None)

    def all(self, old: list[Step], new: list[Step]) -> None:
        """Raise Different unless both lists of steps are the same."""
        self._blocks(old, new)
        self.finish()

    def finish(self) -> None:
        """Compare what could only be compared when all steps had been."""
        while self._later:
            self.at_end(*self._later.pop())

    def at_end(self, old: Value, new: Value) -> None:
        """Raise Different unless two values are the same that no step works with."""
        self._at = old.node, new.node
        self.same(old, new)

    def _blocks(self, old: Sequence[Step], new: Sequence[Step]) -> None:
        for one, other in zip_longest(_with_imports_sorted(old), _with_imports_sorted(new)):
            if other is None:
                raise Different(one.node, self._at[1], "something that ran here no longer does")
            if one is None:
                raise Different(self._at[0], other.node, "something runs here that did not before")
            self._step(one, other)

    def _step(self, old: Step, new: Step) -> None:
        outer, self._at = self._at, (old.node, new.node)
        if old.op != new.op or len(old.operands) != len(new.operands):
            self._fail(_of_steps(old, new))
        for one, other in zip(old.operands, new.operands, strict=True):
            self.same(one, other)
        if old.target and (new.target is None or self._new.get(old.target) is not new.target):
            self._fail("another loop, function or block ends here")
        if old.guarded and not new.guarded:
            self._fail("it would also run when the module is imported")
        if new.guarded and not old.guarded and (self.is_imported or self._is_found(old)):
            self._fail("it would no longer run when the module is imported, as other files do")
        self._pair(old, new)
        self._at = outer

    def _is_found(self, step: Step) -> bool:
        """Tell whether a step gives others names when they import the module."""
        if step.op[0] in ("set", "unset"):
            [box, *_] = step.operands
            assert isinstance(box, Result)
            return box.step.op[0] == "global" and box.step.op[1] in self.public
        return step.op[0] == "import" and step.op[2] == "*" and bool(self.public)

    def _pair(self, old: Step, new: Step) -> None:
        if self._new.setdefault(old, new) is not new or self._old.setdefault(new, old) is not old:
            self._fail("one object became two, or two became one")
        if len(old.blocks) != len(new.blocks):
            self._fail()
        for one, other in zip(old.blocks, new.blocks, strict=True):
            self._blocks(one, other)

    def _fail(self, reason: str = "") -> NoReturn:
        raise Different(*self._at, reason)

    # --- Values ----------------------------------------------------------------------------------

    def same(self, old: Value, new: Value) -> None:
        """Raise Different unless two values are the same."""
        key = id(old), id(new)
        if key in self._same:
            return
        self._same.add(key)
        self._held += [old, new]
        if isinstance(old, Loop) and isinstance(new, Loop):
            self._same_loops(old, new)
        elif isinstance(old, Join) or isinstance(new, Join):
            self._same_joins(old, new)
        elif isinstance(old, Result) and isinstance(new, Result):
            self._same_results(old, new)
        elif isinstance(old, Defined) and isinstance(new, Defined) and old.name == new.name:
            if old.name not in self.kept:
                raise self.problems.get(old.name) or Different(*self._at)
        elif type(old) is not type(new) or _key(old) != _key(new):
            if isinstance(old, Const) and isinstance(new, Const) and old.node and new.node:
                self._at = old.node, new.node
            self._fail_for(old, new)

    def _fail_for(self, old: Value, new: Value) -> NoReturn:
        self._fail(f"it uses {_told(new)} instead of {_told(old)}")

    def _same_loops(self, old: Loop, new: Loop) -> None:
        if self._new.get(old.step) is not new.step or len(old.back) != len(new.back):
            self._fail_for(old, new)
        self.same(old.entry, new.entry)
        self._later += zip(old.back, new.back, strict=True)

    def _same_joins(self, old: Value, new: Value) -> None:
        if isinstance(old, Join) and isinstance(new, Join):
            paired = self._new.get(old.step) is new.step and old.at_any == new.at_any
            if paired and len(old.values) == len(new.values):
                for one, other in zip(old.values, new.values, strict=True):
                    self.same(one, other)
                return
        for one in old.values if isinstance(old, Join) else [old]:
            for other in new.values if isinstance(new, Join) else [new]:
                self.same(one, other)

    def _same_results(self, old: Result, new: Result) -> None:
        one, other = old.step, new.step
        known = one in self._new or other in self._old
        if old.part != new.part or (known and self._new.get(one) is not other):
            self._fail_for(old, new)
        if known:
            return
        if not one.makes or one.makes != other.makes:
            self._fail_for(old, new)
        outer, self._at = self._at, (one.node, other.node)
        if one.op != other.op or len(one.operands) != len(other.operands):
            self._fail(_of_steps(one, other))
        if one.makes == "object" and [self._new.get(loop) for loop in one.loops] != [*other.loops]:
            self._fail("it is created in another loop or function")
        for left, right in zip(one.operands, other.operands, strict=True):
            self.same(left, right)
        if one.makes == "object":
            self._pair(one, other)
        self._at = outer


def _key(value: Value) -> object:
    """Return what makes a value the same as another one of its kind; nothing else has that."""
    if isinstance(value, Const):
        return type(value.value), repr(value.value)
    if isinstance(value, (Name, Global)):
        return value.name
    if isinstance(value, Imported):
        return value.dotted
    return True if isinstance(value, Unbound) else value


def _told(value: Value) -> str:
    """Return what a value is, for people."""
    if isinstance(value, Const):
        text = repr(value.value)
        return text if len(text) < 40 else f"{text[:36]} ..."
    if isinstance(value, (Defined, Global, Name)):
        return value.name
    if isinstance(value, Imported):
        return value.dotted
    if isinstance(value, Unbound):
        return "a variable that is not set"
    if isinstance(value, Join) and any(isinstance(part, Unbound) for part in value.values):
        return "a variable that may not be set"
    line = getattr(value.node, "lineno", 0)
    if isinstance(value, Loop):
        return f"a value from the loop in line {line}"
    return f"the result of line {line}" if line else "something else"


def _of_steps(old: Step, new: Step) -> str:
    """Return what tells two steps apart that a reader may not see."""
    kinds = {"read": "read", "set": "set", "unset": "deleted", "check": "read"}
    for kind in (old.op[0], new.op[0]):
        if old.op[0] != new.op[0] and kind in kinds:
            return f"a variable that functions share, or that may be unset, is {kinds[str(kind)]}"
    return ""


def _with_imports_sorted(steps: Sequence[Step]) -> list[Step]:
    """Return steps with imports that follow each other in one order, where theirs cannot matter."""
    found: list[Step] = []
    anywhere: dict[tuple[object, ...], Step] = {}
    for step in steps:
        if step.op[0] == "import" and step.op[-1]:
            anywhere.setdefault(step.op, step)
            continue
        if step.op[0] != "import":
            found += _sorted(anywhere)
            anywhere = {}
        found.append(step)
    return found + _sorted(anywhere)


def _sorted(imports: dict[tuple[object, ...], Step]) -> list[Step]:
    return [imports[op] for op in sorted(imports, key=repr)]
