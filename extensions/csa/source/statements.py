"""What a module's statements do when it runs: what they bind and read, and which commute."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

EMPTY = {
    *("bool", "bytes", "dict", "frozenset", "list", "set", "str", "tuple"),
    *("collections.Counter", "collections.OrderedDict", "collections.deque"),
}
"""Calls that, without arguments, make the same whenever they run, and do nothing else."""

PURE_CALLS = {
    *("collections.defaultdict", "collections.namedtuple", "dataclasses.field"),
    *("datetime.timedelta", "enum.auto", "pathlib.Path", "pathlib.PurePath", "threading.Event"),
    *("threading.Lock", "threading.RLock", "typing.NewType", "typing.TypeVar"),
}
"""The same, of constants."""

PURE_DECORATORS = {
    *("abc.abstractmethod", "classmethod", "contextlib.asynccontextmanager"),
    *("contextlib.contextmanager", "dataclasses.dataclass", "enum.unique", "functools.cache"),
    *("functools.cached_property", "functools.lru_cache", "functools.total_ordering", "property"),
    *("staticmethod", "typing.final", "typing.overload"),
}
"""Decorators of the standard library that do nothing else than make their function or class."""

LOOK_UPS = {"eval", "exec", "globals"}
"""Builtins that get at a module's names as text."""

PARSE_METHODS = {
    "parse_args",
    "parse_intermixed_args",
    "parse_known_args",
    "parse_known_intermixed_args",
}
"""Methods of parsers that return what they parsed of the command line."""

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

CLASS_MAKERS = {
    *("collections.namedtuple", "dataclasses.make_dataclass", "enum.Enum", "enum.Flag"),
    *("enum.IntEnum", "enum.IntFlag", "enum.StrEnum", "type", "types.new_class"),
    *("typing.NamedTuple", "typing.NewType", "typing.TypedDict"),
}
"""Calls that make a class, which pickle looks up by its name in the module."""

# As mock.patch, logging.config and pkgutil take it.
_NAMES_MAIN = re.compile(r"\A__main__\Z|\b__main__[.:]\w")

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Import = ast.Import | ast.ImportFrom


def is_guard(statement: ast.stmt) -> bool:
    """Tell whether a statement is `if __name__ == "__main__":`, either way round."""
    if not (isinstance(statement, ast.If) and isinstance(statement.test, ast.Compare)):
        return False
    test = statement.test
    if len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = {ast.unparse(side) for side in (test.left, *test.comparators)}
    return sides == {"__name__", "'__main__'"}


def names(node: ast.AST) -> set[str]:
    """Return the names that a node uses or assigns, its inner functions included: not those that
    imports, definitions, except clauses and patterns bind."""
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return found | {
        name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names
    }


def in_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a node without entering inner functions, classes and comprehensions.

    What these evaluate in the scope around them is walked: decorators, defaults, bases.
    """
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        inner: Iterable[ast.AST] = [
            *getattr(node, "decorator_list", []),
            *node.args.defaults,
            *(default for default in node.args.kw_defaults if default),
        ]
    elif isinstance(node, ast.ClassDef):
        inner = [*node.decorator_list, *node.bases, *node.keywords]
    elif isinstance(node, _COMPREHENSIONS):
        inner = [node.generators[0].iter, *_walruses(node)]
    else:
        inner = ast.iter_child_nodes(node)
    for child in inner:
        yield from in_scope(child)


def _walruses(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the targets of walruses in a comprehension: they bind in the scope around it."""
    for one in ast.walk(node):
        if isinstance(one, ast.NamedExpr):
            yield one.target


def global_names(table: symtable.SymbolTable) -> set[str]:
    """Return the module's names that a scope, or one in it, uses."""
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return found.union(*(global_names(child) for child in table.get_children()))


def bound_names(statement: ast.AST) -> set[str]:
    """Return the names that a statement binds or deletes in its own scope; * for a star import."""
    bound: set[str] = set()
    for node in in_scope(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, Definition):
            bound.add(node.name)
        elif isinstance(node, Import):
            bound.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound.add(node.rest)
    return bound


def bound_in(statements: Iterable[ast.stmt]) -> set[str]:
    """Return the names that statements bind."""
    return {name for statement in statements for name in bound_names(statement)}


def surely_bound(block: Iterable[ast.stmt], known: Known) -> set[str] | None:
    """Return the names that a block itself binds whichever way it runs to its end; None when it
    never gets there."""
    bound: set[str] = set()
    for statement in block:
        if isinstance(statement, (ast.If, ast.Try)):
            branches = [statement.body, statement.orelse]
            if isinstance(statement, ast.Try):
                branches = [[*statement.body, *statement.orelse]]
                branches += [handler.body for handler in statement.handlers]
                bound |= surely_bound(statement.finalbody, known) or set()
            ended = [found for one in branches if (found := surely_bound(one, known)) is not None]
            if not ended:
                return None
            bound |= set.intersection(*ended)
        elif isinstance(statement, ast.Raise) or _exits(statement, known):
            return None
        elif isinstance(statement, ast.With):
            targets = [item.optional_vars for item in statement.items if item.optional_vars]
            bound |= {name for target in targets for name in bound_names(target)}
        elif isinstance(statement, ast.Assign):
            bound |= {name for target in statement.targets for name in bound_names(target)}
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            bound |= bound_names(statement.target)
        elif isinstance(statement, (Definition, Import)):
            bound |= bound_names(statement)
        bound -= _deleted(statement)
    return bound


def _deleted(statement: ast.stmt) -> set[str]:
    """Return the names that a statement may delete: an except clause does so with its own."""
    nodes = list(ast.walk(statement))
    handled = {one.name for one in nodes if isinstance(one, ast.ExceptHandler) and one.name}
    return handled | bound_in(one for one in nodes if isinstance(one, ast.Delete))


def _exits(statement: ast.stmt, known: Known) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    exits = ("sys.exit", "exit", "quit")
    return isinstance(call, ast.Call) and known.fixed_origin(call.func) in exits


def imported_names(statements: Iterable[ast.stmt]) -> dict[str, str]:
    """Return what the imports among the statements bind: dotted origins by name."""
    origins: dict[str, str] = {}
    for statement in statements:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                name = alias.asname or alias.name.split(".")[0]
                origins[name] = alias.name if alias.asname else name
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            for alias in statement.names:
                origins[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
    return origins


def is_set_first(name: str, statements: Iterable[ast.stmt]) -> bool:
    """Tell whether the first of the statements that has a name gives it its value, and none takes
    it away; True when none has it."""
    statements = list(statements)
    if any(name in _deleted(statement) for statement in statements):
        return False
    for statement in statements:
        if name not in names(statement) | bound_names(statement):
            continue
        if isinstance(statement, ast.Assign):
            plain = any(isinstance(one, ast.Name) and one.id == name for one in statement.targets)
            return plain and name not in names(statement.value)
        return isinstance(statement, Import)
    return True


def may_be_elsewhere(name: str, statements: Sequence[ast.stmt]) -> bool:
    """Tell whether a name may have a value though none of the statements before gave it one: that
    of a builtin, of the module itself, or from where nobody can tell."""
    unknown = "*" in bound_in(statements) or any(
        "gettext" in imported_modules(one) for one in statements
    )
    return unknown or hasattr(builtins, name) or name.startswith("__")


def only_names_types(annotation: ast.expr, statements: Sequence[ast.stmt], known: Known) -> bool:
    """Tell whether an annotation among a module's statements does nothing but name types.

    A module evaluates it, a function does not: so it must not fail, call anything or look into what
    is no type.
    """
    if any(is_future_annotations(one) for one in statements):
        return True
    before = bound_in(one for one in statements if one.lineno < annotation.lineno)
    types = {one.name for one in statements if isinstance(one, ast.ClassDef)}
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            fits = node.id in before or known.origin(node) is not None
        elif isinstance(node, ast.Subscript):
            fits = known.origin(node.value) is not None or root(node.value) in types
        elif isinstance(node, ast.BinOp):
            sides = (node.left, node.right)
            fits = not any(isinstance(one, ast.Constant) and one.value is not None for one in sides)
        else:
            fits = not isinstance(node, (ast.Await, ast.Call, ast.NamedExpr))
        if not fits:
            return False
    return True


def is_future_annotations(statement: ast.stmt) -> bool:
    """Tell whether a statement makes Python keep annotations as text."""
    return (
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
    )


def named_in_texts(tree: ast.Module) -> set[str]:
    """Return the names in annotations of functions and classes that are kept as text.

    What reads such annotations, as dataclasses and functools.singledispatch do, looks these names
    up in the module.
    """
    all_are = any(map(is_future_annotations, tree.body))
    found: set[str] = set()
    for node in ast.walk(tree):
        annotations: list[ast.expr | None] = []
        if isinstance(node, Function):
            annotations.append(node.returns)
        elif isinstance(node, ast.arg):
            annotations.append(node.annotation)
        elif isinstance(node, ast.ClassDef):
            annotations += [one.annotation for one in node.body if isinstance(one, ast.AnnAssign)]
        for annotation in filter(None, annotations):
            for part in ast.walk(annotation):
                if isinstance(part, ast.Name) and all_are:
                    found.add(part.id)
                elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.update(re.findall(r"[^\W\d]\w*", part.value))
    return found


def stack_level(node: ast.AST) -> int:
    """Return which caller a call, such as of warnings.warn, speaks for; 1 is the one that calls."""
    for word in node.keywords if isinstance(node, ast.Call) else ():
        if word.arg == "stacklevel":
            value = word.value.value if isinstance(word.value, ast.Constant) else None
            return value if isinstance(value, int) else sys.maxsize
    return 1


def has_no_alias(statements: Iterable[ast.stmt], namespace: str) -> bool:
    """Tell whether statements use a namespace in no other way than by its attributes."""
    attributes, values = _uses(statements, namespace)
    return len(attributes) == sum(isinstance(one.ctx, ast.Load) for one in values)


def is_plain_namespace(name: str, statements: Sequence[ast.stmt], known: Known) -> bool:
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
        isinstance(one, ast.Constant) or (known.fixed_origin(one) or "").startswith("argparse.")
        for one in actions
    )


def _is_parser(node: ast.expr, statements: Sequence[ast.stmt], known: Known) -> bool:
    """Tell whether an expression is surely a parser of argparse's own class."""
    if isinstance(node, ast.Name):
        value = value_of(node.id, statements)
        return isinstance(value, ast.Call) and _is_parser(value, statements, known)
    if not isinstance(node, ast.Call):
        return False
    if known.fixed_origin(node.func) == "argparse.ArgumentParser":
        return True
    functions = [one for one in statements if isinstance(one, Function)]
    for function in functions:
        if function.name == ast.unparse(node.func) and function.name in known.stable:
            body = [one for statement in function.body for one in in_scope(statement)]
            inner = [one for one in body if isinstance(one, (ast.Assign, ast.AnnAssign))]
            returned = {
                ast.unparse(one): one.value for one in body if isinstance(one, ast.Return)
            }.values()
            others = [one for one in functions if one is not function]
            return bool(returned) and all(
                one is not None and _is_parser(one, [*inner, *others], known) for one in returned
            )
    return False


def value_of(name: str, statements: Iterable[ast.stmt]) -> ast.expr | None:
    """Return what is assigned to a name in the one place that binds it."""
    nodes = [node for one in statements for node in in_scope(one)]
    places = [
        one
        for one in nodes
        if (isinstance(one, ast.Name) and one.id == name and not isinstance(one.ctx, ast.Load))
        or (isinstance(one, Import) and name in bound_names(one))
        or getattr(one, "name", None) == name  # of definitions, except clauses, patterns
    ]
    values = [
        one.value
        for one in nodes
        if isinstance(one, (ast.Assign, ast.AnnAssign)) and name in bound_names(one)
    ]
    return values[0] if len(values) == len(places) == 1 else None


def is_only_read(statements: Iterable[ast.stmt], namespace: str, added: AbstractSet[str]) -> bool:
    """Tell whether statements do nothing with a namespace but read attributes that are not among
    those added to it."""
    attributes, values = _uses(statements, namespace)
    return len(attributes) == len(values) and all(
        isinstance(one.ctx, ast.Load) and one.attr not in added and not one.attr.startswith("_")
        for one in attributes
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


def imported_modules(tree: ast.AST) -> set[str]:
    """Return the dotted names of all that is imported anywhere in a tree: modules, and what of
    them."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(imported_names([node]).values())
    return found


def is_dotted(node: ast.expr) -> bool:
    """Tell whether an expression is a name, or an attribute of one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def root(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes, calls and subscripts begins with."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def is_standard(dotted: str) -> bool:
    """Tell whether a dotted name is of the standard library."""
    return dotted.split(".")[0] in sys.stdlib_module_names


@dataclass(frozen=True)
class Known:
    """What is known of a module's names.

    `origins` has the dotted origins of those that are imported and bound by nothing else, `own` all
    others that it binds, `stable` those of them that are bound once, to what nobody can change:
    constants that are numbers or text, functions and classes. `changed` are those of which it sets
    attributes or items, anywhere.
    """

    origins: Mapping[str, str]
    own: AbstractSet[str]
    stable: AbstractSet[str]
    changed: AbstractSet[str]

    @classmethod
    def of(cls, statements: Sequence[ast.stmt]) -> Known:
        """Return what is known of the names of a module with these statements."""
        bound = Counter(name for one in statements for name in bound_names(one))
        changed: set[str] = set()
        for node in (node for one in statements for node in ast.walk(one)):
            if isinstance(node, ast.Global):
                bound.update(node.names * 2)
            elif isinstance(node, (ast.Attribute, ast.Subscript)):
                name = None if isinstance(node.ctx, ast.Load) else root(node)
                changed |= {name} if name else set()
        imported: dict[str, list[str]] = {}
        for one in statements:
            for name, origin in imported_names([one]).items():
                imported.setdefault(name, []).append(origin)
        origins = {
            name: found[0]
            for name, found in imported.items()
            if len(set(found)) == 1 and len(found) == bound[name]
        }
        stable = {
            name
            for one in statements
            if isinstance(one, Definition)
            or (isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant))
            for name in bound_names(one)
            if bound[name] == 1
        }
        return cls(origins, set(bound) - set(origins), stable, changed)

    def origin(self, node: ast.expr) -> str | None:
        """Return the dotted origin of a name or an attribute of one, a builtin's is its name."""
        if isinstance(node, ast.Attribute):
            owner = self.origin(node.value)
            return owner and f"{owner}.{node.attr}"
        if isinstance(node, ast.Name):
            builtin = hasattr(builtins, node.id) and node.id not in self.own
            return self.origins.get(node.id, node.id if builtin else None)
        return None

    def fixed_origin(self, node: ast.expr) -> str | None:
        """Return the same, if the script changes nothing there, and its module is surely loaded."""
        dotted = self.origin(node)
        owner = "builtins" if isinstance(node, ast.Name) else root(node)
        if dotted is None or {root(node), owner} & self.changed:
            return None
        deep = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)
        return None if deep else dotted


def finds_by_name(statements: Iterable[ast.stmt], known: Known) -> bool:
    """Tell whether a module's code may look up its variables by name, or outlive them."""
    for node in (node for one in statements for node in ast.walk(one)):
        if isinstance(node, Import):
            modules = imported_modules(node)
            found = bool({part for one in modules for part in (one, one.split(".")[0])} & BY_NAME)
        elif isinstance(node, ast.Call):
            called = known.origin(node.func)
            importer = called in ("importlib.import_module", "importlib.__import__", "__import__")
            # By a name that is known only then, which may be the script's own.
            found = importer and not all(isinstance(one, ast.Constant) for one in node.args[:1])
            found |= called in ("getattr", "vars") and [*map(known.origin, node.args[:1])] == [
                "sys"
            ]
        elif isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else node.attr
            special = name in ("__annotations__", "__builtins__", "__globals__", "f_globals")
            found = special or known.origin(node) in BY_NAME
            found |= isinstance(node, ast.Attribute) and name == "modules"
        elif isinstance(node, ast.Constant):
            found = names_main(node) or node.value == "__globals__"
        elif isinstance(node, ast.JoinedStr):  # such as f"{__name__}.client", for mock.patch
            found = bool(re.search(r"__name__\}[.:]", ast.unparse(node)))
        elif isinstance(node, ast.BinOp):  # such as __name__ + ".client"
            sides = (node.left, node.right)
            found = any(isinstance(one, ast.Name) and one.id == "__name__" for one in sides)
        else:
            found = isinstance(node, ast.FunctionDef) and node.name == "__del__"
        if found:
            return True
    return False


def names_main(node: ast.Constant) -> bool:
    """Tell whether a text, or what may be a pickle, names the script that runs."""
    if isinstance(node.value, bytes):
        return b"__main__" in node.value
    return isinstance(node.value, str) and bool(_NAMES_MAIN.search(node.value))


def tells_of_main(statements: Iterable[ast.stmt], known: Known) -> int | None:
    """Return the line in which code lists a module's names, looks for main there, or reads the
    variables of its callers: there one more function could be seen."""
    nodes = [node for one in statements for node in ast.walk(one)]
    looks_up = {"globals", "sys.modules"} & {
        known.origin(node) for node in nodes if isinstance(node, ast.expr)
    }
    for node in nodes:
        listed: list[ast.expr] = []
        if isinstance(node, ast.Constant) and node.value in ("argparse", "main") and looks_up:
            return node.lineno
        if isinstance(node, ast.expr) and (
            _looks_up_what_is_told(node, known)
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
        for one in listed:
            whole = one.func if isinstance(one, ast.Call) else one
            whole = whole.value if isinstance(whole, ast.Subscript) else whole
            if known.origin(whole) in ("globals", "sys.modules") and one is not whole:
                return one.lineno
    return None


def _looks_up_what_is_told(node: ast.expr, known: Known) -> bool:
    """Tell whether it asks globals() for a name that is known only then, and may be main."""
    key: ast.expr | None = None
    where: ast.expr | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        key, where = node.slice, node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "get" and node.args:
            key, where = node.args[0], node.func.value
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        key, where = node.left, node.comparators[0]
    if not (isinstance(where, ast.Call) and known.origin(where.func) == "globals"):
        return False
    # Neither a text nor one that is put together with another, such as "export_" + name, is told.
    if not isinstance(key, (ast.BinOp, ast.Constant, ast.JoinedStr)):
        return True
    return not any(isinstance(one, ast.Constant) for one in ast.walk(key))


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


def outlasts(statement: ast.AST, known: Known) -> bool:
    """Tell whether an assignment makes a class, which pickle looks up by its name in the module, or
    a temporary file, which goes with its variable."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return False
    for call in ast.walk(statement.value):
        if isinstance(call, ast.Call):
            made = known.origin(call.func) or ""
            asks = made == "type" and len(call.args) == 1
            if made.startswith("tempfile.") or (made in CLASS_MAKERS and not asks):
                return True
            # What makes a class in another module is told its name.
            first = call.args[0] if call is statement.value and call.args else None
            named = isinstance(first, ast.Constant) and first.value in bound_names(statement)
            if named and not is_standard(made):
                return True
    return False


def is_pure(node: ast.expr, known: Known) -> bool:
    """Tell whether an expression has no effect, and a value that nobody can tell from the one that
    it has at another time."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Lambda):
        return not node.args.defaults and not any(node.args.kw_defaults)
    if isinstance(node, ast.Name):
        is_builtin = known.fixed_origin(node) == node.id and hasattr(builtins, node.id)
        return node.id in known.stable or is_builtin or node.id == "__file__"
    if isinstance(node, ast.Attribute):  # such as logging.INFO
        dotted = known.fixed_origin(node)
        return dotted is not None and is_standard(dotted) and node.attr.isupper()
    if isinstance(node, ast.Call):
        called = known.fixed_origin(node.func)
        if called in EMPTY:
            return not (node.args or node.keywords)
        return called in PURE_CALLS and all(
            is_pure(part, known)
            for part in (*node.args, *(keyword.value for keyword in node.keywords))
        )
    if isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict)):
        parts = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
        return all(is_pure(one, known) for one in parts)
    if isinstance(node, ast.UnaryOp):
        number = isinstance(node.operand, ast.Constant) and type(node.operand.value) in (int, float)
        return number and isinstance(node.op, (ast.UAdd, ast.USub))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mult, ast.Sub)):
        sides = (node.left, node.right)
        return all(isinstance(one, ast.Constant) and type(one.value) is int for one in sides)
    return False


def _is_pure_type(node: ast.expr, known: Known) -> bool:
    """Tell whether an annotation has no effect: it may name types, and give them parameters."""
    if isinstance(node, (ast.Constant, ast.Name)):
        return True
    if isinstance(node, ast.Attribute):
        return known.fixed_origin(node) is not None
    if isinstance(node, (ast.Tuple, ast.List)):
        return all(_is_pure_type(element, known) for element in node.elts)
    if isinstance(node, ast.Subscript):
        # A class of the script's own, or a third party's, may do something there.
        return _is_python_s(node.value, known) and _is_pure_type(node.slice, known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _is_united(node.left, known) and _is_united(node.right, known)
    return False


def _is_united(node: ast.expr, known: Known) -> bool:
    """Tell whether a side of `one | other` is a type of which this makes a union."""
    own = isinstance(node, ast.Name) and node.id in known.stable
    inner = isinstance(node, (ast.Constant, ast.Subscript, ast.BinOp)) and _is_pure_type(
        node, known
    )
    return own or inner or _is_python_s(node, known)


def _is_python_s(node: ast.expr, known: Known) -> bool:
    """Tell whether a name or attribute is a builtin, or of the standard library."""
    dotted = known.fixed_origin(node)
    return dotted is not None and (is_standard(dotted) or hasattr(builtins, dotted))


def is_inert(statement: ast.stmt, known: Known) -> bool:
    """Tell whether a statement only binds names and does nothing that anybody could see.

    Such a statement may run earlier or later, as long as nobody uses its names in between. An
    import is not one: it runs a module, and finds another one once sys.path has changed.
    """
    if isinstance(statement, Function):
        arguments = statement.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one]
        types = [one.annotation for one in every if one.annotation]
        types += [statement.returns] if statement.returns else []
        defaults = [*arguments.defaults, *(one for one in arguments.kw_defaults if one)]
        return (
            _are_pure_decorators(statement, known)
            and all(_is_pure_type(one, known) for one in types)
            and all(is_pure(one, known) for one in defaults)
        )
    if isinstance(statement, ast.ClassDef):
        hooks = {"__class_getitem__", "__init_subclass__", "__set_name__"}
        if any((known.origin(base) or "").startswith("enum.") for base in statement.bases):
            hooks |= {"__init__", "__new__", "_generate_next_value_"}  # run for each member
        return (
            not hooks & {getattr(one, "name", None) for one in statement.body}
            and not statement.keywords
            and _are_pure_decorators(statement, known)
            and all(_is_known_class(base, known) for base in statement.bases)
            and all(is_inert(one, known) for one in statement.body)
        )
    if isinstance(statement, ast.Assign):
        plain = all(isinstance(target, ast.Name) for target in statement.targets)
        return plain and is_pure(statement.value, known)
    if isinstance(statement, ast.AnnAssign):
        value = statement.value is None or is_pure(statement.value, known)
        return (
            value
            and isinstance(statement.target, ast.Name)
            and _is_pure_type(statement.annotation, known)
        )
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass)


def _are_pure_decorators(definition: Definition, known: Known) -> bool:
    accessors = [f"{definition.name}.{one}" for one in ("setter", "getter", "deleter")]
    for decorator in definition.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        called = call.func if call else decorator
        if ast.unparse(decorator) in accessors:  # of a property
            continue
        if known.fixed_origin(called) not in PURE_DECORATORS:
            return False
        if call and not all(is_pure(one, known) for one in call.args):
            return False
        if call and not all(is_pure(keyword.value, known) for keyword in call.keywords):
            return False
    return True


def _is_known_class(base: ast.expr, known: Known) -> bool:
    """Tell whether a base class is built in, or a plain one of the standard library."""
    if isinstance(base, ast.Subscript):
        return _is_known_class(base.value, known) and _is_pure_type(base.slice, known)
    return _is_python_s(base, known)  # the module's own may have hooks for its subclasses


def eager_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement reads when it runs, not when what it defines is called."""
    found: set[str] = set()
    for node in in_scope(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, Function):
            types = [one.annotation for one in ast.walk(node.args) if isinstance(one, ast.arg)]
            found |= {name for one in (*types, node.returns) if one for name in names(one)}
        elif isinstance(node, ast.ClassDef):
            found |= {name for one in node.body for name in eager_names(one)}
        elif isinstance(node, _COMPREHENSIONS):
            found |= names(node)
    return found


class Reach:
    """What the statements of a module may get at when they run."""

    def __init__(self, statements: list[ast.stmt]):
        self._names = [names(statement) for statement in statements]
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
