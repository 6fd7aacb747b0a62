"""csa adopt"""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from ..errors import Failed, Misuse
from ..files import is_file
from ..output import (
    Results,
    Screen,
    cell,
    change_text,
    collect,
    counted,
    label_of,
    line,
    outcome_json,
    path_of,
    print_diff,
    print_json,
    table,
)
from .help import epilog
from .options import answers_of, data_option, jobs_option, json_option, path_named, template_option

if TYPE_CHECKING:
    from ..adopt.report import Adoption, ManualStep


@click.command(
    "adopt",
    epilog=epilog(
        "csa adopt --dry-run scripts/old-script  # all changes as a patch",
        "csa adopt scripts/old-script",
    ),
)
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@click.option(
    "--dry-run",
    "-n",
    is_flag=True,
    help="Write nothing: print what would be done, for one script the diff.",
)
@click.option("--name", help="Another name for the package.", show_default="the folder's")
@template_option
@data_option
@jobs_option
@json_option
def adopt_command(
    folders: tuple[str, ...],
    dry_run: bool,
    name: str | None,
    template: str,
    data: tuple[str, ...],
    jobs: int,
    as_json: bool,
) -> None:
    """Convert the legacy script in FOLDER to a package.

    Of several, such as scripts/*, each is converted wholly or not at all; those without a main.py
    are skipped.

    The folder is renamed to snake_case, with all that refers to it. The logic of main.py moves
    into main(args) if it can be proven that nothing else changes. Requirements, tests and the rest
    of a package are added; existing files are kept. Everything stays uncommitted.

    The package gets the release of pyatlan that requirements.txt pins, if it is 8.0.1 or newer,
    otherwise the newest on which nothing of the script breaks. Calls that changed in that release
    are rewritten where that is certain. The proof does not cover these changes: csa lists them, and
    what still breaks.
    """
    from ..adopt import adopt, adopt_all  # with libcst and tables it takes longer than a start

    answers = answers_of(data) | ({"package_name": name} if name else {})
    paths = list(dict.fromkeys(map(path_named, folders)))
    scripts = [path for path in paths if is_file(path, "main.py")] if len(paths) > 1 else paths
    if not scripts:
        raise Misuse("none of these folders has a main.py")
    if len(scripts) != 1 and "package_name" in answers:
        raise Misuse("--name is for one script: name that one")
    results: Results[Adoption]
    if len(paths) == 1:
        results = {paths[0]: adopt(paths[0], template, answers, write=not dry_run)}
        stopped = False
    else:
        results, stopped = collect(
            adopt_all(scripts, template, answers, jobs=jobs, write=not dry_run),
            len(scripts),
            adoption_text,
        )
    adoptions = [result for result in results.values() if not isinstance(result, Failed)]
    if as_json:
        print_json(results, outcome_json)
    elif len(paths) == 1:
        print_diff(adoptions[0].diff)
        print_adoption(adoptions[0], paths[0], Screen(stderr=dry_run), dry_run)
    else:
        print_adoptions(results, Screen(), dry_run)
        if skipped := [label_of(path) for path in paths if path not in scripts]:
            line(f"Skipped, without a main.py: {', '.join(skipped)}")
    if stopped:
        raise KeyboardInterrupt
    complete = len(adoptions) == len(results) and not any(
        adoption.manual_steps for adoption in adoptions
    )
    sys.exit(0 if complete else 1)


MAIN_WORDS = {
    "refactored": "its logic is in main(args), proven to behave as before",
    "left": "left unchanged",
    "conforms": "had a main(args) already",
}


def adoption_text(adoption: Adoption) -> str:
    """Return in a few words what became of a script, or would."""
    steps = counted(len(adoption.manual_steps), "manual step")
    return {"current": "is a package", "adopted": "complete", "action_needed": steps}[
        adoption.result
    ]


def print_adoptions(
    results: Mapping[Path, Adoption | Failed], screen: Screen, dry_run: bool
) -> None:
    """Print a table of scripts, then what is left to do by hand."""
    rows = table("Script", "main.py", "pyatlan", "Result")
    counts: Counter[str] = Counter()
    for folder, result in results.items():
        if isinstance(result, Failed):
            counts["failed"] += 1
            rows.add_row(cell(label_of(folder)), "", "", cell(f"failed: {result}", "red"))
            continue
        counts[result.result] += 1
        style = {"action_needed": "yellow", "adopted": "green", "current": "dim"}[result.result]
        text = cell(adoption_text(result), style)
        rows.add_row(cell(label_of(folder)), cell(result.main), cell(result.pyatlan), text)
    screen.print(rows)
    adoptions = [result for result in results.values() if not isinstance(result, Failed)]
    if steps := [step for adoption in adoptions for step in adoption.manual_steps]:
        screen.print()
        _print_steps(steps, screen)
    for note in {note: None for adoption in adoptions for note in adoption.notes}:
        screen.say(note)
    screen.print()
    words = {
        "adopted": "would be complete" if dry_run else "complete",
        "current": "packages already",
    }
    words |= {"action_needed": "with manual steps", "failed": "failed"}
    screen.print(", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts[key]))


def _print_steps(steps: Iterable[ManualStep], screen: Screen) -> None:
    screen.say("Manual steps", "bold")
    for step in steps:
        place = f"{step.path}:{step.line}" if step.line else step.path
        screen.say(f"  {place}: {step.text}")


def print_adoption(adoption: Adoption, folder: Path, screen: Screen, dry_run: bool) -> None:
    """Print what became of the script in a folder, or would, and what to do next."""

    def heading(text: str) -> None:
        screen.say(text, "bold")

    def item(text: str) -> None:
        screen.say(f"  {text}")

    heading("To do" if dry_run else "Done")
    if adoption.folder != adoption.package:
        item(f"{'rename' if dry_run else 'renamed'} {adoption.folder} to {adoption.package}")
    item(f"main.py: {MAIN_WORDS[adoption.main]}")
    item(f"pyatlan: {adoption.pyatlan}")
    for place, _, after in adoption.rewritten:
        item(f"{place}: {after.strip()}")
    for requirement, imported in adoption.requirements.items():
        item(f"requirements.txt: {requirement}, for import {imported}")
    for old, new in adoption.changed_requirements.items():
        what = f"{old} becomes {new}" if new else f"{old} removed: the image has it already"
        item(f"requirements.txt: {what}")
    for path, place in adoption.data.items():
        item(f"{path}: goes into the image, because {place} names it")
    added = [path for path, what in adoption.files.items() if what == "added"]
    if added:
        inside = ", ".join(path.removeprefix(f"{adoption.package}/") for path in added)
        text = f"added: {inside}"
        for part in textwrap.wrap(text, 78, subsequent_indent="  ", break_on_hyphens=False):
            item(part)
    if not adoption.files and adoption.folder == adoption.package:
        item("nothing is left to change")
    if adoption.sdk_changes:
        heading(f"{'To change' if dry_run else 'Changed'} for pyatlan {adoption.pyatlan}")
        for change in adoption.sdk_changes:
            item(f"{change.path}:{change.line}: {change_text(change)}")
    if adoption.kept or adoption.mentions:
        heading("Kept")
        for path in adoption.kept:
            item(path)
        for place in adoption.mentions:
            item(
                f"{place}: mentions {Path(adoption.folder).name}, but not as a path: left unchanged"
            )
    if adoption.manual_steps:
        _print_steps(adoption.manual_steps, screen)
    for note in adoption.notes:
        screen.say(note)
    if adoption.result != "current":
        heading("Next")
        new = quote(path_of(folder.with_name(Path(adoption.package).name)))
        if dry_run:
            item(f"csa adopt {quote(path_of(folder))}")
        item(f"git add --intent-to-add {new} && git diff -w -M HEAD  # shows new files, too")
        item(f'cd {new} && pip install -e ".[test]" && pytest')
