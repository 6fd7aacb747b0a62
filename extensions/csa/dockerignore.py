"""What a .dockerignore of the template's lets into the image."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from .packages import is_test


def lets_in(pattern: str, path: str) -> bool:
    """Tell whether a pattern of a .dockerignore is about a file."""
    if pattern.startswith("**/"):
        return fnmatchcase(path, pattern[3:]) or fnmatchcase(path, f"*/{pattern[3:]}")
    return fnmatchcase(path, pattern)


def allowed(dockerignore: str) -> list[str]:
    """Return the patterns of a .dockerignore that have a ! before them, without it."""
    return [line[1:] for line in dockerignore.splitlines() if line.startswith("!")]


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
