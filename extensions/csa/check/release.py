"""Rules on a package's version and what HISTORY.md says of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Failed
from ..release import entry_of, version_of
from .package import Package
from .rule import Rule


class ValidVersion(Rule):
    """version.txt must have a version: 1.0.0-dev in development, 1.0.0 once it is released.

    The image is tagged with it. `csa release` turns 1.0.0-dev into 1.0.0, and with `--next` the
    version to develop after that.
    """

    id = "CSA201"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if "version.txt" not in package.paths:
            return  # said by another rule
        try:
            version_of(package.folder)
        except Failed:
            try:
                written = package.read("version.txt")
            except Failed as error:
                yield "version.txt", 0, str(error)
                return
            text = written.decode(errors="backslashreplace")
            yield "version.txt", 1, f"it says {text[:50]!r}" if text.strip() else "it says nothing"


class DatedHistory(Rule):
    """HISTORY.md must have an entry for a released version, with its date and what is new.

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
            yield "HISTORY.md", 0, f"it has no heading like ## {version} (July 1, 2026)"
        elif entry.day is None:
            yield "HISTORY.md", entry.line, f"write it as ## {version} (July 1, 2026)"
        elif not entry.says_something:
            yield "HISTORY.md", entry.line, f"the entry of {version} is empty"


RULES = (ValidVersion(), DatedHistory())
