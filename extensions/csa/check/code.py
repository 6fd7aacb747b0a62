"""Rules on main.py and the package's other modules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..refactor import refactor_script
from ..refactor.boundary import problem_of_main
from ..refactor.script import Script
from ..source.at_import import effects_at_import
from .package import Package
from .rule import Rule

MAIN = "main.py"


class OneMain(Rule):
    """main.py must have its logic in one main(args), which the guard calls with what it parsed.

    So tests run what Argo runs, with arguments of their own. `csa adopt` refactors a script that
    does otherwise, and says which lines to change by hand.
    """

    id = "CSA401"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if MAIN not in package.sources:
            return  # said by another rule
        source, script = package.sources[MAIN], package.script(MAIN)
        if not isinstance(script, Script):
            yield MAIN, script.line, str(script)
            return
        if problem := problem_of_main(script):
            yield MAIN, problem.line, problem.text
            return
        refactored = refactor_script(script, source, moves_effects=False)  # CSA402 finds those
        if refactored.source != source:
            yield MAIN, _first_change(source, refactored.source), "csa adopt would move this"
        for note in refactored.notes:
            yield MAIN, note.line, note.text


def _first_change(old: bytes, new: bytes) -> int:
    """Return the first line of the old text that goes, counted from 1; the first new one if none
    does."""
    before, after = old.splitlines(), new.splitlines()
    same = 0
    while before[same : same + 1] == after[same : same + 1] != []:
        same += 1
    left = Counter(after[same:])
    for number, line in enumerate(before[same:], same + 1):
        left[line] -= 1
        if left[line] < 0:
            return number
    return same + 1


class NothingAtImport(Rule):
    """main.py must do nothing when it is imported: what it does belongs in main(args).

    Tests and the build of its image import it, with no tenant and no arguments: it may make no
    request, read no file and no argument, and print nothing. The same holds for the package's
    `__init__.py`, for the modules that main.py imports, and for the package's own functions that they
    call. Third parties' functions are known by their names. A client of a service counts, such as
    `AtlanClient()`: it takes credentials. A session, a logger or a lock does not, until it is used.
    """

    id = "CSA402"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for effect in effects_at_import(package.trees, package.name):
            yield effect.path, effect.line, f"this runs at import: {effect.text}"


class Readable(Rule):
    """Every Python file must be one that Python can read.

    All other rules skip a file that cannot be read, and a file of more than half a megabyte. They read
    up to 100,000 tokens of Python in a package, some 13,000 lines: move data to other files. `csa` parses with the Python that it runs in. For newer syntax, run it in that Python:
    `uvx --python 3.13 …`.
    """

    id = "CSA403"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in package.python_files:
            problem = package.unreadable(path)
            if problem:
                yield path, problem.line, str(problem)


RULES = (OneMain(), NothingAtImport(), Readable())
