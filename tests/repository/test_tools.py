"""What people run or read: the action that installs csa, pre-commit, the site of pages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.support.commands import BIN, git, run
from tests.support.monorepo import init
from tests.support.workflows import PACKAGES


@pytest.mark.slow
def test_the_action_installs_csa_at_the_version_of_the_workflows(
    mono: Path, tmp_path: Path
) -> None:
    action = yaml.safe_load((mono / ".github" / "actions" / "csa" / "action.yml").read_text())
    [step] = [step for step in action["runs"]["steps"] if "run" in step]
    env = {
        **step["env"],
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    run("bash", "-eo", "pipefail", "-c", step["run"], cwd=tmp_path, env=env)
    assert run(tmp_path / "bin" / "csa", "list", cwd=mono).stdout.split() == [
        f"scripts/{one}" for one in PACKAGES
    ]
    assert "0 problems" in run(tmp_path / "bin" / "csa", "check", cwd=mono).stdout


@pytest.mark.slow
def test_pre_commit_checks_what_is_committed(
    mono: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What ruff-pre-commit has: the hook, and ruff as its requirement.
    hooks = tmp_path / "ruff-pre-commit"
    hooks.mkdir()
    (hooks / ".pre-commit-hooks.yaml").write_text(
        "- id: ruff-check\n  name: ruff check\n  entry: ruff check --force-exclude\n"
        "  language: python\n  types_or: [python, pyi]\n"
    )
    (hooks / "pyproject.toml").write_text(
        '[project]\nname = "hooks"\nversion = "0"\ndependencies = ["ruff"]\n'
        "[tool.setuptools]\npy-modules = []\n"
    )
    init(hooks)
    config = yaml.safe_load((mono / ".pre-commit-config.yaml").read_text())
    git(hooks, "tag", config["repos"][1]["rev"])
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{hooks}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", config["repos"][1]["repo"])
    env = {"PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
    pre_commit = (BIN / "uvx", "--quiet", "pre-commit")
    run(*pre_commit, "install", cwd=mono, env=env)
    commit = ("git", "commit", "--quiet", "--message", "Mine")
    (mono / "scripts" / "asset_lookup" / "requirements.txt").write_text("requests\n")
    git(mono, "add", "--all")
    refused = run(*commit, cwd=mono, env=env, code=1).stderr
    assert "requests has no lower bound" in refused
    assert "1 package checked" in refused
    git(mono, "checkout", "--quiet", "HEAD", "--", ".")
    (mono / "scripts" / "asset_lookup" / "index.md").write_text("# Lookup\n")
    git(mono, "add", "--all")
    run(*commit, cwd=mono, env=env)


@pytest.mark.slow
def test_the_pages_of_packages_become_a_site(mono: Path, tmp_path: Path) -> None:
    hidden = mono / "scripts" / "tag_report" / ".venv" / "library"
    hidden.mkdir(parents=True)
    (hidden / "LICENSE.md").write_text("# Not ours\n")
    command = (BIN / "uvx", "--quiet", "--with", "mkdocs-material", "mkdocs", "build", "--strict")
    run(*command, "--site-dir", tmp_path / "site", cwd=mono)
    site = tmp_path / "site"
    for name in PACKAGES:
        page = (site / name / "index.html").read_text()
        assert "Exit codes: 0 reported" in page
    assert "Script packages" in (site / "index.html").read_text()
    # Pages and what they show, none of the packages' other files.
    assert not list(site.rglob("*LICENSE*"))
    kinds = {path.suffix for path in site.rglob("*") if path.is_file()}
    assert not kinds & {".py", ".txt", ".toml", ".yaml", ".yml"}, kinds
