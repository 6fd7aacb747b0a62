"""What it takes to hold packages against the SDK as well."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.monorepo import add_packages, init

WITHOUT_SDK = """
from csa import check, cli
from csa.check import outside

del check.RULES["CSA801"]
outside.find_breaks = lambda scripts, release, stopped: [[] for _ in scripts]
cli.main(["check"])
"""
"""The same command without the rule on the SDK."""

Seconds = Callable[..., list[float]]


def check_ratios(template: Path, work: Path, commands: Path, seconds: Seconds) -> list[float]:
    """Return the time of a check against one without the SDK, for one package and for 60.

    The SDK's environment is there. `commands` is the folder of csa, `seconds` returns the least
    time of each of some actions.
    """
    ratios = []
    for packages in (1, 60):
        root = work / f"check-{packages}"
        add_packages(root, template, "v1.0.0", packages)
        init(root)

        def run(*command: str | Path, root: Path = root) -> None:
            subprocess.run(command, cwd=root, check=True, capture_output=True)

        def check(run: Callable[..., None] = run) -> None:
            run(commands / "csa", "check", "--require-sdk")

        def without(run: Callable[..., None] = run) -> None:
            run(sys.executable, "-c", WITHOUT_SDK)

        check()
        whole, part = seconds(check, without, rounds=5 if packages == 1 else 2)
        ratios.append(whole / part)
    return ratios
