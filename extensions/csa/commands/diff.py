"""csa diff"""

from __future__ import annotations

import sys

import click

from ..errors import Failed
from ..output import label_of, line, print_diff
from ..update.status import diffs_of_packages
from .help import epilog
from .options import EVERYTHING, folders_of, jobs_option, packages_argument


@click.command("diff", epilog=epilog("csa diff", "csa diff scripts/new_pkg"))
@packages_argument
@jobs_option
def diff_command(packages: tuple[str, ...], jobs: int) -> None:
    """Show how packages differ from the template.

    Without PACKAGE, all packages in and below this folder.

    The diff goes from a fresh render of a package's version to its files. Files that are yours from
    the first minute, such as main.py, are left out.
    """
    failed = False
    folders = folders_of(packages, EVERYTHING)
    results = dict(diffs_of_packages(folders, jobs=jobs))
    for folder in folders:
        result = results[folder]
        if isinstance(result, Failed):
            failed = True
            line(f"{label_of(folder)}: {result}", err=True)
        else:
            print_diff(result)
    sys.exit(1 if failed else 0)
