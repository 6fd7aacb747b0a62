"""What csa check prints for people, and as annotations for GitHub."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from ..errors import Failed
from ..git import repository_of
from ..output import Screen, change_text, counted, escaped, label_of, path_of

if TYPE_CHECKING:
    from ..check import Checked


def print_findings(results: Mapping[Path, Checked | Failed], screen: Screen) -> None:
    """Print by package what was changed, then each broken rule with its places; last, how many there
    are."""
    count = fixed = failed = 0
    for folder, result in results.items():
        if isinstance(result, Failed):
            failed += 1
            _print_item(screen, 0, label_of(folder), f"failed: {result}", "red")
            continue
        count += len(result.findings)
        fixed += len(result.fixed)
        if result.findings or result.fixed:
            screen.say(label_of(folder), "bold")
            _print_package(path_of(folder), result, screen)
            screen.print()
    checked = f"{counted(len(results) - failed, 'package')} checked, {counted(count, 'problem')}"
    checked += f", {counted(fixed, 'change')} made" if fixed else ""
    checked += f", {failed} failed" if failed else ""
    screen.say(checked, "red" if count or failed else "green")


def _print_package(label: str, checked: Checked, screen: Screen) -> None:
    from ..check import RULES

    if checked.fixed:
        _print_item(screen, 2, "Fixed", "", "green")
    for change in checked.fixed:
        place = _place(label, change.path, change.line)
        _print_item(screen, 4, place, f"{change.rule}: {change_text(change)}", "cyan")
    findings = sorted(checked.findings, key=lambda finding: (finding.path, finding.line))
    order = list(dict.fromkeys(finding.rule for finding in findings))
    findings.sort(key=lambda finding: order.index(finding.rule))
    for rule, broken in groupby(findings, key=lambda finding: finding.rule):
        sentence = RULES[rule].sentence
        _print_item(screen, 2, rule, sentence, "red")
        for finding in broken:
            what = finding.text.removesuffix(f". {sentence}")
            _print_item(screen, 4, _place(label, finding.path, finding.line), what, "cyan")


def _place(label: str, path: str, line: int) -> str:
    """Return a place of a package as terminals and editors open it."""
    place = os.path.normpath(f"{label}/{path}")
    return f"{place}:{line}" if line else place


def _print_item(screen: Screen, indent: int, head: str, text: str, style: str) -> None:
    """Print a head and a text behind it, in as many lines as the terminal needs."""
    head = escaped(head)
    line = f"{head}: {escaped(text)}" if text else head
    if screen.file.isatty():  # no runner reads there: it would take `::error` for a command
        line = textwrap.fill(
            line,
            max(screen.width - 1, 20),
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + 2),
            break_long_words=False,
            break_on_hyphens=False,
        )
    else:
        line = " " * indent + line
    shown = Text(line)
    shown.stylize(style, indent, indent + len(head))
    screen.print(shown, soft_wrap=True)


# --- GitHub -----------------------------------------------------------------------------------


def print_annotations(results: Mapping[Path, Checked | Failed]) -> None:
    """Print a workflow command of GitHub Actions for each finding and each failure."""
    for folder, result in results.items():
        label = _workspace_path(folder)
        if isinstance(result, Failed):
            lines = [(label, 0, "failed", str(result))]
        else:
            lines = sorted(
                (f"{label}/{finding.path}", finding.line, finding.rule, finding.text)
                for finding in result.findings
            )
        for path, number, rule, text in lines:
            at = f",line={number}" if number else ""
            file, message = _property(os.path.normpath(path)), _escaped_for_github(text)
            click.echo(f"::error file={file}{at},title={rule}::{message}")


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
