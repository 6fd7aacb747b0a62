"""The command line: what a user types, sees, and gets as an exit code."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Container, Generator
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from .argo import use_image_in
from .errors import Failed, Misuse
from .fleet import default_jobs, stop_signals
from .git import prepare_environment, repository_of
from .image import image_of
from .packages import (
    ANSWERS_FILE,
    PACKAGE,
    REPOSITORY,
    find_packages,
    has_changed,
    lost_packages,
    named_packages,
)
from .release import NEXT, release, version_of
from .status import Status, status_of_packages
from .template import ADDRESS
from .update import Outcome, update_packages

if TYPE_CHECKING:
    from .adopt import Adoption
    from .check import Checked

EXIT_CODES = {
    0: "done",
    1: "a conflict, a failure or a broken rule needs a person: each package and file is named",
    2: "misuse: nothing was done",
    130: "stopped, as by Ctrl-C: no package is half updated",
}
EPILOG = "\n".join(
    ["\b", "Exit codes:", *(f"  {code:<4} {what}" for code, what in EXIT_CODES.items())]
)

EVERYTHING = (PACKAGE, REPOSITORY)
"""The scopes of what is updated: packages, and the files around them."""

FOLDED = {"Base image", "Drift", "Result"}
"""The columns that a narrow terminal shows in several lines."""

Result = TypeVar("Result")
Results = dict[Path, Result | Failed]
"""By the package's folder."""


class Group(click.Group):
    """Ends misuse, failures and Ctrl-C with one sentence and the exit code that stands for it."""

    def invoke(self, context: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # files have names that are no text
        try:
            _here()
            return super().invoke(context)
        except Misuse as error:
            click.echo(f"Error: {error}", err=True)
            context.exit(2)
        except (Failed, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise  # click's to handle
            click.echo(f"Error: {error}", err=True)
            context.exit(1)
        except KeyboardInterrupt:
            click.echo(f"csa was {EXIT_CODES[130]}.", err=True)
            context.exit(130)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="csa-template", prog_name="csa")
def main() -> None:
    """What the template for Atlan script packages cannot do alone."""
    prepare_environment()
    for one in stop_signals():
        signal.signal(one, signal.default_int_handler)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  # for as long as this runs
        getattr(sys, name).reconfigure(errors="replace")


packages_argument = click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
package_argument = click.argument("package")
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=default_jobs,
    show_default="as many as processors, at most 4",
    help="Packages to work on at once.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
sdk_option = click.option(
    "--require-sdk",
    is_flag=True,
    help="Exit with 1 if the SDK cannot be checked, for example offline.",
)
changed_option = click.option(
    "--changed-since",
    metavar="REVISION",
    help="Only packages with changes since the branch left REVISION, uncommitted ones included.",
)


data_option = click.option(
    "--data",
    "-d",
    multiple=True,
    metavar="NAME=ANSWER",
    help="Answer a question of the template, such as pyatlan_version=11.6.0.",
)


@main.command(epilog=EPILOG)
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
def update(
    packages: tuple[str, ...],
    data: tuple[str, ...],
    vcs_ref: str | None,
    jobs: int,
    dry_run: bool,
    as_json: bool,
    require_sdk: bool,
) -> None:
    """Update packages to a newer template; without PACKAGE, all in and below this folder.

    Only the folder of the package is written, all of its files or none. Uncommitted changes
    elsewhere do not matter; a package with uncommitted changes is refused. With another
    pyatlan_version, csa lists what it breaks in each package.
    """
    answers = _answers(data)
    folders = _folders(packages, EVERYTHING)
    screen = _console()
    colour = screen.is_terminal and not screen.no_color and not as_json
    results: Results[Outcome]
    results, stopped = _collect(
        update_packages(
            folders,
            vcs_ref,
            answers,
            jobs=jobs,
            write=not dry_run,
            colour=colour,
            require_sdk=require_sdk,
        ),
        len(folders),
        lambda outcome: _outcome_text(outcome, dry_run),
    )
    outcomes = [outcome for outcome in results.values() if isinstance(outcome, Outcome)]
    if as_json:
        _print_json(results, _outcome_json)
    else:
        for outcome in outcomes:
            click.echo(outcome.diff, nl=False)
        _print_outcomes(results, _console(stderr=dry_run), dry_run)
    if stopped:
        raise KeyboardInterrupt
    clean = len(outcomes) == len(results) and not any(
        outcome.conflicts or outcome.breaks for outcome in outcomes
    )
    sys.exit(0 if clean else 1)


def _answers(data: tuple[str, ...]) -> dict[str, str]:
    """Return the answers that --data gives, by question."""
    answers = {}
    for item in data:
        name, equals, answer = item.partition("=")
        if not (name and equals):
            raise Misuse(f"--data {item}: write NAME=ANSWER")
        answers[name] = answer
    return answers


@main.command("adopt", epilog=EPILOG)
@click.argument("folder")
@click.option("--dry-run", "-n", is_flag=True, help="Print the diff and write nothing.")
@click.option(
    "--template",
    metavar="SOURCE",
    default=ADDRESS,
    show_default=True,
    help="Address or folder of the template's repository; its newest release is used.",
)
@data_option
@json_option
def adopt_command(
    folder: str, dry_run: bool, template: str, data: tuple[str, ...], as_json: bool
) -> None:
    """Make a package of the legacy script in FOLDER.

    The folder is renamed to snake_case, and what refers to it follows. The logic of main.py goes
    into main(args), when it can be proven that nothing else changes. Requirements, tests and the
    rest of a package are added; what is there is kept. Everything stays uncommitted.

    The package gets the release of pyatlan that requirements.txt pins, from 8.0.1 on, else the
    newest on which nothing of the script breaks. csa lists what breaks on the chosen release.
    """
    from .adopt import adopt  # with libcst and tables it takes longer than the rest of a start

    screen = _console()
    colour = screen.is_terminal and not screen.no_color and not as_json
    try:
        path = Path(folder).resolve(strict=True)
    except (FileNotFoundError, RuntimeError) as error:
        raise Misuse(f"{folder} is no folder that is there") from error
    adoption = adopt(path, template, _answers(data), write=not dry_run, colour=colour)
    if as_json:
        diff = adoption.diff.decode(errors="replace")
        click.echo(
            json.dumps(
                {"result": adoption.result, **asdict(adoption), "diff": diff},
                indent=2,
                ensure_ascii=False,
            )
        )
    else:
        click.echo(adoption.diff, nl=False)
        _print_adoption(adoption, _console(stderr=dry_run), dry_run)
    sys.exit(1 if adoption.person else 0)


MAIN_WORDS = {
    "refactored": "its logic is in main(args), proven to run as before",
    "left": "left as it is",
    "conforms": "had a main(args) already",
}


def _print_adoption(adoption: Adoption, console: Console, dry_run: bool) -> None:
    def heading(text: str) -> None:
        console.print(text, style="bold")

    def line(text: str) -> None:
        console.print(f"  {text}", markup=False, soft_wrap=True)

    heading("To do" if dry_run else "Done")
    if adoption.folder != adoption.package:
        line(f"{adoption.folder} is {adoption.package}")
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
            line(f"{place}: names {Path(adoption.folder).name}, but not as this folder")
    if adoption.person:
        heading("Needs a person")
        for one in adoption.person:
            place = f"{one.path}:{one.line}" if one.line else one.path
            line(f"{place}: {one.text}")
    for note in adoption.notes:
        console.print(note, markup=False, soft_wrap=True)


@main.command(epilog=EPILOG)
@packages_argument
@click.option("--check", is_flag=True, help="Exit with 1 when one is behind.")
@jobs_option
@json_option
def status(packages: tuple[str, ...], check: bool, jobs: int, as_json: bool) -> None:
    """Show how packages stand; without PACKAGE, all in and below this folder.

    Behind counts the releases of the template that are newer. Drift names the template's files that
    differ from a fresh render at the package's version.
    """
    folders = _folders(packages, EVERYTHING)
    results: Results[Status]
    results, stopped = _collect(
        status_of_packages(folders, jobs=jobs), len(folders), lambda status: status.template
    )
    if as_json:
        _print_json(results, asdict)
    else:
        _print_statuses(results, _console())
    if stopped:
        raise KeyboardInterrupt
    good = all(
        isinstance(result, Status) and not (check and result.behind) for result in results.values()
    )
    sys.exit(0 if good else 1)


@main.command("list", epilog=EPILOG)
@packages_argument
@changed_option
@click.option(
    "--released",
    is_flag=True,
    help="Only packages with a released version, with the names of their images.",
)
@json_option
def list_command(
    packages: tuple[str, ...], changed_since: str | None, released: bool, as_json: bool
) -> None:
    """Print the folders of packages, a line each; without PACKAGE, all in and below this folder.

    With --changed-since, a folder that has ceased to be a package is an error, unless the whole
    folder is gone.
    """
    failed = _lost(packages, changed_since)
    listed: list[dict[str, str]] = []
    for folder in _changed(_listed(packages), changed_since):
        try:
            if not released:
                listed.append({"package": _place(folder)})
            elif not version_of(folder).dev:
                listed.append({"package": _place(folder), "image": image_of(folder).reference})
        except Failed as error:
            failed[folder] = error
    for folder, reason in failed.items():
        click.echo(f"{_place(folder)}: {reason}", err=True)
    if as_json:
        click.echo(json.dumps(listed if released else [one["package"] for one in listed]))
    else:
        click.echo("".join(f"{' '.join(one.values())}\n" for one in listed), nl=False)
    sys.exit(1 if failed else 0)


@main.command("check", epilog=EPILOG)
@packages_argument
@changed_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="github: annotations in a run of GitHub Actions.",
)
@click.option("--explain", metavar="RULE", help="Print what a rule asks for, and why.")
@sdk_option
def check_command(
    packages: tuple[str, ...],
    changed_since: str | None,
    form: str,
    explain: str | None,
    require_sdk: bool,
) -> None:
    """Check packages against the rules; without PACKAGE, all in and below this folder.

    A package ignores a rule with a reason, in its pyproject.toml: [tool.csa.ignore], and below it
    CSA502 = "the reason".
    """
    from .check import Checked, check_packages, rule_of  # with libcst it takes longer than a start

    if explain is not None:
        rule = rule_of(explain)
        for paragraph in (f"{rule.id}: {rule.sentence}", *rule.reasons):
            click.echo(textwrap.fill(paragraph, 90, break_on_hyphens=False))
        return
    folders = _folders(packages) if changed_since is None else _listed(packages)
    results: Results[Checked] = {
        **_lost(packages, changed_since),
        **dict(check_packages(_changed(folders, changed_since))),
    }
    if form == "json":
        _print_json(results, lambda checked: {"result": "checked", **asdict(checked)})
    else:
        _print_findings(results, github=form == "github")
    checked = [result for result in results.values() if isinstance(result, Checked)]
    reasons = {reason for one in checked for reason in one.not_checked.values()}
    for reason in sorted(reasons):
        click.echo(f"The SDK was not checked: {reason}", err=True)
    clean = len(checked) == len(results) and not any(one.findings for one in checked)
    sys.exit(0 if clean and not (reasons and require_sdk) else 1)


def _changed(folders: list[Path], revision: str | None) -> list[Path]:
    return folders if revision is None else [one for one in folders if has_changed(one, revision)]


def _lost(packages: tuple[str, ...], revision: str | None) -> dict[Path, Failed]:
    """Return the folders that were packages at a revision and no longer are, each with what to do.

    None where packages are named.
    """
    if packages or revision is None:
        return {}
    text = (
        f"a package at {revision}, but no longer: "
        f"restore its {ANSWERS_FILE}, or delete the whole folder"
    )
    return {folder: Failed(text) for folder in lost_packages(Path.cwd(), revision)}


def _print_findings(results: Results[Checked], *, github: bool) -> None:
    """Print a line for each finding and each failure, and without GitHub how many there are."""
    count = 0
    for folder, result in results.items():
        label = _workspace_place(folder) if github else _place(folder)
        if isinstance(result, Failed):
            lines = [(label, 0, "failed", str(result))]
        else:
            count += len(result.findings)
            lines = [
                (f"{label}/{one.path}", one.line, one.rule, one.text) for one in result.findings
            ]
        for path, line, rule, text in lines:
            place = os.path.normpath(path)
            if github:
                at = f",line={line}" if line else ""
                click.echo(
                    f"::error file={_escaped(place, ':,')}{at},title={rule}::{_escaped(text)}"
                )
            else:
                click.echo(f"{place}{f':{line}' if line else ''}: {rule}: {text}")
    if not github:
        failed = sum(isinstance(result, Failed) for result in results.values())
        checked = f"{len(results) - failed} checked, {count} to mend"
        click.echo(f"{checked}, {failed} failed" if failed else checked)


def _workspace_place(folder: Path) -> str:
    """Return a folder as GitHub's annotations name files: from where the repository lies."""
    workspace = os.environ.get("GITHUB_WORKSPACE") or repository_of(folder).top
    return os.path.relpath(folder, workspace)


def _escaped(text: str, also: str = "") -> str:
    """Return a text as GitHub's workflow commands take it; `also` is to be escaped in properties."""
    for character in f"%\r\n{also}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


@main.command("release", epilog=EPILOG)
@package_argument
@click.option(
    "--next",
    "following",
    type=click.Choice(NEXT),
    help="After a release: the part in which the version to develop next differs.",
)
def release_command(package: str, following: str | None) -> None:
    """Make PACKAGE's version in development, such as 1.0.0-dev, the released one.

    version.txt gets the version, and its heading in HISTORY.md today's date. With --next, both get
    the version to develop after that. Everything stays uncommitted.
    """
    [folder] = named_packages((package,))
    click.echo(release(folder, following, date.today()))


@main.command("image", epilog=EPILOG)
@package_argument
@click.option("--name", help="Another name.", show_default="the folder's, in kebab-case")
@click.option("--tag", help="Another tag.", show_default="the version; in development, -COMMIT")
@json_option
def image_command(package: str, name: str | None, tag: str | None, as_json: bool) -> None:
    """Print the name of PACKAGE's image."""
    [folder] = named_packages((package,))
    image = image_of(folder, name, tag)
    if as_json:
        click.echo(json.dumps({"reference": image.reference, **asdict(image)}, indent=2))
    else:
        click.echo(image.reference)


@main.command("argo", epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--package", required=True, help="The package that the templates run.")
@click.option("--dry-run", "-n", is_flag=True, help="Print the diff and write nothing.")
def argo_command(files: tuple[str, ...], package: str, dry_run: bool) -> None:
    """Let the Argo templates in FILEs run PACKAGE's image, no longer a checkout of its script.

    Nothing else changes by a byte. A template that is laid out in another way is left alone, and
    said.
    """
    [folder] = named_packages((package,))
    image = image_of(folder)
    clean = True
    for name in files:
        try:
            changed = use_image_in(Path(name), folder.name, image.reference, write=not dry_run)
        except (Failed, OSError) as error:
            clean = False
            click.echo(f"{name}: {error}", err=True)
            continue
        if dry_run:
            click.echo(changed, nl=False)
        else:
            click.echo(f"{name}: {'now runs' if changed else 'runs'} {image.reference}")
    sys.exit(0 if clean else 1)


def _listed(packages: tuple[str, ...], scopes: Container[str] = (PACKAGE,)) -> list[Path]:
    return named_packages(packages, scopes) if packages else find_packages(Path.cwd(), scopes)


def _folders(packages: tuple[str, ...], scopes: Container[str] = (PACKAGE,)) -> list[Path]:
    folders = _listed(packages, scopes)
    if not folders:
        raise Misuse(f"no package in or below {Path.cwd()}: copier copy makes one")
    return folders


def _here() -> Path:
    """Return this folder; raise Misuse when it is not there any more."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise Misuse("this folder is not there any more") from error


def _place(folder: Path) -> str:
    """Return a folder's path from here, for programs."""
    return os.fsencode(os.path.relpath(folder)).decode(errors="replace")


def _label(folder: Path) -> str:
    """Return a folder's path from here, for people: this folder by its name."""
    place = _place(folder)
    return folder.name if place == "." else place


def _collect(
    results: Generator[tuple[Path, Result | Failed], None, None],
    total: int,
    text: Callable[[Result], str],
) -> tuple[Results[Result], bool]:
    """Show progress on stderr, a bar or a line for each package.

    Returns the results, sorted, and whether Ctrl-C came before the last. The bar moves with the
    packages alone: git may be asking for a password meanwhile.
    """
    console = _console(stderr=True)
    collected: Results[Result] = {}
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with (
        closing(results),
        Progress(
            *columns,
            console=console,
            transient=True,
            auto_refresh=False,
            disable=not console.is_terminal,
        ) as bar,
    ):
        task = bar.add_task("", total=total)
        try:
            for folder, result in results:
                label = _label(folder)
                collected[folder] = result
                bar.update(task, advance=1, description=label, refresh=True)
                if not console.is_terminal:
                    said = f"failed: {result}" if isinstance(result, Failed) else text(result)
                    console.print(f"{label}: {said}", markup=False)
        except KeyboardInterrupt:
            if not collected:
                raise
    return dict(sorted(collected.items())), len(collected) < total


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    # Where nobody looks at a screen of a certain width, a row is a line.
    return Console(highlight=False, stderr=stderr, width=None if stream.isatty() else 1000)


def _print_json(results: Results[Result], as_dict: Callable[[Result], dict[str, Any]]) -> None:
    packages = [
        {"package": _place(folder)}
        | (
            {"result": "failed", "message": str(result)}
            if isinstance(result, Failed)
            else as_dict(result)
        )
        for folder, result in results.items()
    ]
    click.echo(json.dumps({"packages": packages}, indent=2, ensure_ascii=False))


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    diff = outcome.diff.decode(errors="replace")
    return {"result": outcome.result, **asdict(outcome), "diff": diff}


def _outcome_text(outcome: Outcome, dry_run: bool) -> str:
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


def _print_outcomes(results: Results[Outcome], console: Console, dry_run: bool) -> None:
    table = _table("Package", "Template", "Result")
    counts: Counter[str] = Counter()
    notes: dict[str, list[str]] = {}
    for folder, result in results.items():
        label = _label(folder)
        if isinstance(result, Failed):
            counts["failed"] += 1
            table.add_row(escape(label), "", Text(f"failed: {result}", "red"))
            continue
        counts[result.result] += 1
        needs_action = result.conflicts or result.breaks
        style = "red" if needs_action else "green" if result.files else "dim"
        text = Text(_outcome_text(result, dry_run), style)
        table.add_row(escape(label), _versions(result.old, result.new), text)
        for note in result.notes:
            notes.setdefault(note, []).append(label)
    console.print(table)
    console.print()
    for folder, result in results.items():
        if isinstance(result, Outcome):
            for path, what in result.conflicts.items():
                console.print(f"{_label(folder)}/{path}: {what}", markup=False, soft_wrap=True)
            for one in result.breaks:
                place = f"{_label(folder)}/{one.path}:{one.line}"
                console.print(f"{place}: {one.text}", markup=False, soft_wrap=True)
    for note, labels in notes.items():
        console.print(f"{', '.join(labels)}: {note}", markup=False, soft_wrap=True)
    words = {"updated": "to update" if dry_run else "updated", "current": "up to date"}
    words |= {"conflicts": "with conflicts", "failed": "failed"}
    console.print(", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts[key]))


def _print_statuses(results: Results[Status], console: Console) -> None:
    table = _table("Package", "Template", "pyatlan", "Python", "Base image", "Version", "Drift")
    for folder, result in results.items():
        if isinstance(result, Failed):
            table.add_row(escape(_label(folder)), Text("failed", "red"))
            continue
        behind = f"{result.template}, {result.behind} behind"
        drift = (
            path if kind == "changed" else f"{path} ({kind})" for path, kind in result.drift.items()
        )
        table.add_row(
            escape(_label(folder)),
            Text(behind, "yellow") if result.behind else result.template,
            *_columns(result),
            escape(", ".join(drift)),
        )
    console.print(table)
    for folder, result in results.items():
        if isinstance(result, Failed):
            console.print(f"{_label(folder)}: {result}", markup=False, soft_wrap=True)


def _columns(status: Status) -> tuple[str, ...]:
    """Return what only a package has: pyatlan, Python, base image and version."""
    if status.pyatlan_version is None or status.python_version is None:
        return ("", "", "", "")
    missing = " (not in its registry)" if status.published is False else ""
    image = escape(_short_image(status)) + missing
    version = escape(status.version or "none")
    return status.pyatlan_version, status.python_version, image, version


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
