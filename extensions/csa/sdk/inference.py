"""What makes an expression a client where no annotation says so: what is handed over or returned.

The type checker does not look into functions without annotations. What has to be a client for
another expression to be one is found here; the type checker is then asked about that.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from ..packages import is_test
from ..source.edits import PythonText
from ..source.names import Function, in_scope
from ..source.scopes import bindings, required_parameters, scopes_around

Place = tuple[str, ast.expr]
"""A file, and an expression in it."""


class Inference:
    """The functions of a package, given by its Python files: who calls them, and what they return."""

    def __init__(self, texts: Mapping[str, PythonText]):
        self._texts = texts
        self._modules = {path: text for path, text in texts.items() if not is_test(path)}
        self._given_to: dict[ast.arg, list[Place]] = {}
        self._returned_by: dict[str, list[Place]] = {}

    def reasons(self, path: str, node: ast.expr) -> list[Place]:
        """Return the expressions that all have to be clients for one to be one; none where that
        cannot be told."""
        if isinstance(node, ast.Call):
            return self._returned_of(path, node)
        if not isinstance(node, ast.Name):
            return []
        for scope in scopes_around(node, self._texts[path].parents):
            if not isinstance(scope, ast.ClassDef) and node.id in (bound := bindings(scope)):
                places = bound[node.id]
                return self.reasons_of(path, scope, places[0]) if len(places) == 1 else []
        return []

    def reasons_of(self, path: str, scope: ast.AST, place: ast.AST) -> list[Place]:
        """Return the same for the name that one place of a scope binds."""
        if isinstance(place, ast.arg):
            if place.annotation is not None or not isinstance(scope, Function):
                return []
            if place not in self._given_to:
                self._given_to[place] = self._told(self._given(path, scope, place))
            return self._given_to[place]
        match self._texts[path].parents.get(place):
            case ast.Assign(targets=[target], value=ast.Call() as call) if target is place:
                return self._returned_of(path, call)
        return []

    def _returned_of(self, path: str, call: ast.Call) -> list[Place]:
        """Return what a call of a module's function returns."""
        if not isinstance(call.func, ast.Name):
            return []
        name = call.func.id
        if name not in self._returned_by:
            self._returned_by[name] = self._told(self._returned(name))
        for scope in scopes_around(call, self._texts[path].parents):
            if not isinstance(scope, ast.ClassDef) and (places := bindings(scope).get(name)):
                is_it = isinstance(scope, ast.Module) and len(places) == 1
                return self._returned_by[name] if is_it and self._is_own(places[0], name) else []
        return []

    def _is_own(self, place: ast.AST, name: str) -> bool:
        """Tell whether what binds a name is a function of the package, or an import from there."""
        if not isinstance(place, ast.ImportFrom):
            return isinstance(place, ast.FunctionDef)
        modules = {posixpath.basename(path).removesuffix(".py") for path in self._modules}
        return str(place.module).rpartition(".")[2] in modules and any(
            alias.name == name and not alias.asname for alias in place.names
        )

    def _told(self, places: list[Place]) -> list[Place]:
        """Return places if the type checker can be asked about all of them, else none."""
        good = (ast.Name, ast.Attribute, ast.Call)
        return (
            places
            if all(isinstance(node, good) and self._texts[path].has(node) for path, node in places)
            else []
        )

    def _given(self, path: str, function: Function, parameter: ast.arg) -> list[Place]:
        """Return what a function gets for a parameter wherever it is called."""
        if parameter not in required_parameters(function) or not self._is_plain(path, function):
            return []
        number = [*function.args.posonlyargs, *function.args.args, parameter].index(parameter)
        found: list[Place] = []
        for file, call in self._calls(function.name):
            value = call and _argument(call, number, parameter.arg)
            if value is None:
                return []
            found.append((file, value))
        return found

    def _returned(self, name: str) -> list[Place]:
        """Return what the function of a name returns."""
        found = [
            (path, statement)
            for path, text in self._modules.items()
            for statement in text.tree.body
            if isinstance(statement, ast.FunctionDef) and statement.name == name
        ]
        if len(found) != 1 or not self._is_plain(*found[0]):
            return []
        [(path, function)] = found
        nodes = [node for statement in function.body for node in in_scope(statement)]
        values = [node.value for node in nodes if isinstance(node, ast.Return)]
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes) or not _ends(
            function.body
        ):
            return []
        return [] if None in values else [(path, value) for value in values if value]

    def _is_plain(self, path: str, function: Function) -> bool:
        """Tell whether a function is a module's own, the only one of that name, and nothing else."""
        name = function.name
        return (
            function in self._texts[path].tree.body
            and not function.decorator_list
            and sum(
                getattr(node, "name", None) == name and not isinstance(node, ast.alias)
                for text in self._modules.values()
                for node in text.nodes
            )
            == 1
        )

    def _calls(self, name: str) -> Iterator[tuple[str, ast.Call | None]]:
        """Yield the calls of what has a name, None for every other use of that."""
        for path, text in self._modules.items():
            for node in text.nodes:
                match node:
                    case ast.Name(id=found) | ast.Attribute(attr=found) if found == name:
                        parent = text.parents[node]
                        is_call = isinstance(parent, ast.Call) and parent.func is node
                        yield path, parent if is_call and isinstance(parent, ast.Call) else None
                    case ast.alias(name=found, asname=str()) if found == name:
                        yield path, None
                    case ast.Constant(value=found) if found == name:
                        yield path, None  # it may be looked up by its name


def _argument(call: ast.Call, number: int, name: str) -> ast.expr | None:
    """Return what a call hands over for a parameter, None where that cannot be told."""
    if any(isinstance(value, ast.Starred) for value in call.args) or any(
        word.arg is None for word in call.keywords
    ):
        return None
    if number < len(call.args):
        return call.args[number]
    return next((word.value for word in call.keywords if word.arg == name), None)


def _ends(block: Sequence[ast.stmt]) -> bool:
    """Tell whether a block never goes on behind its end."""
    match block[-1]:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=body, orelse=orelse):
            return bool(orelse) and _ends(body) and _ends(orelse)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=last):
            if last and _ends(last):
                return True
            return _ends(orelse or body) and all(_ends(handler.body) for handler in handlers)
    return False
