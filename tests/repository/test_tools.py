"""What people run or read: the action that installs csa, pre-commit, the site of pages."""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.support.commands import BIN, ROOT, commit_all, git, run
from tests.support.monorepo import init
from tests.support.updates import append
from tests.support.workflows import PACKAGES, WORKFLOWS, Runner, jobs, jobs_that_run


def install_csa(mono: Path, temporary: Path, code: int | None = 0, **env: str) -> str:
    """Run the step of the action that installs csa into temporary/commands; return what it said."""
    action = yaml.safe_load((mono / ".github" / "actions" / "csa" / "action.yml").read_text())
    [step] = [step for step in action["runs"]["steps"] if "run" in step]
    env |= {**step["env"], "RUNNER_TEMP": str(temporary)}
    env["UV_TOOL_BIN_DIR"] = str(temporary / "commands")
    ran = run("bash", "-eo", "pipefail", "-c", step["run"], cwd=temporary, env=env, code=code)
    return ran.stdout + ran.stderr


@pytest.mark.slow
def test_the_action_installs_csa_at_the_version_of_the_workflows(
    mono: Path, tmp_path: Path
) -> None:
    install_csa(mono, tmp_path)
    folder = tmp_path / "commands"
    assert [path.name for path in folder.iterdir()] == ["csa"], "its Python is nobody else's"
    assert run(folder / "csa", "list", cwd=mono).stdout.split() == [
        f"scripts/{one}" for one in PACKAGES
    ]
    assert "0 problems" in run(folder / "csa", "check", cwd=mono).stdout
    # What is installed is what the lock has.
    python = tmp_path / "csa" / "environment" / "bin" / "python"
    frozen = run(BIN / "uv", "pip", "freeze", "--python", python).stdout.split()
    locked = re.findall(r"^(\S+==\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert {one for one in frozen if "==" in one} <= set(locked)
    # A job may install it twice.
    install_csa(mono, tmp_path)


def test_the_action_refuses_what_has_another_hash_than_the_lock(
    releases: Path, mono: Path, tmp_path: Path
) -> None:
    """And what has none: a wheel that this machine has is in the place of the index."""
    wheel = tmp_path / "wheels" / "needed-1-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as file:
        for name, text in (
            ("METADATA", "Metadata-Version: 2.1\nName: needed\nVersion: 1\n"),
            ("WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"),
            ("RECORD", ""),
        ):
            file.writestr(f"needed-1.dist-info/{name}", text)
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    template = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, template)
    action = mono / ".github" / "actions" / "csa" / "action.yml"
    for line, refused in (
        (f"needed==1 --hash=sha256:{right[::-1]}", "Hash mismatch for `needed==1`"),
        ("needed==1", "In `--require-hashes` mode, all requirements must have a hash"),
        (f"needed==1 --hash=sha256:{right}", "hatchling"),  # what builds csa is not there
    ):
        (template / "requirements.lock").write_text(f"{line}\n")
        commit_all(template, line)
        text = re.sub("TEMPLATE: .*", f"TEMPLATE: file://{template}", action.read_text())
        commit = git(template, "rev-parse", "HEAD").strip()
        action.write_text(re.sub("COMMIT: .*", f"COMMIT: {commit}", text))
        offline = {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(wheel.parent)}
        assert refused in install_csa(mono, tmp_path, code=None, **offline)
        assert not (tmp_path / "commands").exists()


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


@pytest.fixture
def with_site(mono: Path) -> Path:
    run(BIN / "csa", "update", ".", "-r", ":current:", "-d", "site=github-pages", cwd=mono)
    commit_all(mono, "With a site")
    return mono


@pytest.mark.slow
def test_the_pages_of_packages_become_a_site(with_site: Path, tmp_path: Path) -> None:
    mono = with_site
    package = mono / "scripts" / "tag_report"
    (package / ".venv" / "library").mkdir(parents=True)
    (package / ".venv" / "library" / "NOTICE.md").write_text("# Not ours\n")
    (package / "rows.csv").write_text("a,b\n")
    (package / "picture.svg").write_text("<svg/>\n")
    # A link that leads nowhere keeps no page from the site.
    append(package / "index.md", "\n![](picture.svg) [Nowhere](nowhere.md)\n")
    ran = Runner(mono, tmp_path / "runner").step("site.yml", "build", "Build the pages")
    assert ran.code == 0, ran.text
    site = mono / "site"
    for name in PACKAGES:
        page = (site / name / "index.html").read_text()
        assert "Exit codes: 0 reported" in page
    assert "Script packages" in (site / "index.html").read_text()
    assert (site / "tag_report" / "picture.svg").exists()
    # Pages and what they show, none of the packages' other files.
    assert not list(site.rglob("NOTICE*"))
    kinds = {path.suffix for path in site.rglob("*") if path.is_file()}
    assert not kinds & {".csv", ".py", ".txt", ".toml", ".yaml", ".yml"}, kinds


def test_the_job_that_publishes_the_site_runs_nothing_else(with_site: Path) -> None:
    site = jobs(with_site)["site.yml"]
    assert site["build"]["permissions"] == {"contents": "read"}
    assert site["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    [step] = site["deploy"]["steps"]
    assert step["uses"].startswith("actions/deploy-pages@")
    assert site["build"]["steps"][-1]["with"] == {"path": "site"}
    # From the default branch alone, also when it is started by hand.
    text = (with_site / WORKFLOWS / "site.yml").read_text()
    for branch, built, run_here in (
        ("main", "success", {"build", "deploy"}),
        ("other", "skipped", set()),
    ):
        assert set(jobs_that_run(text, {"build": (built, {})}, branch, False, "push")) == run_here
