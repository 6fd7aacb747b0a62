"""Monorepos of packages and releases of the template, for tests, benchmarks and pictures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import copier

FIRST = 7100
"""The number in the first package's name: one that stands nowhere else in a package."""


def add_packages(root: Path, template: Path, version: str, count: int) -> list[Path]:
    """Render `count` packages below `root`/scripts as they are at a version of the template.

    Returns their folders, pkg_7100 and so on; nothing is committed.
    """
    folders = [root / "scripts" / f"pkg_{FIRST + number}" for number in range(count)]
    copier.run_copy(str(template), folders[0], defaults=True, quiet=True, vcs_ref=version)
    rendered = {path: path.read_bytes() for path in folders[0].rglob("*") if path.is_file()}
    for folder in folders[1:]:
        for path, content in rendered.items():
            target = folder / path.relative_to(folders[0])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.replace(b"%d" % FIRST, folder.name[-4:].encode()))
    return folders


def init(root: Path) -> None:
    """Make a git repository and commit all that is there."""
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "Start"]):
        subprocess.run(["git", *command], cwd=root, check=True)


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
    for command in (["commit", "--quiet", "--all", "-m", tag], ["tag", tag]):
        subprocess.run(["git", *command], cwd=template, check=True)
