"""Scripts that are refactored, and what they do when they run in this process."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from textwrap import dedent
from typing import Any

import pytest
from csa.refactor import refactor


def refactored(source: str) -> str:
    """Refactor a script of which nothing is to be noted."""
    result = refactor(dedent(source).encode())
    assert result.notes == []
    return result.source.decode()


def note_of(source: str) -> tuple[int, str]:
    """Refactor a script that has to stay as it is; return its one note."""
    old = dedent(source).encode()
    result = refactor(old)
    assert result.source == old
    [note] = result.notes
    return note.line, note.text


def execute(source: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[str, object, list[Any]]:
    """Run a script; return what it printed, how it ended, and its calls of a third party."""
    calls: list[Any] = []

    def seen(name: str, value: object) -> object:
        calls.append((name, value))
        return contextlib.nullcontext(value)

    helpers = type(sys)("helpers")
    helpers.seen = seen  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "helpers", helpers)
    monkeypatch.setattr(sys, "argv", ["main.py", "--n", "2"])
    printed = io.StringIO()
    ended: object = None
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            exec(compile(source, "main.py", "exec"), {"__name__": "__main__"})  # noqa: S102
        except SystemExit as error:
            ended = error.code
        except NameError:  # UnboundLocalError is one, with another text
            ended = NameError
        except Exception as error:  # noqa: BLE001
            ended = f"{type(error).__name__}: {error}"
    text = re.sub(r"0x[0-9a-f]+", "0x", printed.getvalue())
    return text, ended, [re.sub(r"0x[0-9a-f]+", "0x", repr(call)) for call in calls]
