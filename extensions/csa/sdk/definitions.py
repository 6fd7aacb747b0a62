"""What a release of pyatlan defines: its classes and functions, read from its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_HEAD = re.compile(
    r"\n(?:(?P<decorator>@\S+)|class (?P<class>\w+)(?:\((?P<bases>[^)]*)\))?"
    r"|(?:async )?def (?P<function>\w+))"
)
"""With \\n rather than ^, which takes five times as long."""


@dataclass
class Definition:
    """A class or a function. A class has bases, by name, and may be a dataclass."""

    bases: set[str] = field(default_factory=set)
    is_dataclass: bool = False


class Definitions:
    """The classes and functions in the text of modules, by name.

    Those of one name are put together: all questions are whether something may be there.
    """

    def __init__(self, texts: Iterable[str]):
        self._texts = [f"\n{text}" for text in texts]
        self._found: dict[str, Definition] = {}
        for text in self._texts:
            decorators = ""
            for head in _HEAD.finditer(text):
                if head["decorator"]:
                    decorators += head["decorator"]
                    continue
                found = self._found.setdefault(head["class"] or head["function"], Definition())
                found.bases |= set(re.findall(r"\w+", head["bases"] or ""))
                found.is_dataclass |= "dataclass" in decorators
                decorators = ""

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def may_have(self, name: str, attribute: str) -> bool:
        """Tell whether an object of a class can have an attribute: if the class has it, or one
        derived from it. A search is said to find assets, and finds tables."""
        owners = self._with_attribute(attribute)
        return bool(owners) and any(owner in owners for owner in self._derived(name))

    def _with_attribute(self, attribute: str) -> set[str]:
        """Return the names of the classes that define an attribute."""
        line = re.compile(rf"\n    (?:async )?(?:def )?{re.escape(attribute)} ?[:=(]")
        owners = set()
        for text in self._texts:
            if attribute in text:
                for found in line.finditer(text):
                    above = text.rfind("\nclass ", 0, found.start())
                    owners |= set(re.findall(r"\w+", text[above + len("\nclass ") :][:99])[:1])
        return owners

    def _derived(self, name: str) -> Iterator[str]:
        """Yield the name of a class and those of all that are derived from it."""
        seen, waiting = {name}, [name]
        while waiting:
            base = waiting.pop()
            yield base
            new = {name for name, found in self._found.items() if base in found.bases} - seen
            seen |= new
            waiting += new

    def is_dataclass(self, name: str) -> bool:
        """Tell whether a class, or one that it is derived from, is a dataclass."""
        seen, waiting = {name}, [name]
        while waiting:
            found = self._found.get(waiting.pop(), Definition())
            if found.is_dataclass:
                return True
            waiting += found.bases - seen
            seen |= found.bases
        return False


@cache
def definitions_of(folder: Path, *packages: str) -> Definitions:
    """Return what packages in a folder with a release of pyatlan define."""
    return Definitions(
        path.read_text(encoding="utf-8", errors="replace")
        for package in packages
        for path in (folder / package).rglob("*.py")
    )
