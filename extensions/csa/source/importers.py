"""What the other files of a repository take from a script."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import Failed
from ..files import read_text
from ..git import run_git
from ..packages import read_python
from .script_text import imported_files, taken_from_main, taken_from_running, taken_in_commands


def watcher_of(folder: Path, top: Path, main: bytes) -> str | None:
    """Return the path below the top of a file that the script imports and that gets at the variables of
    whatever script runs; None if there is none."""
    for path, source in sorted(imported_files(folder, top, [main]).items()):
        if path != folder / "main.py" and "*" in taken_from_running(source):
            return path.relative_to(top).as_posix()
    return None


def taken_by_others(folder: Path, top: Path, sources: Mapping[str, bytes]) -> set[str]:
    """Return the names that other files take from main.py in a folder, * for all.

    Those are the other files of the folder, of which `sources` are the Python files, those of the
    repository that have its name in them, and what the script imports.
    """
    listed = ("grep", "--untracked", "-I", "-l", "-z", "-F", "-e", folder.name)
    named = {
        os.fsdecode(path) for path in run_git(top, *listed, ok=(0, 1)).stdout.split(b"\0") if path
    }
    below = folder.relative_to(top).as_posix()
    paths = {path for path in named if path.endswith(".py") and not path.startswith(f"{below}/")}
    paths |= {f"{below}/{path}" for path in sources}
    paths.discard(f"{below}/main.py")
    taken = [taken_from_main(source) for source in read_python(top, sorted(paths)).values()]
    for path in (path for path in named if not path.endswith(".py")):
        with suppress(Failed):
            taken.append(taken_in_commands(read_text(top, path)))
    imported = imported_files(folder, top, sources.values())
    imported.pop(folder / "main.py", None)
    taken += [taken_from_running(source) for source in imported.values()]
    return set().union(*taken)
