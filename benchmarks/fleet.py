"""What it takes to update many packages."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import psutil

from tests.support.monorepo import add_packages, init

OTHER_FILES = 3000
MEMORY = 500_000_000
"""What an update of a fleet may take, in bytes."""

LOOP = """
for answers in scripts/*/.copier-answers.yml; do
  (cd "${answers%/*}" && copier update --defaults --quiet)
done
"""


def monorepo(root: Path, template: Path, packages: int) -> Path:
    """A repository with packages one release behind their template, and other files."""
    add_packages(root, template, "v1.0.0", packages)
    add_other_files(root)
    init(root)
    return root


def add_other_files(root: Path) -> None:
    """Write what else stands in a monorepo."""
    for number in range(OTHER_FILES):
        other = root / "other" / f"folder{number // 100}" / f"file{number}.py"
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text(f"print({number})\n")


def update(root: Path, commands: Path, *command: str) -> tuple[float, int]:
    """Run a command that updates all packages, and undo what it did; `commands` is its folder.

    Returns the seconds it took and the most memory, in bytes, that it and its processes had.
    """
    start = time.perf_counter()
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    with psutil.Popen(command, cwd=root, env={**os.environ, "PATH": path},
                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:  # fmt: skip
        peak = 0
        while process.poll() is None:
            peak = max(peak, memory(process))
            try:
                process.wait(0.05)
            except psutil.TimeoutExpired:
                continue
        if process.returncode:
            raise RuntimeError(process.stderr.read().decode())
    taken = time.perf_counter() - start
    subprocess.run(["git", "checkout", "--quiet", "."], cwd=root, check=True)
    return taken, peak


def memory(process: psutil.Popen) -> int:
    """The resident memory of a process and all below it, what they share counted for each."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def fleet_ratios(template: Path, work: Path, commands: Path) -> list[float]:
    """Return time against a loop of Copier, memory, and time per package of larger fleets."""
    few, some, many = (
        monorepo(work / f"{packages}-packages", template, packages) for packages in (10, 50, 200)
    )
    # In turns, the least of each: ten packages take seconds, which any other work disturbs.
    runs = [
        (update(few, commands, "csa", "update"), update(some, commands, "csa", "update"))
        for _ in range(3)
    ]
    per_package_of_10 = min(seconds for (seconds, _), _ in runs) / 10
    taken = min(seconds for _, (seconds, _) in runs)
    peak = max(memory for _, (_, memory) in runs)
    per_package_of_200 = update(many, commands, "csa", "update")[0] / 200
    loop, _ = update(some, commands, "bash", "-e", "-c", LOOP)
    return [
        taken / loop,
        peak / MEMORY,
        taken / 50 / per_package_of_10,
        per_package_of_200 / per_package_of_10,
    ]
