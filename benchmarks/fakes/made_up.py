"""Command lines for a script, made up from its parser."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Any

Argument = tuple[str, bool, int, str, str]
"""An option or "", whether it is required, how many values it takes, its type, a value it must have."""

VALUES = {
    r"json": "data.json",
    r"ini\b|conf": "data.ini",
    r"dir|folder|root": "data",
    r"file|path|csv|input|label|mapping|spec": "data.csv",
    r"date|day|since|until|start|\bend\b": "2024-01-02",
    r"url|host|server": "https://example.com",
    r"": "made-up",
}
"""By what an argument is called."""

OF_TYPES = {"int": "3", "integer": "3", "float": "2.5", "bool": "true", "boolean": "true"}


def of_argparse(parser: argparse.ArgumentParser) -> list[list[str]]:
    """Return for each subcommand what it requires, and all that it takes."""
    groups = parser._mutually_exclusive_groups
    others = [action for group in groups for action in group._group_actions[1:]]
    needed = [group._group_actions[0] for group in groups if group.required]
    arguments, subcommands = [], {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            subcommands = dict(action.choices)
        elif (
            action not in others
            and action.dest != "help"
            and "--version" not in action.option_strings
        ):
            option = max(action.option_strings, key=len, default="")
            count = action.nargs if isinstance(action.nargs, int) else 1
            kind = getattr(action.type, "__name__", "")
            choice = str(next(iter(action.choices or ()), ""))
            required = action.required or action in needed
            arguments.append((option or action.dest, required, count, kind, choice))
    below = {name: of_argparse(subparser) for name, subparser in subcommands.items()}
    return list(_lines(arguments, below))


def of_click(command: Any) -> list[list[str]]:
    """Return the same for a command or group of click's."""
    arguments = [
        (
            max(parameter.opts, key=len)
            if parameter.param_type_name == "option"
            else parameter.name,
            parameter.required,
            0 if getattr(parameter, "is_flag", False) else max(parameter.nargs, 1),
            parameter.type.name,
            str(next(iter(getattr(parameter.type, "choices", ())), "")),
        )
        for parameter in command.params
    ]
    subcommands = getattr(command, "commands", {}).items()
    return list(_lines(arguments, {name: of_click(one) for name, one in subcommands}))


def _lines(arguments: list[Argument], below: dict[str, list[list[str]]]) -> Iterator[list[str]]:
    for everything in (False, True):
        words = [
            word
            for argument in arguments
            if everything or argument[1]
            for word in _words(*argument)
        ]
        if not below:
            yield words
        for name, lines in below.items():
            yield from ([*words, name, *line] for line in lines[everything::2])


def _words(name: str, _required: bool, count: int, kind: str, choice: str) -> Iterator[str]:
    if name.startswith("-"):
        yield name
    called = next(value for pattern, value in VALUES.items() if re.search(pattern, name))
    yield from [choice or OF_TYPES.get(kind, called)] * count
