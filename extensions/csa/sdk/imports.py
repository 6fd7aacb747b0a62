"""Imports that a script no longer needs once its uses of pyatlan are changed."""

from __future__ import annotations

import ast
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
    gone = {
        name
        for name in {node.id for node in freed}
        if not _is_used(text, name, freed)
        and not any(
            re.search(rf"\b{name}\b", _without_sdk(other))
            for place, other in texts.items()
            if place != path
        )
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


def _without_sdk(text: PythonText) -> str:
    """Return a file's text without its imports of pyatlan, and what comes of these."""
    own = {
        alias.asname or alias.name
        for node in text.nodes
        if isinstance(node, Import) and str(getattr(node, "module", "")).startswith("pyatlan")
        for alias in node.names
    }
    words = "|".join(map(re.escape, own))
    return re.sub(rf"\b(?:{words})\b", "", text.text) if own else text.text


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
        if not any(token.text.startswith("#") for token in text.tokens_of(start, end)):
            yield Edit(start, end, "")
