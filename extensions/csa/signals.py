"""Signals that ask a program to stop, such as Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


def stop_signals() -> set[signal.Signals]:
    """Return Ctrl-C and what a closed terminal or a CI that gives up sends, but for those ignored.

    Under nohup, for one, SIGHUP is.
    """
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    return {one for one in signals if signal.getsignal(one) is not signal.SIG_IGN}


@contextmanager
def deferred_signals() -> Iterator[list[int]]:
    """Note signals to stop in the list, instead of raising them. For the main thread alone.

    One that is inside another notes them in that one's list, too.
    """
    told: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _: told.append(number)) for one in stop_signals()
    }
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
            if one in told and callable(handler) and handler is not signal.default_int_handler:
                handler(one, None)


@contextmanager
def blocked(*signals: signal.Signals) -> Iterator[None]:
    """Let signals wait, also those for processes that are started meanwhile."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
