"""csa update"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from ..errors import Failed
from ..output import (
    Results,
    Screen,
    cell,
    collect,
    label_of,
    outcome_json,
    print_diff,
    print_json,
    table,
)
from ..update import Outcome, update_packages
from .help import epilog
from .options import (
    EVERYTHING,
    answers_of,
    data_option,
    folders_of,
    jobs_option,
    json_option,
    packages_argument,
    sdk_option,
)


@click.command(
    "update",
    epilog=epilog(
        "csa update  # all packages in and below this folder",
        "csa update scripts/new_pkg -d pyatlan_version=9.0.0",
    ),
)
@packages_argument
@data_option
@click.option(
    "--vcs-ref",
    "-r",
    metavar="VERSION",
    help="Tag, branch or commit of the template; :current: for the one that each package has.",
    show_default="the newest release",
)
@jobs_option
@click.option("--dry-run", "-n", is_flag=True, help="Print the diff and write nothing.")
@json_option
@sdk_option
def update_command(
    packages: tuple[str, ...],
    data: tuple[str, ...],
    vcs_ref: str | None,
    jobs: int,
    dry_run: bool,
    as_json: bool,
    require_sdk: bool,
) -> None:
    """Update packages to the template's newest release.

    Without PACKAGE, all packages in and below this folder.

    Only the folder of the package is written, all of its files or none. Uncommitted changes
    elsewhere do not matter; a package with uncommitted changes is refused. With another
    pyatlan_version, csa lists what it breaks in each package; newest stands for the one that the
    template has by default.
    """
    answers = answers_of(data)
    folders = folders_of(packages, EVERYTHING)
    results: Results[Outcome]
    results, stopped = collect(
        update_packages(
            folders,
            vcs_ref,
            answers,
            jobs=jobs,
            write=not dry_run,
            require_sdk=require_sdk,
        ),
        len(folders),
        lambda outcome: outcome_text(outcome, dry_run),
    )
    outcomes = [outcome for outcome in results.values() if isinstance(outcome, Outcome)]
    if as_json:
        print_json(results, outcome_json)
    else:
        for outcome in outcomes:
            print_diff(outcome.diff)
        print_outcomes(results, Screen(stderr=dry_run), dry_run)
    if stopped:
        raise KeyboardInterrupt
    clean = len(outcomes) == len(results) and not any(
        outcome.conflicts or outcome.breaks for outcome in outcomes
    )
    sys.exit(0 if clean else 1)


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
    rows = table("Package", "Template", "Result")
    counts: Counter[str] = Counter()
    notes: dict[str, list[str]] = {}
    for folder, result in results.items():
        label = label_of(folder)
        if isinstance(result, Failed):
            counts["failed"] += 1
            rows.add_row(cell(label), "", cell(f"failed: {result}", "red"))
            continue
        counts[result.result] += 1
        needs_action = result.conflicts or result.breaks
        style = "red" if needs_action else "green" if result.files else "dim"
        text = cell(outcome_text(result, dry_run), style)
        rows.add_row(cell(label), cell(_versions(result.old, result.new)), text)
        for note in result.notes:
            notes.setdefault(note, []).append(label)
    screen.print(rows)
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
