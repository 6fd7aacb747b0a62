"""What csa prints: tables, progress, JSON, annotations and diffs.

Names and messages of others are printed as they are read, not as a terminal, rich or GitHub would
act on them: control characters are escaped, and nothing is taken for markup.
"""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from .errors import Failed
from .git import repository_of

if TYPE_CHECKING:
    from .adopt.plan import Adoption
    from .check import Checked
    from .update import Outcome
    from .update.status import Status

FOLDED = {"Base image", "Drift", "Result"}
"""The columns that a narrow terminal shows in several lines."""

Result = TypeVar("Result")
Results = dict[Path, Result | Failed]
"""By the package's folder."""

_DIFF_STYLES = {
    **dict.fromkeys(("+++ ", "--- ", "diff ", "index ", "new ", "old ", "rename "), "bold"),
    "@@": "cyan",
    "+": "green",
    "-": "red",
}
"""How the lines of a diff are shown, by their begin."""


# --- Text that others chose ------------------------------------------------------------------


def escaped(text: str, keep: str = "") -> str:
    r"""Return a text with \n, \x1b and the like in place of what is not printed as itself.

    That is every control character, every one that changes the direction of what follows, and
    spaces other than the plain one. What is in `keep` stays. And no line begins as a command for the
    runner of a workflow does, such as ::error::.
    """
    if not text.isprintable():
        text = "".join(
            letter
            if letter.isprintable() or letter in keep
            else letter.encode("unicode_escape").decode()
            for letter in text
        )
    if text.lstrip().startswith("::"):
        text = text.replace("::", r"\x3a:", 1)
    return text.replace("##[", r"#\x23[")


def line(text: object, *, err: bool = False) -> None:
    """Print a text as one line."""
    click.echo(escaped(str(text)), err=err)


def print_diff(diff: bytes | str) -> None:
    """Print a diff: on a terminal in colour and escaped, else byte for byte."""
    if not sys.stdout.isatty():
        click.echo(diff, nl=False)
        return
    screen = Screen()
    text = diff if isinstance(diff, str) else diff.decode(errors="replace")
    for row in text.splitlines():
        style = next((style for start, style in _DIFF_STYLES.items() if row.startswith(start)), "")
        screen.print(Text(escaped(row, "\t"), style), soft_wrap=True)


def print_value(value: object, *, indent: int | None = 2) -> None:
    """Print JSON, in which every character is exact and none acts on a terminal."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if not text.replace("\n", "").isprintable():
        text = "".join(
            letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1]
            for letter in text
        )
    click.echo(text)


def path_of(folder: Path) -> str:
    """Return a folder's path from here, for programs."""
    return os.fsencode(os.path.relpath(folder)).decode(errors="replace")


def label_of(folder: Path) -> str:
    """Return a folder's path from here, for people: this folder by its name."""
    path = path_of(folder)
    return escaped(folder.name if path == "." else path)


class Screen(Console):
    """A console that takes nothing for markup, emoji or control codes."""

    def __init__(self, *, stderr: bool = False):
        stream = sys.stderr if stderr else sys.stdout
        # Where nobody looks at a screen of a certain width, a row is a line.
        width = None if stream.isatty() else 1000
        super().__init__(highlight=False, markup=False, emoji=False, stderr=stderr, width=width)

    @property
    def has_colours(self) -> bool:
        return self.is_terminal and not self.no_color

    def say(self, text: str, style: str | None = None) -> None:
        """Print a text as one line, however long."""
        self.print(Text(escaped(text), style or ""), soft_wrap=True)


def _cell(text: str, style: str = "") -> Text:
    return Text(escaped(text), style)


# --- Progress --------------------------------------------------------------------------------


def collect(
    results: Generator[tuple[Path, Result | Failed], None, None],
    total: int,
    text: Callable[[Result], str],
) -> tuple[Results[Result], bool]:
    """Show progress on stderr, a bar or a line for each package.

    Returns the results, sorted, and whether Ctrl-C came before the last. The bar moves with the
    packages alone: git may be asking for a password meanwhile.
    """
    screen = Screen(stderr=True)
    collected: Results[Result] = {}
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with (
        closing(results),
        Progress(
            *columns,
            console=screen,
            transient=True,
            auto_refresh=False,
            disable=not screen.is_terminal,
        ) as bar,
    ):
        task = bar.add_task("", total=total)
        try:
            for folder, result in results:
                label = label_of(folder)
                collected[folder] = result
                bar.update(task, advance=1, description=label, refresh=True)
                if not screen.is_terminal:
                    said = f"failed: {result}" if isinstance(result, Failed) else text(result)
                    screen.say(f"{label}: {said}")
        except KeyboardInterrupt:
            if not collected:
                raise
    return dict(sorted(collected.items())), len(collected) < total


# --- Results as JSON -------------------------------------------------------------------------


def print_json(results: Results[Result], as_dict: Callable[[Result], dict[str, Any]]) -> None:
    packages = [
        {"package": path_of(folder)}
        | (
            {"result": "failed", "message": str(result)}
            if isinstance(result, Failed)
            else as_dict(result)
        )
        for folder, result in results.items()
    ]
    print_value({"packages": packages})


def outcome_json(outcome: Outcome | Adoption) -> dict[str, Any]:
    diff = outcome.diff.decode(errors="replace")
    return {"result": outcome.result, **asdict(outcome), "diff": diff}


# --- csa update and csa status ---------------------------------------------------------------


def outcome_text(outcome: Outcome, dry_run: bool) -> str:
    lines = "1 line" if len(outcome.breaks) == 1 else f"{len(outcome.breaks)} lines"
    broken = f", {lines} to fix for pyatlan" if outcome.breaks else ""
    if outcome.conflicts:
        return f"conflicts in {', '.join(outcome.conflicts)}{broken}"
    if not outcome.files:
        return f"up to date{broken}"
    files = "1 file" if len(outcome.files) == 1 else f"{len(outcome.files)} files"
    return (f"{files} to change" if dry_run else f"updated, {files}") + broken


def _versions(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


def print_outcomes(results: Mapping[Path, Outcome | Failed], screen: Screen, dry_run: bool) -> None:
    table = _table("Package", "Template", "Result")
    counts: Counter[str] = Counter()
    notes: dict[str, list[str]] = {}
    for folder, result in results.items():
        label = label_of(folder)
        if isinstance(result, Failed):
            counts["failed"] += 1
            table.add_row(_cell(label), "", _cell(f"failed: {result}", "red"))
            continue
        counts[result.result] += 1
        needs_action = result.conflicts or result.breaks
        style = "red" if needs_action else "green" if result.files else "dim"
        text = _cell(outcome_text(result, dry_run), style)
        table.add_row(_cell(label), _cell(_versions(result.old, result.new)), text)
        for note in result.notes:
            notes.setdefault(note, []).append(label)
    screen.print(table)
    screen.print()
    for folder, result in results.items():
        if not isinstance(result, Failed):
            for path, what in result.conflicts.items():
                screen.say(f"{label_of(folder)}/{path}: {what}")
            for broken in result.breaks:
                screen.say(f"{label_of(folder)}/{broken.path}:{broken.line}: {broken.text}")
    for note, labels in notes.items():
        screen.say(f"{', '.join(labels)}: {note}")
    words = {"updated": "to update" if dry_run else "updated", "current": "up to date"}
    words |= {"conflicts": "with conflicts", "failed": "failed"}
    screen.print(", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts[key]))


def print_statuses(results: Mapping[Path, Status | Failed], screen: Screen) -> None:
    table = _table("Package", "Template", "pyatlan", "Python", "Base image", "Version", "Drift")
    for folder, result in results.items():
        if isinstance(result, Failed):
            table.add_row(_cell(label_of(folder)), _cell("failed", "red"))
            continue
        behind = f"{result.template}, {result.behind} behind"
        drift = (
            path if kind == "changed" else f"{path} ({kind})" for path, kind in result.drift.items()
        )
        table.add_row(
            _cell(label_of(folder)),
            _cell(behind, "yellow") if result.behind else _cell(result.template),
            *map(_cell, _columns(result)),
            _cell(", ".join(drift)),
        )
    screen.print(table)
    for folder, result in results.items():
        if isinstance(result, Failed):
            screen.say(f"{label_of(folder)}: {result}")


def _columns(status: Status) -> tuple[str, ...]:
    """Return what only a package has: pyatlan, Python, base image and version."""
    if status.pyatlan_version is None or status.python_version is None:
        return ("", "", "", "")
    missing = " (not in its registry)" if status.published is False else ""
    image = _short_image(status) + missing
    return status.pyatlan_version, status.python_version, image, status.version or "none"


def _short_image(status: Status) -> str:
    """Return the base image without what other columns show."""
    image = status.base_image or "none"
    name, _, tag = image.rpartition("/")[2].partition(":")
    return name if tag == f"{status.pyatlan_version}-{status.python_version}" else image


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column not in FOLDED)
    return table


# --- csa check -------------------------------------------------------------------------------


def print_findings(results: Mapping[Path, Checked | Failed], *, github: bool) -> None:
    """Print a line for each finding and each failure, and without GitHub how many there are."""
    count = 0
    for folder, result in results.items():
        label = _workspace_path(folder) if github else path_of(folder)
        if isinstance(result, Failed):
            lines = [(label, 0, "failed", str(result))]
        else:
            count += len(result.findings)
            lines = [
                (f"{label}/{finding.path}", finding.line, finding.rule, finding.text)
                for finding in result.findings
            ]
        for path, number, rule, text in lines:
            place = os.path.normpath(path)
            if github:
                at = f",line={number}" if number else ""
                file, message = _property(place), _escaped_for_github(text)
                click.echo(f"::error file={file}{at},title={rule}::{message}")
            else:
                line(f"{place}{f':{number}' if number else ''}: {rule}: {text}")
    if not github:
        failed = sum(isinstance(result, Failed) for result in results.values())
        good = len(results) - failed
        checked = f"{_counted(good, 'package')} checked, {_counted(count, 'problem')}"
        click.echo(f"{checked}, {failed} failed" if failed else checked)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _workspace_path(folder: Path) -> str:
    """Return a folder as GitHub's annotations name files: from where the repository lies."""
    workspace = os.environ.get("GITHUB_WORKSPACE") or repository_of(folder).top
    return os.path.relpath(folder, workspace)


def _property(text: str) -> str:
    """Return a text as a property of GitHub's workflow commands."""
    return _escaped_for_github(text, ":,")


def _escaped_for_github(text: str, also: str = "") -> str:
    """Return a text as GitHub's workflow commands take it; `also` is escaped, too."""
    for character in f"%\r\n{also}":
        text = text.replace(character, f"%{ord(character):02X}")
    return escaped(text)


# --- csa adopt -------------------------------------------------------------------------------

MAIN_WORDS = {
    "refactored": "its logic is in main(args), proven to behave as before",
    "left": "left unchanged",
    "conforms": "had a main(args) already",
}


def print_adoption(adoption: Adoption, screen: Screen, dry_run: bool) -> None:
    def heading(text: str) -> None:
        screen.say(text, "bold")

    def line(text: str) -> None:
        screen.say(f"  {text}")

    heading("To do" if dry_run else "Done")
    if adoption.folder != adoption.package:
        line(f"{'rename' if dry_run else 'renamed'} {adoption.folder} to {adoption.package}")
    line(f"main.py: {MAIN_WORDS[adoption.main]}")
    line(f"pyatlan: {adoption.pyatlan}")
    for place, _, after in adoption.rewritten:
        line(f"{place}: {after.strip()}")
    for requirement, imported in adoption.requirements.items():
        line(f"requirements.txt: {requirement}, for import {imported}")
    added = [path for path, what in adoption.files.items() if what == "added"]
    if added:
        inside = ", ".join(path.removeprefix(f"{adoption.package}/") for path in added)
        for part in textwrap.wrap(f"added: {inside}", 90, subsequent_indent="  "):
            line(part)
    if not adoption.files and adoption.folder == adoption.package:
        line("nothing is left to change")
    if adoption.kept or adoption.mentions:
        heading("Kept")
        for path in adoption.kept:
            line(path)
        for place in adoption.mentions:
            line(
                f"{place}: mentions {Path(adoption.folder).name}, but not as a path: left unchanged"
            )
    if adoption.manual_steps:
        heading("Manual steps")
        for step in adoption.manual_steps:
            place = f"{step.path}:{step.line}" if step.line else step.path
            line(f"{place}: {step.text}")
    for note in adoption.notes:
        screen.say(note)
