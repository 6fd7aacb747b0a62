"""The rule on what a package needs of pyatlan."""

from __future__ import annotations

from collections.abc import Iterator

from ..packages import ANSWERS_FILE
from ..sdk.environments import NoSuchRelease
from ..sdk.fixing import fix_breaks
from .outside import sources_of
from .package import Package
from .rule import Fixes, Rule


class FitsTheSdk(Rule):
    """Everything that the package imports or calls from pyatlan must exist in its release.

    A type checker reads the package's Python files, its tests too, together with that release. It
    never runs them. It finds modules, names, attributes and parameters that are gone or were never
    there. `csa update -d pyatlan_version=X` chooses another release, and lists what breaks with it.
    Lines that end with `# ty: ignore` are skipped.

    `csa check --fix` writes the replacement where it is certain.
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

    def fixes(self, package: Package) -> Fixes:
        try:
            breaks = package.outside.breaks(package)
        except NoSuchRelease:
            return Fixes()
        release = str(package.answers["pyatlan_version"])
        fixed = fix_breaks(sources_of(package), release, breaks)
        files = {f"{package.place}/{path}": content for path, content in fixed.files.items()}
        return Fixes(files, fixed.changes)


RULES = (FitsTheSdk(),)
