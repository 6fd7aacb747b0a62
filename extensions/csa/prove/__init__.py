"""Whether a script that somebody refactored by hand runs as the committed one did."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..errors import Misuse
from ..files import is_file
from ..git import GitError, git, repository_of
from ..packages import object_of
from ..refactor.siblings import with_package_imports
from ..source.syntax import deep_recursion
from .places import Tree, is_of_star, module_of, names_of_modules, of_places, tree_at, tree_now
from .users import Users, asked_of, users_of
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
        return next((result for result in (DIFFERENT, NOT_JUDGED) if result in results), PROVEN)


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
    old = tree_at(top, f"{commit}:{'' if before == '.' else before}")
    new = tree_now(folder)
    proof = Proof(below, before, revision)
    with deep_recursion():
        proof.verdicts = _verdicts(old, new, users_of(folder, top, new.counting), folder.name)
    if since is None and not proof.verdicts:
        raise Misuse(
            f"{below}/main.py and the modules beside it are as they were committed at HEAD: name "
            "with --since the revision before it was refactored"
        )
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


def _verdicts(old: Tree, new: Tree, users: Users, package: str) -> dict[str, Verdict]:
    """Return what can be said of each file that changed, tests left out that nothing imports.

    `package` is the folder's name now, by which its modules may be imported now: as `csa adopt` has
    it, the same files.
    """
    own = names_of_modules([*old.sources, *new.sources])
    found = of_places(old, new)
    before, now = old.counting, new.counting
    if not with_package_imports(now, package):
        by_package = re.compile(rb"\b(from|import)\s+%s\b" % package.encode())
        named = with_package_imports(before, package).items()
        meant = {path: text for path, text in named if by_package.search(now.get(path, b""))}
        before = {**before, **meant}
    for path in sorted({*before, *now}):
        source, changed = before.get(path, old.sources.get(path)), new.sources.get(path)
        if source == changed or source is None or path in found:
            continue
        if changed is None:
            found[path] = Verdict(NOT_JUDGED, "it was deleted, or has another name")
        elif path == MAIN:
            found[path] = verdict_on(source, changed, is_script=True, users=users, own=own)
        else:
            by_star = is_of_star(path, now) or is_of_star(path, before)
            asked = asked_of(module_of(path), [*before.values(), *now.values()])
            everybody = Users(
                frozenset("*"), by_star=by_star, read_texts=users.read_texts, asked=frozenset(asked)
            )
            found[path] = verdict_on(source, changed, is_script=False, users=everybody, own=own)
    return found
