"""The lines of a repository that run a script as a file, as `python scripts/x/main.py` does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import Failed
from ..files import read_text
from ..git import run_git

ABOVE = 3
"""Lines above one in which a list may have the program, or a step its folder."""

_PROGRAM = re.compile(r"(?i)python|\bexec\(|\brunpy\b|\brun_path\(|sys\.executable|\buv run\b")
_MAIN = re.compile(r"(?<![\w./-])(\./)?main\.py(?![\w-])")


def lines_that_run(top: Path, before: str) -> Iterator[tuple[str, int]]:
    """Yield where files run the main.py of the folder `before`, by path below the top and line.

    Its own Python files are left out: they say how it was run.
    """
    parent, _, name = before.rpartition("/")
    beside = re.escape(f"{os.path.basename(parent)}/") if parent else ""
    folder = re.compile(rf"(?<![\w.-]){beside}([\w.-]+)")
    whole = re.compile(rf"(?<![\w.-]){re.escape(name)}/main\.py(?![\w-])")
    listed = ("grep", "--untracked", "-I", "-l", "-z", "-F", "-e", "main.py")
    for path in filter(None, run_git(top, *listed, ok=(0, 1)).stdout.split(b"\0")):
        file = os.fsdecode(path)
        is_inside = file.startswith(f"{before}/")
        if is_inside and file.endswith(".py"):
            continue
        with suppress(Failed):
            lines = read_text(top, file).split("\n")
            for number in (at for at, line in enumerate(lines, 1) if "main.py" in line):
                line = lines[number - 1]
                context = "\n".join(lines[max(0, number - 1 - ABOVE) : number])
                # Of several folders beside this one, the last that is named is where it runs.
                there = [found for found in folder.findall(context) if parent or found == name]
                own = is_inside or there[-1:] == [name]
                if _PROGRAM.search(context) and (
                    whole.search(line) or (own and _MAIN.search(line))
                ):
                    yield file, number
