"""Whatever somebody saves while csa runs is there afterwards."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import FrameType

import csa.files
import csa.transaction
import pytest
from csa.adopt import adopt
from csa.errors import Failed
from csa.release import release
from csa.template import open_source
from csa.update import update

from tests.support.legacy_runs import copy_case
from tests.support.monorepo import add_packages, init
from tests.support.package import RELEASE
from tests.support.updates import append

RUNS = int(os.environ.get("CSA_RUNS", "8"))
"""How often to try each command: by hand 1,000 times."""

NAMES = ["Dockerfile", "HISTORY.md", "main.py", "requirements.txt", "tests/conftest.py", "version.txt",
         "../../docs.md", "../../mkdocs.yml"]  # fmt: skip
"""What is saved, by paths below the package; all of these are written by one of the commands."""


def save(path: Path, line: str, in_place: bool) -> None:
    """Add a line as editors do: into the file, or by another one that takes its place."""
    text = path.read_text() + line
    if in_place:
        path.write_text(text)
    else:
        other = path.with_name(f".{path.name}.swp")
        other.write_text(text)
        other.replace(path)


def somebody(root: Path, seed: int, longest: float, saved: Path) -> None:
    """Save files, beginning at a random moment; write down the last line of each."""
    chance = random.Random(seed)
    written: dict[str, str] = {}
    time.sleep(chance.random() * longest)
    for number in range(chance.randint(1, 5)):
        [folder] = [one for one in (root / "scripts").iterdir() if one.is_dir()]
        path = folder / chance.choice(NAMES)
        line = f"# saved {number} of {seed}\n"
        with suppress(FileNotFoundError):  # not there, or in the moment in which it is exchanged
            save(path, line, chance.random() < 0.5)
            written[path.name] = line
    saved.write_text(json.dumps(written))


Command = Callable[[Path], object]


@pytest.fixture
def command(request: pytest.FixtureRequest, releases: Path, tmp_path: Path) -> tuple[Path, Command]:
    """A monorepo and a command of csa to run in it."""
    root = tmp_path / "mono"
    if request.param == "adopt":
        copy_case("certify-tables", root / "scripts" / "certify-tables")
    else:
        add_packages(root, releases, RELEASE, 1)
    [folder] = (root / "scripts").iterdir()
    (root / "mkdocs.yml").write_text(f"docs_dir: scripts\nnav:\n- {folder.name}/index.md\n")
    (root / "docs.md").write_text(f"See scripts/{folder.name}/main.py\n")
    init(root)
    source = open_source(str(releases), None, tmp_path)
    commands: dict[str, Command] = {
        "adopt": lambda folder: adopt(folder, str(releases)),
        "release": lambda folder: release(folder, None, date.today()),
        "update": lambda folder: update(folder, source, {}, write=True),
    }
    return root, commands[request.param]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["adopt", "release", "update"], indirect=True)
def test_what_somebody_saves_while_a_command_runs_is_there(
    command: tuple[Path, Command], tmp_path: Path
) -> None:
    start, run_command = command
    context = multiprocessing.get_context("fork")
    longest = 0.0
    for seed in range(-1, RUNS):
        root = tmp_path / "copy"
        shutil.copytree(start, root, symlinks=True)
        [folder] = (root / "scripts").iterdir()
        saved = tmp_path / f"{seed}.json"
        began = time.monotonic()
        if seed >= 0:
            process = context.Process(target=somebody, args=(root, seed, longest, saved))
            process.start()
        with suppress(Failed):
            run_command(folder)
        if seed < 0:
            longest = time.monotonic() - began  # nobody saves the first time
        else:
            process.join()
            assert process.exitcode == 0
            here = {path.name: path.read_text() for path in root.rglob("*")
                    if path.is_file() and ".git" not in path.parts and path.name != "__init__.py"}  # fmt: skip
            for name, line in json.loads(saved.read_text()).items():
                assert line in here[name], (seed, name)
        shutil.rmtree(root)


LOOKS = {
    csa.files.read_file.__code__,
    csa.transaction.signature.__code__,
    csa.files.mode_of.__code__,
}
"""The functions by which a command learns how a file is."""


def saved_at(number: int, root: Path, run_command: Command) -> list[str]:
    """Run a command, in a process of its own, that adds a line to files when it has looked at one
    for the n-th time.

    Returns which files, none when it looked at fewer.
    """
    [folder] = (root / "scripts").iterdir()
    saved: list[str] = []
    looked = 0

    def save(frame: FrameType, event: str, _: object) -> None:
        nonlocal looked
        if event == "return" and frame.f_code in LOOKS:
            looked += 1
            if looked == number:
                saved.extend(name for name in NAMES if (folder / name).is_file())
                for name in saved:
                    append(folder / name, "# saved\n")

    def to_be_run() -> None:
        sys.setprofile(save)
        with suppress(Failed):
            run_command(folder)
        sys.setprofile(None)
        (root / "saved.json").write_text(json.dumps(saved))

    process = multiprocessing.get_context("fork").Process(target=to_be_run)
    process.start()
    process.join()
    assert process.exitcode == 0
    names: list[str] = json.loads((root / "saved.json").read_text())
    return names


@pytest.mark.parametrize(
    ("command", "step"),
    [
        ("release", 1),
        pytest.param("update", 3, marks=pytest.mark.slow),
        pytest.param("adopt", 7, marks=pytest.mark.slow),
    ],
    indirect=["command"],
)
def test_what_somebody_saves_when_a_command_has_looked_at_a_file_is_there(
    command: tuple[Path, Command], tmp_path: Path, step: int
) -> None:
    start, run_command = command
    for number in range(1, 1000, step):
        root = tmp_path / "copy"
        shutil.copytree(start, root, symlinks=True)
        saved = saved_at(number, root, run_command)
        [folder] = (root / "scripts").iterdir()
        for name in saved:
            assert "# saved\n" in (folder / name).read_text(), (number, name)
        shutil.rmtree(root)
        if not saved:
            break
    assert number > 3
