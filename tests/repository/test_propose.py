"""The workflow that opens pull requests with the patches of others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.commands import commit_all, git, run
from tests.support.workflows import WORKFLOWS, Ran, Runner

PROPOSAL: dict[str, Any] = {
    "package": "scripts/tag_report",
    "kind": "template-update",
    "to": "v1.1.0 of the template",
    "from": "v1.0.0",
    "tasks": [],
    "draft": False,
    "diff": "",
}
"""What is handed over of a package."""

OTHER = {**PROPOSAL, "package": "scripts/asset_lookup", "kind": "pyatlan-update"}
AROUND = {**PROPOSAL, "package": "."}


def hand_over(runner: Runner, proposals: Any) -> None:
    (runner.temporary / "proposals.json").write_text(json.dumps(proposals))


def chosen(runner: Runner, *proposals: Any, token: str = "") -> list[str]:
    hand_over(runner, proposals)
    contexts = {"secrets.UPDATE_TOKEN": token}
    ran = runner.step("propose.yml", "choose", "Choose the packages", contexts)
    assert ran.code == 0, ran.text
    assert ("::notice::" in ran.text) == (not token)
    packages: list[str] = json.loads(ran.outputs["packages"])
    return packages


def opened(runner: Runner, package: str, proposals: Any) -> tuple[Ran, dict[str, str], str]:
    """Run the job for a package; return how it ended, the pull request and its text."""
    hand_over(runner, proposals)
    contexts = {"matrix.package": package}
    ran = runner.step("propose.yml", "package", "Apply the patch", contexts)
    body = runner.temporary / "body.md"
    pull_request = json.loads(ran.outputs.get("pull_request", "{}"))
    return ran, pull_request, body.read_text() if body.exists() else ""


def test_what_is_around_the_packages_is_changed_with_a_token_of_its_own_alone(
    runner: Runner,
) -> None:
    assert chosen(runner, AROUND, PROPOSAL, token="its") == [".", "scripts/tag_report"]
    assert chosen(runner, AROUND, PROPOSAL) == ["scripts/tag_report"]
    assert chosen(runner) == []


@pytest.mark.parametrize("kind", ["template-update", "pyatlan-update", "base-update"])
def test_a_pull_request_is_made_anew_until_somebody_else_commits_to_its_branch(
    mono: Path, runner: Runner, kind: str
) -> None:
    ref = f"refs/remotes/origin/{kind}/scripts/tag_report"
    proposals = ({**PROPOSAL, "kind": kind}, OTHER)

    def commit(committer: str) -> None:
        name, email = committer[:-1].split(" <")
        env = {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": email}
        command = ("git", "commit-tree", "-p", ref, "-m", "Work", "HEAD^{tree}")
        git(mono, "update-ref", ref, run(*command, cwd=mono, env=env).stdout.strip())

    git(mono, "update-ref", ref, "HEAD")
    commit(yaml.safe_load((mono / WORKFLOWS / "propose.yml").read_text())["env"]["COMMITTER"])
    commit_all(mono, "Work on main")
    # What has no pull request yet has its turn before.
    assert chosen(runner, *proposals) == ["scripts/asset_lookup", "scripts/tag_report"]
    commit("GitHub <noreply@github.com>")  # a person, in the browser
    assert chosen(runner, *proposals) == ["scripts/asset_lookup"]


def test_of_many_packages_those_without_a_branch_go_first(mono: Path, runner: Runner) -> None:
    many = [{**PROPOSAL, "package": f"scripts/p{number}"} for number in range(257)]
    git(mono, "update-ref", "refs/remotes/origin/template-update/scripts/p0", "HEAD")
    packages = chosen(runner, *many)
    assert len(packages) == 256
    assert "scripts/p0" not in packages


def test_a_branch_has_a_name_that_git_takes(mono: Path, runner: Runner) -> None:
    git(mono, "mv", "scripts", "old scripts..~v1")
    commit_all(mono, "Renamed")
    package, branch = (
        "old scripts..~v1/asset_lookup",
        "template-update/old%32%scripts%46%%46%%126%v1/asset_lookup",
    )
    proposal = {**PROPOSAL, "package": package}
    # By it, one knows which packages have one already.
    git(mono, "update-ref", f"refs/remotes/origin/{branch}", "HEAD")
    assert chosen(runner, proposal, OTHER) == ["scripts/asset_lookup", package]
    (mono / package / "index.md").write_text("new\n")
    proposal["diff"] = git(mono, "diff")
    git(mono, "checkout", "--quiet", ".")
    _, pull_request, _ = opened(runner, package, [proposal])
    assert pull_request["branch"] == branch
    git(mono, "check-ref-format", f"refs/heads/{branch}")


@pytest.mark.parametrize(
    "path", ["scripts/asset_lookup/main.py", ".github/workflows/release.yml", "scripts/tag_report2"]
)
def test_an_update_of_a_package_changes_no_file_of_others(
    mono: Path, runner: Runner, path: str
) -> None:
    """Whatever the job says that runs what comes from PyPI."""
    (mono / path).write_text("evil\n")
    git(mono, "add", "--all")
    proposal = {**PROPOSAL, "diff": git(mono, "diff", "--cached")}
    git(mono, "reset", "--hard", "--quiet")
    ran, pull_request, _ = opened(runner, "scripts/tag_report", [proposal])
    assert (ran.code, pull_request) == (1, {})
    assert "::error::The patch changes files outside the package." in ran.text


@pytest.mark.parametrize(
    "kind", ["main", "", "template-update/../main", "x\ntemplate-update", "base-update\n"]
)
def test_no_other_branch_is_written(mono: Path, runner: Runner, kind: str) -> None:
    (mono / "scripts" / "tag_report" / "index.md").write_text("new\n")
    proposal = {**PROPOSAL, "kind": kind, "diff": git(mono, "diff")}
    git(mono, "checkout", "--quiet", ".")
    ran, pull_request, _ = opened(runner, "scripts/tag_report", [proposal])
    assert (ran.code != 0, pull_request) == (True, {})
    assert git(mono, "status", "--porcelain") == ""


def test_the_text_of_a_pull_request_mentions_nobody_and_closes_nothing(
    mono: Path, runner: Runner
) -> None:
    """Names of files and texts of csa stand in it as code, each in one line."""
    (mono / "scripts" / "tag_report" / "index.md").write_text("new\n")
    proposal = {
        **PROPOSAL,
        "to": "v1`@team\nfixes #1",
        "tasks": ["a`\n@team fixes #1 `b", "x\r\n# Heading:1: <img src=x>`@team", "`\n\n@team"],
        "draft": True,
        "diff": git(mono, "diff"),
    }
    git(mono, "checkout", "--quiet", ".")
    ran, pull_request, body = opened(runner, "scripts/tag_report", [proposal])
    assert ran.code == 0, ran.text
    assert pull_request["title"] == "Update scripts/tag_report to v1--team-fixes -1"
    assert pull_request["draft"] == "always-true"
    first, *points = body.splitlines()
    assert first == "Made by `csa`: `v1 @team fixes #1`, from `v1.0.0`."
    assert len(points) == 3
    assert all(re.fullmatch(r"- \[ \] `[^`]+`", point) for point in points), body
