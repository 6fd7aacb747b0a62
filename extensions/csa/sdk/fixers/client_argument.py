"""Models no longer find the client: it is their first argument."""

from __future__ import annotations

import ast

from ...source.edits import Edit
from .base import Fix, Fixer, Use


class ClientArgument(Fixer):
    """`asset.get_custom_metadata("x")` becomes `asset.get_custom_metadata(client, "x")`, and
    `AttributeDef.create(display_name="x")` gets `client=client`."""

    def place(self, use: Use) -> ast.expr | None:
        call = use.call
        is_given = call and any(keyword.arg == "client" for keyword in call.keywords)
        return None if is_given or " needs " not in use.broken.text else call

    def fix(self, use: Use, client: str) -> Fix | None:
        call = use.call
        tokens = use.tokens_within(call) if call else []
        if call is None or len(tokens) < 2:
            return None
        given = f"client={client}" if call.keywords and not call.args else client
        if not (call.args or call.keywords):
            return Fix((Edit(tokens[0].end, tokens[0].end, given),))
        line, _ = use.text.place(tokens[0].start)
        for token in tokens[1:]:
            first_line, column = use.text.place(token.start)
            if first_line > line and (not token.is_space or token.text.startswith("#")):
                # In a line of its own, above the first argument and what is said of it.
                start = use.text.offset(first_line, 0)
                indentation = use.text.text[start : start + column]
                return Fix(
                    (Edit(token.start, token.start, f"{given},{use.text.newline}{indentation}"),)
                )
            if not token.is_space:
                return Fix((Edit(token.start, token.start, f"{given}, "),))
        return None
