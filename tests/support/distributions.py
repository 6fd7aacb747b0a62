"""Rows of the table of distributions against the files of their newest releases.

`python -m tests.support.distributions NAME …` looks at the rows of these distributions, without names at
all of them; tests do so for some, the canary for all.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions

from csa.source.distributions import Row, table
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.commands import BIN, run

PYTHONS = ("3.11", "3.13")
"""What the base images have, and what their tags say."""

ROWS: dict[str, Row] = {Requirement(row.requirement).name: row for row in table().values()}
"""The rows by distribution."""


def absent(row: Row, distribution: Distribution) -> list[str]:
    """Return the modules of a row that are not among a distribution's files."""
    paths = [str(path) for path in distribution.files or ()]
    found = []
    for module in row.modules:
        path = module.replace(".", "/")
        if not any(one.startswith((f"{path}/", f"{path}.")) for one in paths):
            found.append(module)
    return found


def problems(names: Iterable[str]) -> list[str]:
    """Return what is wrong with the rows of distributions: no wheel, or other modules.

    The newest release in a row's range is installed for each Python, without what it requires.
    """
    rows = {name: ROWS[name] for name in names}
    found = []
    for python in PYTHONS:
        with tempfile.TemporaryDirectory() as folder:
            run(
                BIN / "uv", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:",
                "--python-version", python, "--target", folder,
                *(row.requirement for row in rows.values()),
            )  # fmt: skip
            installed = {
                str(canonicalize_name(one.name)): one for one in distributions(path=[folder])
            }
            for name, row in rows.items():
                if modules := absent(row, installed[name]):
                    found.append(f"{name} {installed[name].version} has no {', '.join(modules)}")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(problems(sys.argv[1:] or ROWS)) or None)
