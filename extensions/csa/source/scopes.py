"""Scopes of a Python file, and what binds the names in them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .names import COMPREHENSIONS, Definition, Function, bound_by, in_scope

DEFERRED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)
"""Scopes that run later than where they stand."""


def scopes_around(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> list[ast.AST]:
    """Return the scopes that a node is evaluated in, the innermost first, the module last."""
    found = []
    child, below = node, node
    while (parent := parents.get(child)) is not None:
        if _is_inside(parent, child, below):
            found.append(parent)
        child, below = parent, child
    return found


def _is_inside(scope: ast.AST, child: ast.AST, below: ast.AST) -> bool:
    """Tell whether a child of a node is in its scope; `below` is the child's own that was come from."""
    if isinstance(scope, ast.Module | Definition):
        return child in scope.body
    if isinstance(scope, ast.Lambda):
        return child is scope.body
    if isinstance(scope, COMPREHENSIONS):
        return not (child is scope.generators[0] and below is scope.generators[0].iter)
    return False


def bindings(scope: ast.AST) -> dict[str, list[ast.AST]]:
    """Return the nodes that bind or delete each name of a scope; * for a star import.

    A name that a function says to be another scope's is not its own.
    """
    found: dict[str, list[ast.AST]] = {}
    elsewhere: set[str] = set()
    nodes: list[ast.AST] = []
    if isinstance(scope, Function | ast.Lambda):
        for argument in parameters(scope):
            found[argument.arg] = [argument]
    if isinstance(scope, ast.Module | Definition):
        nodes = [node for statement in scope.body for node in in_scope(statement)]
    elif isinstance(scope, ast.Lambda):
        nodes = [*in_scope(scope.body)]
    elif isinstance(scope, COMPREHENSIONS):
        nodes = [node for part in scope.generators for node in ast.walk(part.target)]
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            elsewhere.update(node.names)
        for name in bound_by(node):
            found.setdefault(name, []).append(node)
    return {name: places for name, places in found.items() if name not in elsewhere}


def parameters(function: Function | ast.Lambda) -> list[ast.arg]:
    """Return all parameters of a function."""
    given = function.args
    several = [argument for argument in (given.vararg, given.kwarg) if argument]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *several]


def required_parameters(function: Function | ast.Lambda) -> list[ast.arg]:
    """Return the parameters of a function that have no default and take one value."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    named = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    return [
        *positional[: len(positional) - len(given.defaults)],
        *(argument for argument, default in named if default is None),
    ]
