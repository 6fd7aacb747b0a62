"""Rules on a package's version and what HISTORY.md says of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Failed
from ..release import entry_of, version_of
from .package import Package
from .rule import Rule


class ValidVersion(Rule):
    """version.txt has a version: 1.0.0-dev in development, 1.0.0 once it is released.

    The image is tagged with it. `csa release` makes the one of the other, and with `--next` the
    version to develop after that.
    """

    id = "CSA201"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        try:
            version_of(package.folder)
        except Failed:
            said = package.text("version.txt").strip()
            yield "version.txt", 1, f"it says {said}" if said else "it says nothing"


class DatedHistory(Rule):
    """HISTORY.md has an entry for a released version, with its date and what is new.

    Such as `## 1.0.0 (July 1, 2026)`, and below it at least one line. `csa release` writes the date.
    """

    id = "CSA202"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        try:
            version = version_of(package.folder)
        except Failed:
            return  # said by another rule
        if version.dev:
            return
        text = package.text("HISTORY.md")
        entry = entry_of(text, version)
        if entry is None:
            yield "HISTORY.md", 0, f"it has no entry for {version}"
        elif entry.day is None:
            yield "HISTORY.md", entry.line, f"the heading of {version} has no date"
        elif not entry.says_something:
            yield "HISTORY.md", entry.line, f"the entry of {version} is empty"


RULES = (ValidVersion(), DatedHistory())
