"""The proof that functions get from main what they read as a global."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..source.effects import ModuleNames
from ..source.look_ups import finds_by_name, inspects_namespace
from ..source.names import bound_names
from .own_main_change import Main, trees_of
from .own_main_names import bound_inside
from .proof import OF_A_SCOPE, Unproven, executed, tokens_of


def prove_parameter(old: bytes, new: bytes) -> None:
    """Raise Unproven unless functions in `new` take as their first parameter what they read in `old`
    as a global, which is set once, and which main gets whole: from main, or from each other."""
    before, after = trees_of(old, new)
    was, now = Main.of(before), Main.of(after)
    [argument] = was.call.args if len(was.call.args) == 1 else [None]
    if not isinstance(argument, ast.Name) or ast.unparse(was.function.args) not in (
        "args",
        "args: argparse.Namespace",
    ):
        raise Unproven("main does not get all of it")
    name = argument.id
    statements = executed(before)
    known = ModuleNames.of(statements)
    if finds_by_name(statements, known) or inspects_namespace(statements, known):
        raise Unproven("functions may be looked up by name")
    bound = [found for statement in statements for found in bound_names(statement) if found == name]
    declared = [
        found for node in ast.walk(before) if isinstance(node, ast.Global) for found in node.names
    ]
    if len(bound) != 1 or name in declared or _is_set_again(statements, name):
        raise Unproven(f"{name} may get another value")
    if "args" in bound_inside(was.function):
        raise Unproven("args is set in main")
    taking = {function.name: function for function in _taking(statements, executed(after), name)}
    for function in taking.values():
        if name in bound_inside(function):
            raise Unproven(f"{name} means something else in {function.name}")
        for node in ast.walk(function):
            called = known.origin(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
            if called and called.removeprefix("builtins.") in {*OF_A_SCOPE, "dir", "vars"}:
                raise Unproven(f"{called}() gives other variables in {function.name}")
        if function.name not in known.stable or function.decorator_list:
            raise Unproven(f"{function.name} may be called by others")
        if not isinstance(function, ast.FunctionDef):
            raise Unproven(f"{function.name} is not a plain function")
    _take_away(after, now, name, {*taking})
    if ast.dump(before) != ast.dump(after):
        raise Unproven("other code would change")
    if lost := tokens_of(old) - tokens_of(new):
        raise Unproven(f"{next(iter(lost))!r} was lost")


def _is_set_again(statements: list[ast.stmt], name: str) -> bool:
    """Tell whether the statement that sets a name may run, or do so, more than once."""
    [setting] = [statement for statement in statements if name in bound_names(statement)]
    stores = [
        node
        for node in ast.walk(setting)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
    ]
    plain = isinstance(setting, (ast.Assign, ast.AnnAssign))
    return not plain or len(stores) != 1


def _taking(
    old: list[ast.stmt], new: list[ast.stmt], name: str
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the new functions that have one more parameter, and take it away from them."""
    for was, now in zip(old, new):
        if isinstance(was, ast.FunctionDef) and isinstance(now, ast.FunctionDef):
            if ast.dump(was.args) == ast.dump(now.args):
                continue
            first = now.args.posonlyargs or now.args.args
            if not first or ast.dump(first.pop(0)) != ast.dump(ast.arg(name)):
                raise Unproven(f"{now.name} would take something else")
            yield was


def _take_away(tree: ast.Module, main: Main, name: str, taking: set[str]) -> None:
    """Take the first argument away from each call of functions, which are used in no other way."""
    called: list[ast.expr] = []
    for outer in executed(tree):
        passed = "args" if outer is main.function else name
        within = outer is main.function or getattr(outer, "name", "") in taking
        for call in ast.walk(outer):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
                continue
            if call.func.id in taking:
                first = call.args.pop(0) if call.args else None
                if not within or not isinstance(first, ast.Name) or first.id != passed:
                    raise Unproven(f"{call.func.id} would get something else")
                called.append(call.func)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in taking and node not in called:
            raise Unproven(f"{node.id} is used without being called")
