"""What has to be known of a module before its steps can be told."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Sequence
from functools import cached_property

from ..refactor.boundary import PROCESSES
from ..refactor.proof import executed
from ..source.effects import ModuleNames, exits, is_side_effect_free
from ..source.look_ups import finds_by_name, inspects_namespace, stack_level
from ..source.names import (
    Definition,
    Function,
    Import,
    bound_in,
    bound_names,
    deleted_names,
    eager_names,
    imported_modules,
    in_scope,
    is_guard,
    names,
    root,
)
from ..source.script_text import text_of
from .annotations import Annotations
from .flow import falls, tidied
from .library import Library, prefixes
from .private import with_private_names
from .scopes import (
    Comprehension,
    all_parameters,
    closures,
    declared,
    free_names,
    local_names,
    of_module,
    used_at_once,
)

_OF_A_FRAME = ("dir", "vars")
"""Builtins that, without arguments, give the variables of the function that calls them."""


class CannotJudge(Exception):
    """A module has something in it whose effects cannot be told: the line, and what it is."""

    def __init__(self, line: int, text: str):
        super().__init__(text)
        self.line = line
        self.text = text


class Module:
    """A Python file that runs, as a script or when it is imported.

    `own` are the names of modules beside it, which are not Python's own though they may be called so.

    Raises CannotJudge when its variables may be looked up by their names.
    """

    def __init__(
        self, source: bytes, tree: ast.Module, *, is_script: bool, own: Collection[str] = ()
    ):
        if odd := with_private_names(tree):
            raise CannotJudge(odd, "what this name stands for depends on Python's version")
        self.tree = tree
        self.lines = text_of(source).splitlines()
        guards = [statement for statement in tree.body if is_guard(statement)] if is_script else []
        self.guarded = {
            line for guard in guards for line in range(guard.lineno, (guard.end_lineno or 0) + 1)
        }
        """The lines that run only when the module is no import."""
        self.statements = executed(tree) if is_script else tree.body
        self.nodes = list(ast.walk(tree))
        self.known = ModuleNames.of(self.statements)
        _refuse(self.statements, self.nodes, self.known)
        self.library = Library(self.nodes, self.known, own)
        self.annotations = Annotations(
            self.statements, self.nodes, self.known, self.library.is_python
        )
        self._tidied: dict[tuple[int, type[ast.stmt] | None], list[ast.stmt]] = {}
        self._scopes: dict[ast.AST, tuple[frozenset[str], frozenset[str], frozenset[str]]] = {}
        self._names: dict[ast.AST, tuple[set[str], set[str], set[str]]] = {}
        self._captured: dict[tuple[frozenset[str], frozenset[str]], frozenset[str]] = {}
        self.global_writes = {
            name for node in self.nodes if isinstance(node, ast.Global) for name in node.names
        }
        self.bound = bound_in(self.statements) | self.global_writes
        last_star = max(
            (
                number
                for number, statement in enumerate(self.statements)
                if "*" in bound_in([statement])
            ),
            default=-1,
        )
        fixed = self.statements[last_star + 1 :]
        self.definitions: dict[str, Definition] = {}
        self.needed_by: dict[str, set[str]] = {}
        """The names that each definition needs when it is executed."""
        for statement in fixed:
            if isinstance(statement, Definition) and statement.name in self.known.stable:
                bare = self._without_annotations(statement)
                if bare and is_side_effect_free(bare, self.known):
                    self.definitions[statement.name] = statement
                    self.needed_by[statement.name] = eager_names(bare)
        since = bound_in(fixed)
        self.constants: dict[str, ast.Constant] = {
            name: statement.value
            for statement in fixed
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
            for name in bound_in([statement]) & self.known.stable
        }
        self.imports = {
            name: origin for name, origin in self.known.origins.items() if name in since
        }
        outside = [
            statement for statement in self.statements if statement.lineno not in self.guarded
        ]
        self.at_import = bound_in(outside)
        """The names that it binds when it is imported."""
        self.starts_processes = any(
            module.startswith(PROCESSES) for module in imported_modules(tree)
        )
        self.loaded = {
            dotted
            for statement in self.statements
            if isinstance(statement, Import)
            for module in imported_modules(statement)
            for dotted in prefixes(module)
        }
        """The modules that it imports, and what of them."""
        self.at_once = used_at_once(self.nodes, self.known.own)
        by_function = {id(node.func): node for node in self.nodes if isinstance(node, ast.Call)}
        self.calls: dict[str, list[ast.Call]] = {}
        self.used_as_values: set[str] = set()
        for node in of_module(tree):
            if id(node) in by_function:
                self.calls.setdefault(node.id, []).append(by_function[id(node)])
            elif isinstance(node.ctx, ast.Load):
                self.used_as_values.add(node.id)
        self.shows_texts = any(map(reads_texts, self.nodes))
        """Whether it reads the docstrings or annotations of functions and classes."""

    # --- Functions and classes ---------------------------------------------------------------

    def _without_annotations(self, definition: Definition) -> Definition | None:
        """Return a definition without the annotations of functions, None where one has an effect."""
        definition = copy.copy(definition)
        if isinstance(definition, ast.ClassDef):
            members = [
                self._without_annotations(member) if isinstance(member, Function) else member
                for member in definition.body
            ]
            definition.body = [member for member in members if member]
            return definition if None not in members else None
        definition.args = copy.deepcopy(definition.args)
        annotations = [
            definition.returns,
            *(parameter.annotation for parameter in all_parameters(definition.args)),
        ]
        for argument in all_parameters(definition.args):
            argument.annotation = None
        definition.returns = None
        harmless = all(map(self.annotations.are_harmless, filter(None, annotations)))
        return definition if harmless else None

    def exits(self, statement: ast.stmt) -> bool:
        """Tell whether a statement is a call that never comes back."""
        call = statement.value if isinstance(statement, ast.Expr) else None
        name = root(call.func) if isinstance(call, ast.Call) else None
        if name is None or name in self._local or (name != "sys" and "*" in self.bound):
            return False
        is_name = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        return exits(statement, self.known) or (is_name and name in self._never_return)

    @cached_property
    def _local(self) -> set[str]:
        """The names that functions and classes of the module have of their own."""
        scopes = (Function, ast.Lambda, ast.ClassDef, Comprehension)
        return {
            name for node in self.nodes if isinstance(node, scopes) for name in local_names(node)
        }

    @cached_property
    def _never_return(self) -> set[str]:
        """The functions that do not come back to who calls them."""
        found: set[str] = set()
        for name, function in self.definitions.items():
            if isinstance(function, ast.FunctionDef) and not function.decorator_list:
                inner = [node for statement in function.body for node in in_scope(statement)]
                ends = any(
                    isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)) for node in inner
                )
                if not ends and not falls(function.body, lambda node: exits(node, self.known)):
                    found.add(name)
        return found

    def tidied(self, block: list[ast.stmt], end: type[ast.stmt] | None) -> list[ast.stmt]:
        """Return a block in its one form, the same for each time that it runs."""
        key = id(block), end
        if key not in self._tidied:
            self._tidied[key] = tidied(block, end, self.exits)
        return self._tidied[key]

    def scope(self, node: ast.AST) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return the names that a function, class or comprehension has of its own, those that it
        declares as global, and those of its own that functions in it use."""
        if node not in self._scopes:
            inner = closures(ast.iter_child_nodes(node), self.at_once)
            captured = {name for node in inner for name in free_names(node)}
            comprehends = isinstance(node, Comprehension)
            global_ = frozenset() if comprehends else declared(node, ast.Global)
            self._scopes[node] = local_names(node), global_, frozenset(captured)
        return self._scopes[node]

    def names_in(self, node: ast.AST) -> tuple[set[str], set[str], set[str]]:
        """Return the names that a node binds, all that are in it, and those that it may delete."""
        if node not in self._names:
            deleted = deleted_names(node) if isinstance(node, ast.stmt) else set()
            self._names[node] = bound_names(node), names(node), deleted
        return self._names[node]

    @cached_property
    def free(self) -> dict[str, set[str]]:
        """The names that each definition has from outside of it."""
        return {name: free_names(definition) for name, definition in self.definitions.items()}

    def reached(self, names: Collection[str]) -> set[str]:
        """Return names, and those that the definitions among them use, directly or not."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.free.get(name, ())
        return found

    def written_by(self, definitions: Collection[str]) -> set[str]:
        """Return the module's variables that definitions, or those that they use, may set."""
        return {
            name
            for reached in self.reached(definitions) & self.definitions.keys()
            for node in ast.walk(self.definitions[reached])
            if isinstance(node, ast.Global)
            for name in node.names
        }

    @cached_property
    def expandable(self) -> set[str]:
        """The functions whose statements may stand in the place of their calls."""
        return {
            name
            for name, definition in self.definitions.items()
            if self._is_expandable(name, definition)
        }

    def _is_expandable(self, name: str, function: Definition) -> bool:
        if not isinstance(function, ast.FunctionDef) or function.decorator_list:
            return False
        inner = [node for statement in function.body for node in in_scope(statement)]
        return (
            name not in self.used_as_values
            and name not in self.reached(self.free[name])
            and not any(isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await)) for node in inner)
            and all(given_to(function.args, call) is not None for call in self.calls.get(name, []))
        )

    def captured(self, kept: Collection[str], boxed: Collection[str]) -> frozenset[str]:
        """Return the module's names that are used from functions which may run at any time.

        `kept` are the functions that are not expanded, `boxed` names that are no definitions.
        """
        key = frozenset(kept), frozenset(boxed)
        if key not in self._captured:
            self._captured[key] = self._captured_with(kept, boxed)
        return self._captured[key]

    def _captured_with(self, kept: Collection[str], boxed: Collection[str]) -> frozenset[str]:
        found: set[str] = set()
        for name, definition in self.definitions.items():
            if isinstance(definition, ast.ClassDef) or name in kept or name not in self.expandable:
                found.add(name)
        roots = set(found)
        inline = [
            definition
            for name, definition in self.definitions.items()
            if name not in roots and name not in boxed
        ]
        parts = [
            statement for statement in self.statements if statement not in self.definitions.values()
        ]
        parts += [inner for definition in inline for inner in definition.body]
        parts += [definition for name, definition in self.definitions.items() if name in boxed]
        for closure in closures(parts, self.at_once):
            found |= free_names(closure)
        for name in roots:
            found |= self.free[name]
        return frozenset(self.reached(found))


def _refuse(statements: Sequence[ast.stmt], nodes: Collection[ast.AST], known: ModuleNames) -> None:
    """Raise CannotJudge where code finds variables by their names, or tells who calls it."""
    for statement in statements:
        if "__name__" in bound_names(statement):
            raise CannotJudge(statement.lineno, "__name__ is set, which the guard reads")
        if finds_by_name([statement], known):
            raise CannotJudge(statement.lineno, "variables may be looked up by their names")
    if listed := inspects_namespace(statements, known):
        raise CannotJudge(listed, "it lists the names of the module or of a caller")
    for node in nodes:
        if isinstance(node, Import) and "pydoc" in _roots(node):
            text = "pydoc reads docstrings and annotations, which csa does not compare"
            raise CannotJudge(node.lineno, text)
        if isinstance(node, ast.Call):
            called = known.origin(node.func)
            if called == "locals" or (called in _OF_A_FRAME and not node.args):
                text = f"{ast.unparse(node)} lists the variables of a function"
                raise CannotJudge(node.lineno, text)
            if stack_level(node) > 1:
                raise CannotJudge(
                    node.lineno, "the stacklevel of a warning names the function that calls"
                )


def reads_texts(node: ast.AST) -> bool:
    """Tell whether a node reads the docstring or the annotations of something."""
    texts = ("__annotations__", "__doc__")
    return (isinstance(node, ast.Attribute) and node.attr in texts) or (
        isinstance(node, ast.Constant) and node.value in texts
    )


def _roots(node: ast.AST) -> set[str]:
    """Return the modules that an import is of, without what is in them."""
    return {module.split(".")[0] for module in imported_modules(node)}


def passes_errors_on(function: Definition, known: ModuleNames) -> bool:
    """Tell whether a function is a context manager that surely ends no exception."""
    if not isinstance(function, ast.FunctionDef) or len(function.decorator_list) != 1:
        return False
    ends = (ast.With, ast.TryStar, ast.Return, ast.Break, ast.Continue)
    inner = [node for statement in function.body for node in in_scope(statement)]
    return known.fixed_origin(
        function.decorator_list[0]
    ) == "contextlib.contextmanager" and not any(
        isinstance(node, ends) or (isinstance(node, ast.Try) and node.handlers) for node in inner
    )


def given_to(arguments: ast.arguments, call: ast.Call) -> dict[str, ast.expr] | None:
    """Return what a call gives the parameters of a function, by their names; None when it unpacks
    something, or they do not fit. Parameters with a default may be missing."""
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    by_name = [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
    if arguments.vararg or arguments.kwarg or len(call.args) > len(positional):
        return None
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    given = dict(zip(positional, call.args))
    for word in call.keywords:
        if word.arg is None or word.arg in given or word.arg not in by_name:
            return None
        given[word.arg] = word.value
    required = positional[: len(positional) - len(arguments.defaults)]
    required += [
        argument.arg
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None
    ]
    return given if given.keys() >= set(required) else None


def default_of(arguments: ast.arguments, name: str) -> ast.expr:
    """Return the default of a parameter that has one."""
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults)):
        if argument.arg == name:
            return default
    for argument, keyword in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if argument.arg == name and keyword is not None:
            return keyword
    raise KeyError(name)
