"""csa image"""

from __future__ import annotations

from dataclasses import asdict

import click

from ..image import image_of, refuse_uncommitted
from ..output import line, path_of, print_value
from ..packages import package_at
from .help import epilog
from .options import json_option, package_argument


@click.command(
    "image", epilog=epilog("csa image scripts/new_pkg", "csa image scripts/new_pkg --tag test")
)
@package_argument
@click.option("--name", help="Another name.", show_default="the folder's, in kebab-case")
@click.option("--tag", help="Another tag.", show_default="VERSION; in development, VERSION-COMMIT")
@json_option
def image_command(package: str, name: str | None, tag: str | None, as_json: bool) -> None:
    """Print the name of PACKAGE's image."""
    folder = package_at(package)
    image = image_of(folder, name, tag)
    if tag is None:
        refuse_uncommitted(folder)
    if as_json:
        named = {"package": path_of(folder), "reference": image.reference}
        print_value({**named, **asdict(image)})
    else:
        line(image.reference)
