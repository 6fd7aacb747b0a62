"""A package is written whole or not at all."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from csa.errors import Failed
from csa.files import File
from csa.git import Repository
from csa.transaction import Place, Signature, signature, undo_unfinished, write_all

from tests.support.commands import missing_here, tree
from tests.support.kills import killed_while

CHANGES = {
    "Dockerfile": File(b"FROM new\n"),
    "added/deep/file": File(b"new\n"),
    "dropped/deep/file": None,
    "empty": File(b""),
    "run.sh": File(b"#!/bin/sh\n", "100755"),
    "turned": None,
    "turned/into": File(b"a folder\n"),
}
NEW = {"Dockerfile": b"FROM new\n", "added/deep/file": b"new\n", "empty": b"",
       "run.sh": b"#!/bin/sh\n", "turned/into": b"a folder\n", ".env": b"ignored\n"}  # fmt: skip


def old_package(root: Path) -> tuple[Path, Path]:
    """Return a package's folder and the git directory of its repository."""
    folder, git_directory = root / "scripts" / "p", root / ".git"
    for name, content in {"Dockerfile": "FROM old\n", "dropped/deep/file": "old\n",
                          "empty": "not yet\n", "run.sh": "#!\n", "turned": "old\n", ".env": "ignored\n"}.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    git_directory.mkdir()
    return folder, git_directory


def of(folder: Path, git_directory: Path) -> Place:
    """The repository of a package, whose top is two folders up."""
    return Place.of(Repository(folder.parents[1], git_directory))


@pytest.fixture
def package(tmp_path: Path) -> tuple[Path, Path]:
    return old_package(tmp_path)


def seen(folder: Path) -> dict[str, Signature]:
    return {path: signature(folder / path) for path in CHANGES}


def test_all_changes_are_written_and_nothing_is_left_behind(package: tuple[Path, Path]) -> None:
    folder, git_directory = package
    (folder / "Dockerfile").chmod(0o640)
    write_all(of(folder, git_directory), folder, CHANGES, seen(folder))
    assert tree(folder) == NEW
    assert not (folder / "dropped").exists()
    assert not list(git_directory.iterdir())
    assert (folder / "Dockerfile").stat().st_mode & 0o777 == 0o640
    assert os.access(folder / "run.sh", os.X_OK)


def killed_before(operation: int, folder: Path, git_directory: Path) -> bool:
    """Write, and be killed before the n-th change to the file system; False if there are fewer."""
    return killed_while(
        lambda: write_all(of(folder, git_directory), folder, CHANGES, seen(folder)), operation
    )


def test_killed_before_any_operation_it_is_old_again_at_the_next_run(tmp_path: Path) -> None:
    half = 0
    for operation in range(1, 1000):
        root = tmp_path / str(operation)
        folder, git_directory = old_package(root)
        old = tree(folder)
        killed = killed_before(operation, folder, git_directory)
        half += tree(folder) not in (old, NEW)
        undo_unfinished(of(folder, git_directory))
        assert tree(folder) in ([old, NEW] if killed else [NEW])
        assert not (folder / ".csa").exists()
        assert not (git_directory / "csa").exists()
        if not killed:
            break
    assert half >= len(CHANGES) - 1  # each of the renames was interrupted


def interrupted(folder: Path, git_directory: Path) -> None:
    """Leave a package half written, as late as that can be."""
    last = max(n for n in range(1, 200) if _half_after(n))
    assert killed_before(last, folder, git_directory)


def _half_after(operation: int) -> bool:
    with tempfile.TemporaryDirectory() as root:
        folder, git_directory = old_package(Path(root))
        old = tree(folder)
        return killed_before(operation, folder, git_directory) and tree(folder) not in (old, NEW)


def test_what_a_person_edited_after_the_kill_is_kept(package: tuple[Path, Path]) -> None:
    folder, git_directory = package
    old = tree(folder)
    interrupted(folder, git_directory)
    (folder / "Dockerfile").write_text("FROM mine\n")
    undo_unfinished(of(folder, git_directory))
    now = tree(folder)
    [kept] = [name for name in now if name.startswith("Dockerfile.before-csa-")]
    assert now == {**old, "Dockerfile": b"FROM mine\n", kept: old["Dockerfile"]}


def test_it_is_put_back_where_the_repository_was_moved_or_copied_to(
    package: tuple[Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, git_directory = package
    old = tree(folder)
    interrupted(folder, git_directory)
    half = tree(folder)
    shutil.copytree(tmp_path, tmp_path / "copy")
    copied = tmp_path / "copy" / "scripts" / "p"
    undo_unfinished(of(copied, tmp_path / "copy" / ".git"))
    assert tree(copied) == old
    assert tree(folder) == half
    assert f"{copied} was half-written by a run that was killed: it is restored" in caplog.text


def test_the_next_package_to_be_written_undoes_what_was_left(package: tuple[Path, Path]) -> None:
    folder, git_directory = package
    old = tree(folder)
    interrupted(folder, git_directory)
    other = folder.parent / "other"
    other.mkdir()
    write_all(of(other, git_directory), other, {"new": File(b"new")}, {"new": None})
    assert tree(folder) == old
    assert tree(other) == {"new": b"new"}


@pytest.mark.parametrize("path", ["Dockerfile", "added/deep/file", "dropped/deep/file"])
def test_a_file_that_changed_in_the_meantime_is_not_overwritten(
    package: tuple[Path, Path], path: str
) -> None:
    folder, git_directory = package
    before = seen(folder)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("mine\n")
    mine = tree(folder)
    with pytest.raises(Failed, match=f"{path} was changed meanwhile"):
        write_all(of(folder, git_directory), folder, CHANGES, before)
    assert tree(folder) == mine


def test_an_operation_that_fails_halfway_is_undone(package: tuple[Path, Path]) -> None:
    folder, git_directory = package
    (folder / "z").write_text("in the way of a folder\n")
    old = tree(folder)
    changes = {**CHANGES, "z/file": File(b"new")}
    with pytest.raises(Failed, match="^z/file cannot be written: "):
        write_all(of(folder, git_directory), folder, changes, {**seen(folder), "z/file": None})
    assert tree(folder) == old
    assert not (folder / "added").exists()


def test_an_undo_that_was_killed_goes_on(package: tuple[Path, Path]) -> None:
    folder, git_directory = package
    old = tree(folder)
    interrupted(folder, git_directory)
    # What a first undo has put back already is not staged any more.
    shutil.move(git_directory / "csa" / "old-2", folder / "Dockerfile")
    undo_unfinished(of(folder, git_directory))
    assert tree(folder) == old


def test_a_git_directory_on_another_file_system_will_do(tmp_path: Path) -> None:
    others = [one for one in ("/dev/shm", "/var/tmp") if os.path.isdir(one)]
    others = [one for one in others if os.stat(one).st_dev != tmp_path.stat().st_dev]
    if not others:
        missing_here("/dev/shm and /var/tmp are on the same file system as the test's folder.")
    with tempfile.TemporaryDirectory(dir=others[0]) as elsewhere:
        git_directory = Path(elsewhere)
        half = 0
        for operation in range(1, 1000):
            folder, own = old_package(tmp_path / str(operation))
            own.rmdir()
            old = tree(folder)
            killed = killed_before(operation, folder, git_directory)
            half += tree(folder) not in (old, NEW)
            undo_unfinished(of(folder, git_directory))
            assert tree(folder) in ([old, NEW] if killed else [NEW])
            if not killed:
                break
        assert half


def test_a_full_disk_leaves_the_package_as_it_was(small_disk: Path) -> None:
    folder, git_directory = old_package(small_disk)
    old = tree(folder)
    free = shutil.disk_usage(small_disk).free
    (small_disk / "rest").write_bytes(b"x" * (free - 8192))
    changes = {**CHANGES, "large": File(b"x" * 100_000)}
    with pytest.raises(Failed, match="No space left on device"):
        write_all(of(folder, git_directory), folder, changes, {**seen(folder), "large": None})
    assert tree(folder) == old
    assert not (git_directory / "csa").exists()
    (small_disk / "rest").unlink()
    write_all(of(folder, git_directory), folder, CHANGES, seen(folder))
    assert tree(folder) == NEW


def test_two_runs_in_one_repository_write_one_after_the_other(tmp_path: Path) -> None:
    folder, git_directory = old_package(tmp_path)
    folders = [folder.parent / f"p{number}" for number in range(8)]
    changes = {f"file{number}": File(b"new") for number in range(20)}
    for one in folders:
        one.mkdir()
    context = multiprocessing.get_context("fork")
    processes = [
        context.Process(
            target=write_all, args=(of(one, git_directory), one, changes, dict.fromkeys(changes))
        )
        for one in folders
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * len(processes)
    assert all(tree(one) == dict.fromkeys(changes, b"new") for one in folders)
