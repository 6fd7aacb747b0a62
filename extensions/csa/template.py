"""The template that packages were rendered from: its versions, and rendering one of them."""

from __future__ import annotations

import io
import os
import posixpath
import re
import stat
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from .errors import Failed, Unavailable
from .files import File, Tree, mode_of
from .git import GitError, git, git_line, is_ancestor, is_bare, run_git
from .packages import ANSWERS_FILE
from .yaml_text import NotYaml, load_yaml

ADDRESS = "https://github.com/atlanhq/csa-template.git"
"""The template that this command belongs to."""

CURRENT = ":current:"
"""Instead of a version: the one that a package has. Copier's own word."""

PARTIAL = r"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$"
"""Settings of git, each of which has it fetch what a repository lacks."""

_AFTER_EACH_FILE = "_sync_git_index_executable_bit"
"""What Copier's worker does after it has written a file."""

_BEYOND_A_NAME = re.compile(r"[~^:?*\[\\\s]|\.\.|@\{")
"""What no tag has in it, and makes git look for another commit."""

_HOSTS = {"gh": "https://github.com/", "gl": "https://gitlab.com/"}


def expand(url: str) -> str:
    """Return what Copier makes of a template's address before git sees it."""
    if short := re.fullmatch(r"(gh|gl):/?(.*?)(\.git)?", url):
        return f"{_HOSTS[short[1]]}{short[2]}.git"
    if url.startswith("git+"):
        return url.removeprefix("git+")
    if url.startswith(tuple(_HOSTS.values())):
        return f"{url.removesuffix('.git')}.git"
    return url


def without_secrets(text: str) -> str:
    """Return a text as it may be shown: its URLs without user, password and query."""
    return re.sub(r"(\w://)(?:[^\s/@']*@)?([^\s?']*)(?:\?[^\s']*[^\s':])?", r"\1\2", text)


def has_password(address: str) -> bool:
    """Tell whether a template's address has a password or a token in it."""
    return re.search(r"://([^/@\s]*:[^/@\s]+@|[^/@:\s]{20,}@|[^?\s]*\?)", address) is not None


@dataclass(frozen=True)
class Source:
    """A template's repository.

    `address` is what answers record, `repository` its git directory, on this machine. `target`
    is the commit to update to, None for the one that each package has; `chosen` tells whether it
    was named rather than found.
    """

    address: str
    repository: Path
    target: str | None
    chosen: bool

    def _git(self, *arguments: str) -> str:
        return git_line(self.repository, *arguments, bare=True)

    def commit(self, version: str) -> str:
        """Return the commit of a version; raise Failed when there is none of that name."""
        if found := self._first_of(version, f"refs/remotes/origin/{version}"):
            return found
        raise Failed(without_secrets(f"{self.address} has no version {version}"))

    def recorded(self, answers: Mapping[str, Any]) -> str:
        """Return the commit that answers record: by a tag, or as git describes one that has none.

        A branch would name another commit tomorrow. Raises Failed for anything else.
        """
        version = answers["_commit"]
        tag = f"refs/tags/{version}" if not _BEYOND_A_NAME.search(version) else ""
        described = re.fullmatch(r"(?:.+-[0-9]+-g)?([0-9a-f]{4,64})", version)
        if found := self._first_of(tag, described[1] if described else ""):
            return found
        said = f"{self.address} has no version {version}"
        raise Failed(f"{without_secrets(said)}: make the _commit in {ANSWERS_FILE} a tag or commit")

    def _first_of(self, *names: str) -> str | None:
        """Return the commit that the first of these names stands for, None without one."""
        for name in filter(None, names):
            with suppress(GitError):
                return self._git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return None

    def version(self, commit: str) -> str:
        """Return a commit's name, as Copier records it."""
        return self._git("describe", "--tags", "--always", commit)

    def target_for(self, commit: str) -> str:
        """Return the commit that a package at `commit` is to be updated to: never an older one.

        Raises Failed when an older one was named.
        """
        if self.target is None or not is_ancestor(self.repository, self.target, commit):
            return self.target or commit
        if self.chosen and self.target != commit:
            older = self.version(self.target)
            raise Failed(f"already newer than {older}: to go back, restore the folder from git")
        return commit

    def behind(self, commit: str, target: str) -> int:
        """Return how many releases `target` is ahead of `commit`; commits, where none is tagged."""
        newer = _tags(self.repository, "--merged", target, "--no-merged", commit)
        commits = self._git("rev-list", "--count", f"{commit}..{target}")
        return len(_releases(newer)) or int(commits)

    def news(self, commit: str, target: str) -> list[str]:
        """Return what HISTORY.md says at `target` and not yet at `commit`, point by point."""
        old, new = (_points(self, version) for version in (commit, target))
        return [point for point in new if point not in old]

    @property
    def has_submodules(self) -> bool:
        """Whether any of its versions has, which git fetches from elsewhere."""
        return bool(self._git("rev-list", "--all", "--max-count=1", "--", ".gitmodules"))

    def config(self, commit: str) -> dict[str, Any]:
        """Return the template's copier.yml at a commit; raise Failed when it cannot be read."""
        return _config(self, commit)

    def refuse_unknown(self, commit: str, data: Mapping[str, str]) -> None:
        """Raise Failed for an answer to a question that the template does not ask at a commit."""
        questions = {
            name
            for name, question in self.config(commit).items()
            if not name.startswith("_")
            and not (isinstance(question, dict) and question.get("when") is False)
        } - {"scope"}  # another scope is another template
        for name in data:
            if name not in questions:
                raise Failed(f"--data {name}: the questions are {', '.join(sorted(questions))}")


@cache  # each package of a fleet has the same
def _points(source: Source, commit: str) -> list[str]:
    """Return the points of the lists in the template's HISTORY.md at a commit, none without one."""
    try:
        text = git(source.repository, "show", f"{commit}:HISTORY.md", bare=True).decode(
            "utf-8", "replace"
        )
    except GitError:
        return []
    points = re.findall(r"^[-*] (.*(?:\n  .*)*)", text, re.MULTILINE)
    return [" ".join(point.split()) for point in points]


@cache  # each package of a fleet is rendered from it
def _config(source: Source, commit: str) -> dict[str, Any]:
    text = git(source.repository, "show", f"{commit}:copier.yml", bare=True)
    try:
        config: Any = load_yaml(text)
    except NotYaml as error:
        raise Failed(f"the copier.yml of {source.version(commit)} is {error}") from error
    if not isinstance(config, dict):
        raise Failed(f"the copier.yml of {source.version(commit)} has no questions")
    return config


def open_source(address: str, version: str | None, work: Path) -> Source:
    """Return the template at an address, as recorded, and the version of it to update to.

    `version` names a tag, branch or commit; None stands for the newest release, or HEAD when there
    is none. A remote repository is cloned into `work`, an empty folder.

    Raises Failed when there is no such repository or version, Unavailable where it cannot be fetched
    or is gone.
    """
    url = expand(address)
    if "://" in url or ":" in url.split("/")[0]:
        repository = work / "template.git"
        try:
            clone = ("clone", "--quiet", "--bare", "--", url, str(repository))
            run_git(work, *clone, fetches=True)
        except GitError as error:
            said = f"the template cannot be fetched from {address}: {error}"
            raise Unavailable(without_secrets(said)) from error
    else:
        repository = _local(address, url)
    unresolved = Source(address, repository, None, chosen=version is not None)
    if version == CURRENT:
        return unresolved
    newest = max(_releases(_tags(repository)), key=Version, default="HEAD")
    return replace(unresolved, target=unresolved.commit(newest if version is None else version))


def _local(address: str, path: str) -> Path:
    """Return the git directory of a template on this machine, which may be a bare repository."""
    try:
        folder = Path(path).expanduser()
    except RuntimeError as error:  # the home of nobody
        raise Failed(f"_src_path is {address}, which is not a git repository") from error
    if not folder.is_absolute():
        raise Failed(f"_src_path is {address}: make it an absolute path or a URL")
    if not os.path.lexists(folder):
        raise Unavailable(
            f"the template's folder {address} is not there: restore it, or name another one, "
            f"in --template or as _src_path in {ANSWERS_FILE}"
        )
    bare = not os.path.lexists(folder / ".git")
    try:
        repository = Path(git_line(folder, "rev-parse", "--absolute-git-dir", bare=bare))
        if run_git(repository, "config", "--get-regexp", PARTIAL, bare=True, ok=(0, 1)).stdout:
            # git would ask the other repository, by a program that this one's settings name.
            raise Failed(f"_src_path is {address}, a partial clone: use a full clone")
        return repository
    except (GitError, OSError) as error:
        raise Failed(f"_src_path is {address}, which is not a git repository") from error


def _tags(repository: Path, *which: str) -> list[str]:
    names = "--format=%(refname:strip=2)"
    return git_line(repository, "for-each-ref", names, *which, "refs/tags", bare=True).splitlines()


def _releases(tags: list[str]) -> list[str]:
    """Return the tags that Copier takes for releases."""
    releases = []
    for tag in tags:
        try:
            if not Version(tag).is_prerelease:
                releases.append(tag)
        except InvalidVersion:
            continue
    return releases


@dataclass(frozen=True)
class Rendering:
    """A package as the template makes it.

    `is_seeded` tells of a path whether its file is the user's from the first minute; `facts` are
    the answers and what copier.yml derives from them.
    """

    files: Tree
    is_seeded: Callable[[Path], bool]
    facts: Mapping[str, Any]

    @property
    def warnings(self) -> dict[str, str]:
        """What the template warns of, each in one line, by the name that it has in copier.yml."""
        return {
            name: " ".join(text.split()).removeprefix("Note: ")
            for name, text in self.facts.items()
            if name.endswith("_warning") and text
        }


def render(source: Source, commit: str, answers: Mapping[str, Any], folder: str) -> Rendering:
    """Render the template at a commit into a folder of that name, somewhere temporary.

    Raises Failed when Copier cannot, such as for an answer that is not valid.
    """
    import copier  # takes a second

    version = source.version(commit)

    source.config(commit)  # refuses YAML that Copier would read for hours
    with tempfile.TemporaryDirectory(prefix="render-") as parent:
        destination = Path(parent) / folder
        try:
            # Of some errors, Copier prints what we say.
            with redirect_stderr(io.StringIO()), _in_no_repository():
                worker = copier.run_copy(
                    source.address,
                    destination,
                    data={k: v for k, v in answers.items() if isinstance(k, str) and k[:1] != "_"},
                    vcs_ref=commit,
                    defaults=True,
                    quiet=True,
                )
        except Exception as error:  # of Copier, Jinja, git: all are the template's
            raise not_rendered(version, error) from error
        files = rendered_files(destination, version)
    # Of plain values: it goes from one process to another.
    return Rendering(files, worker.match_skip, dict(worker.answers.combined))


def not_rendered(version: str, error: Exception) -> Failed:
    """Return why Copier could not render a version, in one sentence."""
    import copier.errors

    lines = without_secrets(str(error)).splitlines()
    # Without the mark below a place in a text.
    said = [line.strip() for line in lines if re.search(r"\w", line)] or [type(error).__name__]
    if isinstance(error, copier.errors.UnsafeTemplateError):
        return Failed(f"{version} wants to run code, which csa never does")
    if isinstance(error, copier.errors.ConfigFileError):
        return Failed(f"Copier cannot read the copier.yml of {version}")
    if isinstance(error, copier.errors.PathError):
        return Failed(f"{version} leads out of the template or of the package: {said[0]}")
    return Failed(f"Copier cannot render {version}: {said[-1]}")


def share_clones(folder: Path) -> None:
    """Have Copier clone each commit of a template once in this process, into `folder`.

    Copier has no public way to say so; where it has changed, it goes on as it is.
    """
    import copier._template as template

    if not hasattr(template, "clone"):
        return
    clone = template.clone
    cloned: dict[tuple[str, str], str] = {}

    def clone_once(url: str, ref: str = "HEAD", location: str | None = None) -> str:
        if (url, ref) not in cloned:
            cloned[url, ref] = clone(url, ref, tempfile.mkdtemp(prefix="clone-", dir=folder))
        return cloned[url, ref]

    template.clone = clone_once


@contextmanager
def _in_no_repository() -> Iterator[None]:
    """Keep Copier from asking git after each file whether modes count, as they do in repositories.

    Copier has no public way to say so; where it has changed, it goes on as it is.
    """
    from copier._main import Worker

    asks = getattr(Worker, _AFTER_EACH_FILE, None)
    if asks is None:
        yield
        return
    setattr(Worker, _AFTER_EACH_FILE, lambda worker, path, mode: None)
    try:
        yield
    finally:
        setattr(Worker, _AFTER_EACH_FILE, asks)


def rendered_files(destination: Path, version: str) -> Tree:
    """Return the plain files that were rendered of a version.

    Raises Failed for anything else, such as a link to a file that is not the template's, for what
    would be git's own: hooks and settings, which are programs to run, and without answers.
    """
    files = {}
    for path in destination.rglob("*"):
        name = path.relative_to(destination).as_posix()
        kind = path.lstat().st_mode
        if any(map(_is_gits, name.split("/"))):
            raise Failed(f"the template renders {name}: csa never writes what is git's own")
        if stat.S_ISREG(kind):
            # Where git checks out with CRLF it did so with the template, too.
            content = path.read_bytes().replace(b"\r\n", b"\n")
            files[name] = File(content, mode_of(path))
        elif not stat.S_ISDIR(kind):
            raise Failed(
                f"the template renders {name}, which is not a regular file: csa writes only those"
            )
    for folder in {posixpath.dirname(name) for name in files}:
        if is_bare({name.name.casefold() for name in (destination / folder).iterdir()}):
            what = "has the files of a git repository: csa never writes what is git's own"
            raise Failed(f"{folder or 'the package'} {what}")
    if ANSWERS_FILE not in files:
        raise Failed(f"{version} renders no {ANSWERS_FILE}, which keeps a package's answers")
    return files


def _is_gits(name: str) -> bool:
    """Tell whether a file system may take a name for .git, as those of macOS and Windows do."""
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    return seen.casefold().partition(":")[0].rstrip(" .") in (".git", "git~1")
