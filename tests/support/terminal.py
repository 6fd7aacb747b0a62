"""A terminal in which a command runs, as its user sees it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Self

import pexpect
import pyte
from rich.text import Text

PATIENCE = 60
"""Seconds to wait for something to be shown."""


class _Screen(pyte.Screen):
    """A screen that answers what programs ask of a terminal, such as where the cursor is."""

    child: pexpect.spawn[str]

    def write_process_input(self, data: str) -> None:
        self.child.send(data)


class Terminal:
    """A command on a terminal of 80 columns, with as many lines as it needs."""

    def __init__(self, *command: str | Path, cwd: Path, env: Mapping[str, str]):
        program, *arguments = map(str, command)
        self._screen = _Screen(80, 200)
        self._stream = pyte.Stream(self._screen)
        self._child = pexpect.spawn(
            program, arguments, cwd=str(cwd), env={**os.environ, **env, "TERM": "xterm-256color"},
            dimensions=(200, 80), encoding="utf-8", timeout=PATIENCE,
        )  # fmt: skip
        self._screen.child = self._child

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    def wait_for(self, text: str) -> None:
        """Wait until a text is shown; raises pexpect's errors when it is not, or the command ends."""
        while not any(text in line for line in self._screen.display):
            self._stream.feed(self._child.read_nonblocking(10_000, PATIENCE))

    def press(self, keys: str) -> None:
        self._child.send(keys)

    def end(self) -> list[Text]:
        """Wait for the command's end; return the lines that were shown, with their colours."""
        try:
            while True:
                self._stream.feed(self._child.read_nonblocking(10_000, PATIENCE))
        except pexpect.EOF:
            return [self._line(number) for number in range(self._screen.cursor.y + 1)]

    def _line(self, number: int) -> Text:
        cells = (self._screen.buffer[number][column] for column in range(self._screen.columns))
        line = Text()
        for style, alike in groupby(cells, _style):
            line.append("".join(cell.data for cell in alike), style)
        line.rstrip()
        return line


def _style(cell: pyte.screens.Char) -> str:
    colour = {"default": "", "brown": "yellow"}.get(cell.fg, cell.fg)
    if re.fullmatch("[0-9a-f]{6}", colour):
        colour = f"#{colour}"
    return f"{'bold ' if cell.bold else ''}{colour}".strip()
