"""Writing a package's files all or none, whatever happens in between.

New contents are staged in the repository's git directory, with a journal of what was there. Only
renames are left to do then; whoever finds the journal of a killed run undoes what it did.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import Failed
from .merge import File

Signature = tuple[int, int, int] | None
"""Changes with a file's content: inode, size in bytes, time of change in ns; None for no file."""

writing = threading.Lock()
"""Held while a package is written, so that a process can choose its end."""


def signature(path: Path) -> Signature:
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def write_all(
    folder: Path,
    git_directory: Path,
    changes: Mapping[str, File | None],
    seen: Mapping[str, Signature],
) -> None:
    """Write or, for None, delete files by their paths below a folder: all of them or none.

    `seen` has the signature of each as it was when the change was worked out. Raises Failed,
    having changed nothing, when one is another by now or cannot be written.
    """
    with writing, _locked(git_directory):
        _undo(git_directory)
        for path in changes:
            if signature(folder / path) != seen[path]:
                raise Failed(f"{path} was changed during the update: nothing was written")
        staging = git_directory / "csa"
        try:
            _stage(staging, folder, changes)
            for number, (path, file) in enumerate(changes.items()):
                target = folder / path
                if file is None:
                    target.unlink()
                    _remove_empty(folder, target.parent)
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _move(staging / f"new-{number}", target)
            (staging / "journal").unlink()
        except OSError as error:
            _undo(git_directory)
            what = Path(error.filename).name if error.filename else "a file"
            raise Failed(f"{what} cannot be written: {error.strerror}") from error
        shutil.rmtree(staging)


def undo_unfinished(git_directory: Path) -> None:
    """Put a package back that a killed run left half written."""
    if (git_directory / "csa").exists():
        with _locked(git_directory):
            _undo(git_directory)


@contextmanager
def _locked(git_directory: Path) -> Iterator[None]:
    """Wait for other runs that write in this repository."""
    with (git_directory / "csa.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stage(staging: Path, folder: Path, changes: Mapping[str, File | None]) -> None:
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
    unfinished = staging / "journal.new"
    unfinished.write_text(json.dumps({"folder": str(folder), "files": entries}))
    unfinished.replace(staging / "journal")


def _undo(git_directory: Path) -> None:
    """Undo what the journal says, but for files that somebody has edited since."""
    staging = git_directory / "csa"
    if (staging / "journal").exists():
        journal = json.loads((staging / "journal").read_text())
        folder = Path(journal["folder"])
        for number, entry in enumerate(journal["files"]):
            target = folder / entry["path"]
            _half_moved(target).unlink(missing_ok=True)
            if entry["new"] == _digest(target):
                if entry["old"]:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _move(staging / f"old-{number}", target)
                else:
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
