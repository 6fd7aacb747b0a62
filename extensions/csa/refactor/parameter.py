"""Functions that read what main gets as a global take it as their first parameter instead."""

from __future__ import annotations

import ast
from collections.abc import Collection

from ..source.edits import Edit, Edited, PythonText
from ..source.names import Function, global_names
from ..source.syntax import scopes
from .own_main_change import Main
from .proof import executed


def with_parameter(source: bytes, imported: Collection[str]) -> tuple[bytes, str] | None:
    """Return a source whose functions get from main what they read as a global, and its name.

    None where not all uses of these functions can be followed; `imported` are the names that other
    files use, or *.
    """
    text = PythonText(source)
    main = Main.of(text.tree)
    [argument] = main.call.args
    if not isinstance(argument, ast.Name):
        return None
    name = argument.id
    own = {node.name: node for node in executed(text.tree) if isinstance(node, ast.FunctionDef)}
    reading = {
        table.get_name() for table in scopes(source).get_children() if name in global_names(table)
    }
    calls = [
        (call, outer)
        for outer in executed(text.tree)
        for call in ast.walk(outer)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    ]
    while (
        more := {
            getattr(outer, "name", "")
            for call, outer in calls
            if isinstance(call.func, ast.Name)
            and call.func.id in reading
            and outer is not main.function
        }
        - reading
    ):
        reading |= more
    others = own.keys() if "*" in imported else imported
    if not reading or not reading <= own.keys() - {"main", *others}:
        return None
    edits = []
    for function in map(own.__getitem__, reading):
        edits.append(_first(text, text.span(function)[0], function, name))
    for call, outer in calls:
        if isinstance(call.func, ast.Name) and call.func.id in reading:
            passed = "args" if outer is main.function else name
            edits.append(_first(text, text.span(call.func)[1], call, passed))
    return text.encoded(Edited(text.text, edits).text), name


def _first(text: PythonText, start: int, node: Function | ast.Call, name: str) -> Edit:
    """Return an edit that makes a name the first in the parentheses that follow."""
    if isinstance(node, ast.Call):
        given = bool(node.args or node.keywords)
    else:
        given = any(isinstance(part, ast.arg) for part in ast.walk(node.args))
    at = text.text.index("(", start) + 1
    return Edit(at, at, f"{name}, " if given else name)
