"""Everything that an adoption changes, worked out before anything is written."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace

from ..errors import Failed, Unavailable
from ..packages import is_test
from ..refactor.siblings import with_package_imports
from ..requirements_txt import text_of_requirements
from ..sdk.breaks import Sources, breaks_of
from ..sdk.environments import PYTHON
from ..sdk.fixing import FixedScript, fix_breaks
from ..source.script_text import new_line
from ..template import Rendering
from .by_name import steps_of_folder, steps_of_modules
from .changes import Changes
from .data import (
    FROM_TOP,
    OUTSIDE,
    data_named,
    data_outside,
    why_left_out,
    with_data,
    with_working_directory,
)
from .legacy import Legacy
from .patterns import Patterns
from .planned import Planned
from .references import References, find_references
from .report import Adoption, ManualStep
from .requirements import completed, pins_without_wheel, requirements, settled
from .runs import lines_that_run
from .scaffold import CONFTEST, MAIN, TESTS, files_for, tests_for

REQUIREMENTS = "requirements.txt"

KEPT = {
    ".dockerignore": "yours was kept: create a new package, and copy from its file the lines that keep .env, keys and "
    "tests out of the image",
    CONFTEST: "yours was kept: create a new package, and copy from its file the fixture tenant and the import "
    "of the package by its name",
}
"""What to do with files of the user's that the template has as well."""


class Plan:
    """The changes of an adoption, and what is said of them."""

    def __init__(self, legacy: Legacy):
        self.legacy = legacy
        self.adoption = Adoption(legacy.before, legacy.after)
        self.changes = Changes(legacy, References())
        self._before_sdk: Mapping[str, bytes] = {}
        self._sdk = FixedScript()

    def make(self) -> None:
        """Fill in the changes and the report."""
        if self.legacy.renamed and os.path.lexists(self.legacy.top / self.legacy.after):
            raise Failed(
                f"{self.legacy.before} would become {self.legacy.after}, which already exists"
            )
        self._references()
        self._modules()
        self._fit_sdk()
        self._report_main()
        self._requirements()
        if self.legacy.rendering:
            self._add_files(self.legacy.rendering)
        self._let_data_in()
        package = Planned(self.legacy, self.changes)
        self._add_tests(package)
        self.adoption.files = self.changes.kinds()
        self.changes.refuse()
        self._check(package, self._ignored())

    def _references(self) -> None:
        if not self.legacy.renamed:
            return
        script = {f"{self.legacy.before}/{MAIN}": self.legacy.script.source}
        found = find_references(self.legacy.top, self.legacy.folder, self.legacy.name, script)
        self.changes = Changes(self.legacy, found)
        self.adoption.rewritten = [
            (f"{self.legacy.moved(rewrite.path)}:{rewrite.line}", rewrite.before, rewrite.after)
            for rewrite in found.rewrites
        ]
        shown = {(rewrite.path, rewrite.line) for rewrite in found.rewrites}
        self.adoption.mentions = [
            f"{self.legacy.moved(path)}:{line}"
            for path, line in found.mentions
            if (path, line) not in shown
        ]
        for path in found.links:
            text = (
                f"this link leads into {self.legacy.before}: make it lead into {self.legacy.after}"
            )
            self._step(self.legacy.moved(path), 0, text)
        for path in found.absent:
            text = f"it mentions {self.legacy.folder.name} and is not checked out here: check it out and look"
            self._step(path, 0, text)

    def _modules(self) -> None:
        """Plan main.py with its logic in main, and imports from the folder as a package has them."""
        if f"{self.legacy.before}/{MAIN}" not in self.changes.files:  # with paths of the folder
            self.changes.set(MAIN, self.legacy.script.source)
        sources = {
            path: source for path, source in self.changes.modules().items() if not is_test(path)
        }
        renamed = with_package_imports(sources, self.legacy.name)
        for path, line, text in steps_of_folder(self.legacy):
            self._step_inside(path, self._line(path, line), text)
        for path, source in renamed.items():
            self.changes.set(path, source)
        if renamed:
            for path, line, text in steps_of_modules(self.legacy):
                self._step_inside(path, self._line(path, line), text)
            name, around = self.legacy.name, os.path.dirname(self.legacy.after) or "."
            text = f"it runs main.py as a file: run python -m {name}.main in {around} instead"
            for path, line in lines_that_run(self.legacy.top, self.legacy.before):
                self._step(self.legacy.moved(path), line, text)

    def _line(self, path: str, line: int) -> int:
        """Return where a line of a Python file of the folder will be."""
        old = self.legacy.sources.get(path)
        if old is None or not line:  # no Python file, or all of one
            return line
        before = self._before_sdk.get(path) or self.changes.content(path)
        if path == MAIN:  # which may say the folder's new name in lines that moved
            line, old = new_line(old, self.legacy.script.source, line), self.legacy.script.source
        return self._sdk.line(path, new_line(old, before, line))

    def _report_main(self) -> None:
        script = self.legacy.script
        self.adoption.main = "refactored" if script.source != self.legacy.main else "conforms"
        if self.adoption.main == "conforms" and script.notes:
            self.adoption.main = "left"
        for line, text in sorted((self._line(MAIN, note.line), note.text) for note in script.notes):
            self._step_inside(MAIN, line, text)

    def _fit_sdk(self) -> None:
        """Plan what changes for the release of pyatlan, which is not proven, and note the rest."""
        sdk = self.legacy.sdk
        self.adoption.pyatlan = sdk.release
        if sdk.note:
            self.adoption.notes.append(sdk.note)
        if not sdk.breaks:
            return
        self._before_sdk = self.changes.modules()
        script = Sources(self.legacy.name, self._before_sdk, PYTHON)
        try:
            self._sdk = fix_breaks(script, sdk.release, breaks_of(script, sdk.release))
        except Unavailable as error:
            self.adoption.notes.append(f"The SDK was not checked: {error}")
            return
        for path, content in self._sdk.files.items():
            self.changes.set(path, content)
        self.adoption.sdk_changes = [
            replace(change, path=f"{self.legacy.after}/{change.path}")
            for change in self._sdk.changes
        ]
        for broken in self._sdk.left:
            self._step_inside(broken.path, broken.line, broken.text)

    def _requirements(self) -> None:
        """Plan requirements.txt; a package's own is looked at, and stays."""
        old, rendering = None, self.legacy.rendering
        if (self.legacy.folder / REQUIREMENTS).exists():
            old = text_of_requirements(content := self.changes.content(REQUIREMENTS))
            if old.encode(errors="surrogateescape") != content:
                self.adoption.notes.append(f"{REQUIREMENTS} was UTF-16: it is UTF-8 now.")
        if old and rendering:
            own = settled(old)
            asked = None if self.legacy.pinned else own.sdk
            if asked and not asked.contains(self.legacy.sdk.release):
                text = f"it has pyatlan {self.legacy.sdk.release}, and the script required pyatlan{asked}"
                self._step_inside("Dockerfile", 0, text)
            old, self.adoption.changed_requirements = own.text, own.changed
        # As they were: what is imported from the folder itself is not yet a package's.
        sources = {**self.legacy.sources, MAIN: self.legacy.script.source}
        if (planned := requirements(self.legacy, sources, old)) is None:
            return
        for file, line, text in planned.unknown.values():
            line = new_line(sources[file], self.changes.content(file), line)
            self._step_inside(file, line, text)
        for line, text in planned.notes:
            self._step_inside(REQUIREMENTS, line, text)
        if rendering:
            try:
                python = str(rendering.facts["base"]["python"])
                planned, changed = completed(planned, sources.values(), python)
                self.adoption.changed_requirements |= changed
                for line, text in pins_without_wheel(planned.text, python):
                    self._step_inside(REQUIREMENTS, line, text)
            except Unavailable as error:
                self.adoption.notes.append(f"Pins were not checked for Python {python}: {error}")
            self.adoption.requirements = planned.added
            self.changes.set(REQUIREMENTS, planned.text.encode(errors="surrogateescape"))

    def _add(self, path: str, content: bytes) -> None:
        """Plan a new file; one that is there is kept."""
        if os.path.lexists(self.legacy.folder / path):
            self.adoption.kept.append(f"{self.legacy.after}/{path}")
        else:
            self.changes.set(path, content)

    def _add_files(self, rendering: Rendering) -> None:
        """Plan the template's files that are not there, and the page made for this script."""
        for path, content in files_for(self.changes).items():
            self._add(path, content)
        for path, text in KEPT.items():
            if os.path.lexists(self.legacy.folder / path):
                self._step_inside(path, 0, text)
        pinned, release = self.legacy.pinned, self.legacy.sdk.release
        if pinned and pinned != release and "pyatlan_version" not in self.legacy.data:
            self._step_inside(
                "Dockerfile", 0,
                f"it has pyatlan {release}, because there is no base image for the pinned {pinned}",
            )  # fmt: skip
        for name, warning in rendering.warnings.items():
            if name != "folder_warning":  # which gets that name
                self._step_inside("Dockerfile", 0, warning)

    def _let_data_in(self) -> None:
        """Plan what lets the data files that the script names into its image."""
        data = []
        legacy = self.legacy
        for source, line, path in data_outside(legacy.folder, legacy.top, legacy.sources):
            self._step_inside(source, self._line(source, line), OUTSIDE.format(path))
        for file in data_named(legacy.folder, legacy.files, legacy.sources, legacy.before):
            line = self._line(file.source, file.line)
            left_out = why_left_out(file, legacy.files, legacy.folder)
            from_top = FROM_TOP.format(file.path) if file.from_top else ""
            for text in filter(None, (left_out, from_top)):
                self._step_inside(file.source, line, text)
            if not left_out:
                data.append(file)
                self.adoption.data[file.path] = f"{file.source}:{line}"
        if not data or not self.changes.has(".dockerignore") or not self.changes.has("Dockerfile"):
            return
        ignored = self.changes.content(".dockerignore").decode(errors="surrogateescape")
        allowed = with_data(ignored, data, self.legacy.files, self.legacy.folder)
        self.changes.set(".dockerignore", allowed.encode(errors="surrogateescape"))
        if any(file.relative for file in data):
            dockerfile = self.changes.content("Dockerfile").decode(errors="surrogateescape")
            placed = with_working_directory(dockerfile, self.legacy.name)
            self.changes.set("Dockerfile", placed.encode(errors="surrogateescape"))

    def _add_tests(self, package: Planned) -> None:
        """Plan the tests of this script, also anew where nobody touched those that csa made."""
        tests = tests_for(self.changes, package)
        problem = package.problem_at_import
        if problem and problem.effect:
            waiting = "" if tests is None else "tests are skipped while "
            text = f"{waiting}it runs this at import: {problem.effect}"
            self._step_inside(problem.path, problem.line, text)
        if tests is not None:
            self.changes.set(TESTS, tests)
            package.add(TESTS)
        elif self.legacy.rendering:
            self.adoption.kept.append(f"{self.legacy.after}/{TESTS}")

    def _ignored(self) -> set[str]:
        """Return the new files that git ignores, and note what else patterns make of the files.

        Raises Failed where git would no longer ignore a file.
        """
        patterns = Patterns(self.legacy.repository, self.legacy.rename, self.changes.files)
        patterns.refuse_exposed()
        for path, file in patterns.no_longer_left_out():
            text = f"it leaves out {file}, but not in {self.legacy.after}: add a pattern for that"
            self._step(path, 0, text)
        if self.legacy.rendering and not patterns.ignored([f"{self.legacy.after}/.env"]):
            text = "it was kept, and git would take .env, which has credentials: add .env*"
            self._step_inside(".gitignore", 0, text)
        ignored = patterns.ignored(
            path for path, kind in self.adoption.files.items() if kind == "added"
        )
        for path in sorted(ignored):
            self._step(path, 0, "git ignores it: add it with git add --force")
        return ignored

    def _check(self, package: Planned, ignored: Collection[str]) -> None:
        """Note what csa check will find, but for the lines that are noted already."""
        noted = {(step.path, step.line) for step in self.adoption.manual_steps}
        begin = f"{self.legacy.after}/"
        package.leave_out({path.removeprefix(begin) for path in ignored})
        for path, line, text in package.findings():
            place = self.legacy.after if path == "." else begin + path
            if (place, line) not in noted:
                self._step(place, line, text)

    def _step_inside(self, path: str, line: int, text: str) -> None:
        self._step(f"{self.legacy.after}/{path}", line, text)

    def _step(self, path: str, line: int, text: str) -> None:
        self.adoption.manual_steps.append(ManualStep(path, line, text))
