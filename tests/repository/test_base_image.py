"""The workflow that builds a base image."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.commands import BIN, git, run
from tests.support.sampling import sampled
from tests.support.standins.base_image import WOLFI
from tests.support.standins.docker import BuildError, Docker
from tests.support.workflows import Ran, Runner


def base_image(runner: Runner, **inputs: str) -> Ran:
    given = {
        "build_type": "release", "python_version": "3.11", "pyatlan_version": "",
        "pyatlan_branch": "", **inputs,
    }  # fmt: skip
    contexts = {f"inputs.{name}": value for name, value in given.items()}
    ran: Ran = runner.step("pyatlan-base-image.yml", "prepare", "Name the image", contexts)
    return ran


@pytest.mark.slow
def test_a_base_image_is_called_by_its_pyatlan_and_python(mono: Path, runner: Runner) -> None:
    commit = git(mono, "rev-parse", "HEAD")[:7]
    released = base_image(runner, pyatlan_version="9.0.0")
    platforms = released.job_outputs.pop("platforms")
    assert json.loads(platforms) == ["amd64", "arm64"]
    assert released.job_outputs == {
        "tag": "9.0.0-3.11",
        "requirement": "pyatlan==9.0.0",
    }
    developed = base_image(runner, pyatlan_version="9.0.0", build_type="dev")
    assert json.loads(developed.job_outputs["platforms"]) == ["amd64"]
    assert developed.job_outputs["tag"] == f"9.0.0-3.11-{commit}"
    newest = base_image(runner).job_outputs["requirement"]
    assert re.fullmatch(r"pyatlan==(\d+\.){2}\d+", newest)
    branch = base_image(runner, pyatlan_branch="feature/APP-1234")
    assert branch.job_outputs["tag"] == "branch-feature_-APP-1234-3.11"
    other = base_image(runner, pyatlan_branch="feature-APP-1234")
    assert other.job_outputs["tag"] == "branch-feature-APP-1234-3.11"
    assert branch.job_outputs["requirement"] == (
        "pyatlan @ https://github.com/atlanhq/atlan-python/archive/refs/heads/feature/APP-1234.tar.gz"
    )


@pytest.mark.parametrize(
    ("inputs", "says"),
    sampled(
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
        ]
    ),
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
