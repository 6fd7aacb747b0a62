"""What names stand for across the modules of a package."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .effects import ModuleNames
from .imports import absolute_imports
from .names import Definition, Import, bound_in, imported_names, in_scope, is_standard, last_name
from .syntax import is_too_deep

MOST_STEPS = 10
"""From one name to what it stands for: a module may import from one that imports from it."""

WRAPPERS = ("classmethod", "functools.partial", "staticmethod")
"""What makes something that does what it is given does."""


@dataclass
class Scope:
    """What the names of a module mean, or those of a function in it: where they were imported from,
    what defines them, what was assigned to them. `own` are all that it binds, `calls` those that it
    calls, `returned` what it returns."""

    path: str
    origins: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Defined] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    returned: list[ast.expr] = field(default_factory=list)

    @cached_property
    def known(self) -> ModuleNames:
        """Of the names, those that one can tell by their dotted origins."""
        nothing: frozenset[str] = frozenset()
        return ModuleNames(self.origins, self.own - self.origins.keys(), nothing, nothing)

    def without(self, names: set[str]) -> Scope:
        """Return it as it is seen where some of its names mean something else."""
        return Scope(
            self.path,
            {name: origin for name, origin in self.origins.items() if name not in names},
            {name: what for name, what in self.definitions.items() if name not in names},
            {name: value for name, value in self.values.items() if name not in names},
            self.own | names,
        )


@dataclass(frozen=True, eq=False)
class Defined:
    """A function or a class, and the scope that it is defined in; `of` is a method's class."""

    node: Definition | ast.Lambda
    scope: Scope
    of: Defined | None = None

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements; of a lambda, the one that returns its value."""
        if isinstance(self.node, ast.Lambda):
            return [ast.copy_location(ast.Return(self.node.body), self.node.body)]
        return self.node.body

    @property
    def is_function(self) -> bool:
        """Whether it is no class."""
        return not isinstance(self.node, ast.ClassDef)

    @property
    def decorators(self) -> list[str]:
        """Its decorators without the modules that they are of."""
        return [last_name(node) for node in getattr(self.node, "decorator_list", ())]

    @property
    def positional(self) -> list[str]:
        """The parameters that a call gives values to in their order; self is none of them."""
        assert not isinstance(self.node, ast.ClassDef)
        given = [arg.arg for arg in (*self.node.args.posonlyargs, *self.node.args.args)]
        return given[1:] if self.takes_self else given

    @property
    def takes_self(self) -> bool:
        """Whether its first parameter is the object that it is a method of, or the class."""
        return self.of is not None and "staticmethod" not in self.decorators


class Modules:
    """The modules of a package, `trees` by path; those that are nested too deeply are left out."""

    def __init__(self, trees: Mapping[str, ast.Module], package: str):
        self.trees = {path: tree for path, tree in trees.items() if not is_too_deep(tree)}
        self.package = package
        self._scopes: dict[str, Scope] = {}
        self._inner: dict[ast.AST, Scope] = {}

    def meaning(self, node: ast.expr, scope: Scope, steps: int = 0) -> Defined | str | None:
        """Return what an expression stands for, as far as one can tell.

        That is something which the package defines, a class for its objects, too; or the dotted
        name of somebody else's, with () behind what was called.
        """
        if steps > MOST_STEPS:
            return None
        if isinstance(node, ast.Name):
            if node.id in scope.definitions:
                return scope.definitions[node.id]
            if node.id in scope.values and node.id not in scope.origins:
                return self.meaning(scope.values[node.id], scope, steps + 1)
            origin = scope.known.origin(node)
            return origin and self._imported(origin, steps)
        if isinstance(node, ast.Attribute):
            owner = self.meaning(node.value, scope, steps + 1)
            if isinstance(owner, Defined):
                return self.member(owner, node.attr)
            return owner and self._imported(f"{owner}.{node.attr}", steps)
        if isinstance(node, ast.Call):
            called = self.meaning(node.func, scope, steps + 1)
            if isinstance(called, Defined):
                is_class = isinstance(called.node, ast.ClassDef)
                return called if is_class else self._returned(called, steps)
            if called in WRAPPERS and node.args:
                return self.meaning(node.args[0], scope, steps + 1)
            return called and f"{called}()"
        if isinstance(node, ast.NamedExpr):
            return self.meaning(node.value, scope, steps + 1)
        return Defined(node, scope) if isinstance(node, ast.Lambda) else None

    def _returned(self, function: Defined, steps: int) -> Defined | str | None:
        """Return what a function's one value stands for."""
        inside = self.scope_in(function)
        if len(inside.returned) != 1 or isinstance(function.node, ast.AsyncFunctionDef):
            return None
        return self.meaning(inside.returned[0], inside, steps + 1)

    def _imported(self, dotted: str, steps: int) -> Defined | str | None:
        """Return what a dotted name stands for, which may be one of the package's."""
        path, rest = self._split(dotted)
        if path is None or not rest or steps > MOST_STEPS:
            return dotted
        found = self.meaning(ast.Name(rest[0], ast.Load()), self.scope(path), steps + 1)
        for name in rest[1:]:
            if isinstance(found, Defined):
                found = self.member(found, name)
            else:
                found = found and self._imported(f"{found}.{name}", steps + 1)
        return found

    def member(self, owner: Defined, name: str) -> Defined | None:
        """Return a method of a class, its own or one of its bases'."""
        family = [owner]
        for class_ in family:
            if not isinstance(class_.node, ast.ClassDef):
                continue
            for node in class_.node.body:
                if isinstance(node, Definition) and node.name == name:
                    return Defined(node, class_.scope, owner)
            above = (self.meaning(base, class_.scope) for base in class_.node.bases)
            family += [base for base in above if isinstance(base, Defined) and base not in family]
        return None

    def scope(self, path: str) -> Scope:
        """Return what the names of a module mean."""
        if path not in self._scopes:
            self._scopes[path] = scope = Scope(path)
            self._add(scope, self.trees[path].body)
        return self._scopes[path]

    def scope_in(self, function: Defined) -> Scope:
        """Return what the names in a function mean."""
        if function.node not in self._inner:
            node = function.node
            assert not isinstance(node, ast.ClassDef)
            parameters = [child.arg for child in ast.walk(node.args) if isinstance(child, ast.arg)]
            scope = function.scope.without({*parameters, *bound_in(function.body)})
            if function.of and function.takes_self:
                scope.definitions |= dict.fromkeys(parameters[:1], function.of)
            self._add(scope, function.body)
            self._inner[node] = scope
        return self._inner[function.node]

    def _add(self, scope: Scope, body: list[ast.stmt]) -> None:
        """Add what statements bind to a scope."""
        imports = []
        for node in (node for statement in body for node in in_scope(statement)):
            if isinstance(node, Import):
                imports.append(node)
            elif isinstance(node, Definition):
                scope.definitions[node.name] = Defined(node, scope)
            elif isinstance(node, ast.Assign):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
                scope.values |= dict.fromkeys(names, node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                scope.values |= {node.target.id: node.value} if node.value else {}
            elif isinstance(node, ast.Return):
                scope.returned += [node.value] if node.value else []
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                scope.calls.add(node.func.id)
            elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
                scope.values[node.optional_vars.id] = node.context_expr
        scope.own |= bound_in(body)
        origins = imported_names([*absolute_imports(imports, self.package, scope.path)])
        scope.origins |= {
            name: self._in_package(origin, scope.path) for name, origin in origins.items()
        }

    def imported_by(self, node: ast.stmt, path: str) -> Iterator[str]:
        """Yield the paths of the modules that an import in one of them runs."""
        for statement in absolute_imports([node], self.package, path):
            module = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
            for alias in statement.names:
                found, _ = self._split(self._in_package(f"{module}{alias.name}", path))
                parts = found.split("/") if found else []
                for end in range(len(parts)):
                    above = "/".join([*parts[:end], "__init__.py"])
                    yield from [above] if above in self.trees else []
                yield from [found] if found else []

    def _in_package(self, dotted: str, path: str) -> str:
        """Return a name that a file imports, as the package has it: scripts run beside their
        modules, and from the repository's top."""
        first, *rest = dotted.split(".")
        if first == self.package or is_standard(first):
            return dotted
        if self.package in rest:
            return ".".join(rest[rest.index(self.package) :])
        for folder in (posixpath.dirname(path), ""):
            stem = posixpath.join(folder, first)
            if f"{stem}.py" in self.trees or f"{stem}/__init__.py" in self.trees:
                return f"{self.package}.{stem.replace('/', '.')}{dotted.removeprefix(first)}"
        return dotted

    def _split(self, dotted: str) -> tuple[str | None, list[str]]:
        """Return the path of the module that a dotted name begins with, and the rest."""
        first, *parts = dotted.split(".")
        if first == self.package:
            for size in range(len(parts), -1, -1):
                stem = "/".join(parts[:size])
                for path in (f"{stem}.py", posixpath.join(stem, "__init__.py")):
                    if path in self.trees:
                        return path, parts[size:]
        return None, []
