"""csa list"""

from __future__ import annotations

import sys

import click

from ..errors import Failed
from ..image import image_of
from ..output import line, path_of, print_value
from ..release import version_of
from .help import epilog
from .options import changed_of, changed_option, json_option, listed, lost, packages_argument


@click.command(
    "list",
    epilog=epilog(
        "csa list", "csa list --changed-since origin/main --json  # for a matrix of jobs"
    ),
)
@packages_argument
@changed_option
@click.option(
    "--released",
    is_flag=True,
    help="Only packages with a released version, with their images; as JSON also with their bases.",
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
    failed = lost(packages, changed_since)
    entries: list[dict[str, str]] = []
    for folder in changed_of(listed(packages), changed_since):
        try:
            if not released:
                entries.append({"package": path_of(folder)})
            elif not version_of(folder).dev:
                image = image_of(folder)
                names = {"image": image.reference, "base": image.base}
                entries.append({"package": path_of(folder), **names})
        except Failed as error:
            failed[folder] = error
    for folder, reason in failed.items():
        line(f"{path_of(folder)}: {reason}", err=True)
    if as_json:
        print_value(entries if released else [entry["package"] for entry in entries], indent=None)
    for entry in () if as_json else entries:
        line(" ".join([entry["package"], entry["image"]] if released else entry.values()))
    sys.exit(1 if failed else 0)
