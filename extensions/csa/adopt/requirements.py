"""The requirements.txt of an adopted script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ..errors import Failed
from ..requirements_txt import is_for_images, needs, requirement_lines
from ..sdk.environments import Resolved, has_wheel, resolved
from ..source.distributions import read_monorepo, with_range
from ..source.imports import Imports
from ..source.requirements import (
    Requirements,
    barrier_in,
    is_first_party,
    plan_requirements,
    tree_of,
    unused_requirements,
)
from ..source.script_text import modules_in, text_of
from .legacy import Legacy

OLD_PYTHON = "3.8"
"""A Python that distributions of the time of most pins had wheels for, if they had any."""

PYTHONS_OWN = {"argparse", "asyncio", "enum34", "futures", "pathlib", "typing"}
"""Distributions for old Pythons whose modules Python has itself: it never imports theirs."""

STUBS = {"bs4": "beautifulsoup4", "sklearn": "scikit-learn"}
"""Distributions that have nothing but the name of a module, and what they stand for."""

MOST_PINS = 50
"""Pins that are looked up."""


@dataclass(frozen=True)
class Settled:
    """A script's own requirements.txt with ranges, and without what the base image has.

    `changed` has its new line by each that changes, "" for one that goes; `sdk` is the range of
    pyatlan that it had.
    """

    text: str
    changed: dict[str, str] = field(default_factory=dict)
    sdk: SpecifierSet | None = None


def requirements(
    legacy: Legacy, modules: Mapping[str, bytes], old: str | None
) -> Requirements | None:
    """Return what the script requires, merged into its own file; None where that was deleted.

    `modules` are its Python files by their path below the folder, `old` is its requirements.txt.
    """
    if legacy.rendering:
        template = legacy.rendering.files["requirements.txt"].content.decode()
    elif old:
        template = old
    else:
        return None
    sources = {
        name: text_of(content)
        for name, content in modules.items()
        if "tests" not in name.split("/")
    }
    first_party = is_first_party(legacy.folder, legacy.top)
    imported = {module for content in sources.values() for module in modules_in(content)}
    if legacy.rendering and any(
        module.split(".")[0] == legacy.name and not first_party(module) for module in imported
    ):
        raise Failed(
            f"{legacy.before} imports {legacy.name}, which a package of that name would hide: "
            f"rename the folder, such as to {legacy.name}_script"
        )
    return plan_requirements(
        sources,
        first_party,
        old,
        template,
        lambda: read_monorepo(legacy.folder, legacy.top),
    )


def settled(text: str) -> Settled:
    """Return a script's own requirements.txt as a package has it.

    The line of pyatlan goes, which the base image has, and those of Python's own modules. A line
    without a range gets that of the table of distributions, where the two agree; if it is a stub's,
    such as bs4, it names what the stub stands for. Nothing else changes, and nothing where hashes
    are used.
    """
    if barrier_in(text):
        return Settled(text)
    lines = text.splitlines(keepends=True)
    changed: dict[str, str] = {}
    sdk = None
    requirements = requirement_lines(text)
    names = {requirement.name for _, requirement in requirements}
    for number, requirement in requirements:
        line = lines[number - 1]
        if requirement.url:
            continue
        if requirement.name == "pyatlan":
            sdk = requirement.specifier
        gone = requirement.name in PYTHONS_OWN or requirement.name == "pyatlan"
        if not requirement.specifier and (real := STUBS.get(requirement.name)):
            gone = real in names
            line = re.sub(r"\w+", real, line, count=1)
            requirement.name = real
        new = "" if gone else with_range(line, requirement)
        if new is not None:
            changed[lines[number - 1].strip()] = new.strip()
            lines[number - 1] = new
    return Settled("".join(lines), changed, sdk)


def completed(
    planned: Requirements, modules: Iterable[bytes], python: str
) -> tuple[Requirements, dict[str, str]]:
    """Return requirements with what only the package index knows, and the new line by each that
    changes.

    A line without a range gets that of the version which a version of Python gets today. A line
    that no import needs says which other line's distribution needs it, where one does. `modules` are
    the script's Python files.
    """
    text = planned.text
    if barrier_in(text):
        return planned, {}
    files = [Imports.of(tree_of(text_of(content))) for content in modules]
    plain = {
        number: one for number, one in requirement_lines(text) if not one.url and is_for_images(one)
    }
    unused = dict(unused_requirements(text, files))
    open_ended = {number: one for number, one in plain.items() if needs(one.specifier)}
    if not 0 < len({*unused, *open_ended}) <= MOST_PINS:
        return planned, {}
    brought = resolved([str(one) for one in plain.values()], python)
    before = text.splitlines(keepends=True)
    lines = [*before]
    for number, one in open_ended.items():
        if one.name in brought:
            known = _range_of(brought[one.name].version)
            lines[number - 1] = with_range(lines[number - 1], one, known) or lines[number - 1]
    for number, by in _needed_by(plain, unused, brought).items():
        line = lines[number - 1].rstrip()
        if "#" not in line:
            lines[number - 1] = lines[number - 1].replace(line, f"{line}  # {by} needs it")
    changed = {
        old.strip(): new.strip() for old, new in zip(before, lines, strict=True) if old != new
    }
    return replace(planned, text="".join(lines)), changed


def _range_of(version: Version) -> SpecifierSet:
    """Return the range from a version on in which its distribution breaks nothing on purpose."""
    return SpecifierSet(f">={version.public},<{version.major + 1}")


def _needed_by(
    plain: Mapping[int, Requirement],
    unused: Mapping[int, Requirement],
    brought: Mapping[str, Resolved],
) -> dict[int, str]:
    """Return for unused lines, by their numbers, which distribution in use needs theirs."""
    kept = {one.name for one in plain.values()} - {one.name for one in unused.values()}
    needed: dict[int, str] = {}
    while found := {
        number: min(brought[one.name].by & kept)
        for number, one in unused.items()
        if one.name not in kept and one.name in brought and brought[one.name].by & kept
    }:
        kept |= {unused[number].name for number in found}
        needed |= found
    return needed


def pins_without_wheel(text: str, python: str) -> list[tuple[int, str]]:
    """Return the lines that pin what has wheels, but none for a version of Python, with what to do.

    Raises Unavailable when the package index cannot be asked.
    """
    pins = [
        (line, f"{requirement.name}=={specifier.version}")
        for line, requirement in requirement_lines(text)
        for specifier in requirement.specifier
        if specifier.operator == "==" and "*" not in specifier.version
    ][:MOST_PINS]
    if not pins or has_wheel([pin for _, pin in pins], python):
        return []

    def is_too_old(pin: str) -> bool:
        return not has_wheel([pin], python) and has_wheel([pin], OLD_PYTHON)

    with ThreadPoolExecutor(4) as pool:
        too_old = list(pool.map(is_too_old, [pin for _, pin in pins]))
    return [
        (line, f"{pin} has no wheel for Python {python}, which the image runs: raise it")
        for (line, pin), old in zip(pins, too_old, strict=True)
        if old
    ]
