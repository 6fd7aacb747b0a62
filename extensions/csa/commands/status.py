"""csa status"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click
from rich.text import Text

from ..errors import Failed
from ..output import Results, Screen, collect, counted, escaped, label_of, line, print_json
from ..packages import is_package
from ..update.status import Status, status_of_packages
from .help import epilog
from .options import EVERYTHING, folders_of, format_option, jobs_option, packages_argument

MOST_NEWS = 12
"""Points of the template's HISTORY.md that are shown."""

SORTS = ("name", "behind", "pyatlan")


@click.command(
    "status",
    epilog=epilog("csa status", "csa status --behind --sort behind  # the farthest behind first"),
)
@packages_argument
@click.option("--behind", is_flag=True, help="Only packages that are behind.")
@click.option(
    "--sort", type=click.Choice(SORTS), default="name", show_default=True, help="What comes first."
)
@click.option("--check", is_flag=True, help="Exit with 1 when one is behind.")
@format_option(
    "markdown",
    "html",
    help="markdown: a table for the summary of a job; html: a page with what csa check finds.",
)
@jobs_option
def status_command(
    packages: tuple[str, ...],
    behind: bool,
    sort: str,
    check: bool,
    form: str,
    jobs: int,
) -> None:
    """Show versions and drift of packages.

    Without PACKAGE, all packages in and below this folder.

    Behind counts the releases of the template that are newer. Drift names the template's files that
    differ from a fresh render at the package's version: customized where lines were added, else
    changed. `csa diff` shows how.
    """
    folders = folders_of(packages, EVERYTHING)
    results: Results[Status]
    results, stopped = collect(
        status_of_packages(folders, jobs=jobs), len(folders), lambda status: status.template
    )
    good = all(
        isinstance(result, Status) and not result.unknown and not (check and result.behind)
        for result in results.values()
    )
    if behind:
        results = {
            folder: result
            for folder, result in results.items()
            if isinstance(result, Failed) or result.behind or result.unknown
        }
    results = dict(sorted(results.items(), key=lambda item: _order(sort, item[1])))
    if form == "json":
        print_json(results, asdict)
    elif form == "markdown":
        print_markdown(results)
    elif form == "html":
        stopped = print_page(results) or stopped
    else:
        print_statuses(results, Screen())
    if stopped:
        raise KeyboardInterrupt
    sys.exit(0 if good else 1)


def _order(sort: str, result: Status | Failed) -> tuple[int, ...]:
    """Return what to sort packages by that are sorted by their names: failures come first."""
    if isinstance(result, Failed) or sort == "name":
        return (-1,) if isinstance(result, Failed) and sort != "name" else ()
    if sort == "behind":
        return (0, -result.behind)
    version = result.pyatlan_version or "0"
    return (0, *(int(part) for part in version.split(".") if part.isdecimal()))


class _Row(NamedTuple):
    """What is shown of a package: its columns, by their headings, and in a line below them what is
    to look at, and what is its user's."""

    columns: dict[str, str]
    behind: bool
    action: str
    custom: str


def _row(status: Status) -> _Row:
    how = "not compared" if status.unknown else "current"
    columns = {
        "Template": f"{status.template}, {f'{status.behind} behind' if status.behind else how}"
    }
    if status.version or status.pyatlan_version:  # what is around the packages has none
        columns |= {
            "Version": status.version or "none",
            "pyatlan": status.pyatlan_version or "",
            "Python": status.python_version or "",
            "Base image": status.short_image,
        }
    action = [f"changed: {', '.join(status.changed)}"] if status.changed else []
    if status.published is False:
        action.append("its base image is not in its registry")
    return _Row(
        columns,
        bool(status.behind),
        "; ".join(action),
        f"customized: {', '.join(status.customized)}" if status.customized else "",
    )


def print_statuses(results: Mapping[Path, Status | Failed], screen: Screen) -> None:
    """Print two lines a package at most, what all packages share, and what newer releases bring."""
    rows = {
        label_of(folder): _row(result)
        for folder, result in results.items()
        if isinstance(result, Status)
    }
    shown, shared = _columns([row.columns for row in rows.values()])
    widths = {name: max(len(name), *(len(row.columns.get(name, "")) for row in rows.values()))
              for name in shown} if rows else {}  # fmt: skip
    first = max([len("Package"), *map(len, rows)])

    def text(label: str, columns: Mapping[str, str]) -> str:
        cells = [label.ljust(first), *(columns.get(name, "").ljust(widths[name]) for name in shown)]
        return "  ".join(cells).rstrip()

    if rows:
        screen.print(Text(text("Package", {name: name for name in shown}), "bold"), soft_wrap=True)
    for label, row in rows.items():
        screen.print(
            Text(text(label, {name: escaped(value) for name, value in row.columns.items()}),
                 "yellow" if row.behind else ""), soft_wrap=True)  # fmt: skip
        if row.action or row.custom:
            below = Text("  ")
            below.append(escaped(row.action), "yellow")
            below.append("; " if row.action and row.custom else "")
            below.append(escaped(row.custom), "dim")
            if screen.is_terminal:
                below.truncate(screen.width, overflow="ellipsis")
            screen.print(below, soft_wrap=True)
    if shared:
        screen.print()
        screen.say(f"All: {', '.join(f'{name} {value}' for name, value in shared.items())}")
    for folder, result in results.items():
        if isinstance(result, Failed):
            screen.say(f"{label_of(folder)}: {result}", "red")
    unknown = (result.unknown for result in results.values() if isinstance(result, Status))
    for reason in dict.fromkeys(filter(None, unknown)):
        screen.say(f"Not compared with the template: {reason}", "red")
    print_news((result.news for result in results.values() if isinstance(result, Status)), screen)


def _columns(rows: list[dict[str, str]]) -> tuple[list[str], dict[str, str]]:
    """Return the columns in which packages differ, and what they share of the others."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    shared = {}
    for name in names:
        values = {row[name] for row in rows if name in row}
        if name not in ("Template", "Version") and len(values) == 1 and len(rows) > 1:
            shared[name] = values.pop()
    return [name for name in names if name not in shared], shared


def print_news(news: Iterable[list[str]], screen: Screen) -> None:
    """Print what the releases bring that packages do not have yet; the longest list has the others."""
    points = max(news, key=len, default=[])
    if not points:
        return
    screen.print()
    screen.say("New in the template", "bold")
    for point in points[:MOST_NEWS]:
        screen.print(Text(escaped(f"- {point}")), soft_wrap=not screen.is_terminal)
    if len(points) > MOST_NEWS:
        screen.say(f"and {counted(len(points) - MOST_NEWS, 'more point')} in its HISTORY.md")


def print_markdown(results: Mapping[Path, Status | Failed]) -> None:
    """Print a table in which no text of others is more than text."""
    headings = ("Template", "Version", "pyatlan", "Python", "Base image")
    line(f"| Package | {' | '.join(headings)} | Drift |")
    line(f"| --- {'| --- ' * len(headings)}| --- |")
    for folder, result in results.items():
        if isinstance(result, Failed):
            cells = [f"failed: {result}", *[""] * len(headings)]
        else:
            row = _row(result)
            cells = [row.columns.get(name, "") for name in headings]
            cells.append("; ".join(filter(None, (row.action, row.custom))))
        line(f"| {' | '.join(map(_as_code, (label_of(folder), *cells)))} |")


def print_page(results: Mapping[Path, Status | Failed]) -> bool:
    """Print a page that also has what `csa check` finds; tell whether Ctrl-C came before its end."""
    from ..check import Checked, check_packages  # with libcst it takes longer than a start
    from .status_page import page

    packages = [folder for folder in results if is_package(folder)]
    checks: Results[Checked]
    checks, stopped = collect(
        check_packages(packages),
        len(packages),
        lambda checked: counted(len(checked.findings), "problem"),
    )
    click.echo(page(results, checks, Path.cwd().name, datetime.now(UTC)).encode())
    return stopped


def _as_code(text: str) -> str:
    """Return a text as code, which mentions nobody and has no markup."""
    plain = escaped(text).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`" if plain else ""
