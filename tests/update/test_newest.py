"""The newest release of pyatlan, for the packages that may have it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import commit_all
from tests.support.monorepo import copy, init
from tests.support.package import NEWEST, RELEASE
from tests.support.updates import append, csa

OLD = "10.0.0"
CHANGED = {"pyatlan_version": [OLD, NEWEST]}


@pytest.fixture
def mono(template: Path, tmp_path: Path) -> Path:
    """A monorepo with what is around the packages, and those that are named below."""
    top = copy(template, tmp_path / "mono", scope="repository")
    for name, release in (("old", OLD), ("kept", OLD), ("newest", NEWEST), ("newer", "99.0.0")):
        copy(template, top / "scripts" / f"{name}_pkg", pyatlan_version=release)
    own = {"base_image": "example.com/base:1", "python_version": "3.11"}
    copy(template, top / "scripts" / "own_base", pyatlan_version=OLD, **own)
    append(
        top / "scripts" / "kept_pkg" / "pyproject.toml",
        '\n[tool.csa.keep]\npyatlan_version = "Its tenant is older."\n',
    )
    init(top)
    return top


def planned(mono: Path, *options: str, code: int = 0) -> dict[str, Any]:
    """Return by its path what would become of each."""
    command = ("update", "--dry-run", "--json", "-d", "pyatlan_version=newest", *options)
    shown, _ = csa(*command, cwd=mono, code=code)
    return {one.pop("package"): one for one in json.loads(shown)["packages"]}


def test_each_package_with_an_older_pyatlan_gets_the_newest_unless_it_keeps_its_own(
    mono: Path,
) -> None:
    """None gets an older one, and what is around the packages stays as it is."""
    plans = planned(mono)
    assert {path for path, plan in plans.items() if plan["result"] != "current"} == {
        "scripts/old_pkg"
    }
    assert plans["scripts/old_pkg"]["answers"] == CHANGED
    assert f"ghcr.io/atlanhq/pyatlan:{NEWEST}-3.13" in plans["scripts/old_pkg"]["diff"]
    notes = {path: plan["notes"] for path, plan in plans.items() if plan["result"] == "current"}
    kept = f"pyatlan {OLD} is kept: "
    assert {path: note for path, note in notes.items() if note} == {
        "scripts/kept_pkg": [f"{kept}Its tenant is older."],
        "scripts/own_base": [
            f"{kept}its base_image is not Atlan's: build one with the newer pyatlan, then change both"
        ],
    }


def test_it_is_what_the_named_release_of_the_template_has(mono: Path, template: Path) -> None:
    """Other answers are changed along with it, and written like any others."""
    plan = planned(mono, "--data", "description=Other.", "scripts/old_pkg", "--vcs-ref", RELEASE)
    assert plan["scripts/old_pkg"]["answers"].keys() == {"description", "pyatlan_version"}
    csa("update", "-d", "pyatlan_version=newest", cwd=mono)
    commit_all(mono, "Newest")
    answers = (mono / "scripts" / "old_pkg" / ".copier-answers.yml").read_text()
    assert f"pyatlan_version: {NEWEST}\n" in answers
    assert planned(mono)["scripts/old_pkg"]["answers"] == {}


def test_an_update_of_a_released_package_asks_for_its_next_version(mono: Path) -> None:
    """Where it changes the image: no other version would be published with it."""
    needed = "its version is released: start the next one with csa release --next patch"
    assert needed not in planned(mono)["scripts/old_pkg"]["notes"]
    for name in ("old_pkg", "kept_pkg"):
        (mono / "scripts" / name / "version.txt").write_text("1.0.0\n")
    commit_all(mono, "Release")
    # Of the one that keeps its pyatlan, tests alone change.
    plans = planned(mono, "--data", "third_party_http=false")
    assert needed in plans["scripts/old_pkg"]["notes"]
    assert plans["scripts/kept_pkg"]["files"]
    assert needed not in plans["scripts/kept_pkg"]["notes"]


def test_settings_that_cannot_be_read_fail_the_package_alone(mono: Path) -> None:
    append(mono / "scripts" / "kept_pkg" / "pyproject.toml", "[tool")
    commit_all(mono, "Broken")
    plans = planned(mono, code=1)
    assert plans["scripts/kept_pkg"]["result"] == "failed"
    assert plans["scripts/kept_pkg"]["message"].startswith(
        "pyproject.toml cannot be read: it is not"
    )
    assert plans["scripts/old_pkg"]["answers"] == CHANGED
