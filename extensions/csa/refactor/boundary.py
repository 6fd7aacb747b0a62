"""What of a script leaves the module's level for main and the guard."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..source.look_ups import LOOK_UPS, Reachability, finds_by_name, inspects_namespace
from ..source.names import Function, bound_names, eager_names, imported_modules, in_scope, names
from .script import PARSERS, CannotRefactor, Script, Unit, bound_by, called_alone

DUNDERS = {"__doc__", "__file__", "__name__", "__package__", "__spec__"}
# What starts processes that may import the module anew.
PROCESSES = (
    *("concurrent.futures", "joblib", "loky", "multiprocessing", "pathos", "torch.multiprocessing"),
)
DECORATED = "main has a decorator: move its logic to a main(args) without one"
READS_ARGV = "main reads sys.argv: pass what it needs as an attribute of args"
READS_GLOBAL = "reads the global"
SIGNATURE = "make it main(args: argparse.Namespace), called under the guard with what was parsed"


@dataclass(frozen=True, order=True)
class Note:
    """What a person has to do about a line of main.py, counted from 1."""

    line: int
    text: str


class Boundary:
    """What leaves the module's level for main and the guard, and what has to stay.

    `called` is the call of a main that is there already, None when there is none. `moved` are the
    statements that leave, in order, `held` those before them that would, were it not for what
    follows, and `begins` the line of the first. `imported` are the names that other files use.

    Raises CannotRefactor when the script has to stay as it is.
    """

    def __init__(self, script: Script, imported: set[str]):
        self.script = script
        if "*" in imported:
            imported = bound_by(script.units)
        while (
            more := {  # and what the functions use that others import
                name
                for unit in script.units
                if unit.is_definition and unit.bound & imported
                for name in script.global_uses(unit) & bound_by(script.units)
            }
            - imported
        ):
            imported = imported | more
        self.imported = imported
        if "__name__" in script.known.own:
            line = next(unit.line for unit in script.units if "__name__" in unit.bound)
            raise CannotRefactor(line, "__name__ is set here, which the guard reads")
        self.notes: list[Note] = []
        self.held: list[Unit] = []
        self.called = _call_of_main(script)
        told = inspects_namespace(script.statements, script.known)
        if told and self.called is None:
            raise CannotRefactor(
                told,
                "this line lists the module's names, so adding main() would change it: "
                "list the names explicitly",
            )
        self.moved = self._moved()
        self.begins = self.moved[0].line if self.moved else 1

    def _moved(self) -> list[Unit]:
        """Return what goes under the guard or into main, in order."""
        script = self.script
        begin = self._beginning()
        staying = self._hoistable(begin)
        moved = [unit for unit in script.units[begin:] if unit not in staying]
        last_guarded = max((n for n, unit in enumerate(moved) if unit.guard), default=-1)
        first_guarded = min((n for n, unit in enumerate(moved) if unit.guard), default=len(moved))
        # What cannot leave the module's level holds what runs before it there as well.
        held_by = [
            number
            for number, unit in enumerate(moved)
            if not unit.guard and (unit.is_definition or self._is_held(unit, moved[number:]))
        ]
        after = [number for number in held_by if number > last_guarded]
        if first_guarded < last_guarded and any(
            first_guarded < number < last_guarded for number in held_by
        ):
            raise CannotRefactor(
                moved[held_by[0]].line, "it stands between two guards: move it before them"
            )
        if after and last_guarded >= 0:
            trailing = moved[last_guarded + 1 :]
            moved = moved[: last_guarded + 1]
            held_by = [number for number in held_by if number < last_guarded]
            for unit in trailing:
                if not script.is_preparation(unit):
                    self.note(unit.line, "it runs at import, after the guard: move it into main")
        if held_by:
            holder = moved[held_by[-1]]
            self.held = moved[: held_by[-1]]
            self._note_held(holder)
            moved = moved[held_by[-1] + 1 :]
        self._refuse_processes(moved)
        for unit in moved:
            if not unit.guard and (taken := unit.bound & self.imported):
                raise CannotRefactor(
                    unit.line, f"another file imports {min(taken)}: move it to another module"
                )
        return moved

    def _refuse_processes(self, moved: list[Unit]) -> None:
        """Raise CannotRefactor where processes import the module for what would no longer be there."""
        script = self.script
        modules = {
            module for statement in script.statements for module in imported_modules(statement)
        }
        if not any(module.startswith(PROCESSES) for module in modules):
            return
        used = script.used_by_definitions(script.units)
        for unit in moved:
            if not unit.guard and (names_used := unit.bound & used):
                raise CannotRefactor(
                    unit.line,
                    f"processes that are started need {min(names_used)} when they import this: "
                    "pass it to their functions as a parameter",
                )

    def _note_held(self, holder: Unit) -> None:
        """Note what has to run at import, since something that stays at module level follows it."""
        script = self.script
        way = f"line {holder.line}, which has to run after it, is in the way"
        parsing = [unit for unit in self.held if script.parses(unit)]
        for unit in parsing:
            text = "the arguments are parsed at import: move this under the guard"
            self.note(unit.line, f"{text}; {way}")
        rest = [
            unit
            for unit in self.held
            if unit not in parsing
            and not script.is_preparation(unit)
            and not unit.mentioned & script.parsers
        ]
        for unit in rest[:1]:
            others = f", and {len(rest) - 1} more up to line {rest[-1].line}" if rest[1:] else ""
            self.note(unit.line, f"it runs at import{others}: move it into main; {way}")

    def _is_held(self, unit: Unit, after: Sequence[Unit]) -> bool:
        """Tell whether an import has to stay at module level: the parsing comes after it."""
        return unit.is_import and any(map(self.script.parses, after))

    def _beginning(self) -> int:
        """Return the number of the statement that the logic begins with."""
        script = self.script
        end = len(script.units)

        def first(condition: Iterable[bool]) -> int:
            return next((number for number, holds in enumerate(condition) if holds), end)

        guarded = first(unit.guard is not None for unit in script.units)
        parse = first(map(script.parses, script.units))
        begin = guarded
        if parse < guarded:
            begin = min(parse, first(script.makes(unit, *PARSERS) for unit in script.units))
        if guarded == end:
            begin = min(begin, first(not script.is_preparation(unit) for unit in script.units))
            # Calls that prepare, right before the logic or alone, run with it.
            while begin and self._goes_along(script.units[begin - 1]):
                begin -= 1
            if all(map(script.is_side_effect_free, script.units[begin:])):
                return end
        return begin

    def _goes_along(self, unit: Unit) -> bool:
        if self.script.is_side_effect_free(unit):
            return not unit.is_string
        return all(
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
            for statement in unit.statements
        )

    def _hoistable(self, begin: int) -> list[Unit]:
        """Return the inert statements at module level that may stay while what is before them
        leaves."""
        script = self.script
        every = script.units[begin:]
        reach = Reachability(script.statements, script.known)
        numbers = {id(statement): number for number, statement in enumerate(script.statements)}
        counts = Counter(name for unit in script.units for name in unit.bound)
        eager = {
            unit: {name for statement in unit.statements for name in eager_names(statement)}
            for unit in every
        }
        used = script.used_by_definitions(every).union(
            *(eager[unit] for unit in every if unit.is_definition)
        )
        staying = {
            unit
            for unit in every
            if not unit.guard and script.is_side_effect_free(unit) and self._belongs(unit, used)
        }
        first = {
            name: number
            for number, unit in reversed([*enumerate(script.units)])
            for name in unit.bound
        }
        plain = set(dir(builtins)) | DUNDERS

        def may_stay(unit: Unit) -> bool:
            number = script.number[unit]
            return number < begins or not (
                eager[unit] & leaving
                or any(first.get(name, number) >= number for name in eager[unit] - plain)
                or any(counts[name] > 1 or hasattr(builtins, name) for name in unit.bound)
                or any(reached.get(name, number) < number for name in unit.bound | LOOK_UPS)
            )

        while True:
            rest = [unit for unit in every if unit not in staying]
            leaving = bound_by(rest)
            begins = script.number[rest[0]] if rest else len(script.units)
            reached: dict[str, int] = {}  # the first unit that may get at a name
            for unit in rest:
                for statement in unit.statements:
                    for name in reach.before(numbers[id(statement)]) - reached.keys():
                        reached[name] = script.number[unit]
            stay = {unit for unit in staying if may_stay(unit)}
            if len(stay) == len(staying):
                return [unit for unit in every if unit in stay]
            staying = stay

    def _belongs(self, unit: Unit, used: set[str]) -> bool:
        """Tell whether an inert statement among the logic is the module's: a definition, or a
        constant, by its name or since definitions use it."""
        if unit.is_definition or unit.is_string:
            return unit.is_definition
        constant = bool(unit.bound & used) or all(name.isupper() for name in unit.bound)
        return constant and not self.by_name

    def note(self, line: int, text: str) -> None:
        """Say where a person is needed."""
        self.notes.append(Note(line, text))

    def note_functions(self, set_under_guard: set[str]) -> None:
        """Note the functions that read as a global what is set under the guard."""
        for unit in self.script.units:
            if unit in self.moved or not unit.is_definition:
                continue
            for name in sorted(self.script.global_uses(unit) & set_under_guard):
                line = next(
                    node.lineno
                    for statement in unit.statements
                    for node in ast.walk(statement)
                    if isinstance(node, (ast.Name, ast.Global))
                    and name in (node.names if isinstance(node, ast.Global) else [node.id])
                )
                what = getattr(unit.statements[0], "name", "it")
                self.note(
                    line,
                    f"{what} {READS_GLOBAL} `{name}`, which is set under the guard: pass it as a parameter",
                )

    @cached_property
    def functions_use(self) -> set[str]:
        """The module's names that functions and classes use which stay where they are."""
        return self.script.used_by_definitions(
            unit for unit in self.script.units if unit not in self.moved
        )

    @cached_property
    def by_name(self) -> bool:
        """Whether anything may look up the module's variables by name, or outlive them."""
        return finds_by_name(self.script.statements, self.script.known)


def set_first_in(main: Function) -> set[str]:
    """Return the module's names that a main sets before it does anything else."""
    shared: set[str] = set()
    found: set[str] = set()
    for statement in main.body:
        match statement:
            case ast.Global(names):
                shared.update(names)
            case ast.Assign([ast.Name(name)], ast.Name() | ast.Attribute(ast.Name())) if (
                name in shared
            ):
                found.add(name)
            case ast.Expr(ast.Constant()):
                continue
            case _:
                break
    return found


def problem_of_main(script: Script) -> CannotRefactor | None:
    """Return why a script's main is no main(args) that is called with what was parsed; None when
    it is, or there is none."""
    try:
        _call_of_main(script)
    except CannotRefactor as problem:
        return problem
    return None


def _call_of_main(script: Script) -> ast.Call | None:
    """Return the call of a main(args) that is there already; None when there is no main.

    Raises CannotRefactor when main is something else.
    """
    function = script.functions.get("main")
    for unit in script.units:
        if "main" in unit.bound and not (function in unit.statements and not unit.guard):
            raise CannotRefactor(unit.line, "main is something else here: rename that")
    if function is None:
        return None
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = positional[: len(positional) - len(arguments.defaults)]
    if function.decorator_list:
        raise CannotRefactor(function.lineno, DECORATED)
    if len(required) != 1 or None in arguments.kw_defaults:
        what = "main is not main(args)" if ast.unparse(arguments) else "main() takes no args"
        raise CannotRefactor(function.lineno, f"{what}: {SIGNATURE}")
    every = [
        (node, statement)
        for statement in script.statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and names(node.func) == {"main"}
    ]
    # Functions may call it besides; where they alone do, one of them is what the guard calls.
    at_top = {node for unit in script.units for node in unit.walk()}
    calls = [(node, statement) for node, statement in every if node in at_top] or every
    if len(calls) > 1:
        line = calls[1][0].lineno
        raise CannotRefactor(line, "this is a second call of main: call it in one place only")
    call, caller = calls[0] if calls else (None, None)
    if not call or len(call.args) != 1 or not _is_parsed(script, call.args[0], caller):
        raise CannotRefactor(
            function.lineno, f"main is not called with what was parsed: {SIGNATURE}"
        )
    if later := _runs_later(function):
        statements = (node for unit in script.units for node in unit.walk())
        if any(isinstance(node, ast.stmt) and called_alone(node) is call for node in statements):
            raise CannotRefactor(call.lineno, f"this call does not run the body of main, {later}")
    return call


def _runs_later(function: Function) -> str:
    """Return why nothing of a function runs when it is called, and what would run it; "" if it does."""
    if isinstance(function, ast.AsyncFunctionDef):
        return "which is async: write asyncio.run(main(…))"
    nodes = (node for statement in function.body for node in in_scope(statement))
    yields = any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in nodes)
    return "which is a generator: iterate over it to its end" if yields else ""


def _is_parsed(script: Script, node: ast.expr, caller: ast.stmt | None) -> bool:
    """Tell whether an expression is what a parser returned, or a Namespace.

    `caller` is the statement that it stands in: a function may have parsed what it calls main with.
    """
    if isinstance(node, ast.Name):
        within = caller.body if isinstance(caller, Function) else ()
        return any(
            node.id in bound_names(statement) and any(map(script.is_parse, in_scope(statement)))
            for statement in (*script.statements, *within)
        )
    return any(
        script.is_parse(child)
        or (isinstance(child, ast.expr) and script.known.origin(child) == "argparse.Namespace")
        for child in ast.walk(node)
    )
