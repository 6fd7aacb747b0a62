"""A main(args) that reads sys.argv gets it as an attribute of args instead."""

from __future__ import annotations

import ast

from ..source.edits import Edit, Edited, PythonText
from .own_main_change import Main


def with_argv(source: bytes) -> bytes | None:
    """Return a source whose main reads args.argv in the place of sys.argv, None where it does not get
    a namespace of its own."""
    text = PythonText(source)
    main = Main.of(text.tree)
    [namespace] = main.call.args
    if not isinstance(namespace, ast.Call) or any(word.arg is None for word in namespace.keywords):
        return None
    edits = [
        Edit(*text.span(node), "args.argv")
        for node in ast.walk(main.function)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.argv"
    ]
    if namespace.keywords:
        at = text.span(namespace.keywords[0].value)[0] - len(f"{namespace.keywords[0].arg}=")
        edits.append(Edit(at, at, "argv=sys.argv, "))
    else:
        at = text.span(namespace)[1] - 1
        edits.append(Edit(at, at, "argv=sys.argv"))
    return text.encoded(Edited(text.text, edits).text)
