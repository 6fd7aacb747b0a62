"""The proof that a main's statements do in the place of its call what they did in main, and back.

Of the inlining it shares nothing but the name of what stands for `return`.
"""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterable, Iterator

from ..source.effects import ModuleNames, definitely_assigned, only_names_types
from ..source.look_ups import finds_by_name, inspects_namespace, named_in_texts, stack_level
from ..source.names import Definition, bound_in, global_names, in_scope, is_guard, is_set_first
from ..source.syntax import NotPython, parse, scopes
from .inlining import RETURNS
from .proof import Unproven, executed, tokens_of

_EXITS = ("sys.exit", "exit", "quit", "SystemExit")


def prove_inlined(old: bytes, inlined: bytes, refactored: bytes, new: bytes) -> None:
    """Raise Unproven unless `new` does what `old` did, given that `refactored` does what `inlined`
    does.

    `old` has a main, `inlined` its statements in the place of the call, `refactored` is what
    became of that, and `new` the same with what only a function has.

    Not compared: whether a name that is not set is an UnboundLocalError, how long main's variables
    live, and what other processes find that import the module.
    """
    try:
        before, flat = parse(old, compiles=True), parse(inlined)
        after, result = parse(refactored), parse(new, compiles=True)
    except NotPython as error:
        raise Unproven(f"it would not compile: {error}") from error
    main, call = _plain_main_and_call(before)
    expected = _flattened(before, main, call)
    if _dumps(executed(flat)) != _dumps(expected):
        raise Unproven("main's statements are not those in the place of its call")
    _same_variables(old, before, main, _given(main, call)[1])
    _same_function(before, main, call, after, result)
    lost = tokens_of(old) - tokens_of(new)
    lost -= tokens_of(_signature(main, call))
    # Several guards become one, and lists of parameters go; the trees are compared anyway.
    for token in ("if", "__name__", "==", "'__main__'", '"__main__"', ":", ",", "(", ")"):
        del lost[token]
    if lost:
        raise Unproven(f"{next(iter(lost))!r} was lost")


def _dumps(statements: Iterable[ast.stmt]) -> list[str]:
    return [ast.dump(statement) for statement in statements]


def _plain_main_and_call(tree: ast.Module) -> tuple[ast.FunctionDef, ast.Call]:
    """Return the one main of a module and its one call, if its statements may stand elsewhere."""
    main, call = _main_and_call(tree)
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "main"]
    if len(uses) != 1:
        raise Unproven("main is not called once")
    if any(isinstance(node, ast.Constant) and node.value == "main" for node in ast.walk(tree)):
        raise Unproven("main is named in a text, by which it may be found")
    if main.decorator_list or main.args.vararg or main.args.kwarg:
        raise Unproven("main is no plain function")
    for node in (node for statement in main.body for node in in_scope(statement)):
        if isinstance(node, (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, Definition)):
            raise Unproven(f"line {node.lineno} means something else outside of main")
    return main, call


def _is_call(statement: ast.stmt, call: ast.Call) -> bool:
    """Tell whether a statement does nothing but the call, or exits with its result."""
    if isinstance(statement, ast.Expr):
        value: ast.expr | None = statement.value
    else:
        value = statement.exc if isinstance(statement, ast.Raise) else None
    if value is not call and isinstance(value, ast.Call) and ast.unparse(value.func) in _EXITS:
        value = value.args[0] if len(value.args) == 1 and not value.keywords else None
    return value is call


def _flattened(tree: ast.Module, main: ast.FunctionDef, call: ast.Call) -> list[ast.stmt]:
    """Return what runs, with main's statements in the place of its call."""
    known = ModuleNames.of(executed(tree))
    assigned, passed = _given(main, call)
    body = [*assigned, *map(_with_calls, main.body)]
    leaves = any(isinstance(node, ast.Return) for node in ast.walk(main))
    seen = after = False

    def flattened(block: list[ast.stmt], ran: list[ast.stmt]) -> list[ast.stmt]:
        nonlocal seen, after, leaves
        found: list[ast.stmt] = []
        for statement in block:
            after |= seen
            if _is_call(statement, call):
                seen = True
                sure = definitely_assigned([*ran, *found], known) or set()
                if missing := passed - sure:
                    raise Unproven(f"{min(missing)} may not be set when main is called")
                found += body
                leaves |= not isinstance(statement, ast.Expr) or statement.value is not call
            elif statement is main:
                if seen:
                    raise Unproven("main is called before it is there")
            elif isinstance(statement, (ast.Try, ast.With)):
                inner = copy.copy(statement)
                inner.body = flattened(statement.body, [*ran, *found])
                after |= seen and bool(getattr(statement, "orelse", None))
                found.append(inner)
            else:
                found.append(statement)
        return found

    found: list[ast.stmt] = []
    for statement in tree.body:
        guarded = isinstance(statement, ast.If) and is_guard(statement)
        found += flattened(statement.body if guarded else [statement], found)  # type: ignore[attr-defined]
    if not seen:
        raise Unproven("main is called within another statement")
    if leaves and after:
        raise Unproven("something runs after main, which may be left before its end")
    return found


def _given(main: ast.FunctionDef, call: ast.Call) -> tuple[list[ast.stmt], set[str]]:
    """Return main's parameters as assignments of what the call gives them, and those that are
    called so before, too."""
    arguments = main.args
    positional = [*arguments.posonlyargs, *arguments.args]
    values: dict[str, ast.expr | None] = {}
    for argument in positional:
        values[argument.arg] = None
    for argument, default in zip(reversed(positional), reversed(arguments.defaults)):
        values[argument.arg] = default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        values[argument.arg] = keyword_default
    defaults = [value for value in values.values() if value]
    if not all(isinstance(value, ast.Constant) for value in defaults):
        raise Unproven("a default of main's is worked out")
    if len(call.args) > len(positional):
        raise Unproven("main gets more than it takes")
    for argument, passed in zip(positional, call.args):
        values[argument.arg] = passed
    for keyword in call.keywords:
        if keyword.arg not in values:
            raise Unproven("main gets what it does not take")
        values[keyword.arg] = keyword.value
    found: list[ast.stmt] = []
    bound: set[str] = set()
    passed_on: set[str] = set()
    # As they are evaluated: in the order of the call.
    called = [*(argument.arg for argument, _ in zip(positional, call.args))]
    called += [keyword.arg for keyword in call.keywords if keyword.arg]
    for name in dict.fromkeys([*called, *values]):
        value = values[name]
        if value is None or isinstance(value, ast.Starred):
            raise Unproven(f"main does not get {name}")
        if isinstance(value, ast.Name) and value.id == name:
            passed_on.add(name)
            continue
        used = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        if bound & used:
            raise Unproven(f"{min(bound & used)} would be set before it is read")
        bound.add(name)
        text = f"{name} = {ast.unparse(value)}"
        found += ast.parse(text).body
    return found, passed_on


class _Calls(ast.NodeTransformer):
    def visit_Return(self, node: ast.Return) -> ast.Expr:
        arguments = [node.value] if node.value else []
        return ast.Expr(ast.Call(ast.Name(RETURNS, ast.Load()), arguments, []))


def _with_calls(statement: ast.stmt) -> ast.stmt:
    """Return a statement of main's with calls in the place of `return`."""
    changed = _Calls().visit(copy.deepcopy(statement))
    assert isinstance(changed, ast.stmt)
    return changed


def _same_variables(
    old: bytes, tree: ast.Module, main: ast.FunctionDef, passed_on: set[str]
) -> None:
    """Raise Unproven when somebody could tell a variable of main's from one of the module's.

    `passed_on` are the parameters that are variables of the module's under the same name.
    """
    top = scopes(old)
    [table] = [
        child
        for child in top.get_children()
        if child.get_name() == "main" and child.get_type() == "function"
    ]
    local = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_local()}
    own = bound_in(main.body) | (local - passed_on)
    statements = [statement for statement in executed(tree) if statement is not main]
    known = ModuleNames.of([*statements, *main.body])
    if inspects_namespace([*statements, main], known) or finds_by_name([*statements, main], known):
        raise Unproven("variables may be looked up by name")
    if named_in_texts(tree) & local:
        raise Unproven("a variable of main's is named in an annotation")
    others = [child for child in top.get_children() if child is not table]
    elsewhere = set().union(*map(global_names, [*others, *table.get_children()]))
    at_top = {symbol.get_name() for symbol in top.get_symbols()} - {"main"}
    if shared := own & (at_top | elsewhere):
        raise Unproven(f"{min(shared)} is a variable of main's and another one outside of it")
    declared = {
        name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names
    }
    if shared := passed_on & declared:
        raise Unproven(f"{min(shared)} may get another value while main runs")
    for name in sorted(own & set(dir(builtins))):
        if not is_set_first(name, main.body):
            raise Unproven(f"{name} would be Python's before main sets it")
    for node in ast.walk(main):
        if isinstance(node, ast.Name) and node.id in ("exec", "eval", "locals", "vars", "dir"):
            raise Unproven(f"{node.id}() gives something else outside of a function")
        if isinstance(node, ast.Name) and node.id.startswith("__"):
            raise Unproven(f"{node.id} may be another thing outside of a function")
        if stack_level(node) > 1:
            raise Unproven("a warning would speak for another caller")
    for node in (node for statement in main.body for node in in_scope(statement)):
        if isinstance(node, ast.AnnAssign) and not only_names_types(
            node.annotation, statements, known
        ):
            raise Unproven(f"the annotation in line {node.lineno} would be evaluated")


def _same_function(
    before: ast.Module, main: ast.FunctionDef, call: ast.Call, after: ast.Module, result: ast.Module
) -> None:
    """Raise Unproven unless the result is what was refactored, with `return` and main's call."""
    new_main, new_call = _main_and_call(result)
    plain_main, plain_call = _main_and_call(after)
    if ast.unparse(new_main.args) != "args: argparse.Namespace" or new_main.decorator_list:
        raise Unproven("main is not main(args)")
    if _dumps(map(_with_calls, new_main.body)) != _dumps(plain_main.body):
        raise Unproven("main would have other statements")
    if ast.dump(new_call) != ast.dump(plain_call):
        raise Unproven("main would get something else")
    (old_around, old_within), (new_around, new_within) = (
        _place(before, call),
        _place(result, new_call),
    )
    if old_around != new_around:
        raise Unproven("main's result would be used in another way")
    # A `try` around a call may go into main, unless it is around what is done with the result.
    if old_within != new_within and old_around != "Expr(value=CALL)":
        raise Unproven("main's result would be used elsewhere")
    # All else is the same, with the call alone in its statement.
    _strip(result, new_main, new_call)
    _strip(after, plain_main, plain_call)
    if ast.dump(result) != ast.dump(after):
        raise Unproven("something besides main would be another thing")


def _main_and_call(tree: ast.Module) -> tuple[ast.FunctionDef, ast.Call]:
    """Return the one main of a module and its one call."""
    mains = [
        statement
        for statement in tree.body
        if isinstance(statement, ast.FunctionDef) and statement.name == "main"
    ]
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "main"
    ]
    if len(mains) != 1 or len(calls) != 1:
        raise Unproven("main is not called once")
    return mains[0], calls[0]


def _place(tree: ast.Module, call: ast.Call) -> tuple[str, int]:
    """Return what a call of main stands in, the call itself left out, and in how many `try` and
    `with` that stands."""
    for block, within in _blocks(tree):
        for statement in block:
            if _is_call(statement, call):
                return ast.dump(statement).replace(ast.dump(call), "CALL", 1), within
    raise Unproven("main is called within another statement")


def _strip(tree: ast.Module, main: ast.FunctionDef, call: ast.Call) -> None:
    """Take main's statements and return annotation out of a tree, and what its call stands in."""
    for block, _ in _blocks(tree):
        for number, statement in enumerate(block):
            if _is_call(statement, call):
                block[number] = ast.Expr(call)
    main.body, main.returns = [ast.Pass()], None


def _blocks(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], int]]:
    """Yield the blocks in which main may be called, the module, guards, and in these `try` and
    `with`, each with the number of those that it is in."""
    rest = [(tree.body, 0)]
    while rest:
        block, within = rest.pop()
        yield block, within
        for statement in block:
            if isinstance(statement, (ast.Try, ast.With)):
                rest.append((statement.body, within + 1))
            elif isinstance(statement, ast.If) and is_guard(statement):
                rest.append((statement.body, within))


def _signature(main: ast.FunctionDef, call: ast.Call) -> bytes:
    """Return the tokens of main's parameters and of what its call gave them, as a source."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    names = [f"{keyword.arg} =" for keyword in call.keywords]
    texts = [ast.unparse(main.args), *map(ast.unparse, given), *names]
    return " ".join(texts).encode()
