"""A process that is killed at the n-th thing that it does to the file system."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable


def killed_while(write: Callable[[], None], operation: int) -> bool:
    """Write in a process of its own that is killed before its n-th change to the file system.

    Returns False when it made fewer.
    """

    def die(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal operation
        if event in {
            "os.rename",
            "os.link",
            "os.remove",
            "os.mkdir",
            "os.rmdir",
            "os.chmod",
            "open",
        }:
            operation -= 1
            if operation == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def to_be_killed() -> None:
        os.fsync = lambda fd: None  # for a power cut, which is no kill
        sys.addaudithook(die)
        write()

    process = multiprocessing.get_context("fork").Process(target=to_be_killed)
    process.start()
    process.join()
    return process.exitcode == -signal.SIGKILL
