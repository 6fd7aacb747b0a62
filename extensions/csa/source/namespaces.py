"""What becomes of the namespace that argparse returns."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from .effects import ModuleNames
from .names import Function, in_scope, value_of

PARSE_METHODS = {
    "parse_args",
    "parse_intermixed_args",
    "parse_known_args",
    "parse_known_intermixed_args",
}
"""Methods of parsers that return what they parsed of the command line."""


def has_no_alias(statements: Sequence[ast.stmt], namespace: str) -> bool:
    """Tell whether statements use a namespace in no other way than by its attributes."""
    attributes, values = _uses(statements, namespace)
    return len(attributes) == sum(isinstance(value.ctx, ast.Load) for value in values)


def is_plain_namespace(name: str, statements: Sequence[ast.stmt], known: ModuleNames) -> bool:
    """Tell whether a module's name is bound once, to what a parser of argparse's own returned.

    Such a namespace has no class of its own, and nobody else holds it yet.
    """
    call = value_of(name, statements)
    if isinstance(call, ast.Subscript):  # parse_known_args()[0]
        call = call.value
    if not (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in PARSE_METHODS
        and len(call.args) < 2
        and all(word.arg == "args" for word in call.keywords)
    ):
        return False
    actions = [
        word.value
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "action"
    ]
    return _is_parser(call.func.value, statements, known) and all(
        isinstance(action, ast.Constant)
        or (known.fixed_origin(action) or "").startswith("argparse.")
        for action in actions
    )


def _is_parser(node: ast.expr, statements: Sequence[ast.stmt], known: ModuleNames) -> bool:
    """Tell whether an expression is surely a parser of argparse's own class."""
    if isinstance(node, ast.Name):
        value = value_of(node.id, statements)
        return isinstance(value, ast.Call) and _is_parser(value, statements, known)
    if not isinstance(node, ast.Call):
        return False
    if known.fixed_origin(node.func) == "argparse.ArgumentParser":
        return True
    functions = [statement for statement in statements if isinstance(statement, Function)]
    for function in functions:
        if function.name == ast.unparse(node.func) and function.name in known.stable:
            body = [node for statement in function.body for node in in_scope(statement)]
            inner = [
                statement
                for statement in body
                if isinstance(statement, (ast.Assign, ast.AnnAssign))
            ]
            returned = {
                ast.unparse(statement): statement.value
                for statement in body
                if isinstance(statement, ast.Return)
            }.values()
            others = [other for other in functions if other is not function]
            return bool(returned) and all(
                value is not None and _is_parser(value, [*inner, *others], known)
                for value in returned
            )
    return False


def is_only_read(statements: Iterable[ast.stmt], namespace: str, added: AbstractSet[str]) -> bool:
    """Tell whether statements do nothing with a namespace but read attributes that are not among
    those added to it."""
    attributes, values = _uses(statements, namespace)
    return len(attributes) == len(values) and all(
        isinstance(attribute.ctx, ast.Load)
        and attribute.attr not in added
        and not attribute.attr.startswith("_")
        for attribute in attributes
    )


def may_have_more(statements: Sequence[ast.stmt], namespace: str, added: AbstractSet[str]) -> bool:
    """Tell whether statements use nothing of a namespace but attributes that are not among those
    added to it: they may set these."""
    attributes, _ = _uses(statements, namespace)
    return has_no_alias(statements, namespace) and not any(
        attribute.attr in added or attribute.attr.startswith("_") for attribute in attributes
    )


def namespace_of(copied: str | None, taken: Iterable[str]) -> str:
    """Return the expression of a Namespace with the names taken as attributes, besides those of the
    one it is a copy of, which may have some under the same names."""
    if copied:
        more = "".join(f', "{name}": {name}' for name in taken)
        return f"argparse.Namespace(**{{**vars({copied}){more}}})"
    return f"argparse.Namespace({', '.join(f'{name}={name}' for name in taken)})"


def _uses(statements: Iterable[ast.stmt], name: str) -> tuple[list[ast.Attribute], list[ast.Name]]:
    """Return the attributes of a name in statements, and all places where it is a value."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    values = [node for node in nodes if isinstance(node, ast.Name) and node.id == name]
    attributes = [
        node
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    ]
    return attributes, values
