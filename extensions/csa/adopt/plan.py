"""Everything that an adoption changes, worked out before anything is written."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..diff import diff
from ..errors import Failed
from ..files import File, is_file, mode_of, read_file
from ..git import checked_out, git, run_git
from ..refactor import Refactoring
from ..refactor.at_import import import_problems
from ..refactor.script import CannotRefactor, Script
from ..source.script_text import new_line, text_of
from ..source.syntax import NotPython, parse
from ..template import Rendering
from ..transaction import Place, Rename, signature, write_all
from .legacy import Legacy
from .page import index
from .planned import findings
from .references import References, find_references
from .report import Adoption, ManualStep
from .requirements import requirements
from .tests import test_main


class Plan:
    """The changes of an adoption, and what is said of them.

    `changes` are contents by path below the repository's top, as it is before the folder is
    renamed.
    """

    def __init__(self, legacy: Legacy):
        self.legacy = legacy
        self.seen = legacy.seen
        self.adoption = Adoption(legacy.before, legacy.after)
        self.changes: dict[str, File] = {}

    def make(self) -> None:
        """Fill in the changes and the report."""
        if self.legacy.renamed and os.path.lexists(self.legacy.top / self.legacy.after):
            raise Failed(
                f"{self.legacy.before} would become {self.legacy.after}, which is there already"
            )
        references = self._references()
        self.changes = {
            path: File(content, mode_of(self.legacy.top / path))
            for path, content in references.changes.items()
        }
        self.seen = {**references.seen, **self.seen}
        self._report_main()
        self._report_sdk()
        self._change("main.py", self.legacy.script.source)
        self._requirements()
        problem = self._problem(self.legacy.script)
        if self.legacy.rendering:
            self._add_files(self.legacy.rendering, text_of(self.legacy.script.source), problem)
        for path in sorted(self.changes):
            there = os.path.lexists(self.legacy.top / path)
            self.adoption.files[self.legacy.moved(path)] = "changed" if there else "added"
        self._refuse_links()
        self._check(self._ignored())
        if any(path.startswith(f"{self.legacy.before}/") for path in self.changes):
            self._refuse_uncommitted()

    def _change(self, path: str, content: bytes) -> None:
        """Plan a new content for a file of the folder, if it is another than it has."""
        whole, file = f"{self.legacy.before}/{path}", self.legacy.folder / path
        self.seen.setdefault(whole, signature(file))
        if not is_file(self.legacy.folder, path) or content != read_file(self.legacy.folder, path):
            self.changes[whole] = File(content, mode_of(file))

    def _content(self, path: str) -> bytes:
        """Return a file of the folder as it will be, as far as that is planned."""
        planned = self.changes.get(f"{self.legacy.before}/{path}")
        return planned.content if planned else read_file(self.legacy.folder, path)

    def _modules(self) -> dict[str, bytes]:
        """Return the folder's Python files, as they will be."""
        planned = {path: file.content for path, file in self.changes.items() if file}
        return {
            path: planned.get(f"{self.legacy.before}/{path}", content)
            for path, content in self.legacy.sources.items()
        }

    def _references(self) -> References:
        if not self.legacy.renamed:
            return References()
        found = find_references(self.legacy.top, self.legacy.folder, self.legacy.name)
        self.adoption.rewritten = [
            (f"{self.legacy.moved(rewrite.path)}:{rewrite.line}", rewrite.before, rewrite.after)
            for rewrite in found.rewrites
        ]
        self.adoption.mentions = [
            f"{self.legacy.moved(path)}:{line}" for path, line in found.mentions
        ]
        for path in found.links:
            text = f"it is a link into {self.legacy.before}: make it one into {self.legacy.after}"
            self._manual_step(self.legacy.moved(path), 0, text)
        for path in found.absent:
            text = f"it is not checked out here and has {self.legacy.folder.name}: look at it there"
            self._manual_step(path, 0, text)
        return found

    def _report_main(self) -> None:
        new = self.legacy.script.source
        self.adoption.main = "refactored" if new != self.legacy.main else "conforms"
        if new == self.legacy.main and self.legacy.script.notes:
            self.adoption.main = "left"
        notes = [
            (new_line(self.legacy.main, new, note.line), note.text)
            for note in self.legacy.script.notes
        ]
        for line, text in sorted(notes):
            self._manual_step(f"{self.legacy.after}/main.py", line, text)

    def _report_sdk(self) -> None:
        self.adoption.pyatlan = self.legacy.sdk.release
        if self.legacy.sdk.note:
            self.adoption.notes.append(self.legacy.sdk.note)
        for broken in self.legacy.sdk.breaks:
            is_main = broken.path == "main.py"
            line = (
                new_line(self.legacy.main, self.legacy.script.source, broken.line)
                if is_main
                else broken.line
            )
            self._manual_step(f"{self.legacy.after}/{broken.path}", line, broken.text)

    def _requirements(self) -> None:
        """Plan requirements.txt; a package's own is looked at, and stays."""
        path = "requirements.txt"
        old = None
        if (self.legacy.folder / path).exists():
            old = self._content(path).decode(errors="surrogateescape")
        planned = requirements(self.legacy, self._modules(), old)
        if planned is None:
            return
        for file, line, text in planned.unknown.values():
            self._manual_step(f"{self.legacy.after}/{file}", line, text)
        for line, text in planned.notes:
            self._manual_step(f"{self.legacy.after}/{path}", line, text)
        if self.legacy.rendering:
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
        tenant = not (self.legacy.folder / "tests/conftest.py").exists()
        tests = test_main(self.legacy.name, source, tenant=tenant, problem=problem)
        made = {
            **{path: file.content for path, file in rendering.files.items()},
            "index.md": index(
                self.legacy.name, str(rendering.facts["description"]), source
            ).encode(),
            "tests/test_main.py": tests.encode(),
        }
        for path, content in made.items():
            if path in ("main.py", "requirements.txt"):
                continue
            if os.path.lexists(self.legacy.folder / path):
                self.adoption.kept.append(f"{self.legacy.after}/{path}")
            else:
                self._change(path, content)
        for name, text in _open_ignore_files(self.legacy.folder).items():
            self._manual_step(f"{self.legacy.after}/{name}", 0, text)
        if not tenant:
            self._manual_step(
                f"{self.legacy.after}/tests/conftest.py", 0,
                "it was kept: take over the fixture tenant and the import of the package by its "
                "name from the one of a new package",
            )  # fmt: skip
        if (
            self.legacy.pinned
            and self.legacy.pinned != self.legacy.sdk.release
            and "pyatlan_version" not in self.legacy.data
        ):
            self._manual_step(
                f"{self.legacy.after}/Dockerfile", 0,
                f"it has pyatlan {self.legacy.sdk.release}, because there is no base image for the pinned "
                f"{self.legacy.pinned}",
            )  # fmt: skip
        for name, warning in rendering.warnings.items():
            if name != "folder_warning":  # which gets that name
                self._manual_step(f"{self.legacy.after}/Dockerfile", 0, warning)

    def _problem(self, script: Refactoring) -> str | None:
        """Return why tests cannot import main.py, None if they can."""
        try:
            found = import_problems(Script(script.source))
        except (CannotRefactor, NotPython):
            note = script.notes[0]
            return f"main.py line {note.line}: {note.text}"
        if not found:
            return None
        line, text = found[0]
        self._manual_step(
            f"{self.legacy.after}/main.py",
            line,
            f"tests are skipped while it runs this at import: {text}",
        )
        return f"main.py runs this when it is imported: {text} (line {line})"

    def _manual_step(self, path: str, line: int, text: str) -> None:
        self.adoption.manual_steps.append(ManualStep(path, line, text))

    def _refuse_links(self) -> None:
        """Raise Failed where a file would be written through a symbolic link, or replace one."""
        for path in self.changes:
            for parent in (Path(path), *Path(path).parents):
                if (self.legacy.top / parent).is_symlink():
                    raise Failed(f"{parent} is a symbolic link: put a file or folder in its place")

    def _check(self, ignored: list[str]) -> None:
        """Note what csa check will find, but for the lines that are noted already."""
        for path in ignored:
            self._manual_step(path, 0, "git ignores it: add it with git add --force")
        noted = {(step.path, step.line) for step in self.adoption.manual_steps}
        begin = f"{self.legacy.after}/"
        inside = {path.removeprefix(begin) for path in ignored}
        for path, line, text in findings(self.legacy, self.changes, inside):
            place = self.legacy.after if path == "." else begin + path
            if (place, line) not in noted:
                self._manual_step(place, line, text)

    def _ignored(self) -> list[str]:
        """Return the added files that git would pass over."""
        added = [path for path, what in self.adoption.files.items() if what == "added"]
        stdin = b"".join(os.fsencode(path) + b"\0" for path in added)
        options = ("check-ignore", "--no-index", "-z", "--stdin")
        ignored = run_git(self.legacy.top, *options, stdin=stdin, ok=(0, 1)).stdout
        return [os.fsdecode(path) for path in ignored.split(b"\0")[:-1]]

    def _refuse_uncommitted(self) -> None:
        if git(self.legacy.folder, "status", "--porcelain", "--untracked-files=normal", "--", "."):
            raise Failed(
                f"{self.legacy.before} has uncommitted changes: commit or stash them first"
            )

    def write(self) -> None:
        """Write the changes and rename the folder."""
        added = {path: file.content for path, file in self.changes.items() if not self.seen[path]}
        for path, content in checked_out(self.legacy.top, added).items():
            self.changes[path] = replace(self.changes[path], content=content)
        rename = Rename(self.legacy.before, self.legacy.after) if self.legacy.renamed else None
        write_all(
            Place.of(self.legacy.repository), self.legacy.top, self.changes, self.seen, rename
        )

    def diff(self) -> bytes:
        """Return all changes as git shows them, the renamed files among them."""
        before = self.legacy.tracked(self.changes)
        after = {**before, **self.changes}
        return diff(before, {self.legacy.moved(path): file for path, file in after.items()})


def _open_ignore_files(folder: Path) -> dict[str, str]:
    """Return what a script's own ignore files may let into git or into the image, by their names."""
    found = {}
    asked = ("check-ignore", "--no-index", str(folder / ".env"))
    if (folder / ".gitignore").exists() and not run_git(folder, *asked, ok=(0, 1)).stdout:
        found[".gitignore"] = (
            "it was kept, and git would take .env, which has credentials: add .env*"
        )
    if (folder / ".dockerignore").exists():
        found[".dockerignore"] = (
            "it was kept: take over the lines of a new package's, which keep .env, keys and tests "
            "out of the image"
        )
    return found
