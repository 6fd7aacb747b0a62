"""What a package's modules do when one of them is imported, beyond getting ready."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .actions import EFFECT_METHODS, PREPARES, REACHES_OUT, has_effect, takes_argv
from .effects import ModuleNames
from .imports import NO_MODULE, never_runs
from .modules import Defined, Modules, Scope
from .names import Definition, Function, Import, asks_for_main, in_scope, is_standard
from .namespaces import PARSE_METHODS

CALLERS: dict[str, int | str] = {
    **dict.fromkeys(("filter", "functools.reduce", "itertools.starmap", "map"), 0),
    **dict.fromkeys(("max", "min", "sorted"), "key"),
}
"""What calls a function that it is given at once: the first argument, or one with a name."""

NEW = ("__new__", "__init__", "__post_init__")
"""The methods of a class that run when it is called."""

PROPERTIES = {"cached_property", "property"}
"""Decorators of a method that runs when it is looked up."""

LONGEST = 60
"""Characters of a statement that are shown."""

MOST_CALLS = 50
"""Functions that call each other and are followed."""


@dataclass(frozen=True, order=True)
class Effect:
    """A line of a module that does more than prepare, and what it says, shortened."""

    path: str
    line: int
    text: str


def effects_at_import(trees: Mapping[str, ast.Module], package: str) -> list[Effect]:
    """Return what runs when main.py of a package is imported, and should not.

    That is what tests, which import it, could not do without a tenant, arguments or files. `trees`
    are the package's Python files by path. Its functions are followed, and the modules that main.py
    imports; third parties' functions are known by their names.
    """
    importing = _Importing(Modules(trees, package))
    found: dict[tuple[str, int], str] = {}
    for path in importing.imported("__init__.py", "main.py"):
        for step, reason in importing.effects(path):
            place = path, step.statement.lineno
            if place not in found:
                text = _short(step.statement)
                found[place] = f"{text} ({reason})" if reason else text
    return [Effect(path, line, text) for (path, line), text in sorted(found.items())]


def _short(statement: ast.stmt) -> str:
    text = ast.unparse(statement).splitlines()[0]
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


@dataclass(frozen=True)
class _Step:
    """A part of a statement that runs, and whether a `try` that goes on after errors is around."""

    statement: ast.stmt
    node: ast.AST
    caught: bool = False


_Meaning = Defined | str
"""What something stands for: what the package defines, or a dotted name of somebody else's."""

_Places = tuple[str | None, str | None]
"""Where something reaches out of the process, and where it fails without a variable of the
environment: "" for itself, a place for what it calls, None for nowhere."""


class _Importing:
    """What runs while modules of a package are imported."""

    def __init__(self, modules: Modules):
        self.modules = modules
        self._imported: list[str] = []
        self._places: dict[ast.AST, _Places] = {}

    def imported(self, *paths: str) -> Iterator[str]:
        """Yield modules, and then those that they import while their effects are looked for."""
        self._imported += [path for path in paths if path in self.modules.trees]
        yield from self._imported  # grows meanwhile

    def effects(self, path: str) -> Iterator[tuple[_Step, str]]:
        """Yield what runs when a module is imported, and should not: with the place in a function
        that it calls, if it is there."""
        scope = self.modules.scope(path)
        for step in _steps(self.modules.trees[path].body):
            acts, needs = self._does(step, scope, 0)
            if isinstance(step.node, ast.Raise):
                yield step, ""
            elif (place := needs if acts is None else acts) is not None:
                yield step, place

    def _does(self, step: _Step, scope: Scope, calls: int) -> _Places:
        """Return where a step does what it should not, itself or in what it calls."""
        node = step.node
        if isinstance(node, Import):
            for path in self.modules.imported_by(node, scope.path):
                self._imported += [path] if path not in self._imported else []
        acts = "" if self._acts(node, scope) else None
        needs = "" if _needs_environment(node, scope.known) else None
        for function in self._called(node, scope):
            if isinstance(function, str):
                acts = "" if _reaches_out(function) else acts
                continue
            inner_acts, inner_needs = self._done_by(function, calls + 1)
            given = ast.walk(node) if isinstance(node, ast.Call) else ()
            if inner_needs is None and any(_is_environment(child, scope) for child in given):
                inner_needs = _raising(function)
            acts = inner_acts if acts is None else acts
            needs = inner_needs if needs is None else needs
        return acts, None if step.caught else needs

    def _done_by(self, function: Defined, calls: int) -> _Places:
        """Return where a function of the package does what it should not."""
        if function.node in self._places or calls > MOST_CALLS:
            return self._places.get(function.node, (None, None))
        self._places[function.node] = None, None  # of one that calls itself
        scope = self.modules.scope_in(function)
        acts: str | None = None
        needs: str | None = None
        reads = False
        for step in _steps(function.body):
            inner_acts, inner_needs = self._does(step, scope, calls)
            if acts is None and inner_acts is not None:
                acts = inner_acts or _place(function, step.statement)
            if needs is None and inner_needs is not None:
                needs = inner_needs or _place(function, step.statement)
            reads |= _is_environment(step.node, scope)
        if needs is None and reads:
            needs = _raising(function)
        self._places[function.node] = acts, needs
        return acts, needs

    def _acts(self, node: ast.AST, scope: Scope) -> bool:
        """Tell whether a node, apart from those in it, reaches out of the process or ends it."""
        if isinstance(node, ast.Raise) and node.exc:
            of = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            return scope.known.origin(of) == "SystemExit"
        if isinstance(node, ast.stmt):
            head = getattr(node, "test", getattr(node, "iter", None))
            evaluated = head if hasattr(node, "body") else node
            return evaluated is not None and takes_argv(evaluated, scope.known)
        if not isinstance(node, ast.Call):
            return False
        called = self.modules.meaning(node.func, scope)
        if isinstance(called, Defined):
            return False
        if called is None or "()" in called:  # a method of a value
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            parses = method in PARSE_METHODS and not node.args
            reaches_out = called is not None and REACHES_OUT.fullmatch(called) is not None
            return method in EFFECT_METHODS or parses or reaches_out
        if called == "logging.basicConfig":
            return any(word.arg == "filename" for word in node.keywords)
        return _reaches_out(called)

    def _called(self, node: ast.AST, scope: Scope) -> Iterator[_Meaning]:
        """Yield what runs with a node: the package's own functions, and by their dotted names those
        of others that something else calls."""
        if isinstance(node, ast.Attribute):
            found = self.modules.meaning(node, scope)
            if isinstance(found, Defined) and PROPERTIES.intersection(found.decorators):
                yield found
        elif isinstance(node, Definition):
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                yield from self._methods(self.modules.meaning(base, scope), "__init_subclass__")
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call):
                    yield from self._called_by(decorator, scope)
                # One that is decorated itself may well wrap what it is given.
                wrappers = self._functions(decorator, scope)
                for function in (wrapper for wrapper in wrappers if not wrapper.decorators):
                    yield function
                    yield from self._taken(function, {0: Defined(node, scope)})
        elif isinstance(node, ast.With):
            for item in node.items:
                entered = self.modules.meaning(item.context_expr, scope)
                yield from self._methods(entered, "__enter__", "__exit__")
        elif isinstance(node, ast.Call):
            yield from self._called_by(node, scope)

    def _called_by(self, call: ast.Call, scope: Scope) -> Iterator[_Meaning]:
        """Yield what a call runs."""
        arguments = [*enumerate(call.args), *((word.arg, word.value) for word in call.keywords)]
        given = {key: self.modules.meaning(value, scope) for key, value in arguments}
        caller = self.modules.meaning(call.func, scope)
        if isinstance(caller, str):
            yield from self._run(given.get(CALLERS.get(caller, "")))
        for function in self._functions(call.func, scope):
            yield function
            yield from self._taken(function, given)

    def _functions(self, node: ast.expr, scope: Scope) -> Iterator[Defined]:
        """Yield the package's own functions that run when an expression is called."""
        value = scope.values.get(node.id) if isinstance(node, ast.Name) else node
        is_object = isinstance(value, ast.Call)  # all else that means a class is the class
        for found in self._run(self.modules.meaning(node, scope), is_object=is_object):
            yield from [found] if isinstance(found, Defined) else []

    def _run(self, called: _Meaning | None, *, is_object: bool = False) -> Iterator[_Meaning]:
        """Yield what runs when something is called, a class or an object of one."""
        if isinstance(called, Defined) and not called.is_function:
            yield from self._methods(called, *(["__call__"] if is_object else NEW))
        elif called:
            yield called

    def _methods(self, class_: _Meaning | None, *names: str) -> Iterator[Defined]:
        """Yield those methods of a class that have some names."""
        if isinstance(class_, Defined) and not class_.is_function:
            methods = (self.modules.member(class_, name) for name in names)
            yield from (method for method in methods if method and method.is_function)

    def _taken(
        self, function: Defined, given: Mapping[int | str | None, _Meaning | None]
    ) -> Iterator[_Meaning]:
        """Yield what a function calls of the arguments that it is given, by number or name."""
        calls = self.modules.scope_in(function).calls
        for key, meaning in given.items():
            name = dict(enumerate(function.positional)).get(key) if isinstance(key, int) else key
            if name in calls:
                yield from self._run(meaning)


def _reaches_out(called: str) -> bool:
    """Tell whether calling what has this dotted name reaches out of the process or ends it."""
    if is_standard(called) or "." not in called:
        return has_effect(called) and not PREPARES.fullmatch(called)
    return called == "docopt.docopt" or REACHES_OUT.fullmatch(called) is not None


def _place(function: Defined, statement: ast.stmt) -> str:
    return f"{function.scope.path} line {statement.lineno}: {_short(statement)}"


def _raising(function: Defined) -> str | None:
    """Return where a function may raise an error of its own."""
    nodes = (node for statement in function.body for node in in_scope(statement))
    return next((_place(function, node) for node in nodes if isinstance(node, ast.Raise)), None)


# --- What runs -----------------------------------------------------------------------------------


def _steps(body: Iterable[ast.stmt]) -> Iterator[_Step]:
    """Yield what runs of a module or a function: each part with the innermost statement it is of.

    Left out is what runs in the main program only, in no image, or after an import that failed:
    requirements see to those.
    """
    steps = [_Step(statement, statement) for statement in reversed([*body])]
    while steps:
        step = steps.pop()
        yield step
        node = step.node
        inside = [*ast.iter_child_nodes(node)]
        if isinstance(node, Function | ast.Lambda):
            inside = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        elif isinstance(node, ast.If):
            skipped = {*_skipped(node)}
            inside = [child for child in inside if child not in skipped]
        elif isinstance(node, ast.Try | ast.TryStar):
            inside = [child for child in inside if not _lacks_module(child, node)]
        if isinstance(node, Definition):  # a decorator wraps, and what it is given is evaluated
            inside = [child for child in inside if child not in node.decorator_list]
            for decorator in node.decorator_list:
                inside += decorator.args if isinstance(decorator, ast.Call) else []
        for child in reversed(inside):
            inner = child if isinstance(child, ast.stmt) else step.statement
            tried = isinstance(node, ast.Try) and bool(node.handlers) and child in node.body
            steps.append(_Step(inner, child, step.caught or tried))


def _skipped(node: ast.If) -> Sequence[ast.AST]:
    """Return what of a condition does not run at import."""
    is_and = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)
    tests = node.test.values if isinstance(node.test, ast.BoolOp) and is_and else [node.test]
    return [node.test, *node.body] if any(map(asks_for_main, tests)) else never_runs(node)


def _lacks_module(child: ast.AST, of: ast.Try | ast.TryStar) -> bool:
    """Tell whether it is what a script does after an import that failed."""
    if not isinstance(child, ast.ExceptHandler):
        return False
    kinds = child.type.elts if isinstance(child.type, ast.Tuple) else [child.type]
    named = any(isinstance(kind, ast.Name) and kind.id in NO_MODULE for kind in kinds)
    return named or all(isinstance(statement, Import) for statement in of.body)


# --- The environment -----------------------------------------------------------------------------


def _is_environment(node: ast.AST, scope: Scope) -> bool:
    return isinstance(node, (ast.Name, ast.Attribute)) and (
        scope.known.origin(node) in ("os.environ", "os.getenv")
    )


def _needs_environment(node: ast.AST, known: ModuleNames) -> bool:
    """Tell whether a node fails where a variable of the environment is not set."""
    if isinstance(node, ast.Call):
        called = known.origin(node.func)
        if called == "os.environ.pop":
            return len(node.args) < 2
        # What the package's own functions and methods of values do with None is another question.
        harmless = ("bool", "isinstance", "logging.getLogger", "print", "repr", "str", None)
        return called not in harmless and any(_may_be_none(part, known) for part in node.args)
    if isinstance(node, ast.Attribute):
        return _may_be_none(node.value, known)
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Store):
        is_environment = known.origin(node.value) == "os.environ"
        return is_environment or _may_be_none(node.value, known)
    return False


def _may_be_none(node: ast.expr, known: ModuleNames) -> bool:
    """Tell whether it asks for a variable of the environment without a default."""
    if not (isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords):
        return False
    asks = known.origin(node.func) in ("os.environ.get", "os.getenv")
    return asks and ast.unparse(node.args[0]) not in ("'HOME'", "'PATH'", "'USER'")
