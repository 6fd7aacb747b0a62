"""Releases of pyatlan and the type checker, installed once in the user's cache folder.

Everything is fetched with uv, or pip where there is no uv, as wheels only: nothing is built, so no
code of a package runs. Each requirement has a folder of its own, which all packages and processes
share.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version
from platformdirs import user_cache_path

from ..errors import Failed, Unavailable

PYTHON = "3.11"
"""The Python that wheels are chosen for: the one in most base images."""

PATIENCE = 300
"""For an installation, in seconds."""


class NoSuchRelease(Failed):
    """The package index has no such release."""


def environment(requirement: str) -> Path:
    """Return a folder with a requirement such as `pyatlan==11.6.0` and all that it needs.

    It is installed when it is first asked for. Safe to interrupt, and to call from several
    processes at once.

    Raises NoSuchRelease when the package index does not have it, Unavailable when it cannot be
    asked.
    """
    if not re.fullmatch(r"[a-z]+==[0-9]{1,4}(\.[0-9]{1,4}){2}", requirement):
        name, _, release = requirement.partition("==")
        raise NoSuchRelease(f"{name} {release[:20]} is not a release: write X.Y.Z")
    cache = user_cache_path("csa")
    folder = cache / requirement.replace("==", "-")
    # Written last: a folder without it was not finished, or has been cleaned up in part.
    stamp = folder / "complete"
    if stamp.is_file():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not stamp.is_file():
                # One of its own: the installer of a killed run may still be writing to another.
                for other in (folder, *cache.glob("unfinished-*")):
                    shutil.rmtree(other, ignore_errors=True)
                unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=cache))
                _install(requirement, unfinished)
                (unfinished / stamp.name).touch()
                unfinished.rename(folder)
    except OSError as error:
        raise Unavailable(f"{error.filename} cannot be written: {error.strerror}") from error
    return folder


def newest_release(most: str) -> str | None:
    """Return the newest release of pyatlan up to a version, None if there is none.

    Raises Unavailable when the package index cannot be asked.
    """
    with tempfile.TemporaryDirectory() as target:
        try:
            said = _install(f"pyatlan<={most}", Path(target), "--dry-run", "--no-deps")
        except NoSuchRelease:
            return None
    found = re.search(r"\bpyatlan(?:==|-)(\d+\.\d+\.\d+)\b", said)
    return found[1] if found else None


def has_wheel(requirements: Sequence[str], python: str) -> bool:
    """Tell whether each of some requirements has a wheel for a version of Python, such as 3.13.

    Raises Unavailable when the package index cannot be asked.
    """
    with tempfile.TemporaryDirectory() as target:
        result = _run(requirements, Path(target), "--dry-run", "--no-deps", python=python)
    said = result.stdout + result.stderr
    if result.returncode and not re.search(
        r"no (usable )?wheels?\b|no versions? of |from versions: |not found in the package", said
    ):
        raise Unavailable(_reason(said))
    return result.returncode == 0


@dataclass(frozen=True)
class Resolved:
    """A distribution that requirements bring: its version, and the names of those that require it."""

    version: Version
    by: set[str]


def resolved(requirements: Sequence[str], python: str) -> dict[str, Resolved]:
    """Return what some requirements bring to a version of Python today, by its name.

    Nothing where that cannot be told: without uv or a network, or where they cannot be installed.
    """
    options = ("--only-binary", ":all:", "--no-header", "--annotation-style", "line", "--quiet")
    if not (uv := shutil.which("uv")):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.in"
        wanted.write_text("\n".join(requirements))
        try:
            result = _call(
                [uv, "pip", "compile", "--python-version", python, *options, str(wanted)]
            )
        except Unavailable:
            return {}
    said = "" if result.returncode else result.stdout
    lines = re.findall(r"^([\w.-]+)==(\S+)\s+# via (.*)", said, re.MULTILINE)
    return {name: Resolved(Version(version), {*by.split(", ")}) for name, version, by in lines}


def _install(requirement: str, target: Path, *options: str) -> str:
    """Install into a folder, and return what uv or pip printed."""
    result = _run([requirement], target, *options)
    said = result.stdout + result.stderr
    if result.returncode == 0:
        return said
    name = requirement.replace("==", " ")
    if _is_unknown(said):
        raise NoSuchRelease(f"{name} does not exist on the package index")
    raise Unavailable(f"{name} cannot be downloaded: {_reason(said)}")


def _run(
    requirements: Sequence[str], target: Path, *options: str, python: str = PYTHON
) -> subprocess.CompletedProcess[str]:
    """Have uv, or pip, install wheels for a version of Python into a folder."""
    uv = shutil.which("uv")
    program = [uv, "pip"] if uv else [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    command = [*program, "install", "--python", sys.executable] if uv else [*program, "install"]
    command += ["--target", str(target), "--python-version", python, "--only-binary", ":all:"]
    return _call([*command, *options, *requirements])


def _call(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run uv or pip."""
    try:
        # In a folder of nobody's: uv would take settings from a repository, python -m modules.
        with tempfile.TemporaryDirectory() as nowhere:
            return subprocess.run(
                command,
                cwd=nowhere,
                # Without a network, uv would try for half a minute.
                env={
                    **os.environ,
                    "UV_HTTP_RETRIES": "1",
                    "UV_PYTHON_DOWNLOADS": "never",
                    "NO_COLOR": "1",
                },
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=PATIENCE,
            )
    except OSError as error:
        raise Unavailable(f"{command[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"no answer in {PATIENCE} seconds") from error


def _reason(said: str) -> str:
    """Return the innermost cause that uv or pip names."""
    lines = [line.strip() for line in said.splitlines()]
    causes = [line for line in lines if re.match(r"(cause|error): ", line, re.IGNORECASE)]
    return (causes or lines or ["no reason given"])[-1].partition(": ")[2][:200]


def _is_unknown(said: str) -> bool:
    """Tell whether uv or pip found the project and in it no release that fits."""
    if os.environ.get("UV_OFFLINE") or "network was disabled" in said:
        return False  # what is known from an earlier day may be old
    return bool(
        re.search(r"there (is|are) no versions? of pyatlan|only pyatlan\S* .*available", said)
        or re.search(r"\(from versions: (?!none)", said)
    )
