"""Many packages at once, and runs that end before their time."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from csa.packages import read_answers

from .conftest import NEXT, RELEASE, commit_all, copy, git, managed, tree
from .monorepo import FIRST, add_packages, init
from .test_csa_update import CSA, append, csa, edit_in_conflict


def test_sixty_packages_in_a_large_monorepo(releases: Path, tmp_path: Path) -> None:
    root = tmp_path / "mono"
    packages = add_packages(root, releases, RELEASE, 60)
    for number in range(300):
        (root / "docs").mkdir(exist_ok=True)
        (root / "docs" / f"page{number}.md").write_text(f"# {number}\n")
    edit_in_conflict(packages[10], releases, RELEASE)
    append(packages[20] / "requirements.txt", "requests>=2.32,<3\n")
    (packages[30] / "Dockerfile").unlink()
    append(packages[40] / ".copier-answers.yml", "a: [\n")
    init(root)
    append(packages[50] / "main.py", "# unfinished\n")
    append(root / "docs" / "page1.md", "unfinished\n")
    before = {package: tree(package) for package in packages}

    shown, said = csa("update", cwd=root, code=1)
    assert "57 updated, 1 with conflicts, 2 failed" in shown
    assert len(said.splitlines()) == 60
    result = {line.split()[0]: line for line in shown.splitlines() if " " in line}
    assert "conflicts in Dockerfile" in result["scripts/pkg_7110"]
    assert ".copier-answers.yml is not YAML" in result["scripts/pkg_7140"]
    assert "it has uncommitted changes" in result["scripts/pkg_7150"]
    untouched = {40, 50}
    expected = managed(tree(packages[0]))
    for number, package in enumerate(packages):
        if number in untouched:
            assert tree(package) == before[package]
            continue
        assert read_answers(package)["_commit"] == NEXT
        if number not in (10, 20, 30):
            for path, text in managed(tree(package)).items():
                here = text.replace(package.name[-4:].encode(), b"%d" % FIRST)
                assert here == expected[path], f"{package}/{path}"
    assert git(root, "status", "--porcelain", "docs") == " M docs/page1.md\n"


# --- Runs that end before their time -----------------------------------------------------------


@dataclass(frozen=True)
class Monorepo:
    """Packages at an older release; how each is before and after an update."""

    root: Path
    packages: list[Path]
    old: dict[Path, dict[str, bytes]]
    new: dict[Path, dict[str, bytes]]

    def states(self) -> list[str]:
        """Return old, new or half for each package."""
        return [
            "old"
            if (now := tree(package)) == self.old[package]
            else "new"
            if now == self.new[package]
            else "half"
            for package in self.packages
        ]


@pytest.fixture(scope="module")
def prepared(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Monorepo:
    root = tmp_path_factory.mktemp("prepared") / "mono"
    packages = add_packages(root, releases, RELEASE, 8)
    init(root)
    old = {package.relative_to(root): tree(package) for package in packages}
    csa("update", cwd=root)
    new = {package.relative_to(root): tree(package) for package in packages}
    git(root, "checkout", "--quiet", ".")
    git(root, "clean", "--quiet", "-d", "--force")
    return Monorepo(root, packages, old, new)


@pytest.fixture
def monorepo(prepared: Monorepo, tmp_path: Path) -> Monorepo:
    root = tmp_path / "mono"
    shutil.copytree(prepared.root, root, symlinks=True)
    commit_all(root, "Copied")
    return Monorepo(
        root,
        [root / path for path in prepared.old],
        {root / path: files for path, files in prepared.old.items()},
        {root / path: files for path, files in prepared.new.items()},
    )


@contextmanager
def running(monorepo: Monorepo, lines: int, seconds: float = 0) -> Iterator[psutil.Popen]:
    """Start an update; go on when that many packages are done, and some time has passed."""
    process = psutil.Popen(
        [CSA, "update"],
        cwd=monorepo.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    for _ in range(lines):
        process.stderr.readline()
    with suppress(psutil.TimeoutExpired):
        process.wait(seconds)
    family = [process, *process.children(recursive=True)] if process.is_running() else []
    yield process
    process.communicate()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive


def kill_it(process: psutil.Popen) -> None:
    process.kill()


def kill_its_group(process: psutil.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def terminate_it(process: psutil.Popen) -> None:
    process.terminate()


def kill_everything(process: psutil.Popen) -> None:
    with suppress(psutil.NoSuchProcess):
        for one in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                one.kill()


@pytest.mark.parametrize(
    ("how", "seed"),
    [
        (kill_it, 0),
        (kill_it, 1),
        (kill_its_group, 0),
        (terminate_it, 0),
        (kill_everything, 0),
        (kill_everything, 1),
        *[
            pytest.param(how, seed, marks=pytest.mark.slow)
            for how in (kill_it, kill_everything)
            for seed in range(10, 25)
        ],
    ],
)
def test_killed_at_any_moment_packages_are_old_or_new(
    monorepo: Monorepo, how: type, seed: int
) -> None:
    moment = random.Random(f"{how.__name__} {seed}")
    with running(monorepo, moment.randint(0, 7), moment.random() * 0.5) as process:
        how(process)
    if how is kill_everything:
        # Killed in the very instant of writing, a package is put back by the next command.
        csa("status", cwd=monorepo.root)
    assert set(monorepo.states()) <= {"old", "new"}
    csa("update", cwd=monorepo.root)
    assert set(monorepo.states()) == {"new"}


def test_ctrl_c_finishes_what_is_under_way_and_says_so(monorepo: Monorepo) -> None:
    with running(monorepo, lines=1) as process:
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert (
        said.decode().splitlines()[-1] == "Stopped by Ctrl-C: each package is updated or as it was."
    )
    assert set(monorepo.states()) == {"old", "new"}


def test_a_killed_worker_is_said_and_undone(monorepo: Monorepo) -> None:
    with running(monorepo, lines=1) as process:
        for child in process.children():
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
                break
        shown, said = process.communicate()
    assert process.returncode == 1
    assert b"failed: the process that worked on it or another was killed" in shown
    assert b"Traceback" not in said
    assert set(monorepo.states()) <= {"old", "new"}


def test_two_updates_at_once_do_not_disturb_each_other(monorepo: Monorepo) -> None:
    with running(monorepo, lines=0) as one, running(monorepo, lines=0) as other:
        shown = [process.communicate()[0].decode() for process in (one, other)]
    assert set(monorepo.states()) == {"new"}
    # Whoever came second found it up to date, or changed under its hands.
    assert "updated" in "".join(shown)


def test_the_packages_of_a_fleet_are_what_the_template_renders(
    prepared: Monorepo, releases: Path, tmp_path: Path
) -> None:
    # add_packages renders one, and gives the others its text with their number.
    rendered = copy(releases, tmp_path / "pkg_7103", vcs_ref=RELEASE)
    assert tree(rendered) == prepared.old[Path("scripts/pkg_7103")]
