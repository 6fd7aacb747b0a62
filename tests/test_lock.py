"""The lock that the workflows install csa from."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.commands import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILD = SETTINGS["build-system"]["requires"]
ENTRIES = re.split(r"\n(?=\w)", (ROOT / "requirements.lock").read_text())[1:]
LOCKED = dict(entry.split()[0].split("==") for entry in ENTRIES)


@pytest.mark.parametrize("wanted", [*SETTINGS["project"]["dependencies"], *BUILD])
def test_the_lock_has_what_csa_and_its_build_need_in_its_range(wanted: str) -> None:
    """And what that needs in turn, as far as it is installed here. After a change: make lock."""
    left = [Requirement(wanted)]
    seen = set()
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        assert name in LOCKED, f"{name} is not in requirements.lock"
        assert LOCKED[name] in requirement.specifier, requirement
        if name not in seen:
            seen.add(name)
            try:
                left += map(Requirement, requires(name) or ())
            except PackageNotFoundError:  # such as hatchling
                continue


def test_each_entry_of_the_lock_has_hashes_and_none_names_an_index() -> None:
    assert len(ENTRIES) > 20
    assert all("--hash=sha256:" in entry for entry in ENTRIES)
    assert not any("://" in entry or "\n--" in entry for entry in ENTRIES)


def test_what_builds_csa_is_locked_as_the_build_requires_it() -> None:
    assert SETTINGS["dependency-groups"]["build"] == BUILD
