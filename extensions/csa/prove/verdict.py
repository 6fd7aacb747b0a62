"""Whether a Python file does what an older one did."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass

from ..refactor import refactor
from ..refactor.proof import otherwise
from ..refactor.script import MOST_NODES
from ..source.syntax import TOO_DEEP, NotPython, own_tree
from .comparison import Different, compare
from .module import CannotJudge, Module
from .users import Users

NOBODY = Users()

PROVEN, DIFFERENT, NOT_JUDGED = "proven", "different", "not_judged"


@dataclass(frozen=True)
class Place:
    """A line of a file, and its text."""

    line: int
    text: str


@dataclass(frozen=True)
class Verdict:
    """What can be said of a changed file: proven, different or not_judged.

    `old` and `new` are where the two differ first, or what cannot be judged; None where one of them
    has nothing there. `reason` is for people.
    """

    result: str
    reason: str = ""
    old: Place | None = None
    new: Place | None = None


def verdict_on(
    old: bytes,
    new: bytes,
    *,
    is_script: bool,
    users: Users = NOBODY,
    own: Collection[str] = (),
) -> Verdict:
    """Say whether a new source does what the old one did.

    A script is run, anything else imported. `users` is what other files take from it, and `own` are
    the modules beside it, which are not Python's own though they may be called so.
    """
    found = _compared(old, new, is_script=is_script, users=users, own=own)
    if found.result == PROVEN or not is_script:
        return found
    if "*" in users.running:
        return found
    # By way of what csa adopt makes of it, of which that is proven.
    adopted = refactor(old, users.names).source
    by_way = adopted == new or (adopted != old and not users.imported)
    if by_way and _compared(adopted, new, users=users, own=own).result == PROVEN:
        return Verdict(PROVEN)
    return found


def _compared(
    old: bytes,
    new: bytes,
    *,
    is_script: bool = True,
    users: Users = NOBODY,
    own: Collection[str] = (),
) -> Verdict:
    modules: list[Module] = []
    try:
        trees = [own_tree(source, compiles=True) for source in (old, new)]
        if ast.dump(trees[0]) == ast.dump(trees[1]):
            return Verdict(PROVEN)
        if is_script and otherwise(trees[0]) != otherwise(trees[1]):
            return Verdict(DIFFERENT, "the guard has another else branch")
        if "*" in users.running:
            return Verdict(NOT_JUDGED, "other code may look up its variables by their names")
        for source, tree in zip((old, new), trees, strict=True):
            if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
                return Verdict(NOT_JUDGED, "it is too long for csa")
            modules.append(Module(source, tree, is_script=is_script, own=own))
            modules[-1].shows_texts |= users.read_texts
        before, after = modules
        compare(before, after, users)
        if users.by_star and exported(before) != exported(after):
            return Verdict(NOT_JUDGED, "another file imports * from it, so new names may matter")
        added = after.bound - before.bound
        if asked := added if "*" in users.asked else added & users.asked:
            return Verdict(NOT_JUDGED, f"another file may look for {min(asked)}, which is new")
    except NotPython as error:
        return Verdict(NOT_JUDGED, str(error))
    except CannotJudge as error:
        # The newer one is said, where it has it, too.
        place = Place(error.line, _line(new if modules else old, error.line))
        return Verdict(NOT_JUDGED, error.text, *((None, place) if modules else (place, None)))
    except Different as different:
        places = _place(before, different.old), _place(after, different.new)
        return Verdict(DIFFERENT, different.reason, *places)
    except RecursionError:
        return Verdict(NOT_JUDGED, TOO_DEEP)
    return Verdict(PROVEN)


def exported(module: Module) -> set[str]:
    """Return the names that `import *` may take from a module which does not say them itself."""
    return {name for name in module.bound if not name.startswith("_")}


def _place(module: Module, node: ast.AST | None) -> Place | None:
    line = getattr(node, "lineno", 0)
    return Place(line, module.lines[line - 1].strip()) if line else None


def _line(source: bytes, line: int) -> str:
    lines = source.decode(errors="replace").splitlines()
    return lines[line - 1].strip() if line <= len(lines) else ""
