"""The git program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Container
from pathlib import Path

# Set for programs that git itself runs, such as hooks, and in the way when they work on another
# repository than the one they were started in.
for _name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"):
    os.environ.pop(_name, None)
# Looking at a repository leaves its index alone.
os.environ.setdefault("GIT_OPTIONAL_LOCKS", "0")


class GitError(Exception):
    """git refused; the message is git's own reason, in one line."""


def run_git(
    folder: Path, *arguments: str, stdin: bytes = b"", ok: Container[int] = (0,)
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder.

    Raises GitError when the exit code is not in `ok`, or git is not installed.
    """
    try:
        result = subprocess.run(
            ["git", "-C", str(folder), *arguments], input=stdin, capture_output=True, check=False
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


def is_ancestor(repository: Path, commit: str, other: str) -> bool:
    """Tell whether `other` is `commit` or contains it."""
    return (
        run_git(repository, "merge-base", "--is-ancestor", commit, other, ok=(0, 1)).returncode == 0
    )
