"""Imports that a script no longer needs once its uses of pyatlan are changed."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from ..source.edits import Edit, PythonText
from ..source.names import Import, is_alone


def without_unused(
    path: str, texts: Mapping[str, PythonText], freed: Collection[ast.Name]
) -> Iterator[Edit]:
    """Yield edits that drop the imports of names which a file uses nowhere but in `freed`.

    An import stays where another file of the package may take the name from there, and where it
    shares its lines with a comment.
    """
    text = texts[path]
    module = posixpath.basename(path).removesuffix(".py")
    others = [other for other in texts.values() if other is not text]
    gone = {
        name
        for name in {node.id for node in freed}
        if module != "__init__"  # there, an import is for others
        and not _is_used(text, name, freed)
        and not any(_takes(other, module, name) for other in others)
    }
    for node in text.nodes:
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("pyatlan"):
            dropped = [alias for alias in node.names if (alias.asname or alias.name) in gone]
            if dropped and len(dropped) == len(node.names):
                lines = text.lines_of(node)
                if lines and not is_alone(node, text.parents[node]):
                    yield Edit(*lines, "")
            elif dropped:
                yield from _without(text, node, dropped)


def _is_used(text: PythonText, name: str, freed: Collection[ast.Name]) -> bool:
    """Tell whether a file has a name in other places than `freed`, be it in a string."""
    for node in text.nodes:
        if isinstance(node, ast.Name) and node.id == name and node not in freed:
            return True
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(rf"\b{name}\b", node.value)
            and not _is_docstring(text, node)
        ):
            return True
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return True
    return False


def _is_docstring(text: PythonText, node: ast.Constant) -> bool:
    return isinstance(text.parents[node], ast.Expr)


def _takes(text: PythonText, module: str, name: str) -> bool:
    """Tell whether a file may take a name from a module of that name."""
    modules = {
        alias.asname or module
        for node in text.nodes
        if isinstance(node, Import)
        for alias in node.names
        if alias.name.rpartition(".")[2] == module
    }
    for node in text.nodes:
        match node:
            case ast.ImportFrom(module=origin, names=names):
                if str(origin).rpartition(".")[2] == module and any(
                    alias.name in (name, "*") for alias in names
                ):
                    return True
            case ast.Attribute(value=value, attr=attribute) if attribute == name:
                if getattr(value, "id", getattr(value, "attr", "")) in modules:
                    return True
            case ast.Constant(value=str(said)) if f"{module}.{name}" in said:  # as mocks name it
                return True
    return False


def _without(text: PythonText, node: ast.ImportFrom, dropped: list[ast.alias]) -> Iterator[Edit]:
    """Yield the edits that take some of several names out of an import."""
    kept = [alias for alias in node.names if alias not in dropped]
    for number, alias in enumerate(node.names):
        if alias not in dropped:
            continue
        if any(text.span(other) > text.span(alias) for other in kept):
            start, end = text.span(alias)[0], text.span(node.names[number + 1])[0]
        else:  # none is kept behind it
            start, end = text.span(node.names[number - 1])[1], text.span(alias)[1]
        first, last = text.place(start)[0], alias.end_lineno or alias.lineno
        lines = text.offset(first, 0), text.offset(last, len(text.line(last)))
        if not any(token.text.startswith("#") for token in text.tokens_of(*lines)):
            yield Edit(start, end, "")
