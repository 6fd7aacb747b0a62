"""A monorepo with what is around the packages, and the runner of its workflows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import missing_here
from tests.support.monorepo import copy, init
from tests.support.package import RELEASE
from tests.support.standins.registry import serve, unavailable_reason
from tests.support.workflows import PACKAGES, Runner


@pytest.fixture(scope="session")
def rendered(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monorepo at the older release: what is around the packages, and two of them."""
    top = tmp_path_factory.mktemp("workflows") / "mono"
    copy(releases, top, vcs_ref=RELEASE, scope="repository")
    for name in PACKAGES:
        copy(releases, top / "scripts" / name, vcs_ref=RELEASE)
    init(top)
    return top


@pytest.fixture
def mono(rendered: Path, tmp_path: Path) -> Path:
    shutil.copytree(rendered, tmp_path / "mono")
    return tmp_path / "mono"


@pytest.fixture
def runner(mono: Path, tmp_path: Path) -> Runner:
    return Runner(mono, tmp_path / "runner")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    if reason := unavailable_reason():
        missing_here(reason)
    with serve(tmp_path / "registry") as served:
        yield served
