"""A package as the rules see it: what is there now, committed or not."""

from __future__ import annotations

import ast
import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from ..bases import Base, base_of
from ..errors import Failed
from ..files import LARGEST, TooLarge, read_file
from ..git import repository_of
from ..packages import LARGEST_SOURCE, is_test, listed_files, read_answers
from ..refactor.script import CannotRefactor, Script
from ..settings import LARGEST_SETTINGS, SETTINGS, Settings, parse_settings
from ..source.imports import Imports, absolute_imports
from ..source.syntax import NotPython, nodes_of, parse
from .outside import Outside

REQUIREMENTS = "requirements.txt"
"""What the image adds to its base."""

MOST_WORDS = 100_000
"""Words and signs in the Python files of a package that are read: some 13,000 lines."""

LONG_NUMBER = re.compile(rb"\b0[box][\da-f_]{1000}", re.IGNORECASE)
"""Python reads such a number, and does not print it."""

RELATIVE_IMPORT = re.compile(rb"\bfrom\s*\.")

WORD = re.compile(rb"\w+|[^\w\s]")


@dataclass
class PythonFile:
    """A Python file at a path of a package, read and parsed once for all rules."""

    source: bytes
    tree: ast.Module
    package: str = ""
    path: str = ""

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """All nodes of its syntax tree."""
        return nodes_of(self.tree)

    @cached_property
    def imports(self) -> Imports:
        """What it imports."""
        return Imports.of(self.tree, self.package, self.path)

    @cached_property
    def script(self) -> Script | CannotRefactor | NotPython:
        """Its statements as those of a script, or why csa cannot look at them so."""
        try:
            return Script(self.source)
        except (CannotRefactor, NotPython) as error:
            return error


@lru_cache(maxsize=8)  # of the template's own files, the same in all packages
def python_file(source: bytes, package: str, path: str) -> PythonFile:
    """Return a Python file at a path of a package; raise NotPython where it cannot be read."""
    return PythonFile(source, parse(source), package, path)


class Package:
    """The files of a package that git knows or would add.

    It stands at `place`, below the top of its repository. Raises Failed when its answers cannot be
    read.
    """

    since: str | None = None
    """The commit that it is compared with, None where that was not asked for."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.top = repository_of(folder).top
        self.place = folder.relative_to(self.top).as_posix()
        self.answers = read_answers(folder)

    @cached_property
    def base(self) -> Base:
        """Its base image, as its answers have it; raises Failed when they have none."""
        return base_of(self.answers)

    @cached_property
    def outside(self) -> Outside:
        """What lies outside of it; of many packages it is asked for together, and set."""
        return Outside([self])

    @property
    def name(self) -> str:
        """The name that Python knows it by; the folder's where its answers have none."""
        return str(self.answers.get("package_name") or posixpath.basename(self.place))

    @cached_property
    def paths(self) -> list[str]:
        """Its files by their path below it, sorted."""
        return listed_files(self.folder)

    @property
    def python_files(self) -> list[str]:
        """The paths of its Python files."""
        return [path for path in self.paths if path.endswith(".py")]

    @property
    def modules(self) -> list[str]:
        """The paths of its Python files that go into the image."""
        return [path for path in self.python_files if not is_test(path)]

    @property
    def tests(self) -> list[str]:
        """The paths of the Python files of its tests."""
        return [path for path in self.python_files if is_test(path)]

    def planned(self, path: str) -> bytes | None:
        """Return what is still to be written to a file, by its path below the top, None if nothing is."""
        return None

    def read(self, path: str, most: int = LARGEST) -> bytes:
        """Return the content of one of its files; raise as read_file."""
        planned = self.planned(f"{self.place}/{path}")
        if planned is None:
            return read_file(self.folder, path, most)
        if len(planned) > most:
            raise TooLarge(f"{path} is larger than {most // 1_000_000} MB")
        return planned

    def around(self, path: str) -> bytes | None:
        """Return a file of its repository by its path below the top, None where there is none.

        Raises as read_file.
        """
        planned = self.planned(path)
        if planned is None and os.path.lexists(self.top / path):
            return read_file(self.top, path)
        return planned

    def text(self, path: str, most: int = LARGEST) -> str:
        """Return a file's text, an empty one where it is missing or too large: CSA101 says so."""
        if path not in self._known:
            return ""
        try:
            return self.read(path, most).decode("utf-8-sig", errors="replace")
        except TooLarge:
            return ""

    def tree(self, path: str) -> ast.Module:
        """Return what a Python file says, nothing where it cannot be read."""
        return self._file(path).tree

    def unreadable(self, path: str) -> NotPython | None:
        """Return why a Python file cannot be read, None if it can."""
        found = self._python.get(path)
        return found if isinstance(found, NotPython) else None

    def import_statements(self, path: str) -> Iterator[ast.Import | ast.ImportFrom]:
        """Yield the imports of one of its Python files, anywhere in it, by absolute names."""
        return absolute_imports(self.nodes(path), self.name, path)

    def nodes(self, path: str) -> Sequence[ast.AST]:
        """Return all nodes of a Python file's syntax tree."""
        return self._file(path).nodes

    def script(self, path: str) -> Script | CannotRefactor | NotPython:
        """Return one of its Python files as a script, or why csa cannot look at it as one."""
        return self._file(path).script

    def imports(self, path: str) -> Imports:
        """Return what one of its Python files imports."""
        return self._file(path).imports

    @property
    def trees(self) -> dict[str, ast.Module]:
        """Those of its Python files that can be read, parsed, by their paths."""
        return {path: self.tree(path) for path in self.sources}

    @cached_property
    def sources(self) -> dict[str, bytes]:
        """Those of its Python files that can be read, by their paths."""
        files = self._python.items()
        return {path: file.source for path, file in files if isinstance(file, PythonFile)}

    def _file(self, path: str) -> PythonFile:
        """Return a Python file as it was read, an empty one where it cannot be."""
        found = self._python.get(path)
        return found if isinstance(found, PythonFile) else PythonFile(b"", ast.Module([], []))

    @cached_property
    def _python(self) -> dict[str, PythonFile | NotPython]:
        """Its Python files, or why they cannot be read."""
        found: dict[str, PythonFile | NotPython] = {}
        left = MOST_WORDS
        for path in sorted(self.python_files, key=lambda path: (is_test(path), path)):
            try:
                source = self.read(path, LARGEST_SOURCE)
                count = len(WORD.findall(source))
                if LONG_NUMBER.search(source):
                    raise NotPython(1, "a number in it is too long")
                if count > left:
                    raise NotPython(1, f"a package can have {MOST_WORDS:,} tokens of Python")
                name = self.name if RELATIVE_IMPORT.search(source) else ""
                found[path] = python_file(source, name, path)
                left -= count
            except NotPython as error:
                found[path] = error
            except Failed as error:
                found[path] = NotPython(1, str(error))
        return found

    @cached_property
    def _known(self) -> set[str]:
        return set(self.paths)

    @property
    def settings(self) -> Settings:
        """What it tells csa in its pyproject.toml, nothing where that cannot be read."""
        return self._settings if isinstance(self._settings, Settings) else Settings()

    @property
    def settings_problem(self) -> str | None:
        """Why that cannot be read, None if it can."""
        return None if isinstance(self._settings, Settings) else str(self._settings)

    @cached_property
    def _settings(self) -> Settings | Failed:
        try:
            # Not as self.text reads it: pip takes neither other encodings nor a byte order mark.
            there = SETTINGS in self._known
            content = self.read(SETTINGS, LARGEST_SETTINGS) if there else b""
        except TooLarge:
            return Settings()
        try:
            return parse_settings(content)
        except Failed as error:
            return error

    def line_of(self, path: str, part: str) -> int:
        """Return the first line of a file that has a text in it, 0 if none has."""
        lines = enumerate(self.text(path).splitlines(), 1)
        return next((number for number, line in lines if part in line), 0)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield every call in a tree."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
