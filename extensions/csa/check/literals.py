"""The strings of a Python file, and the names that they stand beside."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

READERS = {
    "add_argument",
    "get",
    "getenv",
    "option",
    "pop",
    "putenv",
    "setattr",
    "setdefault",
    "setenv",
}
"""Functions that take a name and its value, or its default, by their last name."""

WRAPPERS = {"Field", "Option", "SecretStr", "b64encode", "bytes", "str"}
"""Functions that return what they take, in one form or another."""

GAP = "\0"
"""What stands in a string for what only a run knows: `f"Bearer {token}"`."""

DEEPEST = 50
"""Operations in each other, of those that put a string together."""


class Literal(NamedTuple):
    """A string, the name beside it or nothing, and its first and its last line."""

    name: str
    text: str
    line: int
    end: int


def literals(nodes: Collection[ast.AST]) -> Iterator[Literal]:
    """Yield the strings among the nodes of a module: each that stands alone, and once more each with
    a name."""
    for node in nodes:
        if isinstance(node, ast.expr):
            text = _folded(node)
            if text.strip(GAP):
                yield _literal("", text, node)
    for name, given in _pairs(nodes):
        values = [given]
        while values:
            match values.pop():
                case ast.BoolOp(values=more):
                    values += more
                case ast.IfExp(body=body, orelse=orelse):
                    values += [body, orelse]
                case ast.List(elts=more) | ast.Set(elts=more):
                    values += more
                case ast.Tuple(elts=[_, password]) if name == "auth":
                    yield _literal("password", _folded(password), password)
                case ast.Call(func=function, args=args) as call if _name(function) in WRAPPERS:
                    values += [*args[:1], *_defaults(call)]
                case ast.expr() as node:
                    if text := _folded(node):
                        yield _literal(name, text, node)


def _literal(name: str, text: str, node: ast.expr) -> Literal:
    return Literal(name, text, node.lineno, node.end_lineno or node.lineno)


def _folded(node: ast.expr, left_to_go: int = DEEPEST) -> str:
    """Return a string as it is put together, with gaps; nothing for what is no string."""
    if not left_to_go:
        return ""
    below = left_to_go - 1
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(data)):
            return data.decode("latin-1")
        case ast.JoinedStr(values=parts):
            return "".join(_folded(part, below) or GAP for part in parts)
        case ast.FormattedValue(value=value):
            return _folded(value, below)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            texts = [_folded(left, below), _folded(right, below)]
            return "".join(text or GAP for text in texts) if any(texts) else ""
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str(between)), attr="join"),
            args=[ast.List(elts=parts) | ast.Tuple(elts=parts)],
        ):
            return between.join(_folded(part, below) or GAP for part in parts)
        case ast.Call(func=ast.Attribute(value=value, attr="encode" | "strip")):
            return _folded(value, below)
    return ""


def _pairs(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield each name, and what stands beside it."""
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield _name(target), value
                    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                        yield from zip(map(_name, target.elts), value.elts)
            case ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr():
                yield _name(node.target), node.value
            case ast.keyword():
                yield _name(node), node.value
            case ast.FunctionDef(name=name, body=[*_, ast.Return(value=value)]):
                yield name, value
            case ast.Dict(keys=keys, values=values):
                yield from zip(map(_name, keys), values)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                for option, given in pairwise(parts):
                    if _name(option).startswith("--") and not _folded(given).startswith("-"):
                        yield _name(option), given
            case ast.arguments():
                plain = [*node.posonlyargs, *node.args]
                yield from zip(map(_name, reversed(plain)), reversed(node.defaults))
                yield from zip(map(_name, node.kwonlyargs), node.kw_defaults)
            case ast.Call(func=function, args=args) as call if _name(function) in READERS:
                for name in map(_name, args[:3]):
                    for given in [*args[1:3], *_defaults(call)]:
                        yield name, given
            case ast.Call(func=function, args=[_, password]) if _name(function).endswith("Auth"):
                yield "password", password


def _defaults(call: ast.Call) -> list[ast.expr]:
    return [given.value for given in call.keywords if given.arg == "default"]


def _name(node: ast.AST | None) -> str:
    match node:
        case (
            ast.Name(id=str(name))
            | ast.Attribute(attr=str(name))
            | ast.arg(arg=str(name))
            | ast.keyword(arg=str(name))
            | ast.Constant(value=str(name))
            | ast.Subscript(slice=ast.Constant(value=str(name)))
        ):
            return name
    return ""
