"""What a script imports and calls of pyatlan that a release does not have.

Two runs of the type checker are compared: one with the release, one in which pyatlan has no content.
What both find is not of pyatlan. What cannot be told from types is left out: see docs/sdk.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from ..errors import Unavailable
from .changes import change_of
from .definitions import definitions_of
from .diagnosis import OF_SDK, lack_of, unresolved_module
from .environments import PYTHON, NoSuchRelease, environment
from .signatures import roots_of
from .type_checker import TY, run_ty

PACKAGES = ("pyatlan", "pyatlan_v9")
"""What the SDK's distribution has."""

MOST_TOGETHER = 60
"""Scripts that the type checker gets at once: of hundreds it does not end within its limits."""

LONGEST_NAME = 50
"""Characters of a package's name."""


@dataclass(frozen=True)
class Sources:
    """A package's Python files by their path below it, the name that Python imports it by, and the
    version of Python that it runs on."""

    name: str
    files: Mapping[str, bytes]
    python: str


@dataclass(frozen=True, order=True)
class Break:
    """Where a script needs what a release of pyatlan does not have: path, line and column from 1,
    a sentence, and the name that it is about. `since` is the release that changed it, "" where that
    is not known."""

    path: str
    line: int
    column: int
    text: str
    name: str = ""
    since: str = ""

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it is, whatever is wrong there."""
        return self.path, self.line, self.column


Breaks = list[Break] | Unavailable
"""What breaks of a script, or why that cannot be told of this one."""


def find_breaks(
    scripts: Sequence[Sources], release: str, stopped: Event | None = None
) -> list[Breaks]:
    """Return what breaks of each script on a release of pyatlan, by path and line.

    Raises NoSuchRelease for a release that the package index does not have, Unavailable when that
    or the type checker cannot be had, and soon after `stopped` is set.
    """
    stopped = stopped or Event()
    scripts = [safe(script) for script in scripts]
    found: list[Breaks] = [[] for _ in scripts]
    for group in _groups(scripts):
        for requirement in (f"pyatlan=={release}", TY):
            environment(requirement)
        try:
            results: list[Breaks] = [*_breaks([scripts[name] for name in group], release, stopped)]
        except Unavailable as error:
            if stopped.is_set():
                raise
            # One that the type checker does not survive must not hide what the others need.
            alone = len(group) == 1
            results = [
                error if alone else _breaks_alone(scripts[name], release, stopped) for name in group
            ]
        for name, result in zip(group, results, strict=True):
            found[name] = result
    return found


def breaks_of(script: Sources, release: str) -> list[Break]:
    """Return what breaks of one script, as find_breaks; raises Unavailable where it returns it."""
    [found] = find_breaks([script], release)
    if isinstance(found, Unavailable):
        raise found
    return found


def packages_of(files: Mapping[str, bytes]) -> Sequence[str]:
    """Return the SDK's packages that files may use: reading pyatlan_v9 takes as long as all else."""
    has_v9 = any(b"pyatlan_v9" in content for content in files.values())
    return PACKAGES if has_v9 else PACKAGES[:1]


def newly_broken(scripts: Sequence[Sources], old: str, new: str) -> list[Breaks]:
    """Return what breaks of each script on a new release, and does not on the old one.

    An old release that does not exist has nothing. Raises what find_breaks raises of the new one.
    """
    after = find_breaks(scripts, new)
    try:
        before = find_breaks(scripts, old) if any(after) else after
    except NoSuchRelease:
        before = [[] for _ in scripts]
    return [_without(new, old) for new, old in zip(after, before, strict=True)]


def _without(broken: Breaks, known: Breaks) -> Breaks:
    if isinstance(broken, Unavailable):
        return broken
    places = set() if isinstance(known, Unavailable) else {found.place for found in known}
    return [found for found in broken if found.place not in places]


def safe(script: Sources) -> Sources:
    """Return a script as it can be written and run: its name and Python are somebody's answers."""
    fits = script.name.isidentifier() and len(script.name) <= LONGEST_NAME
    python = script.python if re.fullmatch(r"3\.\d{1,2}", script.python) else PYTHON
    return replace(script, name=script.name if fits else "package", python=python)


def _groups(scripts: Sequence[Sources]) -> Iterator[list[int]]:
    """Yield the numbers of scripts that are checked together; those without pyatlan are none."""
    groups: list[dict[str, int]] = []
    for number, script in enumerate(scripts):
        if any(b"pyatlan" in content for content in script.files.values()):
            for group in groups:
                other = scripts[next(iter(group.values()))]
                if (
                    len(group) < MOST_TOGETHER
                    and script.name not in group
                    and other.python == script.python
                ):
                    group[script.name] = number
                    break
            else:
                groups.append({script.name: number})
    return (list(group.values()) for group in groups)


def _breaks_alone(script: Sources, release: str, stopped: Event) -> Breaks:
    try:
        return _breaks([script], release, stopped)[0]
    except Unavailable as error:
        return error


def _breaks(scripts: Sequence[Sources], release: str, stopped: Event) -> list[list[Break]]:
    """Return what breaks of scripts with different names."""
    if stopped.is_set():
        raise Unavailable("csa was stopped")
    files = {
        f"{script.name}/{path}": content
        for script in scripts
        for path, content in script.files.items()
    }
    with (
        roots_of(release) as roots,
        TemporaryDirectory(prefix="csa-sdk-") as empty,
        ThreadPoolExecutor() as pool,
    ):
        *_, folder = roots
        for package in PACKAGES:
            (Path(empty) / package).mkdir()
            (Path(empty) / package / "__init__.py").write_text(
                "from typing import Any\ndef __getattr__(name: str) -> Any: ...\n"
            )
        runs = [
            pool.submit(run_ty, files, scripts[0].python, where, stopped=stopped)
            for where in (roots, [Path(empty), folder])
        ]
        found, without = (run.result() for run in runs)
    anyway = {
        (diagnosis.path, diagnosis.line, diagnosis.column, diagnosis.rule)
        for diagnosis in without
        if not OF_SDK.match(unresolved_module(diagnosis) or "")
    }
    packages = packages_of(files)
    broken: dict[str, list[Break]] = {script.name: [] for script in scripts}
    for diagnosis in found:
        if (
            diagnosis.path in files
            and (diagnosis.path, diagnosis.line, diagnosis.column, diagnosis.rule) not in anyway
        ):
            lack = lack_of(diagnosis, definitions_of(folder, *packages), files[diagnosis.path])
            if lack:
                since, advice = change_of(lack.name, release) or ("", "")
                text = lack.sentence.format(f"pyatlan {release}")
                text += f" (since {since}: {advice})" if since else ""
                name, _, path = diagnosis.path.partition("/")
                broken[name].append(
                    Break(path, diagnosis.line, diagnosis.column, text, lack.name, since)
                )
    return [sorted(broken[script.name]) for script in scripts]
