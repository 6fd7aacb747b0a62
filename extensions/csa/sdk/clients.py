"""Which expressions of a script are its client, in a place of it.

Up to pyatlan 6, caches and models found the client by themselves: the one that was made or used
last. What takes its place has to be the same one, so a script that may have several has none here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import pairwise

from ..packages import is_test
from ..source.edits import PythonText
from ..source.names import Definition, Function, in_scope
from ..source.scopes import DEFERRED, bindings, required_parameters, scopes_around
from .makers import Makers

MOST = 20
"""Expressions for one place: the type checker is asked about each."""

_MAY_BE_CLIENT = (ast.Call, ast.Name, ast.Attribute, ast.Await, ast.BoolOp, ast.IfExp)


class Clients:
    """The clients of a package, given by its Python files."""

    def __init__(self, texts: Mapping[str, PythonText]):
        self._texts = texts
        modules = {path: text for path, text in texts.items() if not is_test(path)}
        self._makers = {True: Makers(texts), False: Makers(modules)}
        self._bindings: dict[ast.AST, dict[str, list[ast.AST]]] = {}

    def is_one(self, path: str) -> bool:
        """Tell whether all clients that code of a file can meet are the same."""
        return self._makers[is_test(path)].make_one

    def at(self, path: str, node: ast.AST) -> list[str]:
        """Return expressions that may be the client where a node is, the likeliest first.

        Each is bound whenever the node is evaluated, if the type checker does not say otherwise.
        """
        if not self.is_one(path):
            return []
        text = self._texts[path]
        scopes = scopes_around(node, text.parents)
        found = [*self._names(path, node, scopes), *self._attributes(text, node, scopes)]
        return sorted(found, key=lambda name: "client" not in name.lower())[:MOST]

    def _names(self, path: str, node: ast.AST, scopes: list[ast.AST]) -> Iterator[str]:
        text = self._texts[path]
        nested = {
            name
            for other in ast.walk(text.tree)
            if isinstance(other, ast.Global | ast.Nonlocal)
            for name in other.names
        }
        hidden = nested
        for number, scope in enumerate(scopes):
            if isinstance(scope, ast.ClassDef):
                # Functions in it do not see its names.
                if not any(isinstance(inner, DEFERRED) for inner in scopes[:number]):
                    hidden = hidden | self._bound(scope).keys()
                continue
            later = any(isinstance(inner, DEFERRED) for inner in scopes[:number])
            for name, places in self._bound(scope).items():
                if (
                    len(places) == 1
                    and name not in hidden
                    and self._may_hold(text, scope, name, places[0])
                    and (not later or self._is_set_before(path, scope, places[0], node))
                ):
                    yield name
            hidden = hidden | self._bound(scope).keys()

    def _may_hold(self, text: PythonText, scope: ast.AST, name: str, place: ast.AST) -> bool:
        """Tell whether the one place that binds a name may give it a client."""
        if isinstance(place, ast.arg):
            return (
                isinstance(scope, Function)
                and place in required_parameters(scope)
                and place.annotation is not None
            )
        if isinstance(place, ast.ImportFrom):
            return True
        if isinstance(place, ast.Import) or not isinstance(place, ast.Name):
            return False
        match text.parents[place]:
            case ast.Assign(targets=[target], value=value):
                return target is place and isinstance(value, _MAY_BE_CLIENT)
            case ast.AnnAssign(value=value) | ast.NamedExpr(value=value):
                return isinstance(value, _MAY_BE_CLIENT)
            case ast.withitem(optional_vars=target):
                return target is place
        return False

    def _is_set_before(self, path: str, scope: ast.AST, place: ast.AST, node: ast.AST) -> bool:
        """Tell whether a name is bound whenever a function that reads it is called.

        Of a module's: before any of its functions can be; or else its value is the one client that
        is ever made, without which the old code had none either.
        """
        if isinstance(place, ast.arg):
            return True
        text = self._texts[path]
        body = scope.body if isinstance(scope, ast.Module | Function) else []
        setting, reading = (_statement_in(body, other, text.parents) for other in (place, node))
        if setting is None or not _is_plain(body[setting], place):
            return False
        if isinstance(scope, Function):
            return reading is not None and setting < reading
        if "*" in {name for later in body[setting:] for name in _star(later)}:
            return False
        value = getattr(body[setting], "value", None)
        if value is not None and self._makers[is_test(path)].only is value:
            return True
        own = {statement.name for statement in body if isinstance(statement, Definition)}
        return not any(
            isinstance(child, ast.Name) and child.id in own
            for earlier in body[:setting]
            for child in in_scope(earlier)
        )

    def _attributes(self, text: PythonText, node: ast.AST, scopes: list[ast.AST]) -> Iterator[str]:
        """Yield what a method has as an attribute of its object, set once in its class."""
        for number, (method, owner) in enumerate(pairwise(scopes)):
            if not (
                isinstance(method, Function)
                and isinstance(owner, ast.ClassDef)
                and method.args.args
                and not any(
                    isinstance(part, ast.Name) and part.id in ("staticmethod", "classmethod")
                    for decorator in method.decorator_list
                    for part in ast.walk(decorator)
                )
            ):
                continue
            itself = method.args.args[0].arg
            inner = [self._bound(scope) for scope in scopes[: number + 1]]
            if sum(len(bound.get(itself, [])) for bound in inner) == 1:
                yield from (
                    f"{itself}.{name}" for name in self._set_once(text, owner, method, node)
                )
            return

    def _set_once(
        self, text: PythonText, owner: ast.ClassDef, method: Function, node: ast.AST
    ) -> Iterator[str]:
        """Yield the attributes that __init__ sets, before anything else gets at the object."""
        first = [child for child in owner.body if getattr(child, "name", "") == "__init__"]
        if not (len(first) == 1 and isinstance(first[0], ast.FunctionDef)):
            return
        init = first[0]
        if init.decorator_list or not init.args.args or self._has_heirs(owner):
            return
        itself = init.args.args[0].arg
        reading = _statement_in(init.body, node, text.parents)
        for number, statement in enumerate(init.body):
            target = _target(statement)
            uses = [
                child
                for child in ast.walk(statement)
                if isinstance(child, ast.Name) and child.id == itself
            ]
            if not isinstance(target, ast.Attribute) or uses != [target.value]:
                if uses:
                    return
                continue
            if (
                self._times_set(target.attr) == 1
                and isinstance(getattr(statement, "value", None), _MAY_BE_CLIENT)
                and (method is not init or (reading is not None and number < reading))
            ):
                yield target.attr

    def _has_heirs(self, owner: ast.ClassDef) -> bool:
        """Tell whether a class of the package is derived from one of that name."""
        return any(
            getattr(base, "id", getattr(base, "attr", "")) == owner.name
            for text in self._texts.values()
            for other in ast.walk(text.tree)
            if isinstance(other, ast.ClassDef)
            for base in other.bases
        )

    def _times_set(self, attribute: str) -> int:
        """Return in how many places of the package an attribute of that name is set or deleted."""
        return sum(
            isinstance(node, ast.Attribute)
            and node.attr == attribute
            and not isinstance(node.ctx, ast.Load)
            for text in self._texts.values()
            for node in ast.walk(text.tree)
        )

    def _bound(self, scope: ast.AST) -> dict[str, list[ast.AST]]:
        if scope not in self._bindings:
            self._bindings[scope] = bindings(scope)
        return self._bindings[scope]


def _statement_in(
    body: list[ast.stmt], node: ast.AST, parents: Mapping[ast.AST, ast.AST]
) -> int | None:
    """Return the number of the statement of a body that has a node in it."""
    numbers = {statement: number for number, statement in enumerate(body)}
    inner: ast.AST | None = node
    while inner is not None:
        if isinstance(inner, ast.stmt) and inner in numbers:
            return numbers[inner]
        inner = parents.get(inner)
    return None


def _is_plain(statement: ast.stmt, place: ast.AST) -> bool:
    """Tell whether a statement always binds the name of a place, in whatever way it ends."""
    return statement is place or _target(statement) is place


def _target(statement: ast.stmt) -> ast.expr | None:
    """Return the one target of an assignment."""
    match statement:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target, value=ast.expr()):
            return target
    return None


def _star(statement: ast.stmt) -> Iterator[str]:
    for node in in_scope(statement):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
