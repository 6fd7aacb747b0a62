"""Which file of a folder Python imports by which name, before and after a refactoring."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from ..files import TooLarge, is_file, read_file
from ..git import git
from ..packages import LARGEST_SOURCE, committed_files, is_test, read_python
from ..source.distributions import table
from ..source.imports import Imports
from ..source.requirements import SDK
from ..source.script_text import LOADERS
from ..source.syntax import NotPython, parse
from .verdict import NOT_JUDGED, Verdict

_SUFFIXES = (".so", ".py", ".pyc")
"""Of what can be imported, as Python tries them; folders come first, or last without __init__."""

_LARGEST_COMPILED = 100_000_000
"""Bytes of the largest compiled module that is compared."""

Place = tuple[int, str]
"""A file or folder, behind how late Python tries it."""

NAMESPACE = 100
"""How late Python tries a folder without __init__."""


@dataclass
class Tree:
    """The files of a folder at one time: the paths of all, where links lead, the Python sources."""

    paths: set[str]
    links: dict[str, str]
    sources: dict[str, bytes]
    compiled: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def places(self) -> dict[str, Place]:
        """What Python imports by each name, which has a / where Python has a dot."""
        found: dict[str, Place] = {}

        def add(name: str, place: Place) -> None:
            found[name] = min(place, found.get(name, place))

        for path in sorted(self.paths):
            *folders, file = path.split("/")
            if "__pycache__" in folders:
                continue
            for depth in range(1, len(folders) + 1):
                add("/".join(folders[:depth]), (NAMESPACE, "/".join(folders[:depth])))
            stem, dot, rest = file.partition(".")
            rank = _rank(dot + rest)
            if path in self.links and rank is None and not dot:
                add(path, (0, path))  # perhaps a package
            elif rank is not None and stem == "__init__" and folders:
                add("/".join(folders), (rank, path))
            elif rank is not None and stem != "__init__":
                add("/".join([*folders, stem]), (rank + len(_SUFFIXES), path))
        return found

    @cached_property
    def counting(self) -> dict[str, bytes]:
        """The sources that the script may run: tests only where another one of these imports them."""
        found = {path: source for path, source in self.sources.items() if not is_test(path)}
        waiting = list(found)
        while waiting:
            path = waiting.pop()
            folder = path.split("/")[:-1]
            for _, parts in imports_of(self.sources[path]):
                for other in self.sources.keys() - found.keys():
                    *around, name = _names(other)
                    last = around[-1:] == folder[-1:] or self.changes_path or not around
                    if (name in parts and (last or around[-1] in parts)) or (
                        "*" in parts and around and around[-1] in parts
                    ):
                        found[other] = self.sources[other]
                        waiting.append(other)
        return found

    @cached_property
    def changes_path(self) -> bool:
        """Whether other folders than that of the script are looked through for modules."""
        return any(map(_changes_path, self.sources.values()))


def tree_at(top: Path, tree: str) -> Tree:
    """Return the files of a folder as git knows them by the name of a tree."""
    files, paths = committed_files(top, _is_of_interest, tree)
    links = {
        path: file.content.decode(errors="replace")
        for path, file in files.items()
        if not file.plain
    }
    plain = {path: file.content for path, file in files.items() if file.plain}
    sources = {
        path: content
        for path, content in plain.items()
        if path.endswith(".py") and len(content) <= LARGEST_SOURCE
    }
    compiled = {
        path: content
        for path, content in plain.items()
        if path.endswith(_SUFFIXES) and path not in sources
    }
    return Tree(paths, links, sources, compiled)


def tree_now(folder: Path) -> Tree:
    """Return a folder's files that git knows or would add."""
    listed = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    paths = {os.fsdecode(path) for path in listed.split(b"\0") if path}
    paths = {path for path in paths if os.path.lexists(folder / path)}
    links = {path: os.readlink(folder / path) for path in paths if (folder / path).is_symlink()}
    plain = sorted(path for path in paths if is_file(folder, path))
    sources = read_python(folder, plain)
    compiled = {}
    for path in plain:
        if path.endswith(_SUFFIXES) and path not in sources:
            with suppress(TooLarge):
                compiled[path] = read_file(folder, path, _LARGEST_COMPILED)
    return Tree(paths, links, sources, compiled)


def of_places(old: Tree, new: Tree) -> dict[str, Verdict]:
    """Return what cannot be judged of files that are imported now, and were not, or cannot be read."""
    found: dict[str, str] = {}
    imported = [path for source in old.counting.values() for path in imports_of(source)]
    first = {parts[0] for _, parts in imported} | {
        part for level, parts in imported if level for part in parts
    }
    anywhere = {part for _, parts in imported for part in parts}
    homes = {path.rpartition("/")[0] for path in old.counting}
    anyhow = old.changes_path or new.changes_path
    for name, (rank, path) in new.places.items():
        before = old.places.get(name)
        last = name.rpartition("/")[2]
        above = name.rpartition("/")[0]
        is_top = name == last or anyhow
        is_near = anyhow or above in homes or above.rpartition("/")[2] in anywhere
        nested = anywhere if is_near else set()
        if before == (rank, path) or (is_test(path) and last not in anywhere):
            continue
        if before and rank < NAMESPACE:
            if before[0] < NAMESPACE or not _is_empty(new.sources.get(path)):
                found[path] = f"it is imported in the place of {before[1]}"
        elif before is None and last in (first if name == last and not anyhow else nested):
            found[path] = f"it is new, and imported in the place of the module {last}"
        elif before is None and is_top and rank < NAMESPACE and last in _others():
            found[path] = f"it is new, and may be imported in the place of the module {last}"
    for path in old.links.keys() | new.links.keys():
        last = module_of(path)
        is_module = path.endswith(_SUFFIXES) or last in anywhere | _others()
        if old.links.get(path) != new.links.get(path) and is_module:
            found.setdefault(path, "it is or was a link, and now points elsewhere")
    for path in old.compiled.keys() | new.compiled.keys():
        if path not in old.compiled and path not in old.sources and path in new.compiled:
            continue  # a new one, of which all is said
        if old.compiled.get(path) != new.compiled.get(path):
            found.setdefault(path, "it changed, and csa cannot read it as Python source")
    if "__init__.py" not in old.paths and not _is_empty(new.sources.get("__init__.py", b"")):
        found["__init__.py"] = "it is new, and may run before main.py"
    return {path: Verdict(NOT_JUDGED, text) for path, text in found.items()}


@cache
def imports_of(source: bytes) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return what a source imports: the level of a relative import, 0 for others, and the parts of
    the name. What it may load by a text is among them."""
    try:
        nodes = list(ast.walk(parse(source)))
    except NotPython:
        return ()
    return tuple(_imports_among(nodes))


def _imports_among(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, tuple[str, ...]]]:
    texts: list[str] = []
    used: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            used.update(names)
            yield from ((0, tuple(name.split("."))) for name in names)
        elif isinstance(node, ast.ImportFrom):
            within = node.module.split(".") if node.module else []
            used.update([*within, *(alias.name for alias in node.names)])
            yield from ((node.level, (*within, alias.name)) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
        elif isinstance(node, (ast.Attribute, ast.Name)):
            used.add(node.attr if isinstance(node, ast.Attribute) else node.id)
    if used & LOADERS:
        told: list[str] = []
        for text in texts:
            level = len(text) - len(text.lstrip("."))
            parts = text.strip(".").removesuffix(".py").replace("/", ".").split(".")
            if all(part.isidentifier() for part in parts):
                yield level, tuple(parts)
                told += parts
        if told:
            yield 0, tuple(told)  # import_module(".a", "b")


def names_of_modules(paths: Iterable[str]) -> set[str]:
    """Return the names by which Python may import files of the folder, or the packages that they
    are in."""
    return {path.split("/")[0].removesuffix(".py") for path in paths}


def is_of_star(path: str, sources: Mapping[str, bytes]) -> bool:
    """Tell whether one of some sources imports all names of a module of the folder."""
    name = [*_names(path), ""][-1 if path == "__init__.py" else -2]
    for source in sources.values():
        for level, parts in imports_of(source):
            whole = parts[-2:-1] == (name,) or (level and len(parts) == 1)
            if parts[-1] == "*" and (whole or path == "__init__.py"):
                return True
    return False


def module_of(path: str) -> str:
    """Return the last part of the name by which Python imports a file, "" for that of the folder."""
    return (_names(path) or [""])[-1]


def _is_of_interest(path: str) -> bool:
    """Tell whether a file may be imported, or may be a link to what is."""
    name = path.rpartition("/")[2]
    return name.endswith(_SUFFIXES) or "." not in name


def _rank(suffix: str) -> int | None:
    if suffix.endswith(".so"):
        return 0
    return _SUFFIXES.index(suffix) if suffix in _SUFFIXES else None


def _names(path: str) -> list[str]:
    """Return the parts of the name by which Python imports a file, none for that of the folder."""
    parts = path.split("/")
    parts[-1] = parts[-1].partition(".")[0]
    return parts[:-1] if parts[-1] == "__init__" else parts


def _others() -> set[str]:
    """Return the names of modules that are Python's own or well known: others may import them."""
    own = sys.stdlib_module_names - {*sys.builtin_module_names, "test"}
    return {*own, *SDK, *(name.split(".")[0] for name in table())}


def _is_empty(source: bytes | None) -> bool:
    """Tell whether a source does nothing."""
    try:
        return source is not None and all(
            isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            for statement in parse(source).body
        )
    except NotPython:
        return False


def _changes_path(source: bytes) -> bool:
    try:
        return bool(Imports.of(parse(source)).path_changes)
    except NotPython:
        return False
