"""Monorepos of many packages, for tests and benchmarks: rendered once, the name replaced."""

from __future__ import annotations

import subprocess
from pathlib import Path

import copier


def add_packages(
    root: Path, template: Path, version: str, count: int, first: int = 0
) -> list[Path]:
    """Render `count` packages below `root`/scripts as they are at a version of the template.

    Returns their folders, pkg_000 and so on; nothing is committed.
    """
    folders = [root / "scripts" / f"pkg_{number:03}" for number in range(first, first + count)]
    copier.run_copy(str(template), folders[0], defaults=True, quiet=True, vcs_ref=version)
    rendered = {path: path.read_bytes() for path in folders[0].rglob("*") if path.is_file()}
    for folder in folders[1:]:
        for path, content in rendered.items():
            target = folder / path.relative_to(folders[0])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.replace(folders[0].name.encode(), folder.name.encode()))
    return folders


def init(root: Path) -> None:
    """Make a git repository and commit all that is there."""
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "Start"]):
        subprocess.run(["git", *command], cwd=root, check=True)
