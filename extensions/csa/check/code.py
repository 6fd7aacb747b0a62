"""Rules on main.py."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ..refactor import refactor
from ..script import Left, import_problem
from .package import Package
from .rule import Rule

MAIN = "main.py"


class OneMain(Rule):
    """main.py has its logic in one main(args), which the guard calls with what it parsed.

    So tests run what Argo runs, with arguments of their own. `csa adopt` takes a script apart that
    does otherwise, and says which lines need a person.
    """

    id = "CSA401"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if MAIN not in package.paths:
            return  # said by another rule
        source = (package.folder / MAIN).read_bytes()
        refactored = refactor(source)
        if refactored.source != source:
            yield MAIN, 0, "some of it is elsewhere: csa adopt would move it"
        for note in refactored.notes:
            yield MAIN, note.line, note.text


class NothingAtImport(Rule):
    """main.py does nothing when it is imported: no request, no file, no argument is read.

    Tests import it, with no tenant and no arguments; so does the build of its image.
    """

    id = "CSA402"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if MAIN not in package.paths:
            return
        try:
            problem = import_problem((package.folder / MAIN).read_bytes())
        except (Left, SyntaxError, ValueError, RecursionError, cst.ParserSyntaxError):
            return  # said by the other rule
        if problem:
            line, text = problem
            yield MAIN, line, f"this runs at import: {text}"


RULES = (OneMain(), NothingAtImport())
