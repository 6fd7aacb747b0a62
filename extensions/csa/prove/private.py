"""Names that begin with __ in a class, as Python reads them: those of the class alone."""

from __future__ import annotations

import ast

_NAMED = ("arg", "attr", "id", "name", "rest")
"""The fields of nodes that have a name."""


def with_private_names(tree: ast.AST) -> int | None:
    """Give names in the classes of a tree the form in which Python looks them up: `__x` in `class A`
    is `_A__x`, be it a global.

    Return the line of one of which the form depends on Python's version, None if there is none.
    """
    odd: list[int] = []
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, owner = waiting.pop()
        inner = owner
        if isinstance(node, ast.ClassDef):
            inner = node.name.lstrip("_")
            if getattr(node, "type_params", ()):
                bases = [part for base in node.bases for part in ast.walk(base)]
                odd += [
                    base.lineno
                    for base in bases
                    if isinstance(base, ast.Name) and _is_private(base.id)
                ]
        if owner:
            odd += _rename(node, owner)
        for name, part in ast.iter_fields(node):
            # What stands around a class is not in it: decorators, bases.
            within = inner if name == "body" else owner
            parts = part if isinstance(part, list) else [part]
            waiting += [(part, within) for part in parts if isinstance(part, ast.AST)]
    return min(odd, default=None)


def _rename(node: ast.AST, owner: str) -> list[int]:
    """Rename a node in a class, apart from those in it; return its line where that cannot be told."""
    if isinstance(node, ast.alias):
        odd = _is_private(node.asname or "") or any(map(_is_private, node.name.split(".")))
        return [node.lineno] if odd else []
    if isinstance(node, ast.ImportFrom):
        return [node.lineno] if _is_private(node.module or "") else []
    if isinstance(node, ast.MatchClass):
        return [node.lineno] if any(map(_is_private, node.kwd_attrs)) else []
    if type(node).__name__ in ("ParamSpec", "TypeVar", "TypeVarTuple"):  # since Python 3.12
        return [node.lineno] if _is_private(node.name) else []  # type: ignore[attr-defined]
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        node.names = [_mangled(name, owner) for name in node.names]
    for field in _NAMED:
        name = getattr(node, field, None)
        if isinstance(name, str):
            setattr(node, field, _mangled(name, owner))
    return []


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


def _mangled(name: str, owner: str) -> str:
    return f"_{owner}{name}" if _is_private(name) else name
