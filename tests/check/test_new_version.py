"""A change to a package's image needs a version that is not released yet."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.commands import commit_all, git, run_csa
from tests.support.monorepo import copy, init

HISTORY = "## 1.0.0 (July 1, 2026)\n\n### Features\n\n- First.\n"


@pytest.fixture(scope="module")
def released(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monorepo with a package whose version is released, and data in its image."""
    top = tmp_path_factory.mktemp("released") / "mono"
    package = copy(template, top / "scripts" / "new_pkg")
    (package / "version.txt").write_text("1.0.0\n")
    (package / "HISTORY.md").write_text(HISTORY)
    (package / "queries").mkdir()
    (package / "queries" / "assets.sql").write_text("select 1\n")
    with (package / ".dockerignore").open("a") as ignore:
        ignore.write("!queries\n")
    (package / "names.py").write_text("NAMES = ['a']\n")
    init(top)
    return top


@pytest.fixture
def package(released: Path, tmp_path: Path) -> Path:
    shutil.copytree(released, tmp_path / "mono")
    return tmp_path / "mono" / "scripts" / "new_pkg"


def checked(package: Path, revision: str, code: int = 0) -> str:
    return run_csa("check", "--changed-since", revision, cwd=package.parents[1], code=code).stdout


def append(package: Path, name: str) -> None:
    with (package / name).open("a") as file:
        file.write("\n")


@pytest.mark.parametrize(
    "name", ["main.py", "requirements.txt", "Dockerfile", "queries/assets.sql"]
)
def test_a_change_of_the_image_under_a_released_version_is_found(package: Path, name: str) -> None:
    append(package, name)
    for revision in ("HEAD", "HEAD^"):
        assert (
            f"{name} has changed since 1.0.0 was released: csa release scripts/new_pkg --next patch"
            in checked(package, revision, code=1)
        )
        git(package, "add", "--all")
        git(package, "commit", "--quiet", "--message", "Work", "--allow-empty")


def test_new_and_deleted_modules_are_changes_of_the_image(package: Path) -> None:
    (package / "names.py").unlink()
    assert "names.py has changed since" in checked(package, "HEAD", code=1)
    git(package, "checkout", "--quiet", "names.py")
    (package / "more").mkdir()
    (package / "more" / "names.py").write_text("")
    assert "more/names.py has changed since" in checked(package, "HEAD", code=1)


def test_what_is_not_in_the_image_changes_freely(package: Path) -> None:
    for name in ("index.md", "HISTORY.md", ".snyk", "tests/test_main.py", "requirements-test.txt",
                 "pyproject.toml", ".gitignore"):  # fmt: skip
        append(package, name)
    (package / "notes.txt").write_text("Mine\n")
    assert "1 package checked, 0 problems" in checked(package, "HEAD")


def test_the_next_version_the_release_itself_and_a_new_package_are_no_findings(
    package: Path,
) -> None:
    append(package, "main.py")
    run_csa("release", package, "--next", "patch", cwd=package.parents[1])
    assert "1 package checked, 0 problems" in checked(package, "HEAD")
    commit_all(package, "Begin 1.0.1")
    (package / "HISTORY.md").write_text("## 1.0.1-dev\n\n- Better.\n" + HISTORY)
    run_csa("release", package, cwd=package.parents[1])
    append(package, "main.py")
    assert "1 package checked, 0 problems" in checked(package, "HEAD")
    shutil.copytree(package, package.with_name("other_pkg"))
    shown = run_csa("check", "--changed-since", "HEAD", cwd=package.parents[1], code=1).stdout
    assert "CSA203" not in shown
    assert "2 packages checked" in shown
