"""The template under test, rendered packages and their environments."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
import pytest
import yaml

from .forks import Forks
from .monorepo import copy
from .standins.docker import Docker, start, unavailable_reason

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
"""Where the development environment has its commands."""

CSA = BIN / "csa"

NEWEST: str = yaml.safe_load((ROOT / "copier.yml").read_text())["pyatlan_version"]["default"]
"""The release of pyatlan that a package has by default."""

# What would otherwise leak from the machine into the runs: its credentials, its git settings.
ISOLATED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
}
TENANT_VARIABLES = ("ATLAN_", "CLIENT_", "CSA_", "OTEL_", "X_ATLAN_")


MEMORY = Path("/dev/shm")
"""Files that are kept in memory, on Linux."""


def pytest_configure() -> None:
    """Let Ctrl-C, which tests send, be heard also where this runs in the background of a shell.

    Keep temporary files in memory, if there is enough: on disk, each takes a millisecond.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TMPDIR" not in os.environ and MEMORY.is_dir():
        free = min(psutil.virtual_memory().available, shutil.disk_usage(MEMORY).free)
        if free > 8_000_000_000:
            os.environ["TMPDIR"] = str(MEMORY)  # which the processes of xdist inherit
            tempfile.tempdir = None


@pytest.fixture(autouse=True, scope="session")
def _isolated(tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in list(os.environ):
        if name.startswith(TENANT_VARIABLES) and name != "CSA_REQUIRE_ALL":
            del os.environ[name]
    os.environ.update(ISOLATED)
    # Copier's mirror of a URL fails when two processes refresh it at the same time.
    os.environ["COPIER_CACHE_DIR"] = str(tmp_path_factory.mktemp("copier-cache"))
    # csa installs with uv what the SDK is checked with.
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    # Hundreds of processes import Copier: let the first keep what it compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(autouse=True)
def _nothing_stays_in_the_environment(_isolated: None) -> Iterator[None]:
    with mock.patch.dict(os.environ):  # csa, called in this process, prepares it for git
        yield


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    code: int | None = 0,
) -> subprocess.CompletedProcess[str]:
    """Run a command and return it with stdout and stderr as text.

    Fails the test, showing the output, when the exit code is not `code` (None: any will do).
    """
    result = subprocess.run(
        [str(part) for part in command],
        check=False,
        timeout=600,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return _ended(result, code)


def _ended(
    result: subprocess.CompletedProcess[str], code: int | None
) -> subprocess.CompletedProcess[str]:
    if code is not None and result.returncode != code:
        pytest.fail(
            f"{' '.join(result.args)}\nended with {result.returncode}, not {code}:\n"
            f"{result.stdout}\n{result.stderr}",
            pytrace=False,
        )
    return result


IMPORTED = (
    *("csa.cli", "csa.adopt", "csa.check"),
    # Of what Copier needs, the most; not Copier itself, which takes the environment as it is then.
    *("dunamai", "jinja2.sandbox", "jinja2_ansible_filters", "pathspec", "pydantic.dataclasses"),
    "questionary",
)


def run_csa(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    code: int | None = 0,
    timeout: int = 600,
) -> subprocess.CompletedProcess[str]:
    """Do that with csa, in a process that has imported what takes a second.

    For what depends on imports or on signals, there is `run(CSA, ...)`.
    """
    forks = _forks(Path(sys.executable), *IMPORTED)
    command = [str(part) for part in (CSA, *arguments)]
    result = _ended(forks.run(command, cwd, {**os.environ, **(env or {})}, timeout), code)
    assert "Traceback" not in result.stderr
    return result


@cache
def _forks(python: Path, *modules: str) -> Forks:
    return Forks(python, *modules)


def traced(calls: str, inject: str, *paths: Path) -> list[str]:
    """Return what to write before a command so that strace injects into its system calls.

    `calls` are their names, `inject` what happens instead of one or at it, such as
    error=EIO:when=2; each process counts on its own. With paths, only calls that name one.
    """
    if not shutil.which("strace"):
        missing_here("strace is not installed.")
    tracing = ["-e", f"trace={calls}", "-e", f"inject={calls}:{inject}"]
    tracing += [part for path in paths for part in ("-P", str(path))]
    return ["strace", "-f", "-qq", "-o", os.devnull, *tracing]


def git(repository: Path, *arguments: str) -> str:
    return run("git", *arguments, cwd=repository).stdout


def commit_all(repository: Path, message: str, tag: str | None = None) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", message)
    if tag:
        git(repository, "tag", tag)


def missing_here(reason: str) -> None:
    """Skip, or fail where nothing may be left out: CI installs all that the tests need."""
    if os.environ.get("CSA_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def tree(folder: Path) -> dict[str, bytes]:
    """Return each file's content by its path below the folder; nothing of git's own."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@pytest.fixture(scope="session")
def docker() -> Iterator[Docker]:
    """The one Docker of this run: tests that need it have the mark xdist_group("images")."""
    if reason := unavailable_reason():
        missing_here(reason)
    with start(ROOT / ".cache" / "docker") as running:
        yield running


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, with 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = run("mount", "-t", "tmpfs", "-o", "size=8m", "none", disk, code=None)
    if mounted.returncode:
        missing_here(f"A small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield disk
    run("umount", disk)


# --- What a package has ---------------------------------------------------------------------

FILES = {
    ".copier-answers.yml",
    ".dockerignore",
    ".env.example",
    ".gitignore",
    ".snyk",
    "Dockerfile",
    "HISTORY.md",
    "__init__.py",
    "index.md",
    "main.py",
    "pyproject.toml",
    "requirements-test.txt",
    "requirements.txt",
    "tests/__init__.py",
    "tests/conftest.py",
    "tests/test_main.py",
    "version.txt",
}
HTTP_FILES = {
    "tests/integration/__init__.py",
    "tests/integration/test_http_bin.py",
    "tests/recording.py",
    "tests/vcr_cassettes/tests.integration.test_http_bin/TestHTTPBin.test_httpbin_get.yaml",
    "tests/vcr_cassettes/tests.integration.test_http_bin/TestHTTPBin.test_httpbin_post.yaml",
}
SEEDED = {
    "main.py",
    "index.md",
    "version.txt",
    "HISTORY.md",
    "__init__.py",
    "tests/__init__.py",
    "tests/test_main.py",
    *(HTTP_FILES - {"tests/recording.py"}),
}


def managed(files: dict[str, bytes]) -> dict[str, bytes]:
    return {
        name: content
        for name, content in files.items()
        if name not in SEEDED and name != ".copier-answers.yml"
    }


# --- The template --------------------------------------------------------------------------

RELEASE = "v999.0.0"
"""The tag of the working tree in the clone, newer than any release."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this repository with the working tree as its newest release."""
    clone = tmp_path_factory.mktemp("template") / "csa-template"
    run("git", "clone", "--quiet", ROOT, clone)
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    git(clone, "rm", "-r", "--quiet", ".")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    commit_all(clone, "The working tree", RELEASE)
    git(clone, "gc", "--quiet")  # as a server's is: each run clones it
    return clone


def tags() -> list[str]:
    """Every release of this repository, and the working tree."""
    return [*git(ROOT, "tag").split(), RELEASE]


Render = Callable[..., Path]


@pytest.fixture
def render(template: Path) -> Render:
    """`copy` of the template under test: `render(destination, **answers)`."""
    return partial(copy, template)


OLD_DOCKERIGNORE = """\
# Only what is named here goes into the image, so that no secret and no test does.
*
!requirements.txt
!version.txt
!**/*.py
**/.*
**/site-packages
**/tests
build

# Data files that the script reads, each with a ! before it:
"""
"""What .dockerignore was once. With BuildKit, tests and virtual environments went into the image."""

NEXT = "v999.1.0"
"""The tag of the working tree where there is an older release."""


@pytest.fixture(scope="session")
def releases(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with a release before the working tree, in which each managed file differs."""
    older = tmp_path_factory.mktemp("releases") / "csa-template"
    run("git", "clone", "--quiet", template, older)
    git(older, "tag", "--delete", RELEASE)
    package = older / "template" / "package"
    now = {path: path.read_text() for path in package.rglob("*") if path.is_file()}

    def replace(name: str, old: str, new: str) -> None:
        path = package / name
        assert old in path.read_text(), f"{name} has no {old!r} any more: name another line"
        path.write_text(path.read_text().replace(old, new))

    replace("Dockerfile.jinja", "--compile-bytecode ", "")
    replace("requirements.txt", ">=1.38.0,<1.39", ">=1.37.0,<1.38")
    replace("requirements-test.txt.jinja", "coverage>=7.10", "coverage>=7.0")
    replace("pyproject.toml.jinja", "setuptools>=77", "setuptools>=70")
    replace("tests/{% if third_party_http %}recording.py{% endif %}", ">= 12", ">= 10")
    replace("tests/conftest.py.jinja", "No tenant: set", "There is no tenant. Set")
    replace(".snyk", "2027", "2026")
    replace(".gitignore.jinja", "build/\n", "")
    replace(".dockerignore", now[package / ".dockerignore"], OLD_DOCKERIGNORE)
    replace(".env.example.jinja", "my-tenant", "a-tenant")
    for name in ("main.py.jinja", "index.md.jinja", "HISTORY.md", "tests/test_main.py.jinja"):
        with (package / name).open("a") as seeded:
            seeded.write("# older\n")
    commit_all(older, "An older release", RELEASE)

    for path, text in now.items():
        path.write_text(text)
    commit_all(older, "The working tree", NEXT)
    git(older, "gc", "--quiet")
    return older


# --- Rendered packages in environments of their own ------------------------------------------


@dataclass(frozen=True)
class Package:
    """A rendered package, and the Python of the environment that it is installed in."""

    folder: Path
    python: Path

    def run(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        code: int | None = 0,
        anew: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run this package's Python, in its folder, as CI does unless `env` says otherwise.

        The SDK, which takes seconds to import, is there already, unless the run is to be `anew`.
        """
        cwd, env = cwd or self.folder, {"CI": "true", **(env or {})}
        if anew or arguments[0] not in ("-c", "-m"):
            return run(self.python, *arguments, cwd=cwd, env=env, code=code)
        forks = _forks(self.python, "pyatlan.client.atlan")
        return _ended(forks.run(list(map(str, arguments)), cwd, {**os.environ, **env}), code)

    def pytest(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "pytest", "-p", "no:sugar", "-rs", *arguments, **options)


InstallPackage = Callable[[str], Package]


@pytest.fixture(scope="session")
def install_package(template: Path, tmp_path_factory: pytest.TempPathFactory) -> InstallPackage:
    """A function from a release of pyatlan to a package rendered for it and installed.

    Each is made once a session: tests leave it as it was.
    """
    packages: dict[str, Package] = {}

    def _install(pyatlan: str) -> Package:
        if pyatlan not in packages:
            root = tmp_path_factory.mktemp(f"pyatlan-{pyatlan}")
            folder = copy(template, root / "scripts" / "new_pkg", pyatlan_version=pyatlan)
            run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, root / "environment")
            python = root / "environment" / "bin" / "python"
            run(
                BIN / "uv", "pip", "install", "--quiet", "--python", python, "--compile-bytecode",
                "--editable", f"{folder}[test]",
            )  # fmt: skip
            packages[pyatlan] = Package(folder, python)
        return packages[pyatlan]

    return _install
