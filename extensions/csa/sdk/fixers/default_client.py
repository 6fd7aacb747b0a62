"""There is no default client any more: the script's own takes its place."""

from __future__ import annotations

import ast

from ...source.edits import Edit
from ...source.names import is_alone
from .base import Fix, Fixer, Use


class DefaultClient(Fixer):
    """`AtlanClient.get_default_client()` becomes `client`; `AtlanClient.set_default_client(client)`
    goes."""

    def place(self, use: Use) -> ast.expr | None:
        attribute = use.attribute
        call = use.text.parents.get(attribute) if attribute else None
        is_call = isinstance(call, ast.Call) and call.func is attribute and use.text.has(call)
        is_class = attribute is not None and use.is_class(attribute.value)
        return call if is_call and is_class and isinstance(call, ast.Call) else None

    def fix(self, use: Use, client: str) -> Fix | None:
        call = self.place(use)
        if not isinstance(call, ast.Call) or use.attribute is None:
            return None
        given = [
            ast.unparse(value) for value in (*call.args, *(word.value for word in call.keywords))
        ]
        edit = None
        if use.member.startswith("get_") and not given:
            edit = Edit(*use.text.span(call), client)
        elif use.member.startswith("set_") and given == [client]:
            edit = self._without(use, call)
        named = use.attribute.value
        freed = (named,) if isinstance(named, ast.Name) else ()
        return Fix((edit,), freed) if edit else None

    def _without(self, use: Use, call: ast.Call) -> Edit | None:
        """Return the edit that takes a call out, None unless it is a statement in lines of its own."""
        statement = use.text.parents[call]
        lines = use.text.lines_of(statement) if isinstance(statement, ast.Expr) else None
        if lines is None or not isinstance(statement, ast.stmt):
            return None
        if is_alone(statement, use.text.parents[statement]):
            return Edit(*use.text.span(call), "pass")
        return Edit(*lines, "")
