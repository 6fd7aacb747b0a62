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
        first = next(token for token in tokens[1:] if not token.is_space)
        if not (call.args or call.keywords):
            return Fix((Edit(tokens[0].end, tokens[0].end, given),))
        (line, _), (first_line, column) = (
            use.text.place(token.start) for token in (tokens[0], first)
        )
        between = " "
        if first_line > line:
            start = use.text.offset(first_line, 0)
            between = use.text.newline + use.text.text[start : start + column]
        return Fix((Edit(first.start, first.start, f"{given},{between}"),))
