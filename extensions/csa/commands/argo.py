"""csa argo"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..argo import use_image_in
from ..diff import diff
from ..errors import Failed, failure_of
from ..image import image_of
from ..output import line, print_diff
from ..packages import package_at
from ..signals import deferred_signals
from .options import EPILOG


@click.command("argo", epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--package", required=True, help="The package that the templates run.")
@click.option("--dry-run", "-n", is_flag=True, help="Print the diff and write nothing.")
def argo_command(files: tuple[str, ...], package: str, dry_run: bool) -> None:
    """Switch Argo templates from the git checkout to PACKAGE's image.

    Everything else stays byte for byte identical. A template that csa does not recognize is left
    unchanged and reported.
    """
    folder = package_at(package)
    image = image_of(folder)
    clean = True
    for number, name in enumerate(files):
        try:
            with deferred_signals() as told:
                before, after = use_image_in(Path(name), folder, image.reference, write=not dry_run)
            patch = diff(before, after) if dry_run else b""
        except (Failed, OSError) as error:
            clean = False
            line(f"{name}: {failure_of(error)}", err=True)
        else:
            if dry_run:
                print_diff(patch)
            else:
                line(f"{name}: {'runs' if before == after else 'now runs'} {image.reference}")
        if told and number + 1 < len(files):
            raise KeyboardInterrupt
    sys.exit(0 if clean else 1)
