"""Which release of pyatlan a legacy script gets."""

from __future__ import annotations

from dataclasses import dataclass, field

from packaging.version import InvalidVersion, Version

from ..errors import Unavailable
from .breaks import OLDEST, Break, Script, find_breaks, newest_fitting


@dataclass(frozen=True)
class Choice:
    """A release of pyatlan, what breaks of the script on it, and what to know of the choice."""

    release: str
    breaks: list[Break] = field(default_factory=list)
    note: str = ""


def choose_release(script: Script, required: str | None, newest: str) -> Choice:
    """Return the release for a script: the required one, where there is a base image for it; else
    the newest, up to `newest`, on which nothing breaks; else `newest`.

    Raises NoSuchRelease when the package index does not have the required release.
    """
    release = required if required and _has_base_image(required) else newest
    try:
        if release == required:
            [breaks] = find_breaks([script], release)
        else:
            release, breaks = newest_fitting(script, newest)
    except Unavailable as error:
        return Choice(release, note=f"The SDK was not checked: {error}")
    if release not in (required, newest):
        return Choice(
            release, note=f"pyatlan {release} is the newest with all that the script uses."
        )
    return Choice(release, breaks)


def _has_base_image(release: str) -> bool:
    """Tell whether a text is a release, such as 8.5.1, that there are base images for."""
    try:
        version = Version(release)
    except InvalidVersion:
        return False
    return str(version) == release and len(version.release) == 3 and version >= Version(OLDEST)
