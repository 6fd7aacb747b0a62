"""Programs are told by --json what people are told by `csa release` and `csa argo`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import commit_all, run_csa
from tests.support.monorepo import add_packages, init
from tests.support.package import RELEASE

ARGO = "container:\n  args: [-m, scripts.pkg_7100.main]\n"


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    """A monorepo with a package in development, scripts/pkg_7100."""
    add_packages(tmp_path, template, RELEASE, 1)
    init(tmp_path)
    return tmp_path


def told(root: Path, *words: str, code: int = 0) -> Any:
    return json.loads(run_csa(*words, "--json", cwd=root, code=code).stdout)


def test_a_release_is_told_with_its_package_and_version(root: Path) -> None:
    release = ("release", "scripts/pkg_7100")
    package = {"package": "scripts/pkg_7100"}
    assert told(root, *release) == package | {"result": "released", "version": "1.0.0"}
    commit_all(root, "1.0.0")
    started = {"result": "in development", "version": "1.1.0-dev"}
    assert told(root, *release, "--next", "minor") == package | started


def test_argo_templates_are_told_each_with_its_result(root: Path) -> None:
    (root / "scripts" / "pkg_7100" / "version.txt").write_text("1.0.0\n")
    (root / "good.yaml").write_text(ARGO)
    (root / "other.yaml").write_text("container: {}\n")
    commit_all(root, "Release")
    image = "ghcr.io/atlanhq/pkg-7100:1.0.0"
    command = ("argo", "good.yaml", "other.yaml", "--package", "scripts/pkg_7100")
    planned = told(root, *command, "--dry-run", code=1)
    assert (root / "good.yaml").read_text() == ARGO
    assert told(root, *command, code=1) == planned
    good, other = planned["files"]
    assert f"+  image: {image}\n" in good.pop("diff")
    assert good == {"file": "good.yaml", "result": "updated", "image": image}
    message = "no container runs python -m scripts.pkg_7100.main"
    assert other == {"file": "other.yaml", "result": "failed", "message": message}
    again = told(root, "argo", "good.yaml", "--package", "scripts/pkg_7100")["files"]
    assert again == [{**good, "result": "current", "diff": ""}]
