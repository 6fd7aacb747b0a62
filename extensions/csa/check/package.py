"""A package as the rules see it: what is there now, committed or not."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import Failed
from ..git import git, repository_of
from ..packages import read_answers

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REQUIREMENTS = "requirements.txt"
"""What the image adds to its base."""

SETTINGS = "pyproject.toml"
"""Where a package says which rules it ignores."""


class Package:
    """The files of a package that git knows or would add.

    Raises Failed when its answers cannot be read.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.top = repository_of(folder).top
        self.answers = read_answers(folder)

    @property
    def name(self) -> str:
        """The name that Python knows it by."""
        return str(self.answers.get("package_name"))

    @cached_property
    def paths(self) -> list[str]:
        """Its files by their path below it, sorted."""
        listed = git(self.folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        paths = {os.fsdecode(path) for path in listed.split(b"\0") if path}
        return sorted(path for path in paths if (self.folder / path).is_file())

    @property
    def modules(self) -> list[str]:
        """The paths of its Python files that go into the image."""
        return [path for path in self.paths if path.endswith(".py") and not is_test(path)]

    @property
    def tests(self) -> list[str]:
        """The paths of the Python files of its tests."""
        return [path for path in self.paths if path.endswith(".py") and is_test(path)]

    def text(self, path: str) -> str:
        """Return a file's text, an empty one where there is no such file."""
        if path not in self._known:
            return ""
        return (self.folder / path).read_text(encoding="utf-8-sig", errors="replace")

    def tree(self, path: str) -> ast.Module:
        """Return what a Python file says, nothing where it is not Python."""
        if path not in self._trees:
            try:
                self._trees[path] = ast.parse((self.folder / path).read_bytes())
            except (FileNotFoundError, SyntaxError, ValueError, RecursionError, MemoryError):
                self._trees[path] = ast.Module([], [])
        return self._trees[path]

    @cached_property
    def _known(self) -> set[str]:
        return set(self.paths)

    @cached_property
    def _trees(self) -> dict[str, ast.Module]:
        return {}

    @cached_property
    def ignored(self) -> dict[str, Any]:
        """What stands in the table tool.csa.ignore of its settings: reasons, by the id of a rule."""
        try:
            table: Any = tomllib.loads(self.text(SETTINGS))
        except tomllib.TOMLDecodeError as error:
            raise Failed(f"{SETTINGS} is not TOML: {error}") from error
        for name in ("tool", "csa", "ignore"):
            table = table.get(name, {})
            if not isinstance(table, dict):
                raise Failed(f'{SETTINGS}: write [tool.csa.ignore], and below it CSA502 = "why"')
        return dict(table)

    def line_of(self, path: str, part: str) -> int:
        """Return the first line of a file that has a text in it, 0 if none has."""
        lines = enumerate(self.text(path).splitlines(), 1)
        return next((number for number, line in lines if part in line), 0)


def is_test(path: str) -> bool:
    """Tell whether a path below a package is one of its tests, which are in no image."""
    return "tests" in path.split("/")[:-1]


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield every call in a tree."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
