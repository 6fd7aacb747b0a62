"""Where the parsing of a script ends, and what it gives."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import libcst as cst

from ..source.names import dotted_name
from .script import CannotRefactor, Script, Unit, units


@dataclass(frozen=True)
class Parsed:
    """How the logic gets at what was parsed.

    `namespace` is the name of the parser's result, None when there is none; `mixed` the call that
    parses, when it stands in a statement of the logic.
    """

    namespace: str | None = None
    mixed: ast.Call | None = None


def suite_of(script: Script, moved: list[Unit]) -> tuple[Unit | None, list[Unit], list[Unit]]:
    """Return the statement in whose block the parsing stands, that block, what runs after it.

    None and all statements, when the parsing stands among these, or nowhere.
    """
    for number, unit in enumerate(moved):
        if not script.parses(unit):
            continue
        [statement, *_] = unit.statements
        if isinstance(statement, (ast.Try, ast.With)) and isinstance(
            unit.node, (cst.Try, cst.With)
        ):
            inner = units(unit.node.body.body, statement.body)
            if any(map(script.parses, inner[:-1])):
                return unit, inner, moved[number + 1 :]
        break
    return None, moved, []


def split(script: Script, suite: list[Unit], held: list[Unit]) -> tuple[int, Parsed]:
    """Return how many statements are the parsing and what precedes it, and what it gives."""
    at = next((number for number, unit in enumerate(suite) if script.parses(unit)), None)
    if at is None:
        parsed = next(filter(script.parses, held), None)
        return _split_argv(script, suite), Parsed(
            namespace_from(script, parsed) if parsed else None
        )
    unit = suite[at]
    if len(unit.statements) == 1 and (mixed := _mixed(script, unit.statements[0])):
        return at, Parsed(mixed=mixed)
    last, parsing = at, unit
    for number, other in enumerate(suite[at + 1 : -1], at + 1):
        assigns = isinstance(other.statements[0], (ast.Assign, ast.AnnAssign))
        if script.parses(other) and assigns and len(other.statements) == 1:
            last, parsing = number, other
        elif other.mentioned & script.parsers and script.only_handles(other):
            last = number
        elif not (script.only_handles(other) and script.is_preparation(other)):
            break
    return last + 1, Parsed(namespace_from(script, parsing))


def _split_argv(script: Script, suite: list[Unit]) -> int:
    """Return how many statements take sys.argv apart, and what precedes them."""
    if not any(map(script.reads_argv, suite)):
        return 0
    last = 0
    for number, unit in enumerate(suite, 1):
        if not unit.is_import and not script.only_handles(unit):
            break
        if script.reads_argv(unit):
            last = number
    return last if last < len(suite) else 0


def namespace_from(script: Script, unit: Unit) -> str | None:
    """Return the name that a parsing statement gives to argparse's result."""
    if any(script.makes(unit, "optparse.OptionParser") for unit in script.units):
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


def _mixed(script: Script, statement: ast.stmt) -> ast.Call | None:
    """Return the call that parses, when a statement does more with it than give it a name.

    Raises CannotRefactor when something else is evaluated before it.
    """
    if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Raise, ast.Return)):
        return None
    value = statement.exc if isinstance(statement, ast.Raise) else statement.value
    while isinstance(value, (ast.Attribute, ast.Subscript)):
        value = value.value
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "vars":
        [value] = value.args
    if value is None or script.is_parse(value):
        return None
    while True:
        if not (isinstance(value, ast.Call) and value.args and dotted_name(value.func)):
            raise CannotRefactor(
                statement.lineno, "assign the parsed arguments to a name first: args = ..."
            )
        if script.is_parse(value.args[0]):
            found = value.args[0]
            assert isinstance(found, ast.Call)
            return found
        value = value.args[0]
