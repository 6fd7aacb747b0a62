"""What other code takes from a script, from outside or while it runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from ..source.importers import taken_by_others
from ..source.names import Import, dotted_name
from ..source.script_text import LOADERS, imported_files, taken_from_main, taken_from_running
from ..source.syntax import NotPython, parse
from .module import reads_texts

MAIN = "main"

_LOADERS = LOADERS | {"modules", "resolve_name"}
_IN_A_COMMAND = re.compile(r"\bmain import\b|\bimport ([\w, ]+, *)?(\w+\.)*main\b")


@dataclass(frozen=True)
class Users:
    """What other code takes from a module.

    `names` are those of its names that others import from it, * for all. `running` are those that
    others look up in it while it runs. `imported` tells that what it runs imports it once more,
    `by_star` that somebody imports all that it has, `read_texts` that somebody reads docstrings.
    `asked` are the names that somebody may look for in it, whether it has them or not, * for all.
    """

    names: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    imported: bool = False
    by_star: bool = False
    read_texts: bool = False
    asked: frozenset[str] = frozenset()


def users_of(folder: Path, top: Path, sources: Mapping[str, bytes]) -> Users:
    """Return what other files take from main.py in a folder, of which these are the sources."""
    names = taken_by_others(folder, top, sources)
    files = imported_files(folder, top, sources.values())
    files.pop(folder / "main.py", None)
    own = sources.get("main.py", b"")
    others = [source for path, source in sources.items() if path != "main.py"]
    others += [source for path, source in files.items() if not path.is_relative_to(folder)]
    running: set[str] = set()
    imported = False
    beside = {PurePosixPath(path).stem for path in sources} - {folder.name, MAIN}
    if _loads_main(_nodes(own)):
        names, imported = names | {"*"}, True
    for source in others:
        running |= taken_from_running(source)
        taken = _taken_from_main(source, beside)
        imported |= taken is not None
        names |= taken or set()
    texts = any(reads_texts(node) for source in sources.values() for node in _nodes(source))
    asked = frozenset(asked_of(MAIN, sources.values()))
    return Users(frozenset(names), frozenset(running), imported, "*" in names, texts, asked)


def asked_of(module: str, sources: Iterable[bytes]) -> set[str]:
    """Return the names that sources look for in a module, by the last part of its name: * for all."""
    asked = (asked_name for source in sources for asked_name in _asked_in(source))
    return {name for owner, name in asked if owner in (module, "")}


@cache
def _asked_in(source: bytes) -> frozenset[tuple[str, str]]:
    """Return what a source looks for: the last part of a module's name, "" for that of its own
    package, and the name there, * for all."""
    nodes = _nodes(source)
    found: set[tuple[str, str]] = set()
    held: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, Import):
            held.update(
                (alias.asname or alias.name, alias.name.split(".")[-1]) for alias in node.names
            )
        if isinstance(node, ast.ImportFrom):
            owner = (node.module or "").split(".")[-1]
            found.update((owner, alias.name) for alias in node.names if alias.name != "*")
            held.update((alias.asname or alias.name, alias.name) for alias in node.names)
    for node in nodes:
        if isinstance(node, ast.Attribute) and (of := dotted_name(node.value)) in held:
            found.add((held[of or ""], "*" if node.attr == "__dict__" else node.attr))
        elif isinstance(node, ast.Call) and node.args and (of := dotted_name(node.args[0])) in held:
            key = node.args[1] if len(node.args) > 1 else None
            text = key.value if isinstance(key, ast.Constant) else None
            found.add((held[of or ""], text if isinstance(text, str) else "*"))
    return frozenset(found)


def _taken_from_main(source: bytes, beside: Collection[str]) -> set[str] | None:
    """Return the names that a source takes from a module main, * for all; None where it imports none.

    `beside` are modules that may have something else of this name, such as a function.
    """
    nodes = _nodes(source)
    held: set[str] = set()
    imports = False
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if f".{alias.name}".endswith(f".{MAIN}"):
                    imports = True
                    held.add(alias.asname or alias.name)
        elif isinstance(node, ast.ImportFrom):
            last = (node.module or "").split(".")[-1]
            imports |= last == MAIN
            for alias in node.names:
                if (alias.name == MAIN and last not in beside) or (alias.name == "*" and not last):
                    imports = True
                    held.add(alias.asname or MAIN)
    if imports or _loads_main(nodes):
        taken = taken_from_main(source)
        return taken | {"*"} if _loads_main(nodes) or _hands_on(nodes, held) else taken
    return None


def _loads_main(nodes: Iterable[ast.AST]) -> bool:
    """Tell whether code loads a module main by a text."""
    texts: list[str] = []
    used: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _IN_A_COMMAND.search(node.value):
                return True
            texts.append(node.value.split(":")[0].removesuffix(".py").replace("/", "."))
        elif isinstance(node, (ast.Attribute, ast.Name)):
            used.add(node.attr if isinstance(node, ast.Attribute) else node.id)
        elif isinstance(node, Import):
            used.update(alias.name for alias in node.names)
            used.add(getattr(node, "module", None) or "")
    return bool(used & _LOADERS) and any(f".{text}".endswith(f".{MAIN}") for text in texts)


def _hands_on(nodes: Collection[ast.AST], held: Collection[str]) -> bool:
    """Tell whether code does more with a module than to take what it names of it."""
    plain = {
        id(part)
        for node in nodes
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in held
        and not (node.attr.startswith("__") and node.attr.endswith("__"))
        for part in ast.walk(node)
    }
    roots = {name.split(".")[0] for name in held}
    return any(
        isinstance(node, ast.Name) and node.id in roots and id(node) not in plain for node in nodes
    )


def _nodes(source: bytes) -> list[ast.AST]:
    try:
        return list(ast.walk(parse(source)))
    except NotPython:
        return []
