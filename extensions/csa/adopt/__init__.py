"""Taking legacy scripts in: their folders become packages of the template."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from pathlib import Path

from ..errors import Failed, Misuse, failure_of
from ..files import is_file
from ..fleet import open_fleet
from ..git import GitError, Repository, repository_of
from ..packages import find_packages, is_package
from ..source.syntax import deep_recursion
from ..template import Source, open_source
from ..transaction import Place, undo_unfinished
from .legacy import Legacy
from .plan import Plan
from .report import Adoption


def adopt(
    folder: Path,
    template: str,
    data: Mapping[str, str] | None = None,
    *,
    write: bool = True,
) -> Adoption:
    """Make a package of a folder with a legacy main.py; everything stays uncommitted.

    `template` is the address or folder of the template's repository, `data` has answers to its
    questions.

    Raises Misuse when the folder is none that can be adopted, or for an answer that the template
    does not take; Failed or OSError when that is not possible now. Then nothing has changed.
    """
    undo_unfinished(Place.of(_repository(folder)))
    with tempfile.TemporaryDirectory(prefix="csa-") as work:
        source = open_source(template, None, Path(work).resolve())
        return _made(_read(folder, source, data or {}), write)


def adopt_all(
    folders: Sequence[Path],
    template: str,
    data: Mapping[str, str] | None = None,
    *,
    jobs: int = 1,
    write: bool = True,
) -> Generator[tuple[Path, Adoption | Failed], None, None]:
    """Do as `adopt` with each folder; yield it with what became of it, as they end.

    Scripts are read side by side and written one after the other: several may change one file of
    the repository. Raises Misuse, having changed nothing, for answers that the template does not
    take.
    """
    data = data or {}
    with open_fleet(folders, None, jobs, lambda folder: template) as fleet:
        for source in {*fleet.sources.values()} if data else ():
            assert source.target is not None
            try:
                source.refuse_unknown(source.target, data)
            except Failed as error:
                raise Misuse(str(error)) from error
        yield from fleet.failed.items()
        for folder, read in fleet.run(partial(_read, data=data), fleet.sources):
            if isinstance(read, Failed):
                yield folder, read
                continue
            try:
                adoption = _made(read, write)
            except Exception as error:  # noqa: BLE001  # whatever it is, it stops no other script
                yield folder, failure_of(error)
            else:
                yield folder, adoption


def _read(folder: Path, source: Source, data: Mapping[str, str]) -> Legacy:
    with deep_recursion():
        return Legacy(_repository(folder), folder, source, data)


def _made(legacy: Legacy, write: bool) -> Adoption:
    with deep_recursion():
        plan = Plan(legacy)
        plan.make()
    if not write:
        plan.adoption.diff = plan.changes.diff()
    elif plan.changes.files or legacy.renamed:
        plan.changes.write()
    return plan.adoption


def _repository(folder: Path) -> Repository:
    """Return the repository of a folder; raise Misuse when that cannot become a package."""
    if not is_file(folder, "main.py"):
        raise Misuse(f"{folder} has no main.py: name the folder of a script")
    try:
        repository = repository_of(folder)
    except GitError as error:
        raise Misuse(f"{folder}: {error}") from error
    if folder == repository.top:
        raise Misuse(f"{folder} is the repository itself: name the folder of a script in it")
    for parent in folder.parents:
        if parent.is_relative_to(repository.top) and is_package(parent):
            raise Misuse(f"{folder} is inside of the package {parent}: move it out first")
    for package in find_packages(folder):
        if package != folder:
            raise Misuse(f"{folder} has the package {package} in it: name the folder of one script")
    return repository
