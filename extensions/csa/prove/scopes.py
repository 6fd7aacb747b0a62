"""Which scope a name belongs to: that of a function, of a class, of a comprehension, of the module."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from ..source.names import Function, bound_in, bound_names, in_scope
from .steps import Step

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_CONSUMERS = {
    *("all", "any", "bytes", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum"),
    "tuple",
}
"""Builtins that are done with a generator, or with their key, when they return."""


@dataclass(eq=False)
class Frame:
    """The variables of one call of a function, of a comprehension, a class body, or the module.

    `number` counts them in the order in which they come to be, `loops` are the steps around it that
    happen more than once, `captured` its names that may be used when it is over, by what was defined
    in it.
    """

    node: ast.AST | None
    outer: Frame | None
    number: int
    loops: tuple[Step, ...] = ()
    local: frozenset[str] = frozenset()
    globals: frozenset[str] = frozenset()
    captured: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)


Cell = tuple[Frame, str]
"""A variable."""


def cell_of(name: str, frame: Frame) -> Cell:
    """Return the variable that a name stands for in a frame."""
    first = frame
    while frame.outer is not None:
        if name in frame.globals:
            break
        if name in frame.local and (frame is first or not frame.is_class):
            return frame, name
        frame = frame.outer
    while frame.outer is not None:
        frame = frame.outer
    return frame, name


def body_of(node: ast.AST) -> list[ast.AST]:
    """Return what a function, class or comprehension runs in its own scope, its first iterable left
    out."""
    if isinstance(node, ast.Lambda):
        return [node.body]
    if isinstance(node, Comprehension):
        parts: list[ast.AST] = [
            getattr(node, name) for name in ("elt", "key", "value") if hasattr(node, name)
        ]
        for number, generator in enumerate(node.generators):
            parts += [generator.target, *generator.ifs, *([generator.iter] if number else [])]
        return parts
    assert isinstance(node, (Function, ast.ClassDef))
    return list(node.body)


def declared(node: ast.AST, kind: type[ast.Global | ast.Nonlocal]) -> frozenset[str]:
    """Return the names that a function or class declares as global or as nonlocal."""
    return frozenset(
        name
        for part in body_of(node)
        for child in in_scope(part)
        if isinstance(child, kind)
        for name in child.names
    )


def local_names(node: ast.AST) -> frozenset[str]:
    """Return the names that a function, class or comprehension binds in its own scope."""
    if isinstance(node, Comprehension):
        targets = [generator.target for generator in node.generators]
        return frozenset(name for target in targets for name in bound_names(target))
    if isinstance(node, ast.Lambda):
        found = bound_names(node.body)
    else:
        found = bound_in(part for part in body_of(node) if isinstance(part, ast.stmt))
    if isinstance(node, (Function, ast.Lambda)):
        found = found | {argument.arg for argument in all_parameters(node.args)}
    return frozenset(found - declared(node, ast.Global) - declared(node, ast.Nonlocal))


def all_parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Return a function's parameters, *args and **kwargs among them."""
    more = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]


def used_at_once(nodes: Iterable[ast.AST], own: Collection[str]) -> set[ast.AST]:
    """Return the generators and lambdas that nobody has any more once the call ends that gets them.

    `own` are the names that the module binds, where they are not Python's.
    """
    found: set[ast.AST] = set()
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        joins = (
            isinstance(called, ast.Attribute)
            and called.attr == "join"
            and isinstance(called.value, ast.Constant)
        )
        if joins or (
            isinstance(called, ast.Name)
            and called.id in _CONSUMERS
            and not {called.id, "*"} & set(own)
        ):
            found.update(
                argument for argument in node.args if isinstance(argument, ast.GeneratorExp)
            )
            found.update(
                word.value
                for word in node.keywords
                if word.arg == "key" and isinstance(word.value, ast.Lambda)
            )
    return found


def closures(parts: Iterable[ast.AST], at_once: Collection[ast.AST]) -> Iterator[ast.AST]:
    """Yield the functions, lambdas and generators of a scope that may run when it has gone on."""
    for part in parts:
        if isinstance(part, (Function, ast.Lambda, ast.GeneratorExp)) and part not in at_once:
            yield part
            if isinstance(part, Function):
                yield from closures(part.decorator_list, at_once)
            if not isinstance(part, ast.GeneratorExp):
                defaults = [*part.args.defaults, *filter(None, part.args.kw_defaults)]
                yield from closures(defaults, at_once)
        else:
            yield from closures(ast.iter_child_nodes(part), at_once)


def free_names(node: ast.AST) -> set[str]:
    """Return the names that a function or class, with all that is in it, has from outside."""
    own = local_names(node)
    found: set[str] = set()
    waiting = body_of(node)
    if isinstance(node, Comprehension):
        waiting = [*waiting, node.generators[0].iter]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (Function, ast.Lambda, ast.ClassDef, Comprehension)):
            found |= free_names(part)
            waiting += getattr(part, "decorator_list", [])
            if isinstance(part, ast.ClassDef):
                waiting += [*part.bases, *(word.value for word in part.keywords)]
            elif not isinstance(part, Comprehension):
                waiting += [*part.args.defaults, *filter(None, part.args.kw_defaults)]
            continue
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, (ast.Global, ast.Nonlocal)):
            found.update(part.names)
        waiting += ast.iter_child_nodes(part)
    return (found - own) | declared(node, ast.Global)


def of_module(node: ast.AST, hidden: frozenset[str] = frozenset()) -> Iterator[ast.Name]:
    """Yield the names in a tree that may stand for variables of the module."""
    if isinstance(node, ast.Name) and node.id not in hidden:
        yield node
    inside, inner = [], hidden
    if isinstance(node, (Function, ast.Lambda, Comprehension)):
        inside, inner = body_of(node), hidden | local_names(node)
        if not isinstance(node, Comprehension):
            inner -= declared(node, ast.Global)
    for child in ast.iter_child_nodes(node):
        yield from of_module(child, inner if child in inside else hidden)
