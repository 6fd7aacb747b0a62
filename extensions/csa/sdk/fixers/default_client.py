"""There is no default client any more: the script's own takes its place."""

from __future__ import annotations

import ast

from ...source.edits import Edit
from ...source.names import is_alone, is_dotted
from .base import Fix, Fixer, Use


class DefaultClient(Fixer):
    """`AtlanClient.get_default_client()` becomes `client`; a line that sets it goes."""

    def place(self, use: Use) -> ast.expr | None:
        attribute = use.attribute
        call = use.text.parents.get(attribute) if attribute else None
        if not isinstance(call, ast.Call) or call.func is not attribute or not use.text.has(call):
            return None
        if not use.is_class(attribute.value):
            return None
        if use.member.startswith("get_"):
            return None if call.args or call.keywords else call
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        statement = use.text.parents[call]
        alone = isinstance(statement, ast.Expr) and use.text.lines_of(statement)
        return call if alone and len(given) == 1 and is_dotted(given[0]) else None

    def fix(self, use: Use, client: str) -> Fix | None:
        place = self.place(use)
        if place is None or use.attribute is None:
            return None
        named = use.attribute.value
        freed = (named,) if isinstance(named, ast.Name) else ()
        statement = use.text.parents[place]
        if use.member.startswith("set_") and isinstance(statement, ast.Expr):
            lines = use.text.lines_of(statement)
            if not is_alone(statement, use.text.parents[statement]):
                return Fix((Edit(*lines, ""),), freed) if lines else None
            return Fix((Edit(*use.text.span(place), "pass"),), freed)
        return Fix((Edit(*use.text.span(place), client),), freed)
