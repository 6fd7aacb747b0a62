"""Taking a legacy script in: its folder becomes a package of the template."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import Misuse
from ..files import is_file
from ..git import GitError, Repository, repository_of
from ..packages import find_packages, is_package
from ..source.syntax import deep_recursion
from ..template import open_source
from ..transaction import Place, undo_unfinished
from .legacy import Legacy
from .plan import Adoption, Plan


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
    repository = _repository(folder)
    undo_unfinished(Place.of(repository))
    with deep_recursion(), tempfile.TemporaryDirectory(prefix="csa-") as work:
        source = open_source(template, None, Path(work).resolve())
        plan = Plan(Legacy(repository, folder, source, data or {}))
        plan.make()
    adoption = plan.adoption
    if not write:
        adoption.diff = plan.diff()
    elif plan.changes or plan.legacy.renamed:
        plan.write()
    return adoption


def _repository(folder: Path) -> Repository:
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
