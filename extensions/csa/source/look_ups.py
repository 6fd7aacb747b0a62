"""Code that finds a module's variables by their names, or tells of them."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from .effects import ModuleNames, is_future_annotations
from .names import (
    Definition,
    Function,
    Import,
    bound_in,
    bound_names,
    imported_modules,
    last_name,
    names,
)
from .syntax import nodes_of

LOOK_UPS = {"eval", "exec", "globals"}
"""Builtins that get at a module's names as text."""

BY_NAME = {
    *(
        "__main__",
        "atexit",
        "builtins",
        "cProfile",
        "code",
        "doctest",
        "inspect",
        "pdb",
        "pkgutil.resolve_name",
    ),
    *(
        "profile",
        "rlcompleter",
        "sys._getframe",
        "sys.modules",
        "timeit",
        "trace",
        "typing.get_type_hints",
    ),
    *("unittest", "weakref"),
    *LOOK_UPS,
}
"""With these, code may find a module's variables by their names, or notice when one ends."""

ONLY_LATER = {"atexit", "builtins", "weakref"}
"""Those of them that do not do so at once."""

# As mock.patch, logging.config and pkgutil take it.
_NAMES_MAIN = re.compile(r"\A__main__\Z|\b__main__[.:]\w")


def from_elsewhere(found: AbstractSet[str], statements: Sequence[ast.stmt]) -> set[str]:
    """Return those names that may have a value though none of the statements before gave them one:
    that of a builtin, of the module itself, or from where nobody can tell."""
    if "*" in bound_in(statements) or any(
        "gettext" in imported_modules(statement) for statement in statements
    ):
        return set(found)
    return {name for name in found if hasattr(builtins, name) or name.startswith("__")}


def named_in_texts(tree: ast.Module) -> set[str]:
    """Return the names in annotations of functions and classes that are kept as text.

    What reads such annotations, as dataclasses and functools.singledispatch do, looks these names
    up in the module.
    """
    all_are = any(map(is_future_annotations, tree.body))
    found: set[str] = set()
    for node in nodes_of(tree):
        annotations: list[ast.expr | None] = []
        if isinstance(node, Function):
            annotations.append(node.returns)
        elif isinstance(node, ast.arg):
            annotations.append(node.annotation)
        elif isinstance(node, ast.ClassDef):
            annotations += [
                statement.annotation
                for statement in node.body
                if isinstance(statement, ast.AnnAssign)
            ]
        for annotation in filter(None, annotations):
            for part in ast.walk(annotation):
                if isinstance(part, ast.Name) and all_are:
                    found.add(part.id)
                elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.update(re.findall(r"[^\W\d]\w*", part.value))
    return found


OTHER_CALLER = "a warning or log record with a stacklevel may report another function"


def stack_level(node: ast.AST) -> int:
    """Return which caller a call, such as of warnings.warn, speaks for; 1 is the one that calls."""
    if not isinstance(node, ast.Call):
        return 1
    given = [word.value for word in node.keywords if word.arg == "stacklevel"]
    if last_name(node.func) == "warn":
        given += node.args[2:3]
    values = [value.value if isinstance(value, ast.Constant) else None for value in given]
    return max((value if isinstance(value, int) else sys.maxsize for value in values), default=1)


def finds_by_name(statements: Iterable[ast.stmt], known: ModuleNames) -> bool:
    """Tell whether a module's code may look up its variables by name, or outlive them."""
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, Import):
            modules = imported_modules(node)
            found = bool(
                {part for module in modules for part in (module, module.split(".")[0])} & BY_NAME
            )
        elif isinstance(node, ast.JoinedStr):  # such as f"{__name__}.client", for mock.patch
            found = bool(re.search(r"__name__\}[.:]", ast.unparse(node)))
        elif isinstance(node, ast.BinOp):  # such as __name__ + ".client"
            sides = (node.left, node.right)
            found = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
        else:
            found = isinstance(node, ast.FunctionDef) and node.name == "__del__"
            found |= _gets_at_names(node, known)
        if found:
            return True
    return False


def _gets_at_names(node: ast.AST, known: ModuleNames) -> bool:
    """Tell whether a node, apart from those in it, may look up a module's names."""
    if isinstance(node, ast.Call):
        called = known.origin(node.func)
        of_sys = [*map(known.origin, node.args[:1])] == ["sys"]
        return _imports_what_is_told(node, known) or (called in ("getattr", "vars") and of_sys)
    if isinstance(node, (ast.Name, ast.Attribute)):
        name = node.id if isinstance(node, ast.Name) else node.attr
        special = name in ("__annotations__", "__builtins__", "__globals__", "f_globals")
        is_modules = isinstance(node, ast.Attribute) and name == "modules"
        return special or is_modules or known.origin(node) in BY_NAME
    return isinstance(node, ast.Constant) and (names_main(node) or node.value == "__globals__")


def _imports_what_is_told(call: ast.Call, known: ModuleNames) -> bool:
    """Tell whether a call imports a module by a name that is known only then: perhaps this one."""
    importers = ("importlib.import_module", "importlib.__import__", "__import__")
    return known.origin(call.func) in importers and not all(
        isinstance(argument, ast.Constant) for argument in call.args[:1]
    )


def names_main(node: ast.Constant) -> bool:
    """Tell whether a text, or what may be a pickle, names the script that runs."""
    if isinstance(node.value, bytes):
        return b"__main__" in node.value
    return isinstance(node.value, str) and bool(_NAMES_MAIN.search(node.value))


def inspects_namespace(statements: Iterable[ast.stmt], known: ModuleNames) -> int | None:
    """Return the line in which code lists a module's names, looks for main there, or reads the
    variables of its callers: there one more function could be seen."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    module = _ThisModule(nodes, known)
    for node in nodes:
        listed: list[ast.expr] = []
        if isinstance(node, ast.Constant) and node.value in ("argparse", "main") and module.is_used:
            return node.lineno
        if isinstance(node, ast.expr) and (
            module.is_asked_what_is_told(node)
            or (known.origin(node) or "").startswith("gc.")
            or (isinstance(node, ast.Attribute) and node.attr == "__subclasses__")
        ):
            return node.lineno
        if isinstance(node, ast.Attribute):
            if node.attr == "f_locals":
                return node.lineno
            if node.attr in ("copy", "items", "keys", "values", "__dict__"):
                listed = [node.value]
        elif isinstance(node, ast.Call):
            called = known.origin(node.func)
            if called in ("inspect.getmembers", "inspect.getmembers_static"):
                return node.lineno
            if called in ("dict", "dir", "len", "list", "set", "sorted", "tuple", "vars"):
                listed = node.args
        elif (
            isinstance(node, ast.For)
            or isinstance(node, ast.comprehension)
            and not any(map(_leaves_main_out, node.ifs))
        ):
            listed = [node.iter]
        for entry in listed:
            if module.is_it(entry):
                return entry.lineno
    return None


class _ThisModule:
    """Tells which expressions of a module are the module itself, or the dictionary of its names."""

    def __init__(self, nodes: Sequence[ast.AST], known: ModuleNames):
        self.known = known
        self.held: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.Assign) and self.is_it(node.value):
                self.held |= {name for target in node.targets for name in bound_names(target)}
        self.is_used = any(isinstance(node, ast.expr) and self.is_it(node) for node in nodes)

    def is_it(self, node: ast.expr) -> bool:
        """Tell whether an expression is it."""
        while (isinstance(node, ast.Attribute) and node.attr == "__dict__") or (
            isinstance(node, ast.Call) and node.args and self.known.origin(node.func) == "vars"
        ):
            node = node.value if isinstance(node, ast.Attribute) else node.args[0]
        if isinstance(node, ast.Name):
            return node.id in self.held or self.known.origin(node) == "__main__"
        if isinstance(node, ast.Subscript):
            other = isinstance(node.slice, ast.Constant) and node.slice.value != "__main__"
            return self.known.origin(node.value) == "sys.modules" and not other
        if isinstance(node, ast.Call):
            gives_it = ("globals", "inspect.getmodule", "sys.modules.get")
            return self.known.origin(node.func) in gives_it or _imports_what_is_told(
                node, self.known
            )
        return False

    def is_asked_what_is_told(self, node: ast.expr) -> bool:
        """Tell whether it is asked for a name that is known only then, and may be main."""
        key: ast.expr | None = None
        where: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            key, where = node.slice, node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get" and node.args:
                key, where = node.args[0], node.func.value
        elif isinstance(node, ast.Call) and len(node.args) > 1:
            if self.known.origin(node.func) in ("getattr", "hasattr"):
                where, key = node.args[:2]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            key, where = node.left, node.comparators[0]
        if where is None or not self.is_it(where):
            return False
        # Neither a text nor one that is put together with another, such as "export_" + name, is told.
        if not isinstance(key, (ast.BinOp, ast.Constant, ast.JoinedStr)):
            return True
        return not any(isinstance(node, ast.Constant) for node in ast.walk(key))


def _leaves_main_out(test: ast.expr) -> bool:
    """Tell whether a condition such as name.startswith("cmd_") holds for no name that is added."""
    if not (isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.args):
        return False
    affix = test.args[0]
    return (
        test.func.attr in ("endswith", "startswith")
        and isinstance(affix, ast.Constant)
        and isinstance(affix.value, str)
        and not any(getattr(name, test.func.attr)(affix.value) for name in ("argparse", "main"))
    )


def _looks_up(statement: ast.stmt, known: ModuleNames) -> bool:
    """Tell whether a statement may look up names of the module in another way than as a name."""
    for node in ast.walk(statement):
        only_later = isinstance(node, (ast.Name, ast.Attribute)) and (
            known.origin(node) in ONLY_LATER
        )
        if _gets_at_names(node, known) and not only_later:
            return True
    return False


class Reachability:
    """What the statements of a module may get at when they run.

    Where one looks up names in another way than by globals(), that stands for it.
    """

    def __init__(self, statements: list[ast.stmt], known: ModuleNames):
        self._names = [
            names(statement) | ({"globals"} if _looks_up(statement, known) else set())
            for statement in statements
        ]
        self._related: dict[str, list[int]] = {}
        for number, statement in enumerate(statements):
            # A definition matters to those who name it, another statement for all that it names:
            # it may have prepared it, such as a parser.
            of = {statement.name} if isinstance(statement, Definition) else self._names[number]
            for name in of:
                if isinstance(statement, Definition) or not hasattr(builtins, name):
                    self._related.setdefault(name, []).append(number)
        self._found: dict[int, set[str]] = {}

    def before(self, number: int) -> set[str]:
        """Return the names that a statement may reach with what ran before it."""
        if number not in self._found:
            reached = set(self._names[number])
            waiting = list(reached)
            seen: set[int] = set()
            while waiting:
                for other in self._related.get(waiting.pop(), ()):
                    if other < number and other not in seen:
                        seen.add(other)
                        waiting += self._names[other] - reached
                        reached |= self._names[other]
            self._found[number] = reached
        return self._found[number]
