"""Caches are a client's: `RoleCache.get_id_for_name(x)` becomes `client.role_cache.…`."""

from __future__ import annotations

import ast

from ...source.edits import Edit
from ..changes import cache_attribute
from .base import Fix, Fixer, Use


class Cache(Fixer):
    """`RoleCache.get_id_for_name(x)` becomes `client.role_cache.get_id_for_name(x)`."""

    def place(self, use: Use) -> ast.expr | None:
        function = use.call.func if use.call else None
        if not isinstance(function, ast.Attribute) or not use.is_class(function.value):
            return None
        return function.value

    def fix(self, use: Use, client: str) -> Fix | None:
        place = self.place(use)
        if place is None:
            return None
        freed = (place,) if isinstance(place, ast.Name) else ()
        start, end = use.text.span(place)
        return Fix((Edit(start, end, f"{client}.{cache_attribute(use.owner)}"),), freed)
