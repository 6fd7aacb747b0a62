"""An adopted package as it will be, for the rules of csa check."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from ..check import RULES, check_package
from ..check.code import NothingAtImport, OneMain
from ..check.outside import Outside
from ..check.package import Package, PythonFile
from ..check.sdk import FitsTheSdk
from ..errors import Failed
from ..packages import ANSWERS_FILE, parse_answers
from ..refactor.script import Script
from ..source.syntax import parse
from ..transaction import Rename
from .changes import Changes
from .legacy import Legacy

KNOWN = {OneMain.id, FitsTheSdk.id}
"""The rules that an adoption answers itself: it refactors main.py, and chooses pyatlan."""


@dataclass(frozen=True)
class ImportProblem:
    """Why tests cannot import main.py: a path below the package, a line, a sentence; and what runs
    there, "" where the file cannot be read."""

    path: str
    line: int
    sentence: str
    effect: str = ""


class Planned(Package):
    """A package of which some files are still to be written, and the folder to be renamed."""

    def __init__(self, legacy: Legacy, changes: Changes):
        self.folder = legacy.folder
        self.top = legacy.top
        self.place = legacy.after
        self.outside = Outside(())  # what is known of the base image is a manual step already
        self._changes = changes.files
        self._back = Rename(legacy.after, legacy.before)
        begin = f"{legacy.before}/"
        own = [path.removeprefix(begin) for path in self._changes if path.startswith(begin)]
        self.paths = sorted({*legacy.files, *own})
        self.answers = parse_answers(self.text(ANSWERS_FILE))

    def planned(self, path: str) -> bytes | None:
        file = self._changes.get(self._back.moved(path))
        return file.content if file else None

    def add(self, path: str) -> None:
        """Take in a Python file that was planned since."""
        self.paths = sorted({*self.paths, path})
        source = self.read(path)
        self._python[path] = PythonFile(source, parse(source))

    def leave_out(self, paths: Collection[str]) -> None:
        """Look no further at files that git ignores."""
        self.paths = [path for path in self.paths if path not in paths]

    @cached_property
    def problem_at_import(self) -> ImportProblem | None:
        """Why tests cannot import main.py, None if they can."""
        script = self.script("main.py")
        if not isinstance(script, Script):
            return ImportProblem("main.py", script.line, f"main.py line {script.line}: {script}")
        for path, line, text in NothingAtImport().broken(self):
            effect = text.partition(": ")[2]
            sentence = f"{path} runs this when it is imported: {effect} (line {line})"
            return ImportProblem(path, line, sentence, effect)
        return None

    def findings(self) -> list[tuple[str, int, str]]:
        """Return where it breaks a rule: a path below it, a line or 0, and what is wrong there.

        Raises Failed when it cannot be checked.
        """
        checked = check_package(self, [rule for rule in RULES.values() if rule.id not in KNOWN])
        if isinstance(checked, Failed):
            raise checked
        return [
            (
                finding.path,
                finding.line,
                # The rule's id says the rest.
                f"{finding.rule}: {finding.text.removesuffix(f'. {RULES[finding.rule].sentence}')}",
            )
            for finding in checked.findings
        ]
