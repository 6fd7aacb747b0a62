"""Taking a legacy script in: its folder becomes a package of the template."""

from __future__ import annotations

import ast
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import decode_source
from pathlib import Path, PurePosixPath
from typing import Any

import libcst as cst

from .errors import Failed, Misuse
from .fleet import told_to_stop
from .generate import description, index, test_main
from .git import GitError, Repository, git, git_line, repository_of
from .merge import File
from .packages import ANSWERS_FILE, read_answers
from .refactor import Note, Refactoring, refactor
from .references import References, find_references
from .requirements import is_first_party, pinned_version, plan_requirements
from .script import Left, import_problem
from .template import Rendering, Source, open_source, render
from .writing import signature, undo_unfinished, write_all

TEMPLATE = "https://github.com/atlanhq/csa-template.git"
"""The template that this command belongs to."""

HTTP_MODULES = {"aiohttp", "httpx", "requests", "urllib3"}
"""What scripts call HTTP services with."""


@dataclass(frozen=True)
class Person:
    """Where a person is needed: a file below the repository's top, a line or 0, and what to do."""

    path: str
    line: int
    text: str


@dataclass
class Adoption:
    """What became of a legacy script, or would.

    `folder` and `package` are the folder before and after, `files` has added or changed by path,
    `rewritten` the lines of other files that named the old folder, as path:line, before and after,
    `kept` the files that were there and stay, `added` the requirements with the import each is for.
    All paths are below the repository's top, as they are afterwards. The diff is made only when
    nothing is written.
    """

    folder: str
    package: str
    main: str = ""
    files: dict[str, str] = field(default_factory=dict)
    rewritten: list[tuple[str, str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    requirements: dict[str, str] = field(default_factory=dict)
    mentions: list[str] = field(default_factory=list)
    person: list[Person] = field(default_factory=list)
    diff: bytes = b""

    @property
    def result(self) -> str:
        """person where one is needed, else adopted, or current where nothing changes."""
        if self.person:
            return "person"
        return "adopted" if self.files or self.folder != self.package else "current"


def adopt(
    folder: Path, template: str = TEMPLATE, *, write: bool = True, colour: bool = False
) -> Adoption:
    """Make a package of a folder with a legacy main.py; everything stays uncommitted.

    Raises Misuse when the folder is none that can be adopted, Failed or OSError when that is not
    possible now. Then nothing has changed.
    """
    repository = _repository(folder)
    undo_unfinished(repository)
    with tempfile.TemporaryDirectory(prefix="csa-") as work:
        source = open_source(template, None, Path(work).resolve())
        plan = _Plan(repository, folder, source)
        plan.make()
    adoption = plan.adoption
    if not write:
        adoption.diff = plan.diff(colour)
    elif plan.changes or plan.renamed:
        with told_to_stop():  # it ends first: a moment
            plan.write()
    return adoption


def _repository(folder: Path) -> Repository:
    if not (folder / "main.py").is_file():
        raise Misuse(f"{folder} has no main.py: name the folder of a script")
    try:
        repository = repository_of(folder)
    except GitError as error:
        raise Misuse(f"{folder}: {error}") from error
    if folder == repository.top:
        raise Misuse(f"{folder} is the repository itself: name the folder of a script in it")
    return repository


class _Plan:
    """Everything that an adoption changes, worked out before anything is written.

    `changes` are contents by path below the repository's top, as it is before the folder is
    renamed.
    """

    def __init__(self, repository: Repository, folder: Path, source: Source):
        self.repository = repository
        self.top = repository.top
        self.folder = folder
        self.source = source
        self.changes: dict[str, File | None] = {}
        self.is_package = (folder / ANSWERS_FILE).exists()
        self.before = folder.relative_to(self.top).as_posix()
        self.name = self._name()
        self.after = (PurePosixPath(self.before).parent / self.name).as_posix()
        self.adoption = Adoption(self.before, self.after)

    @property
    def renamed(self) -> bool:
        return self.before != self.after

    def make(self) -> None:
        """Fill in the changes and the report."""
        if self.renamed and os.path.lexists(self.top / self.after):
            raise Failed(f"{self.before} would become {self.after}, which is there already")
        if not git(self.folder, "ls-files", "--", "main.py"):
            raise Failed(f"git does not know {self.before}/main.py: add and commit it first")
        references = self._references()
        existing = {
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
        main = self._content("main.py", references)
        script = refactor(main, self._imported(existing))
        self._report_main(main, script)
        sources = self._sources(existing, references, script.source)
        rendering = None if self.is_package else self._render(existing, sources)
        requirements = self._requirements(existing, references, sources, rendering)

        new: dict[str, bytes] = {"main.py": script.source}
        if requirements is not None:
            new["requirements.txt"] = requirements
        if rendering:
            self._add_files(new, existing, rendering, script, main)
        for path, content in sorted(new.items()):
            whole = f"{self.before}/{path}"
            if path not in existing or (self.folder / path).read_bytes() != content:
                self.changes[whole] = File(content)
                self.adoption.files[f"{self.after}/{path}"] = (
                    "changed" if path in existing else "added"
                )
            elif not self.is_package and rendering and path in rendering.files:
                self.adoption.kept.append(f"{self.after}/{path}")
        for path, content in references.changes.items():
            if path not in self.changes:
                self.changes[path] = File(content)
                self.adoption.files[self._moved(path)] = "changed"
        if any(self._is_own(path) for path in self.changes):
            self._refuse_uncommitted()

    # --- The parts ---------------------------------------------------------------------------

    def _name(self) -> str:
        if self.is_package:
            return str(read_answers(self.folder).get("package_name", self.folder.name))
        answers: dict[str, Any] = {}
        target = self.source.target
        assert target is not None
        return str(render(self.source, target, answers, self.folder.name).facts["package_name"])

    def _references(self) -> References:
        if not self.renamed:
            return References({}, [], [], [])
        found = find_references(self.top, self.folder, self.name)
        self.adoption.rewritten = [
            (f"{self._moved(one.path)}:{one.line}", one.before, one.after) for one in found.rewrites
        ]
        self.adoption.mentions = [f"{self._moved(path)}:{line}" for path, line in found.mentions]
        for path in found.links:
            text = f"it is a link into {self.before}: make it one into {self.after}"
            self._person(self._moved(path), 0, text)
        return found

    def _content(self, path: str, references: References) -> bytes:
        whole = f"{self.before}/{path}"
        return references.changes.get(whole) or (self.folder / path).read_bytes()

    def _sources(
        self, existing: Iterable[str], references: References, main: bytes
    ) -> dict[str, str]:
        """Return the text of the script's Python files, but for its tests."""
        sources = {
            path: _text(self._content(path, references))
            for path in existing
            if path.endswith(".py") and "tests" not in path.split("/")
        }
        return {**sources, "main.py": _text(main)}

    def _imported(self, existing: Iterable[str]) -> set[str]:
        """Return the names that the script's other files take from main."""
        taken: set[str] = set()
        for path in existing:
            if not path.endswith(".py") or path == "main.py":
                continue
            try:
                tree = ast.parse((self.folder / path).read_bytes())
            except (SyntaxError, ValueError):
                continue
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.ImportFrom)
                    and (node.module or "").split(".")[-1] == "main"
                ):
                    taken.update(alias.name for alias in node.names)
                elif (
                    isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "main"
                ):
                    taken.add(node.attr)
        return taken

    def _report_main(self, main: bytes, script: Refactoring) -> None:
        path = f"{self.after}/main.py"
        if script.source != main:
            self.adoption.main = "refactored"
        else:
            self.adoption.main = "left" if script.notes else "conforms"
        for note in _at_new_lines(main, script):
            self._person(path, note.line, note.text)

    def _render(self, existing: set[str], sources: Mapping[str, str]) -> Rendering:
        target = self.source.target
        assert target is not None
        said = None
        answers: dict[str, Any] = {
            "package_name": self.name,
            "third_party_http": _uses_http(sources),
        }
        with suppress(SyntaxError):
            said = description(sources["main.py"])
        answers["description"] = said or f"{self.name.replace('_', ' ').capitalize()}."
        pinned = None
        for path in (self.folder / "requirements.txt", self.top / "requirements.txt"):
            if path.is_file() and not pinned:
                pinned = pinned_version(path.read_text(errors="replace"), "pyatlan")
        if pinned:
            try:
                return self._with_warnings(
                    render(self.source, target, {**answers, "pyatlan_version": pinned}, self.name)
                )
            except Failed as error:
                rendering = render(self.source, target, answers, self.name)
                version = rendering.facts["pyatlan_version"]
                text = f"it was tested with pyatlan {pinned}, and runs with {version} now: {error}"
                self._person(f"{self.after}/main.py", 0, text)
                return self._with_warnings(rendering)
        return self._with_warnings(render(self.source, target, answers, self.name))

    def _with_warnings(self, rendering: Rendering) -> Rendering:
        for warning in rendering.warnings:
            self._person(f"{self.after}/Dockerfile", 0, warning)
        return rendering

    def _requirements(
        self,
        existing: set[str],
        references: References,
        sources: Mapping[str, str],
        rendering: Rendering | None,
    ) -> bytes | None:
        path = "requirements.txt"
        known = path in existing
        old = self._content(path, references).decode(errors="surrogateescape") if known else None
        if rendering is None and old is None:
            return None  # deleted since
        template = rendering.files[path].content.decode() if rendering else old or "\n"
        planned = plan_requirements(sources, is_first_party(self.folder, self.top), old, template)
        for file, line, text in planned.unknown.values():
            self._person(f"{self.after}/{file}", line, text)
        for line, text in planned.notes:
            self._person(f"{self.after}/{path}", line, text)
        if rendering is None:
            return None  # its own from now on
        self.adoption.requirements = planned.added
        return planned.text.encode(errors="surrogateescape")

    def _add_files(
        self,
        new: dict[str, bytes],
        existing: set[str],
        rendering: Rendering,
        script: Refactoring,
        main: bytes,
    ) -> None:
        """Add the template's files that are not there, and those made for this script."""
        source = _text(script.source)
        try:
            ast.parse(source)
        except (SyntaxError, ValueError):
            source = ""  # nothing can be told of it
        made: dict[str, bytes] = {path: file.content for path, file in rendering.files.items()}
        del made["main.py"], made["requirements.txt"]
        made["index.md"] = index(self.name, str(rendering.facts["description"]), source).encode()
        tenant = "tests/conftest.py" not in existing
        made["tests/test_main.py"] = test_main(
            self.name, source, tenant=tenant, problem=self._problem(script)
        ).encode()
        for path, content in made.items():
            if path not in existing:
                new[path] = content
            else:
                self.adoption.kept.append(f"{self.after}/{path}")
        if not tenant and "tests/test_main.py" not in existing:
            text = "it was kept, and lacks the tenant fixture and the package's import of the template's"
            self._person(f"{self.after}/tests/conftest.py", 0, text)

    def _problem(self, script: Refactoring) -> str | None:
        """Return why tests cannot import main.py, None if they can."""
        try:
            found = import_problem(script.source)
        except (Left, SyntaxError, ValueError, cst.ParserSyntaxError):
            [note] = script.notes
            return f"main.py line {note.line}: {note.text}"
        if found is None:
            return None
        line, text = found
        self._person(
            f"{self.after}/main.py",
            line,
            f"tests cannot import it while this runs at import: {text}",
        )
        return f"main.py line {line} runs when it is imported: {text}"

    # --- Writing -----------------------------------------------------------------------------

    def _moved(self, path: str) -> str:
        return self.after + path.removeprefix(self.before) if self._is_own(path) else path

    def _is_own(self, path: str) -> bool:
        return path.startswith(f"{self.before}/")

    def _person(self, path: str, line: int, text: str) -> None:
        one = Person(path, line, text)
        if one not in self.adoption.person:
            self.adoption.person.append(one)

    def _refuse_uncommitted(self) -> None:
        if git(self.folder, "status", "--porcelain", "--untracked-files=normal", "--", "."):
            raise Failed(f"{self.before} has uncommitted changes: commit or stash them first")

    def write(self) -> None:
        """Write the changes, then rename the folder; undo the first if the second fails."""
        seen = {path: signature(self.top / path) for path in self.changes}
        old = {
            path: File((self.top / path).read_bytes()) if known else None
            for path, known in seen.items()
        }
        if self.changes:
            write_all(self.repository, self.top, self.changes, seen)
        if self.renamed:
            try:
                git(self.top, "mv", "--", self.before, self.after)
            except Failed:
                seen = {path: signature(self.top / path) for path in self.changes}
                write_all(self.repository, self.top, old, seen)
                raise

    def diff(self, colour: bool) -> bytes:
        """Return all changes as git shows them, the renamed files among them."""
        tracked = [
            os.fsdecode(path)
            for path in git(self.top, "ls-files", "-z", "--", self.before).split(b"\0")
            if path
        ]
        with tempfile.TemporaryDirectory() as work:
            git(Path(work), "init", "--quiet")
            trees = []
            for after in (False, True):
                for path in sorted({*tracked, *self.changes}):
                    here = self.top / path
                    change = self.changes.get(path) if after else None
                    if change is None and not here.is_file():
                        continue
                    place = Path(work, self._moved(path) if after else path)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(change.content if change else here.read_bytes())
                    place.chmod(here.stat().st_mode & 0o777 if here.is_file() else 0o644)
                git(Path(work), "-c", "core.autocrlf=false", "add", "--force", ".")
                trees.append(git_line(Path(work), "write-tree"))
                git(Path(work), "rm", "--quiet", "-r", "--force", "--ignore-unmatch", ".")
            options = ["--no-ext-diff", "--no-textconv", "--binary", "-M", "-U3"]
            options.append(f"--color={'always' if colour else 'never'}")
            return git(Path(work), "diff-tree", "--patch", "-r", *options, *trees)


def _text(source: bytes) -> str:
    """Return the text of Python source, whatever encoding it declares."""
    try:
        return decode_source(source)
    except (SyntaxError, UnicodeDecodeError):
        return source.decode(errors="replace")


def _uses_http(sources: Mapping[str, str]) -> bool:
    for source in sources.values():
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module or ""]
            if any(module.split(".")[0] in HTTP_MODULES for module in modules):
                return True
    return False


def _at_new_lines(old: bytes, script: Refactoring) -> list[Note]:
    """Return the notes with the lines of the new source: the same text, counted from the top."""
    before, after = old.splitlines(), script.source.splitlines()
    notes = []
    for note in script.notes:
        text = before[note.line - 1].strip() if note.line <= len(before) else b""
        nth = [line.strip() for line in before[: note.line]].count(text)
        places = [number for number, line in enumerate(after, 1) if line.strip() == text]
        line = places[nth - 1] if nth <= len(places) else note.line
        notes.append(Note(line, note.text))
    return sorted(notes)
