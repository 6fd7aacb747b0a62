"""Python source as a syntax tree; nothing of it is run."""

from __future__ import annotations

import ast
import symtable
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import decode_source
from threading import Lock

from ..errors import Failed

RECURSION_LIMIT = 5_000
"""Python's own, with which source that is nested deeply can be looked at."""

TOO_DEEP = "its expressions are nested too deeply for csa"

DEEPEST = 2_000
"""Of expressions in each other, as of terms in a sum: libcst crashes at four times as many."""

LARGEST_KEPT = 100_000
"""Bytes of the largest source whose tree is kept, for all that look at it one after the other."""

_ONE_AT_A_TIME = Lock()


@contextmanager
def _alone() -> Iterator[None]:
    """Let nothing else be parsed, and no warning be shown: those of Python are about the source.

    Python 3.11 has one counter for the depth of all trees that are being built. And the filters of
    warnings are those of all threads.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Let functions call each other more deeply than Python does by default.

    Raises Failed where they would have to go deeper still.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(RECURSION_LIMIT)
    try:
        yield
    except RecursionError as error:
        text = "a Python file has expressions that are nested too deeply for csa: split them"
        raise Failed(text) from error
    finally:
        sys.setrecursionlimit(before)


class NotPython(Exception):
    """Source that Python cannot read: the line, and in a sentence why."""

    def __init__(self, line: int, reason: str):
        super().__init__(reason)
        self.line = line


def parse(source: str | bytes, *, compiles: bool = False) -> ast.Module:
    """Return the syntax tree of a Python file, which is not to be changed: others get the same.

    Raises NotPython where it has none, or is to compile and does not: a `return` outside of a
    function is found then.
    """
    return (_kept if len(source) <= LARGEST_KEPT else own_tree)(source, compiles)


@lru_cache(maxsize=8)
def nodes_of(tree: ast.AST) -> Sequence[ast.AST]:
    """Return all nodes of a syntax tree, each before those in it."""
    return tuple(ast.walk(tree))


def own_tree(source: str | bytes, compiles: bool = False) -> ast.Module:
    """Do as `parse`, for somebody who changes the tree."""
    try:
        with _alone():
            if isinstance(source, bytes):
                decode_source(source)  # some codecs are for the parser alone
            if compiles:
                compile(source, "main.py", "exec", dont_inherit=True)
            return ast.parse(source)
    except SyntaxError as error:
        version = ".".join(map(str, sys.version_info[:2]))
        raise NotPython(
            error.lineno or 1, f"Python {version} cannot read it: {error.msg}"
        ) from error
    except (LookupError, ValueError) as error:  # the first of what is no text encoding
        raise NotPython(1, f"it cannot be read: {error}") from error
    except (RecursionError, MemoryError) as error:  # the latter of the parser's own stack
        raise NotPython(1, TOO_DEEP) from error


_kept = lru_cache(maxsize=8)(own_tree)


def levels(tree: ast.Module) -> Iterator[list[ast.AST]]:
    """Yield the nodes of a tree by their depth."""
    nodes: list[ast.AST] = [tree]
    while nodes := [child for node in nodes for child in ast.iter_child_nodes(node)]:
        yield nodes


def is_too_deep(tree: ast.Module) -> bool:
    """Tell whether the nodes of a tree are nested more deeply than csa goes."""
    return any(depth > DEEPEST for depth, _ in enumerate(levels(tree), 1))


def parse_expression(source: str) -> ast.expr:
    """Return the syntax tree of an expression; raises SyntaxError where it is none."""
    with _alone():
        return ast.parse(source, mode="eval").body


def scopes(source: bytes) -> symtable.SymbolTable:
    """Return the scopes of a Python file that compiles, with their variables."""
    with _alone():
        return symtable.symtable(decode_source(source), "main.py", "exec")
