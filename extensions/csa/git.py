"""The git program, and which repository a folder belongs to.

A checkout may hold files that somebody else wrote: none of them makes git run a program.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Container, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from .errors import Failed

TRANSPORTS = "file:git:http:https:ssh"
"""What a template is fetched by: fd:: would wait forever, other helpers are programs."""

PATIENCE = 10
"""Seconds after which it is looked whether git waits for a pipe."""

LIMIT = 600
"""Seconds that git may take without the network: more than for millions of files on a slow disk."""

_BARE = ("HEAD", "commondir", "objects", "refs")
"""By what git knows a repository."""

_READ = (".gitignore", ".gitattributes", ".gitmodules", ".git/info/exclude", ".git/info/attributes")
"""What git reads of each folder that it looks at, and waits for where that is a pipe."""

CONTENT_ATTRIBUTES = ("filter", "ident", "working-tree-encoding")
"""What makes a file another one here than in git."""


class GitError(Failed):
    """git refused; the message is git's own reason, in one line."""


def prepare_environment() -> None:
    """Make every git from now on, csa's and Copier's, take a repository only where `.git` is.

    Files named HEAD, objects and refs make any folder a bare repository, whose config names
    programs to run.
    """
    # Set for what git itself runs, such as hooks, and meant for the repository they run in.
    for name in (
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_WORK_TREE",
    ):
        os.environ.pop(name, None)
    os.environ.pop("GIT_LITERAL_PATHSPECS", None)  # ours have magic
    os.environ["GIT_OPTIONAL_LOCKS"] = "0"  # only look at the index
    os.environ.setdefault("GIT_ALLOW_PROTOCOL", TRANSPORTS)
    configure({"safe.bareRepository": "explicit"})


def configure(settings: dict[str, str]) -> None:
    """Add to the configuration of every git that is started from now on."""
    text = os.environ.get("GIT_CONFIG_COUNT") or "0"
    count = int(text) if text.isdecimal() else 0  # git refuses any other
    for number, (name, value) in enumerate(settings.items(), count):
        os.environ[f"GIT_CONFIG_KEY_{number}"] = name
        os.environ[f"GIT_CONFIG_VALUE_{number}"] = value
    os.environ["GIT_CONFIG_COUNT"] = str(count + len(settings))


def worktree_of(folder: Path) -> Path | None:
    """Return the nearest folder, this one or one around it, that has a `.git`."""
    around = (folder, *folder.parents)
    return next((place for place in around if os.path.lexists(place / ".git")), None)


def is_bare(names: AbstractSet[str]) -> bool:
    """Tell whether git would take a folder with these names, in lower case, for a repository."""
    return "head" in names and ("commondir" in names or {"objects", "refs"} <= names)


def _refuse_bare(folder: Path) -> None:
    """Raise GitError where git before 2.38, which has no safe.bareRepository, would find a bare
    repository first."""
    here = folder.absolute()
    for place in (here, *here.parents):
        if os.path.lexists(place / ".git"):
            break
        if is_bare({name.casefold() for name in _BARE if os.path.lexists(place / name)}):
            raise GitError(f"{place} has the files of a bare git repository: csa does not go there")


def run_git(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    ok: Container[int] = (0,),
    bare: bool = False,
    fetches: bool = False,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder; `bare` when that is a git directory itself, which no checkout holds.

    `env` has variables to set for it; with `fetches` it may take as long as the network does.
    Raises GitError when the exit code is not in `ok`, git is not installed, or the folder is one
    that a checkout passes off as a repository, and Failed where git does not end.
    """
    if not bare:
        _refuse_bare(folder)
    where = ["--git-dir=."] if bare else []
    command = ["git", "-C", str(folder), *where, *arguments]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **env} if env else None,
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed") from error
    with process:
        try:
            printed = process.communicate(stdin) if fetches else _printed(process, folder, stdin)
        except BaseException:  # Ctrl-C among them
            process.kill()
            raise
    result = subprocess.CompletedProcess(command, process.returncode, *printed)
    if result.returncode not in ok:
        lines = result.stderr.decode(errors="replace").strip().splitlines()
        reasons = [line for line in lines if line.startswith(("fatal: ", "error: "))]
        reason = (reasons or lines or [f"git {arguments[0]} ended with {result.returncode}"])[0]
        raise GitError(reason.removeprefix("fatal: ").removeprefix("error: "))
    return result


def _printed(process: subprocess.Popen[bytes], folder: Path, stdin: bytes) -> tuple[bytes, bytes]:
    """Return what git prints, on stdout and on stderr; raise Failed where it does not end."""
    with suppress(subprocess.TimeoutExpired):
        return process.communicate(stdin, PATIENCE)
    if pipe := _pipe_near(folder.absolute()):
        raise Failed(f"git waits for {pipe}, which is a pipe: delete it")
    try:
        return process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired as error:
        command = shlex.join(error.cmd)
        raise Failed(
            f"git did not end in {LIMIT / 60:g} minutes: run {command} to see why"
        ) from None


def _pipe_near(folder: Path) -> Path | None:
    """Return a pipe that git reads when it looks at a folder, None where there is none."""
    top = worktree_of(folder) or folder
    around = (place for place in folder.parents if place.is_relative_to(top))
    places = chain(around, (Path(place) for place, _, _ in os.walk(folder)))
    pipes = (place / name for place in places for name in _READ if (place / name).is_fifo())
    return next(pipes, None)


def git(folder: Path, *arguments: str, stdin: bytes = b"", bare: bool = False) -> bytes:
    """Run git in a folder and return what it printed; raise GitError when it fails."""
    return run_git(folder, *arguments, stdin=stdin, bare=bare).stdout


def overlooked(folder: Path, *pathspecs: str) -> list[str]:
    """Return the files whose changes git does not look at: those that are not checked out, conflicts,
    and what it was told to overlook."""
    listed = git(folder, "ls-files", "-z", "-v", "--", *pathspecs).split(b"\0")
    return [os.fsdecode(entry[2:]) for entry in listed if entry and not entry.startswith(b"H ")]


def uncommitted(folder: Path, *pathspecs: str) -> bool:
    """Tell whether files of a folder, new ones included, are not as they are committed."""
    # In full: a user's settings may leave new files out.
    return bool(git(folder, "status", "--porcelain", "--untracked-files=normal", "--", *pathspecs))


def git_line(folder: Path, *arguments: str, bare: bool = False) -> str:
    """Run git and return the one line that it printed, such as a path or an object's name."""
    return os.fsdecode(git(folder, *arguments, bare=bare).removesuffix(b"\n"))


@dataclass(frozen=True)
class Repository:
    """A working tree: its top folder, and where git keeps what is its own."""

    top: Path
    git_directory: Path


def repository_of(folder: Path) -> Repository:
    """Return the repository that a folder is in: the one whose `.git` is nearest.

    Raises GitError when there is none, or git takes the folder for a part of another one.
    """
    top = Path(git_line(folder, "rev-parse", "--show-toplevel"))
    nearest = worktree_of(folder)
    if nearest is None or not top.samefile(nearest):
        raise GitError(f"not a git repository: {nearest or folder}")
    return Repository(top, Path(git_line(folder, "rev-parse", "--absolute-git-dir")))


def checked_out(folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return contents, by their paths below a folder, as git would check them out there: with the
    line ends that its settings and attributes ask for."""
    if not files:
        return {}
    prefix = git_line(folder, "rev-parse", "--show-prefix")
    with _elsewhere(folder) as (work, env):
        given = [work / f"given-{number}" for number in range(len(files))]
        for place, content in zip(given, files.values(), strict=True):
            place.write_bytes(content)
        names = "".join(f"{place}\n" for place in given).encode()
        store = ("hash-object", "-w", "--no-filters", "--stdin-paths")
        blobs = run_git(folder, *store, stdin=names, env=env).stdout.split()
        entries = [
            b"100644 %s\t%s\0" % (blob, os.fsencode(f"{prefix}{path}"))
            for path, blob in zip(files, blobs, strict=True)
        ]
        # In an index of its own. git takes what it does not find there, as attributes, from the folder.
        update = ("update-index", "-z", "--index-info")
        run_git(folder, *update, stdin=b"".join(entries), env=env)
        run_git(folder, "checkout-index", "--all", f"--prefix={work}/taken/", env=env)
        return {path: (work / "taken" / f"{prefix}{path}").read_bytes() for path in files}


def stored(folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return contents of a folder's files, by their paths below it, as git would store them."""
    found = {}
    with _elsewhere(folder) as (_, env):
        for path, content in files.items():
            store = ("hash-object", "-w", "--stdin", f"--path={path}")
            blob = run_git(folder, *store, stdin=content, env=env).stdout.decode().strip()
            found[path] = run_git(folder, "cat-file", "blob", blob, env=env).stdout
    return found


@contextmanager
def _elsewhere(folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Make a temporary folder for what git stores of another one; yield it, and the environment of
    a git that does so."""
    own = git_line(folder, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    with tempfile.TemporaryDirectory(prefix="csa-") as parent:
        work = Path(parent)
        (work / "objects").mkdir()
        yield (
            work,
            {
                "GIT_OBJECT_DIRECTORY": str(work / "objects"),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": own,
                "GIT_INDEX_FILE": str(work / "index"),
            },
        )


def is_ancestor(repository: Path, commit: str, other: str) -> bool:
    """Tell whether `other`, in a git directory, is `commit` or contains it."""
    asked = ("merge-base", "--is-ancestor", commit, other)
    return run_git(repository, *asked, ok=(0, 1), bare=True).returncode == 0
