"""Changes of files as a patch that git can apply."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from .files import File, Tree
from .git import git, git_line


def diff(before: Tree, after: Tree) -> bytes:
    """Return what git shows of the change from some files to others, moved ones among them.

    Where a file is not UTF-8, its change is one of bytes, so that JSON can hold the patch.
    """
    with tempfile.TemporaryDirectory() as work:
        repository = Path(work)
        git(repository, "init", "--quiet")
        information = repository / ".git" / "info"
        information.mkdir(exist_ok=True)
        binary = {
            path for tree in (before, after) for path, file in tree.items() if not _is_utf8(file)
        }
        (information / "attributes").write_bytes(b"".join(map(_attribute, sorted(binary))))
        trees = [_stored(repository, tree) for tree in (before, after)]
        options = ["--no-ext-diff", "--no-textconv", "--binary", "-M", "-U3", "--no-color"]
        return git(repository, "diff-tree", "--patch", "-r", *options, *trees)


def _stored(repository: Path, tree: Tree) -> str:
    """Store files as a tree of git's; return its hash."""
    contents = repository / "contents"
    for number, file in enumerate(tree.values()):
        contents.mkdir(exist_ok=True)
        (contents / str(number)).write_bytes(file.content)
    names = "".join(f"contents/{number}\n" for number in range(len(tree))).encode()
    stored = git(repository, "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names)
    entries = [
        b"%s %s\t%s\0" % (file.mode.encode(), blob, os.fsencode(path))
        for (path, file), blob in zip(tree.items(), stored.split(), strict=True)
    ]
    git(repository, "read-tree", "--empty")
    git(repository, "update-index", "-z", "--index-info", stdin=b"".join(entries))
    return git_line(repository, "write-tree")


def _is_utf8(file: File) -> bool:
    try:
        file.content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _attribute(path: str) -> bytes:
    """Return the line of a file of attributes that keeps git from showing a file as text."""
    pattern = re.sub(r"[][*?\\]", r"\\\g<0>", path)
    quoted = pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return os.fsencode(f'"/{quoted}" -diff\n')
