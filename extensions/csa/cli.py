"""The command line: what a user types, sees, and gets as an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from .commands.adopt import adopt_command
from .commands.argo import argo_command
from .commands.check import check_command
from .commands.diff import diff_command
from .commands.image import image_command
from .commands.list import list_command
from .commands.new import new_command
from .commands.options import EXIT_CODES, epilog
from .commands.prove import prove_command
from .commands.release import release_command
from .commands.status import status_command
from .commands.update import update_command
from .errors import Failed, Misuse, sentence_of
from .git import prepare_environment
from .output import line
from .signals import stop_signals
from .transaction import Place, undo_unfinished


class Group(click.Group):
    """Ends misuse, failures and Ctrl-C with one sentence and the exit code that stands for it."""

    def main(self, *arguments: Any, **settings: Any) -> Any:
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:  # closed
                setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  # for as long as this runs
            stream = getattr(sys, name)
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # files have names that are no text
        try:
            return super().main(*arguments, **settings)
        except (Misuse, Failed, OSError) as error:
            line(f"Error: {sentence_of(error)}", err=True)
            sys.exit(2 if isinstance(error, Misuse) else 1)

    def invoke(self, context: click.Context) -> Any:
        try:
            _here()
            return super().invoke(context)
        except KeyboardInterrupt:
            click.echo(f"csa was {EXIT_CODES[130]}.", err=True)
            context.exit(130)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=epilog("csa new new_pkg  # a first package, in the scripts/ of this repository"),
)
@click.version_option(package_name="csa-template", prog_name="csa")
def main() -> None:
    """Manage Atlan script packages: create, update, adopt, prove, check, release."""
    prepare_environment()
    for number in stop_signals():
        signal.signal(number, signal.default_int_handler)
    try:
        undo_unfinished(Place.outside())
    except (Failed, OSError) as error:
        line(
            f"What a killed csa left outside of git cannot be put back: {sentence_of(error)}",
            err=True,
        )


for command in (
    new_command,
    update_command,
    adopt_command,
    prove_command,
    status_command,
    list_command,
    diff_command,
    check_command,
    release_command,
    image_command,
    argo_command,
):
    main.add_command(command)


def _here() -> Path:
    """Return this folder; raise Misuse when it is not there any more."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise Misuse("this folder no longer exists") from error
