"""What it takes to take a legacy script in."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.legacy_runs import copy_case
from tests.support.monorepo import git, init

from .fleet import add_other_files

CSA = Path(sys.executable).with_name("csa")
SCRIPT = "quarterly-stewardship-report"
ROUNDS = 5


def adopt_ratio(template: Path, work: Path, copy: Callable[[], object]) -> float:
    """Return the time of an adoption in a monorepo against that of `copy`, least of each."""
    root = work / "legacy"
    copy_case(SCRIPT, root / "scripts" / SCRIPT)
    add_other_files(root)
    init(root)
    adopting, copying = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(
            [CSA, "adopt", f"scripts/{SCRIPT}", "--template", template],
            cwd=root, check=False, capture_output=True,
        )  # fmt: skip
        between = time.perf_counter()
        copy()
        adopting.append(between - start)
        copying.append(time.perf_counter() - between)
        if (root / "scripts" / SCRIPT).exists():
            raise RuntimeError(f"{SCRIPT} was not adopted")
        git(root, "reset", "--quiet", "--hard")
        git(root, "clean", "--quiet", "--force", "-d")
    return min(adopting) / min(copying)
