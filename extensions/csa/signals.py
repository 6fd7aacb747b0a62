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
    return {number for number in signals if signal.getsignal(number) is not signal.SIG_IGN}


@contextmanager
def deferred_signals() -> Iterator[list[int]]:
    """Note signals to stop in the list, instead of raising them. For the main thread alone.

    One that is inside another notes them in that one's list, too.
    """
    told: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: told.append(number))
        for number in stop_signals()
    }
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
            if number in told and callable(handler) and handler is not signal.default_int_handler:
                handler(number, None)


@contextmanager
def blocked(*signals: signal.Signals) -> Iterator[None]:
    """Let signals wait, also those for processes that are started meanwhile."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
