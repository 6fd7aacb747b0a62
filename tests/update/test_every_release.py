"""Every release becomes the newest, whatever was edited: nothing of the user's is lost."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from csa.files import File
from csa.update import update
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.commands import commit_all, run, tree
from tests.support.monorepo import copy, init
from tests.support.package import NEXT, OLD_DOCKERIGNORE, RELEASE, SEEDED, managed, tags
from tests.support.updates import (
    COPIER,
    PACKAGE,
    Fresh,
    append,
    csa,
    edit_in_conflict,
    line_that_changes,
    source_of,
)
from tests.update.test_merge import edited, lines_of

# --- Data files of a package's own in .dockerignore ------------------------------------------------


def test_the_new_dockerignore_comes_without_conflict_and_keeps_a_package_s_own_lines(
    monorepo: Path, fresh: Fresh
) -> None:
    dockerignore = monorepo / PACKAGE / ".dockerignore"
    assert dockerignore.read_text() == OLD_DOCKERIGNORE
    append(dockerignore, "!queries/*.sql\n!data/names.csv\n")
    commit_all(monorepo, "Our own data")
    csa("update", cwd=monorepo)
    new = fresh()[".dockerignore"].decode()
    assert new != OLD_DOCKERIGNORE
    assert dockerignore.read_text() == new + "!queries/*.sql\n!data/names.csv\n"


# --- Every release, every kind of edit -----------------------------------------------------------


def edit_nothing(package: Path, releases: Path, tag: str) -> None:
    pass


def edit_as_people_do(package: Path, releases: Path, tag: str) -> None:
    append(package / "requirements.txt", "requests>=2.32,<3\n")
    append(package / ".gitignore", "reports/\n")
    append(package / ".dockerignore", "!queries/*.sql\n")
    append(package / "Dockerfile", 'ENV REPORTS="/tmp/reports"\n')
    append(package / "main.py", "# ours\n")


def delete_managed(package: Path, releases: Path, tag: str) -> None:
    (package / ".snyk").unlink()
    (package / "Dockerfile").unlink()


def delete_seeded(package: Path, releases: Path, tag: str) -> None:
    (package / "tests" / "test_main.py").unlink()
    (package / "index.md").unlink()
    subprocess.run(["rm", "-r", package / "tests" / "integration"], check=True)


EDITS = [
    edit_as_people_do,
    edit_in_conflict,
    *(
        pytest.param(edit, marks=pytest.mark.slow)
        for edit in (edit_nothing, delete_managed, delete_seeded)
    ),
]
EVERY_TAG = [*tags()[:-1], RELEASE]
"""Each release, and the one before the working tree in which each managed file differs."""


@pytest.mark.parametrize("data", [{}, {"pyatlan_version": "8.0.1"}], ids=["", "another answer"])
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("tag", EVERY_TAG)
def test_every_release_becomes_current_whatever_was_edited(
    releases: Path,
    tmp_path: Path,
    fresh: Fresh,
    tag: str,
    edit: Callable[[Path, Path, str], None],
    data: dict[str, str],
) -> None:
    package = copy(releases, tmp_path / "mono" / PACKAGE, vcs_ref=tag)
    started = tree(package)
    edit(package, releases, tag)
    init(tmp_path / "mono")
    edited = tree(package)
    outcome = update(package, source_of(releases), data, write=True)
    after, new = tree(package), fresh(**data)

    assert (outcome.old, outcome.new) == (tag, NEXT)
    assert yaml.safe_load(after[".copier-answers.yml"]) == yaml.safe_load(
        new[".copier-answers.yml"]
    )
    deleted = set(started) - set(edited)
    assert not deleted & set(after)
    assert {name: after.get(name) for name in SEEDED} == {name: edited.get(name) for name in SEEDED}
    assert set(outcome.conflicts) == (
        {"Dockerfile"} if edit is edit_in_conflict and line_that_changes(releases, tag) else set()
    )
    for name in set(managed(new)) - deleted:
        own = set(edited[name].splitlines()) - set(started[name].splitlines())
        if not own:
            assert after[name] == new[name], name
        else:
            assert own <= set(after[name].splitlines()), name
            if name not in outcome.conflicts:
                without = [line for line in after[name].splitlines() if line not in own]
                assert without == new[name].splitlines(), name


@pytest.mark.slow
@pytest.mark.parametrize("edit", EDITS)
def test_the_result_is_that_of_copier_in_a_clean_repository(
    releases: Path, tmp_path: Path, edit: Callable[[Path, Path, str], None]
) -> None:
    results = []
    for name in ("csa", "copier"):
        package = copy(releases, tmp_path / name / PACKAGE, vcs_ref=RELEASE)
        edit(package, releases, RELEASE)
        init(tmp_path / name)
        if name == "csa":
            update(package, source_of(releases), {}, write=True)
        else:
            run(COPIER, "update", "--defaults", cwd=package)
        results.append(tree(package))
    assert results[0] == results[1]


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_update_loses_a_line_of_the_user_s(releases: Path, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as root:
        package = copy(releases, Path(root) / PACKAGE, vcs_ref=RELEASE)
        base = tree(package)
        names = st.sampled_from(sorted(set(base) - {".copier-answers.yml"}))
        for name in data.draw(st.lists(names, min_size=1, max_size=6, unique=True)):
            if data.draw(st.integers(0, 5)) == 0:
                (package / name).unlink()
            else:
                (package / name).write_bytes(data.draw(edited(base[name])))
        (package / "own.bin").write_bytes(data.draw(st.binary()))
        init(Path(root))
        ours = tree(package)
        outcome = update(package, source_of(releases), {}, write=True)
        after = tree(package)
        assert not set(ours) - set(after)
        for name, text in ours.items():
            if name in SEEDED or name == "own.bin":
                assert after[name] == text
            elif name != ".copier-answers.yml":
                own = lines_of(File(text)) - lines_of(File(base[name]))
                assert own <= lines_of(File(after[name])), name
        assert set(outcome.conflicts) <= set(ours)
