"""The SDK sets up no logging any more: what `get_logger` did is written out."""

from __future__ import annotations

import ast
from itertools import takewhile

from ...source.edits import Edit, PythonText
from ...source.names import Import, bound_by
from .base import Fix, Fixer, Use

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(module)s - %(funcName)s: %(message)s"
DEFAULTS = {"name": '"pyatlan.utils"', "level": "logging.WARNING"}
"""What the parameters of `get_logger` were, in order."""


class Logger(Fixer):
    """`logger = get_logger(level="INFO")` becomes the three calls of `logging` that it stood for."""

    needs_client = False

    def place(self, use: Use) -> ast.expr | None:
        return None  # it gets no client

    def fix(self, use: Use, client: str) -> Fix | None:
        text = use.text
        name = self._bound(use)
        used = [node for node in text.nodes if isinstance(node, ast.Name) and node.id == name]
        statement = text.parents[text.parents[used[0]]] if len(used) == 1 else None
        match statement:
            case ast.Assign(targets=[ast.Name(id=logger)], value=ast.Call() as call) if (
                call.func is used[0]
            ):
                given = _given(call)
                lines = text.lines_of(statement)
                imported = _import_of_logging(text)
            case _:
                return None
        if given is None or lines is None or imported is None:
            return None
        values = {word: text.source(value) for word, value in given.items()}
        name, level = (DEFAULTS | values).values()
        indentation = text.text[lines[0] : text.span(statement)[0]]
        written = (
            "logging.basicConfig(",
            "    level=logging.WARNING,",
            f'    format="{FORMAT}",',
            ")",
            f"{logger} = logging.getLogger({name})",
            f"{logger}.setLevel({level})",
        )
        new = f"{text.newline}{indentation}".join(written)
        return Fix((Edit(*text.span(statement), new), *imported), (used[0],))

    def _bound(self, use: Use) -> str:
        """Return the name by which the import where the break is binds it, "" for none."""
        return next(
            (
                alias.asname or alias.name
                for node in use.text.nodes
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
                if use.text.span(alias)[0] == use.start
            ),
            "",
        )


def _given(call: ast.Call) -> dict[str, ast.expr] | None:
    """Return the arguments of a call by parameter.

    None where they are others, or evaluating them later could make a difference.
    """
    words = [*list(DEFAULTS)[: len(call.args)], *(str(word.arg) for word in call.keywords)]
    values = [*call.args, *(word.value for word in call.keywords)]
    is_simple = all(isinstance(value, ast.Constant | ast.Name | ast.Attribute) for value in values)
    fits = len(words) == len(values) == len(set(words)) and set(words) <= set(DEFAULTS)
    return dict(zip(words, values, strict=True)) if is_simple and fits else None


def _import_of_logging(text: PythonText) -> tuple[Edit, ...] | None:
    """Return the edit that imports logging at the top, by the alphabet; none where that is done.

    None where the name is something else's, or no import has lines of its own.
    """
    binding = [
        node
        for node in text.nodes
        if "logging" in (bound_by(node) or ()) or getattr(node, "arg", "") == "logging"
    ]
    if binding:
        plain = all(node in text.tree.body and isinstance(node, ast.Import) for node in binding)
        return () if plain else None
    imports = [
        statement
        for statement in text.tree.body
        if isinstance(statement, Import) and getattr(statement, "module", "") != "__future__"
    ]
    earlier = [*takewhile(_is_earlier, imports)]
    lines = text.lines_of(earlier[-1] if earlier else imports[0]) if imports else None
    if lines is None:
        return None
    place = lines[1] if earlier else lines[0]
    return (Edit(place, place, f"import logging{text.newline}"),)


def _is_earlier(statement: ast.stmt) -> bool:
    """Tell whether an import belongs above the one of logging."""
    return isinstance(statement, ast.Import) and statement.names[0].name < "logging"
