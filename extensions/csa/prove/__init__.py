"""Whether a script that somebody refactored by hand runs as the committed one did."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..errors import Misuse
from ..files import is_file
from ..git import GitError, git, repository_of
from ..packages import (
    LARGEST_SOURCE,
    committed_files,
    is_test,
    listed_files,
    object_of,
    read_python,
)
from ..source.importers import taken_by_others
from ..source.script_text import modules_in, starred_in
from ..source.syntax import deep_recursion
from .verdict import DIFFERENT, NOT_JUDGED, PROVEN, Verdict, verdict_on

MAIN = "main.py"


@dataclass
class Proof:
    """What became of a folder's Python files since a revision.

    `folder` is the folder, `before` what it was then, both below the repository's top; `verdicts` are
    those on the files that changed, by their paths in it.
    """

    folder: str
    before: str
    since: str
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def result(self) -> str:
        """proven, or the first of different and not_judged that there is."""
        results = {verdict.result for verdict in self.verdicts.values()}
        return next((one for one in (DIFFERENT, NOT_JUDGED) if one in results), PROVEN)


def prove(folder: Path, since: str | None = None) -> Proof:
    """Compare a folder's Python files with those at a revision, HEAD if none is named.

    Raises Misuse where there is nothing to compare.
    """
    if not is_file(folder, MAIN):
        raise Misuse(f"{folder} has no main.py: name the folder of a script")
    try:
        top = repository_of(folder).top
    except GitError as error:
        raise Misuse(f"{folder}: {error}") from error
    revision = since or "HEAD"
    commit = object_of(top, f"{revision}^{{commit}}")
    if commit is None:
        raise Misuse(f"--since {revision}: git knows no such commit")
    below = folder.relative_to(top).as_posix()
    before = _before(top, commit, below)
    if before is None:
        raise Misuse(
            f"{below} has no main.py at {revision}, under this name or another: name with --since a "
            "revision that has it"
        )
    tree = f"{commit}:{'' if before == '.' else before}"
    committed, _ = committed_files(top, lambda path: path.endswith(".py"), tree)
    old = {
        path: file.content
        for path, file in committed.items()
        if file.plain and len(file.content) <= LARGEST_SOURCE
    }
    new = read_python(folder, listed_files(folder))
    if since is None and old.get(MAIN) == new.get(MAIN):
        raise Misuse(
            f"{below}/main.py is as it was committed at HEAD: name with --since the revision before "
            "it was refactored"
        )
    proof = Proof(below, before, revision)
    with deep_recursion():
        sources = {path: source for path, source in new.items() if not is_test(path)}
        public = taken_by_others(folder, top, sources)
        proof.verdicts = _verdicts(old, new, public)
    return proof


def _before(top: Path, commit: str, folder: str) -> str | None:
    """Return what a folder's name was at a commit, None where it had no main.py then."""

    def had(path: str) -> bool:
        return object_of(top, f"{commit}:{(PurePosixPath(path) / MAIN).as_posix()}") is not None

    if had(folder):
        return folder
    listed = git(
        top, "diff", "--no-ext-diff", "--no-textconv", "--name-status", "--find-renames", "-z",
        "--diff-filter=R", commit, "--", f":(glob)**/{MAIN}",
    ).split(b"\0")  # fmt: skip
    for number, path in enumerate(listed):
        if os.fsdecode(path) == f"{folder}/{MAIN}" and number >= 2:
            return PurePosixPath(os.fsdecode(listed[number - 1])).parent.as_posix()
    # Git does not look at what is not added yet.
    place = PurePosixPath(folder)
    parent = "" if place.parent.as_posix() == "." else f"{place.parent.as_posix()}/"
    names = git(top, "ls-tree", "-d", "-z", "--name-only", f"{commit}:{parent}").split(b"\0")
    for name in map(os.fsdecode, filter(None, names)):
        gone = not (top / parent / name).exists()
        if gone and re.sub(r"\W+", "_", name).lower() == place.name and had(f"{parent}{name}"):
            return f"{parent}{name}"
    return None


def _verdicts(
    old: Mapping[str, bytes], new: Mapping[str, bytes], public: Collection[str]
) -> dict[str, Verdict]:
    """Return what can be said of each file that changed, tests left out."""
    own = {_module(path) for path in (*old, *new)}
    starred = {module.split(".")[-1] for one in new.values() for module in starred_in(one)}
    found: dict[str, Verdict] = {}
    for path in sorted({*old, *new}):
        if is_test(path) or old.get(path) == new.get(path):
            continue
        if path not in old:
            hides = {
                module.split(".")[0] for source in old.values() for module in modules_in(source)
            }
            if _module(path) in hides - {_module(other) for other in old}:
                text = f"it is new, and imported in the place of the module {_module(path)}"
                found[path] = Verdict(NOT_JUDGED, text)
        elif path not in new:
            found[path] = Verdict(NOT_JUDGED, "it was deleted, or has another name")
        else:
            is_script = path == MAIN
            names = public if is_script else {"*"}
            verdict = verdict_on(old[path], new[path], is_script=is_script, public=names, own=own)
            if PurePosixPath(path).stem in starred and verdict.result == PROVEN:
                verdict = Verdict(
                    NOT_JUDGED, "another file imports * from it, so new names may matter"
                )
            found[path] = verdict
    return found


def _module(path: str) -> str:
    """Return the name by which Python imports a file of the folder, or the package that it is in."""
    return PurePosixPath(path).parts[0].removesuffix(".py")
