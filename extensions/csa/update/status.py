"""How packages stand: their versions, their base images, and where they left the template."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..bases import image_in
from ..errors import Failed
from ..files import is_file, read_file
from ..fleet import open_fleet
from ..image import has_image
from ..packages import REPOSITORY, read_answers
from ..template import Source, render
from .drift import drift, drift_diff


@dataclass(frozen=True)
class Status:
    """How a package stands.

    `behind` counts releases of the template, or commits where none is tagged. `published` tells
    whether the registry has the base image, None where it does not say or was not asked. `drift`
    tells of each managed file that is not as the template made it: customized, changed, deleted, or
    conflict while markers are in it. `news` is what the newer releases bring. The files around all
    packages have no pyatlan, Python, base image or version of their own.
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


def status_of_packages(
    folders: Sequence[Path], *, jobs: int = 1
) -> Generator[tuple[Path, Status | Failed], None, None]:
    """Yield each package's folder with how it stands, or why that cannot be told, as they end."""
    with open_fleet(folders, None, jobs) as fleet:
        yield from fleet.failed.items()
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
    commit = source.commit(answers["_commit"])
    fresh = render(source, commit, answers, folder.name)
    drifted = drift(folder, fresh)
    target = source.target_for(commit)
    common = (source.version(commit), source.version(target), source.behind(commit, target))
    news = source.news(commit, target)
    if answers.get("scope") == REPOSITORY:
        return Status(*common, None, None, None, None, None, drifted, news)
    built_on = image_in(_text(folder, "Dockerfile") or "")
    image = built_on[1] if built_on else None
    return Status(
        *common,
        pyatlan_version=fresh.facts.get("pyatlan_version"),
        python_version=fresh.facts.get("python_version"),
        base_image=image,
        published=has_image(image) if image else None,
        version=_text(folder, "version.txt"),
        drift=drifted,
        news=news,
    )


def _text(folder: Path, path: str) -> str | None:
    if not is_file(folder, path):
        return None
    return read_file(folder, path).decode(errors="replace").strip()
