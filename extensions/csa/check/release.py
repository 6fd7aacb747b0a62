"""Rules on a package's version and what HISTORY.md says of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..dockerignore import may_change_image
from ..errors import Failed
from ..git import git
from ..packages import changed_files, object_of
from ..release import LARGEST_VERSION, Version, entry_of
from .package import Package
from .rule import Rule


class ValidVersion(Rule):
    """version.txt must have a version: 1.0.0-dev in development, 1.0.0 once it is released.

    The image is tagged with it. `csa release` makes 1.0.0-dev 1.0.0, and with `--next`
    it begins the next version in development.
    """

    id = "CSA201"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if "version.txt" not in package.paths:
            return  # said by another rule
        try:
            text = package.read("version.txt").decode(errors="backslashreplace")
        except Failed as error:
            yield "version.txt", 0, str(error)
            return
        if _version(package) is None:
            yield "version.txt", 1, f"it says {text[:50]!r}" if text.strip() else "it says nothing"


class DatedHistory(Rule):
    """HISTORY.md must have an entry for a released version, with its date and what is new.

    Such as `## 1.0.0 (July 1, 2026)`, and below it at least one line. `csa release` writes the date.
    """

    id = "CSA202"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        version = _version(package)
        if version is None or version.dev:
            return  # another rule says what is no version
        text = package.text("HISTORY.md")
        entry = entry_of(text, version)
        if entry is None:
            yield "HISTORY.md", 0, f"it has no heading like ## {version} (July 1, 2026)"
        elif entry.day is None:
            yield "HISTORY.md", entry.line, f"write it as ## {version} (July 1, 2026)"
        elif not entry.says_something:
            yield "HISTORY.md", entry.line, f"the entry of {version} is empty"


class NewVersion(Rule):
    """A change to what is in the image needs a version that is not released yet.

    A released version is published once: a later change with the same version is never published. Only
    `csa check --changed-since REVISION` looks for it. `csa release PACKAGE --next patch` begins the
    next version. Tests, pages and other files that .dockerignore keeps out of the image may change freely.
    """

    id = "CSA203"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        version = _version(package)
        if package.since is None or version is None or version.dev:
            return
        name = f"{package.since}:{package.place}/version.txt"
        blob = object_of(package.top, name)
        if blob is None or _parsed(git(package.top, "cat-file", "blob", blob)) != version:
            return
        ignored = package.text(".dockerignore")
        for path in sorted(changed_files(package.folder, package.since)):
            if may_change_image(path, ignored):
                remedy = f"csa release {package.place} --next patch"
                yield "version.txt", 1, f"{path} has changed since {version} was released: {remedy}"
                return


def _version(package: Package) -> Version | None:
    """Return the version that version.txt has, None where that is none."""
    try:
        return _parsed(package.read("version.txt", LARGEST_VERSION))
    except Failed:
        return None


def _parsed(content: bytes) -> Version | None:
    try:
        return Version.of(content.decode())
    except (Failed, UnicodeDecodeError):
        return None


RULES = (ValidVersion(), DatedHistory(), NewVersion())
