"""csa argo"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ..argo import use_image_in
from ..diff import diff
from ..errors import Failed, Misuse, failure_of
from ..image import image_of
from ..output import line, print_diff, print_value
from ..packages import package_at
from ..signals import deferred_signals
from .help import epilog
from .options import json_option


@click.command(
    "argo",
    epilog=epilog(
        "csa argo --dry-run sync.yaml --package scripts/new_pkg",
        "csa argo sync.yaml --package scripts/new_pkg",
    ),
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--package", required=True, help="The package that the templates run.")
@click.option("--dry-run", "-n", is_flag=True, help="Print the diff and write nothing.")
@json_option
def argo_command(files: tuple[str, ...], package: str, dry_run: bool, as_json: bool) -> None:
    """Switch Argo templates from the git checkout to PACKAGE's image.

    Everything else stays byte for byte identical. A template that csa does not recognize is left
    unchanged and reported.
    """
    folder = package_at(package)
    if not any(map(os.path.lexists, files)):
        raise Misuse(f"{files[0]}: no such file")
    described = image_of(folder)
    image = described.reference
    results: list[dict[str, str]] = []
    stopped = False
    for number, name in enumerate(files):
        result = {"file": os.fsencode(name).decode(errors="replace")}
        try:
            with deferred_signals() as told:
                before, after = use_image_in(Path(name), folder, image, write=not dry_run)
            patch = diff(before, after) if dry_run or as_json else b""
        except (Failed, OSError) as error:
            message = str(failure_of(error))
            result |= {"result": "failed", "message": message}
            if not as_json:
                line(f"{name}: {message}", err=True)
        else:
            what = "current" if before == after else "updated"
            result |= {"result": what, "image": image, "diff": patch.decode(errors="replace")}
            if dry_run and not as_json:
                print_diff(patch)
            elif not as_json:
                line(f"{name}: {'runs' if before == after else 'now runs'} {image}")
        results.append(result)
        stopped = bool(told) and number + 1 < len(files)
        if stopped:
            break
    if as_json:
        print_value({"files": results})
    elif not described.release and any(result["result"] != "failed" for result in results):
        line(
            f"{described.tag} is in development: Argo finds its image only if you published it",
            err=True,
        )
    if stopped:
        raise KeyboardInterrupt
    sys.exit(1 if any(result["result"] == "failed" for result in results) else 0)
