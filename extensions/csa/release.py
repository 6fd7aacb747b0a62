"""A package's version: version.txt, and what HISTORY.md says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from .errors import Failed
from .files import File, mode_of, read_text
from .git import repository_of
from .transaction import Place, signature, write_all

LARGEST_VERSION = 1_000
"""Bytes of the largest version.txt that is read."""

NEXT = ("major", "minor", "patch")
"""What the version after a release may differ in."""

SECTIONS = ("Features", "Bug Fixes", "Breaking Changes", "QOL Improvements")
"""Of an entry of HISTORY.md."""


@dataclass(frozen=True)
class Version:
    """Such as 1.0.0, or 1.0.0-dev while it is developed."""

    major: int
    minor: int
    patch: int
    dev: bool

    @classmethod
    def of(cls, text: str) -> Version:
        """Return the version that version.txt names; raise Failed when it is none."""
        number = r"(0|[1-9]\d{0,5})"
        found = re.fullmatch(rf"{number}\.{number}\.{number}(-dev)?\s*", text)
        if not found:
            raise Failed(
                "version.txt has no version: write 1.0.0-dev, or 1.0.0 once it is released"
            )
        major, minor, patch = map(int, found.groups()[:3])
        return cls(major, minor, patch, bool(found[4]))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}{'-dev' if self.dev else ''}"

    def after(self, part: str) -> Version:
        """Return the version to develop after this one, which differs in a part of NEXT."""
        number = NEXT.index(part)
        numbers = [self.major, self.minor, self.patch]
        numbers[number:] = [numbers[number] + 1, *[0] * (2 - number)]
        return Version(numbers[0], numbers[1], numbers[2], dev=True)


def version_of(package: Path) -> Version:
    """Return a package's version; raise Failed when version.txt has none."""
    return Version.of(read_text(package, "version.txt", LARGEST_VERSION))


def release(package: Path, following: str | None, today: date) -> Version:
    """Make the version in development the released one, or name the one to develop next.

    `following` is a part of NEXT, for the latter. HISTORY.md gets the date in the entry's heading,
    or a new entry. Returns the new version; raises Failed when that is not its turn, or HISTORY.md
    says nothing of the version, with both files as they were.
    """
    history = package / "HISTORY.md"
    for path in (package / "version.txt", history):
        if path.is_symlink():
            raise Failed(f"{path.name} is a link, and csa would put a file in its place")
    seen = {path: signature(path) for path in (package / "version.txt", history)}
    written = read_text(package, "version.txt", LARGEST_VERSION)
    version = Version.of(written)
    end = written[len(str(version)) :] or "\n"
    text = read_text(package, "HISTORY.md")
    if following is None:
        if not version.dev:
            raise Failed(f"{version} is released: go on with --next {' or '.join(NEXT)}")
        version = replace(version, dev=False)
        text = _dated(text, version, today)
    else:
        if version.dev:
            raise Failed(f"{version} is in development: release it before the next one")
        version = version.after(following)
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        entry = _entry(version)
        if "\r\n" in text:
            entry = entry.replace("\n", "\r\n")
        text = mark + entry + text.removeprefix(mark)
    repository = repository_of(package)
    place = package.relative_to(repository.top).as_posix()
    changes = {
        f"{place}/version.txt": File(f"{version}{end}".encode(), mode_of(package / "version.txt")),
        f"{place}/HISTORY.md": File(text.encode(), mode_of(history)),
    }
    known = {f"{place}/{path.name}": signature for path, signature in seen.items()}
    write_all(Place.of(repository), repository.top, changes, known)
    return version


def _entry(version: Version) -> str:
    """Return an entry of HISTORY.md to be filled in."""
    return "\n".join([f"## {version}\n", *(f"### {section}\n" for section in SECTIONS)]) + "\n"


@dataclass(frozen=True)
class Entry:
    """What HISTORY.md has of a version: where its heading begins and ends, and what is below it.

    `day` is the date in the heading, None when it has none; `line` counts from 1.
    """

    start: int
    end: int
    line: int
    day: date | None
    text: str

    @property
    def says_something(self) -> bool:
        """Whether there is more below it than headings, empty lists and comments."""
        shown = re.sub(r"<!--.*?(-->|\Z)", "", self.text, flags=re.DOTALL)
        return re.search(r"^(?!#)[^\w\n]*\w", shown, re.MULTILINE) is not None


def entry_of(text: str, version: Version) -> Entry | None:
    """Return the entry of HISTORY.md for a version, in development or not; None if there is none."""
    number = re.escape(str(replace(version, dev=False)))
    start = r"(?:^|(?<=\A\ufeff))"  # of a line
    heading = re.search(
        rf"{start}## v?{number}(?:-dev)?(?: \((.*)\))?[ \t]*(?=\r?$)", text, re.MULTILINE
    )
    if heading is None:
        return None
    try:
        day = datetime.strptime(heading[1] or "", "%B %d, %Y").date()
    except ValueError:
        day = None
    below = re.split(r"^## ", text[heading.end() :], maxsplit=1, flags=re.MULTILINE)[0]
    line = text.count("\n", 0, heading.start()) + 1
    return Entry(heading.start(), heading.end(), line, day, below)


def _dated(text: str, version: Version, today: date) -> str:
    """Return HISTORY.md with the date in the heading of a version's entry.

    Raises Failed when it has no such entry, or nothing is in it.
    """
    entry = entry_of(text, version)
    if entry is None:
        raise Failed(f"HISTORY.md has no entry ## {version}-dev: write one")
    if not entry.says_something:
        raise Failed(f"HISTORY.md says nothing of {version}: write what is new")
    day = f"{today:%B} {today.day}, {today.year}"
    return f"{text[: entry.start]}## {version} ({day}){text[entry.end :]}"
