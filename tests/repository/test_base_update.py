"""The workflow that proposes to build released packages on a newer base image."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository.test_propose import opened
from tests.support.commands import BIN, commit_all, git, run
from tests.support.standins.registry import write_layout
from tests.support.workflows import Ran, Runner

PACKAGE = "scripts/tag_report"

Push = Callable[..., None]


@pytest.fixture
def base(mono: Path, registry: tuple[str, dict[str, str]]) -> str:
    """The base image of the packages; tag_report is released, asset_lookup is not."""
    host, _ = registry
    image = f"{host}/team/base:1"
    for answers in mono.rglob(".copier-answers.yml"):
        text = answers.read_text().replace("ghcr.io/atlanhq", f"{host}/team")
        answers.write_text(text.replace("base_image: auto", f"base_image: {image}"))
    run(BIN / "csa", "release", PACKAGE, cwd=mono)
    commit_all(mono, "Release")
    return image


@pytest.fixture
def push(registry: tuple[str, dict[str, str]], tmp_path: Path) -> Push:
    _, trust = registry

    def pushed(reference: str, *layers: str) -> None:
        shutil.rmtree(tmp_path / "layout", ignore_errors=True)
        write_layout(tmp_path / "layout", reference, *layers)
        source = f"oci:{tmp_path / 'layout'}:image"
        run("skopeo", "copy", "--quiet", source, f"docker://{reference}", env=trust)

    return pushed


def outdated(runner: Runner, trust: dict[str, str]) -> Ran:
    released = runner.step("base-update.yml", "released", "List the packages")
    assert released.code == 0, released.text
    packages = {"needs.released.outputs.packages": released.outputs["packages"]}
    ran = runner.step("base-update.yml", "outdated", "Compare the layers", packages, env=trust)
    assert ran.code == 0, ran.text
    return ran


def versions(runner: Runner, packages: str) -> Ran:
    contexts = {"needs.outdated.outputs.packages": packages}
    return runner.step("base-update.yml", "versions", "Release the next versions", contexts)


@pytest.mark.slow
def test_a_released_package_gets_a_next_version_when_its_base_has_changed(
    mono: Path, runner: Runner, base: str, push: Push, registry: tuple[str, dict[str, str]]
) -> None:
    host, trust = registry
    push(base, "a", "b")
    ran = outdated(runner, trust)
    assert ran.outputs == {"packages": "[]"}
    assert f'::warning::"{PACKAGE}" cannot be compared with its base: ' in ran.text  # no image yet
    push(f"{host}/team/tag-report:1.0.0", "a", "b", "c")
    ran = outdated(runner, trust)
    assert (ran.outputs, ran.text) == ({"packages": "[]"}, "")
    # Also a base with more layers than the image has was not there when it was built.
    for layers in (("a", "x"), ("a", "b", "c", "d"), ("x",)):
        push(base, *layers)
        packages = outdated(runner, trust).outputs["packages"]
        assert [one["package"] for one in json.loads(packages)] == [PACKAGE]

    assert versions(runner, packages).outputs == {"packages": f'["{PACKAGE}"]'}
    assert git(mono, "status", "--porcelain") == ""
    proposals = json.loads((runner.temporary / "proposals.json").read_text())
    ran, pull_request, body = opened(runner, PACKAGE, proposals)
    assert ran.code == 0, ran.text
    assert pull_request == {
        "branch": f"base-update/{PACKAGE}",
        "title": f"Update {PACKAGE} to 1.0.1",
        "draft": "false",
    }
    assert body == "Made by `csa`: `1.0.1`, from `1.0.0`.\n"
    assert set(git(mono, "diff", "--name-only").split()) == {
        f"{PACKAGE}/HISTORY.md",
        f"{PACKAGE}/version.txt",
    }
    assert f"\n\n- Built on the newer image of {base}.\n\n" in (
        (mono / PACKAGE / "HISTORY.md").read_text()
    )
    # Merged, it is released as any other version.
    commit_all(mono, "Merge")
    assert run(BIN / "csa", "image", PACKAGE, cwd=mono).stdout == f"{host}/team/tag-report:1.0.1\n"
    assert outdated(runner, trust).outputs == {"packages": "[]"}


def test_one_that_cannot_be_released_again_keeps_no_other_from_it(
    mono: Path, runner: Runner, base: str
) -> None:
    shutil.copytree(mono / PACKAGE, mono / "scripts" / "other")
    (mono / PACKAGE / "HISTORY.md").unlink()
    commit_all(mono, "Without its history")
    listed = [
        {"package": package, "image": "example.com/image:1.0.0", "base": base}
        for package in (PACKAGE, "scripts/other")
    ]
    ran = versions(runner, json.dumps(listed))
    assert (ran.code, ran.outputs) == (1, {"packages": '["scripts/other"]'})
    assert f'::error::"{PACKAGE}" cannot be released again.' in ran.text
    assert git(mono, "status", "--porcelain") == ""
