"""The name of a package's image."""

from __future__ import annotations

import json
import os
import re
import shutil
from functools import partial
from pathlib import Path

import pytest
from csa.errors import Failed
from csa.image import BASE_IMAGES, image_of, is_published

from tests.support.commands import commit_all, git, run_csa, said
from tests.support.package import NEWEST

BASE = f"ghcr.io/atlanhq/pyatlan:{NEWEST}-3.13"


def test_an_image_in_development_is_tagged_with_its_commit(package: Path) -> None:
    commit = git(package, "rev-parse", "HEAD")[:7]
    shown = run_csa("image", "scripts/pkg_7100", cwd=package.parents[1]).stdout
    assert shown == f"ghcr.io/atlanhq/pkg-7100:1.0.0-dev-{commit}\n"


@pytest.mark.parametrize("version", ["1.0.0-dev", "1.0.0"])
def test_what_is_not_committed_is_in_no_image(package: Path, version: str) -> None:
    (package / "version.txt").write_text(f"{version}\n")
    commit_all(package, version)
    assert run_csa("image", ".", cwd=package).stdout
    (package / "notes.md").write_text("mine")
    sentence = "it has uncommitted changes: commit them, or use another tag with csa image --tag"
    assert sentence in said(package, "image", ".", code=1)
    assert run_csa("image", ".", "--tag", "mine", cwd=package).stdout.endswith(":mine\n")
    (package / "notes.md").unlink()
    (package / "extra.py").touch()
    settings = package.parents[2] / "gitconfig"
    settings.write_text("[status]\nshowUntrackedFiles = no\n")
    env = {"GIT_CONFIG_GLOBAL": str(settings)}
    assert sentence in run_csa("image", ".", cwd=package, code=1, env=env).stderr
    (package / "extra.py").unlink()
    git(package, "update-index", "--assume-unchanged", "main.py")
    assert sentence in said(package, "image", ".", code=1)


@pytest.mark.parametrize(
    ("answer", "published"),
    [
        ("Error reading manifest 1.0.0 in {}: manifest unknown: manifest unknown", False),
        ("reading manifest 1.0.0 in {}: name unknown: no repository", False),
        ("reading manifest 1.0.0 in {}: unknown: artifact x:1.0.0 not found", False),
        ("reading manifest 1.0.0 in {}: StatusCode: 404, page not found", False),
        ("pinging container registry {}: StatusCode: 404, page not found", None),
        ("reading manifest 1.0.0 in {}: denied: requested access is denied", None),
    ],
)
def test_only_a_registry_that_says_so_lacks_an_image(
    package: Path, monkeypatch: pytest.MonkeyPatch, answer: str, published: bool | None
) -> None:
    bin = package.parents[2] / "bin"
    bin.mkdir()
    said = answer.format(r"\"registry.example.com\"")
    (bin / "skopeo").write_text(
        f'#!/bin/sh\ncat >&2 <<\'EOF\'\ntime="x" level=fatal msg="{said}"\nEOF\nexit 1\n'
    )
    (bin / "skopeo").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin}:{os.environ['PATH']}")
    image = image_of(package)
    if published is None:
        with pytest.raises(Failed, match='cannot be looked up: .*"registry.example.com": '):
            is_published(image.reference)
    else:
        assert is_published(image.reference) is published


def test_a_released_image_is_tagged_with_its_version(package: Path) -> None:
    (package / "version.txt").write_text("1.0.0\n")
    commit_all(package.parents[1], "Release")
    assert json.loads(run_csa("image", ".", "--json", cwd=package).stdout) == {
        "package": ".",
        "reference": "ghcr.io/atlanhq/pkg-7100:1.0.0",
        "registry": "ghcr.io/atlanhq",
        "name": "pkg-7100",
        "tag": "1.0.0",
        "release": True,
        "python": "3.11",
        "base": BASE,
    }
    listed = json.loads(run_csa("list", "--released", "--json", cwd=package).stdout)
    image = "ghcr.io/atlanhq/pkg-7100:1.0.0"
    assert listed == [{"package": ".", "image": image, "base": BASE}]


def test_an_answer_that_would_set_outputs_of_a_workflow_is_refused(package: Path) -> None:
    answers = package / ".copier-answers.yml"
    text = answers.read_text()
    edited = r'image_registry: "ghcr.io/a\nrepository=ghcr.io/others/image"'
    answers.write_text(re.sub("image_registry: .*", lambda _: edited, text))
    commit_all(package.parents[1], "An answer of two lines")
    assert "image_registry is not valid: use host/path" in said(package, "image", ".", code=1)
    assert run_csa("image", ".", "--json", cwd=package, code=1).stdout == ""


def test_another_name_and_tag_can_be_given(package: Path) -> None:
    named = run_csa("image", ".", "--name", "other", "--tag", "1.0.0-try", cwd=package).stdout
    assert named == "ghcr.io/atlanhq/other:1.0.0-try\n"
    assert "is not an image name" in said(package, "image", ".", "--name", "Other", code=2)
    assert "is not an image tag" in said(package, "image", ".", "--tag", "a b", code=2)


def test_two_packages_cannot_have_one_image(package: Path) -> None:
    top = package.parents[1]
    (package / "version.txt").write_text("1.0.0\n")
    shutil.copytree(package, top / "team" / "pkg_7100")
    commit_all(top, "Another package of that name")
    taken = "pkg-7100 is already the image name of {}: use another name"
    assert said(package, "image", ".", code=1) == taken.format("team/pkg_7100")
    assert said(top / "team" / "pkg_7100", "image", ".", code=1) == taken.format("scripts/pkg_7100")
    listed = run_csa("list", "--released", "--json", cwd=top, code=1)
    assert json.loads(listed.stdout) == []
    assert f"team/pkg_7100: {taken.format('scripts/pkg_7100')}\n" in listed.stderr
    # A name that is given is held against those of all others, too.
    git(top, "mv", "team/pkg_7100", "team/other")
    commit_all(top, "By another name")
    assert run_csa("image", ".", cwd=package).stdout == "ghcr.io/atlanhq/pkg-7100:1.0.0\n"
    assert said(package, "image", ".", "--name", "other", code=1) == (
        "other is already the image name of team/other: use another name"
    )
    # One whose name no image can have keeps no other from being published.
    git(top, "mv", "team/other", "team/B_pkg")
    commit_all(top, "With a capital letter")
    listed = run_csa("list", "--released", cwd=top, code=1)
    assert listed.stdout == "scripts/pkg_7100 ghcr.io/atlanhq/pkg-7100:1.0.0\n"
    assert "team/B_pkg: B-pkg is not an image name: use lower case" in listed.stderr
    git(top, "mv", "team/B_pkg", "team/other")
    # A folder that is no package has no image.
    (top / "pkg-7100").mkdir()
    assert run_csa("list", "--released", cwd=top).stdout == (
        "scripts/pkg_7100 ghcr.io/atlanhq/pkg-7100:1.0.0\nteam/other ghcr.io/atlanhq/other:1.0.0\n"
    )


def test_the_last_release_is_known_while_the_next_version_is_developed(package: Path) -> None:
    last = partial(run_csa, "list", "--last-released", cwd=package.parents[1])
    assert last().stdout == ""
    for options in ((), ("--next", "minor")):
        run_csa("release", ".", *options, cwd=package)
        commit_all(package.parents[1], "Version")
        assert last().stdout == "scripts/pkg_7100 ghcr.io/atlanhq/pkg-7100:1.0.0\n"
    assert "--last-released: use one of them" in last("--released", code=2).stderr
    (package / "HISTORY.md").unlink()
    assert last().stdout == ""


@pytest.mark.parametrize("name", sorted(BASE_IMAGES))
def test_the_name_of_a_base_image_is_no_package_s(package: Path, name: str) -> None:
    says = f"{name} is the name of a base image: use another name"
    assert said(package, "image", ".", "--name", name, code=1) == says


@pytest.mark.parametrize("parent", [" scripts", "{{defaultContext}}:scripts"])
def test_a_folder_that_workflows_would_take_for_another_is_refused(
    package: Path, parent: str
) -> None:
    """docker/build-push-action has Handlebars in its context, and no space around it."""
    (package.parents[1] / parent).mkdir()
    moved = package.rename(package.parents[1] / parent / "pkg_7100")
    commit_all(package.parents[1], "Moved")
    assert "workflows would build another folder" in said(moved, "image", ".", code=1)
