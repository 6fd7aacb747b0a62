"""Changing a script so that it fits a release of pyatlan, where it is certain how.

Fixers say what to change. The type checker is asked which expressions are the script's client in a
place, and then whether what broke is gone, and nothing is wrong that was not before.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from ..source.edits import (
    ChangedLines,
    Edit,
    Edited,
    PythonText,
    changed_lines,
    line_starts,
    place_in,
)
from ..source.syntax import NotPython
from .breaks import Break, Sources, safe
from .changes import find_change
from .clients import Candidate, Clients
from .fixers import FIXERS
from .fixers.base import Fix, Fixer, Use
from .imports import without_unused
from .inference import Inference, Place
from .signatures import roots_of
from .type_checker import RULES, run_ty

CACHE, ITS_TYPE = "role_cache", "Revealed type: `RoleCache`"
"""An attribute of every client, and what is said of its type: nothing else has such a one."""

STRICT = (
    *RULES,
    "invalid-argument-type",
    "missing-union-attribute",
    "possibly-unresolved-reference",
    "unresolved-reference",
)
"""The rules of ty that a change may not break: those of names and types, too."""

MOST_REASONS = 200
"""Expressions elsewhere that the type checker is asked about."""

Question = tuple[str, ast.expr, str]
"""Whether in a file, where an expression is, another one is a client."""

ROUNDS = 9
"""How often what is wrong is left out, and the rest is tried again."""


@dataclass(frozen=True)
class FixedScript:
    """What was changed in a script: new contents of files, each change, the breaks that are gone,
    and those that are left, at their present lines.

    `lines` has for each of those files where its lines are now, the first one first.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    changes: Sequence[ChangedLines] = ()
    gone: Sequence[Break] = ()
    left: Sequence[Break] = ()
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def line(self, path: str, line: int) -> int:
        """Return where a line of a file is now."""
        lines = self.lines.get(path, ())
        return lines[line - 1] if 0 < line <= len(lines) else line


@dataclass(frozen=True, eq=False)
class _Planned:
    """A break, and what a fixer changes for it."""

    use: Use
    fix: Fix

    @property
    def path(self) -> str:
        return self.use.broken.path


@dataclass(frozen=True, order=True)
class _Said:
    """What the type checker says of a character of a file."""

    path: str
    offset: int
    rule: str
    message: str


def fix_breaks(script: Sources, release: str, breaks: Sequence[Break]) -> FixedScript:
    """Return what can be changed of what breaks of a script on a release.

    Raises Unavailable when the type checker cannot be had.
    """
    texts: dict[str, PythonText] = {}
    for path, source in script.files.items():
        try:
            texts[path] = PythonText(source)
        except NotPython:
            continue  # whatever breaks in it is left
    uses: list[tuple[Use, Fixer]] = []
    for broken in breaks:
        change = find_change(broken.name, release)
        if change and change.fixer and broken.path in texts:
            uses.append((Use(texts[broken.path], broken, change), FIXERS[change.fixer]))
    if not uses:
        return FixedScript(left=breaks)
    work = _Work(safe(script), release, texts)
    planned = work.certain(work.planned(uses))
    if not planned:
        return FixedScript(left=breaks)
    edited = work.edited(planned)
    changes = [
        change for path, new in edited.items() for change in changed_lines(path, texts[path], new)
    ]
    gone = [plan.use.broken for plan in planned]
    fixed = FixedScript(
        {path: texts[path].encoded(new.text) for path, new in edited.items()},
        sorted(changes),
        gone,
        lines={path: _lines(texts[path], new) for path, new in edited.items()},
    )
    left = [
        replace(broken, line=fixed.line(broken.path, broken.line))
        for broken in breaks
        if broken not in gone
    ]
    return replace(fixed, left=left)


def need_client(breaks: Sequence[Break], release: str) -> bool:
    """Tell whether what fixes one of some breaks has to find the script's client."""
    changes = (find_change(broken.name, release) for broken in breaks)
    return any(change and change.fixer and FIXERS[change.fixer].needs_client for change in changes)


class _Work:
    """The files of a script as text, and the type checker for them."""

    def __init__(self, script: Sources, release: str, texts: Mapping[str, PythonText]):
        self.script = script
        self.texts = texts
        self.release = release

    def planned(self, uses: Sequence[tuple[Use, Fixer]]) -> list[_Planned]:
        """Return what fixers change, each with the likeliest expression that is a client."""
        clients = Clients(self.texts)
        found: list[_Planned] = []
        asked: list[tuple[Use, Fixer, ast.expr, list[Candidate]]] = []
        for use, fixer in uses:
            place = fixer.place(use)
            if not fixer.needs_client and (fix := fixer.fix(use, "")):
                found.append(_Planned(use, fix))
            elif fixer.needs_client and place is not None:
                asked.append((use, fixer, place, clients.at(use.broken.path, place)))
        reasons = _closure(
            [candidate for *_, names in asked for candidate in names], clients.inference
        )
        questions = {
            (use.broken.path, place, candidate.name)
            for use, _, place, names in asked
            for candidate in names
        }
        questions |= {(path, node, self.texts[path].source(node)) for path, node in reasons}
        true = self.clients(questions)
        known = {
            (path, node)
            for path, node in reasons
            if (path, node, self.texts[path].source(node)) in true
        }
        for use, fixer, place, names in asked:
            client = next(
                (
                    candidate.name
                    for candidate in names
                    if (use.broken.path, place, candidate.name) in true
                    or (candidate.reasons and _follows(candidate.reasons, known, reasons))
                ),
                None,
            )
            if client and (fix := fixer.fix(use, client)):
                found.append(_Planned(use, fix))
        return found

    def clients(self, questions: AbstractSet[Question]) -> AbstractSet[Question]:
        """Return those questions that are true: in a place of a file, an expression is a client."""
        # Each place becomes the last of a tuple, and what is asked the first ones. Its end tells it
        # from others that begin there.
        asked: dict[Place, list[Question]] = {}
        for question in questions:
            asked.setdefault(question[:2], []).append(question)
        openings: dict[Place, Edit] = {}
        edits: dict[str, set[Edit]] = {}
        for (path, place), several in asked.items():
            start, end = self.texts[path].span(place)
            asking = "".join(f"reveal_type({text}.{CACHE}), " for *_, text in several)
            openings[path, place] = Edit(start, start, f"({end}, {asking}")
            edits.setdefault(path, set()).update({openings[path, place], Edit(end, end, ")[-1]")})
        new = {path: Edited(self.texts[path].text, of_file) for path, of_file in edits.items()}
        said: dict[tuple[str, int], set[str]] = {}
        for message in self.said({path: text.text for path, text in new.items()}) if new else ():
            said.setdefault((message.path, message.offset), set()).add(message.message)
        return {
            (path, place, text)
            for (path, place), several in asked.items()
            for *_, text in several
            if said.get(
                (
                    path,
                    new[path].starts[openings[path, place]]
                    + openings[path, place].text.index(f"({text}.{CACHE})")
                    + 1,
                )
            )
            == {ITS_TYPE}
        }

    def certain(self, planned: list[_Planned]) -> list[_Planned]:
        """Return those of some changes after which nothing is wrong that was not before."""
        before = {(message.path, message.offset, message.rule) for message in self.said({})}
        for _ in range(ROUNDS):
            edited = self.edited(planned)
            wrong: list[_Planned] = []
            for message in self.said({path: new.text for path, new in edited.items()}):
                new = edited.get(message.path)
                old = new.before(message.offset) if new else message.offset
                inside = [plan for plan in planned if plan.path == message.path]
                if message.rule in RULES:  # what broke breaks still
                    wrong += [plan for plan in inside if plan.use.start == old]
                if (message.path, old, message.rule) not in before:
                    wrong += _beside(message, inside, new) or inside or planned
            planned = [plan for plan in planned if plan not in wrong]
            if not wrong:
                return planned
        return []

    def edited(self, planned: Sequence[_Planned]) -> dict[str, Edited]:
        """Return the files that changes are made in, without the imports that nothing uses then."""
        found: dict[str, Edited] = {}
        for path in sorted({plan.path for plan in planned}):
            fixes = [plan.fix for plan in planned if plan.path == path]
            freed = [name for fix in fixes for name in fix.freed]
            edits = {edit for fix in fixes for edit in fix.edits}
            edits.update(without_unused(path, self.texts, freed))
            found[path] = Edited(self.texts[path].text, edits)
        return found

    def said(self, changed: Mapping[str, str]) -> list[_Said]:
        """Return what the type checker says of all files, with other texts of some."""
        texts = {path: changed.get(path, text.text) for path, text in self.texts.items()}
        starts = {path: line_starts(text) for path, text in texts.items()}
        folder = self.script.name
        files = {f"{folder}/{path}": self.texts[path].encoded(text) for path, text in texts.items()}
        found = []
        with roots_of(self.release) as roots:
            told = run_ty(files, self.script.python, roots, STRICT)
        for message in told:
            path = message.path.removeprefix(f"{folder}/")
            offset = starts[path][message.line - 1] + message.column - 1
            found.append(_Said(path, offset, message.rule, message.message))
        return found


def _closure(candidates: Sequence[Candidate], inference: Inference) -> dict[Place, list[Place]]:
    """Return all expressions that have to be clients for some candidates, each with its reasons."""
    found: dict[Place, list[Place]] = {}
    waiting = [place for candidate in candidates for place in candidate.reasons]
    while waiting and len(found) < MOST_REASONS:
        place = waiting.pop()
        if place not in found:
            found[place] = inference.reasons(*place)
            waiting += found[place]
    return found


def _follows(
    reasons: Sequence[Place],
    known: AbstractSet[Place],
    closure: Mapping[Place, Sequence[Place]],
) -> bool:
    """Tell whether all of some expressions are clients: known ones, or for reasons that are.

    What a function hands over to itself is what it got.
    """
    seen: set[Place] = set()
    waiting, begins = list(reasons), False
    while waiting:
        place = waiting.pop()
        if place in known:
            begins = True
        elif place not in seen:
            seen.add(place)
            if not closure.get(place):
                return False
            waiting += closure[place]
    return begins


def _beside(said: _Said, planned: Sequence[_Planned], new: Edited | None) -> list[_Planned]:
    """Return the changes in the line that something is said of."""
    if new is None:
        return []
    starts = line_starts(new.text)
    line, _ = place_in(starts, said.offset)
    return [
        plan
        for plan in planned
        for edit in plan.fix.edits[:1]
        if place_in(starts, new.starts[edit])[0]
        <= line
        <= place_in(starts, new.starts[edit] + len(edit.text))[0]
    ]


def _lines(text: PythonText, new: Edited) -> list[int]:
    """Return where each line of a file is now."""
    starts = line_starts(new.text)
    return [place_in(starts, new.after(start))[0] for start in line_starts(text.text)]
