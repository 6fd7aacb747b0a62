"""The proof that main(args) begins with statements that ran at module level before it was called."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..source.effects import ModuleNames
from ..source.names import Definition, Import, bound_in, is_guard, names
from ..source.syntax import scopes
from .own_main_change import Main, is_evaluated_first, trees_of
from .proof import Unproven, executed, otherwise, same_in_function, same_order, tokens_of


def prove_at_start(old: bytes, new: bytes) -> None:
    """Raise Unproven unless `new` is `old` with statements of the module's at the start of main.

    They set the same variables, of the module, and nothing that anybody could notice ran between
    them and the call of main.
    """
    before, after = trees_of(old, new)
    was, now = Main.of(before), Main.of(after)
    if isinstance(was.function, ast.AsyncFunctionDef):
        raise Unproven("there is no event loop yet when the module is imported")
    statements = executed(before)
    moved = _taken_out(was, now)
    if otherwise(before) != otherwise(after) or ast.get_docstring(before) != ast.get_docstring(
        after
    ):
        raise Unproven("other code would change")
    runs = [was.function if node is now.function else node for node in executed(after)]
    at = _place(now, ModuleNames.of(statements), bound_in(moved))
    same_order(statements, [*runs[:at], *moved, *runs[at:]])
    _same_variables(old, new, moved, ModuleNames.of(statements))
    if lost := tokens_of(old) - tokens_of(new):
        raise Unproven(f"{next(iter(lost))!r} was lost")


def _taken_out(was: Main, now: Main) -> list[ast.stmt]:
    """Return what main begins with besides, and take it out of there."""
    body = now.body
    count = len(body) - len(was.body)
    kept: set[str] = set()
    if body and isinstance(body[0], ast.Global):
        [declared, *body] = body
        kept = {*declared.names}  # type: ignore[attr-defined]
    rest = was.body
    if rest and isinstance(rest[0], ast.Global):
        kept, rest = kept - {*rest[0].names}, rest[1:]
    elif kept:
        count -= 1
    moved, body = body[: max(count, 0)], body[max(count, 0) :]
    if not moved or [*map(ast.dump, body)] != [*map(ast.dump, rest)]:
        raise Unproven("main would do something else")
    if kept - bound_in(moved):
        raise Unproven("another name would be the module's")
    docstrings = [[*map(ast.dump, main.docstring)] for main in (was, now)]
    now.function.body = was.function.body
    if docstrings[0] != docstrings[1] or ast.dump(was.function) != ast.dump(now.function):
        raise Unproven("main's signature or docstring would change")
    return moved


def _place(now: Main, known: ModuleNames, bound: set[str]) -> int:
    """Return the number of the statement that calls main, before which its first statements run."""
    *outer, (block, number) = now.blocks
    if outer and not (len(outer) == 1 and _is_guard(outer[0])):
        raise Unproven("main is called within another statement")
    call = now.call
    given = [*call.args, *(word.value for word in call.keywords)]
    if len(given) == 1 and isinstance(given[0], ast.Call):
        if known.fixed_origin(given[0].func) != "argparse.Namespace" or given[0].args:
            raise Unproven("what main gets may do something")
        given = [word.value for word in given[0].keywords]
    if not all(isinstance(value, (ast.Name, ast.Constant)) for value in given):
        raise Unproven("what main gets may do something")
    if not is_evaluated_first(now.caller, call, known):
        raise Unproven("main is not what its line begins with")
    if names(now.caller) & bound:
        raise Unproven("what main gets would be evaluated earlier")
    return executed(now.tree).index(block[number])


def _is_guard(place: tuple[list[ast.stmt], int]) -> bool:
    block, number = place
    statement = block[number]
    return isinstance(statement, ast.If) and is_guard(statement)


def _same_variables(old: bytes, new: bytes, moved: Sequence[ast.stmt], known: ModuleNames) -> None:
    """Raise Unproven where a name of the statements is not the module's variable, or where main had
    one of its own by that name."""
    for source in (old, new):
        [table] = [
            child
            for child in scopes(source).get_children()
            if child.get_name() == "main" and child.get_type() == "function"
        ]
        own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_local()}
        used = (
            bound_in(moved) if source is old else set().union(*map(names, moved)) | bound_in(moved)
        )
        if shared := own & used:
            raise Unproven(f"{min(shared)} would become two variables")
    for node in (node for statement in moved for node in ast.walk(statement)):
        if isinstance(node, (Definition, Import, ast.AnnAssign)):
            raise Unproven(f"line {node.lineno} means something else in a function")
        same_in_function(node, set(), known)
