"""Moving a script's logic into `main(args: argparse.Namespace)`, without altering it.

What runs when the file is executed keeps its order. The parsing stays under the guard, which hands
its result to main. Functions, classes, imports and constants stay where they are.
"""

from __future__ import annotations

import ast
import builtins
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from ..source.statements import (
    LOOK_UPS,
    Definition,
    Import,
    Reach,
    bound_in,
    bound_names,
    eager_names,
    finds_by_name,
    has_no_alias,
    imported_modules,
    imported_names,
    in_scope,
    is_dotted,
    is_only_read,
    is_plain_namespace,
    is_set_first,
    is_standard,
    may_be_elsewhere,
    names,
    namespace_of,
    only_names_types,
    outlasts,
    surely_bound,
    tells_of_main,
)
from ..source.syntax import TOO_DEEP, NotPython, parse_expression
from .proof import Unproven, prove
from .script import (
    BOM,
    PARSERS,
    Left,
    Node,
    Script,
    Unit,
    bound_by,
    mentioned_by,
    parses_itself,
    statements_of,
    units,
)

DUNDERS = {"__doc__", "__file__", "__name__", "__package__", "__spec__"}
# What starts processes that may import the module anew.
PROCESSES = (
    *("concurrent.futures", "joblib", "loky", "multiprocessing", "pathos", "torch.multiprocessing"),
)
SIGNATURE = "make it main(args: argparse.Namespace), called under the guard with what was parsed"


@dataclass(frozen=True, order=True)
class Note:
    """What a person has to do about a line of main.py, counted from 1."""

    line: int
    text: str


@dataclass
class Refactoring:
    """The new source, or the old one when it has to stay, and where a person is needed.

    The lines are those of the old source.
    """

    source: bytes
    notes: list[Note] = field(default_factory=list)


def refactor(source: bytes, imported: Iterable[str] = ()) -> Refactoring:
    """Move the logic of a script into main, if it can be proven that nothing else changes.

    `imported` are the names that other files import from it, or *: they stay the module's.
    """
    try:
        script = Script(source)
    except (Left, NotPython) as error:
        return Refactoring(source, [Note(error.line, str(error))])
    return refactor_script(script, source, imported)


def refactor_script(script: Script, source: bytes, imported: Iterable[str] = ()) -> Refactoring:
    """Do as refactor, with a script that was read from its source."""
    bom = BOM if source.startswith(BOM) else b""
    try:
        plan = _Plan(script, set(imported))
        refactored = plan.refactored()
        new = source if refactored is None else bom + refactored
    except Left as left:
        return Refactoring(source, [Note(left.line, left.text)])
    except UnicodeError as error:  # codecs such as idna cannot write all that they read
        return Refactoring(source, [Note(1, f"its encoding cannot be written: {error}")])
    if new != source:
        try:
            prove(source, new)
        except Unproven as unproven:
            text = (
                f"left unchanged, because there is no proof that nothing else changes: {unproven}"
            )
            return Refactoring(source, [Note(plan.begins, text)])
        except RecursionError:
            return Refactoring(source, [Note(1, TOO_DEEP)])
    return Refactoring(new, sorted(set(plan.notes)))


@dataclass(frozen=True)
class _Parsed:
    """How the logic gets at what was parsed.

    `namespace` is the name of the parser's result, None when there is none; `mixed` the call that
    parses, when it stands in a statement of the logic.
    """

    namespace: str | None = None
    mixed: ast.Call | None = None


class _Plan:
    """What of a script goes where."""

    def __init__(self, script: Script, imported: set[str]):
        self.script = script
        if "*" in imported:
            imported = bound_by(script.units)
        self.imported = imported
        if "__name__" in script.known.own:
            line = next(unit.line for unit in script.units if "__name__" in unit.bound)
            raise Left(line, "__name__ is set here, which the guard reads")
        self.notes: list[Note] = []
        self.held: list[Unit] = []
        self.called = self._call_of_main()
        told = tells_of_main(script.statements, script.known)
        if told and self.called is None:
            raise Left(
                told,
                "this line lists the module's names, so adding main() would change it: "
                "list the names explicitly",
            )
        self.moved = self._moved()
        self.begins = self.moved[0].line if self.moved else 1

    def refactored(self) -> bytes | None:
        """Return the new source, None when there is nothing to move.

        Raises Left when the script has to stay as it is.
        """
        if self.called is None:
            return self._with_main()
        self._note_functions(bound_by(self.moved))
        if all(unit.guard for unit in self.moved):
            return None
        return self._assembled([self._at_home(unit) for unit in self.moved], None, ())

    # --- A main that is there already --------------------------------------------------------

    def _call_of_main(self) -> ast.Call | None:
        """Return the call of a main(args) that is there already; None when there is no main.

        Raises Left when main is something else.
        """
        script = self.script
        function = script.functions.get("main")
        for unit in script.units:
            if "main" in unit.bound and not (function in unit.statements and not unit.guard):
                raise Left(unit.line, "main is something else here: give that another name")
        if function is None:
            return None
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        required = positional[: len(positional) - len(arguments.defaults)]
        if function.decorator_list or len(required) != 1 or None in arguments.kw_defaults:
            what = "main is not main(args)" if ast.unparse(arguments) else "main() takes no args"
            raise Left(function.lineno, f"{what}: {SIGNATURE}")
        calls = [
            node
            for unit in script.units
            for node in unit.walk()
            if isinstance(node, ast.Call) and names(node.func) == {"main"}
        ]
        if len(calls) > 1:
            raise Left(calls[1].lineno, "main is called once more: call it in one place only")
        if not calls or len(calls[0].args) != 1 or not self._is_parsed(calls[0].args[0]):
            raise Left(function.lineno, f"main is not called with what was parsed: {SIGNATURE}")
        return calls[0]

    def _is_parsed(self, node: ast.expr) -> bool:
        """Tell whether an expression is what a parser returned, or a Namespace."""
        script = self.script
        if isinstance(node, ast.Name):
            return any(node.id in unit.bound and script.parses(unit) for unit in script.units)
        return any(
            script.is_parse(one)
            or (isinstance(one, ast.expr) and script.known.origin(one) == "argparse.Namespace")
            for one in ast.walk(node)
        )

    # --- What leaves the module's level ------------------------------------------------------

    def _moved(self) -> list[Unit]:
        """Return what goes under the guard or into main, in order."""
        script = self.script
        begin = self._beginning()
        staying = self._commuting(begin)
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
            raise Left(moved[held_by[0]].line, "it stands between two guards: move it before them")
        if after and last_guarded >= 0:
            trailing = moved[last_guarded + 1 :]
            moved = moved[: last_guarded + 1]
            held_by = [number for number in held_by if number < last_guarded]
            for unit in trailing:
                if not script.is_preparation(unit):
                    self._note(unit.line, "it runs at import, after the guard: move it into main")
        if held_by:
            holder = moved[held_by[-1]]
            self.held = moved[: held_by[-1]]
            self._note_held(holder)
            moved = moved[held_by[-1] + 1 :]
        self._refuse_processes(moved)
        for unit in moved:
            if not unit.guard and (taken := unit.bound & self.imported):
                raise Left(unit.line, f"another file imports {min(taken)}: move that out of here")
        return moved

    def _refuse_processes(self, moved: list[Unit]) -> None:
        """Raise Left where processes import the module for what would no longer be there."""
        script = self.script
        modules = {one for statement in script.statements for one in imported_modules(statement)}
        if not any(one.startswith(PROCESSES) for one in modules):
            return
        used = script.used_by_definitions(script.units)
        for unit in moved:
            if not unit.guard and (names_used := unit.bound & used):
                raise Left(
                    unit.line,
                    f"processes that are started need {min(names_used)} when they import this: "
                    "hand it over to their functions",
                )

    def _note_held(self, holder: Unit) -> None:
        """Note what has to run at import, since something that stays at module level follows it."""
        script = self.script
        way = f"line {holder.line}, which has to run after it, is in the way"
        parsing = [unit for unit in self.held if script.parses(unit)]
        for unit in parsing:
            text = "the arguments are parsed at import: move this under the guard"
            self._note(unit.line, f"{text}; {way}")
        rest = [
            unit
            for unit in self.held
            if unit not in parsing
            and not script.is_preparation(unit)
            and not unit.mentioned & script.parsers
        ]
        for unit in rest[:1]:
            others = f", and {len(rest) - 1} more up to line {rest[-1].line}" if rest[1:] else ""
            self._note(unit.line, f"it runs at import{others}: move it into main; {way}")

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
            if all(map(script.is_inert, script.units[begin:])):
                return end
        return begin

    def _goes_along(self, unit: Unit) -> bool:
        if self.script.is_inert(unit):
            return not unit.is_string
        return all(
            isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) for one in unit.statements
        )

    def _commuting(self, begin: int) -> list[Unit]:
        """Return the inert statements at module level that may stay while what is before them
        leaves."""
        script = self.script
        every = script.units[begin:]
        reach = Reach(script.statements)
        numbers = {id(one): number for number, one in enumerate(script.statements)}
        counts = Counter(name for unit in script.units for name in unit.bound)
        eager = {
            unit: {name for one in unit.statements for name in eager_names(one)} for unit in every
        }
        used = script.used_by_definitions(every).union(
            *(eager[unit] for unit in every if unit.is_definition)
        )
        staying = {
            unit
            for unit in every
            if not unit.guard and script.is_inert(unit) and self._belongs(unit, used)
        }
        first = {
            name: number
            for number, one in reversed([*enumerate(script.units)])
            for name in one.bound
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

    def _note(self, line: int, text: str) -> None:
        self.notes.append(Note(line, text))

    def _note_functions(self, set_under_guard: set[str]) -> None:
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
                self._note(
                    line,
                    f"{what} reads the global `{name}`, which is set under the guard: pass it as a parameter",
                )

    # --- A new main --------------------------------------------------------------------------

    def _with_main(self) -> bytes:
        moved = list(self.moved)
        docstring = moved.pop(0) if len(moved) > 1 and moved[0].is_string else None
        if not moved:
            raise Left(1, "it has no logic under a guard or at module level to move into main")
        container, suite, after = self._suite(moved)
        count, parsed = self._split(suite)
        parsing, logic = suite[:count], suite[count:]
        if not logic:
            text = "the parsing cannot be told from the rest: give args = ... a line of its own"
            raise Left(moved[0].line, text)
        self.begins = logic[0].line
        if docstring is None and logic[0].is_string and len(logic) > 1:
            docstring, logic = logic[0], logic[1:]
        self._refuse(logic, parsed)
        for unit in after:
            self._note(unit.line, "it runs after main: move it into main")

        set_before = bound_by(parsing) | (_bound_by_with(container) if container else set())
        sure = (surely_bound(statements_of(parsing), self.script.known) or set()) | (
            set_before - bound_by(parsing)
        )
        taken, expression = self._handed(set_before, sure, parsing, logic, parsed)
        handed = set(taken) | ({"args"} if parsed.namespace else set())
        is_other = not parsed.mixed and not is_set_first("args", statements_of(logic))
        if "args" not in handed and is_other:
            line = next(unit.line for unit in logic if "args" in unit.mentioned)
            raise Left(line, "args is not what was parsed: give it another name")
        outside = self._outside(logic) - (handed - self._outside([*logic, *parsing]))
        kept = self._kept_global(logic, outside)
        kept |= set(taken) if self.by_name else set(taken) & self.functions_use
        self._refuse_global(logic, kept)
        self._note_functions(set_before - handed | ({"args"} & set_before))

        body: list[Node] = [docstring.node] if docstring else []
        body += [_statement(f"global {', '.join(sorted(kept))}")] if kept else []
        body += [_statement(f"{name} = {value}") for name, value in taken.items()]
        nodes = [self._at_home(unit) for unit in logic]
        if parsed.mixed:
            nodes[0], expression = self._without_parsing(logic[0])
        if not (kept and logic[0].is_definition):
            nodes = _first_without_blank_lines(nodes)
        body += nodes
        call = _statement(f"main({expression})")
        block = [*(self._at_home(unit) for unit in parsing), call]
        if container:
            whole = _with_suite(container.node, block)
            block = [whole if unit is container else self._at_home(unit) for unit in moved]
        footer = _footer_after(logic[-1], self.script, container)
        return self._assembled(block, self._main(body, footer), footer)

    def _suite(self, moved: list[Unit]) -> tuple[Unit | None, list[Unit], list[Unit]]:
        """Return the statement in whose block the parsing stands, that block, what runs after it.

        None and all statements, when the parsing stands among these, or nowhere.
        """
        for number, unit in enumerate(moved):
            if not self.script.parses(unit):
                continue
            [statement, *_] = unit.statements
            if isinstance(statement, (ast.Try, ast.With)) and isinstance(
                unit.node, (cst.Try, cst.With)
            ):
                inner = units(unit.node.body.body, statement.body)
                if any(map(self.script.parses, inner[:-1])):
                    return unit, inner, moved[number + 1 :]
            break
        return None, moved, []

    def _split(self, suite: list[Unit]) -> tuple[int, _Parsed]:
        """Return how many statements are the parsing and what precedes it, and what it gives."""
        script = self.script
        at = next((number for number, unit in enumerate(suite) if script.parses(unit)), None)
        if at is None:
            held = next(filter(script.parses, self.held), None)
            return self._split_argv(suite), _Parsed(self._namespace(held) if held else None)
        unit = suite[at]
        if len(unit.statements) == 1 and (mixed := self._mixed(unit.statements[0])):
            return at, _Parsed(mixed=mixed)
        last, parsing = at, unit
        for number, other in enumerate(suite[at + 1 : -1], at + 1):
            assigns = isinstance(other.statements[0], (ast.Assign, ast.AnnAssign))
            if script.parses(other) and assigns and len(other.statements) == 1:
                last, parsing = number, other
            elif other.mentioned & script.parsers and script.only_handles(other):
                last = number
            elif not (script.only_handles(other) and script.is_preparation(other)):
                break
        return last + 1, _Parsed(self._namespace(parsing))

    def _split_argv(self, suite: list[Unit]) -> int:
        """Return how many statements take sys.argv apart, and what precedes them."""
        script = self.script
        if not any(map(script.reads_argv, suite)):
            return 0
        last = 0
        for number, unit in enumerate(suite, 1):
            if not unit.is_import and not script.only_handles(unit):
                break
            if script.reads_argv(unit):
                last = number
        return last if last < len(suite) else 0

    def _namespace(self, unit: Unit) -> str | None:
        """Return the name that a parsing statement gives to argparse's result."""
        script = self.script
        if any(script.makes(one, "optparse.OptionParser") for one in script.units):
            return None
        for node in unit.walk():
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target, value = node.targets[0], node.value
            elif isinstance(node, ast.AnnAssign) and node.value:
                target, value = node.target, node.value
            else:
                continue
            if isinstance(target, ast.Tuple):
                target, first = target.elts[0], True
            else:
                first = isinstance(value, ast.Subscript) and ast.unparse(value.slice) == "0"
                value = value.value if isinstance(value, ast.Subscript) and first else value
            if isinstance(target, ast.Name) and script.returns_namespace(value, first=first):
                return target.id
        return None

    def _mixed(self, statement: ast.stmt) -> ast.Call | None:
        """Return the call that parses, when a statement does more with it than give it a name.

        Raises Left when something else is evaluated before it.
        """
        if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Raise)):
            return None
        value = statement.exc if isinstance(statement, ast.Raise) else statement.value
        while isinstance(value, (ast.Attribute, ast.Subscript)):
            value = value.value
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "vars":
            [value] = value.args
        if value is None or self.script.is_parse(value):
            return None
        while True:
            if not (isinstance(value, ast.Call) and value.args and is_dotted(value.func)):
                raise Left(statement.lineno, "give what is parsed a name first: args = ...")
            if self.script.is_parse(value.args[0]):
                found = value.args[0]
                assert isinstance(found, ast.Call)
                return found
            value = value.args[0]

    def _without_parsing(self, unit: Unit) -> tuple[cst.SimpleStatementLine, str]:
        """Return a statement with args in the place of the call that parses, and that call."""
        found: list[cst.Call] = []
        script = self.script

        class Replace(cst.CSTTransformer):
            def leave_Call(
                self, original_node: cst.Call, updated_node: cst.Call
            ) -> cst.BaseExpression:
                code = script.module.code_for_node(original_node)
                if not found and script.is_parse(parse_expression(code)):
                    found.append(original_node)
                    return cst.Name("args")
                return updated_node

        replaced = self._at_home(unit).visit(Replace())
        assert isinstance(replaced, cst.SimpleStatementLine)
        return replaced, script.module.code_for_node(found[0])

    def _refuse(self, logic: list[Unit], parsed: _Parsed) -> None:
        """Raise Left for what has another meaning in a function, note what tests cannot reach."""
        for unit in logic:
            for node in unit.walk():
                if isinstance(node, ast.AnnAssign) and not only_names_types(
                    node.annotation, self.script.statements, self.script.known
                ):
                    text = "a function does not evaluate this annotation: let it name types alone"
                    raise Left(node.lineno, text)
                if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                    raise Left(node.lineno, "a function cannot import *: name what it needs")
                if isinstance(node, ast.Name) and node.id in ("exec", "locals"):
                    raise Left(node.lineno, f"{node.id}() gives something else in a function")
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    called = node.func.id
                    if called in ("vars", "dir") and not node.args:
                        raise Left(node.lineno, f"{called}() gives something else in a function")
                    function = self.script.functions.get(called)
                    if function and parses_itself(function):
                        raise Left(
                            function.lineno,
                            f"{called} parses the arguments itself: let it take them as args, and "
                            "parse them under the guard",
                        )
            if self.script.reads_argv(unit):
                self._note(unit.line, "it reads sys.argv in main: hand over what it needs in args")
        if parsed.mixed and "args" in mentioned_by(logic):
            raise Left(logic[0].line, "give what is parsed a name first: args = ...")

    def _outside(self, inside: Iterable[Unit]) -> set[str]:
        """Return the module's names that are used outside of some statements."""
        nodes = set(map(id, statements_of(inside)))
        used = set(self.imported)
        for unit in self.script.units:
            if unit.is_definition and id(unit.statements[0]) not in nodes:
                used |= self.script.global_uses(unit) | unit.bound
            else:
                used |= {name for one in unit.statements for name in _names_outside(one, nodes)}
        return used

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

    def _handed(
        self,
        set_before: set[str],
        sure: set[str],
        parsing: list[Unit],
        logic: list[Unit],
        parsed: _Parsed,
    ) -> tuple[dict[str, str], str]:
        """Return what main takes over, expressions by name, and the argument of its call.

        `set_before` are the names that may be set by then, `sure` those of them that are.
        """
        namespace = parsed.namespace
        read = mentioned_by(logic)
        if parsed.mixed:
            read -= names(parsed.mixed)
        parsers = self.script.parsers
        needed = (set_before & (read | self.functions_use)) - {namespace}
        if namespace and not self.held and namespace not in sure:
            raise Left(logic[0].line, f"{namespace} may not be set by then: parse in one place")
        more = sorted((needed & sure) - parsers - {"self"}, key=lambda name: (name == "args", name))
        taken: dict[str, str] = {}
        if namespace and namespace != "args" and namespace in read | self.functions_use:
            taken[namespace] = "args"
        expression = namespace or namespace_of(None, ())
        if namespace and more and not self._may_be_copied(namespace, parsing, logic, set(more)):
            for name in more:
                self._note_unhanded(name, logic)
        elif more:
            taken |= {name: f"args.{name}" for name in more}
            expression = namespace_of(namespace, more)
        for name in sorted(needed - set(more)):
            self._note_unhanded(name, logic)
        return taken, expression

    def _note_unhanded(self, name: str, logic: list[Unit]) -> None:
        for unit in logic:
            if name in unit.mentioned:
                text = (
                    f"main reads `{name}`, which is set under the guard: pass it in the namespace"
                )
                self._note(unit.line, text)
                return

    def _may_be_copied(
        self, namespace: str, parsing: list[Unit], logic: list[Unit], added: set[str]
    ) -> bool:
        """Tell whether nobody could tell a namespace from a copy with more attributes."""
        return (
            namespace not in self.functions_use
            and is_plain_namespace(namespace, self.script.statements, self.script.known)
            and has_no_alias(statements_of(parsing), namespace)
            and is_only_read(statements_of(logic), namespace, added)
        )

    def _kept_global(self, logic: list[Unit], outside: set[str]) -> set[str]:
        """Return the names that the logic sets and that have to stay the module's.

        `outside` are the names that are used outside of main.
        """
        script = self.script
        bound = bound_by(logic)
        statements = statements_of(logic)
        kept = {
            name
            for name in bound
            if self.by_name
            or name in outside
            or (may_be_elsewhere(name, script.statements) and not is_set_first(name, statements))
        }
        for node in (node for one in statements for node in in_scope(one)):
            if isinstance(node, Definition):
                kept.add(node.name)  # keeps its qualified name, and can be pickled
            elif outlasts(node, script.known):
                kept |= bound_names(node)
        for node in (node for one in statements for node in ast.walk(one)):
            if isinstance(node, ast.Global):
                kept |= set(node.names) & bound
            elif isinstance(node, ast.ClassDef):
                kept |= bound_in(node.body) & bound & set().union(*map(names, node.body))
        return kept

    def _refuse_global(self, logic: list[Unit], kept: set[str]) -> None:
        if "args" in kept or ("args" in bound_by(logic) and "args" in self.functions_use):
            line = next((one.line for one in logic if "args" in one.mentioned), logic[0].line)
            raise Left(line, "args is set here and used elsewhere: give it another name")
        declared = {
            name: node.lineno
            for statement in self.script.statements
            for node in ast.walk(statement)
            if isinstance(node, ast.Global)
            for name in node.names
        }
        if "args" in declared and "args" in mentioned_by(logic):
            text = "args is set as a global here and used in main: give it another name"
            raise Left(declared["args"], text)
        for unit in logic:
            for node in unit.walk():
                if (
                    isinstance(node, ast.AnnAssign)
                    and isinstance(node.target, ast.Name)
                    and node.target.id in kept
                ):
                    raise Left(
                        node.lineno,
                        f"{node.target.id} is used outside of main: take its annotation away, "
                        "which Python does not allow for a global name",
                    )

    # --- The new source ----------------------------------------------------------------------

    def _main(self, body: list[Node], footer: Sequence[cst.EmptyLine]) -> cst.FunctionDef:
        main = _statement("def main(args: argparse.Namespace) -> None:\n    pass\n")
        assert isinstance(main, cst.FunctionDef)
        indent = None
        if self.script.guards and isinstance(self.script.guards[-1].body, cst.IndentedBlock):
            indent = self.script.guards[-1].body.indent
        return main.with_changes(body=cst.IndentedBlock(body, indent=indent, footer=footer))

    def _assembled(
        self, block: list[Node], main: cst.FunctionDef | None, footer: Sequence[cst.EmptyLine]
    ) -> bytes:
        """Return the module with a new main, and with the block under its one guard.

        `footer` are the comments that went from the guard's end to main's.
        """
        script = self.script
        ends = not script.guards or any(
            not unit.guard and script.number[unit] > self._last_guarded() for unit in self.moved
        )
        if script.else_line and (ends or len(script.guards) > 1):
            raise Left(script.else_line, "the guard's other branch is in the way: move it away")
        under = cst.IndentedBlock(_first_without_blank_lines(block))
        guard = _statement('if __name__ == "__main__":\n    pass\n')
        if script.guards:
            guard = script.guards[-1]
            if isinstance(guard.body, cst.IndentedBlock):
                under = guard.body.with_changes(
                    body=under.body, footer=() if footer else guard.body.footer
                )
        assert isinstance(guard, cst.If)
        tail = [*([main] if main else []), guard.with_changes(body=under)]
        moved = {id(unit.node) for unit in self.moved}
        body: list[Node] = []
        for node in script.module.body:
            assert isinstance(node, Node)
            if script.guards and node is script.guards[-1] and not ends:
                self._add(tail, body)
            elif id(node) not in moved and node not in script.guards:
                body.append(node)
        if ends:
            self._add(tail, body)
        if main is not None:
            self._add_argparse(body)
        return script.module.with_changes(body=body).bytes

    def _at_home(self, unit: Unit) -> Node:
        """Return a statement as it is to stand in another block, with what a guard that goes had
        around it."""
        moved = unit.node.visit(_Blank())
        assert isinstance(moved, Node)
        around = [
            line
            for guard in self.script.guards[:-1]
            for line in self.script.lines_around(guard, unit)
        ]
        lines = [*around, *moved.leading_lines]
        if not unit.guard:  # at module level, two blank lines part it from a definition
            lines = [
                line
                for number, line in enumerate(lines)
                if line.comment or not (number and lines[number - 1].comment is None)
            ]
        return moved.with_changes(leading_lines=lines)

    def _last_guarded(self) -> int:
        return max(number for unit, number in self.script.number.items() if unit.guard)

    def _add(self, tail: Sequence[Node], body: list[Node]) -> None:
        """Add main and the guard to the module, each after two blank lines."""
        *_, guard = tail
        lines = list(guard.leading_lines)
        # Comments that a blank line parts from the guard belong to what is before it.
        near = [number for number, line in enumerate(lines, 1) if line.comment is None]
        above, close = (lines[: near[-1]], lines[near[-1] :]) if near else ([], lines)
        while above and above[-1].comment is None:
            del above[-1]
        for node in tail:
            own = close if node is guard else []
            blank = [_BLANK] * 2 if body or above else []
            body.append(node.with_changes(leading_lines=[*above, *blank, *own]))
            above = []

    def _add_argparse(self, body: list[Node]) -> None:
        """Add `import argparse` to a module's statements, unless it is there."""
        staying = [unit for unit in self.script.units if unit.node in body]
        imported = any(
            alias.name == "argparse" and not alias.asname
            for unit in staying
            for statement in unit.statements
            if isinstance(statement, ast.Import)
            for alias in statement.names
        )
        if imported:
            return
        imports = [unit for unit in staying if unit.is_import and not _is_future(unit)]
        new = _statement("import argparse")
        if imports:
            first = imports[0]
            at = body.index(first.node)
            lines = list(first.node.leading_lines)
            blank = [lines.pop(0) for _ in _leading_blank(lines)]
            body[at] = first.node.with_changes(leading_lines=lines)
            body.insert(at, new.with_changes(leading_lines=blank))
            if not all(map(is_standard, imported_names(first.statements).values())):
                body[at + 1] = body[at + 1].with_changes(leading_lines=[_BLANK, *lines])
            return
        at = 0
        for unit in staying[:2]:
            if unit.is_string or _is_future(unit):
                at += 1
        body.insert(at, new.with_changes(leading_lines=[_BLANK] if at else []))
        if at + 1 < len(body):
            following = body[at + 1]
            compound = isinstance(following, cst.BaseCompoundStatement)
            lines = list(following.leading_lines)
            missing = [_BLANK] * max(0, 1 + compound - len(_leading_blank(lines)))
            body[at + 1] = following.with_changes(leading_lines=[*missing, *lines])


_BLANK = cst.EmptyLine(indent=False)


def _is_future(unit: Unit) -> bool:
    return getattr(unit.statements[0], "module", None) == "__future__"


def _bound_by_with(container: Unit) -> set[str]:
    """Return the names that a with statement gives to what it enters."""
    [statement, *_] = container.statements
    items = statement.items if isinstance(statement, ast.With) else []
    return {name for item in items for name in bound_names(item)}


class _Blank(cst.CSTTransformer):
    """Takes the indentation from blank lines."""

    def leave_EmptyLine(
        self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine
    ) -> cst.EmptyLine:
        if updated_node.comment or updated_node.whitespace.value:
            return updated_node
        return updated_node.with_changes(indent=False)


def _statement(text: str) -> Node:
    statement = cst.parse_statement(text)
    assert isinstance(statement, Node)
    return statement


def _leading_blank(lines: Iterable[cst.EmptyLine]) -> list[cst.EmptyLine]:
    return list(itertools.takewhile(lambda line: line.comment is None, lines))


def _first_without_blank_lines(nodes: Sequence[Node]) -> list[Node]:
    first, *rest = nodes
    lines = first.leading_lines[len(_leading_blank(first.leading_lines)) :]
    return [first.with_changes(leading_lines=lines), *rest]


def _with_suite(node: Node, block: Sequence[Node]) -> Node:
    """Return a try or with statement with another block."""
    assert isinstance(node, (cst.Try, cst.With))
    if isinstance(node.body, cst.IndentedBlock):
        return node.with_changes(body=node.body.with_changes(body=block, footer=()))
    return node.with_changes(body=cst.IndentedBlock(block))


def _footer_after(last: Unit, script: Script, container: Unit | None) -> Sequence[cst.EmptyLine]:
    """Return the comments at the end of the block that a unit is the last of."""
    for node in (container.node if container else None, *script.guards[-1:]):
        block = getattr(node, "body", None)
        if isinstance(block, cst.IndentedBlock) and block.body[-1] is last.node:
            return block.footer
    return ()


def _names_outside(node: ast.AST, inside: set[int]) -> set[str]:
    """Return the names that a statement uses or binds, but for the statements in it that are
    named by their ids."""
    if id(node) in inside:
        return set()
    found = {node.id} if isinstance(node, ast.Name) else set()
    if isinstance(node, Import):
        found |= bound_names(node)
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        found.add(node.name)
    return found.union(*(_names_outside(child, inside) for child in ast.iter_child_nodes(node)))
