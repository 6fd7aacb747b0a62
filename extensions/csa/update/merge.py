"""Three-way merge of a package: the user's changes and the template's, on what both began with."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..files import File, Tree, with_line_ends
from ..git import git, git_line, run_git

# Copier's own words, so that a conflict looks the same whoever made it.
OURS, BASE, THEIRS = "before updating", "last update", "after updating"

RESOLVE = "resolve the text between <<<<<<< and >>>>>>>, then git add it"
DROPPED = "changed here, and the template no longer has it: delete it, or keep it as your own"
BINARY = "changed here and in the template, and not text: yours was kept"
NOT_PLAIN = "no longer a regular file here, and changed in the template: yours was kept"


@dataclass
class Merge:
    """What to change in the user's files, and where a person is needed.

    `changes` has a file, or None to delete it, by path; `conflicts` says what to do, by path.
    `marked` are those of them whose lines stand between markers: each as both sides began with it,
    as the user has it, and as the template does.
    """

    changes: dict[str, File | None] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    marked: dict[str, tuple[File | None, File, File]] = field(default_factory=dict)


def merge(base: Tree, ours: Tree, theirs: Tree, is_users: Callable[[str], bool]) -> Merge:
    """Merge the template's change, `base` to `theirs`, into the user's files, `ours`.

    Paths for which `is_users` holds stay as they are. What the user deleted stays deleted. No line
    of the user's is lost: it is in the result, between conflict markers, or its file is untouched.
    """
    result = Merge()
    for path in sorted({*base, *theirs}):
        if is_users(path):
            continue
        old, own, new = base.get(path), ours.get(path), theirs.get(path)
        if own is not None:
            old = old and with_line_ends(own, old)
            new = new and with_line_ends(own, new)
        if old == new or own == new:
            continue
        if own == old:
            result.changes[path] = new
        elif own is None:
            continue  # deleted here
        elif new is None:
            result.conflicts[path] = DROPPED
        elif not (own.plain and new.plain and (old is None or old.plain)):
            result.conflicts[path] = NOT_PLAIN
        else:
            merged, conflict = _merge_file(old or File(b"", new.mode), own, new)
            if conflict:
                result.conflicts[path] = conflict
            if conflict == RESOLVE:
                result.marked[path] = (base.get(path), own, new)
            if merged != own:
                result.changes[path] = merged
    return result


def _merge_file(old: File, own: File, new: File) -> tuple[File, str | None]:
    """Merge the lines of a file; return it and, if a person is needed, what to do."""
    if any(b"\0" in file.content for file in (old, own, new)):
        return own, BINARY
    with tempfile.TemporaryDirectory() as work:
        names = ("ours", "base", "theirs")
        for name, file in zip(names, (own, old, new), strict=True):
            Path(work, name).write_bytes(file.content)
        labels = [part for label in (OURS, BASE, THEIRS) for part in ("-L", label)]
        # The exit code is the number of conflicts, at most 127.
        result = run_git(Path(work), "merge-file", "-p", *labels, *names, ok=range(128))
    mode = new.mode if own.mode == old.mode else own.mode
    return File(result.stdout, mode), RESOLVE if result.returncode else None


def mark_unmerged(folder: Path, marked: Mapping[str, tuple[File | None, File, File]]) -> None:
    """Record conflicts of a folder in git's index, as git does after a merge: it commits nothing
    before they are resolved.

    Raises GitError where git is at work on the index.
    """
    if not marked:
        return
    prefix = git_line(folder, "rev-parse", "--show-prefix")
    merged, unmerged = [], []  # the index drops the one before it takes the others
    for path, versions in marked.items():
        for stage, file in enumerate(versions, 1):
            if file is not None:
                written = git(folder, "hash-object", "-w", "--stdin", stdin=file.content)
                name = written.decode().strip()
                unmerged.append(f"{file.mode} {name} {stage}\t{prefix}{path}")
        merged.append(f"0 {'0' * len(name)}\t{prefix}{path}")
    entries = b"".join(os.fsencode(line) + b"\0" for line in (*merged, *unmerged))
    git(folder, "update-index", "-z", "--index-info", stdin=entries)


def unresolved(folder: Path, *pathspecs: str) -> list[str]:
    """Return the paths of files that still have the markers of a conflict."""
    markers = f"^(<<<<<<< {OURS}|>>>>>>> {THEIRS}).?$"  # . is for CRLF
    options = ("-z", "-l", "--text", "-E", "--no-color", "--no-full-name")
    found = run_git(folder, "grep", *options, "-e", markers, "--", *pathspecs, ok=(0, 1))
    return [os.fsdecode(path) for path in found.stdout.split(b"\0") if path]
