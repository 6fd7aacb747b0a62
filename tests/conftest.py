"""The template under test, its releases, and rendered packages that are installed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest import mock

import psutil
import pytest

from tests.support.commands import BIN, ROOT, commit_all, git, missing_here, run
from tests.support.monorepo import add_packages, copy, init
from tests.support.package import NEXT, OLD_DOCKERIGNORE, RELEASE, InstallPackage, Package, Render
from tests.support.standins.docker import Docker, start, unavailable_reason

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
    # Every command puts back what a killed one left there.
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    # csa installs with uv what the SDK is checked with.
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    # Hundreds of processes import Copier: let the first keep what it compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(autouse=True)
def _nothing_stays_in_the_environment(_isolated: None) -> Iterator[None]:
    with mock.patch.dict(os.environ):  # csa, called in this process, prepares it for git
        yield


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


@pytest.fixture
def render(template: Path) -> Render:
    """`copy` of the template under test: `render(destination, **answers)`."""
    return partial(copy, template)


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
    replace("tests/{% if third_party_http %}recording.py{% endif %}", "< 12", "< 10")
    replace("tests/conftest.py.jinja", "No tenant: set", "There is no tenant. Set")
    replace(".snyk", "2027", "2028")
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


@pytest.fixture
def package(template: Path, tmp_path: Path) -> Path:
    """A committed package, pkg_7100, in development."""
    [folder] = add_packages(tmp_path / "mono", template, RELEASE, 1)
    init(tmp_path / "mono")
    return folder


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
