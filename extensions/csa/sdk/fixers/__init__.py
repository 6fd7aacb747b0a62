"""What a newer pyatlan changed, made in a script: one module for each kind of change.

A module has a class derived from Fixer. It is found here by itself; rows of the table of changes
name it by the module. A fixer says what to change and need not look further: whatever does not
type-check afterwards is not taken.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from .base import Fixer


def _all() -> dict[str, Fixer]:
    found: dict[str, Fixer] = {}
    for module in pkgutil.iter_modules(__path__):
        for kind in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(kind, type) and issubclass(kind, Fixer) and kind is not Fixer:
                found[module.name] = kind()
    return found


FIXERS = _all()
"""Every fixer by the name of its module."""
