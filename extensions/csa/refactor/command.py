"""A command of click or typer: its parsing stays, and its logic goes into main(args).

The command calls main with a namespace of its parameters.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import libcst as cst

from ..source.edits import Edit, Edited, PythonText
from ..source.names import Function, in_scope
from .assembly import Assembly, first_without_blank_lines
from .script import CannotRefactor, Node, Script, as_line, mentioned_by, units
from .signature import argument, as_main, gives_something, namespace_with, takes_over

OTHER_NAME = "cli"
"""What a command is called that was main."""

SEVERAL = (
    "it has several commands, or a group of them: make a package of each, or leave it as it is"
)


def command_of(script: Script) -> ast.FunctionDef | None:
    """Return the one command of a script, None where it has none.

    Raises CannotRefactor where there are several, or a group.
    """
    found = commands_of(script)
    if not found:
        return None
    [function, kind], *more = found
    grouped = any(
        isinstance(node, ast.Attribute) and node.attr in ("add_command", "add_typer")
        for inner in script.statements
        for node in ast.walk(inner)
    )
    if more or kind != "command" or grouped:
        raise CannotRefactor(function.lineno, SEVERAL)
    return function if isinstance(function, ast.FunctionDef) else None


def commands_of(script: Script) -> list[tuple[Function, str]]:
    """Return the functions that click or typer calls, each as a command, a group or a callback."""
    found = [
        (function, kind)
        for function in script.functions.values()
        for kind in _kinds(script, function)
    ]
    for node in (node for inner in script.statements for node in in_scope(inner)):
        if isinstance(node, ast.Call) and script.known.origin(node.func) == "typer.run":
            names = [*map(ast.unparse, node.args)]
            found += [
                (script.functions[name], "command") for name in names if name in script.functions
            ]
    return found


def _kinds(script: Script, function: Function) -> Iterator[str]:
    """Yield what the decorators of click or typer make of a function."""
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        package, _, kind = (script.known.origin(called) or "").rpartition(".")
        if isinstance(called, ast.Attribute) and _is_app(script, called.value):
            package, kind = "click", called.attr
        if package == "click" and kind in ("callback", "command", "group"):
            yield kind


def _is_app(script: Script, node: ast.expr) -> bool:
    """Tell whether an expression is an app of typer's or a group of click's, to which commands are
    added."""
    if not isinstance(node, ast.Name):
        return False
    function = script.functions.get(node.id)
    return (function is not None and "group" in _kinds(script, function)) or any(
        node.id in unit.bound and script.makes(unit, "typer.Typer", "click.Group")
        for unit in script.units
    )


def with_main(source: bytes, command: ast.FunctionDef) -> bytes:
    """Return a source with the logic of its one command in main(args).

    Raises CannotRefactor where it has to stay as it is.
    """
    if command.name == "main":
        source = _renamed(source, command)
    script = Script(source)
    name = OTHER_NAME if command.name == "main" else command.name
    unit = next(unit for unit in script.units if script.functions[name] in unit.statements)
    node = unit.node
    assert isinstance(node, cst.FunctionDef)
    body = units(node.body.body, command.body)
    docstring = body[:1] if body[0].is_string else []
    logic = body[len(docstring) :]
    if unit.guard or not logic:
        text = f"{command.name} has no logic at module level to move into main"
        raise CannotRefactor(command.lineno, text)
    every = [
        parameter.arg for parameter in ast.walk(command.args) if isinstance(parameter, ast.arg)
    ]
    read = mentioned_by(logic)
    takes = takes_over({name: f"args.{name}" for name in every if name in read}, {})
    rest = [as_line(unit.node) for unit in logic]
    main = as_main(node, [*takes, *(rest if takes else first_without_blank_lines(rest))])
    call = cst.Call(cst.Name("main"), [argument(namespace_with({name: name for name in every}))])
    calls = cst.Return(call) if gives_something(node) else cst.Expr(call)
    shown = [*(as_line(unit.node) for unit in docstring), cst.SimpleStatementLine([calls])]
    changed = [
        main.with_changes(decorators=()),
        node.with_changes(
            leading_lines=[cst.EmptyLine(indent=False)] * 2, body=cst.IndentedBlock(shown)
        ),
    ]
    top: list[Node] = []
    for other in script.module.body:
        assert isinstance(other, Node)
        top += changed if other is node else [other]
    Assembly(script, []).add_argparse(top)
    return script.module.with_changes(body=top).bytes


def _renamed(source: bytes, command: ast.FunctionDef) -> bytes:
    """Return a source in which the command has another name than main."""
    text = PythonText(source)
    uses = [node for node in text.nodes if isinstance(node, ast.Name) and node.id == "main"]
    if any(isinstance(node, ast.Name) and node.id == OTHER_NAME for node in text.nodes):
        raise CannotRefactor(
            command.lineno, f"rename {OTHER_NAME}: csa gives the command that name"
        )
    start, end = text.span(command)
    definition = re.compile(r"\bdef\s+main\b").search(text.text, start, end)
    assert definition
    edits = [Edit(*text.span(node), OTHER_NAME) for node in uses]
    edits.append(Edit(definition.end() - len("main"), definition.end(), OTHER_NAME))
    return text.encoded(Edited(text.text, edits).text)
