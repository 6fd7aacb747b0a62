"""What an adoption reads of a repository's Python files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.util import decode_source
from pathlib import Path

from ..errors import Failed
from ..files import is_file, read_file
from ..packages import LARGEST_SOURCE
from .look_ups import names_main
from .names import Import, imported_modules
from .syntax import NotPython, nodes_of, parse

FRAMES = {"__globals__", "f_globals", "f_locals", "getargvalues", "getmodule"}
"""Attributes that lead to the variables of the script that called."""
LOADED = re.compile(r"(\A|[/\\])main\.py\Z|\w\.main\Z")
"""How a text names the file or the module main, for runpy and importlib."""

LOADERS = {
    *("__import__", "eval", "exec", "exec_module", "import_module", "importlib", "load_module"),
    *("run_module", "run_path", "runpy", "spec_from_file_location"),
}
"""What loads a file or a module by its name."""


def text_of(source: bytes) -> str:
    """Return the text of Python source, whatever encoding it declares."""
    try:
        return decode_source(source)
    except (LookupError, SyntaxError, UnicodeDecodeError):  # the first of what is no text encoding
        return source.decode(errors="replace")


def taken_from_main(source: bytes) -> set[str]:
    """Return the names that a Python file takes from a module main, * for all; none, when it
    cannot be read."""
    taken: set[str] = set()
    nodes = _nodes(source)
    modules = {"main"}
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias for alias in node.names if f".{alias.name}".endswith(".main")]
            modules.update(alias.asname or alias.name for alias in names)
        elif isinstance(node, ast.ImportFrom) and f".{node.module}".endswith(".main"):
            taken.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.update(alias.asname or "main" for alias in node.names if alias.name == "main")
    texts = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    taken.update(node.attr for node in attributes if ast.unparse(node.value) in modules)
    for text in texts:
        # What mock.patch and monkeypatch.setattr take.
        taken.update(re.findall(r"\A(?:\w+\.)*main\.(\w+)", text))
    used = {node.attr for node in attributes} | {
        node.id for node in nodes if isinstance(node, ast.Name)
    }
    used |= {alias.name for node in nodes if isinstance(node, Import) for alias in node.names}
    if used & LOADERS and any(map(LOADED.search, texts)):
        # Any attribute or key may be one of the script's names.
        taken |= {node.attr for node in attributes} | {
            text for text in texts if text.isidentifier()
        }
    return taken | taken_from_running(source)


def taken_from_running(source: bytes) -> set[str]:
    """Return the names that a Python file takes from whatever script runs, as taken_from_main does."""
    taken: set[str] = set()
    nodes = _nodes(source)
    guards = {
        id(side)
        for node in nodes
        if isinstance(node, ast.Compare) and "__name__" in ast.unparse(node)
        for side in (node.left, *node.comparators)
    }
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "__main__":
            taken.update(alias.name for alias in node.names)
        elif (
            # Who has the script as it runs may get at anything.
            (isinstance(node, ast.Import) and "__main__" in {alias.name for alias in node.names})
            or (isinstance(node, ast.Attribute) and node.attr in FRAMES)
            or (isinstance(node, ast.Constant) and id(node) not in guards and names_main(node))
        ):
            taken.add("*")
    return taken


def taken_in_commands(text: str) -> set[str]:
    """Return the names that commands take from a module main, as python -c "from main import x"."""
    imports = re.findall(r"\bmain import ([\w, ]+)", text)
    return {name.split()[0] for listed in imports for name in listed.split(",") if name.strip()}


def imported_files(folder: Path, top: Path, sources: Iterable[bytes]) -> dict[Path, bytes]:
    """Return the Python files of a repository that sources in a folder import, and so on.

    They are looked for as for a script of the folder, and beside the file that imports them.
    """
    found: dict[Path, bytes] = {}
    waiting = [(folder, source) for source in sources]
    while waiting:
        own, source = waiting.pop()
        for level, name in _imported(source):
            around = (
                [own, *own.parents][level - 1 : level] if level else [own, folder, *folder.parents]
            )
            parts = name.split(".")
            stems = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
            for base in (base for base in around if base.is_relative_to(top)):
                for path in (f"{stem}{end}" for stem in stems for end in (".py", "/__init__.py")):
                    if base / path not in found and is_file(base, path):
                        with suppress(Failed):
                            found[base / path] = read_file(base, path, LARGEST_SOURCE)
                            waiting.append(((base / path).parent, found[base / path]))
    return found


def _imported(source: bytes) -> Iterator[tuple[int, str]]:
    """Yield what a Python file imports: the level of a relative import, 0 for others, and the name."""
    for node in _nodes(source):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            within = f"{node.module}." if node.module else ""
            yield from ((node.level, within + alias.name) for alias in node.names)


def _nodes(source: bytes) -> Sequence[ast.AST]:
    """Return all of a Python file's syntax tree, nothing when it cannot be read."""
    try:
        return nodes_of(parse(source))
    except NotPython:
        return []


def modules_in(source: str | bytes) -> set[str]:
    """Return the dotted origins of what a file imports; none, when it cannot be read."""
    try:
        return imported_modules(parse(source))
    except NotPython:
        return set()


def starred_in(source: bytes) -> set[str]:
    """Return the modules of which a file imports all names; none, when it cannot be read."""
    return {module for module in modules_in(source) if module.endswith(".*")}


def new_line(old: bytes, new: bytes, line: int) -> int:
    """Return where a line of a text is in a new one: the same text, counted from the top."""
    before, after = old.splitlines(), new.splitlines()
    if line > len(before):
        return line
    text = before[line - 1].strip()
    nth = [text_line.strip() for text_line in before[:line]].count(text)
    places = [number for number, text_line in enumerate(after, 1) if text_line.strip() == text]
    return places[nth - 1] if nth <= len(places) else line
