"""What a .dockerignore of the template's lets into the image."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from .packages import is_test

_SPECIAL = frozenset(r"\*?[]()+{}|^$")
"""What means something in a pattern, or in the expression that Docker makes of one."""

_PART = re.compile(r"\\(?P<literal>.)|\[\^", re.DOTALL)


def lets_in(pattern: str, path: str) -> bool:
    """Tell whether a pattern of a .dockerignore is about a file."""
    names = path.split("/")
    ends = {0}
    for part in posixpath.normpath(pattern).lstrip("/").split("/"):
        if part == "**":
            ends = set(range(min(ends, default=len(names) + 1), len(names) + 1))
        else:
            like = _PART.sub(_as_fnmatch, part)
            ends = {at + 1 for at in ends if at < len(names) and fnmatchcase(names[at], like)}
    return len(names) in ends


def _as_fnmatch(found: re.Match[str]) -> str:
    letter = found["literal"]
    return "[!" if letter is None else f"[{letter}]" if letter in "*?[" else letter


def literal(name: str) -> str:
    """Return the pattern that is about a path alone; ? stands for what no line of the file can have."""
    text = "".join(
        f"\\{letter}" if letter in _SPECIAL else letter if letter.isprintable() else "?"
        for letter in name
    )
    return re.sub(r"\A | \Z", "?", text)


def allowed(dockerignore: str) -> list[str]:
    """Return the patterns of a .dockerignore that have a ! before them, without it."""
    lines = (line.strip() for line in dockerignore.splitlines())
    return [line[1:].strip() for line in lines if line.startswith("!")]


def may_change_image(path: str, dockerignore: str) -> bool:
    """Tell whether a change of a package's file may make another image.

    Tests and hidden files are not in it. Nor is, where the first pattern is *, what no pattern with
    a ! names, with the folders that it is in.
    """
    if path in ("Dockerfile", ".dockerignore"):
        return True
    if is_test(path) or any(part.startswith(".") for part in path.split("/")):
        return False
    lines = (line.strip() for line in dockerignore.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    places = [path, *map(str, PurePosixPath(path).parents)]
    return first != "*" or any(
        lets_in(pattern.rstrip("/"), place) for pattern in allowed(dockerignore) for place in places
    )
