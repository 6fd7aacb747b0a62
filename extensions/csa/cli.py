"""The command line: what a user types, sees, and gets as an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
import textwrap
from collections.abc import Container
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .argo import use_image_in
from .errors import Failed, Misuse
from .git import prepare_environment
from .image import image_of
from .output import (
    Results,
    Screen,
    collect,
    line,
    outcome_json,
    outcome_text,
    path_of,
    print_adoption,
    print_diff,
    print_findings,
    print_json,
    print_outcomes,
    print_statuses,
    print_value,
)
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
from .signals import deferred_signals, stop_signals
from .template import ADDRESS
from .update import Outcome, update_packages
from .update.fleet import default_jobs
from .update.status import Status, status_of_packages

if TYPE_CHECKING:
    from .check import Checked

EXIT_CODES = {
    0: "done",
    1: "action needed: a conflict, a failure or a broken rule, named with its package and file",
    2: "wrong usage; nothing was changed",
    130: "stopped, as by Ctrl-C; nothing was left half-written",
}
EPILOG = "\n".join(
    ["\b", "Exit codes:", *(f"  {code:<4} {what}" for code, what in EXIT_CODES.items())]
)

EVERYTHING = (PACKAGE, REPOSITORY)
"""The scopes of what is updated: packages, and the files around them."""


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
            line(f"Error: {error}", err=True)
            context.exit(2)
        except (Failed, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise  # click's to handle
            line(f"Error: {error}", err=True)
            context.exit(1)
        except KeyboardInterrupt:
            click.echo(f"csa was {EXIT_CODES[130]}.", err=True)
            context.exit(130)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="csa-template", prog_name="csa")
def main() -> None:
    """Manage Atlan script packages: update, adopt, check, release."""
    prepare_environment()
    for number in stop_signals():
        signal.signal(number, signal.default_int_handler)
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
    """Update packages to the template's newest release.

    Without PACKAGE, all packages in and below this folder.

    Only the folder of the package is written, all of its files or none. Uncommitted changes
    elsewhere do not matter; a package with uncommitted changes is refused. With another
    pyatlan_version, csa lists what it breaks in each package.
    """
    answers = _answers(data)
    folders = _folders(packages, EVERYTHING)
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
    """Convert the legacy script in FOLDER to a package.

    The folder is renamed to snake_case, with all that refers to it. The logic of main.py moves
    into main(args) if it can be proven that nothing else changes. Requirements, tests and the rest
    of a package are added; existing files are kept. Everything stays uncommitted.

    The package gets the release of pyatlan that requirements.txt pins, from 8.0.1 on, else the
    newest on which nothing of the script breaks. csa lists what breaks on the chosen release.
    """
    from .adopt import adopt  # with libcst and tables it takes longer than the rest of a start

    try:
        path = Path(folder).resolve(strict=True)
    except (OSError, RuntimeError) as error:  # a name that is too long, a loop of links
        raise Misuse(f"{folder}: no such folder") from error
    adoption = adopt(path, template, _answers(data), write=not dry_run)
    if as_json:
        print_value(outcome_json(adoption))
    else:
        print_diff(adoption.diff)
        print_adoption(adoption, Screen(stderr=dry_run), dry_run)
    sys.exit(1 if adoption.manual_steps else 0)


@main.command(epilog=EPILOG)
@packages_argument
@click.option("--check", is_flag=True, help="Exit with 1 when one is behind.")
@jobs_option
@json_option
def status(packages: tuple[str, ...], check: bool, jobs: int, as_json: bool) -> None:
    """Show versions and drift of packages.

    Without PACKAGE, all packages in and below this folder.

    Behind counts the releases of the template that are newer. Drift names the template's files that
    differ from a fresh render at the package's version.
    """
    folders = _folders(packages, EVERYTHING)
    results: Results[Status]
    results, stopped = collect(
        status_of_packages(folders, jobs=jobs), len(folders), lambda status: status.template
    )
    if as_json:
        print_json(results, asdict)
    else:
        print_statuses(results, Screen())
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
    """Print the folders of packages.

    One line each; without PACKAGE, all packages in and below this folder.

    With --changed-since, a folder that has ceased to be a package is an error, unless the whole
    folder is gone.
    """
    failed = _lost(packages, changed_since)
    listed: list[dict[str, str]] = []
    for folder in _changed(_listed(packages), changed_since):
        try:
            if not released:
                listed.append({"package": path_of(folder)})
            elif not version_of(folder).dev:
                listed.append({"package": path_of(folder), "image": image_of(folder).reference})
        except Failed as error:
            failed[folder] = error
    for folder, reason in failed.items():
        line(f"{path_of(folder)}: {reason}", err=True)
    if as_json:
        print_value(listed if released else [entry["package"] for entry in listed], indent=None)
    for entry in () if as_json else listed:
        line(" ".join(entry.values()))
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
    """Check packages against the rules.

    Without PACKAGE, all packages in and below this folder.

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
        print_json(results, lambda checked: {"result": "checked", **asdict(checked)})
    else:
        print_findings(results, github=form == "github")
    checked = [result for result in results.values() if isinstance(result, Checked)]
    reasons = {reason for package in checked for reason in package.not_checked.values()}
    for reason in sorted(reasons):
        line(f"The SDK was not checked: {reason}", err=True)
    clean = len(checked) == len(results) and not any(package.findings for package in checked)
    sys.exit(0 if clean and not (reasons and require_sdk) else 1)


def _changed(folders: list[Path], revision: str | None) -> list[Path]:
    return (
        folders
        if revision is None
        else [folder for folder in folders if has_changed(folder, revision)]
    )


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


@main.command("release", epilog=EPILOG)
@package_argument
@click.option(
    "--next",
    "following",
    type=click.Choice(NEXT),
    help="Start the next version by raising this part.",
)
def release_command(package: str, following: str | None) -> None:
    """Release PACKAGE: 1.0.0-dev becomes 1.0.0.

    version.txt gets the version, and its heading in HISTORY.md gets today's date. With --next, both
    get the next version in development. Everything stays uncommitted.
    """
    [folder] = named_packages((package,))
    click.echo(release(folder, following, date.today()))


@main.command("image", epilog=EPILOG)
@package_argument
@click.option("--name", help="Another name.", show_default="the folder's, in kebab-case")
@click.option("--tag", help="Another tag.", show_default="VERSION; in development, VERSION-COMMIT")
@json_option
def image_command(package: str, name: str | None, tag: str | None, as_json: bool) -> None:
    """Print the name of PACKAGE's image."""
    [folder] = named_packages((package,))
    image = image_of(folder, name, tag)
    if as_json:
        print_value({"reference": image.reference, **asdict(image)})
    else:
        line(image.reference)


@main.command("argo", epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--package", required=True, help="The package that the templates run.")
@click.option("--dry-run", "-n", is_flag=True, help="Print the diff and write nothing.")
def argo_command(files: tuple[str, ...], package: str, dry_run: bool) -> None:
    """Switch Argo templates from the git checkout to PACKAGE's image.

    Everything else stays byte for byte identical. A template that csa does not recognize is left
    unchanged and reported.
    """
    [folder] = named_packages((package,))
    image = image_of(folder)
    clean = True
    for number, name in enumerate(files):
        with deferred_signals() as told:
            try:
                changed = use_image_in(Path(name), folder, image.reference, write=not dry_run)
            except (Failed, OSError) as error:
                clean = False
                line(f"{name}: {error}", err=True)
            else:
                if dry_run:
                    print_diff(changed)
                else:
                    line(f"{name}: {'now runs' if changed else 'runs'} {image.reference}")
        if told and number + 1 < len(files):
            raise KeyboardInterrupt
    sys.exit(0 if clean else 1)


def _listed(packages: tuple[str, ...], scopes: Container[str] = (PACKAGE,)) -> list[Path]:
    return named_packages(packages, scopes) if packages else find_packages(Path.cwd(), scopes)


def _folders(packages: tuple[str, ...], scopes: Container[str] = (PACKAGE,)) -> list[Path]:
    folders = _listed(packages, scopes)
    if not folders:
        raise Misuse(f"no package in or below {Path.cwd()}: copier copy creates one")
    return folders


def _here() -> Path:
    """Return this folder; raise Misuse when it is not there any more."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise Misuse("this folder no longer exists") from error
