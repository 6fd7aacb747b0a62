"""Monorepos in which files name a folder that gets another name."""

from __future__ import annotations

from pathlib import Path

from csa.adopt.references import References, find_references

from tests.support.commands import commit_all, git

LATIN = "é".encode("latin-1")


def a_monorepo(top: Path) -> Path:
    top.mkdir()
    git(top, "init", "--quiet")
    for path in ("scripts/old-name/main.py", "scripts/MyScript/main.py", "scripts/other/main.py"):
        write(top, path, "")
    write(top, "docs/index.md", "# Docs\n")
    commit_all(top, "A monorepo")
    return top


def write(top: Path, path: str, content: str | bytes) -> None:
    file = top / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def link(top: Path, path: str, target: str) -> None:
    (top / path).parent.mkdir(parents=True, exist_ok=True)
    (top / path).symlink_to(target)


def find(top: Path, old: str = "scripts/old-name", new: str = "old_name") -> References:
    return find_references(top, top / old, new)


def check(top: Path, path: str, before: str, after: str | None, **names: str) -> None:
    """Write a file and check what becomes of it; after: None if it stays, and is mentioned."""
    write(top, path, before)
    found = find(top, **names)
    if after is None:
        assert found.changes == {}
        assert found.rewrites == []
        assert path in {mentioned for mentioned, _ in found.mentions}
    else:
        assert found.changes == {path: after.encode()}
        assert {rewrite.path for rewrite in found.rewrites} == {path}
        assert found.mentions == []
