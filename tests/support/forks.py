"""Runs of a Python that has imported what takes seconds: each is a fork of one process.

As a script, with the modules to import, this is that process. It reads commands from its stdin, one
in a line, and answers each with its exit code.
"""

from __future__ import annotations

import gc
import importlib
import json
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path


class Forks:
    """A Python that has imported some modules, to run a script, `-m module` or `-c code` with.

    Else a run is as any other: in a process, a folder and an environment of its own. Pools of
    processes that it makes are of forks, too.

    With `before` in front of its command, the Python is in a sandbox, of which `place` can be
    written.
    """

    def __init__(
        self,
        python: Path,
        *modules: str,
        before: Sequence[str] = (),
        place: Path | None = None,
        env: Mapping[str, str] | None = None,
    ):
        self.place = place
        self.server = subprocess.Popen(
            [*before, python, __file__, *modules],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: list[str], cwd: Path, env: Mapping[str, str], timeout: int = 600
    ) -> subprocess.CompletedProcess[str]:
        """Run and return the same as `subprocess.run`, with stdout and stderr as text.

        After `timeout` seconds SIGALRM ends the run.
        """
        assert self.server.stdin and self.server.stdout
        with tempfile.TemporaryDirectory(dir=self.place) as work:
            said = [Path(work, name) for name in ("stdout", "stderr")]
            command = [arguments, str(cwd), dict(env), list(map(str, said)), timeout]
            self.server.stdin.write(json.dumps(command) + "\n")
            self.server.stdin.flush()
            code = int(self.server.stdout.readline())
            texts = [one.read_text(errors="backslashreplace") for one in said]
            return subprocess.CompletedProcess(arguments, code, *texts)


def _serve() -> list[str]:
    """Return in each fork, with its arguments and once all else is as they ask for."""
    for module in sys.argv[1:]:
        importlib.import_module(module)
    forks = multiprocessing.get_context("fork")
    setattr(multiprocessing, "get_context", lambda method: forks)  # noqa: B010  # for mypy
    gc.freeze()
    while line := sys.stdin.readline():
        arguments, cwd, env, said, timeout = json.loads(line)
        if pid := os.fork():
            _, status = os.waitpid(pid, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream, path in enumerate(said, 1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
        sys.stdin = open(0)  # noqa: SIM115  # for as long as this runs
        signal.alarm(timeout)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        sys.path[1:1] = filter(None, env.get("PYTHONPATH", "").split(os.pathsep))
        return list(arguments)
    sys.exit()


if __name__ == "__main__":
    sys.argv = _serve()
    match sys.argv:
        case ["-m", module, *_]:
            sys.path[0] = os.getcwd()
            del sys.argv[0]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case ["-c", code, *_]:
            sys.path[0] = ""
            del sys.argv[1]
            exec(code)  # noqa: S102  # as `python -c` does
        case [script, *_]:
            sys.path[0] = os.path.dirname(script)
            runpy.run_path(script, run_name="__main__")
