"""A folder gets another name, and what names it follows: all of it or nothing."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from csa.errors import Failed
from csa.files import File
from csa.git import repository_of
from csa.transaction import Place, Rename, Signature, signature, undo_unfinished, write_all

from tests.support.commands import git, missing_here, run, traced
from tests.support.kills import killed_while
from tests.support.monorepo import init


def monorepo(root: Path) -> Path:
    """A repository with a script's folder that is to be renamed, and a file that names it."""
    folder = root / "scripts" / "old-name"
    (folder / "tests").mkdir(parents=True)
    for path, text in {
        "scripts/old-name/main.py": "print(1)\n",
        "scripts/old-name/tests/data.txt": "data\n",
        "mkdocs.yml": "nav: [old-name/index.md]\n",
    }.items():
        (root / path).write_text(text)
    (root / "mkdocs.yml").chmod(0o755)
    init(root)
    (folder / "notes.txt").write_text("never committed\n")
    return root


ADOPTED: dict[str, File | None] = {
    "mkdocs.yml": File(b"nav: [new_name/index.md]\n", "100755"),
    "scripts/old-name/main.py": File(b"print(2)\n"),
    "scripts/old-name/version.txt": File(b"1.0.0-dev\n"),
}


def read(root: Path) -> dict[str, Signature]:
    """Return the signatures of what an adoption changes, as one does that reads the files next."""
    return {path: signature(root / path) for path in ADOPTED}


def adopt(root: Path, known: dict[str, Signature] | None = None) -> None:
    """Write as an adoption does."""
    known = known or read(root)
    rename = Rename("scripts/old-name", "scripts/new_name")
    write_all(Place.of(repository_of(root)), root, ADOPTED, known, rename)


def state(root: Path) -> tuple[object, ...]:
    """What is in the working tree, with modes, and what git says of it."""
    files = {
        str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode)
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }
    return files, git(root, "status", "--porcelain"), git(root, "ls-files", "--stage")


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, object]:
    """Before the adoption, and after it."""
    root = monorepo(tmp_path_factory.mktemp("states"))
    before = state(root)
    adopt(root)
    return before, state(root)


def test_a_folder_is_renamed_with_all_that_is_in_it_and_git_knows(
    states: tuple[Any, Any], tmp_path: Path
) -> None:
    files, status, index = states[1]
    assert {path: content for path, (content, _) in files.items()} == {
        "mkdocs.yml": b"nav: [new_name/index.md]\n",
        "scripts/new_name/main.py": b"print(2)\n",
        "scripts/new_name/notes.txt": b"never committed\n",
        "scripts/new_name/tests/data.txt": b"data\n",
        "scripts/new_name/version.txt": b"1.0.0-dev\n",
    }
    assert files["mkdocs.yml"][1] & 0o777 == 0o755
    assert "R  scripts/old-name/tests/data.txt -> scripts/new_name/tests/data.txt" in status
    # Just as git mv does it.
    root = monorepo(tmp_path)
    git(root, "mv", "scripts/old-name", "scripts/new_name")
    assert index == git(root, "ls-files", "--stage")


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree", "--intent-to-add"])
def test_what_git_was_told_of_a_file_is_known_after_the_rename(tmp_path: Path, flag: str) -> None:
    root = monorepo(tmp_path)
    if flag == "--intent-to-add":
        git(root, "add", flag, "scripts/old-name/notes.txt")
    else:
        git(root, "update-index", flag, "scripts/old-name/main.py")
    before = git(root, "ls-files", "-v", "--", "scripts")
    adopt(root)
    assert git(root, "ls-files", "-v", "--", "scripts") == before.replace("old-name", "new_name")


def test_a_submodule_in_the_folder_is_left_to_git(tmp_path: Path) -> None:
    root = monorepo(tmp_path / "mono")
    library = tmp_path / "library"
    library.mkdir()
    (library / "text").touch()
    init(library)
    options = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    git(root, *options, str(library), "scripts/old-name/library")
    before = state(root)
    with pytest.raises(Failed, match="scripts/old-name/library is a submodule: rename"):
        adopt(root)
    assert state(root) == before


def test_killed_before_any_operation_a_rename_is_undone_or_complete(
    states: tuple[object, object], tmp_path: Path
) -> None:
    half = 0
    for operation in range(1, 1000):
        root = monorepo(tmp_path / str(operation))
        killed = killed_while(partial(adopt, root), operation)
        half += state(root) not in states
        undo_unfinished(Place.of(repository_of(root)))
        assert state(root) in (states if killed else states[1:])
        assert not {"csa", "index.lock"} & {*os.listdir(root / ".git")}
        if not killed:
            break
    assert half > 4


# --- Errors, one at each system call ------------------------------------------------------------

ADOPT = """
import sys
from pathlib import Path
from csa.errors import Failed
from csa.git import repository_of
from csa.files import File
from csa.transaction import Place, Rename, signature, write_all

root = Path(sys.argv[1])
changes = {
    "mkdocs.yml": File(b"nav: [new_name/index.md]\\n", "100755"),
    "scripts/old-name/main.py": File(b"print(2)\\n"),
    "scripts/old-name/version.txt": File(b"1.0.0-dev\\n"),
}
known = {path: signature(root / path) for path in changes}
rename = Rename("scripts/old-name", "scripts/new_name")
try:
    write_all(Place.of(repository_of(root)), root, changes, known, rename)
except (Failed, OSError) as error:
    sys.exit(f"Error: {error}")
"""
"""Writes as an adoption does."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", ["error=EIO:when={}", "error=ENOSPC:when={}+", "signal=KILL:when={}"]
)
@pytest.mark.parametrize(
    "calls",
    ["mkdir,?mkdirat", "write", "fsync", "rename,?renameat,?renameat2", "link,?linkat",
     "unlink,?unlinkat", "chmod,?fchmodat"],
)  # fmt: skip
def test_whatever_system_call_fails_all_is_as_it_was_or_done(
    states: tuple[Any, Any], tmp_path: Path, calls: str, how: str
) -> None:
    """strace makes the n-th such call, of csa or of git, fail; with a + all after it, too."""
    failed = 0
    for number in range(1, 100):
        root = monorepo(tmp_path / str(number))
        result = run(
            *traced(f"?{calls}", how.format(number)),
            sys.executable, "-c", ADOPT, root, code=None,
        )  # fmt: skip
        assert "Traceback" not in result.stderr, result.stderr
        failed += result.returncode != 0
        if how.startswith("error=EIO") and calls != "fsync":
            # One error: it is undone at once, or nothing depends on it.
            assert state(root) == states[not result.returncode]
        undo_unfinished(Place.of(repository_of(root)))
        assert state(root) in states
        if result.returncode == 0:
            break
    assert failed


def test_all_is_on_the_disk_before_the_first_file_is_moved(tmp_path: Path) -> None:
    """So that a power cut is no worse than a kill."""
    root = monorepo(tmp_path / "mono")
    calls = tmp_path / "calls"
    command = ["strace", "-f", "-qq", "-y", "-o", str(calls), "-e", "trace=fsync,?rename,?renameat"]
    if not shutil.which("strace"):
        missing_here("strace is not installed.")
    run(*command, sys.executable, "-c", ADOPT, root)
    lines = calls.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if f'("{root}/mkdocs.yml"' in line)
    staging = f"{root}/.git/csa"
    for synced in ["new-0", "new-1", "new-2", "index", "unfinished"]:
        assert any("fsync(" in line and f"<{staging}/{synced}>" in line for line in lines[:first])
    # The names of the files, too: of those staged, then of those in their places.
    assert any("fsync(" in line and f"<{staging}>" in line for line in lines[:first])
    done = next(number for number, line in enumerate(lines) if f'("{staging}/index", ' in line)
    for folder in [root, root / "scripts", root / "scripts" / "new_name"]:
        assert any("fsync(" in line and f"<{folder}>" in line for line in lines[first:done])


# --- Somebody else saves -------------------------------------------------------------------------


def save(path: Path, text: str, in_place: bool) -> None:
    """Save a file as editors do: into the file, or by another one that takes its place."""
    if in_place:
        path.write_text(text)
    else:
        other = path.with_name(f".{path.name}.swp")
        other.write_text(text)
        other.replace(path)


def somebody(root: Path, seed: int, longest: float, saved: Path) -> None:
    """Save files, beginning at a random moment; write down what was saved last in each.

    `longest` is how long they wait with it, in seconds.
    """
    chance = random.Random(seed)
    written: dict[str, str] = {}
    time.sleep(chance.random() * longest)
    for number in range(chance.randint(1, 5)):
        name = chance.choice(["mkdocs.yml", "scripts/old-name/main.py"])
        text = f"saved {number} of {seed}\n"
        with suppress(FileNotFoundError):  # the moment in which a file is exchanged, or renamed
            if (root / name).exists():
                save(root / name, text, chance.random() < 0.5)
                written[name] = text
    saved.write_text(json.dumps(written))


RUNS = int(os.environ.get("CSA_RUNS", "25"))
"""How often to try: by hand 1,000 times."""


def test_nothing_that_somebody_saves_meanwhile_is_lost(tmp_path: Path) -> None:
    written = refused = 0
    context = multiprocessing.get_context("fork")
    root = monorepo(tmp_path / "alone")
    began = time.monotonic()
    adopt(root)
    longest = 2 * (time.monotonic() - began)  # some save when it is done
    for seed in range(RUNS):
        root = monorepo(tmp_path / str(seed))
        saved = tmp_path / f"{seed}.json"
        known = read(root)
        process = context.Process(target=somebody, args=(root, seed, longest, saved))
        process.start()
        try:
            adopt(root, known)
            written += 1
        except Failed as error:
            assert "was changed meanwhile" in str(error)
            refused += 1
        process.join()
        assert process.exitcode == 0
        for name, text in json.loads(saved.read_text()).items():
            places = [root / name, root / name.replace("old-name", "new_name")]
            assert text in [place.read_text() for place in places if place.is_file()]
        shutil.rmtree(root)
    assert written
    assert refused
