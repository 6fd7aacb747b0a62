"""The files around the packages: what the workflows run, run here on a real monorepo."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from csa.image import UNKNOWN

from .conftest import (
    BIN,
    NEWEST,
    NEXT,
    RELEASE,
    ROOT,
    commit_all,
    git,
    missing_here,
    run,
    tree,
)
from .monorepo import copy, init
from .standins.base_image import WOLFI
from .standins.docker import BuildError, Docker
from .standins.registry import serve, unavailable_reason
from .standins.tenant import Tenant
from .workflows import WORKFLOWS, Ran, Runner, errors_in

PACKAGES = ("asset_lookup", "tag_report")
NO_TENANT = {"secrets.ATLAN_BASE_URL": "", "secrets.ATLAN_API_KEY": ""}


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


def jobs(monorepo: Path) -> dict[str, dict[str, Any]]:
    """Every workflow's jobs, by its file's name."""
    return {
        path.name: yaml.safe_load(path.read_text())["jobs"]
        for path in sorted((monorepo / WORKFLOWS).iterdir())
    }


# --- What can only be read -----------------------------------------------------------------------


def test_the_workflows_of_this_project_are_clean() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert workflows
    assert run(BIN / "actionlint", "-no-color", *workflows, cwd=ROOT).stdout == ""
    run(BIN / "zizmor", "--offline", "--no-progress", ROOT / ".github", cwd=ROOT)


@pytest.mark.parametrize("answers", [{}, {"pull_requests": "renovate"}])
def test_the_workflows_are_linted(template: Path, tmp_path: Path, answers: dict[str, str]) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", **answers)
    init(top)
    if not shutil.which("shellcheck"):
        missing_here("shellcheck, which reads the scripts, is not installed.")
    assert run(BIN / "actionlint", "-no-color", cwd=top).stdout == ""
    run(BIN / "zizmor", "--offline", "--no-progress", ".", cwd=top)
    run(BIN / "hadolint", top / "images" / "pyatlan-base" / "Dockerfile")


@pytest.mark.parametrize("answers", [{}, {"pull_requests": "renovate"}])
def test_github_s_own_parser_finds_nothing_wrong(
    template: Path, tmp_path: Path, answers: dict[str, str]
) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", **answers)
    for path in sorted((top / WORKFLOWS).iterdir()):
        assert errors_in(path.read_text()) == [], path.name
    assert errors_in("on: push\njobs:\n  x:\n    steps:\n      - run: ${{ secret.X }}\n") != []


def test_every_action_is_pinned_by_a_full_commit_hash_and_says_its_version() -> None:
    seen: dict[str, set[str]] = {}
    for path in (ROOT / "template" / "repository" / ".github").rglob("*.y*ml*"):
        for used in re.findall(r"uses: (.*)", path.read_text()):
            if not used.startswith("$/"):
                found = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+", used)
                assert found, used
                seen.setdefault(found[1], set()).add(used)
    assert seen
    # One version of each.
    assert all(len(lines) == 1 for lines in seen.values()), seen


def test_every_shell_step_is_run_by_a_test(rendered: Path) -> None:
    """As the tests name it to the runner: by its file, its job and its own name."""
    run_here = {
        tuple(one.value for one in call.args[:3] if isinstance(one, ast.Constant))
        for call in ast.walk(ast.parse(Path(__file__).read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", None) == "step"
    }
    scripts = {
        (file, name, step["name"])
        for file, workflow in jobs(rendered).items()
        for name, job in workflow.items()
        for step in job.get("steps", ())
        if "run" in step
    }
    assert len(scripts) >= 15
    assert scripts - run_here == set()


WRITING = {
    ("package-test-image.yml", "image"): {"packages"},
    ("pyatlan-base-image.yml", "image"): {"packages"},
    ("release.yml", "package"): {"packages", "id-token", "attestations", "artifact-metadata"},
    ("release-package.yml", "publish"): {
        "packages", "id-token", "attestations", "artifact-metadata",
    },
    ("template-update.yml", "package"): {"contents", "pull-requests"},
}  # fmt: skip
"""What a job may write; all others write nothing."""


def test_permissions_are_given_job_by_job_and_each_job_ends_in_time(rendered: Path) -> None:
    for path in (rendered / WORKFLOWS).iterdir():
        content = yaml.safe_load(path.read_text())
        assert content["permissions"] == {}, path.name
        assert "group" in content["concurrency"], path.name
    for file, workflow in jobs(rendered).items():
        for name, job in workflow.items():
            written = {what for what, how in job["permissions"].items() if how == "write"}
            assert written == WRITING.get((file, name), set()), (file, name)
            assert job.get("timeout-minutes", 91) <= 90 or "uses" in job, (file, name)


def test_nothing_of_a_package_s_runs_where_its_image_is_published(rendered: Path) -> None:
    """Its tests and requirements could change what is built, or take the credentials."""
    for file, workflow in jobs(rendered).items():
        for name, job in workflow.items():
            scripts = " ".join(step.get("run", "") for step in job.get("steps", ()))
            tested = "pip install" in scripts
            credentials = "registry" in str(job) or "id-token" in job["permissions"]
            assert not (tested and credentials), (file, name)


MAY_WRITE = re.compile(r"actions/registry|login-action|REGISTRY_PASSWORD|UPDATE_TOKEN \|\|")
"""What stands in a job that logs in to a registry, or writes to the repository."""

FROM_AN_INDEX = re.compile(
    r"/actions/csa|setup-uv|setup-python|(^ *|\$\(|\n *)(csa|uvx?|pipx?|npm|npx) "
)
"""What stands in a job that installs something from an index, such as csa, or runs it."""


def test_nothing_from_an_index_runs_where_something_may_be_written(rendered: Path) -> None:
    """Not even csa, whose requirements are ranges: other jobs hand over what it says."""
    writing = {
        (file, name)
        for file, workflow in jobs(rendered).items()
        for name, job in workflow.items()
        if (file, name) in WRITING or MAY_WRITE.search(str(job))
    }
    # Those that only read have a password as well, which may push.
    assert writing == {
        *WRITING,
        ("release.yml", "unpublished"),
        ("pull-request.yml", "image"),
    }
    for file, name in writing:
        for step in jobs(rendered)[file][name].get("steps", ()):
            assert not FROM_AN_INDEX.search(step.get("uses", "")), (file, name)
            assert not FROM_AN_INDEX.search(step.get("run", "")), (file, name)


def test_what_is_installed_meets_no_secret(rendered: Path) -> None:
    for file, workflow in jobs(rendered).items():
        for name, job in workflow.items():
            assert "secrets." not in str(job.get("env")), (file, name)
            for step in job.get("steps", ()):
                if "install" in step.get("run", ""):
                    assert "secrets." not in str(step), (file, name)


def test_what_a_job_takes_from_another_is_handed_over(rendered: Path) -> None:
    """An output that is not there is empty text, without an error."""
    for file, workflow in jobs(rendered).items():
        text = (rendered / WORKFLOWS / file).read_text()
        for job, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", text):
            assert output in workflow[job]["outputs"], (file, job, output)
        for job in workflow.values():
            text = " ".join(job.get("outputs", {}).values())
            for step, name in re.findall(r"steps\.(\w+)\.outputs\.(\w+)", text):
                [script] = [one["run"] for one in job["steps"] if one.get("id") == step]
                assert f'"{name}=\\(' in script, (file, name)


def test_a_release_has_its_tag_last_and_only_when_it_is_free(rendered: Path) -> None:
    publish = jobs(rendered)["release-package.yml"]["publish"]
    assert publish["needs"] == ["prepare", "test"]
    *_, push, attest, tag = publish["steps"]
    assert push["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert push["with"]["sbom"] is True
    assert push["with"]["provenance"] == "mode=max"
    assert "push-by-digest=true" in push["with"]["outputs"]
    assert "tags" not in push["with"]
    assert attest["uses"].startswith("actions/attest@")
    assert attest["with"] == {
        "subject-name": "${{ needs.prepare.outputs.repository }}",
        "subject-digest": "${{ steps.push.outputs.digest }}",
        "push-to-registry": True,
    }
    assert tag["run"].index("skopeo inspect") < tag["run"].index("skopeo copy")
    assert tag["env"]["UNKNOWN"] == UNKNOWN.pattern
    release = jobs(rendered)["release.yml"]["package"]
    assert release["if"] == (
        "${{ !cancelled() && startsWith(needs.unpublished.outputs.packages, '[\"') }}"
    )


def test_each_package_has_a_pull_request_of_its_own(rendered: Path) -> None:
    package = jobs(rendered)["template-update.yml"]["package"]
    given = package["steps"][-1]["with"]
    for name in ("branch", "title", "draft"):
        assert given[name] == f"${{{{ fromJSON(steps.update.outputs.pull_request).{name} }}}}"
    assert given["body-path"] == "${{ runner.temp }}/body.md"
    assert given["committer"] == "${{ env.COMMITTER }}"
    assert package["strategy"]["max-parallel"] == 8


@pytest.mark.parametrize(
    ("registry", "given"),
    [
        ("ghcr.io/team", ("inputs.password || github.token", None)),
        ("example.com/team", ("inputs.password", "inputs.password != ''")),
    ],
)
def test_the_token_of_a_run_goes_to_github_s_registry_alone(
    template: Path, tmp_path: Path, registry: str, given: tuple[str, str | None]
) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", image_registry=registry)
    action = yaml.safe_load((top / ".github" / "actions" / "registry" / "action.yml").read_text())
    *_, step = action["runs"]["steps"]
    assert step["with"]["registry"] == registry.split("/")[0]
    assert (step["with"]["password"], step.get("if")) == (f"${{{{ {given[0]} }}}}", given[1])
    assert action["outputs"]["registry"]["value"] == registry


def test_an_image_for_another_registry_is_pushed_nowhere(rendered: Path) -> None:
    action = yaml.safe_load(
        (rendered / ".github" / "actions" / "registry" / "action.yml").read_text()
    )
    refuse, login = action["runs"]["steps"]
    assert refuse["if"] == "inputs.pushed != '' && inputs.pushed != 'ghcr.io/atlanhq'"
    assert login["uses"].startswith("docker/login-action@")
    said = run("bash", "-ec", refuse["run"], code=1).stdout
    assert (
        "The workflows push to ghcr.io/atlanhq, but the package has another image_registry: "
        in said
    )
    # Each package's image meets it before it is pushed; the base image has the registry from there.
    for file, job in (("release-package.yml", "publish"), ("package-test-image.yml", "image")):
        steps = jobs(rendered)[file][job]["steps"]
        used = [step.get("uses", "").partition("@")[0] for step in steps]
        place = used.index("$/.github/actions/registry")
        assert place < used.index("docker/build-push-action")
        assert steps[place]["with"]["pushed"] == "${{ needs.prepare.outputs.registry }}"


def test_what_is_around_the_packages_is_rendered_each_file_with_its_owner(
    template: Path, tmp_path: Path
) -> None:
    top = copy(template, tmp_path / "2024-Scripts.x", scope="repository")
    assert set(tree(top)) == {
        ".copier-answers.yml",
        ".cursor/rules/csa-scripts-tests.mdc",
        ".github/actions/csa/action.yml",
        ".github/actions/registry/action.yml",
        ".github/workflows/package-test-image.yml",
        ".github/workflows/pull-request.yml",
        ".github/workflows/pyatlan-base-image.yml",
        ".github/workflows/release-package.yml",
        ".github/workflows/release.yml",
        ".github/workflows/template-update.yml",
        ".pre-commit-config.yaml",
        "AGENTS.md",
        "images/pyatlan-base/Dockerfile",
        "mkdocs.yml",
        "scripts/index.md",
    }
    answers = yaml.safe_load((top / ".copier-answers.yml").read_text())
    assert sorted(answers) == ["_commit", "_src_path", "image_registry", "pull_requests", "scope"]
    rules = (top / ".cursor" / "rules" / "csa-scripts-tests.mdc").read_text()
    assert rules.split("---\n\n", 1)[1] == (top / "AGENTS.md").read_text()
    for name, content in tree(top).items():
        text = content.decode()
        assert not re.search(r"\{%|%\}|\{#|jinja", text), name
        assert not re.search(r"\n\n\n|[ \t]\n|\n\n\Z", text), f"blank litter in {name}"


def test_what_was_there_before_is_kept(template: Path, tmp_path: Path) -> None:
    top = tmp_path / "mono"
    mine = {"mkdocs.yml": "site_name: Mine\n", ".pre-commit-config.yaml": "repos: []\n"}
    top.mkdir()
    for name, content in mine.items():
        (top / name).write_text(content)
    copy(template, top, scope="repository")
    assert {name: (top / name).read_text() for name in mine} == mine


@pytest.mark.slow
def test_renovate_is_the_other_way_to_pull_requests(template: Path, tmp_path: Path) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", pull_requests="renovate")
    assert not (top / WORKFLOWS / "template-update.yml").exists()
    settings = json.loads((top / "renovate.json").read_text())
    assert settings["enabledManagers"] == ["copier"]
    # It can be changed later, either way.
    init(top)
    for answer, there in (("workflow", False), ("renovate", True)):
        run(BIN / "csa", "update", ".", "-d", f"pull_requests={answer}", cwd=top)
        commit_all(top, answer)
        assert (top / "renovate.json").exists() == there
        assert (top / WORKFLOWS / "template-update.yml").exists() != there


# --- Keeping what is around the packages current ---------------------------------------------


@pytest.fixture
def newer(releases: Path, tmp_path: Path) -> Path:
    """The template with one more release, in which each workflow begins with another line."""
    clone = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, clone)
    for path in (clone / "template" / "repository" / WORKFLOWS).iterdir():
        path.write_text(f"# Newer.\n{path.read_text()}")
    for name in ("mkdocs.yml", "scripts/index.md"):
        with (clone / "template" / "repository" / name).open("a") as seeded:
            seeded.write("# newer\n")
    commit_all(clone, "Newer", "v999.2.0")
    return clone


def test_an_update_of_the_repository_writes_its_own_files_alone(
    newer: Path, tmp_path: Path
) -> None:
    mono = copy(newer, tmp_path / "mono", vcs_ref=NEXT, scope="repository")
    copy(newer, mono / "scripts" / "asset_lookup", vcs_ref=NEXT)
    init(mono)
    release = mono / WORKFLOWS / "release.yml"
    release.write_text(release.read_text().replace("timeout-minutes: 20", "timeout-minutes: 25"))
    commit_all(mono, "Mine")
    # Unfinished work everywhere else, conflicts among it.
    main = mono / "scripts" / "asset_lookup" / "main.py"
    main.write_text("<<<<<<< before updating\n>>>>>>> after updating\n")
    (mono / "scripts" / "notes.md").write_text("mine\n")
    before = tree(mono)

    shown = run(BIN / "csa", "update", ".", cwd=mono).stdout
    assert "mono" in shown
    after = tree(mono)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {
        ".copier-answers.yml",
        ".github/actions/csa/action.yml",
        *(f".github/workflows/{path.name}" for path in (mono / WORKFLOWS).iterdir()),
    }
    assert "timeout-minutes: 25" in release.read_text()
    assert release.read_text().startswith("# Newer.\n")

    (mono / WORKFLOWS / "release.yml").write_text("mine\n")
    said = run(BIN / "csa", "update", ".", "-d", "image_registry=example.com", cwd=mono, code=1)
    assert "it has uncommitted changes: commit or stash them first" in said.stdout


def test_status_shows_the_repository_beside_its_packages(mono: Path) -> None:
    shown = run(BIN / "csa", "status", cwd=mono).stdout
    row = next(line for line in shown.splitlines() if line.startswith("mono"))
    assert row.split() == ["mono", f"{RELEASE},", "1", "behind"]
    packages = json.loads(run(BIN / "csa", "status", "--json", cwd=mono).stdout)["packages"]
    assert [one["package"] for one in packages] == [".", *(f"scripts/{one}" for one in PACKAGES)]
    # It is no package: nothing of it is checked, released or built.
    assert run(BIN / "csa", "list", cwd=mono).stdout.split() == [f"scripts/{o}" for o in PACKAGES]
    assert "is not a package" in run(BIN / "csa", "check", ".", cwd=mono, code=2).stderr


# --- What packages and people name ---------------------------------------------------------------

HOSTILE = "x\nreference=evil\r\n::set-output name=packages::[]\n::error::evil\n##[add-mask]true"
IMAGE = {
    "package": HOSTILE, "image": HOSTILE, "reference": HOSTILE, "registry": HOSTILE, "name": HOSTILE,
    "tag": f"1-{HOSTILE}", "release": False, "python": HOSTILE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "job", "name", "printed", "outputs"),
    [
        ("pull-request.yml", "changed", "List the packages", [HOSTILE], {"packages"}),
        ("pull-request.yml", "test", "Look for its Python", IMAGE, {"image"}),
        ("pull-request.yml", "scan", "Look for its Python", IMAGE, {"image"}),
        ("release.yml", "released", "List the packages", [IMAGE], {"packages"}),
        ("release-package.yml", "prepare", "Name the image", IMAGE, {"image"}),
        ("package-test-image.yml", "prepare", "Name the image", IMAGE, {"image"}),
        ("package-test-image.yml", "prepare", "Name the image", {**IMAGE, "release": True}, set()),
        ("package-test-image.yml", "prepare", "Name the image", {**IMAGE, "tag": "1\nevil"}, set()),
    ],
)
def test_no_text_adds_an_output_or_gives_the_runner_a_command(
    runner: Runner, tmp_path: Path, file: str, job: str, name: str, printed: Any, outputs: set[str]
) -> None:
    """Whatever csa says, and whatever people enter."""
    (tmp_path / "said.json").write_text(json.dumps(printed))
    csa = executable(tmp_path / "bin" / "csa", f"cat {tmp_path / 'said.json'}")
    entered = ("package_directory", "package_name", "version_tag")
    contexts = {f"inputs.{one}": HOSTILE for one in entered}
    ran = runner.step(file, job, name, contexts, path=str(csa.parent))
    assert set(ran.outputs) == outputs, ran.text
    assert "evil" not in ran.text
    # Nothing is lost either.
    assert all(json.loads(value) for value in ran.outputs.values())
    assert ran.job_outputs.get("reference", HOSTILE) == HOSTILE


def test_what_csa_and_a_registry_say_is_one_line_for_the_runner(
    runner: Runner, tmp_path: Path
) -> None:
    (tmp_path / "said").write_text(HOSTILE)
    failed = {"package": HOSTILE, "result": "failed", "message": HOSTILE}
    (tmp_path / "updates.json").write_text(json.dumps({"packages": [failed]}))
    csa = executable(tmp_path / "bin" / "csa", f"cat {tmp_path / 'updates.json'}; exit 1")
    executable(tmp_path / "bin" / "skopeo", f"cat {tmp_path / 'said'} >&2; exit 1")
    path = str(csa.parent)
    released = {"needs.released.outputs.packages": json.dumps([IMAGE])}
    for file, job, name, contexts in (
        ("template-update.yml", "updates", "List the updates", {"secrets.UPDATE_TOKEN": "its"}),
        ("release.yml", "unpublished", "Ask the registry", released),
        ("release-package.yml", "publish", "Tag it, unless the tag is taken", {}),
    ):
        ran = runner.step(file, job, name, contexts, path=path)
        assert ran.code == 1
        [command] = ran.text.splitlines()
        assert command.startswith("::error::")
        assert ran.outputs.get("packages", "[]") == "[]"


# --- Pull request ------------------------------------------------------------------------------


def test_a_pull_request_checks_what_it_changes(mono: Path, tmp_path: Path) -> None:
    """In a checkout of the merge, as actions/checkout makes it."""
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


@pytest.mark.parametrize("hide", HIDDEN)
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
    package = {**NO_TENANT, "matrix.package": "scripts/tag_report"}
    assert runner.step("pull-request.yml", "test", "Check the rules", package).code == 0
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


def test_a_pull_request_has_its_requirements_scanned(runner: Runner, tmp_path: Path) -> None:
    """With a stand-in for snyk, which needs an account."""
    snyk = executable(tmp_path / "bin" / "snyk", 'echo "$SNYK_TOKEN $PWD $*"')
    contexts = {"matrix.package": "scripts/tag_report", "secrets.SNYK_TOKEN": "its"}
    scanned = runner.step(
        "pull-request.yml", "scan", "Scan what it requires", contexts, path=str(snyk.parent)
    )
    assert scanned.text.startswith("its ")
    assert "scripts/tag_report test --file=requirements.txt --package-manager=pip" in scanned.text


def test_there_is_a_scan_only_with_a_token(rendered: Path) -> None:
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
    contexts = {
        "matrix.package": "scripts/tag_report",
        "steps.image.outputs.image": '{"python": "3.11"}',
    }
    installed = runner.step("pull-request.yml", "scan", "Install what it requires", contexts)
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


def executable(path: Path, script: str) -> Path:
    """Write a shell script that can be run; return its path."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


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


# --- Images and releases -----------------------------------------------------------------------


def test_releases_are_those_of_the_default_branch(rendered: Path) -> None:
    workflow = yaml.safe_load((rendered / WORKFLOWS / "release.yml").read_text())
    assert workflow[True] == {"push": {"branches": ["main", "master"]}}
    assert workflow["jobs"]["released"]["if"] == (
        "github.ref_name == github.event.repository.default_branch"
    )
    # All others come after it.
    assert workflow["jobs"]["unpublished"]["needs"] == "released"
    assert workflow["jobs"]["package"]["needs"] == "unpublished"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    if reason := unavailable_reason():
        missing_here(reason)
    with serve(tmp_path / "registry") as served:
        yield served


def in_registry(mono: Path, host: str) -> None:
    """Have the packages' images in a registry."""
    for answers in mono.rglob(".copier-answers.yml"):
        text = answers.read_text().replace("ghcr.io/atlanhq", f"{host}/team")
        answers.write_text(text)
    commit_all(mono, "Our registry")


def release_package(package: Path) -> None:
    run(BIN / "csa", "release", ".", cwd=package)
    commit_all(package, "Release")


def unpublished(
    runner: Runner, env: dict[str, str] | None = None, packages: str | None = None
) -> tuple[Ran, Ran]:
    """List the released packages, then those that the registry does not have."""
    released = runner.step("release.yml", "released", "List the packages")
    packages = released.job_outputs["packages"] if packages is None else packages
    asked = runner.step(
        "release.yml", "unpublished", "Ask the registry",
        {"needs.released.outputs.packages": packages}, env=env,
    )  # fmt: skip
    (runner.temporary / "failed").unlink(missing_ok=True)
    return released, asked


def test_only_released_versions_that_are_not_there_are_published(
    mono: Path, runner: Runner, registry: tuple[str, dict[str, str]]
) -> None:
    host, trust = registry
    in_registry(mono, host)
    released, _ = unpublished(runner)
    assert released.outputs == {"packages": "[]"}
    release_package(mono / "scripts" / "tag_report")
    released, asked = unpublished(runner, trust)
    assert (released.code, asked.code) == (0, 0)
    assert asked.outputs == {"packages": '["scripts/tag_report"]'}
    # Where the registry does not answer, nothing is taken for free.
    _, unheard = unpublished(runner)
    assert (unheard.code, unheard.outputs) == (1, {"packages": "[]"})
    assert '::error::"scripts/tag_report": time="' in unheard.text
    # One of which nothing can be told keeps no other from its release.
    (mono / "scripts" / "asset_lookup" / "version.txt").write_text("first\n")
    unknown, asked = unpublished(runner, trust)
    assert unknown.code == 1
    assert "scripts/asset_lookup: version.txt has no version: write 1.0.0-dev" in unknown.text
    assert (asked.code, asked.outputs) == (0, {"packages": '["scripts/tag_report"]'})


def test_releases_that_are_too_many_for_one_run_are_left_for_the_next(
    runner: Runner, tmp_path: Path
) -> None:
    """With a stand-in for skopeo, to which no image is known."""
    skopeo = executable(tmp_path / "bin" / "skopeo", "echo 'manifest unknown' >&2; exit 1")

    def left(count: int) -> Ran:
        packages = [{"package": f"scripts/p{one}", "image": f"x/p{one}:1"} for one in range(count)]
        contexts = {"needs.released.outputs.packages": json.dumps(packages)}
        step = ("release.yml", "unpublished", "Ask the registry")
        return runner.step(*step, contexts, path=str(skopeo.parent))

    assert "::warning::" not in left(256).text
    listed = left(300)
    packages = json.loads(listed.outputs["packages"])
    assert (listed.code, len(packages), packages[-1]) == (0, 256, "scripts/p255")
    assert (
        "::warning::A matrix has 256 jobs at most: the next run publishes 44 more." in listed.text
    )


def tagged(runner: Runner, host: str, digest: str, env: dict[str, str]) -> Ran:
    """Run the step that gives tag_report's image its tag."""
    repository = f"{host}/team/tag-report"
    contexts = {
        "needs.prepare.outputs.reference": f"{repository}:1.0.0",
        "needs.prepare.outputs.repository": repository,
        "steps.push.outputs.digest": digest,
    }
    ran: Ran = runner.step(
        "release-package.yml", "publish", "Tag it, unless the tag is taken", contexts, env=env
    )
    return ran


def test_a_tag_is_never_given_again(
    mono: Path, runner: Runner, registry: tuple[str, dict[str, str]]
) -> None:
    host, trust = registry
    in_registry(mono, host)
    release_package(mono / "scripts" / "tag_report")
    repository = f"{host}/team/tag-report"
    digests = []
    for name in ("first", "second"):
        write_layout(mono.parent / name, name)
        source = f"oci:{mono.parent / name}:image"
        digest = run("skopeo", "inspect", "--format", "{{.Digest}}", source).stdout.strip()
        run("skopeo", "copy", "--quiet", source, f"docker://{repository}@{digest}", env=trust)
        digests.append(digest)
    unheard = tagged(runner, host, digests[0], {})
    assert unheard.code == 1
    assert "::error::The registry does not say whether the tag exists: " in unheard.text
    assert tagged(runner, host, digests[0], trust).code == 0
    assert digest_of(f"{repository}:1.0.0", trust) == digests[0]
    again = tagged(runner, host, digests[1], trust)
    assert again.code == 0
    assert "::notice::The tag exists already and was left as it is." in again.text
    assert digest_of(f"{repository}:1.0.0", trust) == digests[0]
    _, asked = unpublished(runner, trust)
    assert (asked.code, asked.outputs) == (0, {"packages": "[]"})


def digest_of(reference: str, env: dict[str, str]) -> str:
    command = ("skopeo", "inspect", "--format", "{{.Digest}}", f"docker://{reference}")
    return run(*command, env=env).stdout.strip()


@pytest.mark.slow
@pytest.mark.xdist_group("images")
def test_a_release_is_tested_on_a_tenant_and_published_once(
    mono: Path, runner: Runner, registry: tuple[str, dict[str, str]], docker: Docker
) -> None:
    host, trust = registry
    in_registry(mono, host)
    package = mono / "scripts" / "tag_report"
    release_package(package)
    contexts = {**NO_TENANT, "inputs.package": "scripts/tag_report"}
    assert runner.step("release-package.yml", "prepare", "Check the rules", contexts).code == 0
    named = runner.step("release-package.yml", "prepare", "Name the image", contexts).job_outputs
    repository = f"{host}/team/tag-report"
    assert named == {
        "python": "3.11",
        "registry": f"{host}/team",
        "repository": repository,
        "reference": f"{repository}:1.0.0",
    }
    contexts["needs.prepare.outputs.python"] = named["python"]
    installed = runner.step("release-package.yml", "test", "Install", contexts)
    assert installed.code == 0, installed.text
    untested = runner.step("release-package.yml", "test", "Test on a tenant", contexts)
    assert untested.code == 1
    assert "There is no tenant. Set" in untested.text
    with Tenant() as tenant:
        contexts["secrets.ATLAN_BASE_URL"] = tenant.environment["ATLAN_BASE_URL"]
        contexts["secrets.ATLAN_API_KEY"] = tenant.environment["ATLAN_API_KEY"]
        tested = runner.step("release-package.yml", "test", "Test on a tenant", contexts)
    assert tested.code == 0, tested.text
    assert "5 passed" in tested.text

    docker.ensure_base(package)
    docker.build(package, f"{repository}:built")
    docker.push(f"{repository}:built")
    digest = digest_of(f"{repository}:built", trust)
    assert tagged(runner, host, digest, trust).code == 0
    assert digest_of(named["reference"], trust) == digest


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({"package_directory": "tag_report"}, "tag-report:1.0.0-dev-"),
        ({"package_directory": "scripts/tag_report"}, "tag-report:1.0.0-dev-"),
        ({"package_directory": "tag_report", "version_tag": "1.0.0-try"}, "tag-report:1.0.0-try"),
        ({"package_directory": "tag_report", "package_name": "other"}, "other:1.0.0-dev-"),
        (
            {"package_directory": "tag_report", "package_name": "tag-report"},
            "tag-report:1.0.0-dev-",
        ),
    ],
)
def test_an_image_in_development_is_called_as_asked(
    runner: Runner, inputs: dict[str, str], named: str
) -> None:
    ran = image_in_development(runner, **inputs)
    assert ran.job_outputs["reference"].startswith(f"ghcr.io/atlanhq/{named}"), ran.text
    assert ran.job_outputs["package"] == "scripts/tag_report"


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"package_directory": "nowhere"}, "scripts/nowhere: no such folder"),
        ({"package_directory": "tag_report", "version_tag": "a b"}, "a b is not an image tag"),
        ({"package_directory": "tag_report", "package_name": "$(id)"}, "$(id) is not an image name"),
        ({"package_directory": "tag_report", "version_tag": "latest"}, "::error::A tag in development"),
        ({"package_directory": "tag_report", "version_tag": f"sha256-{'0' * 64}"}, "::error::A tag in"),
        ({"package_directory": "tag_report", "package_name": "pyatlan-base"},
         "pyatlan-base is the name of a base image: use another name"),
        ({"package_directory": "tag_report", "package_name": "asset-lookup"},
         "asset-lookup is already the image name of scripts/asset_lookup: use another name"),
        ({"package_directory": "tag_report", "version_tag": "1.0.0"},
         "::error::This is a released version, which release.yml publishes: enter a version tag."),
    ],
)  # fmt: skip
def test_an_image_that_cannot_be_is_refused(
    runner: Runner, inputs: dict[str, str], says: str
) -> None:
    ran = image_in_development(runner, **inputs)
    assert ran.code != 0
    assert says in ran.text
    assert ran.outputs == {}


def image_in_development(runner: Runner, **inputs: str) -> Ran:
    names = ("package_directory", "package_name", "version_tag")
    contexts = {f"inputs.{name}": inputs.get(name, "") for name in names}
    ran: Ran = runner.step("package-test-image.yml", "prepare", "Name the image", contexts)
    return ran


def test_a_released_version_is_no_image_in_development(mono: Path, runner: Runner) -> None:
    release_package(mono / "scripts" / "tag_report")
    ran = image_in_development(runner, package_directory="tag_report")
    assert "::error::This is a released version" in ran.text


def test_the_summary_says_what_the_image_is_called(runner: Runner) -> None:
    contexts = {"needs.prepare.outputs.reference": "ghcr.io/x/y:1"}
    ran = runner.step("package-test-image.yml", "image", "Say what it is called", contexts)
    assert (ran.code, ran.summary) == (0, "`ghcr.io/x/y:1`\n")
    contexts = {"steps.registry.outputs.registry": "ghcr.io/x", "needs.prepare.outputs.tag": "1"}
    ran = runner.step("pyatlan-base-image.yml", "image", "Say what it is called", contexts)
    assert (ran.code, ran.summary) == (0, "`csa update -d base_image=ghcr.io/x/pyatlan-base:1`\n")


def test_a_package_named_like_a_base_image_has_no_image_in_development(
    mono: Path, runner: Runner
) -> None:
    git(mono, "mv", "scripts/tag_report", "scripts/pyatlan_base")
    commit_all(mono, "Rename")
    ran = image_in_development(runner, package_directory="pyatlan_base")
    assert (ran.code, ran.outputs) == (1, {})
    assert "pyatlan-base is the name of a base image: use another name" in ran.text


@pytest.mark.slow
@pytest.mark.xdist_group("images")
def test_an_image_in_development_can_be_pulled(
    mono: Path, runner: Runner, registry: tuple[str, dict[str, str]], docker: Docker
) -> None:
    host, trust = registry
    in_registry(mono, host)
    ran = image_in_development(runner, package_directory="tag_report")
    package = mono / ran.job_outputs["package"]
    docker.ensure_base(package)
    docker.build(package, ran.job_outputs["reference"])
    docker.push(ran.job_outputs["reference"])
    run("skopeo", "inspect", f"docker://{ran.job_outputs['reference']}", env=trust)


# --- The base image ----------------------------------------------------------------------------


def base_image(runner: Runner, **inputs: str) -> Ran:
    given = {
        "build_type": "release", "python_version": "3.11", "pyatlan_version": "",
        "pyatlan_branch": "", **inputs,
    }  # fmt: skip
    contexts = {f"inputs.{name}": value for name, value in given.items()}
    ran: Ran = runner.step("pyatlan-base-image.yml", "prepare", "Name the image", contexts)
    return ran


def test_a_base_image_is_called_by_its_pyatlan_and_python(mono: Path, runner: Runner) -> None:
    commit = git(mono, "rev-parse", "HEAD")[:7]
    released = base_image(runner, pyatlan_version="9.0.0")
    assert released.job_outputs == {
        "tag": "9.0.0-3.11",
        "platforms": "linux/amd64,linux/arm64",
        "requirement": "pyatlan==9.0.0",
    }
    developed = base_image(runner, pyatlan_version="9.0.0", build_type="dev")
    assert developed.job_outputs["platforms"] == "linux/amd64"
    assert developed.job_outputs["tag"] == f"9.0.0-3.11-{commit}"
    newest = base_image(runner).job_outputs["requirement"]
    assert re.fullmatch(r"pyatlan==(\d+\.){2}\d+", newest)
    branch = base_image(runner, pyatlan_branch="feature/APP-1234")
    assert branch.job_outputs["tag"] == "branch-feature-APP-1234-3.11"
    assert branch.job_outputs["requirement"] == (
        "pyatlan @ https://github.com/atlanhq/atlan-python/archive/refs/heads/feature/APP-1234.tar.gz"
    )


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"pyatlan_version": "999.0.0"}, "pyatlan==999.0.0"),
        ({"pyatlan_version": "9.0.0\nx"}, "::error::A version has three numbers"),
        *(
            (
                {"pyatlan_branch": branch},
                "::error::Enter the name of a branch, with letters, digits and",
            )
            for branch in (
                "a b; id",
                "../../../../../evil/x/archive/refs/heads/main",
                "a/../../b",
                "..",
                "a/./b",
                "/a",
                "//evil.com/a",
                "a//b",
                "-a",
                "a@{1}",
                "@{-1}",
                "a.",
                "a.lock",
                ".a",
                "a/.b",
                "a/",
                "a\nb",
                "a%2e%2e/b",
                "a?b",
                "a#b",
                "HEAD",
            )
        ),
    ],
)
def test_a_base_image_that_cannot_be_is_refused(
    runner: Runner, inputs: dict[str, str], says: str
) -> None:
    ran = base_image(runner, **inputs)
    assert ran.code != 0
    assert says in ran.text
    assert ran.outputs == {}


@pytest.mark.slow
@pytest.mark.xdist_group("images")
def test_a_package_builds_on_a_base_image_of_one_s_own(
    mono: Path, runner: Runner, docker: Docker
) -> None:
    """On a stand-in for Wolfi, which cannot be pulled here."""
    named = base_image(runner, pyatlan_version="11.6.0").job_outputs
    base = f"ghcr.io/atlanhq/pyatlan-base:{named['tag']}"
    docker.ensure_wolfi()
    context = mono / "images" / "pyatlan-base"
    arguments = {"PYTHON_VERSION": "3.11", "PYATLAN": named["requirement"]}
    docker.build(context, base, **arguments)
    config = docker.config(base)
    assert config["User"] == "nonroot"
    assert config["WorkingDir"] == "/app"
    assert config["Cmd"] == ["python"]
    assert "PYTHONPATH=/app" in config["Env"]
    assert (
        config["Labels"]["org.opencontainers.image.description"] == "pyatlan==11.6.0 on Python 3.11"
    )

    package = mono / "scripts" / "tag_report"
    run(BIN / "csa", "update", "-d", f"base_image={base}", package, cwd=mono)
    docker.build(package, "localhost/tag-report:own-base")
    script = "import os, sys; print(os.getuid(), '%d.%d' % sys.version_info[:2])"
    ran = docker.run("localhost/tag-report:own-base", "python", "-c", script)
    assert ran.stdout.split() == ["65532", "3.11"]
    helped = docker.run(
        "localhost/tag-report:own-base", "python", "-m", "tag_report.main", "--help"
    )
    assert "usage: " in helped.stdout
    with pytest.raises(BuildError, match=r"unable to select packages: python-3\.8"):
        docker.build(context, "localhost/none:1", PYTHON_VERSION="3.8", PYATLAN="pyatlan")
    assert WOLFI in (context / "Dockerfile").read_text()


# --- Template update ---------------------------------------------------------------------------


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


def test_a_pull_request_with_conflicts_is_a_draft_that_names_them(
    mono: Path, runner: Runner
) -> None:
    dockerfile = mono / "scripts" / "tag_report" / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("--no-cache ", "--no-cache --no-deps "))
    commit_all(mono, "Mine")
    ran, pull_request, body = updated(mono, runner, "scripts/tag_report")
    assert (ran.code, pull_request["draft"]) == (0, "always-true")
    assert "- [ ] `Dockerfile: resolve what stands between <<<<<<< and >>>>>>>`\n" in body


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
    assert pull_request["branch"] == "template-update/repository"
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


# --- Tools that people run ---------------------------------------------------------------------


@pytest.mark.slow
def test_the_action_installs_csa_at_the_version_of_the_workflows(
    mono: Path, tmp_path: Path
) -> None:
    action = yaml.safe_load((mono / ".github" / "actions" / "csa" / "action.yml").read_text())
    [script] = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    env = {
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    run("bash", "-eo", "pipefail", "-c", script, cwd=tmp_path, env=env)
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
    assert "CSA503: requests has no lower bound" in refused
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


def write_layout(layout: Path, author: str) -> None:
    """Write a small image in the OCI's layout, another one for another author."""
    (layout / "blobs" / "sha256").mkdir(parents=True)

    def blob(content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        (layout / "blobs" / "sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    kind = "application/vnd.oci.image"
    config = {
        "architecture": "amd64",
        "author": author,
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kind}.manifest.v1+json",
        "config": {"mediaType": f"{kind}.config.v1+json", **blob(json.dumps(config).encode())},
        "layers": [],
    }
    index = {
        "schemaVersion": 2,
        "manifests": [
            {
                "mediaType": f"{kind}.manifest.v1+json",
                "annotations": {"org.opencontainers.image.ref.name": "image"},
                **blob(json.dumps(manifest).encode()),
            }
        ],
    }
    (layout / "index.json").write_text(json.dumps(index))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
