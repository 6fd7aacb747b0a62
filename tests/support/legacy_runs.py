"""Runs of the scripts in tests/legacy: what a script did, so that two versions can be compared."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

LEGACY = Path(__file__).parents[1] / "legacy"
STANDINS = LEGACY / "standins"
TIMEOUT = 60

Expect = Literal["done", "partly", "left", "conforms"]


@dataclass(frozen=True)
class Run:
    """One way to run a script."""

    args: list[str] = field(default_factory=list)
    stdin: str = ""
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """Written into the working directory before the run."""
    code: int = 0
    """The exit code of the script as it was written."""
    traceback: bool = False
    """It ends with a traceback, which names lines: of stderr only the last line counts."""


@dataclass(frozen=True)
class Case:
    """A script of the corpus and what `csa adopt` should make of it."""

    difficulty: str
    expect: Expect
    runs: list[Run]
    line: int | None = None
    """The line of main.py that the report should point to, if it is clear."""


@dataclass(frozen=True)
class Result:
    """What a run did."""

    stdout: str
    stderr: str
    code: int
    files: dict[str, bytes]
    """The files that the run made or changed, by their path in the working directory."""
    calls: list[str]
    """What it did with third-party modules, in order."""


def cases() -> dict[str, Case]:
    """Return the corpus by name, as its cases.yaml has it; a key that is not known is an error."""
    corpus = yaml.safe_load((LEGACY / "cases.yaml").read_text(encoding="utf-8"))
    return {name: _case(name, data) for name, data in corpus.items()}


def _case(name: str, data: dict[str, Any]) -> Case:
    if data["expect"] not in get_args(Expect):
        raise ValueError(f"{name}: expect is {data['expect']!r}")
    runs = [
        Run(**{**run, "args": [str(argument) for argument in run.get("args", [])]})
        for run in data.pop("runs")
    ]
    return Case(runs=runs, **data)


def script_of(name: str) -> Path:
    """Return where a case's main.py is: in a folder of its own if it needs other files."""
    alone = LEGACY / f"{name}.py"
    return alone if alone.is_file() else LEGACY / name / "main.py"


def copy_case(name: str, destination: Path) -> None:
    """Write the folder of a case as its author had it."""
    script = script_of(name)
    if script.name == "main.py":
        shutil.copytree(script.parent, destination, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        destination.mkdir(parents=True)
        shutil.copyfile(script, destination / "main.py")


def run_script(name: str, run: Run, work: Path, main: Path | None = None) -> Result:
    """Run a copy of the case's main.py, or of `main` in its place, below `work`.

    Raises subprocess.TimeoutExpired when it does not end.
    """
    place = Path(tempfile.mkdtemp(dir=work)).resolve()
    copy = place / name
    copy_case(name, copy)
    if main is not None:
        shutil.copyfile(main, copy / "main.py")
    for path, content in run.files.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_bytes(content.encode())
    inputs = _files(copy)
    log = place / "calls.log"
    log.touch()
    done = subprocess.run(
        [sys.executable, "main.py", *run.args],
        check=False,
        cwd=copy,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "COLUMNS": "80",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(STANDINS),
            "CALL_LOG": str(log),
            **run.env,
        },
        input=run.stdin.encode(),
        capture_output=True,
        timeout=TIMEOUT,
    )

    def text(output: bytes) -> str:
        return output.decode("utf-8", "backslashreplace").replace(str(copy), "<folder>")

    stderr = text(done.stderr)
    return Result(
        stdout=text(done.stdout),
        stderr="".join(stderr.splitlines()[-1:]) if run.traceback else stderr,
        code=done.returncode,
        files={
            name: content for name, content in _files(copy).items() if inputs.get(name) != content
        },
        calls=text(log.read_bytes()).splitlines(),
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
