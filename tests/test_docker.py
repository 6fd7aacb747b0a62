"""The Docker of the tests ends with the process that started it, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.commands import ROOT, run
from tests.support.standins.docker import Docker

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("images")]

PROGRAM = """\
import sys
from pathlib import Path
from tests.support.standins.docker import start
with start(Path(sys.argv[1])) as docker:
    print("started", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cache(docker: Docker) -> Iterator[Path]:
    """A cache of its own, with the Debian that is there already."""
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:
        run("cp", "--archive", "--link", ROOT / ".cache" / "docker" / "rootfs", folder)
        yield Path(folder)


@pytest.mark.parametrize("number", [None, signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_leaves_nothing_and_can_be_started_again(
    cache: Path, number: signal.Signals | None
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, cache],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == b"started\n"
        processes = psutil.Process(program.pid).children(recursive=True)
        assert {"dockerd", "containerd"} <= {process.name() for process in processes}
        if number:
            program.send_signal(number)
        # Else its standard input ends with the block.
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert alive == []
    assert str(cache) not in Path("/proc/self/mountinfo").read_text()
