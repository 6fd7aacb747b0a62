"""What strangers' scripts do before and after adoption: they run with fakes, in a sandbox."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pathspec

from tests.support.commands import tree
from tests.support.forks import Forks

FAKES = Path(__file__).parent / "fakes"
SECONDS = 20
"""After so long a run is ended, with code 137."""

MOST = 10
"""Command lines that are tried of one script."""

DATA = {
    "data.csv": "name,id,email\nfirst,1,a@example.com\n",
    "data.ini": "[DEFAULT]\nname = first\nid = 1\n",
    "data.json": '{"name": "first", "id": 1}\n',
    "data/data.csv": "name,id\n",
}
"""What is in the folder that a run begins in."""


@dataclass(frozen=True)
class Result:
    """What a run did: what it said, how it ended, the files it made or changed, and its calls."""

    stdout: str
    stderr: str
    code: int
    files: dict[str, bytes]
    calls: list[str]


def sandboxed(place: Path, cwd: Path) -> list[str]:
    """Return what goes before a command: no network, and only `place` can be written."""
    script = (
        'mount --bind "$0" "$0" && mount --rbind /dev/shm /dev/shm && mount -o remount,bind,ro /'
        ' && mount -o remount,bind,ro /dev/shm && cd "$1" && shift &&'
        ' exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"'
    )
    return [
        *("unshare", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child"),
        *("--mount-proc", "sh", "-c", script, str(place), str(cwd)),
    ]


@cache
def fakes(python: Path, place: Path, *modules: str) -> Forks:
    """Return a Python that has the fakes, in a sandbox: forks get them, but not what it imports."""
    env = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(FAKES),
        "STANDINS_ONLY_FOR": "/nothing",
    }
    return Forks(python, *modules, before=sandboxed(place, place), place=place, env=env)


def differences(
    old: Path, new: Path, python: Path, place: Path
) -> tuple[int, list[dict[str, Any]]]:
    """Run a script's folder as it was and the package that it became; `new` has the package's name.

    Returns the number of pairs of runs, and what differed: `how` is folder, where main.py runs in its
    folder, or image, where -m runs it as a container does, with the files that go into the image.
    All happens below `place`.
    """
    source = (old / "main.py").read_text(errors="replace")
    names = re.findall(r"""(?:environ(?:\.get)?|getenv)[\[(]\s*["'](\w+)""", source)
    variables = dict.fromkeys(names, "made-up")
    with tempfile.TemporaryDirectory(dir=place) as work:
        found, count = [], 0
        runner = Runner(fakes(python, place), old, new, Path(work))
        for args in runner.command_lines(variables):
            for how in ("folder", "image"):
                run = partial(runner.run, how=how, args=args, env=variables if args else {})
                before, after = run(is_new=False), run(is_new=True)
                count += 1
                if before != after:
                    again = run(is_new=False)
                    if before != again:  # it has times, chance or threads in it
                        before, after, again = map(_masked, (before, after, again))
                        if before != again:
                            continue
                if before != after:
                    found.append({"how": how, "args": args, **_shown(before, after)})
        return count, found


@dataclass(frozen=True)
class Runner:
    """Runs copies of a script's folder and of its package, each in a place of its own below `work`."""

    server: Forks
    old: Path
    new: Path
    work: Path

    def command_lines(self, env: dict[str, str]) -> list[list[str]]:
        """Return none, help, and what can be made up."""
        file = self.work / "command-lines.json"
        self.run([], {**env, "COMMAND_LINES": str(file)}, "folder", is_new=False)
        made_up = json.loads(file.read_text()) if file.exists() else []
        lines = [[], ["--help"], *made_up]
        return [args for number, args in enumerate(lines) if args not in lines[:number]][:MOST]

    def run(self, args: list[str], env: dict[str, str], how: str, *, is_new: bool) -> Result:
        place = Path(tempfile.mkdtemp(dir=self.work))
        above, name = place / "app", self.new.name
        copy = above / name
        dockerfile = (self.new / "Dockerfile").read_text()
        begins_inside = how == "folder" or re.search(
            rf"^WORKDIR .*/{name}$", dockerfile, re.MULTILINE
        )
        cwd = copy if begins_inside else above
        command = [str(copy / "main.py")]
        if is_new and how == "image":
            command = ["-m", f"{name}.main"]
            _copy_into_image(self.new, copy)
        else:
            shutil.copytree(self.old, copy, symlinks=True)
            if is_new:
                _overwrite_modules(self.new, copy)
        (cwd / "data").mkdir(exist_ok=True)
        for path, content in DATA.items():
            (cwd / path).write_text(content)
        inputs = tree(cwd)
        log = place / "calls.log"
        log.touch()
        given = {
            "PATH": os.defpath,
            "HOME": str(place),
            "TMPDIR": str(place),
            "LANG": "C.UTF-8",
            "COLUMNS": "250",  # click wraps what it says of how it was called
            "PYTHONPATH": str(above),
            "CALL_LOG": str(log),
            **env,
        }
        done = self.server.run([*command, *args], cwd, given, SECONDS)
        stdout, stderr, calls = (
            text.replace(str(place), "<place>").replace(f"python -m {name}.main", "main.py")
            for text in (done.stdout, done.stderr, log.read_text(errors="replace"))
        )
        files = {path: file for path, file in tree(cwd).items() if inputs.get(path) != file}
        shutil.rmtree(place)
        return Result(
            stdout, _without_traceback(stderr), done.returncode, files, calls.splitlines()
        )


def _copy_into_image(package: Path, copy: Path) -> None:
    lines = (package / ".dockerignore").read_text().splitlines()
    ignored = pathspec.GitIgnoreSpec.from_lines(lines)
    shutil.copytree(package, copy, symlinks=True)
    for path in list(copy.rglob("*")):
        if path.is_file() and ignored.match_file(path.relative_to(copy)):
            path.unlink()


def _overwrite_modules(package: Path, copy: Path) -> None:
    """Change what adoption changed, without the other files of a package: a script may list them."""
    for path in package.rglob("*.py"):
        module = copy / path.relative_to(package)
        if module.is_file() or path == package / "__init__.py":
            shutil.copyfile(path, module)


def _without_traceback(stderr: str) -> str:
    """Return what a run said, of a traceback only what was raised: all else names lines."""
    text = re.sub(r"^Traceback .*\n(?:[ \t].*\n|\n)*", "", stderr, flags=re.MULTILINE)
    return re.sub(r"\.py:\d+|\bline \d+", "<line>", text)


def _masked(result: Result) -> Result:
    """Return a result without times, numbers and the order of threads."""

    def mask(text: str) -> str:
        return re.sub(r"\b[0-9a-f]{8,}\b|\d+", "0", text)

    files = {mask(path): b"" for path in result.files}
    calls = sorted(map(mask, result.calls))
    return Result(mask(result.stdout), mask(result.stderr), result.code, files, calls)


def _shown(before: Result, after: Result) -> dict[str, Any]:
    """Return the first line of each part that differs, before and after."""
    parts = {}
    for part in ("code", "stdout", "stderr", "calls", "files"):
        old, new = getattr(before, part), getattr(after, part)
        if old != new:
            lines = [
                value.splitlines() if isinstance(value, str)
                else sorted(value.items()) if isinstance(value, dict)
                else value if isinstance(value, list) else [value]
                for value in (old, new)
            ]  # fmt: skip
            at = next((n for n, (a, b) in enumerate(zip(*lines, strict=False)) if a != b),
                      min(map(len, lines)))  # fmt: skip
            parts[part] = [str(side[at])[:300] if at < len(side) else "" for side in lines]
    return parts
