"""Rules on what a package requires."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..requirements import (
    is_first_party,
    missing_requirements,
    requirement_lines,
    unused_requirements,
)
from .package import REQUIREMENTS, Package
from .rule import Rule

TESTS = "requirements-test.txt"

WITH_THE_SDK = {"pyatlan", "httpx"}
"""In every image: the SDK, and what it raises errors of."""


class ImportsRequired(Rule):
    """Everything that is imported comes with a requirement.

    Those of the script stand in requirements.txt, which the image installs; the tests may import
    what is in requirements-test.txt, too. `csa adopt` adds what it knows for sure.
    """

    id = "CSA501"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        required = _names(package.text(REQUIREMENTS)) | WITH_THE_SDK
        yield from self._missing(package, package.modules, required, REQUIREMENTS)
        for_tests = required | _names(package.text(TESTS))
        yield from self._missing(package, package.tests, for_tests, TESTS)

    def _missing(
        self, package: Package, paths: Iterable[str], required: set[str], file: str
    ) -> Iterator[tuple[str, int, str]]:
        sources = {path: package.text(path) for path in paths}
        in_repository = is_first_party(package.folder, package.top)

        def first_party(name: str) -> bool:
            return name.split(".")[0] == package.name or in_repository(name)

        for one in missing_requirements(sources, first_party, required):
            what = f"add {one.requirement} to {file}" if one.requirement else one.question
            yield one.file, one.line, f"{one.module} is imported: {what}"


class RequirementsUsed(Rule):
    """Every line of requirements.txt is imported by the script, or says in a comment what needs it.

    Such as `openpyxl>=3.1,<4  # pandas reads Excel files with it`. What is not needed makes the
    image larger and is one more thing to scan.
    """

    id = "CSA502"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        text = package.text(REQUIREMENTS)
        lines = text.splitlines()
        sources = [package.text(path) for path in package.modules]
        for line, requirement in unused_requirements(text, sources):
            if not re.search(r"\s#\s*\w", lines[line - 1]):
                yield REQUIREMENTS, line, f"no import needs {requirement.name}"


class RangesPinned(Rule):
    """Every requirement has a range, from a version on and below another.

    Such as `requests>=2.32,<3`, or one version, `requests==2.32.5`: then tomorrow's image is like
    today's.
    """

    id = "CSA503"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in (REQUIREMENTS, TESTS):
            for line, requirement in requirement_lines(package.text(path)):
                operators = {specifier.operator for specifier in requirement.specifier}
                if requirement.url or operators & {"==", "===", "~="}:
                    continue
                if not operators & {">", ">="}:
                    yield path, line, f"{requirement.name} has no version to begin with"
                elif not operators & {"<", "<="}:
                    yield path, line, f"{requirement.name} has no version to end before"


def _names(text: str) -> set[str]:
    return {requirement.name for _, requirement in requirement_lines(text)}


RULES = (ImportsRequired(), RequirementsUsed(), RangesPinned())
