"""An adopted package as it will be, for the rules of csa check."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..check import RULES, check_package
from ..check.code import OneMain
from ..check.outside import Outside
from ..check.package import Package
from ..check.sdk import FitsTheSdk
from ..errors import Failed
from ..files import LARGEST, File, TooLarge
from ..packages import ANSWERS_FILE, parse_answers
from .legacy import Legacy

KNOWN = {OneMain.id, FitsTheSdk.id}
"""The rules that an adoption answers itself: it refactors main.py, and chooses pyatlan."""


def findings(
    legacy: Legacy, changes: Mapping[str, File], ignored: Collection[str]
) -> list[tuple[str, int, str]]:
    """Return where the package breaks a rule once the changes are made: path, line and what.

    `changes` are contents by path below the repository's top, as it is now, `ignored` the paths
    below the package that git passes over. Raises Failed when the package cannot be checked.
    """
    package = Planned(legacy, changes, ignored)
    rules = [rule for rule in RULES.values() if rule.id not in KNOWN]
    checked = check_package(package, rules)
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


class Planned(Package):
    """A package of which some files are still to be written, and the folder to be renamed."""

    def __init__(self, legacy: Legacy, changes: Mapping[str, File], ignored: Collection[str]):
        self.folder = legacy.folder
        self.top = legacy.top
        self.place = legacy.after
        self.outside = Outside(())  # what is known of the base image is a manual step already
        self._changes = changes
        self._begin = f"{legacy.before}/"
        own = [path.removeprefix(self._begin) for path in changes if path.startswith(self._begin)]
        self.paths = sorted({*legacy.files, *own} - {*ignored})
        self.answers = parse_answers(self.text(ANSWERS_FILE))

    def read(self, path: str, most: int = LARGEST) -> bytes:
        planned = self._changes.get(self._begin + path)
        if planned and len(planned.content) > most:
            raise TooLarge(f"{path} is larger than {most // 1_000_000} MB")
        return planned.content if planned else super().read(path, most)

    def around(self, path: str) -> bytes | None:
        planned = self._changes.get(path)
        return planned.content if planned else super().around(path)
