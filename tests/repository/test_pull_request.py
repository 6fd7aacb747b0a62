"""The workflow of pull requests: what is checked, tested and scanned."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.support.commands import BIN, commit_all, executable, git, run
from tests.support.monorepo import copy, init
from tests.support.sampling import sampled
from tests.support.workflows import NO_TENANT, PACKAGES, WORKFLOWS, Ran, Runner, jobs


def test_a_pull_request_checks_what_it_changes(mono: Path, tmp_path: Path) -> None:
    """In a checkout of the merge, as actions/checkout makes it."""
    (mono / "scripts" / "tag_report" / "version.txt").write_text("1.0.0\n")
    commit_all(mono, "A released version")
    git(mono, "checkout", "--quiet", "-b", "work")
    (mono / "scripts" / "tag_report" / "main.py").write_text("print('new')\n")
    commit_all(mono, "Work")
    git(mono, "checkout", "--quiet", "-")
    (mono / "scripts" / "asset_lookup" / "index.md").write_text("# Another's\n")
    commit_all(mono, "Another's work")
    git(mono, "merge", "--quiet", "--no-ff", "--no-edit", "work")
    checkout = Runner(mono, tmp_path / "runner")

    listed = changed(checkout)
    assert (listed.code, listed.outputs) == (0, {"packages": '["scripts/tag_report"]'})
    contexts = {**NO_TENANT, "matrix.package": "scripts/tag_report"}
    checked = checkout.step("pull-request.yml", "test", "Check the rules", contexts)
    assert checked.code == 1
    assert "::error file=scripts/tag_report/main.py,line=1,title=CSA401::" in checked.text
    assert (
        "::error file=scripts/tag_report/version.txt,line=1,title=CSA203::main.py has"
        in checked.text
    )


def changed(runner: Runner, base: str = "", path: str = "") -> Ran:
    contexts = {"github.event.merge_group.base_sha": base}
    return runner.step("pull-request.yml", "changed", "List the packages", contexts, path=path)


def test_a_merge_queue_checks_all_that_a_group_changes(mono: Path, runner: Runner) -> None:
    base = git(mono, "rev-parse", "HEAD").strip()
    for name in PACKAGES:
        (mono / "scripts" / name / "index.md").write_text("# Another\n")
        commit_all(mono, name)
    packages = json.loads(changed(runner, base).outputs["packages"])
    assert packages == [f"scripts/{name}" for name in PACKAGES]
    # All commits of a group are there, and no group cancels another.
    workflow = yaml.safe_load((mono / WORKFLOWS / "pull-request.yml").read_text())
    assert workflow[True] == ["pull_request", "merge_group"]  # on, as YAML 1.1 reads it
    assert workflow["jobs"]["changed"]["steps"][0]["with"]["fetch-depth"] == 0
    assert workflow["concurrency"]["group"] == "${{ github.workflow }}-${{ github.ref }}"


def keep_as_it_is(package: Path) -> None:
    (package / "main.py").write_text("print('changed')\n")


def delete_answers(package: Path) -> None:
    (package / ".copier-answers.yml").unlink()


def ignore_answers(package: Path) -> None:
    git(package, "rm", "--quiet", "--cached", ".copier-answers.yml")
    with (package / ".gitignore").open("a") as ignored:
        ignored.write(".copier-answers.yml\n")


def rename_answers(package: Path) -> None:
    git(package, "mv", ".copier-answers.yml", "answers.yml")


def kill_link(package: Path) -> None:
    delete_answers(package)
    (package / ".copier-answers.yml").symlink_to("nowhere")


def set_scope(package: Path, scope: str = "repository") -> None:
    answers = package / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("scope: package", f"scope: {scope}"))


def set_unknown_scope(package: Path) -> None:
    set_scope(package, "none")


def become_link(package: Path) -> None:
    git(package, "mv", "../tag_report", "../.hidden")
    delete_answers(package.with_name(".hidden"))
    package.symlink_to(".hidden")


HIDDEN = (
    delete_answers, ignore_answers, rename_answers, set_scope, set_unknown_scope, become_link,
)  # fmt: skip


@pytest.mark.parametrize("hide", sampled(HIDDEN))
def test_a_package_cannot_leave_the_checks_while_its_files_stay(
    mono: Path, runner: Runner, hide: Callable[[Path], None]
) -> None:
    package = mono / "scripts" / "tag_report"
    keep_as_it_is(package)
    hide(package)
    commit_all(mono, "Work")
    run("git", "clone", "--quiet", mono, mono.parent / "clone")
    checkout = Runner(mono.parent / "clone", runner.temporary)
    listed = changed(checkout)
    assert listed.code == 1, listed.text
    assert listed.outputs == {}
    assert (
        "scripts/tag_report: a package at HEAD^, but no longer: restore its .copier-answers.yml, "
        "or delete the whole folder" in listed.text
    )
    checked = run(
        BIN / "csa", "check", "--changed-since", "HEAD^", "--format", "github",
        cwd=checkout.repository, code=1,
    ).stdout  # fmt: skip
    assert "::error file=scripts/tag_report,title=failed::a package at HEAD^, but" in checked


def test_a_package_whose_answers_lead_nowhere_is_checked_and_fails(
    mono: Path, runner: Runner
) -> None:
    kill_link(mono / "scripts" / "tag_report")
    commit_all(mono, "Work")
    listed = changed(runner)
    assert listed.outputs == {"packages": '["scripts/tag_report"]'}, listed.text
    checked = run(BIN / "csa", "check", "scripts/tag_report", cwd=mono, code=1).stdout
    assert "failed: .copier-answers.yml cannot be read" in checked


@pytest.mark.slow
def test_a_package_can_be_moved_or_deleted_as_a_whole(mono: Path, runner: Runner) -> None:
    git(mono, "mv", "scripts/tag_report", "scripts/tags")
    commit_all(mono, "Rename")
    assert changed(runner).outputs == {"packages": '["scripts/tags"]'}
    git(mono, "rm", "-r", "--quiet", "scripts/tags")
    (mono / "scripts" / "tags").mkdir(exist_ok=True)
    (mono / "scripts" / "tags" / "left.log").write_text("not in git\n")
    git(mono, "commit", "--quiet", "--message", "Delete")
    listed = changed(runner)
    assert (listed.code, listed.outputs) == (0, {"packages": "[]"}), listed.text
    # What was no package is none that is missed.
    (mono / "scripts" / "legacy").mkdir()
    (mono / "scripts" / "legacy" / ".copier-answers.yml").write_text("_src_path: x\n_commit: y\n")
    commit_all(mono, "Answers of another template")
    (mono / "scripts" / "legacy" / ".copier-answers.yml").write_text("_commit: z\n")
    git(mono, "rm", "--quiet", "--cached", "scripts/legacy/.copier-answers.yml")
    (mono / "scripts" / "legacy" / ".copier-answers.yml").unlink()
    (mono / "scripts" / "legacy" / "main.py").write_text("print()\n")
    commit_all(mono, "Without")
    listed = changed(runner)
    assert (listed.code, listed.outputs) == (0, {"packages": "[]"}), listed.text


def test_a_pull_request_without_packages_checks_none(template: Path, tmp_path: Path) -> None:
    top = copy(template, tmp_path / "mono", scope="repository")
    init(top)
    commit_all(top, "Another commit")
    listed = changed(Runner(top, tmp_path / "runner"))
    assert (listed.code, listed.outputs) == (0, {"packages": "[]"})


@pytest.mark.slow
def test_a_pull_request_tests_a_package_with_coverage(mono: Path, runner: Runner) -> None:
    (mono / "scripts" / "tag_report" / "index.md").write_text("# Tags\n")
    commit_all(mono, "Work")
    package = {**NO_TENANT, "matrix.package": "scripts/tag_report"}
    checked = runner.step("pull-request.yml", "test", "Check the rules", package)
    assert checked.code == 0, checked.text
    named = runner.step("pull-request.yml", "test", "Look for its Python", package)
    assert json.loads(named.outputs["image"])["python"] == "3.11"
    package["steps.image.outputs.image"] = named.outputs["image"]
    installed = runner.step("pull-request.yml", "test", "Install", package)
    assert installed.code == 0, installed.text
    tested = runner.step("pull-request.yml", "test", "Test", package)
    assert tested.code == 0, tested.text
    assert re.search(r"3 passed, 2 skipped", tested.text)
    assert re.search(r"^TOTAL +\d+ +\d+ +\d+%$", tested.text, re.MULTILINE)
    # A test that fails fails the step.
    (mono / "scripts" / "tag_report" / "tests" / "test_more.py").write_text(
        "def test():\n    assert 0\n"
    )
    assert runner.step("pull-request.yml", "test", "Test", package).code == 1


def test_requirements_are_scanned_only_with_a_token(rendered: Path) -> None:
    pull_request = jobs(rendered)["pull-request.yml"]
    assert pull_request["changed"]["outputs"]["scanned"] == "${{ secrets.SNYK_TOKEN != '' }}"
    assert pull_request["scan"]["if"] == (
        "needs.changed.outputs.packages != '[]' && needs.changed.outputs.scanned == 'true'"
    )


def test_what_is_scanned_is_for_the_package_s_python(mono: Path, runner: Runner) -> None:
    package = mono / "scripts" / "tag_report"
    answers = ("-d", "pyatlan_version=8.0.1", "-d", "python_version=3.12")
    run(BIN / "csa", "update", *answers, package, cwd=mono)
    commit_all(mono, "An older pyatlan")
    contexts = {"matrix.package": "scripts/tag_report"}
    named = runner.step("pull-request.yml", "scan", "Look for its Python", contexts)
    assert json.loads(named.outputs["image"])["python"] == "3.12"


@pytest.mark.slow
def test_what_is_scanned_is_installed_as_snyk_needs_it(mono: Path, runner: Runner) -> None:
    contexts = {"inputs.package": "scripts/tag_report", "inputs.python": "3.11"}
    installed = runner.action("scan", "Install what it requires", contexts)
    assert installed.code == 0, installed.text
    python = mono / "scripts" / "tag_report" / ".venv" / "bin" / "python"
    run(python, "-W", "ignore", "-c", "import pip, pkg_resources, opentelemetry.sdk")


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ("success success", 0),
        ("success skipped", 0),
        ("success failure", 1),
        ("cancelled skipped", 1),
    ],
)
def test_one_check_tells_whether_all_passed(runner: Runner, results: str, code: int) -> None:
    names = ("changed", "test", "image", "scan")
    contexts = {
        f"needs.{name}.result": result for name, result in zip(names, results.split(), strict=False)
    }
    assert runner.step("pull-request.yml", "passed", "Look at the results", contexts).code == code


def test_a_pull_request_with_more_packages_than_can_be_checked_fails(
    runner: Runner, tmp_path: Path
) -> None:
    """Of a matrix, GitHub runs 256 jobs."""

    def listed(count: int) -> Ran:
        packages = json.dumps([f"scripts/p{number}" for number in range(count)])
        csa = executable(tmp_path / "bin" / "csa", f"echo '{packages}'")
        return changed(runner, path=str(csa.parent))

    assert len(json.loads(listed(256).outputs["packages"])) == 256
    refused = listed(257)
    assert (refused.code, refused.outputs) == (1, {})
    assert "::error::257 packages changed, and a matrix has 256 jobs at most" in refused.text
    # Then the one check that is required fails, too.
    assert "changed" in jobs(runner.repository)["pull-request.yml"]["passed"]["needs"]


def test_few_packages_at_a_time_are_tested_on_the_tenant(rendered: Path) -> None:
    for file, name in (("pull-request.yml", "test"), ("release.yml", "package")):
        assert jobs(rendered)[file][name]["strategy"]["max-parallel"] == 8
