"""What the rules ask of the world outside of packages: releases of pyatlan, and registries.

It is asked for many packages at once, while the rules that need nothing of it look at each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

from ..errors import Failed, Unavailable
from ..image import has_image
from ..packages import ANSWERS_FILE
from ..sdk.breaks import Break, Sources, find_breaks

if TYPE_CHECKING:
    from .package import Package


class Outside:
    """Answers for some packages. Questions begin to be asked when this is made."""

    def __init__(self, packages: Sequence[Package]):
        pool = ThreadPoolExecutor(2)
        self._stopped = Event()
        self._breaks = {
            release: (
                group,
                pool.submit(find_breaks, [*map(sources_of, group)], release, self._stopped),
            )
            for release, group in _by_release(packages).items()
        }
        images = {image for package in packages if (image := _image(package))}
        self._images = {image: pool.submit(has_image, image) for image in sorted(images)}
        pool.shutdown(wait=False)

    def close(self) -> None:
        """Ask nothing any more, so that a csa that is stopped need not wait for an answer."""
        self._stopped.set()

    def breaks(self, package: Package) -> list[Break]:
        """Return what breaks of a package on its release of pyatlan.

        Raises Unavailable when that cannot be told, NoSuchRelease when there is no such release.
        """
        found = self._breaks.get(_release(package))
        if found is None:
            raise Unavailable(f"{ANSWERS_FILE} has no pyatlan_version")
        group, future = found
        breaks = future.result()[group.index(package)]
        if isinstance(breaks, Unavailable):
            raise breaks
        return breaks

    def has_base(self, package: Package) -> bool | None:
        """Tell whether the registry has a package's base image, None when it does not say."""
        asked: Future[bool | None] | None = self._images.get(_image(package))
        return asked.result() if asked else None


def _by_release(packages: Sequence[Package]) -> Mapping[str, list[Package]]:
    groups: dict[str, list[Package]] = {}
    for package in packages:
        if release := _release(package):
            groups.setdefault(release, []).append(package)
    return groups


def _release(package: Package) -> str:
    """Return the release of pyatlan in a package's answers, "" where they have none."""
    release = package.answers.get("pyatlan_version")
    return release if isinstance(release, str) and _image(package) else ""


def _image(package: Package) -> str:
    """Return a package's base image, "" where its answers have none: another rule says so."""
    try:
        return package.base.image
    except Failed:
        return ""


def sources_of(package: Package) -> Sources:
    """Return a package's Python files as the type checker gets them."""
    return Sources(package.name, package.sources, package.base.python)
