"""The proof that a main of the script's own does as main(args) what it did.

It takes the old and the new source and finds out by itself what was moved, with nothing of what
moved it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence

from ..source.effects import (
    ModuleNames,
    definitely_assigned,
)
from ..source.names import (
    Definition,
    bound_in,
    deleted_names,
    in_scope,
    is_set_first,
    names,
)
from ..source.namespaces import has_no_alias, is_plain_namespace, may_have_more, namespace_of
from .own_main_change import Main, Moved, is_name, is_text, trees_of, values_of, without_new_import
from .own_main_names import Scope, may_stand_outside, same_names, same_types, sets_args_first
from .proof import Unproven, executed, tokens_of


def prove_own_main(old: bytes, new: bytes) -> None:
    """Raise Unproven unless `new` does what `old` did, each with a main of its own.

    In `old`, that takes any arguments; in `new` it is main(args), and statements that it began with
    may stand before its call.

    Not compared: what `prove` does not compare either.
    """
    before, after = trees_of(old, new)
    without_new_import(before, after)
    was, now = Main.of(before), Main.of(after)
    if ast.unparse(now.function.args) != "args: argparse.Namespace":
        raise Unproven("main is not main(args)")
    statements, runs = executed(before), executed(after)
    known = ModuleNames.of(statements)
    values = values_of(was)
    moved = Moved.of(was, now, values, statements)
    _same_elsewhere(was, now, len(moved.assigned) + len(moved.parsing))
    same_types(was, statements, known)
    scope = Scope(old, was.function)
    same_names(before, was.function, scope, statements, known)
    if "argparse" in scope.own & names(now.call):
        raise Unproven("argparse also means something else")
    if moved.leaves:
        may_stand_outside(was, moved, scope, statements, known)
    if moved.leaves and isinstance(was.function, ast.AsyncFunctionDef):
        _needs_no_loop(moved.parsing, statements, known)
    given = _given(now, moved, values, runs)
    _takes_over(moved, given, values, scope, known)
    _no_token_lost(old, new, was)


def _needs_no_loop(
    moved: Sequence[ast.stmt], statements: Sequence[ast.stmt], known: ModuleNames
) -> None:
    """Raise Unproven when what runs before asyncio's event loop now may ask for it."""
    own = {found.name: found for found in statements if isinstance(found, Definition)}
    used: list[ast.stmt] = [*moved]
    for statement in used:  # which grows
        used += [own.pop(name) for name in names(statement) & own.keys()]
        for node in ast.walk(statement):
            dotted = known.origin(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
            if dotted and dotted.split(".")[0] == "asyncio":
                raise Unproven("the parsing uses asyncio, whose event loop would not run yet")


# --- All else is the same ------------------------------------------------------------------------


def _same_elsewhere(was: Main, now: Main, moved: int) -> None:
    """Raise Unproven unless all but main, its call and what moved before that is the same."""
    if was.docstring and ast.dump(was.docstring[0]) != ast.dump(now.function.body[0]):
        raise Unproven("main would have another docstring")
    if not was.docstring and is_text(now.function.body[0]):
        raise Unproven("main would have a docstring")
    gives = any(
        isinstance(node, ast.Return) and node.value
        for statement in was.function.body
        for node in in_scope(statement)
    )
    returns = was.function.returns
    if (
        returns is None
        and now.function.returns
        and (gives or ast.unparse(now.function.returns) != "None")
    ):
        raise Unproven("main would have another return annotation")
    if returns is not None and (
        now.function.returns is None or ast.dump(returns) != ast.dump(now.function.returns)
    ):
        raise Unproven("main would have another return annotation")
    block, number = now.blocks[-1]
    rest = [*block[: number - moved], *block[number:]]
    block[:] = rest
    dumps = []
    for main in (was, now):
        function, call = main.function, main.call
        kept = function.args, function.body, function.returns, call.args, call.keywords
        function.args, function.body, function.returns = _NOTHING, [ast.Pass()], None
        call.args, call.keywords = [], []
        dumps.append(ast.dump(main.tree))
        function.args, function.body, function.returns, call.args, call.keywords = kept
    if dumps[0] != dumps[1]:
        raise Unproven("code besides main would change")


_NOTHING = ast.arguments([], [], None, [], [], None, [])


# --- Main gets what it had -----------------------------------------------------------------------


def _given(
    now: Main,
    moved: Moved,
    values: Mapping[str, ast.expr],
    runs: Sequence[ast.stmt],
) -> dict[str, ast.expr]:
    """Return the expressions outside of main that args and its attributes are, by their names.

    That of args itself has no name. Raises Unproven where the call does not say so.
    """
    if len(now.call.args) != 1 or now.call.keywords:
        raise Unproven("main does not get one argument")
    [argument] = now.call.args
    rest = {} if moved.leaves else dict(values)
    if isinstance(argument, ast.Name):
        if any(
            not isinstance(value, ast.Constant)
            and not is_name(value, argument.id)
            and not (isinstance(value, ast.Attribute) and is_name(value.value, argument.id))
            for value in rest.values()
        ):
            raise Unproven("what main gets would not be evaluated")
        read = [name for name, value in rest.items() if isinstance(value, ast.Attribute)]
        taken = [name for name, value in moved.taken.items() if isinstance(value, ast.Attribute)]
        plain = is_plain_namespace(argument.id, runs, ModuleNames.of(runs))
        if rest and read != taken and not (plain and {*read} == {*taken}):
            raise Unproven("what main gets would be evaluated in another order")
        return {"": argument}
    if not isinstance(argument, ast.Call) or ast.unparse(argument.func) != "argparse.Namespace":
        raise Unproven("main gets something new")
    if argument.args:
        raise Unproven("main gets something new")
    if len(argument.keywords) == 1 and argument.keywords[0].arg is None:
        return _copied(moved, argument, runs, ModuleNames.of(runs))
    given: dict[str, ast.expr] = {}
    for word in argument.keywords:
        if word.arg is None or word.arg in given:
            raise Unproven("main gets something new")
        given[word.arg] = word.value
    # What has to be evaluated is, in its order; with parsing before it, names alone.
    inert = (ast.Constant, ast.Name) if moved.leaves else ast.Constant
    evaluated, kept = (
        [(name, ast.dump(value)) for name, value in some.items() if not isinstance(value, inert)]
        for some in (rest, given)
    )
    if evaluated != kept:
        raise Unproven("what main gets would be evaluated in another way")
    return given


def _copied(
    moved: Moved, argument: ast.Call, runs: Sequence[ast.stmt], known: ModuleNames
) -> dict[str, ast.expr]:
    """Return what a copy of a namespace has besides: names, each under its own name."""
    [word] = argument.keywords
    nodes = [node for node in ast.walk(word.value) if isinstance(node, ast.Call)]
    whole = nodes[0].args[0] if nodes and len(nodes[0].args) == 1 else None
    keys = [
        key.value
        for node in ast.walk(word.value)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]
    if not isinstance(whole, ast.Name) or not moved.parsing:
        raise Unproven("main gets something new")
    if ast.dump(ast.parse(namespace_of(whole.id, map(str, keys)), mode="eval").body) != ast.dump(
        argument
    ):
        raise Unproven("main gets something new")
    if not is_plain_namespace(whole.id, runs, known):
        raise Unproven(f"{whole.id} may not be a plain Namespace")
    if not has_no_alias(moved.parsing, whole.id):
        raise Unproven(f"{whole.id} has another name")
    if not may_have_more(moved.logic, whole.id, {*map(str, keys)}):
        raise Unproven(f"{whole.id} is used as a whole")
    given: dict[str, ast.expr] = {str(key): ast.Name(str(key), ast.Load()) for key in keys}
    return {"": whole, **given}


def _takes_over(
    moved: Moved,
    given: Mapping[str, ast.expr],
    values: Mapping[str, ast.expr],
    scope: Scope,
    known: ModuleNames,
) -> None:
    """Raise Unproven unless main's variables have the values that they had when its logic began."""
    had: dict[str, ast.expr] = {}
    outside = moved.leaves
    for name in {*values, *moved.outside}:
        had[name] = ast.Name(name, ast.Load()) if outside else values[name]
    if outside:
        for name, value in values.items():
            if name not in moved.assigned and isinstance(value, ast.Constant):
                had[name] = value
    has: dict[str, ast.expr] = {}
    for name, value in moved.taken.items():
        has[name] = _outside(value, given)
    if "" in given and "args" not in has:
        has["args"] = given[""]
    set_before = definitely_assigned(moved.parsing, known) or set()
    set_before |= moved.passed_on | moved.assigned.keys()
    if not outside:
        set_before = {node.id for value in values.values() for node in _names_first(value)}
    for value in given.values():
        if isinstance(value, ast.Name) and value.id not in set_before:
            raise Unproven(f"{value.id} may not be set when main is called")
    used = {
        name for statement in moved.logic for name in names(statement) | bound_in([statement])
    } | {name for statement in moved.logic for name in deleted_names(statement)}
    for name in sorted((used & had.keys()) | moved.taken.keys()):
        if name not in moved.taken and is_set_first(name, moved.logic):
            continue
        if name not in had:
            raise Unproven(f"{name} would be main's")
        if name not in has or ast.dump(has[name]) != ast.dump(had[name]):
            raise Unproven(f"main does not take over {name}")
    if "args" not in had:
        sets_args_first(moved.logic, scope)


def _names_first(value: ast.expr) -> list[ast.Name]:
    """Return the name that an expression is, or is an attribute of, if any."""
    owner = value.value if isinstance(value, ast.Attribute) else value
    return [owner] if isinstance(owner, ast.Name) else []


def _outside(value: ast.expr, given: Mapping[str, ast.expr]) -> ast.expr:
    """Return the expression outside of main that has the value of one that begins with args."""
    if isinstance(value, ast.Constant):
        return value
    if isinstance(value, ast.Attribute):
        if value.attr in given:
            return given[value.attr]
        if "" in given and isinstance(given[""], ast.Name):
            return ast.Attribute(given[""], value.attr, ast.Load())
    elif "" in given:
        return given[""]
    raise Unproven("main would read an attribute of args that its call does not set")


def _no_token_lost(old: bytes, new: bytes, was: Main) -> None:
    """Raise Unproven when a token or a comment is missing that is not of main's parameters or of
    what its call gave them."""
    call = was.call
    given = [*call.args, *(word.value for word in call.keywords)]
    words = [f"{word.arg} =" for word in call.keywords]
    texts = [ast.unparse(was.function.args), *map(ast.unparse, given), *words]
    lost: Counter[str] = tokens_of(old) - tokens_of(new)
    lost -= tokens_of(" ".join(texts).encode())
    for token in (",", "(", ")", ":"):
        del lost[token]
    if lost:
        raise Unproven(f"{next(iter(lost))!r} was lost")
