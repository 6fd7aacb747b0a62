"""The proof that a command of click or typer does with main(args) what it did alone."""

from __future__ import annotations

import ast

from ..source.effects import ModuleNames
from ..source.look_ups import OTHER_CALLER, stack_level
from ..source.names import bound_in, in_scope, is_set_first, names
from .own_main_change import is_main, is_text, trees_of, without_new_import
from .own_main_names import Scope, same_names, sets_args_first
from .proof import Unproven, executed, tokens_of

_TELL_NAMES = {"__name__", "__qualname__", "command_path", "info_name"}
"""Attributes that tell what a command is called."""


def prove_command(old: bytes, new: bytes) -> None:
    """Raise Unproven unless `new` does what `old` did, in which a command has the logic that main
    has in `new`: the command calls that with its parameters. A command that was main has another
    name.

    Not compared: what `prove` does not compare either.
    """
    before, after = trees_of(old, new)
    without_new_import(before, after)
    at = next(
        (number for number, statement in enumerate(after.body) if is_main(statement)),
        len(after.body),
    )
    pair = [*before.body[at : at + 1], *after.body[at : at + 2]]
    if len(pair) != 3 or not all(isinstance(node, ast.FunctionDef) for node in pair):
        raise Unproven("main does not stand before its command")
    was, main, command = (node for node in pair if isinstance(node, ast.FunctionDef))
    statements = executed(before)
    known = ModuleNames.of(statements)
    scope = Scope(old, was)
    logic = was.body[1:] if is_text(was.body[0]) else was.body
    same_names(before, was, scope, statements, known)
    inner = [node for statement in logic for node in in_scope(statement)]
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in inner):
        raise Unproven("the command yields")
    if any(stack_level(node) > 1 for node in ast.walk(before)):
        raise Unproven(OTHER_CALLER)
    gives = any(isinstance(node, ast.Return) and node.value for node in inner)
    passed = _passed(was, command, gives=gives)
    if ast.unparse(main.args) != "args: argparse.Namespace" or main.decorator_list:
        raise Unproven("main is not main(args)")
    if ast.unparse(main.returns or ast.Constant(None)) not in (
        "None" if was.returns is None else ast.unparse(was.returns)
    ):
        raise Unproven("main would have another return annotation")
    _same_logic(was, main, logic, passed)
    if "args" not in passed:
        sets_args_first(logic, scope)
    renamed = was.name == "main" and command.name
    if renamed:
        _rename(before, was, command.name)
    elif any("main" in names(statement) | bound_in([statement]) for statement in before.body):
        raise Unproven("the name main is already used")
    del after.body[at]
    was.body, command.body = [ast.Pass()], [ast.Pass()]
    if ast.dump(before) != ast.dump(after):
        raise Unproven("code besides the command would change")
    lost = tokens_of(old) - tokens_of(new)
    if renamed:
        del lost["main"]
    if lost:
        raise Unproven(f"{next(iter(lost))!r} was lost")


def _passed(was: ast.FunctionDef, command: ast.FunctionDef, *, gives: bool) -> set[str]:
    """Return the names of a command's parameters, with which it calls main, and does no more."""
    parameters = [
        parameter.arg for parameter in ast.walk(was.args) if isinstance(parameter, ast.arg)
    ]
    expected = [*(was.body[:1] if is_text(was.body[0]) else [])]
    values = ", ".join(f"{name}={name}" for name in parameters)
    text = f"{'return ' if gives else ''}main(argparse.Namespace({values}))"
    if [*map(ast.unparse, command.body)] != [*map(ast.unparse, expected), text]:
        raise Unproven("the command does something else than to call main with its parameters")
    return {*parameters}


def _same_logic(
    was: ast.FunctionDef, main: ast.FunctionDef, logic: list[ast.stmt], passed: set[str]
) -> None:
    """Raise Unproven unless main has the logic, with the command's parameters under their names."""
    count = len(main.body) - len(logic)
    taken = [ast.unparse(statement) for statement in main.body[: max(count, 0)]]
    if [*map(ast.dump, main.body[max(count, 0) :])] != [*map(ast.dump, logic)]:
        raise Unproven("main does not have the command's statements")
    known = {name for name in passed if f"{name} = args.{name}" in taken}
    if len(taken) != len(known) or any(text == "args = args.args" for text in taken[:-1]):
        raise Unproven("main takes over something else")
    used = {name for statement in logic for name in names(statement) | bound_in([statement])}
    for name in sorted((used & passed) - known):
        if not is_set_first(name, logic):
            raise Unproven(f"main does not take over {name}")


def _rename(tree: ast.Module, command: ast.FunctionDef, name: str) -> None:
    """Give a command another name, wherever it is used, if nobody else has that name, or could
    tell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "main":
            node.id = name
        elif name in names(node) or name in bound_in([node]):  # type: ignore[list-item]
            raise Unproven(f"{name} is something else already")
        elif isinstance(node, ast.arg) and node.arg in ("main", name):
            raise Unproven(f"{node.arg} is something else, too")
        elif isinstance(node, ast.Attribute) and (
            node.attr in _TELL_NAMES or ast.unparse(node).endswith("command.name")
        ):
            raise Unproven("the name of the command may be read")
    command.name = name
