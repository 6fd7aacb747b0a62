"""Files of packages, most of which other people made.

A path of theirs may lead to a pipe, a device or any amount of data.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import Failed

LARGEST = 1_000_000
"""Bytes of the largest file that is read unless a caller says otherwise."""


@dataclass(frozen=True)
class File:
    """A file's content, and its mode in git's words: 100644, 100755, 120000 or 160000."""

    content: bytes
    mode: str = "100644"

    @classmethod
    def read(cls, path: Path) -> File | None:
        """Return the plain file or the link at a path, None where there is neither."""
        if path.is_symlink():
            return cls(os.fsencode(path.readlink()), "120000")
        return cls(path.read_bytes(), mode_of(path)) if path.is_file() else None

    @property
    def plain(self) -> bool:
        """Whether it is a file with content of its own: no link, no submodule."""
        return self.mode.startswith("100")


def mode_of(path: Path) -> str:
    """Return the mode of a plain file, of a new one where there is none."""
    return "100755" if os.access(path, os.X_OK) else "100644"


Tree = Mapping[str, File]
"""Files by their path below the package."""


class TooLarge(Failed):
    """A file is larger than what is read of such files."""


def read_file(folder: Path, path: str, most: int = LARGEST) -> bytes:
    """Return the content of a regular file below a folder.

    Symbolic links are followed as long as they stay in the folder. Nothing blocks: pipes, sockets
    and devices are not opened. Raises TooLarge for a file of more than `most` bytes, and Failed for
    one that cannot be read or is not a regular file of the folder.
    """
    try:
        place = _place(folder, path)
        # No link can take its place from here on, and a pipe in its place would not block.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        with open(os.open(place, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Failed(f"{path} is not a regular file")
            # It may grow while it is read.
            content = b"" if status.st_size > most else file.read(most + 1)
            if status.st_size > most or len(content) > most:
                raise TooLarge(f"{path} is larger than {_megabytes(most)}")
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}") from error
    return content


def refuse_links(top: Path, paths: Iterable[str]) -> None:
    """Raise Failed where a file below a folder would be written through a symbolic link, or replace
    one."""
    for path in paths:
        for part in (Path(path), *Path(path).parents):
            if (top / part).is_symlink():
                raise Failed(f"{part} is a symbolic link: put a file or folder in its place")


def read_text(folder: Path, path: str, most: int = LARGEST) -> str:
    """Return the text of a regular file in UTF-8; raise as read_file, also where it is not UTF-8."""
    try:
        return read_file(folder, path, most).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Failed(f"{path} is not UTF-8") from error


def is_file(folder: Path, path: str) -> bool:
    """Tell whether a path below a folder is a regular file of it, as read_file means it."""
    # One call to the system for most of them: imports are looked for in many places.
    if not os.path.isfile(os.path.join(folder, path)):
        return False
    try:
        _place(folder, path)
    except (Failed, OSError):
        return False
    return True


def with_line_ends(own: File, file: File) -> File:
    """Return the template's file, with CRLF line ends where all those of the user's are."""
    ends = own.content.count(b"\r\n")
    if not ends or ends != own.content.count(b"\n"):
        return file
    return replace(file, content=file.content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def _place(folder: Path, path: str) -> str:
    """Return where a path leads; raise Failed or OSError unless that is a regular file."""
    if "\0" in path:
        raise Failed("a path cannot contain NUL")
    top = os.path.realpath(folder)
    place = os.path.realpath(os.path.join(top, path), strict=True)
    if os.path.commonpath([top, place]) != top:
        raise Failed(f"{path} is a link that leads out of {folder.name}")
    if not stat.S_ISREG(os.lstat(place).st_mode):
        raise Failed(f"{path} is not a regular file")
    return place


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:g} MB"


def write_synced(path: Path, content: bytes) -> None:
    """Write a file, also to the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Sync a folder's names to the disk, where its file system can."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(opened)
    finally:
        os.close(opened)


def put(source: Path, target: Path) -> None:
    """Move a file to where there is none; raise FileExistsError when there is one."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        source.rename(target)
    else:
        source.unlink()
