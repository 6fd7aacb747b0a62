"""The workflows that build and publish packages' images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.support.commands import BIN, commit_all, executable, git, run
from tests.support.standins.docker import Docker
from tests.support.standins.registry import push_built, write_layout
from tests.support.standins.tenant import Tenant
from tests.support.workflows import NO_TENANT, WORKFLOWS, Ran, Runner


def test_releases_are_those_of_the_default_branch(rendered: Path) -> None:
    workflow = yaml.safe_load((rendered / WORKFLOWS / "release.yml").read_text())
    assert workflow[True] == {"push": {"branches": ["main", "master"]}}
    assert workflow["jobs"]["released"]["if"] == (
        "github.ref_name == github.event.repository.default_branch"
    )
    # All others come after it.
    assert workflow["jobs"]["unpublished"]["needs"] == "released"
    assert workflow["jobs"]["package"]["needs"] == "unpublished"


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
    asked = runner.action("published", "Ask the registry", {"inputs.packages": packages}, env=env)
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
    assert asked.outputs == {"published": "[]", "unpublished": '["scripts/tag_report"]'}
    # Where the registry does not answer, nothing is taken for free.
    _, unheard = unpublished(runner)
    assert (unheard.code, unheard.outputs) == (1, {"published": "[]", "unpublished": "[]"})
    assert '::error::"scripts/tag_report": time="' in unheard.text
    # One of which nothing can be told keeps no other from its release.
    (mono / "scripts" / "asset_lookup" / "version.txt").write_text("first\n")
    unknown, asked = unpublished(runner, trust)
    assert unknown.code == 1
    assert "scripts/asset_lookup: version.txt has no version: write 1.0.0-dev" in unknown.text
    assert (asked.code, asked.outputs["unpublished"]) == (0, '["scripts/tag_report"]')


@pytest.mark.slow
def test_releases_that_are_too_many_for_one_run_are_left_for_the_next(
    runner: Runner, tmp_path: Path
) -> None:
    """With a stand-in for skopeo, to which no image is known."""
    skopeo = executable(tmp_path / "bin" / "skopeo", "echo 'manifest unknown' >&2; exit 1")

    def left(count: int, number: int = 1) -> tuple[list[str], str]:
        packages = [{"package": f"scripts/p{one}", "image": f"x/p{one}:1"} for one in range(count)]
        contexts = {"inputs.packages": json.dumps(packages)}
        env = {"GITHUB_RUN_NUMBER": str(number)}
        asked = runner.action(
            "published", "Ask the registry", contexts, path=str(skopeo.parent), env=env
        )
        assert asked.code == 0
        return json.loads(asked.job_outputs["unpublished"]), asked.text

    listed, said = left(257)
    assert said == (
        "::warning::A matrix has 256 jobs at most: packages left for the next run of this workflow: 1.\n"
    )
    # Of what stays the same, as for a scan, each has its turn.
    assert len(listed) == 256
    assert {*listed, *left(257, 2)[0]} == {f"scripts/p{one}" for one in range(257)}


def tagged(runner: Runner, host: str, digest: str, env: dict[str, str]) -> Ran:
    """Run the step that gives tag_report's image its tag."""
    repository = f"{host}/team/tag-report"
    contexts = {
        "needs.prepare.outputs.reference": f"{repository}:1.0.0",
        "needs.prepare.outputs.repository": repository,
        "steps.index.outputs.digest": digest,
    }
    ran: Ran = runner.step(
        "release-package.yml", "publish", "Tag it, unless the tag is taken", contexts, env=env
    )
    return ran


def test_a_csa_that_lists_nothing_fails_the_job(runner: Runner, tmp_path: Path) -> None:
    csa = executable(tmp_path / "bin" / "csa", "exit 0")
    ran = runner.step("release.yml", "released", "List the packages", path=str(csa.parent))
    assert (ran.code != 0, ran.outputs) == (True, {})


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
    [image] = json.loads(asked.outputs["published"])
    assert (image["package"], image["image"]) == ("scripts/tag_report", f"{repository}:1.0.0")
    assert json.loads(asked.outputs["unpublished"]) == []


def published(
    mono: Path, runner: Runner, repository: str, built: dict[str, str], trust: dict[str, str]
) -> Ran:
    """Make one image of an image for each platform, then scan both, as far as without a scanner.

    `built` has the reference of an image for each platform. Returns how the one was made.
    """
    contexts = {"needs.prepare.outputs.repository": repository, "inputs.repository": repository}
    digests = []
    for arch, reference in built.items():
        digest = push_built(reference, arch, trust, mono.parent / f"index-{arch}")
        contexts[f"needs.build.outputs.{arch}"] = digest
        digests.append(digest)
    contexts["inputs.digests"] = " ".join(digests)
    for arch, reference in built.items():
        at = {**contexts, "matrix.arch": arch}
        got = runner.step("release-package.yml", "scan", "Get the image", at, env=trust)
        assert got.code == 0, got.text
        image = runner.temporary / "image.tar"
        kept = config_of(f"docker-archive:{image}", trust)
        assert kept == config_of(f"docker://{reference}", trust)
        image.unlink()
    return runner.action("index", "Make one image of all", contexts, env=trust)


def config_of(image: str, env: dict[str, str]) -> object:
    """Return what an image's configuration says of it, without its history, which skopeo shortens."""
    return json.loads(run("skopeo", "inspect", "--config", image, env=env).stdout)["rootfs"]


def tags_of(repository: str, env: dict[str, str]) -> list[str]:
    listed = run("skopeo", "list-tags", f"docker://{repository}", env=env).stdout
    tags: list[str] = json.loads(listed)["Tags"]
    return tags


def test_a_release_is_one_image_of_those_of_both_platforms(
    mono: Path, runner: Runner, registry: tuple[str, dict[str, str]]
) -> None:
    """With what BuildKit pushes for each, an index of the image and its attestations."""
    host, trust = registry
    repository = f"{host}/team/tag-report"
    built = {}
    for arch in ("amd64", "arm64"):
        write_layout(mono.parent / arch, arch)
        built[arch] = f"{repository}:{arch}"
        run("skopeo", "copy", "--quiet", f"oci:{mono.parent / arch}:image",
            f"docker://{built[arch]}", env=trust)  # fmt: skip
    made = published(mono, runner, repository, built, trust)
    assert made.code == 0, made.text
    assert sorted(tags_of(repository, trust)) == ["amd64", "arm64"]  # none of its own
    assert tagged(runner, host, made.outputs["digest"], trust).code == 0
    assert digest_of(f"{repository}:1.0.0", trust) == made.outputs["digest"]
    index = json.loads(
        run("skopeo", "inspect", "--raw", f"docker://{repository}:1.0.0", env=trust).stdout
    )
    assert index["mediaType"] == "application/vnd.oci.image.index.v1+json"
    assert [one["platform"]["architecture"] for one in index["manifests"]] == [
        *("amd64", "unknown", "arm64", "unknown")
    ]
    for image, attestation in (index["manifests"][:2], index["manifests"][2:]):
        assert attestation["annotations"]["vnd.docker.reference.digest"] == image["digest"]
    # Where one of both is missing, there is no image at all.
    there = push_built(built["amd64"], "amd64", trust, mono.parent / "again")
    contexts = {
        "inputs.repository": repository,
        "inputs.digests": f"{there} sha256:{'0' * 64}",
    }
    shutil.rmtree(runner.temporary / "index")
    missing = runner.action("index", "Make one image of all", contexts, env=trust)
    assert (missing.code != 0, missing.outputs) == (True, {})


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
    built = dict.fromkeys(("amd64", "arm64"), f"{repository}:built")
    digest = published(mono, runner, repository, built, trust).outputs["digest"]
    assert tagged(runner, host, digest, trust).code == 0
    assert digest_of(named["reference"], trust) == digest
    # Each week, it is scanned by its tag.
    contexts = {"matrix.of.image": named["reference"]}
    got = runner.step("scan.yml", "image", "Get the image", contexts, env=trust)
    assert got.code == 0, got.text
    image = f"docker-archive:{runner.temporary / 'image.tar'}"
    assert config_of(image, trust) == config_of(f"docker://{repository}:built", trust)


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({"package_directory": "tag_report"}, "tag-report:1.0.0-dev-"),
        ({"package_directory": "scripts/tag_report"}, "tag-report:1.0.0-dev-"),
        # What is built is the package, also for a folder in it.
        ({"package_directory": "tag_report/tests"}, "tag-report:1.0.0-dev-"),
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


def test_a_base_image_is_one_of_its_platforms_and_says_what_it_is_called(
    mono: Path, runner: Runner, registry: tuple[str, dict[str, str]]
) -> None:
    host, trust = registry
    image = f"{host}/team/pyatlan-base"
    write_layout(mono.parent / "amd64", "amd64")
    run("skopeo", "copy", "--quiet", f"oci:{mono.parent / 'amd64'}:image",
        f"docker://{image}:built", env=trust)  # fmt: skip
    built = push_built(f"{image}:built", "amd64", trust, mono.parent / "index-amd64")
    contexts = {"inputs.repository": image, "inputs.digests": f"{built} "}
    made = runner.action("index", "Make one image of all", contexts, env=trust)
    contexts = {
        "steps.registry.outputs.registry": f"{host}/team",
        "steps.index.outputs.digest": made.outputs["digest"],
        "needs.prepare.outputs.tag": "1",
    }
    ran = runner.step(
        "pyatlan-base-image.yml",
        "publish",
        "Tag it, and say what it is called",
        contexts,
        env=trust,
    )
    assert (ran.code, ran.summary) == (0, f"`csa update -d base_image={image}:1`\n")
    assert digest_of(f"{image}:1", trust) == made.outputs["digest"]


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
