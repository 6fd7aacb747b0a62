"""Writing files, and renaming a folder of a repository, as one step: all of it happens or nothing.

New contents are staged first, with a journal of what is about to happen, and synced to the disk.
Then each file that is there is moved aside, looked at, and the new one put into the empty place: so
nothing that anybody saves meanwhile is overwritten. Whoever finds a journal undoes what it names.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from platformdirs import user_state_path

from .errors import Failed
from .files import File, put, sync_folder, write_synced
from .git import Repository, git, run_git
from .signals import deferred_signals

LOGGER = logging.getLogger(__name__)

Signature = tuple[int, int, int, int] | None
"""Inode, mode, size in bytes and time of change in ns: another once a file has changed. None: no
file."""

TICK = 20_000_000
"""Longer than the clock that gives files their times needs for a step, in ns."""

writing = threading.Lock()
"""Held while files are written: a process that is to end waits for it."""


def signature(path: Path) -> Signature:
    """Return what to know a file's present content by."""
    try:
        status = path.lstat()
        while 0 <= time.time_ns() - status.st_mtime_ns < TICK:
            time.sleep(TICK / 1e9)  # or a change right after it would have the same time
            status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns


@dataclass(frozen=True)
class Rename:
    """A folder of a repository that gets another name; both are paths below its top."""

    before: str
    after: str

    def moved(self, path: str) -> str:
        """Return a path below the top as it is afterwards."""
        inside = path.startswith(f"{self.before}/")
        return self.after + path.removeprefix(self.before) if inside else path


@dataclass(frozen=True)
class Place:
    """Where to write: below `top`, with the journal in the folder `journals`."""

    top: Path
    journals: Path

    @classmethod
    def of(cls, repository: Repository) -> Place:
        """Return the place that a repository is: its git directory has the journal."""
        return cls(repository.top, repository.git_directory / "csa")

    @classmethod
    def outside(cls) -> Place:
        """Return the place outside of repositories: its journal is among the user's own files."""
        return cls(Path("/"), user_state_path("csa-template") / "journal")

    @property
    def journal(self) -> Path:
        """The file that says what to undo."""
        return self.journals / "journal"

    @property
    def done(self) -> Path:
        """The journal to be, which says that there is nothing to undo."""
        return self.journals / "done"

    def is_near(self, folder: Path) -> bool:
        """Tell whether the journal is on a folder's file system: then files are staged beside it."""
        return self.journals.parent.stat().st_dev == folder.stat().st_dev


def write_all(
    place: Place,
    folder: Path,
    changes: Mapping[str, File | None],
    seen: Mapping[str, Signature],
    rename: Rename | None = None,
) -> None:
    """Write or, for None, delete files by their paths below a folder, then rename one.

    `seen` has the signatures of files from before they were read: of these changes, and of others
    that they were worked out from. Once it writes, signals to stop wait until this ends. Raises
    Failed, having changed nothing, when a file is another by now, or something cannot be written.
    """
    with writing, locked(place), deferred_signals():
        _undo(place, logging.WARNING)
        for path, was in seen.items():
            if signature(folder / path) != was:
                raise _changed(path)
        # First what is deleted: a folder may take its place.
        ordered = dict(sorted(changes.items(), key=lambda change: change[1] is not None))
        step = _Step(place, folder, ordered, seen, rename)
        try:
            step.stage()
            step.commit()
        except (OSError, Failed) as error:
            _undo(place, logging.DEBUG)
            if isinstance(error, Failed):
                raise
            raise Failed(f"{step.at} cannot be written: {error.strerror}") from error
        with suppress(OSError):  # the next run does it
            step.clean_up()


def undo_unfinished(place: Place) -> None:
    """Put back what a killed run left half written, and log a warning that names it."""
    if place.journals.is_dir():
        with locked(place):
            _undo(place, logging.WARNING)


def _changed(path: str) -> Failed:
    return Failed(f"{path} was changed meanwhile: nothing was written")


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Wait for other runs that write in this place."""
    # The folder itself is locked: no file is left that only its owner could lock.
    if not place.journals.parent.exists():  # git's own always does
        place.journals.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(place.journals.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


# --- Doing ---------------------------------------------------------------------------------------


@dataclass
class _Journal:
    """What a run is about to do; what a file of JSON has.

    `folder` is relative to the top, which may be moved or copied. `files` are pairs of a path below
    it and the digest of its new content, None for a file that goes; `old` are the numbers of those
    that are there. `rename` are the folder's path before and after, its inode, and that of the new
    index. `staging` is the folder in it that has what was staged, "" where that is beside this.
    """

    folder: str
    files: list[tuple[str, str | None]]
    old: list[int]
    rename: tuple[str, str, int, int] | None
    staging: str = ""

    def write(self, path: Path) -> None:
        """Write it, synced."""
        unfinished = path.with_name("unfinished")
        write_synced(unfinished, json.dumps(asdict(self)).encode())
        unfinished.replace(path)
        sync_folder(path.parent)

    @classmethod
    def read(cls, place: Place) -> _Journal:
        """Read it; raise Failed when it is none, or leads out of the place."""
        try:
            content: dict[str, Any] = json.loads(place.journal.read_bytes())
            journal = cls(**content)
            journal.check()
            paths = [f"{journal.folder}/{path}" for path, _ in journal.files]
            paths += journal.rename[:2] if journal.rename else []
            inside = all(_is_inside(place.top, path) for path in [journal.folder, *paths])
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
            inside = False  # as a power cut may leave it
        if not inside:
            raise Failed(f"look at git status, then delete {place.journals}: it cannot be read")
        return journal

    def check(self) -> None:
        """Raise ValueError where a value is of another type than it should be."""
        rename = self.rename or ["", "", 0, 0]
        texts = [self.folder, self.staging, *rename[:2], *(path for path, _ in self.files)]
        texts += [digest for _, digest in self.files if digest is not None]
        if not (
            all(isinstance(text, str) for text in texts)
            and all(isinstance(number, int) for number in [*self.old, *rename[2:]])
            and len(rename) == 4
            and re.fullmatch(r"(\.csa-[0-9a-f]{16})?", self.staging)
        ):
            raise ValueError("csa did not create it")

    def staging_in(self, place: Place) -> Path:
        """Return the folder that has what was staged."""
        return place.top / self.folder / self.staging if self.staging else place.journals


def _is_inside(top: Path, path: str) -> bool:
    """Tell whether a path below the top stays there, and out of what is git's own."""
    parts = PurePosixPath(path).parts
    if path.startswith("/") or any(part.lower() in ("..", ".git") for part in parts):
        return False
    real = Path(os.path.realpath((top / path).parent if parts else top))
    return real.is_relative_to(os.path.realpath(top))


class _Step:
    """The files of one run, staged and then moved to their places; `at` is the one under way."""

    def __init__(
        self,
        place: Place,
        folder: Path,
        changes: Mapping[str, File | None],
        seen: Mapping[str, Signature],
        rename: Rename | None,
    ):
        self.place, self.folder, self.changes, self.seen = place, folder, changes, seen
        self.rename = rename
        # A name of its own: the folder may have anything in it.
        self.staged_in = "" if place.is_near(folder) else f".csa-{secrets.token_hex(8)}"
        self.staging = folder / self.staged_in if self.staged_in else place.journals
        self.at = str(self.staging)
        self.index = place.journals.parent / "index"
        self.index_seen = signature(self.index)

    def stage(self) -> None:
        """Write all new contents and the journal; nothing in the folder changes."""
        place = self.place
        relative = str(self.folder.relative_to(place.top))
        place.journals.mkdir()
        # Where more may be staged, and nothing to undo: so it is before the first change and after
        # the last.
        nothing = _Journal(relative, [], [], None, self.staged_in)
        nothing.write(place.journal)
        nothing.write(place.done)
        if self.staged_in:
            self.staging.mkdir()
        files = []
        for number, (path, file) in enumerate(self.changes.items()):
            if file is not None:
                self._stage(self.staging / f"new-{number}", file, self.folder / path)
            files.append((path, hashlib.sha256(file.content).hexdigest() if file else None))
        old = [number for number, path in enumerate(self.changes) if self.seen[path]]
        renamed = None
        if self.rename:
            new_index = place.journals / "index"
            _write_renamed_index(place.top, self.index, new_index, self.rename)
            inode = (place.top / self.rename.before).stat().st_ino
            renamed = (self.rename.before, self.rename.after, inode, new_index.stat().st_ino)
        sync_folder(self.staging)
        _Journal(relative, files, old, renamed, self.staged_in).write(place.journal)

    def _stage(self, new: Path, file: File, target: Path) -> None:
        write_synced(new, file.content)
        mode = (target if target.exists() else new).stat().st_mode & 0o777
        if file.mode != "100755":
            mode &= 0o666
        elif not mode & 0o111:  # executable for those who may read it, as git does
            mode |= (mode & 0o444) >> 2
        new.chmod(mode)

    def commit(self) -> None:
        """Move everything to its place.

        It is done once the new index is in its place, or else the journal has nothing to undo.
        """
        if self.rename:
            self.at = "git's index"
            self._lock_index()
        for number, (path, file) in enumerate(self.changes.items()):
            self.at = path
            target = self.folder / path
            if self.seen[path]:
                aside = self.staging / f"old-{number}"
                target.rename(aside)
                if signature(aside) != self.seen[path]:
                    raise _changed(path)
            if file is None:
                _remove_empty(self.folder, target.parent)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                put(self.staging / f"new-{number}", target)
            except FileExistsError as error:
                raise _changed(path) from error
        if self.rename:
            self.at = self.rename.after
            if os.path.lexists(self.place.top / self.at):
                raise FileExistsError(0, "it already exists")
            (self.place.top / self.rename.before).rename(self.place.top / self.at)
        for folder in self._folders():
            sync_folder(folder)
        if self.rename:
            (self.place.journals / "index").rename(self.index)
        else:
            self.place.done.replace(self.place.journal)

    def _lock_index(self) -> None:
        """Keep git from changing the index, as git itself does."""
        try:
            os.link(self.place.journals / "index", _lock_of(self.index))
        except FileExistsError as error:
            lock = _lock_of(self.index)
            raise Failed(
                f"another git process is running or was killed: wait for it, or delete {lock}"
            ) from error
        if signature(self.index) != self.index_seen:
            raise _changed("git's index")

    def _folders(self) -> set[Path]:
        """Return the folders that have changed, as they are called now."""
        changed = {(self.folder / path).parent for path in self.changes}
        if self.rename:
            before, after = (
                self.place.top / path for path in (self.rename.before, self.rename.after)
            )
            changed = {
                after / path.relative_to(before) if path.is_relative_to(before) else path
                for path in changed
            } | {after.parent}
        return {path for path in changed if path.is_dir()}

    def clean_up(self) -> None:
        """Remove what was staged, which has old contents, and let git go on."""
        if self.rename:
            _lock_of(self.index).unlink()
            self.place.done.replace(self.place.journal)
        for staging in (self.staging, self.place.journals):
            shutil.rmtree(staging, ignore_errors=True)


def _write_renamed_index(top: Path, index: Path, new: Path, rename: Rename) -> None:
    """Write git's index as it is once a folder has another name.

    Raises Failed for a submodule in it: git has its place written down elsewhere, too.
    """
    shutil.copyfile(index, new)
    in_new = {"GIT_INDEX_FILE": str(new)}
    removed, added, flags = b"", b"", dict[str, bytes]()
    listed = git(top, "ls-files", "-z", "-s", "-v", "--", f":(literal){rename.before}")
    for entry in filter(None, listed.split(b"\0")):
        description, _, path = entry.partition(b"\t")
        tag, mode, name, stage = description.split(b" ")
        if mode == b"160000":
            at = os.fsdecode(path)
            raise Failed(f"{at} is a submodule: rename {rename.before} with git mv first")
        moved = os.fsencode(rename.after) + path.removeprefix(os.fsencode(rename.before))
        removed += b"0 " + b"0" * len(name) + b"\t" + path + b"\0"
        added += mode + b" " + name + b" " + stage + b"\t" + moved + b"\0"
        if tag.islower():
            flags["--assume-unchanged"] = flags.get("--assume-unchanged", b"") + moved + b"\0"
        if tag in b"Ss":
            flags["--skip-worktree"] = flags.get("--skip-worktree", b"") + moved + b"\0"
    update = ("update-index", "-z")
    run_git(top, *update, "--index-info", stdin=removed + added, env=in_new)
    for flag, paths in flags.items():
        run_git(top, *update, flag, "--stdin", stdin=paths, env=in_new)
    with new.open("rb") as written:
        os.fsync(written.fileno())


# --- Undoing -------------------------------------------------------------------------------------


def _undo(place: Place, level: int) -> None:
    """Undo what the journal says, but for files that somebody has edited since, and log it.

    All of it can be done again, after what an undo before was killed at.
    """
    if not place.journals.is_dir():
        return
    if place.journal.exists():
        journal = _Journal.read(place)
        folder = place.top / journal.folder
        if not _is_done(place, journal):
            if journal.files or journal.rename:
                LOGGER.log(
                    level, "%s was half-written by a run that was killed: it is restored", folder
                )
            _undo_rename(place, journal)
            _undo_files(place, journal)
            if place.done.exists():
                place.done.replace(place.journal)
        shutil.rmtree(journal.staging_in(place), ignore_errors=True)
    shutil.rmtree(place.journals, ignore_errors=True)


def _is_done(place: Place, journal: _Journal) -> bool:
    """Tell whether the new index is in its place, which comes last; and unlock it."""
    if not journal.rename:
        return False
    lock = _lock_of(place.journals.parent / "index")
    with suppress(FileNotFoundError):
        if lock.stat().st_ino == journal.rename[3]:
            lock.unlink()
    return not (place.journals / "index").exists()


def _undo_rename(place: Place, journal: _Journal) -> None:
    if journal.rename:
        before, after, inode, _ = journal.rename
        renamed = place.top / after
        if renamed.exists() and renamed.stat().st_ino == inode:
            if os.path.lexists(place.top / before):
                raise Failed(
                    f"{after} cannot be renamed back to {before}, which exists: move it away"
                )
            renamed.rename(place.top / before)


def _undo_files(place: Place, journal: _Journal) -> None:
    folder = place.top / journal.folder
    staging = journal.staging_in(place)
    for number, (path, new) in reversed(list(enumerate(journal.files))):
        target, aside = folder / path, staging / f"old-{number}"
        # Without it an old file has not been touched, or is back already.
        begun = os.path.lexists(aside) or number not in journal.old
        if begun and new and _digest(target) == new:
            target.unlink()
        if number not in journal.old:
            _remove_empty(folder, target.parent)
        elif begun:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                put(aside, target)
            except FileExistsError:  # somebody has written another one
                _keep_beside(aside, target)


def _keep_beside(aside: Path, target: Path) -> None:
    """Keep a file whose place was taken meanwhile, unless it is the same."""
    if _digest(aside) == _digest(target):
        return
    kept = target.with_name(f"{target.name}.before-csa-{secrets.token_hex(4)}")
    put(aside, kept)
    LOGGER.warning("%s was changed meanwhile: its earlier content is in %s", target, kept.name)


# --- Files ---------------------------------------------------------------------------------------


def _lock_of(index: Path) -> Path:
    """Return the file by which git locks its index."""
    return index.with_name("index.lock")


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _remove_empty(folder: Path, parent: Path) -> None:
    """Remove a folder, and those around it up to the package's, while they are empty."""
    with suppress(OSError):
        while parent != folder:
            parent.rmdir()
            parent = parent.parent
