"""What patterns of paths, in ignore files and in .gitattributes, say of a folder with a new name.

None is read here: git is asked, in a working tree that has nothing but the files with patterns.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ..errors import Failed
from ..files import File, is_file, read_file
from ..git import CONTENT_ATTRIBUTES, Repository, git, run_git
from ..transaction import Rename

READ_BY_GIT = (".gitignore", ".gitattributes")

MOST_NAMES = 3
"""Files that are named in a sentence."""


class Patterns:
    """What is to be asked of a folder's rename, and of planned contents by path as it is before.

    All paths are below the repository's top.
    """

    def __init__(self, repository: Repository, rename: Rename, planned: Mapping[str, File]):
        self._repository, self._rename, self._planned = repository, rename, planned
        self._tracked = self._listed("--cached")
        self._ignored = self._listed("--others", "--ignored", "--exclude-standard")
        self._around = [parent.as_posix() for parent in PurePosixPath(rename.before).parents]
        paths = [*planned, *self._tracked, *self._ignored]
        paths += self._listed("--others", "--exclude-standard")
        paths += [f"{parent}/{name}" for parent in self._around for name in READ_BY_GIT]
        self._files = {
            rename.moved(path): content
            for path in {os.path.normpath(path) for path in paths}
            if os.path.basename(path) in READ_BY_GIT
            and (content := self._content(path)) is not None
        }

    def _listed(self, *which: str) -> list[str]:
        """Return the files of the folder that git lists."""
        where = f":(literal){self._rename.before}"
        found = git(self._repository.top, "ls-files", "-z", *which, "--", where)
        return [os.fsdecode(path) for path in found.split(b"\0") if path]

    def _content(self, path: str) -> bytes | None:
        """Return a file as it will be, None where git would read none: it follows no links."""
        if planned := self._planned.get(path):
            return planned.content
        file = self._repository.top / path
        return file.read_bytes() if file.is_file() and not file.is_symlink() else None

    @contextmanager
    def _afterwards(self) -> Iterator[tuple[Path, dict[str, str]]]:
        """Make a working tree as it will be; give it, and the variables with which git knows it."""
        with _files(self._files) as work:
            directory = str(self._repository.git_directory)
            yield work, {"GIT_DIR": directory, "GIT_WORK_TREE": str(work)}

    def ignored(self, paths: Iterable[str]) -> set[str]:
        """Return those of the paths, as they will be, that git will ignore."""
        with self._afterwards() as (work, env):
            return _ignored(work, paths, env)

    def refuse_exposed(self) -> None:
        """Raise Failed for files that would be committed, or in another form, for their new name:
        what git ignores, or encrypts by a filter, has secrets in it."""
        after, moved = self._rename.after, self._rename.moved
        ignored = self.ignored(map(moved, self._ignored))
        if exposed := [path for path in self._ignored if moved(path) not in ignored]:
            asked = ("check-ignore", "--no-index", "-v", "-z", "--stdin")
            said = git(self._repository.top, *asked, stdin=os.fsencode(exposed[0]) + b"\0")
            place, line, pattern = map(os.fsdecode, said.split(b"\0")[:3])
            more = len(exposed) - MOST_NAMES
            names = ", ".join(exposed[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
            raise Failed(
                f"git would no longer ignore {names} in {after}: write a pattern for that beside "
                f"{pattern} ({place}:{line}), or move what it ignores away"
            )
        with self._afterwards() as (work, env):
            new = _attributes(work, map(moved, self._tracked), env)
        for (path, name, value), (_, _, other) in zip(
            _attributes(self._repository.top, self._tracked), new
        ):
            if value != other:
                raise Failed(
                    f"git would have {name} {other} for {path} in {after}, not {value}: write a "
                    "pattern for that in .gitattributes"
                )

    def no_longer_left_out(self) -> Iterator[tuple[str, str]]:
        """Yield ignore files of other programs around the folder, such as .dockerignore, each with a
        file that it leaves out, and will not."""
        files = [*self._ignored, *self._tracked]
        moved = [self._rename.moved(path) for path in files]
        for path in self._other_ignore_files():
            content = read_file(self._repository.top, path)
            planned = self._planned[path].content if path in self._planned else content
            before, after = _ignored_by(path, content, files), _ignored_by(path, planned, moved)
            lost = [file for file, new in zip(files, moved) if file in before and new not in after]
            if lost:
                yield path, lost[0]

    def _other_ignore_files(self) -> list[str]:
        found = [
            os.path.normpath(f"{parent}/{name}")
            for parent in self._around
            for name in sorted(os.listdir(self._repository.top / parent))
            if name.endswith("ignore") and name not in READ_BY_GIT
        ]
        return [path for path in found if is_file(self._repository.top, path)]


@contextmanager
def _files(contents: Mapping[str, bytes]) -> Iterator[Path]:
    """Make a folder with nothing but these files, by their paths below it."""
    with tempfile.TemporaryDirectory(prefix="csa-") as name:
        folder = Path(name)
        for path, content in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        yield folder


def _ignored(work: Path, paths: Iterable[str], env: Mapping[str, str] | None = None) -> set[str]:
    """Return those of the paths that git ignores in a working tree, whether it has them or not."""
    stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
    asked = ("check-ignore", "--no-index", "-z", "--stdin")
    answer = run_git(work, *asked, stdin=stdin, ok=(0, 1), env=env).stdout
    return {os.fsdecode(path) for path in answer.split(b"\0") if path}


def _ignored_by(ignore_file: str, content: bytes, paths: Iterable[str]) -> set[str]:
    """Return those of the paths that an ignore file leaves out, as git understands it."""
    if ignore_file.endswith("dockerignore"):  # there, each pattern begins at the top
        content = re.sub(rb"^(!?)/?", rb"\1/", content, flags=re.MULTILINE)
    with _files({os.path.join(os.path.dirname(ignore_file), ".gitignore"): content}) as work:
        git(work, "init", "--quiet")
        return _ignored(work, paths)


def _attributes(
    work: Path, paths: Iterable[str], env: Mapping[str, str] | None = None
) -> list[tuple[str, str, str]]:
    """Return each path with each attribute for its content and its value, in that order."""
    stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
    asked = ("check-attr", "-z", "--stdin", *CONTENT_ATTRIBUTES)
    said = run_git(work, *asked, stdin=stdin, env=env).stdout.split(b"\0")
    fields = (map(os.fsdecode, said[start::3]) for start in range(3))
    return list(zip(*fields))
