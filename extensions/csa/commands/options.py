"""Options and arguments that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ..errors import Failed, Misuse
from ..fleet import default_jobs
from ..output import line
from ..packages import (
    ANSWERS_FILE,
    PACKAGE,
    REPOSITORY,
    find_packages,
    has_changed,
    lost_packages,
    no_package,
    packages_at,
)
from ..template import ADDRESS, has_password

Command = Callable[..., None]

EVERYTHING = (PACKAGE, REPOSITORY)
"""The scopes of what is updated: packages, and the files around them."""


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


def format_option(*forms: str, help: str) -> Callable[[Command], Command]:
    """Return the option --format, with `form` as its parameter, for text, JSON and other forms."""

    def decorated(command: Command) -> Command:
        @wraps(command)
        def run(*, form: str, as_json: bool, **options: Any) -> None:
            command(form="json" if as_json else form, **options)

        choices = click.option(
            "--format", "form", type=click.Choice(["text", "json", *forms]), default="text",
            show_default=True, help=help,
        )  # fmt: skip
        return choices(json_option(run))

    return decorated


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


def _address(context: click.Context, parameter: click.Parameter, address: str) -> str:
    if has_password(address):
        raise Misuse(
            "the address of a template is recorded in a file: leave the password or token out of it, "
            "and let git's credential helper know it"
        )
    return address


template_option = click.option(
    "--template",
    metavar="SOURCE",
    default=ADDRESS,
    show_default=True,
    callback=_address,
    help="Address or folder of the template's repository.",
)
data_option = click.option(
    "--data",
    "-d",
    multiple=True,
    metavar="NAME=ANSWER",
    help="Answer a question of the template, such as pyatlan_version=11.6.0.",
)


def answers_of(data: tuple[str, ...]) -> dict[str, str]:
    """Return the answers that --data gives, by question."""
    answers = {}
    for item in data:
        name, equals, answer = item.partition("=")
        if not (name and equals):
            raise Misuse(f"--data {item}: write NAME=ANSWER")
        answers[name] = answer
    return answers


def path_named(name: str) -> Path:
    """Return the folder or file that the command line names; raise Misuse when there is none."""
    if not name:  # of a variable that is not set
        raise Misuse("the name of a folder is empty")
    try:
        return Path(name).resolve(strict=True)
    except (OSError, RuntimeError) as error:  # a name that is too long, a loop of links
        raise Misuse(f"{name}: no such folder") from error


def listed(packages: tuple[str, ...], scopes: Container[str] = (PACKAGE,)) -> list[Path]:
    """Return the packages that the command line names, each once; all in and below this folder if
    it names none.

    Says which of several names have none, and raises Misuse when that is so for all.
    """
    if not packages:
        return find_packages(Path.cwd(), scopes)
    found = {name: packages_at(name, scopes) for name in packages}
    without = [no_package(name) for name, folders in found.items() if not folders]
    if len(without) == len(found):
        raise Misuse(without[0])
    for sentence in without:
        line(sentence, err=True)
    return list(dict.fromkeys(folder for folders in found.values() for folder in folders))


def folders_of(packages: tuple[str, ...], scopes: Container[str] = (PACKAGE,)) -> list[Path]:
    """Return the same; raise Misuse when there are none."""
    here = str(Path.cwd())
    folders = listed(packages, scopes) or packages_at(here, scopes)
    if not folders:
        raise Misuse(no_package(here))
    return folders


def changed_of(folders: list[Path], revision: str | None) -> list[Path]:
    """Return the packages that have changed since a revision, all of them for None."""
    return (
        folders
        if revision is None
        else [folder for folder in folders if has_changed(folder, revision)]
    )


def lost(packages: tuple[str, ...], revision: str | None) -> dict[Path, Failed]:
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
