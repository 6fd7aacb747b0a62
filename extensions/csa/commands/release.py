"""csa release"""

from __future__ import annotations

from datetime import date

import click

from ..errors import Misuse
from ..output import path_of, print_value
from ..packages import package_at
from ..release import NEXT, release
from .help import epilog
from .options import json_option, package_argument


@click.command(
    "release",
    epilog=epilog(
        "csa release scripts/new_pkg  # 1.0.0-dev becomes 1.0.0",
        "csa release scripts/new_pkg --next minor  # then 1.1.0-dev",
    ),
)
@package_argument
@click.option(
    "--next",
    "following",
    type=click.Choice(NEXT),
    help="Start the next version by raising this part.",
)
@click.option(
    "--entry", metavar="TEXT", help="With --next: what HISTORY.md says of it, in one line."
)
@json_option
def release_command(package: str, following: str | None, entry: str | None, as_json: bool) -> None:
    """Release PACKAGE: 1.0.0-dev becomes 1.0.0.

    version.txt gets the version, and its heading in HISTORY.md gets today's date. With --next, both
    get the next version in development. Everything stays uncommitted.
    """
    folder = package_at(package)
    if entry is not None and (following is None or not entry.strip() or not entry.isprintable()):
        raise Misuse("--entry is one line of text, for the version that --next starts")
    version = release(folder, following, date.today(), entry)
    if as_json:
        result = "in development" if version.dev else "released"
        print_value({"package": path_of(folder), "result": result, "version": str(version)})
    else:
        click.echo(version)
