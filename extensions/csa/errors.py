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
        return Failed(sentence_of(error))
    return Failed(f"unexpected {type(error).__name__}: {error}")  # a defect of csa


def sentence_of(error: Exception) -> str:
    """Return what an error says: of one of the system its file and its reason, without its number."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
