"""Fakes for what a stranger's script would reach: third parties, processes, the network, the clock.

Python imports this file at its start when PYTHONPATH names the folder. Third-party modules, but for
those that only parse arguments, are those of tests/legacy/standins; their log also gets what is done
with processes and the network. A run ends with code 99 after CALLS lines of it: what waits for an
answer that no fake gives would never end. Whoever is asked says y, ANSWERS times. Where COMMAND_LINES
names a file, the run ends at the parsing, and the file has command lines that could be parsed.
"""

from __future__ import annotations

import builtins
import ftplib
import functools
import getpass
import http.client
import importlib
import importlib.machinery
import importlib.util
import json
import os
import random
import smtplib
import subprocess
import sys
import time
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import made_up  # type: ignore[import-not-found]  # beside this file

CALLS = 500
ANSWERS = 9
REAL = ("click", "typer")
STANDINS = Path(__file__).parents[2] / "tests" / "legacy" / "standins" / "sitecustomize.py"
FAKES = {
    ftplib: ["FTP", "FTP_TLS"],
    http.client: ["HTTPConnection", "HTTPSConnection"],
    os: ["execv", "execvp", "kill", "popen", "startfile", "system"],
    smtplib: ["SMTP", "SMTP_SSL"],
    subprocess: [
        "Popen",
        "call",
        "check_call",
        "check_output",
        "getoutput",
        "getstatusoutput",
        "run",
    ],
    time: ["sleep"],
    urllib.request: ["build_opener", "urlopen", "urlretrieve"],
    webbrowser: ["open", "open_new_tab"],
}

ANSWER = '{"id": "1", "name": "first"}'
GIVEN = {
    "content": ANSWER.encode(),
    "ok": True,
    "returncode": 0,
    "status_code": 200,
    "text": ANSWER,
}
"""Attributes of whatever comes from a fake, without which most runs would end early."""

PARSERS = {
    "argparse": ("ArgumentParser", "parse_known_args", made_up.of_argparse),
    "click": ("Command", "main", made_up.of_click),
    "typer.core": ("TyperCommand", "main", made_up.of_click),
}


def load_standins() -> Any:
    spec = importlib.util.spec_from_file_location("standins", STANDINS)
    assert spec and spec.loader
    standins = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(standins)
    return standins


@functools.cache
def _read_environment(process: int, standins: Any) -> None:
    standins.LOG = os.environ.get("CALL_LOG", os.devnull)
    standins.ONLY_FOR = os.environ.get("STANDINS_ONLY_FOR")
    standins.AT_START = dict(os.environ)


def environment_of_fork(standins: Any) -> None:
    """Let the stand-ins have the environment that a fork began with, not that of their import."""
    _read_environment(os.getpid(), standins)


def end(code: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    standins: Any = load_standins()
    write, of_standins = standins.log, standins._is_for_this
    is_third_party = standins.Finder._is_third_party
    left = {"calls": CALLS, "answers": ANSWERS}

    def is_for_this() -> bool:
        environment_of_fork(standins)
        return bool(of_standins())

    def log(line: str) -> None:
        environment_of_fork(standins)
        left["calls"] -= 1
        if not left["calls"]:
            end(99)
        write(line)

    def answer(prompt: object = "", stream: object = None) -> str:
        print(prompt, end="", flush=True)
        left["answers"] -= 1
        if left["answers"] < 0:
            raise EOFError("EOF when reading a line")
        return "y"

    def is_faked(name: str) -> bool:
        return (
            not (name in REAL and importlib.machinery.PathFinder.find_spec(name))
            and is_third_party(name)
            and "site-packages" not in standins._importer()  # what the real ones need
        )

    def make(path: str) -> Any:
        name = path.rpartition(".")[2]
        return GIVEN[name] if name in GIVEN else recorder(path)

    recorder = standins.make
    standins.log, standins.make, standins._is_for_this = log, make, is_for_this
    read_json = json.loads
    json.loads = lambda text, **options: (
        standins.Recorder("json.loads()")
        if isinstance(text, standins.Recorder)
        else read_json(text, **options)
    )
    json.JSONEncoder.default = lambda encoder, value: repr(value)  # type: ignore[assignment, method-assign]
    standins.Finder._is_third_party = staticmethod(is_faked)
    for module, names in FAKES.items():
        for name in names:
            if hasattr(module, name):
                setattr(module, name, standins.Recorder(f"{module.__name__}.{name}"))
    builtins.input = getpass.getpass = answer
    random.seed(0)
    for library, (name, parse, lines) in PARSERS.items():
        if importlib.machinery.PathFinder.find_spec(library.split(".")[0]):
            parser = getattr(importlib.import_module(library), name)
            setattr(parser, parse, told(getattr(parser, parse), lines))


def told(parse: Callable[..., Any], lines: Callable[[Any], list[list[str]]]) -> Callable[..., Any]:
    """Return a parsing function that writes what could be parsed, where it is asked for that."""

    def parse_or_tell(parser: Any, *args: Any, **kwargs: Any) -> Any:
        if file := os.environ.get("COMMAND_LINES"):
            Path(file).write_text(json.dumps(lines(parser)))
            end(0)
        return parse(parser, *args, **kwargs)

    return parse_or_tell


main()
