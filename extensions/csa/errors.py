"""The ways in which a command ends without having done what was asked, each one sentence."""

from __future__ import annotations


class Misuse(Exception):
    """The command line asks for what cannot be; nothing was done. Exit code 2."""


class Failed(Exception):
    """A package cannot be handled: it is as it was, unless the message says more. Exit code 1."""


class Unavailable(Failed):
    """Something outside, such as a package index, cannot be asked now."""


def failure_of(error: Exception) -> Failed:
    """Return what ended the work on one package, as a failure of that package alone."""
    if isinstance(error, Failed):
        return error
    if isinstance(error, (Misuse, OSError)):
        return Failed(str(error))
    return Failed(f"unexpected {type(error).__name__}: {error}")  # a defect of csa
