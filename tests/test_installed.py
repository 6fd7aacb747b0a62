"""The command as users install it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.support.commands import BIN, ROOT, run
from tests.support.monorepo import copy, init

VERSION = re.search(r"^## (\S+)", (ROOT / "HISTORY.md").read_text(), re.MULTILINE)


def test_uvx_runs_it_from_the_repository(template: Path, tmp_path: Path) -> None:
    uvx = (BIN / "uvx", "--quiet", "--python", sys.executable, "--from", f"git+file://{template}")
    assert VERSION
    assert run(*uvx, "csa", "--version").stdout == f"csa, version {VERSION[1]}\n"
    init(copy(template, tmp_path / "new_pkg"))
    shown = run(*uvx, "csa", "update", cwd=tmp_path / "new_pkg").stdout
    assert "new_pkg  v999.0.0  up to date" in shown


@pytest.mark.slow
def test_pip_installs_it_from_a_clone(template: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    run(tmp_path / "venv" / "bin" / "pip", "install", "--quiet", ".", cwd=template)
    init(copy(template, tmp_path / "new_pkg"))
    command = tmp_path / "venv" / "bin" / "csa"
    shown = run(command, "status", "--check", cwd=tmp_path / "new_pkg").stdout
    assert re.search(r"^new_pkg +v999.0.0, current ", shown, re.MULTILINE)
