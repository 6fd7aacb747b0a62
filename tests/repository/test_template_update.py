"""The workflow that proposes the template's updates and a newer pyatlan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.repository.test_propose import opened
from tests.support.commands import BIN, commit_all, executable, git, run, tree
from tests.support.package import NEWEST, NEXT, RELEASE
from tests.support.workflows import PACKAGES, Ran, Runner


def updates(runner: Runner, path: str = "") -> Ran:
    return runner.step("template-update.yml", "updates", "List the updates", path=path)


def proposals(runner: Runner) -> Any:
    """Return what was handed over."""
    return json.loads((runner.temporary / "proposals.json").read_text())


@pytest.mark.slow
def test_what_is_behind_gets_a_pull_request(mono: Path, runner: Runner) -> None:
    listed = updates(runner)
    assert json.loads(listed.outputs["packages"]) == [".", *(f"scripts/{one}" for one in PACKAGES)]
    assert {one["kind"] for one in proposals(runner)} == {"template-update"}
    assert git(mono, "status", "--porcelain") == ""
    # One that cannot be updated fails the job, and keeps nobody else from it.
    (mono / "scripts" / "asset_lookup" / ".copier-answers.yml").write_text("- 1\n")
    listed = updates(runner)
    assert (listed.code, listed.outputs) == (1, {"packages": '[".","scripts/tag_report"]'})
    assert listed.text.count("::error::") == 1
    assert "::error::scripts/asset_lookup: .copier-answers.yml has no _src_path" in listed.text
    git(mono, "checkout", "--quiet", ".")
    run(BIN / "csa", "update", cwd=mono)
    commit_all(mono, "Update")
    assert updates(runner).outputs == {"packages": "[]"}


@pytest.mark.slow
def test_a_package_that_is_current_gets_one_for_a_newer_pyatlan(mono: Path, runner: Runner) -> None:
    """It names what breaks, and is a draft then; one that is behind gets the template's update first."""
    older = ("-d", "pyatlan_version=10.0.0")
    run(BIN / "csa", "update", *older, "scripts/tag_report", ".", cwd=mono)
    run(BIN / "csa", "update", *older, "-r", ":current:", "scripts/asset_lookup", cwd=mono)
    for name in PACKAGES:
        (mono / "scripts" / name / "old.py").write_text(
            "from pyatlan.model.packages import SnowflakeCrawler\n"
        )
    commit_all(mono, "On an older SDK")
    assert updates(runner).code == 0
    behind, _ = sorted(proposals(runner), key=lambda one: str(one["package"]))
    assert (behind["package"], behind["kind"]) == ("scripts/asset_lookup", "template-update")
    assert "pyatlan_version" not in behind["diff"]
    assert not behind["draft"]
    ran, pull_request, body = opened(runner, "scripts/tag_report", proposals(runner))
    assert ran.code == 0, ran.text
    assert pull_request == {
        "branch": "pyatlan-update/scripts/tag_report",
        "title": f"Update scripts/tag_report to pyatlan {NEWEST}",
        "draft": "always-true",
    }
    first, *tasks = body.splitlines()
    assert first == f"Made by `csa`: `pyatlan {NEWEST}`, from `10.0.0`."
    assert tasks[0].startswith(
        f"- [ ] `old.py:1: pyatlan {NEWEST} has no module pyatlan.model.packages "
    )
    assert any("install the environment again" in task for task in tasks)
    # Merged, there is nothing more to propose.
    commit_all(mono, "Merge")
    assert json.loads(updates(runner).outputs["packages"]) == ["scripts/asset_lookup"]


def updated(mono: Path, runner: Runner, package: str) -> tuple[Ran, dict[str, str], str]:
    """Run both jobs for a package; return how the second ended, the pull request and its text."""
    updates(runner)
    return opened(runner, package, proposals(runner))


def test_a_pull_request_says_what_it_brings(mono: Path, runner: Runner) -> None:
    ran, pull_request, body = updated(mono, runner, "scripts/tag_report")
    assert ran.code == 0, ran.text
    assert pull_request == {
        "branch": "template-update/scripts/tag_report",
        "title": f"Update scripts/tag_report to {NEXT} of the template",
        "draft": "false",
    }
    assert body == f"Made by `csa`: `{NEXT} of the template`, from `{RELEASE}`.\n"
    # The changes are those that csa makes.
    brought = tree(mono)
    git(mono, "stash", "--include-untracked", "--quiet")
    run(BIN / "csa", "update", "scripts/tag_report", cwd=mono)
    assert tree(mono) == brought


def test_a_csa_that_says_nothing_fails_the_job(mono: Path, runner: Runner, tmp_path: Path) -> None:
    csa = executable(tmp_path / "bin" / "csa", "exit 1")
    listed = updates(runner, path=str(csa.parent))
    assert (listed.code != 0, listed.outputs) == (True, {})


@pytest.mark.slow
def test_the_summary_shows_how_the_packages_stand(mono: Path, runner: Runner) -> None:
    (mono / "scripts" / "asset_lookup" / ".copier-answers.yml").write_text("- 1\n")
    ran = runner.step("template-update.yml", "updates", "Show how the packages stand")
    assert ran.code == 0
    assert f"| `scripts/tag_report` | `{RELEASE}, 1 behind` |" in ran.summary
    assert "| `scripts/asset_lookup` | `failed: .copier-answers.yml has no _src_path" in ran.summary


def test_a_pull_request_with_conflicts_is_a_draft_that_names_them(
    mono: Path, runner: Runner
) -> None:
    dockerfile = mono / "scripts" / "tag_report" / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("--no-cache ", "--no-cache --no-deps "))
    commit_all(mono, "Mine")
    ran, pull_request, body = updated(mono, runner, "scripts/tag_report")
    assert (ran.code, pull_request["draft"]) == (0, "always-true")
    assert (
        "- [ ] `Dockerfile: resolve the text between <<<<<<< and >>>>>>>, then git add it`\n"
        in body
    )


@pytest.mark.slow
def test_what_is_around_the_packages_gets_its_own_branch(mono: Path, runner: Runner) -> None:
    ran, pull_request, _ = updated(mono, runner, ".")
    assert ran.code == 0, ran.text
    # A folder may be called repository, too.
    assert pull_request["branch"] == "template-update-repository"
    assert pull_request["title"] == f"Update repository to {NEXT} of the template"
