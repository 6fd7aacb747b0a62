"""csa list"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import Failed, Misuse
from ..files import is_file
from ..image import image_of
from ..output import line, path_of, print_value
from ..release import last_release, version_of
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
@click.option(
    "--last-released",
    is_flag=True,
    help="Only packages with a release, with the name of the last one's image.",
)
@json_option
def list_command(
    packages: tuple[str, ...],
    changed_since: str | None,
    released: bool,
    last_released: bool,
    as_json: bool,
) -> None:
    """Print the folders of packages.

    One line each; without PACKAGE, all packages in and below this folder.

    With --changed-since, a folder that has ceased to be a package is an error, unless the whole
    folder is gone. The last release is the first entry with a date in HISTORY.md.
    """
    if released and last_released:
        raise Misuse("--released and --last-released: use one of them")
    with_images = released or last_released
    failed = lost(packages, changed_since)
    entries: list[dict[str, str]] = []
    for folder in changed_of(listed(packages), changed_since):
        try:
            if not with_images:
                entries.append({"package": path_of(folder)})
            elif version := _last_released(folder) if last_released else _released(folder):
                image = image_of(folder, tag=version)
                names = {"package": path_of(folder), "image": image.reference}
                # What an earlier release was built on, the answers no longer tell.
                entries.append(names if last_released else {**names, "base": image.base})
        except Failed as error:
            failed[folder] = error
    for folder, reason in failed.items():
        line(f"{path_of(folder)}: {reason}", err=True)
    if as_json:
        print_value(
            entries if with_images else [entry["package"] for entry in entries], indent=None
        )
    for entry in () if as_json else entries:
        line(" ".join([*entry.values()][:2]))
    sys.exit(1 if failed else 0)


def _released(folder: Path) -> str | None:
    """Return a package's version if it is a released one."""
    version = version_of(folder)
    return None if version.dev else str(version)


def _last_released(folder: Path) -> str | None:
    """Return the version of a package's last release, also while the next one is developed."""
    released = _released(folder)
    if released is None and is_file(folder, "HISTORY.md") and (entry := last_release(folder)):
        return entry.version
    return released
