"""Many packages at once, and runs that end before their time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from csa.packages import read_answers

from tests.support.commands import CSA, commit_all, git, tree
from tests.support.monorepo import FIRST, add_packages, copy, init
from tests.support.package import NEXT, RELEASE, managed
from tests.support.updates import append, csa, edit_in_conflict

pytestmark = pytest.mark.slow


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


def descendants(process: psutil.Popen) -> list[psutil.Process]:
    """Return the processes below one, none when it has ended."""
    with suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


@contextmanager
def running(
    monorepo: Monorepo, *options: str, lines: int = 0, before: Sequence[str] = ()
) -> Iterator[psutil.Popen]:
    """Start an update; go on when that many packages are done. No process is left behind."""
    with psutil.Popen(
        [*before, CSA, "update", *options],
        cwd=monorepo.root,
        # Where nothing stays of what a killed process could not clear away.
        env={**os.environ, "TMPDIR": str(monorepo.root.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        for _ in range(lines):
            process.stderr.readline()
        family = [process, *descendants(process)]
        try:
            yield process
            process.communicate()
            _, alive = psutil.wait_procs(family, timeout=60)
            assert not alive
        finally:
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.kill()


@contextmanager
def about_to_write(monorepo: Monorepo, jobs: int) -> Iterator[psutil.Popen]:
    """Start an update, and go on when all its processes wait for their turn to write."""
    lock = os.open(monorepo.root / ".git", os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with running(monorepo, f"--jobs={jobs}") as process:
            for _ in range(1000):
                waiting = re.findall(r"-> FLOCK +\S+ +\S+ +(\d+)", Path("/proc/locks").read_text())
                if len({str(worker.pid) for worker in workers(process)} & set(waiting)) == jobs:
                    break
                with suppress(psutil.TimeoutExpired):
                    process.wait(0.05)
                    pytest.fail(process.stderr.read().decode())
            else:
                pytest.fail("The processes do not come to wait for the lock.")
            yield process
            fcntl.flock(lock, fcntl.LOCK_UN)
    finally:
        os.close(lock)


def kill_it(process: psutil.Popen) -> None:
    process.kill()


def kill_its_group(process: psutil.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)


def workers(process: psutil.Popen) -> list[psutil.Process]:
    found = []
    for one in descendants(process):
        with suppress(psutil.NoSuchProcess):  # such as a git that has just ended
            if "spawn_main" in " ".join(one.cmdline()):
                found.append(one)
    return found


@pytest.mark.parametrize("how", [kill_it, kill_its_group])
def test_what_is_being_written_is_finished_though_its_parent_is_killed(
    monorepo: Monorepo, how: Callable[[psutil.Popen], None]
) -> None:
    with about_to_write(monorepo, jobs=2) as process:
        writers = workers(process)
        how(process)
        process.wait()
        # They have had all the time to notice.
        assert not psutil.wait_procs(writers, timeout=0.5)[0]
    psutil.wait_procs(writers, timeout=60)
    assert sorted(monorepo.states()) == ["new"] * 2 + ["old"] * 6
    # And the next run brings the others.
    csa("update", cwd=monorepo.root)
    assert set(monorepo.states()) == {"new"}


def test_what_a_killed_process_left_half_written_is_put_back(monorepo: Monorepo) -> None:
    half = monorepo.packages[-1]
    with about_to_write(monorepo, jobs=1) as process:
        # As it is after the first of two renames.
        staging = monorepo.root / ".git" / "csa"
        staging.mkdir()
        files = [
            (name, hashlib.sha256(monorepo.new[half][name]).hexdigest())
            for name in ("Dockerfile", ".snyk")
        ]
        shutil.copy(half / "Dockerfile", staging / "old-0")
        journal = json.dumps(
            {"folder": f"scripts/{half.name}", "files": files, "old": [0, 1], "rename": None}
        )
        (staging / "journal").write_text(journal)
        (half / "Dockerfile").write_bytes(monorepo.new[half]["Dockerfile"])
        assert monorepo.states()[-1] == "half"
        [worker] = workers(process)
        worker.kill()
    assert process.returncode == 1
    assert set(monorepo.states()) == {"old"}


def kill_everything(process: psutil.Popen) -> None:
    for one in [*descendants(process), process]:
        with suppress(psutil.NoSuchProcess):
            one.kill()


@pytest.mark.parametrize("seed", range(12))
def test_killed_at_any_moment_packages_are_old_or_new(monorepo: Monorepo, seed: int) -> None:
    moment = random.Random(seed)
    with running(monorepo, lines=moment.randint(0, 7)) as process:
        with suppress(psutil.TimeoutExpired):
            process.wait(moment.random() * 0.3)
        kill_everything(process)
    # The very process that writes may have been killed in that instant.
    csa("status", cwd=monorepo.root)
    assert set(monorepo.states()) <= {"old", "new"}
    csa("update", cwd=monorepo.root)
    assert set(monorepo.states()) == {"new"}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_finishes_what_is_under_way_and_says_so(
    monorepo: Monorepo, how: signal.Signals
) -> None:
    with running(monorepo, "--jobs=2", lines=2) as process:
        for _ in range(3):  # whoever waits presses again
            os.killpg(process.pid, how)
        shown, said = process.communicate()
    assert process.returncode == 130
    last = "csa was stopped, as by Ctrl-C; nothing was left half-written."
    assert said.decode().splitlines()[-1] == last
    states = monorepo.states()
    # Two were done, at most two under way and two more taken up before the signal came.
    assert 2 <= states.count("new") <= 6
    assert states.count("new") + states.count("old") == 8
    # The table names those that are done, and no others.
    done = [package.name for package, state in zip(monorepo.packages, states) if state == "new"]
    assert re.findall(r"^scripts/(\w+) ", shown.decode(), re.MULTILINE) == done


def test_under_nohup_a_closed_terminal_stops_nothing(monorepo: Monorepo) -> None:
    with running(monorepo, lines=1, before=["nohup"]) as process:
        os.killpg(process.pid, signal.SIGHUP)
        process.communicate()
    assert process.returncode == 0
    assert set(monorepo.states()) == {"new"}


def test_ctrl_c_ends_a_look_at_packages_too(monorepo: Monorepo) -> None:
    with psutil.Popen(
        [CSA, "status", "--jobs=1"],
        cwd=monorepo.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        process.stderr.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in said


def test_a_killed_worker_is_said_and_undone(monorepo: Monorepo) -> None:
    with running(monorepo, lines=1) as process:
        workers(process)[0].kill()
        shown, said = process.communicate()
    assert process.returncode == 1
    assert b"failed: a process that worked on packages was killed" in shown
    assert b"Traceback" not in said
    assert set(monorepo.states()) <= {"old", "new"}


def test_two_updates_at_once_do_not_disturb_each_other(monorepo: Monorepo) -> None:
    with running(monorepo) as one, running(monorepo) as other:
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
