"""Blocks of statements in one form, however their author wrote it: what runs stays the same.

`if a: return` with something below it is as `if a: return` with that in its `else`.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence

Exits = Callable[[ast.stmt], bool]
"""Tells of a statement whether it is a call that never comes back, such as of sys.exit."""


class Give(ast.stmt):
    """A `return` with nothing after it, where falling off the end of the function does the same."""

    _fields = ("value",)
    value: ast.expr | None


def falls(block: Sequence[ast.stmt], exits: Exits) -> bool:
    """Tell whether a block may run to its end."""
    return all(_falls(statement, exits) for statement in block)


def _falls(statement: ast.stmt, exits: Exits) -> bool:
    if isinstance(statement, (ast.Return, ast.Raise, ast.Break, ast.Continue)):
        return False
    if isinstance(statement, ast.If):
        return falls(statement.body, exits) or falls(statement.orelse, exits)
    if isinstance(statement, (ast.Try, ast.TryStar)):
        ways = [
            [*statement.body, *statement.orelse],
            *(handler.body for handler in statement.handlers),
        ]
        return falls(statement.finalbody, exits) and any(falls(way, exits) for way in ways)
    if isinstance(statement, ast.While) and is_endless(statement):
        return any(isinstance(node, ast.Break) for node in _of_loop(statement.body))
    return not exits(statement)


def is_endless(loop: ast.While) -> bool:
    """Tell whether nothing but `break` and the like ends a loop."""
    return isinstance(loop.test, ast.Constant) and bool(loop.test.value)


def _of_loop(block: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a loop's body, but not those of loops and functions in it."""
    for statement in block:
        yield statement
        if isinstance(
            statement,
            (ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
        ):
            yield from _of_loop(getattr(statement, "orelse", []))
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _of_loop(getattr(statement, name, []))
        for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            yield from _of_loop(part.body)


def without_not(test: ast.expr) -> tuple[ast.expr, bool]:
    """Return a test without `not`, and whether it is the contrary then."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner, is_negated = without_not(test.operand)
        return inner, not is_negated
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        contrary = {ast.NotIn: ast.In, ast.IsNot: ast.Is}.get(type(test.ops[0]))
        if contrary:
            positive = ast.Compare(test.left, [contrary()], test.comparators)
            return ast.copy_location(positive, test), True
    return test, False


def tidied(block: Sequence[ast.stmt], end: type[ast.stmt] | None, exits: Exits) -> list[ast.stmt]:
    """Return a block in its one form, the blocks in it, too, but not those of loops.

    `end` is Return for a function's body, Continue for that of a loop: at the block's end such a
    statement changes nothing.
    """
    found: list[ast.stmt] = []
    rest = list(block)
    while rest:
        statement = rest.pop(0)
        if end and isinstance(statement, end):
            if isinstance(statement, ast.Return):
                give = ast.copy_location(Give(), statement)
                give.value = statement.value
                found.append(give)
            break
        statement, rest = _with_rest(statement, rest, exits)
        found.append(_inside(statement, None if rest else end, exits))
        if not _falls(statement, exits):
            break
    return found


def _with_rest(
    statement: ast.stmt, rest: list[ast.stmt], exits: Exits
) -> tuple[ast.stmt, list[ast.stmt]]:
    """Move what follows a statement into the one branch that goes on; return it and what is left."""
    if isinstance(statement, (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)):
        statement = copy.copy(statement)
    if isinstance(statement, ast.If):
        statement.test, is_negated = without_not(statement.test)
        if is_negated:
            statement.body, statement.orelse = statement.orelse, statement.body
        then, other = falls(statement.body, exits), falls(statement.orelse, exits)
        if rest and then and not other:
            statement.body = [*statement.body, *rest]
            return statement, []
        if rest and other and not then:
            statement.orelse = [*statement.orelse, *rest]
            return statement, []
    elif (
        rest
        and isinstance(statement, (ast.Try, ast.TryStar))
        and not statement.finalbody
        and statement.handlers
        and not any(falls(handler.body, exits) for handler in statement.handlers)
        and falls([*statement.body, *statement.orelse], exits)
    ):
        statement.orelse = [*statement.orelse, *rest]
        return statement, []
    return statement, rest


def _inside(statement: ast.stmt, end: type[ast.stmt] | None, exits: Exits) -> ast.stmt:
    """Return a statement with its blocks tidied."""
    if isinstance(statement, ast.If):
        statement.body = tidied(statement.body, end, exits)
        statement.orelse = tidied(statement.orelse, end, exits)
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        statement.body = tidied(statement.body, end, exits)
    elif isinstance(statement, (ast.Try, ast.TryStar)):
        statement.body = tidied(statement.body, None if statement.orelse else end, exits)
        statement.orelse = tidied(statement.orelse, end, exits)
        statement.finalbody = tidied(statement.finalbody, None, exits)
        statement.handlers = [copy.copy(handler) for handler in statement.handlers]
        for handler in statement.handlers:
            handler.body = tidied(handler.body, end, exits)
    elif isinstance(statement, ast.Match):
        statement.cases = [copy.copy(case) for case in statement.cases]
        for case in statement.cases:
            case.body = tidied(case.body, end, exits)
    return statement
