"""csa release"""

from __future__ import annotations

from datetime import date

import click

from ..packages import package_at
from ..release import NEXT, release
from .options import EPILOG, package_argument


@click.command("release", epilog=EPILOG)
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
    folder = package_at(package)
    click.echo(release(folder, following, date.today()))
