"""What csa prints: tables, progress, JSON, annotations and diffs.

Names and messages of others are printed as they are read, not as a terminal, rich or GitHub would
act on them: control characters are escaped, and nothing is taken for markup.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from .errors import Failed

if TYPE_CHECKING:
    from .adopt.report import Adoption
    from .check.rule import Fixed
    from .source.edits import ChangedLines
    from .update import Outcome

FOLDED = "Result"
"""The column that a narrow terminal shows in several lines."""

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


class Escaped(io.TextIOBase):
    """A stream to which others print: colours and line ends stay, the rest is escaped."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        parts = re.split(r"(\x1b\[[\d;]*m|[\n\t])", text)
        parts[::2] = map(escaped, parts[::2])
        return self._stream.write("".join(parts))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


def line(text: object, *, err: bool = False) -> None:
    """Print a text as one line."""
    click.echo(escaped(str(text)), err=err)


def print_diff(diff: bytes) -> None:
    """Print a diff: on a terminal in colour and escaped, else byte for byte."""
    if not sys.stdout.isatty():
        click.echo(diff, nl=False)
        return
    screen = Screen()
    for row in re.findall(r"(.*?)\r?\n", diff.decode(errors="replace")):  # git's lines
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


def change_text(change: ChangedLines | Fixed) -> str:
    """Return in one line what a change of lines was."""
    before, after = (" ".join(text.split("\n")) for text in (change.before, change.after))
    return f"{before} → {after or 'removed'}" if before else f"added {after}"


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


def cell(text: str, style: str = "") -> Text:
    return Text(escaped(text), style)


def table(*columns: str) -> Table:
    """Return a table without rows."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column != FOLDED)
    return made


def counted(number: int, what: str) -> str:
    """Return a number of things in words: 1 file, 2 files."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


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
