"""The command line: what a user types, sees, and gets as an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from .commands.help import EXIT_CODES, epilog
from .errors import Failed, Misuse, sentence_of

COMMANDS = {
    "adopt": "Convert the legacy script in FOLDER to a package.",
    "argo": "Switch Argo templates from the git checkout to PACKAGE's image.",
    "check": "Check packages against the rules.",
    "diff": "Show how packages differ from the template.",
    "image": "Print the name of PACKAGE's image.",
    "list": "Print the folders of packages.",
    "new": "Create a package in FOLDER, as copier copy does.",
    "prove": "Check whether a refactored script runs as before.",
    "release": "Release PACKAGE: 1.0.0-dev becomes 1.0.0.",
    "status": "Show versions and drift of packages.",
    "update": "Update packages to the template's newest release.",
}
"""Each command, by the module that has it, and what its own help begins with.

A start that loads all of them takes several times as long as one that loads none.
"""


class Group(click.Group):
    """Loads a command when it is called.

    Ends misuse, failures and Ctrl-C with one sentence and the exit code that stands for it.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(
            import_module(f".commands.{cmd_name}", __package__), f"{cmd_name}_command"
        )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

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
            from .output import line

            line(f"Error: {sentence_of(error)}", err=True)
            if isinstance(error, OSError):  # Python would flush again, and exit with 120
                sys.stdout = open(os.devnull, "w")  # noqa: SIM115
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
    from .git import prepare_environment
    from .signals import stop_signals
    from .transaction import Place, undo_unfinished

    prepare_environment()
    for number in stop_signals():
        signal.signal(number, signal.default_int_handler)
    try:
        undo_unfinished(Place.outside())
    except (Failed, OSError) as error:
        from .output import line

        line(
            f"What a killed csa left outside of git cannot be put back: {sentence_of(error)}",
            err=True,
        )


def _here() -> Path:
    """Return this folder; raise Misuse when it is not there any more."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise Misuse("this folder no longer exists") from error
