"""What is recorded of HTTP, read below what it is wrapped in: escapes, URLs, base64, gzip."""

from __future__ import annotations

import html
import re
import zlib
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

DEPTH = 6
"""How many wrappings around each other are taken off."""

LARGEST = 5_000_000
"""Characters that are read of one request with its answer, with all that is unwrapped there."""

ESCAPE = re.compile(r"""\\(?:(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})|(["'\\/bfnrt]))""")
CONTROL = {"b": " ", "f": " ", "n": "\n", "r": "\r", "t": "\t"}
BASE64 = re.compile(r"(?<![\w+/-])(?:[\w+/-]{60,76}\r?\n)*[\w+/-]{12,}={0,2}(?![\w+/=-])", re.ASCII)
GZIP = b"\x1f\x8b\x08"
MARKUP = re.compile(r"<!\[CDATA\[|\]\]>|^(?:data:|(?:event|id|retry):[^\n]{0,999}\n)", re.MULTILINE)
"""What stands between the parts of one text in XML and in server-sent events."""


def layers(content: Any, left: int) -> Iterator[str]:
    """Yield a recorded value as text, then as what that is when more and more is unwrapped.

    `left` is how many characters may be read at most.
    """
    left = min(left, LARGEST)
    texts = [_written(content, left)]
    for _ in range(DEPTH):
        unwrapped: list[str] = []
        for text in texts:
            text = text[:left]
            left -= len(text)
            yield text
            unwrapped += _unwrapped(text, left)
        texts = unwrapped


def _written(content: Any, left: int) -> str:
    """Return a value of YAML or JSON as text in one form, whatever the file's was."""
    pieces: list[str] = []
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, _Piece):
            pieces.append(value)
        elif isinstance(value, dict):
            waiting.append(_Piece("}\n"))
            for key, item in reversed(value.items()):
                waiting += [_Piece(",\n"), item, _Piece(f'"{key}": ')]
            waiting.append(_Piece("{"))
        elif isinstance(value, list):
            waiting.append(_Piece("]\n"))
            for item in reversed(value):
                waiting += [_Piece(",\n"), item]
            waiting.append(_Piece("["))
        elif isinstance(value, bytes):
            texts = _read(value, left)
            left -= sum(map(len, texts))
            pieces += ['"', *map(_escaped, texts), '"']
        else:
            pieces += ['"', _escaped(str(value)), '"']
    return "".join(pieces)


class _Piece(str):
    """A part of what is written, as it is."""


def _escaped(text: str) -> str:
    return text.replace("\0", "").replace("\\", "\\\\").replace('"', '\\"')


def _read(data: bytes, left: int) -> list[str]:
    """Return bytes as text, and what is compressed in them, up to a number of characters."""
    texts = [_decoded(data)]
    places = [0, *(match.start() for match in re.finditer(re.escape(GZIP), data))]
    for place in places[:20]:
        for wbits in (47, -15):  # gzip or zlib; deflate without a header
            unpacker = zlib.decompressobj(wbits)
            try:
                plain = unpacker.decompress(data[place:], max(left, 1))
            except zlib.error:
                continue
            if plain and (wbits > 0 or unpacker.eof):
                texts.append(_decoded(plain))
                left -= len(plain)
    return texts


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")  # of UTF-16, letters and zeros, which are dropped


def _unwrapped(text: str, left: int) -> list[str]:
    """Return a text without one level of escapes, and what it has in base64."""
    plain = ESCAPE.sub(lambda m: chr(int(m[1][1:], 16)) if m[1] else CONTROL.get(m[2], m[2]), text)
    plain = MARKUP.sub("", html.unescape(unquote(plain)))
    texts = [plain] if plain != text else []
    decoded = []
    for match in BASE64.finditer(text):
        word = re.sub(r"[\s=]", "", match[0]).replace("-", "+").replace("_", "/")
        try:
            data = b64decode(word + "=" * (-len(word) % 4))
        except ValueError:
            continue
        if data.isascii() or data.startswith((GZIP, b"x", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb")):
            pieces = _read(data, left)
            left -= sum(map(len, pieces))
            decoded += [piece.replace("\0", "") for piece in pieces]
        else:
            try:
                decoded.append(data.decode())
            except UnicodeDecodeError:
                continue
    return [*texts, "\n".join(decoded)] if decoded else texts
