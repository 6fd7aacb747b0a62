"""What it takes to see the help of csa, and how packages stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.monorepo import add_packages, init

Seconds = Callable[..., list[float]]

START = 0.15
"""What `csa --help` may take more than a Python that does nothing, in seconds."""


def start_ratio(commands: Path, seconds: Seconds) -> float:
    """Return what `csa --help` takes more than a Python that does nothing, against START.

    `commands` is the folder of csa, `seconds` returns the least time of each of some actions.
    """

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, capture_output=True)

    helped, nothing = seconds(
        lambda: run(commands / "csa", "--help"),
        lambda: run(sys.executable, "-c", "pass"),
        rounds=10,
    )
    return (helped - nothing) / START


def status_ratios(
    template: Path, work: Path, commands: Path, seconds: Seconds, copy: Callable[[], object]
) -> list[float]:
    """Return the time of a status of 60 packages against a copy of each, and against one of 10.

    The latter is by package; `copy` runs Copier once.
    """
    roots = {packages: work / f"status-{packages}" for packages in (10, 60)}
    for packages, root in roots.items():
        add_packages(root, template, "v1.0.0", packages)
        init(root)

    def status(root: Path) -> None:
        subprocess.run([commands / "csa", "status"], cwd=root, check=True, capture_output=True)

    few, many, copied = seconds(
        lambda: status(roots[10]), lambda: status(roots[60]), copy, rounds=3
    )
    return [many / (60 * copied), many / 60 / (few / 10)]
