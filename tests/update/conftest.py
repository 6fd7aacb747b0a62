"""A monorepo with a package that is behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import tree
from tests.support.monorepo import copy, init
from tests.support.package import RELEASE
from tests.support.updates import PACKAGE


@pytest.fixture
def monorepo(releases: Path, tmp_path: Path) -> Path:
    """A repository with a package at the older release, and a file of somebody else's."""
    root = tmp_path / "monorepo"
    copy(releases, root / PACKAGE, vcs_ref=RELEASE)
    (root / "other").mkdir()
    (root / "other" / "f.py").write_text("print('committed')\n")
    init(root)
    return root


@pytest.fixture(scope="session")
def fresh(
    releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., dict[str, bytes]]:
    """The files of a package rendered at the newest release, with some answers."""

    def _fresh(**answers: Any) -> dict[str, bytes]:
        return tree(copy(releases, tmp_path_factory.mktemp("fresh") / "new_pkg", **answers))

    return _fresh
