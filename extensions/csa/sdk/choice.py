"""Which release of pyatlan a legacy script gets."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from packaging.version import InvalidVersion, Version

from ..errors import Unavailable
from .breaks import Break, Sources, breaks_of, packages_of
from .environments import environment, newest_release
from .fixing import fix_breaks

OLDEST = "8.0.1"
"""The first release with a published base image."""


@dataclass(frozen=True)
class Choice:
    """A release of pyatlan, what breaks of the script on it, and what to know of the choice."""

    release: str
    breaks: list[Break] = field(default_factory=list)
    note: str = ""


def choose_release(script: Sources, required: str | None, newest: str) -> Choice:
    """Return the release for a script: the required one, where there is a base image for it; else
    the newest, up to `newest`, on which nothing breaks that cannot be fixed; else `newest`.

    Raises NoSuchRelease when the package index does not have the required release.
    """
    release = required if required and has_base_image(required) else newest
    try:
        breaks = breaks_of(script, release)
        if breaks and release != required:
            fixed = fix_breaks(script, release, breaks)
            changed = replace(script, files={**script.files, **fixed.files})
            fitting = newest_fitting(changed, newest, fixed.left) if fixed.left else None
            if fitting:
                note = (
                    f"pyatlan {fitting} is the newest release that has everything the script uses."
                )
                return Choice(fitting, breaks_of(script, fitting), note)
    except Unavailable as error:
        return Choice(release, note=f"The SDK was not checked: {error}")
    return Choice(release, breaks)


def newest_fitting(script: Sources, newest: str, broken: Sequence[Break]) -> str | None:
    """Return the newest release before `newest`, on which `broken` breaks, on which nothing does.

    None if there is none. A thing that is gone is taken to stay gone: so not every release has to
    be tried.
    """
    if any(found.since and Version(found.since) <= Version(OLDEST) for found in broken):
        return None
    gone = {found.place for found in broken}
    packages = packages_of(script.files)
    names = {found.name for found in broken}

    def fits(release: str) -> bool:
        if not all(_may_have(release, packages, name) for name in names):
            return False  # without the type checker, which takes longer
        return gone.isdisjoint(found.place for found in breaks_of(script, release))

    high = newest
    for low in _last_of_majors(newest):
        if fits(low):
            best = last_fitting(fits, low, high)
            return None if breaks_of(script, best) else best
        high = low
    return None


def _may_have(release: str, packages: Sequence[str], name: str) -> bool:
    """Tell whether a release has a file for the name of a module, or the last word of any other."""
    folder = environment(f"pyatlan=={release}")
    path = folder / name.replace(".", "/")
    if name.startswith("pyatlan") and (path.is_dir() or path.with_suffix(".py").is_file()):
        return True
    # As a program: a thread of ours would wait for the interpreter at each of a thousand files.
    command = ["grep", "-rqwF", "--include=*.py", "-e", name.rpartition(".")[2], *packages]
    return subprocess.run(command, cwd=folder, check=False).returncode == 0


def _last_of_majors(newest: str) -> Iterator[str]:
    """Yield the last release of each major before that of `newest`, the newest first, and the
    oldest that there is a base image for."""
    for major in range(Version(newest).major - 1, Version(OLDEST).major - 1, -1):
        last = newest_release(f"{major}.999.999")
        if last and Version(last) > Version(OLDEST):
            yield last
    yield OLDEST


def last_fitting(fits: Callable[[str], bool], low: str, high: str) -> str:
    """Return the last release that fits, if `low` does and `high` does not."""
    first, last = _number(low), _number(high)
    while last - first > 1:
        middle = (first + last) // 2
        release = newest_release(f"{middle // 10**6}.{middle // 1000 % 1000}.{middle % 1000}")
        if release is None or _number(release) <= _number(low) or fits(release):
            low = max(low, release or low, key=Version)
            first = middle
        else:
            last = _number(release)
    return low


def _number(release: str) -> int:
    """Return a release as a number, in the order of releases."""
    major, minor, patch = Version(release).release[:3]
    return (major * 1000 + minor) * 1000 + patch


def has_base_image(release: str) -> bool:
    """Tell whether a text is a release, such as 8.5.1, that there are base images for."""
    try:
        version = Version(release)
    except InvalidVersion:
        return False
    return str(version) == release and len(version.release) == 3 and version >= Version(OLDEST)
