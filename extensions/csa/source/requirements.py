"""What a script imports, as requirements: worked out from its source, merged into what it has."""

from __future__ import annotations

import ast
import os
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ..requirements_txt import (
    commented_lines,
    is_for_images,
    is_within,
    modules_named,
    overlap,
    requirement_lines,
)
from .conditions import STANDARD
from .distributions import Monorepo, is_covered, module_of, origin_of
from .imports import Imports
from .syntax import NotPython, parse

# The base image brings it.
SDK = {"pyatlan", "pyatlan_v9"}

REPLACES_SDK = "the base image has pyatlan, and this line would replace it: delete it"
FIRST_SILENT = "1.39"
SILENT = f"the SDK's log handler silently stops working from OpenTelemetry {FIRST_SILENT} on"
EXPORTING = SpecifierSet(f"<{FIRST_SILENT}")


@dataclass(frozen=True)
class Requirements:
    """A new requirements.txt, and where a person is needed.

    `added` has the import by the line added for it; `unknown` has file, line and what to do by
    import; `notes` has what to do with a line of the existing file.
    """

    text: str
    added: dict[str, str]
    unknown: dict[str, tuple[str, int, str]]
    notes: list[tuple[int, str]]


def plan_requirements(
    sources: Mapping[str, str],
    first_party: Callable[[str], bool],
    existing: str | None,
    template: str,
    monorepo: Callable[[], Monorepo] = Monorepo,
) -> Requirements:
    """Return the requirements.txt for Python sources, given by file name.

    `first_party` is asked for each name imported, with what is imported from it: `scripts.other`,
    `pandas.DataFrame`. All of `existing` stays; what it and `template` require is not added again.
    `monorepo` is what is around the script.
    """
    base = existing or template
    lines = requirement_lines(base)
    notes = [(n, REPLACES_SDK) for n, line in lines if line.name == "pyatlan"]

    missing = []
    for text in template.splitlines():
        for _, wanted in requirement_lines(text):
            own = [(n, line) for n, line in lines if line.name == wanted.name]
            apart = [n for n, line in own if not overlap(line.specifier, wanted.specifier)]
            notes += [(n, f"{SILENT}: the right range is {text}") for n in apart]
            if not apart and not any(
                is_within(line.specifier, wanted.specifier) for _, line in own
            ):
                missing.append(text)

    present = Present.of(base, template)
    added: dict[str, str] = {}
    unknown: dict[str, tuple[str, int, str]] = {}
    files = {path: Imports.of(tree_of(source)) for path, source in sources.items()}
    for missed in missing_requirements(files, first_party, present, monorepo):
        if missed.requirement:
            added.setdefault(missed.requirement, missed.module)
        else:
            unknown[missed.module] = (missed.file, missed.line, missed.problem)

    barrier = barrier_in(base)
    if barrier and (missing or added):
        by_hand = ", ".join([*missing, *sorted(added)])
        notes.append((barrier, f"hashes or a \\ are used here, so add by hand: {by_hand}"))
        missing, added = [], {}
    above, below = _around(base, template, missing, sorted(added))
    notes = [(line + len(above), text) for line, text in sorted(notes)]
    text = _joined(above, base, below)
    return Requirements(text, dict(sorted(added.items())), unknown, notes)


@dataclass(frozen=True)
class Present:
    """What is required already: distributions, and modules that comments name."""

    distributions: frozenset[str]
    modules: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *texts: str) -> Present:
        """Return what requirements files have."""
        lines = [line for text in texts for line in commented_lines(text)]
        return cls(
            frozenset(
                line.name
                for text in texts
                for _, line in requirement_lines(text)
                if is_for_images(line)
            ),
            frozenset(module_of(name) for _, _, note in lines for name in modules_named(note)),
        )


@dataclass(frozen=True)
class Missing:
    """An import that no requirement stands for: its first file and line.

    `requirement` is the line to add, None where only a person can tell; `problem` says what to do.
    """

    module: str
    file: str
    line: int
    requirement: str | None
    problem: str


def missing_requirements(
    files: Mapping[str, Imports],
    first_party: Callable[[str], bool],
    present: Present,
    monorepo: Callable[[], Monorepo],
    file: str = "requirements.txt",
) -> Iterator[Missing]:
    """Yield what Python files, given by file name, import and nothing present stands for.

    `first_party` and `monorepo` are as for `plan_requirements`; `file` is where the lines go.
    """
    for module, place in _third_party(files, first_party).items():
        if is_covered(module, present.distributions, present.modules):
            continue
        origin = origin_of(module, monorepo, place.path_changed)
        if origin.requirement:
            what = f"add {origin.requirement} to {file}"
        else:
            what = f"{origin.doubt}: move it here, or " if origin.doubt else ""
            what += (
                f"add its requirement to {file}; if its name differs, "
                f"name the import in a comment behind it: acme-tools>=1,<2  # {module}"
            )
        problem = f"{module} is imported: {what}"
        yield Missing(module, place.file, place.line, origin.requirement, problem)


def unused_requirements(text: str, files: Iterable[Imports]) -> Iterator[tuple[int, Requirement]]:
    """Yield line and requirement of a requirements.txt for what no file imports or names in a text.

    The SDK's are left out: what it logs with, and itself.
    """
    modules = {module_of(name) for file in files for name in file.names | file.texts}
    for line, requirement in requirement_lines(text):
        name = requirement.name
        if name == "pyatlan" or name.startswith("opentelemetry-"):
            continue
        if not any(is_covered(module, {name}) for module in modules):
            yield line, requirement


def is_first_party(folder: Path, top: Path) -> Callable[[str], bool]:
    """Return whether a name, as `plan_requirements` asks, is of a script's own repository.

    That is a module or package in the script's folder or in one above it, up to `top`.
    """
    folder, top = folder.resolve(), top.resolve()
    bases = [base for base in (folder, *folder.parents) if base.is_relative_to(top)]
    listed = {base: set(os.listdir(base)) for base in bases}

    @cache
    def first_party(head: str, member: str | None) -> bool:
        for base, there in listed.items():
            if f"{head}.py" in there and (base / f"{head}.py").is_file():
                return True
            if head not in there:
                continue
            package = base / head
            # Scripts are named after what they import: a folder jira is not yet a module jira. It
            # is one where Python looks, and anywhere when it has what is imported from it.
            if (
                base in (folder, top)
                and package not in listed
                and (package / "__init__.py").exists()
            ):
                return True
            if member and (
                (package / f"{member}.py").is_file() or any((package / member).rglob("*.py"))
            ):
                return True
        return False

    def asked(name: str) -> bool:
        head, *rest = name.split(".")
        return first_party(head, rest[0] if rest else None)

    return asked


# --- what is imported -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """The first import of a module; `path_changed` is the line that added to sys.path before what
    nobody can tell."""

    file: str
    line: int
    path_changed: int | None


def _third_party(
    files: Mapping[str, Imports], first_party: Callable[[str], bool]
) -> dict[str, _Place]:
    """Return where modules are imported, by the name to look up for each."""
    own = {part for path in files for part in path.removesuffix(".py").split("/")}
    known = STANDARD | SDK
    added = {file: _added(file, imports, files) for file, imports in files.items()}
    count = Counter(name for names in added.values() for name in names)
    places: dict[str, _Place] = {}
    for file, imports in files.items():
        begin = min((change.place for change in imports.path_changes), default=None)
        unknown = next((change for change in imports.path_changes if change.folders is None), None)
        for module in sorted(imports.needed, key=lambda module: (module.line, module.name)):
            top = module.name.split(".")[0]
            # What begins with a dot leads out of the package.
            if top in known or not top or first_party(module.name):
                continue
            # What another file adds is there by then: main.py imports the others.
            if count[top] > (top in added[file]) or (
                top in added[file] and begin and module.runs_after(begin)
            ):
                continue
            changed = unknown if unknown and module.runs_after(unknown.place) else None
            if changed and top in own:  # any file of the script may be a module
                continue
            name = module_of(module.name)
            place = places.setdefault(
                name, _Place(file, module.line, changed.line if changed else None)
            )
            if not changed:  # Python keeps what it imported before the change
                places[name] = replace(place, path_changed=None)
    return places


def _added(file: str, imports: Imports, files: Iterable[str]) -> set[str]:
    """Return the names of the script's modules in the folders that a file adds to sys.path."""
    here = posixpath.dirname(file)
    folders = {
        posixpath.normpath(posixpath.join(here, folder))
        for change in imports.path_changes
        for folder in change.folders or ()
    }
    return {
        path[len(begin) :].split("/")[0].removesuffix(".py")
        for begin in ("" if folder == "." else f"{folder}/" for folder in folders)
        for path in files
        if path.startswith(begin)
    }


def tree_of(source: str) -> ast.Module:
    """Return what a source says, nothing where it is not Python."""
    try:
        return parse(source.removeprefix("\ufeff"))
    except NotPython:
        return ast.Module([], [])


# --- the file -------------------------------------------------------------------------------------


def barrier_in(text: str) -> int | None:
    """Return the first line with a hash or a \\, below which pip would misread a line added."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"(?!\s*#).*\\$|[^#]*--(hash|require-hashes)\b", line):
            return number
    return None


def with_lines(text: str, lines: list[str]) -> str | None:
    """Return a file with more lines at its end, None where pip would misread them."""
    return None if barrier_in(text) else _joined([], text, lines)


def _around(
    base: str, template: str, missing: list[str], imports: list[str]
) -> tuple[list[str], list[str]]:
    """Return the lines to put before and behind those of a file.

    What it lacks of the template goes before them, in the order of a rendered package: so an update
    can tell whose lines are whose. Imports go below the heading with which the template ends.
    """
    there = base.splitlines()
    heading = template.splitlines()[-1]
    if not missing:
        return [], imports if heading in there or not imports else ["", heading, *imports]
    above = [
        line
        for line in template.splitlines()
        if line in missing or not (requirement_lines(line) or (line and line in there))
    ]
    if above[-1] != heading:
        return above, imports
    parted = [""] if base.startswith(("#", "\ufeff#")) else []
    return [*above, *imports, *parted], []


def _joined(above: list[str], base: str, below: list[str]) -> str:
    """Return a file with more lines, which end as its own do."""
    crlf = base.count("\r\n")
    end = "\r\n" if crlf and crlf == base.count("\n") else "\n"
    mark = "\ufeff" if base.startswith("\ufeff") else ""
    own = base.removeprefix(mark)
    if own and not own.endswith("\n") and (above or below):
        own += end
    return "".join([mark, *(line + end for line in above), own, *(line + end for line in below)])
