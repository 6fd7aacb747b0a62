"""Commands that tests run: git, csa and any other, with what they print."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from csa.cli import COMMANDS

from tests.support.forks import Forks

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
"""Where the development environment has its commands."""

CSA = BIN / "csa"


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    code: int | None = 0,
) -> subprocess.CompletedProcess[str]:
    """Run a command and return it with stdout and stderr as text.

    Fails the test, showing the output, when the exit code is not `code` (None: any will do).
    """
    result = subprocess.run(
        [str(part) for part in command],
        check=False,
        timeout=600,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return ended(result, code)


def ended(
    result: subprocess.CompletedProcess[str], code: int | None
) -> subprocess.CompletedProcess[str]:
    """Return what ended, or fail the test when its exit code is not `code` (None: any will do)."""
    if code is not None and result.returncode != code:
        pytest.fail(
            f"{' '.join(result.args)}\nended with {result.returncode}, not {code}:\n"
            f"{result.stdout}\n{result.stderr}",
            pytrace=False,
        )
    return result


IMPORTED = (
    *("csa.cli", "csa.adopt", "csa.check", *(f"csa.commands.{name}" for name in COMMANDS)),
    # Of what Copier needs, the most; not Copier itself, which takes the environment as it is then.
    *("dunamai", "jinja2.sandbox", "jinja2_ansible_filters", "pathspec", "pydantic.dataclasses"),
    "questionary",
)


def run_csa(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    code: int | None = 0,
    timeout: int = 600,
) -> subprocess.CompletedProcess[str]:
    """Do that with csa, in a process that has imported what takes a second.

    For what depends on imports or on signals, there is `run(CSA, ...)`.
    """
    server = forks(Path(sys.executable), *IMPORTED)
    command = [str(part) for part in (CSA, *arguments)]
    result = ended(server.run(command, cwd, {**os.environ, **(env or {})}, timeout), code)
    assert "Traceback" not in result.stderr
    return result


def said(folder: Path, *command: str | Path, code: int) -> str:
    """Run csa in a folder; return the one line in which it says why it did nothing."""
    shown = run_csa(*command, cwd=folder, code=code)
    assert shown.stdout == ""
    [line] = shown.stderr.splitlines()
    return line.removeprefix("Error: ")


@cache
def forks(python: Path, *modules: str) -> Forks:
    """Return the one process of this run that has imported the modules."""
    return Forks(python, *modules)


def traced(calls: str, inject: str, *paths: Path) -> list[str]:
    """Return what to write before a command so that strace injects into its system calls.

    `calls` are their names, `inject` what happens instead of one or at it, such as
    error=EIO:when=2; each process counts on its own. With paths, only calls that name one.
    """
    if not shutil.which("strace"):
        missing_here("strace is not installed.")
    tracing = ["-e", f"trace={calls}", "-e", f"inject={calls}:{inject}"]
    tracing += [part for path in paths for part in ("-P", str(path))]
    return ["strace", "-f", "-qq", "-o", os.devnull, *tracing]


def git(repository: Path, *arguments: str) -> str:
    return run("git", *arguments, cwd=repository).stdout


def commit_all(repository: Path, message: str, tag: str | None = None) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", message)
    if tag:
        git(repository, "tag", tag)


def missing_here(reason: str) -> None:
    """Skip, or fail where nothing may be left out: CI installs all that the tests need."""
    if os.environ.get("CSA_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def tree(folder: Path) -> dict[str, bytes]:
    """Return each file's content by its path below the folder; nothing of git's own."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def executable(path: Path, script: str) -> Path:
    """Write a shell script that can be run; return its path."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
