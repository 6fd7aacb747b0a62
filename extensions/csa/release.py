"""A package's version: version.txt, and what HISTORY.md says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise, starmap
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import Failed
from .files import File, mode_of, read_text
from .git import repository_of
from .transaction import Place, signature, write_all

if TYPE_CHECKING:
    from markdown_it.token import Token

LARGEST_VERSION = 1_000
"""Bytes of the largest version.txt that is read."""

HIGHEST = 999_999
"""Number in a version."""

NEXT = ("major", "minor", "patch")
"""What the version after a release may differ in."""

_HEADING = re.compile(
    r"v?(?P<version>[0-9]{1,6}(\.[0-9]{1,6}){2})(-dev)?( \((?P<day>.*)\))?", re.DOTALL
)
"""Of an entry."""

_LINK = re.compile(
    r"""^ {0,3}\[(?:[^\[\]\\]|\\.)+\]:\s*(<[^<>\n]*>|[^\s<]\S*)(\s+("[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$""",
    re.MULTILINE,
)
"""What defines where a link leads, and shows nothing itself."""

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
        number = "(0|[1-9][0-9]{0,5})"
        found = re.fullmatch(rf"{number}\.{number}\.{number}(-dev)?\s*", text, re.ASCII)
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


def release(package: Path, following: str | None, today: date, entry: str | None = None) -> Version:
    """Make the version in development the released one, or name the one to develop next.

    `following` is a part of NEXT, for the latter. HISTORY.md gets the date in the entry's heading,
    or a new entry, to be filled in unless `entry` is what it says. Returns the new version; raises Failed when that is not its turn, or HISTORY.md
    says nothing of the version, with both files as they were.
    """
    history = package / "HISTORY.md"
    for path in (package / "version.txt", history):
        if path.is_symlink():
            raise Failed(f"{path.name} is a link: put the file itself in its place")
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
        if max(version.major, version.minor, version.patch) > HIGHEST:
            raise Failed(f"no number of a version is above {HIGHEST}: raise another part")
        text = _with_entry(text, version, entry)
    repository = repository_of(package)
    place = package.relative_to(repository.top).as_posix()
    changes = {
        f"{place}/version.txt": File(f"{version}{end}".encode(), mode_of(package / "version.txt")),
        f"{place}/HISTORY.md": File(text.encode(), mode_of(history)),
    }
    known = {f"{place}/{path.name}": signature for path, signature in seen.items()}
    write_all(Place.of(repository), repository.top, changes, known)
    return version


def _with_entry(text: str, version: Version, says: str | None) -> str:
    """Return HISTORY.md with an entry above those of other versions: what it says, or sections."""
    entries = _entries(text)
    if _of(entries, version):
        return text
    parts = [f"- {says}"] if says else [f"### {section}" for section in SECTIONS]
    new = "".join(f"{part}\n\n" for part in (f"## {version}", *parts))
    if "\r\n" in text:
        new = new.replace("\n", "\r\n")
    first = entries[0].start if entries else len(text) - len(text.removeprefix("\ufeff"))
    return text[:first] + new + text[first:]


@dataclass(frozen=True)
class Entry:
    """What HISTORY.md has of a version: where the line of its heading begins and ends.

    `day` is the date in the heading, None when it has none; `line` counts from 1. `says_something`
    tells whether there is more below it than headings, empty lists and comments.
    """

    version: str
    start: int
    end: int
    line: int
    day: date | None
    says_something: bool


def entry_of(text: str, version: Version) -> Entry | None:
    """Return the entry of HISTORY.md for a version, in development or not; None if there is none."""
    return _of(_entries(text), version)


def last_release(package: Path) -> Entry | None:
    """Return the entry of a package's last release, the first in HISTORY.md that has a date.

    None where nothing is released. Raises Failed or OSError when it cannot be read.
    """
    entries = _entries(read_text(package, "HISTORY.md"))
    return next((entry for entry in entries if entry.day), None)


def _of(entries: list[Entry], version: Version) -> Entry | None:
    number = str(replace(version, dev=False))
    return next((entry for entry in entries if entry.version == number), None)


def _entries(text: str) -> list[Entry]:
    """Return the entries of HISTORY.md: no heading in code, in a comment or in a list begins one."""
    from markdown_it import MarkdownIt  # takes as long as the rest of a start

    mark = len(text) - len(text.removeprefix("\ufeff"))
    starts = [mark, *(end.end() for end in re.finditer(r"\r\n?|\n", text))]
    # Without what no heading depends on, and some texts take long for.
    parser = MarkdownIt("commonmark").disable(["blockquote", "inline", "reference", "text_join"])
    tokens = parser.parse(text[mark:])
    headings = [
        number
        for number, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2")
    ]
    entries = []
    for number, following in pairwise([*headings, len(tokens)]):
        heading = tokens[number]
        found = _HEADING.fullmatch(tokens[number + 1].content)
        if heading.markup != "##" or heading.map is None or found is None:
            continue
        start = starts[heading.map[0]]
        end = re.compile(r"[\r\n]|\Z").search(text, start)
        entries.append(
            Entry(
                found["version"],
                start,
                end.start() if end else len(text),
                heading.map[0] + 1,
                _day(found["day"] or ""),
                any(starmap(_says_something, pairwise(tokens[number + 2 : following]))),
            )
        )
    return entries


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%B %d, %Y").date()
    except ValueError:
        return None


def _says_something(before: Token, token: Token) -> bool:
    """Tell whether a token of Markdown has words, behind another one, that are no heading's."""
    shown = re.sub(r"<!--.*?(-->|\Z)", "", token.content, flags=re.DOTALL)
    shown = _LINK.sub("", shown)
    return before.type != "heading_open" and re.search(r"\w", shown) is not None


def _dated(text: str, version: Version, today: date) -> str:
    """Return HISTORY.md with the date in the heading of a version's entry.

    Raises Failed when it has no such entry or several, nothing is in it, or a conflict is not resolved.
    """
    if re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE):
        raise Failed("HISTORY.md still has the markers of a conflict: resolve it")
    entries = [entry for entry in _entries(text) if entry.version == str(version)]
    if not entries:
        raise Failed(f"HISTORY.md has no entry ## {version}-dev: write one")
    if len(entries) > 1:
        lines = " and ".join(str(entry.line) for entry in entries)
        raise Failed(f"HISTORY.md has several entries for {version}, in lines {lines}: keep one")
    [entry] = entries
    if not entry.says_something:
        raise Failed(f"HISTORY.md has nothing about {version}: write what is new")
    day = f"{today:%B} {today.day}, {today.year}"
    return f"{text[: entry.start]}## {version} ({day}){text[entry.end :]}"
