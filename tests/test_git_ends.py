"""Whatever lies in a checkout, git ends, and csa with it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import csa.git
import psutil
import pytest
from csa.errors import Failed
from csa.files import File
from csa.git import repository_of
from csa.packages import find_packages
from csa.template import open_source
from csa.transaction import Place, Rename, signature, write_all
from csa.update import update

from tests.support.commands import executable, git, tree
from tests.support.monorepo import add_packages, init
from tests.support.package import RELEASE


@pytest.fixture
def package(releases: Path, tmp_path: Path) -> Path:
    [package] = add_packages(tmp_path / "mono", releases, RELEASE, 1)
    init(tmp_path / "mono")
    return package


def running() -> list[list[str]]:
    """The gits that this process has started and that go on."""
    children = [child.cmdline() for child in psutil.Process().children(recursive=True)]
    return [command for command in children if command[:1] == ["git"]]


@pytest.mark.parametrize(
    "path",
    [
        ".gitignore",
        "scripts/.gitignore",
        "scripts/pkg_7100/data/.gitignore",
        "docs/deeper/.gitignore",
        ".git/info/exclude",
    ],
)
def test_a_pipe_that_has_the_place_of_an_ignore_file_is_named(
    package: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(csa.git, "PATIENCE", 0.2)
    pipe = package.parents[1] / path
    pipe.parent.mkdir(parents=True, exist_ok=True)
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    for below in {package.parents[1], pipe.parent if "docs" in path else package}:
        with pytest.raises(Failed, match=f"git waits for {pipe}, which is a pipe: delete it"):
            find_packages(below)
    assert running() == []


@pytest.mark.parametrize(
    "path", [".gitignore", ".gitattributes", "scripts/pkg_7100/.gitattributes"]
)
def test_an_update_that_meets_a_pipe_writes_nothing(
    package: Path, releases: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(csa.git, "PATIENCE", 0.2)
    source = open_source(str(releases), None, package)
    before = tree(package)
    pipe = package.parents[1] / path
    os.mkfifo(pipe)
    with pytest.raises(Failed, match=f"git waits for {pipe}, which is a pipe: delete it"):
        update(package, source, {}, write=True)
    assert tree(package) == before
    assert running() == []
    pipe.unlink()
    assert update(package, source, {}, write=True).result == "updated"


def slow_git(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, sleep: str) -> None:
    """Have one command of git sleep for longer than csa waits."""
    monkeypatch.setattr(csa.git, "PATIENCE", 0.1)
    monkeypatch.setattr(csa.git, "LIMIT", 1)
    wait = f'case " $* " in *" {command} "*) {sleep};; esac'
    executable(folder / "bin" / "git", f'{wait}\nexec {shutil.which("git")} "$@"')
    monkeypatch.setenv("PATH", str(folder / "bin"), prepend=os.pathsep)


def test_a_git_that_does_not_end_is_ended_and_nothing_is_half_written(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = package.parents[1]
    before = tree(root)
    rename = Rename("scripts/pkg_7100", "scripts/other")
    changes = {"scripts/pkg_7100/main.py": File(b"new\n")}
    seen = {path: signature(root / path) for path in changes}
    slow_git(tmp_path, monkeypatch, "update-index", "exec sleep 60")
    with pytest.raises(Failed, match="git did not end in .* minutes: run git -C .* to see why"):
        write_all(Place.of(repository_of(root)), root, changes, seen, rename)
    monkeypatch.undo()
    assert tree(root) == before
    assert not {"csa", "index.lock"} & {*os.listdir(root / ".git")}
    assert git(root, "status", "--porcelain") == ""


def test_a_template_may_take_as_long_as_the_network_does(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_git(tmp_path, monkeypatch, "clone", "sleep 2")
    (tmp_path / "work").mkdir()
    assert open_source(f"file://{releases}", None, tmp_path / "work").target


def test_a_git_that_takes_long_is_waited_for(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_git(tmp_path, monkeypatch, "ls-files", "sleep 1")
    monkeypatch.setattr(csa.git, "LIMIT", 30)
    assert find_packages(package.parents[1]) == [package]
