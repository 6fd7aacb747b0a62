"""Monorepos of packages and releases of the template, for tests, benchmarks and pictures."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import copier

FIRST = 7100
"""The number in the first package's name: one that stands nowhere else in a package."""


@cache
def _copies() -> tuple[dict[object, Path], tempfile.TemporaryDirectory[str]]:
    """What Copier made, by what it was told, and the folder that has it."""
    return {}, tempfile.TemporaryDirectory(prefix="copies-")


def copy(template: Path, destination: Path, vcs_ref: str | None = None, **answers: Any) -> Path:
    """Copy the template as a user without --trust does; return the destination.

    What Copier made of the same once, it makes again.
    """
    copies, folder = _copies()
    releases = git(template, "for-each-ref")
    told = (template, releases, vcs_ref, destination.name, repr(answers))
    is_new = not destination.exists()
    if is_new and told in copies:
        return Path(shutil.copytree(copies[told], destination))
    copier.run_copy(
        str(template),
        destination,
        data=answers,
        defaults=True,
        unsafe=False,
        quiet=True,
        vcs_ref=vcs_ref,
    )
    if is_new and vcs_ref != "HEAD":  # of which Copier takes what is not committed, too
        copies[told] = Path(folder.name, str(len(copies)))
        shutil.copytree(destination, copies[told])
    return destination


def add_packages(root: Path, template: Path, version: str, count: int) -> list[Path]:
    """Render `count` packages below `root`/scripts as they are at a version of the template.

    Returns their folders, pkg_7100 and so on; nothing is committed.
    """
    folders = [root / "scripts" / f"pkg_{FIRST + number}" for number in range(count)]
    copy(template, folders[0], version)
    rendered = {path: path.read_bytes() for path in folders[0].rglob("*") if path.is_file()}
    for folder in folders[1:]:
        for path, content in rendered.items():
            target = folder / path.relative_to(folders[0])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.replace(b"%d" % FIRST, folder.name[-4:].encode()))
    return folders


def git(repository: Path, *arguments: str) -> str:
    """Run git under a name of its own, whoever is logged in; return what it printed."""
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    command = ["git", *identity, *arguments]
    return subprocess.run(
        command, cwd=repository, check=True, capture_output=True, text=True
    ).stdout


def init(root: Path) -> None:
    """Make a git repository and commit all that is there."""
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Start")


def release(template: Path, tag: str) -> None:
    """Commit and tag another release of a clone of the template: a line here and there changes."""
    for name, old, new in (
        ("Dockerfile.jinja", "--no-cache ", "--no-cache --quiet "),
        ("requirements-test.txt.jinja", "coverage>=", "coverage[toml]>="),
        ("tests/conftest.py.jinja", "No tenant: ", "There is no tenant: "),
    ):
        path = template / "template" / "package" / name
        if old not in path.read_text():
            raise ValueError(f"{name} has no {old!r} any more: name another line")
        path.write_text(path.read_text().replace(old, new))
    git(template, "commit", "--quiet", "--all", "--message", tag)
    git(template, "tag", tag)
