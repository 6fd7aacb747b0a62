"""What a package tells csa in its pyproject.toml, below tool.csa."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import Failed
from .files import TooLarge, is_file, read_file

SETTINGS = "pyproject.toml"

LARGEST_SETTINGS = 100_000
"""Bytes of the largest file of settings that is read."""

LONGEST_LINE = 10_000
"""Characters of the longest line of TOML that is read: a key with thousands of dots takes long."""

EXAMPLES = {
    "ignore": 'write [tool.csa.ignore], and below it CSA502 = "why"',
    "keep": 'write [tool.csa.keep], and below it pyatlan_version = "why"',
}
"""The tables that there are, and how each is written."""

KEPT = ("pyatlan_version",)
"""The answers that a package can keep as they are."""


@dataclass(frozen=True)
class Settings:
    """Reasons, as they are written: of rules to ignore, by their ids, and of answers to keep as they
    are, by their names."""

    ignore: Mapping[str, Any] = field(default_factory=dict)
    keep: Mapping[str, Any] = field(default_factory=dict)


def parse_settings(content: bytes) -> Settings:
    """Return what a pyproject.toml tells csa; raise Failed with the reason where it cannot be read."""
    try:
        text = content.decode()  # as pip, which takes neither other encodings nor a byte order mark
        if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
            raise Failed(f"it has a line of more than {LONGEST_LINE} characters")
        table: Any = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise Failed(f"it is not TOML: {str(error)[:200]}") from error
    for name in ("tool", "csa"):
        table = table.get(name, {})
        if not isinstance(table, dict):
            raise Failed(EXAMPLES["ignore"])
    for name in table:
        if name not in EXAMPLES or not isinstance(table[name], dict):
            raise Failed(EXAMPLES.get(name, EXAMPLES["ignore"]))
    return Settings(**table)


def settings_of(folder: Path) -> Settings:
    """Return what a package tells csa; raise Failed or OSError where it cannot be read."""
    if not is_file(folder, SETTINGS):
        return Settings()
    try:
        return parse_settings(read_file(folder, SETTINGS, LARGEST_SETTINGS))
    except TooLarge:
        return Settings()
    except Failed as error:
        raise Failed(f"{SETTINGS} cannot be read: {error}") from error
