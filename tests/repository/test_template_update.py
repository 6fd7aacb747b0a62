"""The workflow that proposes the template's updates."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.support.commands import BIN, commit_all, executable, git, run, tree
from tests.support.package import NEWEST, NEXT, RELEASE
from tests.support.workflows import PACKAGES, WORKFLOWS, Ran, Runner


def updates(runner: Runner, token: str = "", path: str = "") -> Ran:
    contexts = {"secrets.UPDATE_TOKEN": token}
    return runner.step("template-update.yml", "updates", "List the updates", contexts, path=path)


@pytest.mark.slow
def test_what_is_behind_gets_a_pull_request(mono: Path, runner: Runner) -> None:
    listed = updates(runner, "its")
    assert json.loads(listed.outputs["packages"]) == [".", *(f"scripts/{one}" for one in PACKAGES)]
    # What is around the packages may be changed with a token of its own alone.
    listed = updates(runner)
    assert listed.code == 0
    assert json.loads(listed.outputs["packages"]) == [f"scripts/{one}" for one in PACKAGES]
    assert "::notice::What is around the packages needs a secret UPDATE_TOKEN" in listed.text
    assert git(mono, "status", "--porcelain") == ""
    # One that cannot be updated fails the job, and keeps nobody else from it.
    (mono / "scripts" / "asset_lookup" / ".copier-answers.yml").write_text("- 1\n")
    listed = updates(runner)
    assert (listed.code, listed.outputs) == (1, {"packages": '["scripts/tag_report"]'})
    assert "::error::scripts/asset_lookup: .copier-answers.yml has no _src_path" in listed.text
    git(mono, "checkout", "--quiet", ".")
    run(BIN / "csa", "update", cwd=mono)
    commit_all(mono, "Update")
    assert updates(runner, "its").outputs == {"packages": "[]"}


@pytest.mark.slow
def test_a_pull_request_is_made_anew_until_somebody_else_commits_to_its_branch(
    mono: Path, runner: Runner
) -> None:
    ref = "refs/remotes/origin/template-update/scripts/asset_lookup"

    def commit(committer: str) -> None:
        name, email = committer[:-1].split(" <")
        env = {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": email}
        command = ("git", "commit-tree", "-p", ref, "-m", "Work", "HEAD^{tree}")
        git(mono, "update-ref", ref, run(*command, cwd=mono, env=env).stdout.strip())

    git(mono, "update-ref", ref, "HEAD")
    commit(
        yaml.safe_load((mono / WORKFLOWS / "template-update.yml").read_text())["env"]["COMMITTER"]
    )
    commit_all(mono, "Work on main")
    # What has no pull request yet has its turn before.
    anew = json.loads(updates(runner).outputs["packages"])
    assert anew == ["scripts/tag_report", "scripts/asset_lookup"]
    commit("GitHub <noreply@github.com>")  # a person, in the browser
    assert json.loads(updates(runner).outputs["packages"]) == ["scripts/tag_report"]


def updated(
    mono: Path, runner: Runner, package: str, path: str = ""
) -> tuple[Ran, dict[str, str], str]:
    """Run both jobs for a package; return how the second ended, the pull request and its text."""
    updates(runner, "its", path)
    return opened(runner, package, (runner.temporary / "updates.json").read_text())


def opened(runner: Runner, package: str, handed_over: str) -> tuple[Ran, dict[str, str], str]:
    (runner.temporary / "updates").mkdir(exist_ok=True)
    (runner.temporary / "updates" / "updates.json").write_text(handed_over)
    contexts = {"matrix.package": package}
    ran = runner.step("template-update.yml", "package", "Update", contexts)
    body = runner.temporary / "body.md"
    pull_request = json.loads(ran.outputs.get("pull_request", "{}"))
    return ran, pull_request, body.read_text() if body.exists() else ""


def test_a_pull_request_says_what_it_brings(mono: Path, runner: Runner) -> None:
    ran, pull_request, body = updated(mono, runner, "scripts/tag_report")
    assert ran.code == 0, ran.text
    assert pull_request == {
        "branch": "template-update/scripts/tag_report",
        "title": f"Update scripts/tag_report to {NEXT} of the template",
        "draft": "false",
    }
    assert body == f"Made by `csa update`: the template at `{NEXT}`, from `{RELEASE}`.\n"
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


@pytest.mark.slow
def test_a_branch_has_a_name_that_git_takes(mono: Path, runner: Runner) -> None:
    git(mono, "mv", "scripts", "old scripts..~v1")
    commit_all(mono, "Renamed")
    package, branch = (
        "old scripts..~v1/asset_lookup",
        "template-update/old%32%scripts%46%%46%%126%v1/asset_lookup",
    )
    # The list of updates knows by it which have one already.
    git(mono, "update-ref", f"refs/remotes/origin/{branch}", "HEAD")
    assert json.loads(updates(runner).outputs["packages"])[-1] == package
    _, pull_request, _ = opened(runner, package, (runner.temporary / "updates.json").read_text())
    assert pull_request["branch"] == branch
    git(mono, "check-ref-format", f"refs/heads/{branch}")


def test_a_pull_request_with_conflicts_is_a_draft_that_names_them(
    mono: Path, runner: Runner
) -> None:
    dockerfile = mono / "scripts" / "tag_report" / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("--no-cache ", "--no-cache --no-deps "))
    commit_all(mono, "Mine")
    ran, pull_request, body = updated(mono, runner, "scripts/tag_report")
    assert (ran.code, pull_request["draft"]) == (0, "always-true")
    assert "- [ ] `Dockerfile: resolve the text between <<<<<<< and >>>>>>>`\n" in body


def test_a_pull_request_names_what_another_sdk_breaks_and_is_a_draft(
    mono: Path, runner: Runner, tmp_path: Path
) -> None:
    package = mono / "scripts" / "tag_report"
    (package / "old.py").write_text("from pyatlan.model.packages import SnowflakeCrawler\n")
    answers = package / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(NEWEST, "10.0.0"))
    commit_all(mono, "On an older SDK")
    # The workflow updates with the answers that a package has; here csa is asked for a newer SDK.
    csa = executable(
        tmp_path / "bin" / "csa",
        f'exec {BIN}/csa "$@" --data pyatlan_version={NEWEST} scripts/tag_report',
    )
    ran, pull_request, body = updated(mono, runner, "scripts/tag_report", path=str(csa.parent))
    assert (ran.code, pull_request["draft"]) == (0, "always-true"), ran.text
    assert f"- [ ] `old.py:1: pyatlan {NEWEST} has no module pyatlan.model.packages " in body


def test_what_is_around_the_packages_gets_its_own_branch(mono: Path, runner: Runner) -> None:
    ran, pull_request, _ = updated(mono, runner, ".")
    assert ran.code == 0, ran.text
    # A folder may be called repository, too.
    assert pull_request["branch"] == "template-update-repository"
    assert pull_request["title"] == f"Update repository to {NEXT} of the template"


OUTCOME = {
    "package": "scripts/tag_report",
    "result": "updated",
    "old": "v1.0.0",
    "new": "v1.1.0",
    "conflicts": {},
    "breaks": [],
    "notes": [],
    "diff": "",
}
"""What csa update prints of a package."""


@pytest.mark.parametrize(
    "path", ["scripts/asset_lookup/main.py", ".github/workflows/release.yml", "scripts/tag_report2"]
)
def test_an_update_of_a_package_changes_no_file_of_others(
    mono: Path, runner: Runner, path: str
) -> None:
    """Whatever the job says that runs what comes from PyPI."""
    (mono / path).write_text("evil\n")
    git(mono, "add", "--all")
    outcome = {**OUTCOME, "diff": git(mono, "diff", "--cached")}
    git(mono, "reset", "--hard", "--quiet")
    handed_over = json.dumps({"packages": [outcome]})
    ran, pull_request, _ = opened(runner, "scripts/tag_report", handed_over)
    assert (ran.code, pull_request) == (1, {})
    assert "::error::The patch changes files outside the package." in ran.text


def test_the_text_of_a_pull_request_mentions_nobody_and_closes_nothing(
    mono: Path, runner: Runner
) -> None:
    """Names of files and texts of csa stand in it as code, each in one line."""
    package = mono / "scripts" / "tag_report"
    (package / "index.md").write_text("new\n")
    outcome = {
        **OUTCOME,
        "conflicts": {"a`\n@team fixes #1 `b": "`@team`"},
        "breaks": [{"path": "x\r\n# Heading", "line": 1, "text": "<img src=x>`@team"}],
        "notes": ["`\n\n@team"],
        "diff": git(mono, "diff"),
    }
    git(mono, "checkout", "--quiet", ".")
    ran, _, body = opened(runner, "scripts/tag_report", json.dumps({"packages": [outcome]}))
    assert ran.code == 0, ran.text
    first, *points = body.splitlines()
    assert first == "Made by `csa update`: the template at `v1.1.0`, from `v1.0.0`."
    assert len(points) == 3
    assert all(re.fullmatch(r"- \[ \] `[^`]+`", point) for point in points), body
