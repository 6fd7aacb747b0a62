"""Reads YAML that other people wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import yaml

T = TypeVar("T")


class NotYaml(ValueError):
    """A text is not YAML. The message says so, and where, as far as one can tell."""


def parse_yaml(text: str | bytes, read: Callable[[str | bytes], T] = yaml.safe_load) -> T:
    """Return what a function of PyYAML makes of a text.

    Raises NotYaml, also for what PyYAML lets through: the errors of its constructors, of tags such
    as `!!timestamp a`, and that of brackets too deep for Python's stack.
    """
    try:
        return read(text)
    except (
        yaml.YAMLError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        mark = getattr(error, "problem_mark", None)
        raise NotYaml(f"not YAML{f': see its line {mark.line + 1}' if mark else ''}") from error
