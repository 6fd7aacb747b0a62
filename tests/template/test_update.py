"""What `copier update` brings to a package, and what it leaves to its owner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.commands import commit_all, git, run, tree
from tests.support.package import NEXT, RELEASE, SEEDED, Render, managed, tags
from tests.template.test_copy import COPIER

Make = Callable[..., Path]


@pytest.fixture
def older_package(releases: Path, tmp_path: Path) -> Make:
    """A function that renders the older release into a repository and commits it."""

    def _make(*data: str) -> Path:
        root = tmp_path / "monorepo"
        run("git", "init", "--quiet", root)
        package = root / "scripts" / "new_pkg"
        options = [f"--data={item}" for item in data]
        run(COPIER, "copy", "--defaults", "--vcs-ref", RELEASE, *options, releases, package)
        commit_all(root, "New package")
        return package

    return _make


def update(package: Path, *options: str) -> str:
    """Run the user's own command; return what it printed."""
    return run(COPIER, "update", "--defaults", *options, cwd=package).stderr


def fresh(releases: Path, folder: Path, *data: str) -> dict[str, bytes]:
    """The files of a package rendered at the newest release."""
    options = [f"--data={item}" for item in data]
    run(COPIER, "copy", "--defaults", *options, releases, folder / "new_pkg")
    return tree(folder / "new_pkg")


def test_an_update_equals_a_fresh_package(
    older_package: Make, releases: Path, tmp_path: Path
) -> None:
    package = older_package()
    before = tree(package)
    update(package)
    after, new = tree(package), fresh(releases, tmp_path)
    assert managed(after) == managed(new)
    assert all(before[name] != new[name] for name in managed(new))
    answers = yaml.safe_load(after[".copier-answers.yml"])
    assert answers == yaml.safe_load(new[".copier-answers.yml"])


def test_an_update_never_touches_a_seeded_file(older_package: Make) -> None:
    package = older_package()
    before = tree(package)
    update(package)
    after = tree(package)
    assert {name: after[name] for name in SEEDED} == {name: before[name] for name in SEEDED}
    assert b"# older" in after["main.py"]


def test_a_deleted_seeded_file_stays_deleted(older_package: Make) -> None:
    package = older_package()
    deleted = SEEDED - {"main.py"}
    for name in deleted:
        (package / name).unlink()
    commit_all(package, "Only what we need")
    update(package)
    assert deleted & set(tree(package)) == set()


def test_a_user_s_lines_survive_in_managed_files(
    older_package: Make, releases: Path, tmp_path: Path
) -> None:
    package = older_package()
    own = {
        "requirements.txt": "requests>=2.32,<3\n",
        "requirements-test.txt": "responses>=0.25,<1\n",
        ".dockerignore": "!queries/*.sql\n",
        ".gitignore": "reports/\n",
        "Dockerfile": 'ENV REPORTS="/tmp/reports"\n',
    }
    for name, line in own.items():
        with (package / name).open("a") as file:
            file.write(line)
    dockerfile = package / "Dockerfile"
    dockerfile.write_text(
        dockerfile.read_text().replace("USER root\n", "USER root\nRUN apk add --no-cache jq\n")
    )
    commit_all(package, "Our own lines")
    update(package)

    expected = managed(fresh(releases, tmp_path))
    for name, line in own.items():
        expected[name] += line.encode()
    expected["Dockerfile"] = expected["Dockerfile"].replace(
        b"USER root\n", b"USER root\nRUN apk add --no-cache jq\n"
    )
    assert managed(tree(package)) == expected


@pytest.mark.slow
def test_a_second_update_changes_nothing(older_package: Make) -> None:
    package = older_package()
    with (package / "requirements.txt").open("a") as requirements:
        requirements.write("requests>=2.32,<3\n")
    commit_all(package, "Our own line")
    update(package)
    commit_all(package, "Update")
    update(package)
    assert git(package, "status", "--porcelain") == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pyatlan", "base", "oauth"),
    [("8.0.1", "pyatlan-wolfi-base:8.0.1-3.13", False),
     ("10.0.0", "pyatlan-chainguard-base:10.0.0-3.13", True)],
)  # fmt: skip
def test_another_sdk_moves_all_that_depends_on_it(
    older_package: Make, releases: Path, tmp_path: Path, pyatlan: str, base: str, oauth: bool
) -> None:
    package = older_package("pyatlan_version=8.5.0")
    shown = update(package, f"--data=pyatlan_version={pyatlan}")
    after = tree(package)
    assert f"new_pkg: now for pyatlan {pyatlan}, on ghcr.io/atlanhq/{base}" in shown
    assert f"FROM ghcr.io/atlanhq/{base}\n" in after["Dockerfile"].decode()
    assert f"pyatlan=={pyatlan}\n" in after["requirements-test.txt"].decode()
    assert ("ATLAN_OAUTH_CLIENT_ID" in after["tests/conftest.py"].decode()) is oauth
    assert managed(after) == managed(fresh(releases, tmp_path, f"pyatlan_version={pyatlan}"))


@pytest.mark.slow
def test_an_update_keeps_the_answers(older_package: Make) -> None:
    package = older_package("pyatlan_version=8.4.6", "description=Counts the tags.")
    before: dict[str, Any] = yaml.safe_load((package / ".copier-answers.yml").read_text())
    update(package)
    after = yaml.safe_load((package / ".copier-answers.yml").read_text())
    assert after == {**before, "_commit": NEXT}


@pytest.mark.slow
def test_third_party_http_turned_off_leaves_the_recordings_to_their_owner(
    older_package: Make,
) -> None:
    package = older_package()
    update(package, "--data=third_party_http=false")
    after = tree(package)
    assert SEEDED <= set(after)
    assert b"vcr" not in after["requirements-test.txt"]


def test_no_derived_fact_stands_in_a_seeded_file(
    older_package: Make, releases: Path, tmp_path: Path
) -> None:
    # What an answer moves has to be in a file that an update can reach.
    one = fresh(releases, tmp_path / "one", "pyatlan_version=8.0.1", "python_version=3.9")
    other = fresh(releases, tmp_path / "other", "image_registry=registry.example.com")
    assert {name for name in one if one[name] != other[name]} & SEEDED == set()


@pytest.mark.parametrize("tag", tags())
def test_a_package_of_every_release_becomes_current(
    render: Render, template: Path, tmp_path: Path, tag: str
) -> None:
    package = render(tmp_path / "monorepo" / "scripts" / "new_pkg", vcs_ref=tag)
    run("git", "init", "--quiet", tmp_path / "monorepo")
    commit_all(package, "New package")
    update(package)
    new = render(tmp_path / "fresh" / "new_pkg", **yaml.safe_load(
        (package / ".copier-answers.yml").read_text()))  # fmt: skip
    assert managed(tree(package)) == managed(tree(new))
