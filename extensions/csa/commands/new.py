"""csa new"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from ..new import new_package, place_of
from ..output import Screen
from .findings import print_findings
from .help import epilog
from .options import answers_of, data_option, template_option


@click.command(
    "new",
    epilog=epilog(
        "csa new new_pkg  # in the scripts/ of this repository",
        "csa new team/other_pkg -d pyatlan_version=9.0.0",
    ),
)
@click.argument("folder")
@data_option
@click.option("--defaults", "-l", is_flag=True, help="Ask nothing: take the default answers.")
@click.option("--vcs-ref", "-r", metavar="VERSION", help="Tag, branch or commit of the template.",
              show_default="the newest release")  # fmt: skip
@template_option
def new_command(
    folder: str, data: tuple[str, ...], defaults: bool, vcs_ref: str | None, template: str
) -> None:
    """Create a package in FOLDER, as copier copy does.

    A name without a path is created in the scripts/ of the repository. csa check looks at the result.
    """
    from ..check import Checked, check_packages  # with libcst it takes longer than a start

    place = place_of(folder, Path.cwd())
    with tempfile.TemporaryDirectory(prefix="csa-") as work:
        ask = not defaults and sys.stdin.isatty()
        new_package(place, template, vcs_ref, answers_of(data), ask=ask, work=Path(work))
    results = dict(check_packages([place]))
    print_findings(results, Screen())
    clean = all(isinstance(result, Checked) and not result.findings for result in results.values())
    sys.exit(0 if clean else 1)
