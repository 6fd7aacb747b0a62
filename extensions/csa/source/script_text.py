"""What an adoption reads of a repository's Python files."""

from __future__ import annotations

import ast
import re
from importlib.util import decode_source

from .look_ups import names_main
from .names import imported_modules
from .syntax import NotPython, parse

FRAMES = {"currentframe", "f_back", "f_globals", "f_locals", "_getframe", "stack"}
"""Attributes that lead to the variables of the script that called."""


def text_of(source: bytes) -> str:
    """Return the text of Python source, whatever encoding it declares."""
    try:
        return decode_source(source)
    except (LookupError, SyntaxError, UnicodeDecodeError):  # the first of what is no text encoding
        return source.decode(errors="replace")


def taken_from_main(source: bytes) -> set[str]:
    """Return the names that a Python file takes from a module main, * for all; none, when it
    cannot be read."""
    try:
        nodes = list(ast.walk(parse(source)))
    except NotPython:
        return set()
    taken: set[str] = set()
    modules = {"main"}
    guards = {
        id(side)
        for node in nodes
        if isinstance(node, ast.Compare) and "__name__" in ast.unparse(node)
        for side in (node.left, *node.comparators)
    }
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias for alias in node.names if f".{alias.name}".endswith(".main")]
            modules.update(alias.asname or alias.name for alias in names)
            # Who has the script as it runs may get at anything.
            taken |= {"*"} if any(alias.name == "__main__" for alias in node.names) else set()
        elif isinstance(node, ast.ImportFrom) and (
            node.module == "__main__" or f".{node.module}".endswith(".main")
        ):
            taken.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.update(alias.asname or "main" for alias in node.names if alias.name == "main")
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in FRAMES:
            taken.add("*")
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in modules:
            taken.add(node.attr)
        elif isinstance(node, ast.Constant) and id(node) not in guards and names_main(node):
            taken.add("*")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # What mock.patch and monkeypatch.setattr take.
            taken.update(re.findall(r"\A(?:\w+\.)*main\.(\w+)", node.value))
    return taken


def modules_in(source: str | bytes) -> set[str]:
    """Return the dotted origins of what a file imports; none, when it cannot be read."""
    try:
        return imported_modules(parse(source))
    except NotPython:
        return set()


def new_line(old: bytes, new: bytes, line: int) -> int:
    """Return where a line of a text is in a new one: the same text, counted from the top."""
    before, after = old.splitlines(), new.splitlines()
    if line > len(before):
        return line
    text = before[line - 1].strip()
    nth = [text_line.strip() for text_line in before[:line]].count(text)
    places = [number for number, text_line in enumerate(after, 1) if text_line.strip() == text]
    return places[nth - 1] if nth <= len(places) else line
