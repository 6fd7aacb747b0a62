"""What is not the script's own: Python's modules, which csa looks at, and those of others, which it
does not."""

from __future__ import annotations

import ast
import builtins
import importlib
import sysconfig
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from types import ModuleType

from ..source.distributions import table
from ..source.effects import ModuleNames
from ..source.names import is_standard, root

_HAVE_EFFECTS = {"antigravity", "idlelib", "readline", "rlcompleter", "test", "this", "turtledemo"}
"""Modules that do something when they are imported, besides being there."""

_REBOUND = {"sys.exc_info", "sys.last_value", "sys.stderr", "sys.stdin", "sys.stdout"}
"""What the standard library itself may set to something else."""


class Library:
    """What a module's code may expect of what it imports.

    `own` are the modules beside it, which are not Python's own though they may be called so.
    """

    def __init__(self, nodes: Collection[ast.AST], known: ModuleNames, own: Collection[str]):
        self._own = own
        self.patches = any(
            isinstance(node, ast.expr)
            and (known.origin(node) or "").startswith(("delattr", "mock.", "setattr"))
            or (isinstance(node, ast.Attribute) and node.attr == "__dict__")
            for node in nodes
        )
        """Whether attributes may be set by their names."""
        attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
        stored = [node for node in attributes if not isinstance(node.ctx, ast.Load)]
        self.set_attributes = {node.attr for node in stored}
        """The names of attributes that are set."""
        names = {name for node in stored if (name := root(node))}
        self._patched = {known.origins.get(name, name).split(".")[0] for name in names}
        self._changes_path = any(
            node.attr in ("path", "meta_path", "path_hooks") and known.origin(node.value) == "sys"
            for node in attributes
        ) or any(isinstance(node, ast.ImportFrom) and node.module == "sys" for node in nodes)

    def is_python(self, dotted: str) -> bool:
        """Tell whether a dotted name is of the standard library, and importing it has no effect."""
        own = dotted.split(".")[0] in self._own
        return not own and not self._changes_path and has(dotted)

    def is_fixed(self, dotted: str) -> bool:
        """Tell whether what a dotted name of the standard library stands for never changes."""
        changes = self.patches or dotted.split(".")[0] in self._patched
        return not changes and dotted not in _REBOUND and self.is_python(dotted)

    def is_well_known(self, dotted: str) -> bool:
        """Tell whether importing a module of others changes nothing for what is imported else."""
        first = dotted.split(".")[0]
        known = first == "pyatlan" or any(name in table() for name in prefixes(dotted))
        return known and first not in self._own and not self._changes_path


def is_builtin(name: str) -> bool:
    """Tell whether Python has a name without a module having set it."""
    return hasattr(builtins, name) or (name.startswith("__") and name.endswith("__"))


def prefixes(dotted: str) -> list[str]:
    """Return a dotted name, and all that are around it."""
    parts = dotted.split(".")
    return [".".join(parts[:number]) for number in range(1, len(parts) + 1)]


# --- Python's own modules, which are no code of the script's -------------------------------------


@cache
def module_of(dotted: str) -> ModuleType | None:
    """Return a module of the standard library, None where it has none of that name."""
    first, *rest = dotted.split(".")
    private = any(part.startswith("_") for part in (first, *rest))  # such as unittest.__main__
    if private or not is_standard(dotted) or first in _HAVE_EFFECTS or not _is_installed(first):
        return None
    try:
        return importlib.import_module(dotted)
    except Exception:  # noqa: BLE001  # it is another system's
        return None


@cache
def _is_installed(first: str) -> bool:
    """Tell whether a module of this name is where Python itself is, and nowhere before."""
    spec = find_spec(first)
    places = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
    origin = spec.origin if spec else None
    return origin in ("built-in", "frozen") or (origin or "").startswith(places)


@cache
def has(dotted: str) -> bool:
    """Tell whether the standard library has a module, or something in one, by this name."""
    if module_of(dotted):
        return True
    owner, _, name = dotted.rpartition(".")
    return bool(owner) and has(owner) and hasattr(value_of(owner), name)


def value_of(dotted: str) -> object:
    """Return what the standard library has by a name."""
    if module := module_of(dotted):
        return module
    owner, _, name = dotted.rpartition(".")
    return getattr(value_of(owner), name)
