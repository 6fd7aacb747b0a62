"""What checking one package may take, whatever lies in it: rules alone cannot know that."""

from __future__ import annotations

import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import Failed

SECONDS = 10
"""Of the processor. A package with 3,000 lines of Python takes less than one."""

MEMORY = 400_000_000
"""Bytes, besides what csa has when the check begins. Only Linux can hold it."""


class _TakesTooLong(BaseException):
    """Raised where the time is up: no handler of exceptions goes on after it."""


@contextmanager
def limited() -> Iterator[None]:
    """Raise Failed where what is inside takes too much. For the main thread; nothing in others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise _TakesTooLong

    handler = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with _limited_memory():
            yield
    except _TakesTooLong:
        raise Failed(
            f"its check takes more than {SECONDS} seconds: make its files simpler"
        ) from None
    except MemoryError:
        raise Failed(
            f"its check needs more than {MEMORY // 1_000_000} MB: make its files simpler"
        ) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)


@contextmanager
def _limited_memory() -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    most = pages * resource.getpagesize() + MEMORY
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
