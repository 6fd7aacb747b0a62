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

DATA = "name,id,email\nfirst,1,a@example.com\n"


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
    folder, or image, where -m runs it in the folder above, with the files that go into the image.
    All happens below `place`.
    """
    source = (old / "main.py").read_text(errors="replace")
    names = re.findall(r"""(?:environ(?:\.get)?|getenv)[\[(]\s*["'](\w+)""", source)
    variables = dict.fromkeys(names, "made-up")
    with tempfile.TemporaryDirectory(dir=place) as work:
        found, count = [], 0
        runner = Runner(fakes(python, place), new.name, Path(work))
        for args in runner.command_lines(old, variables):
            for how in ("folder", "image"):
                runs = partial(runner.run, how=how, args=args, env=variables if args else {})
                before, after = runs(old), runs(new)
                count += 1
                if before != after:
                    again = runs(old)
                    if before != again:  # it has times, chance or threads in it
                        before, after, again = map(_masked, (before, after, again))
                        if before != again:
                            continue
                if before != after:
                    found.append({"how": how, "args": args, **_shown(before, after)})
        return count, found


@dataclass(frozen=True)
class Runner:
    """Runs copies of folders that have one name, each in a place of its own below `work`."""

    server: Forks
    name: str
    work: Path

    def command_lines(self, folder: Path, env: dict[str, str]) -> list[list[str]]:
        """Return none, help, and what can be made up."""
        file = self.work / "command-lines.json"
        self.run(folder, "folder", [], {**env, "COMMAND_LINES": str(file)})
        made_up = json.loads(file.read_text()) if file.exists() else []
        lines = [[], ["--help"], *made_up]
        return [args for number, args in enumerate(lines) if args not in lines[:number]][:MOST]

    def run(self, folder: Path, how: str, args: list[str], env: dict[str, str]) -> Result:
        place = Path(tempfile.mkdtemp(dir=self.work))
        above = place / "app"
        copy = above / self.name
        shutil.copytree(folder, copy, symlinks=True)
        cwd, command = copy, ["main.py"]
        if how == "image":
            cwd, command = above, [f"{self.name}/main.py"]
            if (copy / ".copier-answers.yml").is_file():
                _leave_out_of_image(copy)
                command = ["-m", f"{self.name}.main"]
        (cwd / "data.csv").write_text(DATA)
        inputs = tree(cwd)
        log = place / "calls.log"
        log.touch()
        given = {
            "PATH": os.defpath,
            "HOME": str(place),
            "TMPDIR": str(place),
            "LANG": "C.UTF-8",
            "COLUMNS": "80",
            "PYTHONPATH": str(above),
            "CALL_LOG": str(log),
            **env,
        }
        done = self.server.run([*command, *args], cwd, given, SECONDS)
        texts = [
            text.replace(str(place), "<place>")
            for text in (done.stdout, done.stderr, log.read_text(errors="replace"))
        ]
        files = {
            path: content for path, content in tree(cwd).items() if inputs.get(path) != content
        }
        shutil.rmtree(place)
        return Result(
            texts[0], _without_traceback(texts[1]), done.returncode, files, texts[2].splitlines()
        )


def _leave_out_of_image(package: Path) -> None:
    lines = (package / ".dockerignore").read_text().splitlines()
    ignored = pathspec.GitIgnoreSpec.from_lines(lines)
    for path in list(package.rglob("*")):
        if path.is_file() and ignored.match_file(path.relative_to(package)):
            path.unlink()


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
