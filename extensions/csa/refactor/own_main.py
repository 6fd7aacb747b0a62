"""A main of the script's own that becomes main(args): its logic stays where it is.

Its parsing goes under the guard, line by line, right before the call. What main needs of that, and
what it took as arguments, it gets as attributes of args.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from ..source.effects import definitely_assigned
from ..source.names import Definition, Function, in_scope, is_set_first
from ..source.namespaces import has_no_alias, is_plain_namespace, may_have_more, namespace_of
from .assembly import Assembly, first_without_blank_lines, statement
from .boundary import DECORATED, READS_ARGV, Note
from .handover import refuse_functions_that_parse
from .parsing import Parsed, namespace_from, split, suite_of
from .script import (
    CannotRefactor,
    Node,
    Script,
    Unit,
    as_line,
    bound_by,
    mentioned_by,
    statements_of,
    units,
)
from .signature import argument, as_main, namespace_with, takes_over

FIRST = "parse the arguments first in main, in lines of their own"
ONCE = "call main() in one place, under the guard"


@dataclass(frozen=True)
class _Handed:
    """How main gets what it needs: the argument of its call, and expressions by the name that main
    gives them at its beginning."""

    expression: str
    taken: Mapping[str, str]


def with_args(script: Script) -> tuple[bytes, list[Note]]:
    """Return the source of a script whose main takes args, and what a person has to do about it.

    Raises CannotRefactor where it has to stay as it is.
    """
    function = script.functions["main"]
    _refuse(function)
    main = next(unit for unit in script.units if function in unit.statements)
    assert isinstance(main.node, cst.FunctionDef)
    call = _call(script, function)
    if isinstance(function, ast.AsyncFunctionDef) and not _is_run(script, call):
        text = "main is async: call it under the guard with asyncio.run(main(args))"
        raise CannotRefactor(function.lineno, text)
    values = _values(function, call)
    if "self" in values:
        text = "a Namespace cannot take `self`: rename it"
        raise CannotRefactor(function.lineno, text)
    node = main.node
    body = units(node.body.body, function.body)
    inner = script.with_units(body)
    docstring = body[:1] if body[0].is_string else []
    parsing, logic, parsed = _split(inner, body[len(docstring) :])
    refuse_functions_that_parse(inner, logic)
    before = []
    if parsing or parsed.mixed:
        before = _assigned_before(script, values, call, mentioned_by(body))
        handed = _handed_with_parsing(inner, values, parsing, logic, parsed)
    else:
        handed = _handed(script, values, logic)

    assembly = Assembly(script, [])
    taken = takes_over(handed.taken, _types(script, function))
    rest: list[Node] = [as_line(unit.node) for unit in logic]
    moved = [as_line(unit.node) for unit in parsing]
    moved = [*map(statement, before), *(first_without_blank_lines(moved) if moved else [])]
    if parsed.mixed:
        rest[0], text = Assembly(inner, []).without_parsing(logic[0])
        moved.append(statement(f"args = {text}"))
    if not (docstring or taken):
        rest = first_without_blank_lines(rest)
    top = [*script.module.body]
    assembly.add_argparse(top)
    module = script.module.with_changes(body=top).visit(
        _Change(
            node,
            as_main(node, [*(as_line(unit.node) for unit in docstring), *taken, *rest]),
            moved,
            handed.expression,
        )
    )
    assert isinstance(module, cst.Module)
    notes = [Note(unit.line, READS_ARGV) for unit in logic if script.reads_argv(unit)]
    return module.bytes, notes


def _refuse(function: Function) -> None:
    """Raise CannotRefactor for a main that is not a plain function."""
    if function.decorator_list:
        raise CannotRefactor(function.decorator_list[0].lineno, DECORATED)
    for node in (node for inner in function.body for node in in_scope(inner)):
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            raise CannotRefactor(
                node.lineno, "main is a generator: make it a function that runs to its end"
            )


def _call(script: Script, function: Function) -> ast.Call:
    """Return the one call of main."""
    nodes = [node for inner in script.statements for node in ast.walk(inner)]
    uses = [node for node in nodes if isinstance(node, ast.Name) and node.id == "main"]
    if not uses:
        raise CannotRefactor(function.lineno, f"main is never called: {ONCE}")
    if len(uses) > 1:
        raise CannotRefactor(uses[1].lineno, f"this is a second use of main: {ONCE}")
    for node in nodes:
        if isinstance(node, ast.Call) and node.func is uses[0]:
            return node
    raise CannotRefactor(uses[0].lineno, f"main is used without being called: {ONCE}")


def _is_run(script: Script, call: ast.Call) -> bool:
    """Tell whether asyncio.run runs what a call returns."""
    return any(
        isinstance(node, ast.Call)
        and script.known.origin(node.func) == "asyncio.run"
        and node.args == [call]
        for statement in script.statements
        for node in ast.walk(statement)
    )


# --- What main gets ------------------------------------------------------------------------------


def _values(function: Function, call: ast.Call) -> dict[str, ast.expr]:
    """Return what main's parameters get, in the order in which that is evaluated.

    Raises CannotRefactor when that cannot be told.
    """
    arguments = function.args
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    by_name = {argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)}
    fixed, more = call.args[: len(positional)], call.args[len(positional) :]
    if any(isinstance(value, ast.Starred) for value in fixed) or any(
        word.arg is None for word in call.keywords
    ):
        raise CannotRefactor(
            call.lineno, "main is called with * or **: pass its arguments one by one"
        )
    misfit = CannotRefactor(call.lineno, "main is not called with the arguments that it takes")
    values = dict(zip(positional, fixed))
    if arguments.vararg:
        values[arguments.vararg.arg] = ast.Tuple(more, ast.Load())
    elif more:
        raise misfit
    for word in call.keywords:
        if word.arg not in by_name - values.keys():
            raise misfit
        values[word.arg] = word.value
    defaults: dict[str, ast.expr | None] = dict(
        zip(reversed(positional), reversed(arguments.defaults))
    )
    keywords = [argument.arg for argument in arguments.kwonlyargs]
    defaults |= dict(zip(keywords, arguments.kw_defaults, strict=True))
    for name in (*positional, *keywords):
        if name in values:
            continue
        default = defaults.get(name)
        if default is None:
            raise misfit
        if not isinstance(default, ast.Constant):
            text = f"the default of main's {name} is computed: pass the value in the call"
            raise CannotRefactor(function.lineno, text)
        values[name] = default
    if arguments.kwarg:
        values[arguments.kwarg.arg] = ast.Dict([], [])
    return values


def _types(script: Script, function: Function) -> dict[str, str]:
    """Return the annotations of main's parameters, as they stand behind a name."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return {
        argument.arg: f": {script.text_of(argument.annotation)}"
        for argument in plain
        if argument.annotation and argument.arg != "args"
    }


def _assigned_before(
    script: Script, values: Mapping[str, ast.expr], call: ast.Call, mentioned: set[str]
) -> list[str]:
    """Return assignments of what main gets, for its parsing, which no longer stands in main."""
    found: list[str] = []
    bound: set[str] = set()
    for name, value in values.items():
        read = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        if clash := bound & read:
            text = f"main gets {min(clash)} under another name: rename it"
            raise CannotRefactor(call.lineno, text)
        if (isinstance(value, ast.Name) and value.id == name) or (
            isinstance(value, ast.Constant) and name not in mentioned
        ):
            continue
        bound.add(name)
        found.append(f"{name} = {script.text_of(value)}")
    return found


def _handed(script: Script, values: Mapping[str, ast.expr], logic: Sequence[Unit]) -> _Handed:
    """Return how main gets its arguments, when all of its statements stay in it."""
    statements = statements_of(logic)
    read = {name for name in values if name in mentioned_by(logic)}
    read -= {name for name in values if is_set_first(name, statements)}
    namespaces = {namespace_from(script, unit) for unit in script.units if script.parses(unit)}
    of = {_owner(value) for value in values.values() if not isinstance(value, ast.Constant)}
    if len(of) == 1 and (namespace := min(of)) and namespace in namespaces:
        taken = {
            name: _renamed(script, value)
            for name, value in values.items()
            if name in read or isinstance(value, ast.Attribute)
        }
        return _Handed(namespace, taken)
    passed = {
        name: script.text_of(value)
        for name, value in values.items()
        if name in read or not isinstance(value, ast.Constant)
    }
    return _Handed(
        namespace_with(passed), {name: f"args.{name}" for name in passed if name in read}
    )


def _owner(value: ast.expr) -> str:
    """Return the name that an expression is, or is an attribute of; "" of any other."""
    owner = value.value if isinstance(value, ast.Attribute) else value
    return owner.id if isinstance(owner, ast.Name) else ""


def _renamed(script: Script, value: ast.expr) -> str:
    """Return a constant, a namespace or an attribute of it, with that called args."""
    if isinstance(value, ast.Attribute):
        return f"args.{value.attr}"
    return "args" if isinstance(value, ast.Name) else script.text_of(value)


def _handed_with_parsing(
    script: Script,
    values: Mapping[str, ast.expr],
    parsing: Sequence[Unit],
    logic: Sequence[Unit],
    parsed: Parsed,
) -> _Handed:
    """Return how main gets what its parsing made, which stands before the call."""
    statements = statements_of(logic)
    made = statements_of(parsing)
    namespace = "args" if parsed.mixed else parsed.namespace
    outside = {*values, *bound_by(parsing)}
    needed = {name for name in outside & mentioned_by(logic) if not is_set_first(name, statements)}
    sure = (definitely_assigned(made, script.known) or set()) | values.keys()
    line = logic[0].line
    if missing := needed - sure:
        text = f"{min(missing)} may not be set when the logic begins: set it in any case"
        raise CannotRefactor(line, text)
    more = sorted(needed - {namespace})
    taken = {name: f"args.{name}" for name in more}
    if namespace and not more:
        renamed = namespace in needed and namespace != "args"
        return _Handed(namespace, {namespace: "args"} if renamed else {})
    if (
        namespace
        and not {"self", "args"} & set(more)
        and is_plain_namespace(namespace, script.statements, script.known)
        and has_no_alias(made, namespace)
        and may_have_more(statements, namespace, set(more))
    ):
        first = {} if namespace == "args" else {namespace: "args"}
        return _Handed(namespace_of(namespace, more), {**first, **taken})
    if namespace:
        more, taken = sorted({*more, namespace}), {**taken, namespace: f"args.{namespace}"}
    return _Handed(namespace_with({name: name for name in more}), taken)


# --- What leaves main ----------------------------------------------------------------------------


def _split(script: Script, body: list[Unit]) -> tuple[list[Unit], list[Unit], Parsed]:
    """Return what is the parsing and what precedes it, the rest of main, and what the parsing gives.

    Declarations and definitions that the parsing does not need stay in main.
    """
    if not body:
        raise CannotRefactor(script.functions["main"].lineno, "main has no logic")
    container, _, _ = suite_of(script, body)
    if container:
        raise CannotRefactor(container.line, FIRST)
    count, parsed = split(script, body, [])
    returning = [
        number
        for number, unit in enumerate(body[:count])
        if any(isinstance(node, ast.Return) for node in unit.walk())
    ]
    if returning:
        last = max((n for n, unit in enumerate(body[:count]) if script.parses(unit)), default=-1)
        if parsed.mixed or returning[0] <= last:
            text = "main returns before all arguments are parsed: parse them first"
            raise CannotRefactor(body[returning[0]].line, text)
        count = returning[0] if last >= 0 else 0  # without a parser, it takes sys.argv apart
    if count == len(body):
        text = "the parsing and the logic share a line: put args = ... on a line of its own"
        raise CannotRefactor(body[0].line, text)
    stays = [unit for unit in body[:count] if _may_stay(script, unit, body[:count])]
    parsing = [unit for unit in body[:count] if unit not in stays]
    declared = {
        name
        for unit in body
        for node in unit.walk()
        if isinstance(node, ast.Global)
        for name in node.names
    }
    if clash := declared & bound_by(parsing):
        line = next(unit.line for unit in parsing if unit.bound & clash)
        text = f"the parsing sets the global `{min(clash)}`: pass it as a parameter instead"
        raise CannotRefactor(line, text)
    return parsing, [*stays, *body[count:]], parsed


def _may_stay(script: Script, unit: Unit, before: Sequence[Unit]) -> bool:
    """Tell whether a unit may stay in main while what follows it in a block leaves."""
    if all(isinstance(inner, (ast.Global, ast.Nonlocal)) for inner in unit.statements):
        return True
    if not unit.is_definition:
        return False
    if any(unit.bound & other.mentioned for other in before if other is not unit):
        [definition] = unit.statements
        assert isinstance(definition, Definition)
        text = f"the parsing needs {definition.name}, which is defined in main: move it out"
        raise CannotRefactor(unit.line, text)
    return True


# --- The new source ------------------------------------------------------------------------------


class _Change(cst.CSTTransformer):
    """Puts another main in the place of a script's, an expression into its call, and statements
    before what that stands in."""

    def __init__(
        self,
        main: cst.FunctionDef,
        changed: cst.FunctionDef,
        before: Sequence[Node],
        expression: str,
    ):
        super().__init__()
        self.main, self.changed, self.before = main, changed, before
        self.argument = argument(expression)
        self.called = False  # in the statement that is visited

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return node.body is not self.main.body

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        if original_node.body is not self.main.body:
            return updated_node
        return self.changed.with_changes(leading_lines=updated_node.leading_lines)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        called = original_node.func
        if not (isinstance(called, cst.Name) and called.value == "main"):
            return updated_node
        self.called = True
        return updated_node.with_changes(
            args=[self.argument], whitespace_before_args=cst.SimpleWhitespace("")
        )

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[Node]:
        if not self.called or not self.before:
            return updated_node
        self.called = False
        first, *rest = self.before
        lines = [*updated_node.leading_lines, *first.leading_lines]
        return cst.FlattenSentinel(
            [
                first.with_changes(leading_lines=lines),
                *rest,
                updated_node.with_changes(leading_lines=[]),
            ]
        )

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        if not self.called or not self.before:
            return updated_node
        self.called = False
        return cst.IndentedBlock([*self.before, cst.SimpleStatementLine(updated_node.body)])
