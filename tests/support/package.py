"""Rendered packages: what is in one, the releases that they come from, their environments."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.commands import ROOT, ended, forks, git, run

NEWEST: str = yaml.safe_load((ROOT / "copier.yml").read_text())["pyatlan_version"]["default"]
"""The release of pyatlan that a package has by default."""

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


RELEASE = "v999.0.0"
"""The tag of the working tree in the clone, newer than any release."""


NEXT = "v999.1.0"
"""The tag of the working tree where there is an older release."""


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


def tags() -> list[str]:
    """Every release of this repository, and the working tree."""
    return [*git(ROOT, "tag").split(), RELEASE]


Render = Callable[..., Path]


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
        server = forks(self.python, "pyatlan.client.atlan")
        return ended(server.run(list(map(str, arguments)), cwd, {**os.environ, **env}), code)

    def pytest(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "pytest", "-p", "no:sugar", "-rs", *arguments, **options)


InstallPackage = Callable[[str], Package]

RELEASES = ["8.0.1", "8.5.0", "8.5.1", "9.10.3", NEWEST]
"""The first with a base image; the last on Wolfi and the first on Chainguard; two recent ones."""

EVERY = [
    pytest.param(
        release,
        marks=[
            pytest.mark.xdist_group(release),
            *([] if release == NEWEST else [pytest.mark.slow]),
        ],
    )
    for release in RELEASES
]
