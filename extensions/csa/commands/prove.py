"""csa prove"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ..output import Screen, print_value
from .help import epilog
from .options import json_option, path_named

if TYPE_CHECKING:
    from ..prove import Proof


@click.command(
    "prove",
    epilog=epilog(
        "csa prove scripts/old_script  # compared with the last commit",
        "csa prove scripts/old_script --since HEAD~1",
    ),
)
@click.argument("folder")
@click.option(
    "--since",
    metavar="REVISION",
    help="The revision to compare with.",
    show_default="HEAD",
)
@json_option
def prove_command(folder: str, since: str | None, as_json: bool) -> None:
    """Check whether a refactored script runs as before.

    main.py and the modules beside it are compared with those at a revision, under whatever name the
    folder had then. Functions that are new, or called in one place, count as if their statements
    stood there. Where something differs, or cannot be judged, csa names the first place.
    """
    from ..prove import prove  # with libcst it takes longer than a start

    proof = prove(path_named(folder), since)
    if as_json:
        print_value({"result": proof.result, **asdict(proof)})
    else:
        print_proof(proof, Screen())
    sys.exit(0 if proof.result == "proven" else 1)


def print_proof(proof: Proof, screen: Screen) -> None:
    """Print of each file that it is proven, or where it differs."""
    for path, verdict in proof.verdicts.items():
        if verdict.result == "proven":
            screen.say(f"{path}: proven to run as before", "green")
            continue
        what = "differs" if verdict.result == "different" else "cannot be judged"
        screen.say(f"{path}: {what}{f': {verdict.reason}' if verdict.reason else ''}", "red")
        sides = (("before", proof.before, verdict.old), ("now", proof.folder, verdict.new))
        for when, folder, place in sides:
            if place:
                screen.say(f"  {when:<6}  {folder}/{path}:{place.line}: {place.text}")
            elif verdict.result == "different":
                screen.say(f"  {when:<6}  nothing runs here")
    if proof.result == "proven":
        screen.say(f"{proof.folder} runs as {proof.before} did at {proof.since}", "bold")
