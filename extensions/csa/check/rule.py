"""What a rule is, and what it finds."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import ClassVar

from ..source.edits import ChangedLines
from .package import Package

MOST = 200
"""Findings of a rule in a package that are shown: nobody reads more."""

LONGEST = 500
"""Characters of a finding that are shown: some have a line of a file in them."""


@dataclass(frozen=True)
class Finding:
    """What breaks a rule: the rule's id, a path below the package, a line or 0, and a sentence."""

    rule: str
    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Fixed:
    """Lines that were changed for a rule: its id, a path below the package, the first line as it is
    now, and what they were and are."""

    rule: str
    path: str
    line: int
    before: str
    after: str


@dataclass(frozen=True)
class Fixes:
    """What a rule would change: new contents by path below the repository's top, and the lines that
    these change, by path below the package."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    lines: Sequence[ChangedLines] = ()

    def and_file(self, path: str, content: bytes, lines: Sequence[ChangedLines]) -> Fixes:
        """Return these with a file more, by its path below the repository's top."""
        return Fixes({**self.files, path: content}, [*self.lines, *lines])


class Rule(ABC):
    """Something that holds for every good package. A rule's docstring is what its users read."""

    id: ClassVar[str]

    @property
    def sentence(self) -> str:
        """What has to hold, in one sentence."""
        return self._paragraphs()[0]

    @property
    def reasons(self) -> list[str]:
        """Why it has to, and how to fix it, in paragraphs."""
        return self._paragraphs()[1:]

    def _paragraphs(self) -> list[str]:
        text = inspect.getdoc(type(self)) or ""
        return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]

    @abstractmethod
    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        """Yield where a package breaks the rule: path, line or 0, and what is wrong there."""

    def fixes(self, package: Package) -> Fixes:
        """Return changes after which it finds less, where it is certain what to write.

        Most rules have none. Raises Unavailable as `broken` does.
        """
        return Fixes()

    def findings(self, package: Package) -> Iterator[Finding]:
        """Yield the same as findings, which say what has to hold as well: MOST of them."""
        found = self.broken(package)
        for path, line, what in islice(found, MOST):
            yield Finding(self.id, path, line, f"{_short(what)}. {self.sentence}")
        if any(found):
            yield Finding(self.id, ".", 0, f"there is more: csa shows {MOST}. {self.sentence}")


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
