"""Which expressions of a script are its client, in a place of it.

Up to pyatlan 6, caches and models found the client by themselves: the one that was made or used
last. What takes its place has to be the same one, so a script that may have several has none here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from ..packages import is_test
from ..source.edits import PythonText
from ..source.names import Definition, Function, Import, bound_by, in_scope
from ..source.scopes import DEFERRED, bindings, required_parameters, scopes_around
from .inference import Inference, Place
from .makers import Makers

MOST = 20
"""Expressions for one place: the type checker is asked about each."""

_MAY_BE_CLIENT = (ast.Call, ast.Name, ast.Attribute, ast.Await, ast.BoolOp, ast.IfExp)


@dataclass(frozen=True)
class Candidate:
    """An expression that may be the client in a place, and others that make it one if all of them
    are: none where the type checker alone can tell."""

    name: str
    reasons: tuple[Place, ...] = ()


class Clients:
    """The clients of a package, given by its Python files."""

    def __init__(self, texts: Mapping[str, PythonText]):
        everything = Makers(texts)
        modules = Makers({path: text for path, text in texts.items() if not is_test(path)})
        self.inference = Inference(texts)
        self._modules = {
            path: _Module(text, texts.values(), everything if is_test(path) else modules)
            for path, text in texts.items()
        }

    def at(self, path: str, node: ast.AST) -> list[Candidate]:
        """Return expressions that may be the client where a node of a file is, likely ones first.

        Each has its value whenever the node is evaluated, unless the type checker says otherwise.
        """
        module = self._modules[path]
        if not module.makers.make_one or module.sets_by_name:
            return []
        scopes = scopes_around(node, module.text.parents)
        found = []
        for name, scope, place in module.names(node, scopes):
            reasons = self.inference.reasons_of(path, scope, place)
            if reasons or not isinstance(place, ast.arg) or place.annotation:
                found.append(Candidate(name, tuple(reasons)))
        for name, value in module.attributes(node, scopes):
            found.append(Candidate(name, tuple(self.inference.reasons(path, value))))
        return sorted(found, key=lambda one: "client" not in one.name.lower())[:MOST]


class _Module:
    """A file of a package, all files of that, and where these make clients."""

    def __init__(self, text: PythonText, package: Iterable[PythonText], makers: Makers):
        self.text = text
        self.package = list(package)
        self.makers = makers
        self._bindings: dict[ast.AST, dict[str, list[ast.AST]]] = {}

    @cached_property
    def sets_by_name(self) -> bool:
        """Whether names may be set that no statement tells of."""
        return any(
            isinstance(node, ast.Name) and node.id in ("exec", "globals")
            for node in self.text.nodes
        )

    def names(
        self, node: ast.AST, scopes: Sequence[ast.AST]
    ) -> Iterator[tuple[str, ast.AST, ast.AST]]:
        """Yield the names that are bound once, to what may be a client, and seen by a node: with
        their scopes, and what binds them."""
        hidden = self._set_elsewhere
        for number, scope in enumerate(scopes):
            later = any(isinstance(inner, DEFERRED) for inner in scopes[:number])
            if isinstance(scope, ast.ClassDef):
                if not later:  # functions in it do not see its names
                    hidden = hidden | self._bound(scope).keys()
                continue
            for name, places in self._bound(scope).items():
                if (
                    len(places) == 1
                    and name not in hidden
                    and self._may_hold(scope, places[0])
                    and (not later or self._is_set_before(scope, places[0], node))
                ):
                    yield name, scope, places[0]
            hidden = hidden | self._bound(scope).keys()

    def _may_hold(self, scope: ast.AST, place: ast.AST) -> bool:
        """Tell whether the one place that binds a name may give it a client."""
        if isinstance(place, ast.arg):
            return (
                isinstance(scope, Function)
                and place in required_parameters(scope)
                # Without one, who calls a module's function says what it is.
                and (place.annotation is not None or scope in self.text.tree.body)
            )
        if not isinstance(place, ast.Name):
            return isinstance(place, ast.ImportFrom)
        match self.text.parents[place]:
            case ast.Assign(targets=[target], value=value):
                return target is place and isinstance(value, _MAY_BE_CLIENT)
            case ast.AnnAssign(value=value) | ast.NamedExpr(value=value):
                return isinstance(value, _MAY_BE_CLIENT)
            case ast.withitem(optional_vars=target):
                return target is place
        return False

    def _is_set_before(self, scope: ast.AST, place: ast.AST, node: ast.AST) -> bool:
        """Tell whether a name is bound whenever a function that reads it is called.

        Of a module's: before any of its functions can be; or else its value is the one client that
        is ever made, without which the old code had none either.
        """
        if isinstance(place, ast.arg):
            return True
        body = scope.body if isinstance(scope, ast.Module | Function) else []
        setting, reading = (_number_in(body, other, self.text) for other in (place, node))
        if setting is None or place not in (body[setting], _target(body[setting])):
            return False  # it may not be reached
        if isinstance(scope, Function):
            return reading is not None and setting < reading
        stars = self._bound(scope).get("*", [])
        if any(getattr(star, "lineno", 0) >= body[setting].lineno for star in stars):
            return False
        only = self.makers.only
        is_only = only is not None and only is getattr(body[setting], "value", None)
        return is_only or setting <= self._first_use

    def attributes(
        self, node: ast.AST, scopes: Sequence[ast.AST]
    ) -> Iterator[tuple[str, ast.expr]]:
        """Yield what a method has as an attribute of its object, set once in its class, with what
        it is set to."""
        for number, (method, owner) in enumerate(pairwise(scopes)):
            if not (isinstance(method, Function) and isinstance(owner, ast.ClassDef)):
                continue
            kinds = {ast.unparse(decorator) for decorator in method.decorator_list}
            if not method.args.args or kinds & {"staticmethod", "classmethod"}:
                return
            itself = method.args.args[0].arg
            bound = [self._bound(scope).get(itself, []) for scope in scopes[: number + 1]]
            if sum(map(len, bound)) == 1 and itself not in self._set_elsewhere:
                for attribute, value in self._set_once(owner, method, node):
                    yield f"{itself}.{attribute}", value
            return

    def _set_once(
        self, owner: ast.ClassDef, method: Function, node: ast.AST
    ) -> Iterator[tuple[str, ast.expr]]:
        """Yield the attributes that __init__ sets, before anything else gets at the object."""
        first = [child for child in owner.body if getattr(child, "name", "") == "__init__"]
        if len(first) != 1 or not isinstance(first[0], ast.FunctionDef):
            return
        init = first[0]
        if init.decorator_list or not init.args.args or self._has_heirs(owner):
            return
        itself = init.args.args[0].arg
        reading = _number_in(init.body, node, self.text)
        for number, statement in enumerate(init.body):
            uses = [
                child
                for child in ast.walk(statement)
                if isinstance(child, ast.Name) and child.id == itself
            ]
            target = _target(statement)
            if not isinstance(target, ast.Attribute) or uses != [target.value]:
                if uses:
                    return
                continue
            value = getattr(statement, "value", None)
            if (
                self._times_set(target.attr) == 1
                and isinstance(value, _MAY_BE_CLIENT)
                and (method is not init or (reading is not None and number < reading))
            ):
                yield target.attr, value

    def _has_heirs(self, owner: ast.ClassDef) -> bool:
        """Tell whether a class of the package is derived from one of that name."""
        return any(
            getattr(base, "id", getattr(base, "attr", "")) == owner.name
            for text in self.package
            for other in text.nodes
            if isinstance(other, ast.ClassDef)
            for base in other.bases
        )

    def _times_set(self, attribute: str) -> int:
        """Return in how many places of the package an attribute of that name is set or deleted."""
        return sum(
            isinstance(node, ast.Attribute)
            and node.attr == attribute
            and not isinstance(node.ctx, ast.Load)
            for text in self.package
            for node in text.nodes
        )

    @cached_property
    def _set_elsewhere(self) -> AbstractSet[str]:
        """The names that a function sets for another scope, or another file for this one."""
        found = {
            name
            for node in self.text.nodes
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        }
        for text in self.package:
            modules = {
                name for node in text.nodes if isinstance(node, Import) for name in bound_by(node)
            }
            found |= {
                node.attr
                for node in text.nodes
                if isinstance(node, ast.Attribute)
                and not isinstance(node.ctx, ast.Load)
                and isinstance(node.value, ast.Name)
                and node.value.id in modules
            }
        return found

    @cached_property
    def _first_use(self) -> int:
        """The number of the first statement that may call what the module defines."""
        body = self.text.tree.body
        own = {statement.name for statement in body if isinstance(statement, Definition)}
        uses = (
            number
            for number, statement in enumerate(body)
            if any(isinstance(child, ast.Name) and child.id in own for child in in_scope(statement))
        )
        return next(uses, len(body))

    def _bound(self, scope: ast.AST) -> dict[str, list[ast.AST]]:
        if scope not in self._bindings:
            self._bindings[scope] = bindings(scope)
        return self._bindings[scope]


def _number_in(body: Sequence[ast.stmt], node: ast.AST, text: PythonText) -> int | None:
    """Return the number of the statement of a body that has a node in it."""
    numbers: dict[ast.AST, int] = {statement: number for number, statement in enumerate(body)}
    inner: ast.AST | None = node
    while inner is not None and inner not in numbers:
        inner = text.parents.get(inner)
    return numbers[inner] if inner else None


def _target(statement: ast.stmt) -> ast.expr | None:
    """Return the one target of an assignment."""
    match statement:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target, value=ast.expr()):
            return target
    return None
