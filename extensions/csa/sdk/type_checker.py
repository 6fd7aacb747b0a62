"""The type checker ty, as a program: it reads scripts and never runs them."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import decode_source
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from ..errors import Unavailable
from .environments import environment

TY = "ty==0.0.107"

RULES = (
    "import-not-found",
    "missing-argument",
    "missing-attribute",
    "missing-module-member",
    "too-many-positional-arguments",
    "unknown-argument",
)
"""The rules of ty on names that are not there and calls that raise a TypeError. Its rules on types
are not used: most scripts have no annotations, and what those find would not end a run."""

# A comment for another checker hides nothing here, and a package may be called dist or venv.
SETTINGS = """\
[analysis]
respect-type-ignore-comments = false
[src]
exclude = ["!**"]
respect-ignore-files = false
"""

PATIENCE = 60
"""For a run, in seconds: 20 scripts take 0.3."""

PROCESSOR_TIME = 3, 4
"""Seconds of the processor for a run, and more for each MB of source."""

MEMORY = 400_000_000, 400_000_000
"""Bytes for a run, and more for each MB of source: a package takes 60 MB."""


@dataclass(frozen=True)
class Diagnostic:
    """What ty found: file, position in it, rule and message."""

    path: str
    line: int
    column: int
    rule: str
    message: str


def run_ty(
    files: Mapping[str, bytes],
    python: str,
    roots: Sequence[Path],
    rules: Sequence[str] = RULES,
    stopped: Event | None = None,
) -> list[Diagnostic]:
    """Return what ty finds in Python files, given by their paths, for a version of Python, and the
    types that they ask for with reveal_type.

    Imports are looked for among the files and in `roots`, the first of them first. The project's
    and the user's own settings of ty have no say.

    Raises Unavailable when ty cannot be had, does not end well, or `stopped` is set.
    """
    program = environment(TY) / "bin" / "ty"
    with TemporaryDirectory(prefix="csa-ty-") as work:
        project, settings = Path(work, "project"), Path(work, "settings")
        settings.mkdir()
        for path, content in files.items():
            target = project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_as_utf8(content))
        (project / "ty.toml").write_text(SETTINGS)
        command = [str(program), "check", "--output-format", "gitlab", "--python-version", python]
        command += ["--ignore", "all", *(f"--error={rule}" for rule in rules)]
        command += [f"--extra-search-path={root}" for root in roots]
        outside = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH")
        variables = {
            name: value
            for name, value in os.environ.items()
            if name not in outside and not name.startswith("TY_")
        }
        size = sum(map(len, files.values()))
        try:
            with subprocess.Popen(
                [*command, "."],
                cwd=project,
                env={**variables, "XDG_CONFIG_HOME": str(settings)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as process:
                _limit(process.pid, size)
                try:
                    output, errors = _ended(process, stopped or Event())
                finally:
                    process.kill()
        except OSError as error:
            raise Unavailable(f"{TY} cannot be run: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"{TY} took more than {PATIENCE} seconds") from error
    if process.returncode in (-signal.SIGKILL, -signal.SIGXCPU):
        raise Unavailable(f"{TY} took too long for it")
    if process.returncode == -signal.SIGABRT:
        raise Unavailable(f"{TY} needed too much memory for it")
    try:
        return list(_diagnostics(json.loads(output)))
    except (ValueError, KeyError, TypeError) as error:
        said = errors.decode(errors="replace").strip().splitlines()[:1] or ["no output"]
        raise Unavailable(f"{TY} failed: {said[0]}") from error


def _ended(process: subprocess.Popen[bytes], stopped: Event) -> tuple[bytes, bytes]:
    """Return what a process printed; raise TimeoutExpired after PATIENCE, or once it is stopped."""
    waited = 0
    while True:
        try:
            return process.communicate(timeout=1)
        except subprocess.TimeoutExpired:
            waited += 1
            if waited >= PATIENCE or stopped.is_set():
                raise


def _limit(process: int, size: int) -> None:
    """Bound what a process may take for source of a size in bytes, where the system can do that."""
    if sys.platform == "linux":
        seconds, memory = (
            first + more * size // 1_000_000 for first, more in (PROCESSOR_TIME, MEMORY)
        )
        resource.prlimit(process, resource.RLIMIT_CPU, (seconds, seconds))
        _, hard = resource.prlimit(process, resource.RLIMIT_DATA)  # csa's own, while it checks
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.prlimit(process, resource.RLIMIT_DATA, (most, hard))


def _diagnostics(report: list[dict[str, Any]]) -> Iterator[Diagnostic]:
    for entry in report:
        rule, location = entry["check_name"], entry["location"]
        begin = location["positions"]["begin"]
        message = entry["description"].removeprefix(f"{rule}: ")
        yield Diagnostic(location["path"], begin["line"], begin["column"], rule, message)


def _as_utf8(content: bytes) -> bytes:
    """Return Python source in UTF-8, which ty reads alone, whatever encoding it declares."""
    try:
        return decode_source(content).encode()
    except (LookupError, SyntaxError, UnicodeError):
        return content
