"""Where a package makes clients, and whether they are all the same."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property

from ..source.edits import PythonText
from ..source.names import COMPREHENSIONS, Definition, Function, Import, imported_names
from ..source.scopes import bindings, scopes_around

_FUNCTIONS = {"get_client", "client_connection"}
"""Functions of pyatlan that make a client."""

MOST = 9
"""Functions that call each other down to one that makes a client."""

_LOOPS = (ast.For, ast.AsyncFor, ast.While, *COMPREHENSIONS, ast.Lambda)


class Makers:
    """The calls in some Python files that make a client."""

    def __init__(self, texts: Mapping[str, PythonText]):
        self._texts = texts
        self._classes = {"AtlanClient"}
        for _ in range(2):  # one derived from one
            self._classes |= {
                node.name
                for text in texts.values()
                for node in text.nodes
                if isinstance(node, ast.ClassDef)
                and any(_last(base) in self._classes for base in node.bases)
            }
        self._calls: list[tuple[PythonText, ast.Call]] = []
        self._unclear = False
        for text in texts.values():
            self._look_at(text)

    @property
    def only(self) -> ast.Call | None:
        """The call that makes the one client of a run."""
        alone = len(self._calls) == 1 and not self._unclear and self._runs_once(*self._calls[0])
        return self._calls[0][1] if alone else None

    @cached_property
    def make_one(self) -> bool:
        """Whether every client is the same, or as good as: made of the same settings."""
        if self._unclear:
            return False
        if not self._calls or self.only:
            return True
        words = {ast.dump(call) for _, call in self._calls}
        files = {text for text, _ in self._calls}
        fixed = all(
            _is_setting(argument)
            # In another file, it is the name of something else.
            or (len(files) == 1 and self._is_constant(text, argument))
            for text, call in self._calls
            for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        )
        return len(words) == 1 and fixed and not self._sets_environment()

    def _is_constant(self, text: PythonText, node: ast.expr) -> bool:
        """Tell whether an expression is a name that the module sets once, or what it has imported;
        or an attribute of that which nobody sets."""
        if isinstance(node, ast.Attribute):
            is_set = any(
                isinstance(other, ast.Attribute)
                and other.attr == node.attr
                and not isinstance(other.ctx, ast.Load)
                for file in self._texts.values()
                for other in file.nodes
            )
            of = node.value
            return not is_set and isinstance(of, ast.Name) and self._is_imported(text, of)
        if not isinstance(node, ast.Name):
            return False
        place = _only_binding(text, node)
        statement = text.parents.get(place) if isinstance(place, ast.Name) else place
        return (
            isinstance(statement, ast.Assign | ast.AnnAssign | ast.ImportFrom)
            and statement in text.tree.body
        )

    def _is_imported(self, text: PythonText, node: ast.Name) -> bool:
        place = _only_binding(text, node)
        return isinstance(place, Import) and place in text.tree.body

    def _look_at(self, text: PythonText) -> None:
        origins = imported_names(
            node for node in text.nodes if isinstance(node, ast.Import | ast.ImportFrom)
        )
        for node in text.nodes:
            if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
                continue
            if isinstance(node, ast.Name):
                name = origins.get(node.id, node.id)
            else:
                name = f"{origins.get(_root(node), '')}.{node.attr}"
            last = name.rpartition(".")[2]
            if last in self._classes or (last in _FUNCTIONS and name.startswith("pyatlan")):
                self._note(text, node)

    def _note(self, text: PythonText, node: ast.expr) -> None:
        """Note what a script does with what makes clients."""
        parent = text.parents[node]
        if isinstance(parent, ast.Attribute):
            if parent.attr != "from_token_guid":
                return
            node, parent = parent, text.parents[parent]
        if isinstance(parent, ast.Call) and parent.func is node:
            self._calls.append((text, parent))
        elif not _is_type(text, node):
            self._unclear = True  # it is handed on, or has another name

    def _runs_once(self, text: PythonText, node: ast.AST, depth: int = 0) -> bool:
        """Tell whether a node of a file is evaluated at most once in a run."""
        below, inner = node, text.parents.get(node)
        while inner is not None:
            if isinstance(inner, _LOOPS) and below is not getattr(inner, "iter", None):
                return False
            if isinstance(inner, Function) and below in inner.body:
                call = self._only_call(_called(text, inner))
                return call is not None and depth < MOST and self._runs_once(*call, depth + 1)
            below, inner = inner, text.parents.get(inner)
        return True

    def _only_call(self, name: str) -> tuple[PythonText, ast.Call] | None:
        """Return the one call of what has a name, None where it is used in another way, too."""
        calls: list[tuple[PythonText, ast.Call]] = []
        defined = 0
        for text in self._texts.values():
            for node in text.nodes:
                defined += isinstance(node, Definition) and node.name == name
                if isinstance(node, ast.alias) and node.asname and node.name == name:
                    return None
                if isinstance(node, ast.Name | ast.Attribute) and _last(node) == name:
                    parent = text.parents[node]
                    if not (isinstance(parent, ast.Call) and parent.func is node):
                        return None
                    calls.append((text, parent))
        return calls[0] if len(calls) == defined == 1 else None

    def _sets_environment(self) -> bool:
        """Tell whether the package changes the variables that a client may take its settings from."""
        return any(_sets_variable(node) for text in self._texts.values() for node in text.nodes)


def _sets_variable(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            return _last(value) == "environ"
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if _last(value) == "environ":
            return name not in ("copy", "get", "items", "keys", "values")
        case ast.Call(func=func) if _last(func) == "load_dotenv":
            return bool(node.args or node.keywords)
        case ast.Call(func=func):
            return _last(func) in ("putenv", "unsetenv")
    return False


def _only_binding(text: PythonText, node: ast.Name) -> ast.AST | None:
    """Return the one place that binds a module's name which is used in a file."""
    if any(
        isinstance(other, ast.Global | ast.Nonlocal) and node.id in other.names
        for other in text.nodes
    ):
        return None
    for scope in scopes_around(node, text.parents):
        if places := bindings(scope).get(node.id):
            return places[0] if isinstance(scope, ast.Module) and len(places) == 1 else None
    return None


def _is_setting(node: ast.expr) -> bool:
    """Tell whether an expression is a constant, or one of the environment's values."""
    match node:
        case ast.Constant():
            return True
        case ast.Subscript(value=value, slice=ast.Constant()):
            return ast.unparse(value) in ("os.environ", "environ")
        case ast.Call(func=func, args=args, keywords=[]):
            reads = ("os.environ.get", "environ.get", "os.getenv", "getenv")
            constant = all(isinstance(argument, ast.Constant) for argument in args)
            return constant and ast.unparse(func) in reads
    return False


def _is_type(text: PythonText, node: ast.AST) -> bool:
    """Tell whether a class is only named as a type: in an annotation, or to compare with."""
    below, inner = node, text.parents.get(node)
    while inner is not None and not isinstance(inner, ast.Module | Definition):
        if isinstance(inner, ast.arg) or (
            isinstance(inner, ast.AnnAssign) and below is inner.annotation
        ):
            return True
        if isinstance(inner, ast.Call) and _last(inner.func) in (
            "isinstance",
            "issubclass",
            "cast",
        ):
            return True
        below, inner = inner, text.parents.get(inner)
    if isinstance(inner, ast.ClassDef):
        return below in inner.bases
    return isinstance(inner, Function) and below is inner.returns


def _called(text: PythonText, function: Function) -> str:
    """Return the name by which a function is called: of __init__ the class's."""
    owner = text.parents[function]
    if isinstance(owner, ast.ClassDef) and function.name in ("__init__", "__post_init__"):
        return owner.name
    return function.name


def _last(node: ast.AST) -> str:
    """Return b of `b` and of `a.b`."""
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", "")
