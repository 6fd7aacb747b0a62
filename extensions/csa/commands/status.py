"""csa status"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from ..errors import Failed
from ..output import Results, Screen, cell, collect, label_of, print_json, table
from ..update.status import Status, status_of_packages
from .options import EPILOG, EVERYTHING, folders_of, jobs_option, json_option, packages_argument


@click.command("status", epilog=EPILOG)
@packages_argument
@click.option("--check", is_flag=True, help="Exit with 1 when one is behind.")
@jobs_option
@json_option
def status_command(packages: tuple[str, ...], check: bool, jobs: int, as_json: bool) -> None:
    """Show versions and drift of packages.

    Without PACKAGE, all packages in and below this folder.

    Behind counts the releases of the template that are newer. Drift names the template's files that
    differ from a fresh render at the package's version.
    """
    folders = folders_of(packages, EVERYTHING)
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


def print_statuses(results: Mapping[Path, Status | Failed], screen: Screen) -> None:
    rows = table("Package", "Template", "pyatlan", "Python", "Base image", "Version", "Drift")
    for folder, result in results.items():
        if isinstance(result, Failed):
            rows.add_row(cell(label_of(folder)), cell("failed", "red"))
            continue
        behind = f"{result.template}, {result.behind} behind"
        drift = (
            path if kind == "changed" else f"{path} ({kind})" for path, kind in result.drift.items()
        )
        rows.add_row(
            cell(label_of(folder)),
            cell(behind, "yellow") if result.behind else cell(result.template),
            *map(cell, _columns(result)),
            cell(", ".join(drift)),
        )
    screen.print(rows)
    for folder, result in results.items():
        if isinstance(result, Failed):
            screen.say(f"{label_of(folder)}: {result}")


def _columns(status: Status) -> tuple[str, ...]:
    """Return what only a package has: pyatlan, Python, base image and version."""
    if status.pyatlan_version is None or status.python_version is None:
        return ("", "", "", "")
    missing = " (not in its registry)" if status.published is False else ""
    image = _short_image(status) + missing
    return status.pyatlan_version, status.python_version, image, status.version or "none"


def _short_image(status: Status) -> str:
    """Return the base image without what other columns show."""
    image = status.base_image or "none"
    name, _, tag = image.rpartition("/")[2].partition(":")
    return name if tag == f"{status.pyatlan_version}-{status.python_version}" else image
