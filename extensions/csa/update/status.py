"""How packages stand: their versions, their base images, and where they left the template."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..bases import image_in
from ..errors import Failed, Unavailable
from ..files import is_file, read_file
from ..fleet import open_fleet
from ..image import has_image
from ..packages import REPOSITORY, read_answers
from ..template import Source, render
from .drift import CUSTOMIZED, drift, drift_diff


@dataclass(frozen=True)
class Status:
    """How a package stands.

    `behind` counts releases of the template, or commits where none is tagged. `published` tells
    whether the registry has the base image, None where it does not say or was not asked. `drift`
    tells of each managed file that is not as the template made it: customized, changed, deleted, or
    conflict while markers are in it. `news` is what the newer releases bring. The files around all
    packages have no pyatlan, Python, base image or version of their own. `unknown` is why the
    template could not be asked: then `newest`, `behind`, `drift` and `news` tell nothing.
    """

    template: str
    newest: str
    behind: int
    pyatlan_version: str | None
    python_version: str | None
    base_image: str | None
    published: bool | None
    version: str | None
    drift: dict[str, str]
    news: list[str]
    unknown: str | None = None

    @property
    def customized(self) -> list[str]:
        """The files that have more lines than the template's."""
        return [path for path, kind in self.drift.items() if kind == CUSTOMIZED]

    @property
    def changed(self) -> list[str]:
        """The files that differ in another way: a deleted one, and one in conflict, with that."""
        return [
            path if kind == "changed" else f"{path} ({kind})"
            for path, kind in self.drift.items()
            if kind != CUSTOMIZED
        ]

    @property
    def short_image(self) -> str:
        """The base image, by its name alone where its tag tells nothing new."""
        image = self.base_image or "none"
        name, _, tag = image.rpartition("/")[2].partition(":")
        return name if tag == f"{self.pyatlan_version}-{self.python_version}" else image


def status_of_packages(
    folders: Sequence[Path], *, jobs: int = 1
) -> Generator[tuple[Path, Status | Failed], None, None]:
    """Yield each package's folder with how it stands, or why that cannot be told, as they end.

    Where its template cannot be fetched, with what is known without it.
    """
    with open_fleet(folders, None, jobs) as fleet:
        for folder, failure in fleet.failed.items():
            yield (
                folder,
                known_here(folder, failure) if isinstance(failure, Unavailable) else failure,
            )
        yield from fleet.run(status, fleet.sources)


def diffs_of_packages(
    folders: Sequence[Path], *, jobs: int = 1
) -> Generator[tuple[Path, bytes | Failed], None, None]:
    """Yield each package's folder with how it differs from a fresh render, as a patch."""
    with open_fleet(folders, None, jobs) as fleet:
        yield from fleet.failed.items()
        yield from fleet.run(drift_diff, fleet.sources)


def status(folder: Path, source: Source) -> Status:
    """Compare a package with a fresh render at its recorded version.

    Raises Failed or OSError when its answers or its template cannot be read.
    """
    answers = read_answers(folder)
    commit = source.recorded(answers)
    fresh = render(source, commit, answers, folder.name)
    drifted = drift(folder, fresh)
    target = source.target_for(commit)
    common = (source.version(commit), source.version(target), source.behind(commit, target))
    news = source.news(commit, target)
    return Status(*common, **_own(folder, fresh.facts), drift=drifted, news=news)


def known_here(folder: Path, failure: Failed) -> Status:
    """Return how a package stands as far as its own files tell."""
    answers = read_answers(folder)
    version = answers["_commit"]
    own = _own(folder, answers)
    return Status(version, version, 0, **own, drift={}, news=[], unknown=str(failure))


def _own(folder: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Status tells of a package's own files, by its names there."""
    is_package = facts.get("scope") != REPOSITORY
    built_on = image_in(_text(folder, "Dockerfile") or "") if is_package else None
    image = built_on[1] if built_on else None
    return {
        "pyatlan_version": _said(facts, "pyatlan_version") if is_package else None,
        "python_version": _said(facts, "python_version") if is_package else None,
        "base_image": image,
        "published": has_image(image) if image else None,
        "version": _text(folder, "version.txt") if is_package else None,
    }


def _said(facts: Mapping[str, Any], name: str) -> str | None:
    """Return an answer as text, None without one."""
    return None if facts.get(name) is None else str(facts[name])


def _text(folder: Path, path: str) -> str | None:
    if not is_file(folder, path):
        return None
    return read_file(folder, path).decode(errors="replace").strip()
