"""Changes of a Python file by exact ranges of its text: everything else stays byte for byte."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from .syntax import NotPython, nodes_of, parse

_SPACE = {tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}


@dataclass(frozen=True, order=True)
class Edit:
    """A range of a text's characters, and what takes its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, order=True)
class ChangedLines:
    """Lines that were changed: the file, the first of them as it is now, and what they were and
    are, without indentation."""

    path: str
    line: int
    before: str
    after: str


@dataclass(frozen=True)
class Token:
    """A token of Python source and the characters that it has; `kind` is tokenize's number."""

    kind: int
    text: str
    start: int
    end: int

    @property
    def is_space(self) -> bool:
        """Whether it is a comment, an end of a line or an indentation."""
        return self.kind in _SPACE


class PythonText:
    """A Python file: its text, its syntax tree, and where in the text a node is.

    Raises NotPython where it cannot be read, or could not be written as it was.
    """

    def __init__(self, source: bytes):
        self.tree = parse(source)
        try:
            self.encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            self.text = source.decode(self.encoding)
            same = self.text.encode(self.encoding) == source
        except (LookupError, SyntaxError, UnicodeError) as error:  # the parser knows more codecs
            raise NotPython(1, f"its encoding cannot be written: {error}") from error
        if not same:
            raise NotPython(1, f"its encoding, {self.encoding}, cannot be written as it was")
        self._lines = line_starts(self.text)

    def encoded(self, text: str) -> bytes:
        """Return another text in the encoding of this file."""
        return text.encode(self.encoding)

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """All nodes of its syntax tree."""
        return nodes_of(self.tree)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node around each node."""
        return {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}

    @cached_property
    def tokens(self) -> list[Token]:
        """All tokens in order, none where they cannot be told."""
        lines = io.StringIO(self.text, newline="").readline
        try:
            return [
                Token(found.type, found.string, self.offset(*found.start), self.offset(*found.end))
                for found in tokenize.generate_tokens(lines)
                if found.type != tokenize.ENDMARKER
            ]
        except (tokenize.TokenError, SyntaxError):
            return []

    def offset(self, line: int, column: int) -> int:
        """Return how many characters are before a line, from 1, and a column, from 0.

        Behind the last line is the end: there are tokens, where no line end is.
        """
        start = self._lines[line - 1] if line <= len(self._lines) else len(self.text)
        return min(start + column, len(self.text))

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line, from 1, and the column, from 0, of a character."""
        return place_in(self._lines, offset)

    def line(self, number: int) -> str:
        """Return a line, from 1, without its end."""
        end = self._lines[number] if number < len(self._lines) else len(self.text)
        return self.text[self._lines[number - 1] : end].rstrip("\r\n")

    @property
    def newline(self) -> str:
        """What ends its first line."""
        found = re.search(r"\r\n|\r|\n", self.text)
        return found[0] if found else "\n"

    def lines_of(self, statement: ast.stmt) -> tuple[int, int] | None:
        """Return the range of the lines that a statement has for itself, None where something else
        is on them, such as a comment."""
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        start, end = self.span(statement)
        after = self._lines[last] if last < len(self._lines) else len(self.text)
        lines = self.offset(first, 0), after
        around = self.text[lines[0] : start] + self.text[end:after]
        return None if around.strip() else lines

    def span(self, node: ast.expr | ast.stmt | ast.alias) -> tuple[int, int]:
        """Return the first character of a node and the one after its last."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self._of_bytes(node.lineno, node.col_offset)
        return start, self._of_bytes(node.end_lineno, node.end_col_offset)

    def source(self, node: ast.expr) -> str:
        """Return the text of an expression."""
        return self.text[slice(*self.span(node))]

    def has(self, node: ast.expr) -> bool:
        """Tell whether an expression is where its span says: Python 3.11 does not know it of those
        in f-strings."""
        start, end = self.span(node)
        try:
            found = ast.parse(f"({self.text[start:end]}\n)", mode="eval").body
        except (SyntaxError, ValueError):
            return False
        return ast.dump(found) == ast.dump(node)

    def tokens_of(self, start: int, end: int) -> Sequence[Token]:
        """Return the tokens in a range of characters."""
        return [token for token in self.tokens if start <= token.start and token.end <= end]

    def _of_bytes(self, line: int, column: int) -> int:
        before = self.line(line).encode()[:column]
        return self.offset(line, len(before.decode(errors="replace")))


class Edited:
    """A text after some edits, which do not overlap, and where its characters were before."""

    def __init__(self, text: str, edits: Iterable[Edit]):
        self._parts: list[tuple[int, int, int]] = []  # what stays: old start, new start, length
        self._replaced: dict[int, int] = {}  # by new start: old start
        self.starts: dict[Edit, int] = {}
        """The first new character of each edit."""
        parts, at, length = [], 0, 0
        for edit in sorted(edits):
            if edit.start < at:
                raise ValueError("edits overlap")
            self._parts.append((at, length, edit.start - at))
            length += edit.start - at
            parts += [text[at : edit.start], edit.text]
            self.starts[edit] = length
            if edit.end > edit.start:
                self._replaced[length] = edit.start
            at, length = edit.end, length + len(edit.text)
        self._parts.append((at, length, len(text) - at + 1))
        self.text = "".join([*parts, text[at:]])

    def before(self, offset: int) -> int | None:
        """Return where a character was before, None if it is a new one; the first of a range is
        that of what took its place."""
        for old, new, length in self._parts:
            if new <= offset < new + length:
                return old + offset - new
        return self._replaced.get(offset)

    def range(self, start: int, end: int) -> tuple[int, int]:
        """Return where a range of the old text is, with the edits in it and at its begin."""
        inserted = sum(len(edit.text) for edit in self.starts if edit.start == edit.end == start)
        return self.after(start) - inserted, self.after(end)

    def after(self, offset: int) -> int:
        """Return where a character is now; the place of one that is gone."""
        for old, new, length in reversed(self._parts):
            if old <= offset:
                return new + min(offset - old, max(length, 0))
        return offset


def changed_lines(path: str, text: PythonText, edited: Edited) -> list[ChangedLines]:
    """Return what edits changed in a file, lines that follow each other together."""
    ranges: list[tuple[int, int]] = []
    for edit in sorted(edited.starts):
        first, last = text.place(edit.start)[0], text.place(max(edit.start, edit.end - 1))[0]
        if ranges and first <= ranges[-1][1]:
            first, last = ranges[-1][0], max(last, ranges.pop()[1])
        ranges.append((first, last))
    found = []
    for first, last in ranges:
        start, end = text.offset(first, 0), text.offset(last, len(text.line(last)))
        new_start, new_end = edited.range(start, end)
        line, _ = place_in(line_starts(edited.text), new_start)
        before, after = text.text[start:end], edited.text[new_start:new_end]
        found.append(ChangedLines(path, line, _unindented(before), _unindented(after)))
    return found


def _unindented(text: str) -> str:
    return "\n".join(filter(None, map(str.strip, text.splitlines())))


def line_starts(text: str) -> list[int]:
    """Return the offset of the first character of each line, as Python counts lines."""
    return [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]


def place_in(starts: Sequence[int], offset: int) -> tuple[int, int]:
    """Return the line, from 1, and the column, from 0, of a character."""
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1]
