"""What can be read from the workflows: permissions, secrets, pins, what each job is given."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from csa.image import UNKNOWN

from tests.support.commands import BIN, ROOT, missing_here, run
from tests.support.monorepo import copy, init
from tests.support.workflows import ACTIONS, WORKFLOWS, errors_in, evaluated, jobs


def test_the_workflows_of_this_project_are_clean() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert workflows
    assert run(BIN / "actionlint", "-no-color", *workflows, cwd=ROOT).stdout == ""
    run(BIN / "zizmor", "--offline", "--no-progress", ROOT / ".github", cwd=ROOT)


OTHERS = {"pull_requests": "renovate", "site": "github-pages"}
"""Answers that bring other workflows than the defaults."""


@pytest.mark.parametrize("answers", [{}, OTHERS])
def test_the_workflows_are_linted(template: Path, tmp_path: Path, answers: dict[str, str]) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", **answers)
    init(top)
    if not shutil.which("shellcheck"):
        missing_here("shellcheck, which reads the scripts, is not installed.")
    assert run(BIN / "actionlint", "-no-color", cwd=top).stdout == ""
    run(BIN / "zizmor", "--offline", "--no-progress", ".", cwd=top)
    run(BIN / "hadolint", top / "images" / "pyatlan-base" / "Dockerfile")


@pytest.mark.parametrize("answers", [{}, OTHERS])
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


def test_uv_has_one_version_everywhere() -> None:
    """Which installs everything else, with the hashes that it checks."""
    files = [
        *(ROOT / "template" / "repository" / ".github").rglob("*.y*ml*"),
        *(ROOT / ".github" / "workflows").iterdir(),
    ]
    setups = "".join(path.read_text() for path in files).split("uses: astral-sh/setup-uv@")[1:]
    versions = [re.search(r"\A.*\n +with:\n +version: (\d+\.\d+\.\d+)\n", one) for one in setups]
    assert len({found and found[1] for found in versions}) == 1, versions
    assert len(setups) >= 4


def test_renovate_reads_all_workflows_and_finds_each_version_in_them() -> None:
    settings = json.loads((ROOT / "renovate.json").read_text())
    files = sorted(path for path in (ROOT / "template").rglob("*") if path.is_file())
    [read] = settings["github-actions"]["managerFilePatterns"]
    names = [path.relative_to(ROOT).as_posix() for path in files]
    in_github = [name for name in names if "/.github/" in name and ".yml" in name]
    assert [name for name in in_github if not re.search(read.strip("/"), name)] == []
    found: dict[str, set[str]] = {}
    for manager in settings["customManagers"]:
        [pattern] = [one.strip("/") for one in manager["managerFilePatterns"]]
        for path, name in zip(files, names, strict=True):
            for version in manager["matchStrings"] if re.search(pattern, name) else ():
                for match in re.finditer(version.replace("(?<", "(?P<"), path.read_text()):
                    depends_on = match.groupdict().get("depName") or manager["depNameTemplate"]
                    found.setdefault(depends_on, set()).add(match["currentValue"])
    # One version of each, wherever it is.
    assert {name: len(versions) for name, versions in found.items()} == dict.fromkeys(
        ("ruff", "snyk", "uv", "zensical"), 1
    )


def test_every_shell_step_is_run_by_a_test(rendered: Path) -> None:
    """As the tests name it to the runner: by its file, its job and its own name."""
    run_here = {
        tuple(one.value for one in call.args[:3] if isinstance(one, ast.Constant))
        for file in Path(__file__).parent.glob("test_*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", None) in ("step", "action")
    }
    actions = {
        (path.parent.name, step["name"])
        for path in (rendered / ACTIONS).glob("*/action.yml")
        for step in yaml.safe_load(path.read_text())["runs"]["steps"]
        if "run" in step and "name" in step
    }
    assert actions - run_here == {("registry", "Refuse another registry")}  # run below
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
    ("pyatlan-base-image.yml", "build"): {"packages"},
    ("pyatlan-base-image.yml", "publish"): {"packages"},
    ("release.yml", "package"): {"packages", "id-token", "attestations", "artifact-metadata"},
    ("release-package.yml", "build"): {"packages"},
    ("release-package.yml", "publish"): {
        "packages", "id-token", "attestations", "artifact-metadata",
    },
    ("propose.yml", "package"): {"contents", "pull-requests"},
    ("template-update.yml", "propose"): {"contents", "pull-requests"},
    ("base-update.yml", "propose"): {"contents", "pull-requests"},
    ("pull-request.yml", "report"): {"security-events"},
    ("scan.yml", "report"): {"security-events"},
    ("scan.yml", "issues"): {"issues"},
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
    """Not even csa: other jobs hand over what it says."""
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
        ("release-package.yml", "scan"),
        ("pull-request.yml", "image"),
        ("base-update.yml", "outdated"),
        ("scan.yml", "published"),
        ("scan.yml", "image"),
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


OWN_SECRETS = "ATLAN_BASE_URL ATLAN_OAUTH_CLIENT_ID ATLAN_OAUTH_CLIENT_SECRET ERP_TOKEN ERP_TOKEN"


def test_tests_get_the_secrets_that_are_named_and_no_others_do(
    template: Path, tmp_path: Path
) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", test_environment=OWN_SECRETS)
    named = {name: f"${{{{ secrets.{name} }}}}" for name in OWN_SECRETS.split()}
    workflows = jobs(top)
    called = yaml.safe_load((top / WORKFLOWS / "release-package.yml").read_text())[True]
    assert named.keys() < called["workflow_call"]["secrets"].keys()
    given = workflows["release.yml"]["package"]["secrets"]
    assert given.keys() == called["workflow_call"]["secrets"].keys()
    assert named.items() < given.items()
    for file, tests in (
        ("pull-request.yml", {"Test", "Check the coverage"}),
        ("release-package.yml", {"Test on a tenant"}),
    ):
        assert errors_in((top / WORKFLOWS / file).read_text()) == []
        for job in workflows[file].values():
            for step in job.get("steps", ()):
                has = {key for key in step.get("env", {}) if key in named}
                assert has == (set(named) if step.get("name") in tests else set())


@pytest.mark.parametrize("answers", [{}, {"test_environment": OWN_SECRETS}, OTHERS])
def test_the_head_of_a_workflow_names_the_secrets_that_it_reads(
    template: Path, tmp_path: Path, answers: dict[str, str]
) -> None:
    """Those of release-package.yml are its caller's."""
    top = copy(template, tmp_path / "mono", scope="repository", **answers)
    for path in sorted((top / WORKFLOWS).iterdir()):
        head, _, rest = path.read_text().partition("\nname: ")
        read = set(re.findall(r"\bsecrets\.(\w+)", rest))
        told = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", head))
        assert (set() if path.name == "release-package.yml" else read) == told, path.name


def test_what_a_job_takes_from_another_is_handed_over(rendered: Path) -> None:
    """An output that is not there is empty text, without an error."""
    for file, workflow in jobs(rendered).items():
        text = (rendered / WORKFLOWS / file).read_text()
        for job, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", text):
            assert output in workflow[job]["outputs"], (file, job, output)
        for job in workflow.values():
            text = " ".join(job.get("outputs", {}).values())
            for step, name in re.findall(r"steps\.(\w+)\.outputs\.(\w+)", text):
                [said] = [one for one in job["steps"] if one.get("id") == step]
                action = said.get("uses", "").removeprefix("$/")
                if action.startswith(".github/"):
                    content = yaml.safe_load((rendered / action / "action.yml").read_text())
                    assert name in content["outputs"]
                else:
                    digest = name == "digest" and action.startswith("docker/build-push-action@")
                    assert digest or f'"{name}=\\(' in said["run"], (file, name)


def test_a_release_has_its_tag_last_and_only_when_it_is_free(rendered: Path) -> None:
    release = jobs(rendered)["release-package.yml"]
    assert {name: job.get("needs") for name, job in release.items()} == {
        "prepare": None,
        "test": "prepare",
        "build": ["prepare", "test"],
        "scan": ["prepare", "build"],
        "publish": ["prepare", "build", "scan"],
    }
    push = release["build"]["steps"][-1]
    assert push["with"]["sbom"] is True
    assert push["with"]["provenance"] == "mode=max"
    assert "push-by-digest=true" in push["with"]["outputs"]
    assert "tags" not in push["with"]
    *_, attest, tag = release["publish"]["steps"]
    assert attest["uses"].startswith("actions/attest@")
    assert attest["with"] == {
        "subject-name": "${{ needs.prepare.outputs.repository }}",
        "subject-digest": "${{ steps.index.outputs.digest }}",
        "push-to-registry": True,
    }
    action = yaml.safe_load((rendered / ACTIONS / "index" / "action.yml").read_text())
    assert "@$digest" in action["runs"]["steps"][0]["run"]  # and no tag
    assert tag["run"].index("skopeo inspect") < tag["run"].index("skopeo copy")
    assert tag["env"]["UNKNOWN"] == UNKNOWN.pattern
    package = jobs(rendered)["release.yml"]["package"]
    assert package["if"] == (
        "${{ !cancelled() && startsWith(needs.unpublished.outputs.packages, '[\"') }}"
    )


def test_each_platform_is_built_on_a_runner_of_its_own_and_both_are_scanned(rendered: Path) -> None:
    release = jobs(rendered)["release-package.yml"]
    built = {
        one["arch"]: one["runner"] for one in release["build"]["strategy"]["matrix"]["include"]
    }
    assert built == {"amd64": "ubuntu-latest", "arm64": "ubuntu-24.04-arm"}
    assert release["scan"]["strategy"]["matrix"]["arch"] == list(built)
    base = jobs(rendered)["pyatlan-base-image.yml"]["build"]
    for arch, runner in built.items():
        assert evaluated([base["runs-on"]], {"matrix.arch": arch}) == [runner]
    assert base["outputs"] == release["build"]["outputs"]
    # Each job sets the output that is named as its platform, and leaves the other empty.
    for arch in built:
        contexts = {"matrix.arch": arch, "steps.push.outputs.digest": "sha256:1"}
        outputs = dict(release["build"]["outputs"])
        values = dict(zip(outputs, evaluated(outputs.values(), contexts), strict=True))
        assert values == {**dict.fromkeys(built, ""), arch: "sha256:1"}
        digests = {"needs.build.outputs.amd64": "sha256:1", "needs.build.outputs.arm64": "sha256:2"}
        contexts = {**digests, "matrix.arch": arch, "needs.prepare.outputs.repository": "x/y"}
        image = release["scan"]["steps"][2]["env"]["IMAGE"]
        assert evaluated([image], contexts) == [f"x/y@{digests[f'needs.build.outputs.{arch}']}"]


def test_the_registry_s_errors_are_read_as_csa_reads_them(rendered: Path) -> None:
    action = yaml.safe_load((rendered / ACTIONS / "published" / "action.yml").read_text())
    assert action["runs"]["steps"][0]["env"]["UNKNOWN"] == UNKNOWN.pattern


def test_each_package_has_a_pull_request_of_its_own(rendered: Path) -> None:
    package = jobs(rendered)["propose.yml"]["package"]
    given = package["steps"][-1]["with"]
    for name in ("branch", "title", "draft"):
        assert given[name] == f"${{{{ fromJSON(steps.apply.outputs.pull_request).{name} }}}}"
    assert given["body-path"] == "${{ runner.temp }}/body.md"
    assert given["committer"] == "${{ env.COMMITTER }}"
    assert package["strategy"]["max-parallel"] == 8
    assert (
        package["strategy"]["matrix"]["package"] == "${{ fromJSON(needs.choose.outputs.packages) }}"
    )


def test_what_proposes_hands_over_the_patches_that_are_taken(rendered: Path) -> None:
    workflows = jobs(rendered)
    name, path = "proposals", "${{ runner.temp }}"
    for job in workflows["propose.yml"].values():
        [taken] = [step["with"] for step in job["steps"] if "download" in step.get("uses", "")]
        assert taken == {"name": name, "path": path}
    for file, job in (("template-update.yml", "updates"), ("base-update.yml", "versions")):
        given = workflows[file][job]["steps"][-1]["with"]
        assert given == {"name": name, "path": f"{path}/proposals.json", "retention-days": 1}
        assert workflows[file]["propose"]["needs"] == job
        assert workflows[file]["propose"]["uses"] == "$/.github/workflows/propose.yml"


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
    for file, job in (("release-package.yml", "build"), ("package-test-image.yml", "image")):
        steps = jobs(rendered)[file][job]["steps"]
        used = [step.get("uses", "").partition("@")[0] for step in steps]
        place = used.index("$/.github/actions/registry")
        assert place < used.index("docker/build-push-action")
        assert steps[place]["with"]["pushed"] == "${{ needs.prepare.outputs.registry }}"
