"""Requirements files: what their lines say, and which versions their ranges admit."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from urllib.parse import unquote

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

# `# acme_api, acme_tools`, perhaps with a reason behind a colon; no prose that begins with a name.
_NAMED = re.compile(r"#\s*(?P<names>[A-Za-z_][\w.]*(?:\s*,\s*[A-Za-z_][\w.]*)*)\s*(?:$|[:;(])")


PYTHONS = ("3.11", "3.13")
"""Those in base images."""

LONGEST = 2_000
"""Characters of the longest requirement that is read, without options such as --hash."""

MOST_LINES = 2_000
"""Lines of a requirements file that are read."""


def text_of_requirements(content: bytes) -> str:
    """Return the text of a requirements file: in UTF-16 if it begins so, as pip reads it and PowerShell
    writes it. What is no UTF-8 otherwise can be written back with surrogateescape."""
    if content.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return content.decode("utf-16", errors="replace")
    return content.decode(errors="surrogateescape")


def requirement_lines(text: str) -> list[tuple[int, Requirement]]:
    """Return the requirements of a requirements.txt by line, without what else pip reads there.

    Their names are canonical: lower case, with hyphens.
    """
    lines = [(number, requirement_of(line)) for number, line in logical_lines(text)]
    return [(number, requirement) for number, requirement in lines if requirement]


def requirement_of(line: str) -> Requirement | None:
    """Return what a line without its comment requires, None if it is no requirement."""
    bare = re.split(r"\s--", line)[0]  # options such as --hash
    egg = re.search(r"#egg=([a-zA-Z0-9]+(?:[._-]+[a-zA-Z0-9]+)*)", bare)
    try:
        requirement = read_requirement(f"{egg[1]} @ {bare.split()[-1]}" if egg else bare)
    except InvalidRequirement:
        return None
    requirement.name = str(canonicalize_name(requirement.name))
    return requirement


def read_requirement(text: str) -> Requirement:
    """Return what a text requires; raise InvalidRequirement where it is no requirement, or one that
    would take long to read."""
    if len(text) > LONGEST:
        raise InvalidRequirement(f"it has more than {LONGEST} characters")
    try:
        requirement = Requirement(text)
        is_for_images(requirement)
    except RecursionError as error:  # brackets in its marker
        raise InvalidRequirement("its marker is nested too deeply") from error
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion) as error:
        raise InvalidRequirement(f"its marker cannot be evaluated: {error}") from error
    return requirement


def is_for_images(requirement: Requirement) -> bool:
    """Tell whether a requirement is installed in images: Linux, and the Pythons of base images."""
    marker = requirement.marker
    return not marker or any(
        marker.evaluate(
            {
                "os_name": "posix",
                "platform_system": "Linux",
                "python_full_version": f"{python}.0",
                "python_version": python,
                "sys_platform": "linux",
            }
        )
        for python in PYTHONS
    )


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines of a requirements.txt, without comments."""
    return ((number, line) for number, line, _ in commented_lines(text))


def commented_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, text and comment of the lines of a requirements.txt that are not empty.

    A line that ends with a \\ is one with the next. There are MOST_LINES at most.
    """
    return islice(_commented_lines(text), MOST_LINES)


def _commented_lines(text: str) -> Iterator[tuple[int, str, str]]:
    begun: list[str] = []
    comment, start = "", 0
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        start = start if begun else number
        found = re.search(r"(?:^|\s)(#.*)", line)
        own = line[: found.start()] if found else line
        comment = found[1] if found else ""
        begun.append(own.removesuffix("\\"))
        if own.endswith("\\"):
            continue
        if text := "".join(begun).strip():
            yield start, text, comment
        begun = []
    if text := "".join(begun).strip():
        yield start, text, comment


def modules_named(comment: str) -> set[str]:
    """Return the modules that the comment behind a requirement names: `# acme_api`."""
    named = _NAMED.match(comment)
    return set(re.split(r"\s*,\s*", named["names"])) if named else set()


def range_of(requirement: Requirement) -> SpecifierSet:
    """Return the versions that a requirement admits; of an address, the one that it names."""
    address = (requirement.url or "").partition("#")[0]
    name = unquote(address.rpartition("/")[2])
    with suppress(InvalidSdistFilename, InvalidWheelFilename):
        read = parse_wheel_filename if name.endswith(".whl") else parse_sdist_filename
        return SpecifierSet(f"=={read(name)[1]}")
    tag = re.search(r"@(?:refs/tags/)?v?(\d+(?:\.\d+)+)\Z", address)
    return SpecifierSet(f"=={tag[1]}") if tag else requirement.specifier


def pinned_version(existing: str, distribution: str) -> str | None:
    """Return the X of the first line `distribution==X`."""
    for _, line in requirement_lines(existing):
        if line.name == canonicalize_name(distribution):
            pins = [s.version for s in line.specifier if s.operator in ("==", "===")]
            if len(line.specifier) == 1 and pins and not pins[0].endswith(".*"):
                return pins[0]
    return None


def needs(range_: SpecifierSet) -> str:
    """Return what a range lacks to be one: <, > or both, "" where it lacks nothing.

    A calendar version, such as 2025.2, needs no upper bound.
    """
    operators = {part.operator for part in range_}
    if operators & {"==", "===", "~="}:
        return ""
    is_calendar = any(
        part.operator in (">", ">=") and re.match(r"20\d\d", part.version) for part in range_
    )
    lower = "" if operators & {">", ">="} else ">"
    return lower + ("" if operators & {"<", "<="} or is_calendar else "<")


def overlap(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Tell whether a version fits both."""
    return any(one.contains(v, True) and other.contains(v, True) for v in _bounds(one, other))


def is_within(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Tell whether no version that fits the one is above what fits the other."""
    return all(other.contains(v, True) for v in _bounds(one, other) if one.contains(v, True))


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _bounds(*ranges: SpecifierSet) -> set[Version]:
    """Return the versions that ranges name, and for each the next ones: what is excluded may be a
    whole series."""
    named = {
        Version(part.version.removesuffix(".*"))
        for specifiers in ranges
        for part in specifiers
        if part.operator != "===" or _is_version(part.version)  # which may be any string
    }
    following = {
        f"{v.major}.{after}" for v in named for after in (f"{v.minor}.{v.micro + 1}", v.minor + 1)
    }
    return (
        named | {Version(text) for text in following} | {Version(f"{v.major + 1}") for v in named}
    )
