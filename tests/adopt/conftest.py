"""A monorepo with folders that get another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.references import a_monorepo


@pytest.fixture
def mono(tmp_path: Path) -> Path:
    """A monorepo with scripts/old-name and scripts/MyScript, which no file refers to yet."""
    return a_monorepo(tmp_path / "mono")
