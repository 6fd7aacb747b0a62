"""Where a package's files left the template's."""

from __future__ import annotations

import os
from pathlib import Path

from ..diff import diff
from ..files import File, TooLarge, Tree, is_file, mode_of, read_file, with_line_ends
from ..git import git_line
from ..packages import ANSWERS_FILE, read_answers
from ..template import Rendering, Source, render
from .merge import unresolved

CUSTOMIZED = "customized"
"""A file that has all of the template's lines, in their order, and others between them."""


def drift(folder: Path, fresh: Rendering) -> dict[str, str]:
    """Return the managed files that are not as a fresh render has them, by path: customized, changed,
    deleted, or conflict while markers are in it."""
    marked = unresolved(folder, ".")
    found: dict[str, str] = {}
    for path, file in _managed(fresh).items():
        own = _own(folder, path)
        if path in marked:
            found[path] = "conflict"
        elif own is None:
            found[path] = "changed" if os.path.lexists(folder / path) else "deleted"
        elif own != (expected := with_line_ends(own, file)):
            found[path] = CUSTOMIZED if _has_lines_of(own, expected) else "changed"
    return found


def drift_diff(folder: Path, source: Source) -> bytes:
    """Return the change from a fresh render of a package's version to its files, as a patch.

    Raises Failed or OSError when its answers or its template cannot be read.
    """
    answers = read_answers(folder)
    fresh = render(source, source.recorded(answers), answers, folder.name)
    prefix = git_line(folder, "rev-parse", "--show-prefix")
    before: dict[str, File] = {}
    after: dict[str, File] = {}
    for path in drift(folder, fresh):
        own = _own(folder, path)
        before[f"{prefix}{path}"] = with_line_ends(own or File(b""), fresh.files[path])
        if shown := own or _link(folder, path):
            after[f"{prefix}{path}"] = shown
    return diff(before, after)


def _managed(fresh: Rendering) -> Tree:
    return {
        path: file
        for path, file in sorted(fresh.files.items())
        if path != ANSWERS_FILE and not fresh.is_seeded(Path(path))
    }


def _own(folder: Path, path: str) -> File | None:
    """Return a package's file; None where that is no regular one of the package, or too large."""
    if (folder / path).is_symlink() or not is_file(folder, path):
        return None
    try:
        return File(read_file(folder, path), mode_of(folder / path))
    except TooLarge:
        return None


def _link(folder: Path, path: str) -> File | None:
    """Return a link of the package in a file's place."""
    folders = [folder / parent for parent in Path(path).parents][:-1]
    if any(parent.is_symlink() for parent in folders) or not (folder / path).is_symlink():
        return None
    return File.read(folder / path)


def _has_lines_of(own: File, fresh: File) -> bool:
    """Tell whether a file has all lines of another one, in their order."""
    lines = iter(own.content.splitlines())
    return own.mode == fresh.mode and all(line in lines for line in fresh.content.splitlines())
