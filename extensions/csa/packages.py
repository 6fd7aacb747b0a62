"""The packages of a monorepo: folders with the answers that they were rendered from."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .errors import Failed, Misuse
from .files import File, TooLarge, Tree, is_file, read_file, read_text
from .git import GitError, git, git_line, repository_of, run_git, worktree_of
from .transaction import Place, undo_unfinished
from .yaml_text import NotYaml, load_yaml

ANSWERS_FILE = ".copier-answers.yml"

LARGEST_ANSWERS = 100_000
"""Bytes of the largest answers that are read."""

LARGEST_SOURCE = 500_000
"""Bytes of the largest Python file that is read: what has more is data."""

NAME = r"(?=.{1,50}\Z)[a-z][a-z0-9]*(_[a-z0-9]+)*"
"""A package's, and its folder's, whatever a template makes of it."""

PACKAGE, REPOSITORY = "package", "repository"
"""The scopes of the template: a script package, and the files around all packages."""


def read_answers(folder: Path) -> dict[str, Any]:
    """Return a package's answers, with Copier's own `_src_path` and `_commit`.

    Raises Failed when they cannot be read, or those of Copier are missing.
    """
    return parse_answers(read_text(folder, ANSWERS_FILE, LARGEST_ANSWERS))


def parse_answers(text: str) -> dict[str, Any]:
    """Return the answers in a text; raise Failed as `read_answers` does."""
    try:
        answers: Any = load_yaml(text)
    except NotYaml as error:
        raise Failed(f"{ANSWERS_FILE} is {error}") from error
    if not isinstance(answers, dict) or not all(
        isinstance(said := answers.get(name), str) and said and "\0" not in said
        for name in ("_src_path", "_commit")
    ):
        raise Failed(f"{ANSWERS_FILE} has no _src_path and _commit, which Copier writes there")
    return answers


def is_package(folder: Path, scopes: Container[str] = (PACKAGE,)) -> bool:
    """Tell whether a folder was rendered with one of the scopes, as far as one can read it."""
    try:
        os.lstat(folder / ANSWERS_FILE)
        return read_answers(folder).get("scope") in scopes
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (Failed, OSError):
        return True  # said when its turn comes


def find_packages(below: Path, scopes: Container[str] = (PACKAGE,)) -> list[Path]:
    """Return the folders of all packages in or below a folder, submodules included, sorted.

    What git ignores is not looked at. What a killed run left half written is put back first. Raises
    Misuse when git knows no repository there.
    """
    try:
        _put_back(below)
    except GitError as error:
        raise Misuse(f"{below}: {error}") from error
    folders = folders_with_answers(below)
    for inside in {worktree_of(folder) for folder in folders} - {worktree_of(below)}:
        with suppress(GitError):  # said when its turn comes
            _put_back(inside or below)
    return [folder for folder in folders if is_package(folder, scopes)]


def folders_with_answers(below: Path) -> list[Path]:
    """Return the folders in or below a folder that have answers, of whatever scope, sorted.

    What git ignores is not looked at. Raises Misuse when git knows no repository there.
    """
    listed = ["ls-files", "-z"]
    which = [":(glob)**/" + ANSWERS_FILE]
    try:
        names = git(below, *listed, "--cached", "--recurse-submodules", "--", *which)
        names += git(below, *listed, "--others", "--exclude-standard", "--", *which)
    except GitError as error:
        raise Misuse(f"{below}: {error}") from error
    return sorted({(below / os.fsdecode(name)).parent for name in names.split(b"\0") if name})


def misplaced(below: Path) -> list[Path]:
    """Return the folders in or below a folder that have what belongs around the packages, but are
    not the top of a working tree."""
    found = []
    for folder in find_packages(below, (REPOSITORY,)):
        with suppress(Failed):  # said when its turn comes
            if read_answers(folder).get("scope") == REPOSITORY and worktree_of(folder) != folder:
                found.append(folder)
    return found


def legacy_scripts(below: Path) -> list[Path]:
    """Return the folders in or below a folder that have a main.py that git tracks, and are no
    packages, sorted; none that are in a package or in another such folder."""
    packages = set(folders_with_answers(below))
    names = git(below, "ls-files", "-z", "--", ":(glob)**/main.py").split(b"\0")
    folders = {(below / os.fsdecode(name)).parent for name in names if name}
    around = packages | (folders - {below})
    return sorted(
        folder
        for folder in folders - packages
        if around.isdisjoint(folder.parents) and os.path.lexists(folder / "main.py")
    )


def _put_back(folder: Path) -> None:
    undo_unfinished(Place.of(repository_of(folder)))


def packages_at(name: str, scopes: Container[str] = (PACKAGE,)) -> list[Path]:
    """Return the packages that the command line names by a folder or a file.

    That is the folder itself, else those below it, else the one around it; there may be none. What
    a killed run left half written in their repositories is put back first. Raises Misuse where
    nothing has that name, or git knows no repository.
    """
    place = _named(name)
    if is_package(place, scopes):
        return [place]
    below = find_packages(place, scopes) if os.path.isdir(place) else []
    return below or packages_around(place)


def package_at(name: str) -> Path:
    """Return the package that the command line names by its folder or what is inside of it; raise
    Misuse as `packages_at` does, and where there is none."""
    place = _named(name)
    found = [place] if is_package(place) else packages_around(place)
    if not found:
        raise Misuse(f"{name} is not a package: name the folder that has its {ANSWERS_FILE}")
    return found[0]


def no_package(name: str) -> str:
    """Return the sentence for what the command line names and has no package."""
    remedy = (
        f"csa adopt {name} converts its script"
        if os.path.lexists(Path(name, "main.py"))
        else "copier copy creates one"
    )
    return f"{name}: no package in or below it: {remedy}"


def _named(name: str) -> Path:
    """Return a file or folder that the command line names, once nothing is half written there."""
    try:
        place = Path(name).resolve()
    except RuntimeError as error:  # a loop of links
        raise Misuse(f"{name} leads nowhere") from error
    if not name:  # of a variable that is not set
        raise Misuse("the name of a folder is empty: name one, or none for all packages here")
    folder = next(above for above in (place, *place.parents) if os.path.isdir(above))
    try:
        if worktree_of(folder):
            _put_back(folder)
        if not os.path.lexists(place):
            raise Misuse(f"{name}: no such folder")
        repository_of(folder)
    except GitError as error:
        raise Misuse(f"{name}: {error}") from error
    return place


def packages_around(place: Path) -> list[Path]:
    """Return the package that a file or folder is inside of, as a list of one or none."""
    top = worktree_of(place)
    inside = (above for above in place.parents if top and above.is_relative_to(top))
    return [above for above in inside if is_package(above)][:1]


def has_changed(folder: Path, revision: str) -> bool:
    """Tell whether a package's files differ from where its branch left a revision.

    What is not committed counts, and so do new files. The revision is one of the repository of this
    folder, the files may be in a submodule. Raises Misuse when git does not know the revision, or
    nothing that it and the branch have in common.
    """
    base = left_at(repository_of(folder).top, revision)
    return base is None or bool(changed_files(folder, base))


def changed_files(folder: Path, commit: str) -> list[str]:
    """Return the files of a package that are not as in a commit, by their path below it, deleted ones
    and new ones included."""
    shown = (
        git(folder, "diff", "--name-only", "--no-renames", "--relative", "-z", commit, "--", "."),
        git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", "."),
    )
    return [os.fsdecode(path) for paths in shown for path in paths.split(b"\0") if path]


def lost_packages(below: Path, revision: str) -> list[Path]:
    """Return the folders in or below a folder that are no longer packages, but still have files.

    They were packages where the branch left a revision. A package that was deleted or moved as a
    whole has no files left. Only files that git tracks count. Raises Misuse as `has_changed` does.
    """
    base = left_at(repository_of(below).top, revision)
    if base is None:
        return []
    packages = set(find_packages(below))
    lost = []
    for entry in git(below, "ls-tree", "-r", "-z", base).split(b"\0"):
        description, _, path = entry.partition(b"\t")
        folder = (below / os.fsdecode(path)).parent
        if os.path.basename(path) != os.fsencode(ANSWERS_FILE) or folder in packages:
            continue
        blob = description.split(b" ")[2].decode()
        if _was_package(below, blob) and _has_tracked_files(below, folder):
            lost.append(folder)
    return lost


def _was_package(repository: Path, blob: str) -> bool:
    """Tell whether the answers in a blob of git are a package's."""
    try:
        text = git(repository, "cat-file", "blob", blob).decode("utf-8", errors="replace")
        return parse_answers(text).get("scope") == PACKAGE
    except Failed:
        return True  # as is_package has it


def _has_tracked_files(below: Path, folder: Path) -> bool:
    place = f":(literal){os.path.relpath(folder, below)}"
    tracked = git(below, "ls-files", "-z", "--", place).split(b"\0")
    return any(os.path.lexists(below / os.fsdecode(path)) for path in tracked if path)


def left_at(top: Path, revision: str) -> str | None:
    """Return the commit of a repository where its branch left a revision, None if there is none
    yet: of a submodule the one that is recorded there."""
    above = git_line(top, "rev-parse", "--show-superproject-working-tree")
    if above and not Path.cwd().is_relative_to(top):
        base = left_at(Path(above), revision)
        recorded = base and object_of(Path(above), f"{base}:{top.relative_to(above).as_posix()}")
        return recorded and object_of(top, f"{recorded}^{{commit}}")
    if object_of(top, "HEAD") is None:
        return None  # as in the hook of the first commit
    commit = object_of(top, f"{revision}^{{commit}}")
    if commit is None:
        raise Misuse(f"--changed-since {revision}: git knows no such commit")
    try:
        return git_line(top, "merge-base", commit, "HEAD")
    except GitError as error:
        raise Misuse(
            f"--changed-since {revision}: it has no commit in common with the branch"
        ) from error


def object_of(top: Path, name: str) -> str | None:
    """Return the hash of what git knows by a name, None where it knows nothing."""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    return os.fsdecode(run_git(top, *asked, ok=(0, 1, 128)).stdout).strip() or None


def listed_files(folder: Path) -> list[str]:
    """Return a folder's regular files that git knows or would add, by their paths below it, sorted.

    A link counts as the file that it leads to, if that is one of the folder, too.
    """
    listed = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    paths = {os.fsdecode(path) for path in listed.split(b"\0") if path}
    return sorted(path for path in paths if is_file(folder, path))


def is_test(path: str) -> bool:
    """Tell whether a path below a package is one of its tests, by its folder or its name."""
    *folders, name = path.split("/")
    return "tests" in folders or name == "conftest.py" or name.startswith("test_")


def read_python(folder: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Return those of a folder's files that are Python, without the ones that are too large."""
    found: dict[str, bytes] = {}
    for path in paths:
        if path.endswith(".py"):
            with suppress(TooLarge):
                found[path] = read_file(folder, path, LARGEST_SOURCE)
    return found


def committed_files(
    folder: Path, is_wanted: Callable[[str], bool], tree: str = "HEAD:./"
) -> tuple[Tree, set[str]]:
    """Return those of a package's committed files that are wanted, and the paths of all of them.

    Paths are relative to the package; `tree` is what git knows it by.
    """
    entries: dict[str, tuple[str, str]] = {}
    listed = object_of(folder, tree) and git(folder, "ls-tree", "-r", "-z", "--full-tree", tree)
    for line in (listed or b"").split(b"\0"):
        if line:
            description, _, path_bytes = line.partition(b"\t")
            mode, _, name = description.decode().split(" ")
            entries[os.fsdecode(path_bytes)] = (mode, name)
    wanted = {path: entry for path, entry in entries.items() if is_wanted(path)}
    stdin = "".join(f"{name}\n" for mode, name in wanted.values() if mode != "160000").encode()
    answer = git(folder, "cat-file", "--batch", stdin=stdin)
    found = {}
    for path, (mode, _) in wanted.items():
        found[path] = File(b"", mode)
        if mode == "160000":
            continue
        header, _, rest = answer.partition(b"\n")
        if header.endswith(b" missing"):
            raise Failed(f"git has no content for {path}: run git fsck")
        size = int(header.split(b" ")[2])
        found[path] = File(rest[:size], mode)
        answer = rest[size + 1 :]
    return found, set(entries)
