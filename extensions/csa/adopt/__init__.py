"""Taking a legacy script in: its folder becomes a package of the template."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import Failed, Misuse
from ..files import File, is_file, mode_of, read_file
from ..git import GitError, Repository, checked_out, git, git_line, repository_of, run_git
from ..packages import (
    ANSWERS_FILE,
    LARGEST_SOURCE,
    PACKAGE,
    REPOSITORY,
    find_packages,
    is_package,
    listed_files,
    read_answers,
    read_python,
)
from ..refactor import Refactoring, refactor
from ..refactor.at_import import import_problems
from ..refactor.script import Left, Script
from ..requirements_txt import pinned_version
from ..sdk.breaks import Sources
from ..sdk.choice import Choice, choose_release, has_base_image
from ..sdk.environments import PYTHON, NoSuchRelease
from ..source.distributions import read_monorepo
from ..source.requirements import is_first_party, plan_requirements
from ..source.script_text import modules_in, new_line, taken_from_main, text_of
from ..source.syntax import NotPython, deep_recursion, parse
from ..template import Rendering, Source, open_source, render
from ..transaction import Place, Rename, signature, undo_unfinished, write_all
from .references import References, find_references
from .scaffold import description, index, test_main

HTTP_MODULES = {"aiohttp", "httpx", "requests", "urllib3"}
"""What scripts call HTTP services with."""


NAME = r"(?=.{1,50}\Z)[a-z][a-z0-9]*(_[a-z0-9]+)*"
"""A package's name, whatever a template makes of it: it becomes a folder's."""


@dataclass(frozen=True)
class ManualStep:
    """What is left to do by hand: a file below the repository's top, a line or 0, and what to do."""

    path: str
    line: int
    text: str


@dataclass
class Adoption:
    """What became of a legacy script, or would.

    `folder` and `package` are the folder before and after, `main` says of main.py: refactored, left
    or conforms. `files` has added or changed by path, `rewritten` the lines of other files that named
    the old folder, as path:line, before and after, `mentions` those that were left, `kept` the files
    that were there and stay, `requirements` each line added with the import that it is for. All paths
    are below the repository's top, as they are afterwards. `pyatlan` is the release that the package
    has, `notes` are for everybody to read. The diff is made only when nothing is written.
    """

    folder: str
    package: str
    main: str = ""
    pyatlan: str = ""
    files: dict[str, str] = field(default_factory=dict)
    rewritten: list[tuple[str, str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    requirements: dict[str, str] = field(default_factory=dict)
    mentions: list[str] = field(default_factory=list)
    manual_steps: list[ManualStep] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    diff: bytes = b""

    @property
    def result(self) -> str:
        """action_needed where there are manual steps, else adopted, or current where nothing changes."""
        if self.manual_steps:
            return "action_needed"
        return "adopted" if self.files or self.folder != self.package else "current"


def adopt(
    folder: Path,
    template: str,
    data: Mapping[str, str] | None = None,
    *,
    write: bool = True,
) -> Adoption:
    """Make a package of a folder with a legacy main.py; everything stays uncommitted.

    `template` is the address or folder of the template's repository, `data` has answers to its
    questions.

    Raises Misuse when the folder is none that can be adopted, or for an answer that the template
    does not take; Failed or OSError when that is not possible now. Then nothing has changed.
    """
    repository = _repository(folder)
    undo_unfinished(Place.of(repository))
    with deep_recursion(), tempfile.TemporaryDirectory(prefix="csa-") as work:
        source = open_source(template, None, Path(work).resolve())
        plan = _Plan(repository, folder, source, data or {})
        plan.make()
    adoption = plan.adoption
    if not write:
        adoption.diff = plan.diff()
    elif plan.changes or plan.renamed:
        plan.write()
    return adoption


def _repository(folder: Path) -> Repository:
    if not is_file(folder, "main.py"):
        raise Misuse(f"{folder} has no main.py: name the folder of a script")
    try:
        repository = repository_of(folder)
    except GitError as error:
        raise Misuse(f"{folder}: {error}") from error
    if folder == repository.top:
        raise Misuse(f"{folder} is the repository itself: name the folder of a script in it")
    for parent in folder.parents:
        if parent.is_relative_to(repository.top) and is_package(parent):
            raise Misuse(f"{folder} is inside of the package {parent}: move it out first")
    for package in find_packages(folder):
        if package != folder:
            raise Misuse(f"{folder} has the package {package} in it: name the folder of one script")
    return repository


class _Plan:
    """Everything that an adoption changes, worked out before anything is written.

    `changes` are contents by path below the repository's top, as it is before the folder is
    renamed.
    """

    def __init__(
        self, repository: Repository, folder: Path, source: Source, data: Mapping[str, str]
    ):
        self.repository = repository
        self.top = repository.top
        self.folder = folder
        self.source = source
        self.data = data
        self.before = folder.relative_to(self.top).as_posix()
        self.files = self._listed()
        # From before anything is read: what is saved meanwhile is not overwritten.
        self.seen = {f"{self.before}/{path}": signature(folder / path) for path in self.files}
        self.main = read_file(folder, "main.py", LARGEST_SOURCE)
        is_package = (folder / ANSWERS_FILE).exists()
        if is_package and data:
            raise Misuse(f"{folder} is a package already: csa update --data changes its answers")
        answers = read_answers(folder) if is_package else None
        if answers and not (answers.get("scope") == PACKAGE and answers.get("package_name")):
            raise Misuse(f"{folder} was made from another template: {answers['_src_path']}")
        newest = "" if is_package else self._newest_release()
        with ThreadPoolExecutor(1) as pool:  # the type checker has a processor of its own
            choosing = pool.submit(self._choose_release, answers, newest)
            self.script = refactor(self.main, self._imported())
            release = self.pinned if self.pinned and has_base_image(self.pinned) else None
            self.rendering = None if is_package else self._render(release)
            self.sdk = choosing.result()
        if self.rendering and self.rendering.facts["pyatlan_version"] != self.sdk.release:
            self.rendering = self._render(self.sdk.release)
        facts = self.rendering.facts if self.rendering else read_answers(folder)
        self.name = str(facts.get("package_name"))
        if not re.fullmatch(NAME, self.name):
            raise Failed(f"the template calls the package {self.name!r}, which is not snake_case")
        self.after = (PurePosixPath(self.before).parent / self.name).as_posix()
        self.renamed = self.before != self.after
        self.adoption = Adoption(self.before, self.after)
        self.changes: dict[str, File] = {}

    def make(self) -> None:
        """Fill in the changes and the report."""
        if self.renamed and os.path.lexists(self.top / self.after):
            raise Failed(f"{self.before} would become {self.after}, which is there already")
        references = self._references()
        self.changes = {
            path: File(content, mode_of(self.top / path))
            for path, content in references.changes.items()
        }
        self.seen = {**references.seen, **self.seen}
        self._report_main()
        self._report_sdk()
        self._change("main.py", self.script.source)
        self._requirements()
        problem = self._problem(self.script)
        if self.rendering:
            self._add_files(self.rendering, text_of(self.script.source), problem)
        for path in sorted(self.changes):
            there = os.path.lexists(self.top / path)
            self.adoption.files[self._moved(path)] = "changed" if there else "added"
        self._refuse_links()
        self._note_ignored()
        if any(path.startswith(f"{self.before}/") for path in self.changes):
            self._refuse_uncommitted()

    def _change(self, path: str, content: bytes) -> None:
        """Plan a new content for a file of the folder, if it is another than it has."""
        whole, file = f"{self.before}/{path}", self.folder / path
        self.seen.setdefault(whole, signature(file))
        if not is_file(self.folder, path) or content != read_file(self.folder, path):
            self.changes[whole] = File(content, mode_of(file))

    def _content(self, path: str) -> bytes:
        """Return a file of the folder as it will be, as far as that is planned."""
        planned = self.changes.get(f"{self.before}/{path}")
        return planned.content if planned else read_file(self.folder, path)

    # --- The parts ---------------------------------------------------------------------------

    def _listed(self) -> list[str]:
        """Return the folder's files that git knows or would add, by their path below it.

        Raises Failed when main.py is none of those that it knows.
        """
        if not git(self.folder, "ls-files", "--", "main.py"):
            raise Failed(f"git does not know {self.before}/main.py: add and commit it first")
        return listed_files(self.folder)

    def _modules(self) -> dict[str, bytes]:
        """Return the folder's Python files, as they will be."""
        planned = {path: file.content for path, file in self.changes.items() if file}
        return {
            path: planned.get(f"{self.before}/{path}", content)
            for path, content in self.sources.items()
        }

    def _render(self, release: str | None) -> Rendering:
        """Render the template for a release of pyatlan, with the answers that the script gives; else
        with its defaults."""
        target = self.source.target
        assert target is not None
        name = self.folder.name
        main = text_of(self.main)
        answers: dict[str, Any] = {"third_party_http": self._uses_http()}
        with suppress(NotPython):
            answers["description"] = description(main)
        if not answers.get("description"):
            answers["description"] = " ".join(re.findall(r"\w+", name)).capitalize() + "."
        if is_package(self.top, (REPOSITORY,)):  # what is around the packages has a registry, too
            answers["image_registry"] = read_answers(self.top).get("image_registry")
        if release:
            answers["pyatlan_version"] = release
        try:
            self.source.refuse_unknown(target, self.data)
            return render(self.source, target, {**answers, **self.data}, name)
        except Failed as error:
            if not self.data:
                raise
            raise Misuse(str(error)) from error

    def _newest_release(self) -> str:
        """Return the newest release of pyatlan that the template was tested with."""
        assert self.source.target is not None
        try:
            return str(self.source.config(self.source.target)["pyatlan_version"]["default"])
        except (KeyError, TypeError) as error:
            raise Failed(f"{self.source.address} is not a template of script packages") from error

    def _choose_release(self, answers: Mapping[str, Any] | None, newest: str) -> Choice:
        """Return the release of pyatlan for the script, for a package that of its answers."""
        script = Sources(self.folder.name, self.sources, PYTHON)
        if answers:
            release = str(answers.get("pyatlan_version"))
            try:
                return choose_release(script, release, release)
            except NoSuchRelease as error:
                return Choice(release, note=f"The SDK was not checked: {error}")
        chosen = self.data.get("pyatlan_version")
        try:
            return choose_release(script, chosen or self.pinned, newest)
        except NoSuchRelease as error:
            if chosen:
                raise Misuse(f"--data pyatlan_version={chosen}: {error}") from error
            return choose_release(script, None, newest)

    def _report_sdk(self) -> None:
        self.adoption.pyatlan = self.sdk.release
        if self.sdk.note:
            self.adoption.notes.append(self.sdk.note)
        for one in self.sdk.breaks:
            is_main = one.path == "main.py"
            line = new_line(self.main, self.script.source, one.line) if is_main else one.line
            self._manual_step(f"{self.after}/{one.path}", line, one.text)

    @cached_property
    def pinned(self) -> str | None:
        """The version of the SDK that the script, or else the repository, requires."""
        for folder in (self.folder, self.top):
            path = "requirements.txt"
            text = read_file(folder, path).decode(errors="replace") if is_file(folder, path) else ""
            if version := pinned_version(text, "pyatlan"):
                return version
        return None

    @cached_property
    def sources(self) -> dict[str, bytes]:
        """The folder's Python files, as they are."""
        return read_python(self.folder, self.files)

    def _uses_http(self) -> bool:
        return any(
            module.split(".")[0] in HTTP_MODULES
            for content in self.sources.values()
            for module in modules_in(content)
        )

    def _references(self) -> References:
        if not self.renamed:
            return References()
        found = find_references(self.top, self.folder, self.name)
        self.adoption.rewritten = [
            (f"{self._moved(one.path)}:{one.line}", one.before, one.after) for one in found.rewrites
        ]
        self.adoption.mentions = [f"{self._moved(path)}:{line}" for path, line in found.mentions]
        for path in found.links:
            text = f"it is a link into {self.before}: make it one into {self.after}"
            self._manual_step(self._moved(path), 0, text)
        for path in found.absent:
            text = f"it is not checked out here and has {self.folder.name}: look at it there"
            self._manual_step(path, 0, text)
        return found

    def _imported(self) -> set[str]:
        """Return the names that other files take from main: those of the folder, and those that
        have its name in them."""
        name = self.folder.name
        named = run_git(
            self.top, "grep", "--untracked", "-l", "-z", "-F", "-e", name, "--", "*.py", ok=(0, 1)
        )
        paths = {os.fsdecode(path) for path in named.stdout.split(b"\0") if path}
        paths |= {f"{self.before}/{path}" for path in self.sources}
        paths.discard(f"{self.before}/main.py")
        return {
            name
            for source in read_python(self.top, sorted(paths)).values()
            for name in taken_from_main(source)
        }

    def _report_main(self) -> None:
        new = self.script.source
        self.adoption.main = "refactored" if new != self.main else "conforms"
        if new == self.main and self.script.notes:
            self.adoption.main = "left"
        notes = [(new_line(self.main, new, note.line), note.text) for note in self.script.notes]
        for line, text in sorted(notes):
            self._manual_step(f"{self.after}/main.py", line, text)

    def _requirements(self) -> None:
        """Plan requirements.txt; a package's own is looked at, and stays."""
        path = "requirements.txt"
        old = None
        if (self.folder / path).exists():
            old = self._content(path).decode(errors="surrogateescape")
        if self.rendering:
            template = self.rendering.files[path].content.decode()
        elif old:
            template = old
        else:
            return  # deleted since
        sources = {
            name: text_of(content)
            for name, content in self._modules().items()
            if "tests" not in name.split("/")
        }
        first_party = is_first_party(self.folder, self.top)
        imported = {one for content in sources.values() for one in modules_in(content)}
        if self.rendering and any(
            one.split(".")[0] == self.name and not first_party(one) for one in imported
        ):
            raise Failed(
                f"{self.before} imports {self.name}, which a package of that name would hide: "
                f"rename the folder, such as to {self.name}_script"
            )
        planned = plan_requirements(
            sources, first_party, old, template, lambda: read_monorepo(self.folder, self.top)
        )
        for file, line, text in planned.unknown.values():
            self._manual_step(f"{self.after}/{file}", line, text)
        for line, text in planned.notes:
            self._manual_step(f"{self.after}/{path}", line, text)
        if self.rendering:
            self.adoption.requirements = planned.added
            self._change(path, planned.text.encode(errors="surrogateescape"))

    def _add_files(self, rendering: Rendering, source: str, problem: str | None) -> None:
        """Plan the template's files that are not there, and those made for this script.

        `problem` says why tests cannot import it.
        """
        try:
            parse(source)
        except NotPython:
            source = ""  # nothing can be told of it
        tenant = not (self.folder / "tests/conftest.py").exists()
        tests = test_main(self.name, source, tenant=tenant, problem=problem)
        made = {
            **{path: file.content for path, file in rendering.files.items()},
            "index.md": index(self.name, str(rendering.facts["description"]), source).encode(),
            "tests/test_main.py": tests.encode(),
        }
        for path, content in made.items():
            if path in ("main.py", "requirements.txt"):
                continue
            if os.path.lexists(self.folder / path):
                self.adoption.kept.append(f"{self.after}/{path}")
            else:
                self._change(path, content)
        if not tenant:
            self._manual_step(
                f"{self.after}/tests/conftest.py", 0,
                "it was kept: take over the fixture tenant and the import of the package by its "
                "name from the one of a new package",
            )  # fmt: skip
        if self.pinned and self.pinned != self.sdk.release and "pyatlan_version" not in self.data:
            self._manual_step(
                f"{self.after}/Dockerfile", 0,
                f"it has pyatlan {self.sdk.release}, because there is no base image for the pinned "
                f"{self.pinned}",
            )  # fmt: skip
        for name, warning in rendering.warnings.items():
            if name != "folder_warning":  # which gets that name
                self._manual_step(f"{self.after}/Dockerfile", 0, warning)

    def _problem(self, script: Refactoring) -> str | None:
        """Return why tests cannot import main.py, None if they can."""
        try:
            found = import_problems(Script(script.source))
        except (Left, NotPython):
            note = script.notes[0]
            return f"main.py line {note.line}: {note.text}"
        if not found:
            return None
        line, text = found[0]
        self._manual_step(
            f"{self.after}/main.py", line, f"tests are skipped while it runs this at import: {text}"
        )
        return f"main.py runs this when it is imported: {text} (line {line})"

    # --- Writing -----------------------------------------------------------------------------

    def _moved(self, path: str) -> str:
        """Return a path below the repository's top as it is once the folder is renamed."""
        if not path.startswith(f"{self.before}/"):
            return path
        return self.after + path.removeprefix(self.before)

    def _manual_step(self, path: str, line: int, text: str) -> None:
        self.adoption.manual_steps.append(ManualStep(path, line, text))

    def _refuse_links(self) -> None:
        """Raise Failed where a file would be written through a symbolic link, or replace one."""
        for path in self.changes:
            for one in (Path(path), *Path(path).parents):
                if (self.top / one).is_symlink():
                    raise Failed(f"{one} is a symbolic link: put a file or folder in its place")

    def _note_ignored(self) -> None:
        """Note the added files that git would pass over."""
        added = [path for path, what in self.adoption.files.items() if what == "added"]
        stdin = b"".join(os.fsencode(path) + b"\0" for path in added)
        options = ("check-ignore", "--no-index", "-z", "--stdin")
        ignored = run_git(self.top, *options, stdin=stdin, ok=(0, 1)).stdout
        for path in ignored.split(b"\0")[:-1]:
            self._manual_step(os.fsdecode(path), 0, "git ignores it: add it with git add --force")

    def _refuse_uncommitted(self) -> None:
        if git(self.folder, "status", "--porcelain", "--untracked-files=normal", "--", "."):
            raise Failed(f"{self.before} has uncommitted changes: commit or stash them first")

    def write(self) -> None:
        """Write the changes and rename the folder."""
        added = {path: file.content for path, file in self.changes.items() if not self.seen[path]}
        for path, content in checked_out(self.top, added).items():
            self.changes[path] = replace(self.changes[path], content=content)
        rename = Rename(self.before, self.after) if self.renamed else None
        write_all(Place.of(self.repository), self.top, self.changes, self.seen, rename)

    def diff(self) -> bytes:
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
            options = ["--no-ext-diff", "--no-textconv", "--binary", "-M", "-U3", "--no-color"]
            return git(Path(work), "diff-tree", "--patch", "-r", *options, *trees)
