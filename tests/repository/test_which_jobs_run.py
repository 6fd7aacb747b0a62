"""Which jobs of the workflows run, by GitHub's own parser and engine of expressions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.workflows import WORKFLOWS, jobs_that_run

PACKAGES = ["scripts/a", "scripts/b"]
SOME = {"packages": json.dumps(PACKAGES)}
RELEASED = {"packages": json.dumps([{"package": "scripts/a", "image": "a"}])}
NONE = {"packages": "[]"}
IMAGES = json.loads(RELEASED["packages"])

# A workflow, the result and outputs of each of its jobs, and which run: those of a matrix with
# what it is over.
Needs = dict[str, tuple[str, dict[str, str]]]

SCENARIOS: dict[str, tuple[str, Needs, dict[str, list[Any] | None]]] = {
    "packages changed": (
        "pull-request.yml",
        {"changed": ("success", {**SOME, "scanned": "true"})},
        {"test": PACKAGES, "image": PACKAGES, "scan": PACKAGES, "report": None},
    ),
    "from a fork, or without a token to scan": (
        "pull-request.yml",
        {"changed": ("success", {**SOME, "scanned": "false"})},
        {"test": PACKAGES, "image": PACKAGES, "report": None},
    ),
    "an image or its scan failed": (
        "pull-request.yml",
        {"changed": ("success", {**SOME, "scanned": "false"}), "image": ("failure", {})},
        {"test": PACKAGES, "image": PACKAGES, "report": None},
    ),
    "no package changed": (
        "pull-request.yml",
        {"changed": ("success", {**NONE, "scanned": "true"})},
        {},
    ),
    "the changes cannot be told": ("pull-request.yml", {"changed": ("failure", {})}, {}),
    "versions were released": (
        "release.yml",
        {"released": ("success", RELEASED), "unpublished": ("success", SOME)},
        {"unpublished": None, "package": PACKAGES},
    ),
    "all released versions are published": (
        "release.yml",
        {"released": ("success", RELEASED), "unpublished": ("success", NONE)},
        {"unpublished": None},
    ),
    "the registry is silent about some": (
        "release.yml",
        {"released": ("success", RELEASED), "unpublished": ("failure", SOME)},
        {"unpublished": None, "package": PACKAGES},
    ),
    "the registry is silent about all": (
        "release.yml",
        {"released": ("success", RELEASED), "unpublished": ("failure", {})},
        {"unpublished": None},
    ),
    "nothing is released": (
        "release.yml",
        {"released": ("success", NONE), "unpublished": ("skipped", {})},
        {},
    ),
    "some packages are behind, and some fail": (
        "template-update.yml",
        {"updates": ("failure", SOME)},
        {"propose": None},
    ),
    "all packages are current": ("template-update.yml", {"updates": ("success", NONE)}, {}),
    "some packages have a release": (
        "scan.yml",
        {
            "released": ("success", {**RELEASED, "scanned": "true"}),
            "published": ("success", RELEASED),
        },
        {
            "published": None,
            "image": IMAGES,
            "requirements": IMAGES,
            "report": None,
            "issues": None,
        },
    ),
    "nothing scans requirements": (
        "scan.yml",
        {
            "released": ("success", {**RELEASED, "scanned": "false"}),
            "published": ("success", RELEASED),
        },
        {"published": None, "image": IMAGES, "report": None, "issues": None},
    ),
    "some cannot be listed, and the registry is silent about others": (
        "scan.yml",
        {
            "released": ("failure", {**RELEASED, "scanned": "false"}),
            "published": ("failure", RELEASED),
            "image": ("failure", {}),
        },
        {"published": None, "image": IMAGES, "report": None, "issues": None},
    ),
    "nothing is published": (
        "scan.yml",
        {"released": ("success", {**RELEASED, "scanned": "true"}), "published": ("success", NONE)},
        {"published": None},
    ),
    "no package has a release": (
        "scan.yml",
        {"released": ("success", {**NONE, "scanned": "true"})},
        {},
    ),
    "csa cannot be installed": ("template-update.yml", {"updates": ("failure", {})}, {}),
    "pull requests are to be opened": (
        "propose.yml",
        {"choose": ("success", SOME)},
        {"package": PACKAGES},
    ),
    "others work on all of them": ("propose.yml", {"choose": ("success", NONE)}, {}),
    "there is no patch": ("propose.yml", {"choose": ("failure", {})}, {}),
    "base images have changed": (
        "base-update.yml",
        {
            "released": ("failure", RELEASED),
            "outdated": ("success", RELEASED),
            "versions": ("failure", SOME),
        },
        {"outdated": None, "versions": None, "propose": None},
    ),
    "no base image has changed": (
        "base-update.yml",
        {"released": ("success", RELEASED), "outdated": ("success", NONE)},
        {"outdated": None},
    ),
    "no released version can have a newer base": (
        "base-update.yml",
        {"released": ("success", NONE)},
        {},
    ),
    "no next version can be released": (
        "base-update.yml",
        {
            "released": ("success", RELEASED),
            "outdated": ("success", RELEASED),
            "versions": ("failure", NONE),
        },
        {"outdated": None, "versions": None},
    ),
}
ALWAYS = {"pull-request.yml": {"changed", "passed"}, "release.yml": {"released"},
          "scan.yml": {"released"}, "template-update.yml": {"updates"}, "propose.yml": {"choose"},
          "base-update.yml": {"released"}}  # fmt: skip
OF_ALL = ("changed", "test", "image", "scan", "released", "unpublished", "published", "requirements",
          "updates", "choose", "outdated", "versions")  # fmt: skip


def started(
    rendered: Path,
    file: str,
    needs: Needs,
    branch: str = "main",
    cancelled: bool = False,
    event: str = "pull_request",
) -> dict[str, list[Any] | None]:
    nothing: tuple[str, dict[str, str]] = ("skipped", {})
    text = (rendered / WORKFLOWS / file).read_text()
    return jobs_that_run(
        text, {**dict.fromkeys(OF_ALL, nothing), **needs}, branch, cancelled, event
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_jobs_that_run_are_those_that_have_something_to_do(rendered: Path, name: str) -> None:
    file, needs, running = SCENARIOS[name]
    assert started(rendered, file, needs) == {**dict.fromkeys(ALWAYS[file]), **running}


@pytest.mark.parametrize("name", SCENARIOS)
def test_of_a_cancelled_run_the_required_check_alone_goes_on(rendered: Path, name: str) -> None:
    """So that it fails: a check that did not run does not hold a pull request up."""
    file, needs, _ = SCENARIOS[name]
    begun = {"changed", "released", "updates", "choose"}
    ran = set(started(rendered, file, needs, cancelled=True)) - begun
    assert ran == ALWAYS[file] - begun


def test_another_branch_releases_nothing(rendered: Path) -> None:
    file, needs, _ = SCENARIOS["nothing is released"]
    assert started(rendered, file, needs, branch="master") == {}


def test_a_merge_queue_reports_nothing(rendered: Path) -> None:
    """Code scanning knows pull requests and branches that stay."""
    file, needs, running = SCENARIOS["packages changed"]
    ran = started(rendered, file, needs, event="merge_group")
    assert set(ran) == ALWAYS[file] | set(running) - {"report"}
