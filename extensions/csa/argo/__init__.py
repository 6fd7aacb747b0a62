"""`csa argo`: lets the Argo templates in files run a package's image."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import Failed
from ..files import File, Tree, is_file, mode_of, read_text
from ..git import repository_of, worktree_of
from ..transaction import Place, signature, undo_unfinished, write_all
from .conversion import use_image
from .module import package_of

LARGEST_TEMPLATE = 300_000
"""Bytes of the largest file that is read."""


def use_image_in(path: Path, package: Path, image: str, *, write: bool) -> tuple[Tree, Tree]:
    """Let the Argo template in a file run an image, for the package in a folder.

    Return the file before and after. Its path in both is below its repository, or else this folder
    or, for a file elsewhere, its own.

    Raises Failed when the template is another than that, OSError when it cannot be read or written:
    then it is as it was.
    """
    try:
        file = path.resolve()
    except RuntimeError as error:
        raise Failed("its links form a loop") from error
    around = worktree_of(path.absolute().parent)
    if around and worktree_of(file.parent) != around.resolve():
        raise Failed("it is a link that leads out of the repository: name the file itself")
    if around:
        place = Place.of(repository_of(file.parent))
        below = place.top.resolve()
    else:
        place = Place.outside()
        here = Path.cwd()
        below = here if file.is_relative_to(here) else file.parent
    undo_unfinished(place)
    seen = signature(file)
    text = read_text(file.parent, file.name, LARGEST_TEMPLATE)
    top = repository_of(package).top
    changed = use_image(
        text,
        package_of(package.name),
        image,
        lambda word: _is_there(top, word) or _is_there(package, word),
    )
    before, after = (File(content.encode(), mode_of(file)) for content in (text, changed))
    if write and before != after:
        write_all(place, file.parent, {file.name: after}, {file.name: seen})
    name = file.relative_to(below).as_posix()
    return {name: before}, {name: after}


def _is_there(folder: Path, path: str) -> bool:
    """Tell whether a folder has a file, or a folder deeper in it: one word may mean anything."""
    return is_file(folder, path) or ("/" in path and os.path.isdir(folder / path))
