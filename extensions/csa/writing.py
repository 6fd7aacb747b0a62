"""Writing a package's files all or none, whatever happens in between.

New contents are staged in the repository's git directory, with a journal of what was there. Only
renames are left to do then; whoever finds the journal of a killed run undoes what it did.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import logging
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import Failed
from .git import Repository
from .merge import File

LOGGER = logging.getLogger(__name__)

Signature = tuple[int, int, int] | None
"""Inode, size in bytes and time of change in ns: another once a file has changed. None: no file."""

writing = threading.Lock()
"""Held while a package is written: a process that is to end waits for it."""


def signature(path: Path) -> Signature:
    """Return what to know a file's present content by."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def write_all(
    repository: Repository,
    folder: Path,
    changes: Mapping[str, File | None],
    seen: Mapping[str, Signature],
) -> None:
    """Write or, for None, delete files by their paths below a folder: all of them or none.

    `seen` has the signature of each as it was when the change was worked out. Raises Failed,
    having changed nothing, when one is another by now or cannot be written.
    """
    with writing, _locked(repository):
        _undo(repository, logging.WARNING)
        for path in changes:
            if signature(folder / path) != seen[path]:
                raise Failed(f"{path} was changed meanwhile: nothing was written")
        staging = _staging(repository)
        # First what is deleted: a folder may take its place.
        changes = dict(sorted(changes.items(), key=lambda change: change[1] is not None))
        at = str(staging)
        try:
            _stage(repository, folder, changes)
            for number, (at, file) in enumerate(changes.items()):
                target = folder / at
                if file is None:
                    target.unlink()
                    _remove_empty(folder, target.parent)
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _move(staging / f"new-{number}", target)
            (staging / "journal").unlink()  # from here on it is done
        except OSError as error:
            _undo(repository, logging.DEBUG)
            raise Failed(f"{at} cannot be written: {error.strerror}") from error
        shutil.rmtree(staging)


def undo_unfinished(repository: Repository) -> None:
    """Put a package back that a killed run left half written, and log a warning that names it."""
    if _staging(repository).exists():
        with _locked(repository):
            _undo(repository, logging.WARNING)


def _staging(repository: Repository) -> Path:
    return repository.git_directory / "csa"


@contextmanager
def _locked(repository: Repository) -> Iterator[None]:
    """Wait for other runs that write in this repository."""
    with (repository.git_directory / "csa.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stage(repository: Repository, folder: Path, changes: Mapping[str, File | None]) -> None:
    staging = _staging(repository)
    staging.mkdir()
    entries = []
    for number, (path, file) in enumerate(changes.items()):
        target = folder / path
        old = target.exists()
        if old:
            shutil.copy2(target, staging / f"old-{number}")
        if file is not None:
            new = staging / f"new-{number}"
            new.write_bytes(file.content)
            mode = (target if old else new).stat().st_mode & 0o666
            # Executable for those who may read it, as git does.
            new.chmod(mode | (mode & 0o444) >> 2 if file.mode == "100755" else mode)
        entries.append({"path": path, "old": old, "new": _digest(staging / f"new-{number}")})
    relative = str(folder.relative_to(repository.top))  # which may be moved, or copied
    unfinished = staging / "journal.new"
    unfinished.write_text(json.dumps({"folder": relative, "files": entries}))
    unfinished.replace(staging / "journal")


def _undo(repository: Repository, level: int) -> None:
    """Undo what the journal says, but for files that somebody has edited since, and log it."""
    staging = _staging(repository)
    if (staging / "journal").exists():
        try:
            journal = json.loads((staging / "journal").read_text())
        except ValueError as error:  # as a power cut may leave it
            raise Failed(f"look at git status, then delete {staging}: it cannot be read") from error
        folder = repository.top / journal["folder"]
        LOGGER.log(level, "%s was half written, by a run that was killed: undone", folder)
        for number, entry in reversed(list(enumerate(journal["files"]))):
            target = folder / entry["path"]
            with suppress(FileNotFoundError, NotADirectoryError):
                _half_moved(target).unlink()
            if entry["new"] == _digest(target):
                old = staging / f"old-{number}"
                if old.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _move(old, target)
                elif not entry["old"]:
                    target.unlink()
            if not entry["old"]:
                _remove_empty(folder, target.parent)
        (staging / "journal").unlink()
    shutil.rmtree(staging, ignore_errors=True)


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _half_moved(target: Path) -> Path:
    return target.with_name(f".{target.name}.csa")


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # A worktree on another file system than its git directory.
        shutil.copy2(source, _half_moved(target))
        _half_moved(target).replace(target)


def _remove_empty(folder: Path, parent: Path) -> None:
    """Remove a folder, and those around it up to the package's, while they are empty."""
    with suppress(OSError):
        while parent != folder:
            parent.rmdir()
            parent = parent.parent
