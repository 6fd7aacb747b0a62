"""Bringing packages up to date."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from ..bases import base_of
from ..diff import diff
from ..dockerignore import may_change_image
from ..errors import Failed, Misuse, Unavailable
from ..files import File, read_file, read_text, with_line_ends
from ..fleet import Fleet, open_fleet
from ..git import (
    CONTENT_ATTRIBUTES,
    GitError,
    checked_out,
    git,
    git_line,
    overlooked,
    repository_of,
    uncommitted,
)
from ..packages import (
    ANSWERS_FILE,
    PACKAGE,
    REPOSITORY,
    committed_files,
    listed_files,
    packages_around,
    parse_answers,
    read_answers,
    read_python,
)
from ..release import version_of
from ..sdk.breaks import Break, Breaks, Sources, newly_broken
from ..sdk.environments import NoSuchRelease, environment
from ..sdk.fixing import fix_breaks
from ..template import Source, render
from ..transaction import Place, locked, signature, write_all
from .merge import mark_unmerged, merge, unresolved
from .newest import PYATLAN, answers_to_change

REINSTALL = 'pyatlan has changed: install the environment again, with pip install -e ".[test]"'

NEXT_VERSION = "its version is released: start the next one with csa release --next patch"

UNMARKED = "git does not know of these conflicts and would commit them: resolve them first"

FIXABLE = "csa check --fix changes {} of the lines that break"


@dataclass
class Outcome:
    """What became of a package, or would.

    `old` and `new` are versions of the template; `answers` has those that change, each with what it
    was and is. `files` has added, changed or deleted for each file
    that changes, `conflicts` what a person has to do about a file, both by path below the package;
    `breaks` is what the script needs of pyatlan that its new release, unlike its old one, does not
    have; `notes` are for everybody to read. The diff is made only when nothing is written.
    """

    old: str
    new: str
    answers: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    diff: bytes = b""

    @property
    def result(self) -> str:
        """conflicts, updated, or current where nothing changes."""
        return "conflicts" if self.conflicts else "updated" if self.files else "current"


def update_packages(
    folders: Sequence[Path],
    version: str | None = None,
    data: Mapping[str, str] | None = None,
    *,
    jobs: int = 1,
    write: bool = True,
    require_sdk: bool = False,
) -> Generator[tuple[Path, Outcome | Failed], None, None]:
    """Update packages; yield each folder with what became of it, as they end.

    `version` is a tag, branch or commit of their template, None for its newest release, `data` has
    answers to change, pyatlan_version=newest among them. With `write` False nothing changes, and
    outcomes have a diff. Raises, having changed nothing, Misuse for an answer that the template does
    not take, and for a release of pyatlan that does not exist; with `require_sdk` Unavailable when
    it cannot be told what another release breaks.
    """
    data = data or {}
    with open_fleet(folders, version, jobs) as fleet:
        if "package_name" in data and len(fleet.sources) > 1:
            raise Misuse("--data package_name is for one package: name that one")
        # An answer that the first package cannot have is misuse, before anything is written.
        for folder in fleet.sources if data else ():
            [(_, refused)] = fleet.run(partial(_refused_answer, data=data), [folder])
            if isinstance(refused, str):
                raise Misuse(refused)
            if refused is None:
                break
        breaks: dict[Path, tuple[Breaks, int]] = {}
        releases = _releases(fleet, data)
        try:
            breaks = _breaks_of(releases)
        except NoSuchRelease as error:
            raise Misuse(f"--data {PYATLAN}={data[PYATLAN]}: {error}") from error
        except Unavailable as error:
            if require_sdk:
                raise
            breaks = dict.fromkeys(releases, (error, 0))
        yield from fleet.failed.items()
        work = partial(update, data=data, write=write)
        for folder, outcome in fleet.run(work, fleet.sources):
            if isinstance(outcome, Outcome):
                broken, fixable = breaks.get(folder, ([], 0))
                if isinstance(broken, Unavailable):
                    outcome.notes.append(
                        f"not checked against pyatlan {releases[folder][1]}: {broken}"
                    )
                else:
                    outcome.breaks = broken
                if fixable:
                    outcome.notes.append(FIXABLE.format(fixable))
            yield folder, outcome


def _releases(fleet: Fleet, data: Mapping[str, str]) -> dict[Path, tuple[str, str]]:
    """Return the packages that get another release of pyatlan, with the old one and the new one."""
    found = {}
    for folder, source in fleet.sources.items() if PYATLAN in data else ():
        with suppress(Failed, OSError):  # said when its turn comes
            answers = read_answers(folder)
            target = source.target_for(source.recorded(answers))
            changed, _ = answers_to_change(folder, answers, source, target, data)
            old, new = answers.get(PYATLAN), changed.get(PYATLAN, "")
            if answers.get("scope") != REPOSITORY and isinstance(old, str) and new not in ("", old):
                found[folder] = old, new
    return found


def _breaks_of(
    releases: Mapping[Path, tuple[str, str]],
) -> dict[Path, tuple[Breaks, int]]:
    """Return what the new release of pyatlan of packages breaks in them that their old one does not,
    and how much of it can be fixed, by folder.

    Raises NoSuchRelease when a new release does not exist, Unavailable when it cannot be checked.
    """
    groups: dict[tuple[str, str], dict[Path, Sources]] = {}
    for folder, pair in releases.items():
        with suppress(Failed, OSError):  # said when its turn comes
            files = read_python(folder, listed_files(folder))
            script = Sources(folder.name, files, base_of(read_answers(folder)).python)
            groups.setdefault(pair, {})[folder] = script
    for _, release in groups:
        environment(f"pyatlan=={release}")  # whether or not a package has something to check
    found: dict[Path, tuple[Breaks, int]] = {}
    for (old, release), scripts in groups.items():
        all_broken = newly_broken(list(scripts.values()), old, release)
        for (folder, script), broken in zip(scripts.items(), all_broken, strict=True):
            certain = isinstance(broken, list) and fix_breaks(script, release, broken).gone
            found[folder] = broken, len(certain or ())
    return found


def _refused_answer(folder: Path, source: Source, data: Mapping[str, str]) -> str | None:
    """Return why the template refuses an answer that is to be changed, None if it does not.

    Raises Failed when the package cannot be updated anyway.
    """
    answers = read_answers(folder)
    target = source.target_for(source.recorded(answers))
    data, _ = answers_to_change(folder, answers, source, target, data)
    try:
        source.refuse_unknown(target, data)
    except Failed as error:
        return str(error)
    try:
        render(source, target, {**answers, **data}, folder.name)
    except Failed as error:
        render(source, target, answers, folder.name)
        return str(error)
    return None


def update(folder: Path, source: Source, data: Mapping[str, str], write: bool) -> Outcome:
    """Update one package: merge into what is committed of it, then write its folder.

    Raises Failed or OSError, having changed nothing, when that cannot be done.
    """
    answers = read_answers(folder)
    commit = source.recorded(answers)
    target = source.target_for(commit)
    outcome = Outcome(source.version(commit), source.version(target))
    data, outcome.notes = answers_to_change(folder, answers, source, target, data)
    # All of a package's folder is its own; around the packages, only what the template renders is.
    where = [] if answers.get("scope") == REPOSITORY else ["."]
    if where:
        _refuse_nested(folder)
        _refuse_conflicts(folder, where)
    if commit == target and not data:
        return outcome
    if data:
        source.refuse_unknown(target, data)
    if where:
        _refuse_uncommitted(folder, where)

    base = render(source, commit, answers, folder.name)
    theirs = render(source, target, {**answers, **data}, folder.name)
    paths = {*base.files, *theirs.files}
    if not where:
        where = [f":(literal){path}" for path in sorted(paths)]
        _refuse_conflicts(folder, where)
        _refuse_uncommitted(folder, where)
    ours, all_paths = committed_files(folder, paths.__contains__)
    if ANSWERS_FILE not in all_paths:
        raise Failed("git ignores it: an update needs what is committed")
    if (folder / ANSWERS_FILE).is_symlink():
        raise Failed(f"{ANSWERS_FILE} is a link: put the file itself in its place")

    def is_users(path: str) -> bool:
        return path == ANSWERS_FILE or (
            theirs.is_seeded(Path(path))
            or (base.is_seeded(Path(path)) and path not in theirs.files)
        )

    merged = merge(base.files, ours, theirs.files, is_users)
    changes = merged.changes
    if ours.get(ANSWERS_FILE) != theirs.files[ANSWERS_FILE]:
        changes[ANSWERS_FILE] = theirs.files[ANSWERS_FILE]
    outcome.conflicts = merged.conflicts
    outcome.files = {
        path: "deleted" if file is None else "changed" if path in ours else "added"
        for path, file in changes.items()
    }
    outcome.notes += theirs.warnings.values()
    new_answers = parse_answers(theirs.files[ANSWERS_FILE].content.decode())
    outcome.answers = {
        name: (answer, new_answers[name])
        for name, answer in answers.items()
        if isinstance(name, str)
        and name[:1] != "_"
        and name in new_answers
        and new_answers[name] != answer
    }
    old_name, new_name = answers.get("package_name"), theirs.facts.get("package_name")
    if old_name and new_name and old_name != new_name:
        outcome.conflicts |= _with_name(folder, set(changes), str(old_name), str(new_name))
    if PYATLAN in outcome.answers:
        outcome.notes.append(REINSTALL)
    if _changes_released_image(folder, changes):
        outcome.notes.append(NEXT_VERSION)

    _refuse_hidden(folder, changes, all_paths)
    seen = {path: signature(folder / path) for path in changes}
    # Once more, now that what is there is known by its signature.
    _refuse_uncommitted(folder, where)
    if write:
        place = Place.of(repository_of(folder))
        write_all(place, folder, _as_checked_out(folder, changes), seen)
        try:
            with locked(place):
                mark_unmerged(folder, merged.marked)
        except GitError as error:
            outcome.notes.append(f"{UNMARKED}: {error}")
    else:
        prefix = git_line(folder, "rev-parse", "--show-prefix")
        outcome.diff = diff(
            {f"{prefix}{path}": ours[path] for path in changes if path in ours},
            {f"{prefix}{path}": file for path, file in changes.items() if file},
        )
    return outcome


def _changes_released_image(folder: Path, paths: Iterable[str]) -> bool:
    """Tell whether a package's version is released, and changed files may be in its image: they are
    published with the next version alone."""
    try:
        released = not version_of(folder).dev
        ignored = read_text(folder, ".dockerignore")
    except Failed:  # as around the packages
        return False
    return released and any(may_change_image(path, ignored) for path in paths)


def _with_name(folder: Path, changed: set[str], old: str, new: str) -> dict[str, str]:
    """Return what to do in files that the update leaves alone and that have the package's old name."""
    word = re.compile(rf"(?<![\w-]){re.escape(old)}(?!\w)".encode())
    found = {}
    for path in listed_files(folder):
        if path in changed:
            continue
        with suppress(Failed):
            lines = read_file(folder, path).splitlines()
            numbers = [str(number) for number, line in enumerate(lines, 1) if word.search(line)]
            if numbers:
                where = (
                    f"line {numbers[0]}" if len(numbers) == 1 else f"lines {', '.join(numbers[:9])}"
                )
                found[path] = f"it has the old name {old} in {where}: write {new}"
    return found


def _refuse_nested(folder: Path) -> None:
    for around in packages_around(folder):
        try:
            is_package = read_answers(around).get("scope") == PACKAGE
        except Failed:  # said when its turn comes
            is_package = False
        if is_package:
            raise Failed(f"it is inside the package {around.name}: move it out of there")


def _refuse_conflicts(folder: Path, where: Sequence[str]) -> None:
    if marked := unresolved(folder, *where):
        raise Failed(f"{marked[0]} still has the markers of a conflict: resolve it")


def _refuse_uncommitted(folder: Path, where: Sequence[str]) -> None:
    if uncommitted(folder, *where):
        raise Failed("it has uncommitted changes: commit or stash them first")


def _refuse_hidden(folder: Path, changes: Mapping[str, File | None], tracked: set[str]) -> None:
    """Raise Failed for a path where git's status does not tell all, so that a line could be lost.

    That is where something lies that git does not track, where it overlooks changes, and where it
    gives a file another content than it stores.
    """
    deleted = {path for path, file in changes.items() if file is None}
    for path in sorted(set(changes) - tracked):
        parents = [str(parent) for parent in PurePosixPath(path).parents][:-1]
        if blocked := [
            name
            for name in (path, *parents)
            if os.path.lexists(folder / name)
            and name not in deleted
            and (name == path or (folder / name).is_symlink() or not (folder / name).is_dir())
        ]:
            raise Failed(
                f"the template adds {path}, but {blocked[0]} is in its place: move it away"
            )
    known = [path for path in changes if path in tracked]
    if not known:
        return
    if hidden := overlooked(folder, *known):
        raise Failed(f"{hidden[0]} is not checked out, or git was told to overlook changes in it")
    attributes = git(folder, "check-attr", "-z", *CONTENT_ATTRIBUTES, "--", *known).split(b"\0")
    for path_bytes, attribute, value in zip(*(attributes[place::3] for place in range(3))):
        if value not in (b"unspecified", b"unset"):
            path = os.fsdecode(path_bytes)
            raise Failed(
                f"{path} has {attribute.decode()} in .gitattributes: only git can write it"
            )


def _as_checked_out(folder: Path, changes: Mapping[str, File | None]) -> dict[str, File | None]:
    """Return the changes with the line ends that the files have here, or would if git added them;
    git stores them with its own."""
    added = {
        path: file.content
        for path, file in changes.items()
        if file and not (folder / path).is_file()
    }
    contents = checked_out(folder, added) if added else {}
    return {
        path: replace(file, content=contents[path])
        if file and path in contents
        else file and with_line_ends(File((folder / path).read_bytes()), file)
        for path, file in changes.items()
    }
