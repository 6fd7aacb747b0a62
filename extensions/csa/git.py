"""The git program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from .errors import Failed


class GitError(Failed):
    """git refused; the message is git's own reason, in one line."""


def prepare_environment() -> None:
    """Let git, ours and Copier's, know each repository by its folder and only look at its index."""
    # Set for what git itself runs, such as hooks, and meant for the repository they run in.
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"):
        os.environ.pop(name, None)
    os.environ.pop("GIT_LITERAL_PATHSPECS", None)  # ours have magic
    os.environ["GIT_OPTIONAL_LOCKS"] = "0"


def run_git(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    ok: Container[int] = (0,),
    shielded: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder; `shielded` from the Ctrl-C of a terminal.

    Raises GitError when the exit code is not in `ok`, or git is not installed.
    """
    try:
        result = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            start_new_session=shielded,
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed") from error
    if result.returncode not in ok:
        lines = result.stderr.decode(errors="replace").strip().splitlines()
        reasons = [line for line in lines if line.startswith(("fatal: ", "error: "))]
        reason = (reasons or lines or [f"git {arguments[0]} ended with {result.returncode}"])[0]
        raise GitError(reason.removeprefix("fatal: ").removeprefix("error: "))
    return result


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run git in a folder and return what it printed; raise GitError when it fails."""
    return run_git(folder, *arguments, stdin=stdin).stdout


def git_line(folder: Path, *arguments: str) -> str:
    """Run git and return the one line that it printed, such as a path or an object's name."""
    return os.fsdecode(git(folder, *arguments).removesuffix(b"\n"))


@dataclass(frozen=True)
class Repository:
    """A working tree: its top folder, and where git keeps what is its own."""

    top: Path
    git_directory: Path


def repository_of(folder: Path) -> Repository:
    """Return the repository that a folder is in; raise GitError when there is none."""
    return Repository(
        Path(git_line(folder, "rev-parse", "--show-toplevel")),
        Path(git_line(folder, "rev-parse", "--absolute-git-dir")),
    )


def is_ancestor(repository: Path, commit: str, other: str) -> bool:
    """Tell whether `other` is `commit` or contains it."""
    return (
        run_git(repository, "merge-base", "--is-ancestor", commit, other, ok=(0, 1)).returncode == 0
    )
