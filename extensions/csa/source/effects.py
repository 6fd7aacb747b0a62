"""What Python does when it is evaluated: what is pure, what is inert, what gets at what."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from .names import (
    Definition,
    Function,
    Import,
    bound_in,
    bound_names,
    deleted_names,
    imported_names,
    is_standard,
    root,
)

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

CLASS_MAKERS = {
    *("collections.namedtuple", "dataclasses.make_dataclass", "enum.Enum", "enum.Flag"),
    *("enum.IntEnum", "enum.IntFlag", "enum.StrEnum", "type", "types.new_class"),
    *("typing.NamedTuple", "typing.NewType", "typing.TypedDict"),
}
"""Calls that make a class, which pickle looks up by its name in the module."""


def definitely_assigned(block: Iterable[ast.stmt], known: ModuleNames) -> set[str] | None:
    """Return the names that a block itself binds whichever way it runs to its end; None when it
    never gets there."""
    bound: set[str] = set()
    for statement in block:
        if isinstance(statement, (ast.If, ast.Try)):
            branches = [statement.body, statement.orelse]
            if isinstance(statement, ast.Try):
                branches = [[*statement.body, *statement.orelse]]
                branches += [handler.body for handler in statement.handlers]
                bound |= definitely_assigned(statement.finalbody, known) or set()
            ended = [
                found
                for branch in branches
                if (found := definitely_assigned(branch, known)) is not None
            ]
            if not ended:
                return None
            bound |= set.intersection(*ended)
        elif isinstance(statement, ast.Raise) or exits(statement, known):
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
        bound -= deleted_names(statement)
    return bound


def exits(statement: ast.stmt, known: ModuleNames) -> bool:
    """Tell whether a statement is a call that ends the script."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    leaving = ("sys.exit", "exit", "quit")
    return isinstance(call, ast.Call) and known.fixed_origin(call.func) in leaving


def only_names_types(
    annotation: ast.expr, statements: Sequence[ast.stmt], known: ModuleNames
) -> bool:
    """Tell whether an annotation among a module's statements does nothing but name types.

    A module evaluates it, a function does not: so it must not fail, call anything or look into what
    is no type.
    """
    if any(is_future_annotations(statement) for statement in statements):
        return True
    before = bound_in(statement for statement in statements if statement.lineno < annotation.lineno)
    types = {statement.name for statement in statements if isinstance(statement, ast.ClassDef)}
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            fits = node.id in before or known.origin(node) is not None
        elif isinstance(node, ast.Subscript):
            fits = known.origin(node.value) is not None or root(node.value) in types
        elif isinstance(node, ast.BinOp):
            sides = (node.left, node.right)
            fits = not any(
                isinstance(side, ast.Constant) and side.value is not None for side in sides
            )
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


@dataclass(frozen=True)
class ModuleNames:
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
    def of(cls, statements: Sequence[ast.stmt]) -> ModuleNames:
        """Return what is known of the names of a module with these statements."""
        bound = Counter(name for statement in statements for name in bound_names(statement))
        changed: set[str] = set()
        for node in (node for statement in statements for node in ast.walk(statement)):
            if isinstance(node, ast.Global):
                bound.update(node.names * 2)
            elif isinstance(node, (ast.Attribute, ast.Subscript)):
                name = None if isinstance(node.ctx, ast.Load) else root(node)
                changed |= {name} if name else set()
        imported: dict[str, list[str]] = {}
        for statement in statements:
            for name, origin in imported_names([statement]).items():
                imported.setdefault(name, []).append(origin)
        origins = {
            name: found[0]
            for name, found in imported.items()
            if len(set(found)) == 1 and len(found) == bound[name]
        }
        stable = {
            name
            for statement in statements
            if isinstance(statement, Definition)
            or (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant))
            for name in bound_names(statement)
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


def must_stay_global(statement: ast.AST, known: ModuleNames) -> bool:
    """Tell whether an assignment makes a class, which pickle looks up by its name in the module, or
    a temporary file, which goes with its variable."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return False
    classes = {name for name in bound_names(statement) if _is_class_name(name)}
    for call in ast.walk(statement.value):
        if isinstance(call, ast.Call):
            made = known.origin(call.func) or ""
            asks = made == "type" and len(call.args) == 1
            if made.startswith("tempfile.") or (made in CLASS_MAKERS and not asks):
                return True
            # What makes a class in another module is told its name.
            first = call.args[0] if call is statement.value and call.args else None
            named = isinstance(first, ast.Constant) and first.value in classes
            if named and not is_standard(made):
                return True
    return False


def _is_class_name(name: str) -> bool:
    """Tell whether a name is written as those of classes are: neither id nor TOKEN."""
    return name[:1].isupper() and not (name.isupper() and len(name) > 1)


def is_pure(node: ast.expr, known: ModuleNames) -> bool:
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
        parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
        return all(is_pure(part, known) for part in parts)
    if isinstance(node, ast.UnaryOp):
        number = isinstance(node.operand, ast.Constant) and type(node.operand.value) in (int, float)
        return number and isinstance(node.op, (ast.UAdd, ast.USub))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mult, ast.Sub)):
        sides = (node.left, node.right)
        return all(isinstance(side, ast.Constant) and type(side.value) is int for side in sides)
    return False


def _is_pure_type(node: ast.expr, known: ModuleNames) -> bool:
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


def _is_united(node: ast.expr, known: ModuleNames) -> bool:
    """Tell whether a side of `one | other` is a type of which this makes a union."""
    own = isinstance(node, ast.Name) and node.id in known.stable
    inner = isinstance(node, (ast.Constant, ast.Subscript, ast.BinOp)) and _is_pure_type(
        node, known
    )
    return own or inner or _is_python_s(node, known)


def _is_python_s(node: ast.expr, known: ModuleNames) -> bool:
    """Tell whether a name or attribute is a builtin, or of the standard library."""
    dotted = known.fixed_origin(node)
    return dotted is not None and (is_standard(dotted) or hasattr(builtins, dotted))


def is_side_effect_free(statement: ast.stmt, known: ModuleNames) -> bool:
    """Tell whether a statement only binds names and does nothing that anybody could see.

    Such a statement may run earlier or later, as long as nobody uses its names in between. An
    import is not one: it runs a module, and finds another one once sys.path has changed.
    """
    if isinstance(statement, Function):
        arguments = statement.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
        types = [argument.annotation for argument in every if argument.annotation]
        types += [statement.returns] if statement.returns else []
        defaults = [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
        return (
            _are_pure_decorators(statement, known)
            and all(_is_pure_type(type_, known) for type_ in types)
            and all(is_pure(default, known) for default in defaults)
        )
    if isinstance(statement, ast.ClassDef):
        hooks = {"__class_getitem__", "__init_subclass__", "__set_name__"}
        if any((known.origin(base) or "").startswith("enum.") for base in statement.bases):
            hooks |= {"__init__", "__new__", "_generate_next_value_"}  # run for each member
        return (
            not hooks & {getattr(member, "name", None) for member in statement.body}
            and not statement.keywords
            and _are_pure_decorators(statement, known)
            and all(_is_known_class(base, known) for base in statement.bases)
            and all(is_side_effect_free(member, known) for member in statement.body)
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


def _are_pure_decorators(definition: Definition, known: ModuleNames) -> bool:
    accessors = [f"{definition.name}.{accessor}" for accessor in ("setter", "getter", "deleter")]
    for decorator in definition.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        called = call.func if call else decorator
        if ast.unparse(decorator) in accessors:  # of a property
            continue
        if known.fixed_origin(called) not in PURE_DECORATORS:
            return False
        if call and not all(is_pure(argument, known) for argument in call.args):
            return False
        if call and not all(is_pure(keyword.value, known) for keyword in call.keywords):
            return False
    return True


def _is_known_class(base: ast.expr, known: ModuleNames) -> bool:
    """Tell whether a base class is built in, or a plain one of the standard library."""
    if isinstance(base, ast.Subscript):
        return _is_known_class(base.value, known) and _is_pure_type(base.slice, known)
    return _is_python_s(base, known)  # the module's own may have hooks for its subclasses
