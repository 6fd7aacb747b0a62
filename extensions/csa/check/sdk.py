"""The rule on what a package needs of pyatlan."""

from __future__ import annotations

from collections.abc import Iterator

from ..packages import ANSWERS_FILE
from ..sdk.environments import NoSuchRelease
from .package import Package
from .rule import Rule


class FitsTheSdk(Rule):
    """Everything that is imported or called of pyatlan must exist in the package's release.

    A type checker reads the package's Python files, its tests too, together with that release. It
    never runs them. It finds modules, names, attributes and parameters that are gone or were never
    there. `csa update -d pyatlan_version=X` chooses another release, and says what that one breaks.
    Lines that end with `# ty: ignore` are skipped.
    """

    id = "CSA801"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        try:
            breaks = package.outside.breaks(package)
        except NoSuchRelease as error:
            line = package.line_of(ANSWERS_FILE, "pyatlan_version:")
            yield ANSWERS_FILE, line, str(error)
            return
        for broken in breaks:
            yield broken.path, broken.line, broken.text


RULES = (FitsTheSdk(),)
