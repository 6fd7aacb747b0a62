"""The changes of an adoption as git shows them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..git import git, git_line
from .legacy import Legacy


def diff_of(legacy: Legacy, changes: Mapping[str, bytes]) -> bytes:
    """Return a diff of new contents, by path below the repository's top as it is before the folder
    is renamed; the renamed files are in it, too."""
    listed = git(legacy.top, "ls-files", "-z", "--", legacy.before).split(b"\0")
    tracked = [os.fsdecode(path) for path in listed if path]
    with tempfile.TemporaryDirectory() as work:
        git(Path(work), "init", "--quiet")
        trees = []
        for after in (False, True):
            for path in sorted({*tracked, *changes}):
                here = legacy.top / path
                change = changes.get(path) if after else None
                if change is None and not here.is_file():
                    continue
                place = Path(work, legacy.moved(path) if after else path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(here.read_bytes() if change is None else change)
                place.chmod(here.stat().st_mode & 0o777 if here.is_file() else 0o644)
            git(Path(work), "-c", "core.autocrlf=false", "add", "--force", ".")
            trees.append(git_line(Path(work), "write-tree"))
            git(Path(work), "rm", "--quiet", "-r", "--force", "--ignore-unmatch", ".")
        options = ["--no-ext-diff", "--no-textconv", "--binary", "-M", "-U3", "--no-color"]
        return git(Path(work), "diff-tree", "--patch", "-r", *options, *trees)
