"""A package that breaks no rule."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.monorepo import copy, init


@pytest.fixture(scope="session")
def fresh(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monorepo with a package, new_pkg, as it is rendered."""
    top = tmp_path_factory.mktemp("check") / "mono"
    copy(template, top / "scripts" / "new_pkg")
    init(top)
    return top


@pytest.fixture
def package(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path / "mono")
    return tmp_path / "mono" / "scripts" / "new_pkg"
