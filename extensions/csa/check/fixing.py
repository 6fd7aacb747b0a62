"""Changing packages where a rule is certain what to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import Failed, Unavailable, failure_of
from ..files import File, mode_of, refuse_links
from ..git import repository_of
from ..packages import ANSWERS_FILE
from ..source.syntax import deep_recursion
from ..transaction import Place, Signature, signature, write_all
from . import RULES, Checked, check_packages, read_packages
from .limits import limited
from .package import Package
from .rule import Fixed


class Changed(Package):
    """A package of which some files are still to be written, by their path below the repository's
    top; `seen` has the signatures of files from before they were read."""

    def __init__(
        self,
        folder: Path,
        files: Mapping[str, bytes] | None = None,
        seen: dict[str, Signature] | None = None,
    ):
        self.files = files or {}
        self.seen = {} if seen is None else seen
        answers = signature(folder / ANSWERS_FILE)
        super().__init__(folder)
        self.seen.setdefault(f"{self.place}/{ANSWERS_FILE}", answers)

    def planned(self, path: str) -> bytes | None:
        if path not in self.files and path not in self.seen:
            self.seen[path] = signature(self.top / path)
        return self.files.get(path)


def fix_packages(
    folders: Iterable[Path], since: str | None = None
) -> Iterator[tuple[Path, Checked | Failed]]:
    """Write what rules change in packages, all of a package's changes or none; then do as
    check_packages.

    What is not committed stays, and so does what is saved meanwhile.
    """
    fixed: dict[Path, list[Fixed] | Failed] = {}
    for folder, package in read_packages(folders, Changed):
        try:
            fixed[folder] = package if isinstance(package, Failed) else _fix(package)
        except Exception as error:  # noqa: BLE001  # whatever it is, it stops no other package
            fixed[folder] = failure_of(error)
    checked = dict(
        check_packages((folder for folder in fixed if not isinstance(fixed[folder], Failed)), since)
    )
    for folder, lines in fixed.items():
        if isinstance(lines, Failed):
            yield folder, lines
            continue
        result = checked[folder]
        if isinstance(result, Checked):
            result.fixed = lines
        yield folder, result


def _fix(package: Changed) -> list[Fixed]:
    """Write what rules change in a package, and return it."""
    done: list[Fixed] = []
    with limited(), deep_recursion():
        for rule in RULES.values():
            if rule.id in package.settings.ignore:
                continue
            try:
                fixes = rule.fixes(package)
            except Unavailable:
                continue  # the check says so
            if fixes.files:
                package = Changed(package.folder, {**package.files, **fixes.files}, package.seen)
                done += [
                    Fixed(rule.id, lines.path, lines.line, lines.before, lines.after)
                    for lines in fixes.lines
                ]
    if package.files:
        refuse_links(package.top, package.files)
        write_all(
            Place.of(repository_of(package.folder)),
            package.top,
            {
                path: File(content, mode_of(package.top / path))
                for path, content in package.files.items()
            },
            {**{path: signature(package.top / path) for path in package.files}, **package.seen},
        )
    return done
