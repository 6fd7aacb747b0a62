"""How csa starts: `csa --help` is there at once."""

from __future__ import annotations

import json
import sys

import click
import pytest
from csa.cli import COMMANDS, main

from tests.support.commands import run

LOADED = """
import json, sys
from csa.cli import main

try:
    main(["--help"])
except SystemExit:
    print(json.dumps(sorted(sys.modules)))
"""


def test_help_loads_no_command_and_none_of_its_libraries() -> None:
    *shown, loaded = run(sys.executable, "-c", LOADED).stdout.splitlines()
    modules = json.loads(loaded)
    assert any(line.split()[:1] == ["update"] for line in shown)
    heavy = ("copier", "csa.commands", "jinja2", "libcst", "rich", "yaml")
    assert [module for module in modules if module.startswith(heavy)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_of_each_command_what_its_own_help_begins_with(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").partition("\n")[0] == COMMANDS[name]
