"""Reads YAML that other people wrote."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import yaml

T = TypeVar("T")

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where PyYAML comes with it: ten times as fast."""

DEEPEST = 100
"""Collections in each other."""

MOST_REPEATED = 2_000_000
"""Characters that aliases may repeat altogether."""

_NODE = 20
"""Characters that a node counts for, besides its own."""

_LONG_NUMBER = re.compile(r"[-+\d_:.]{1000}")
"""What takes long to calculate, such as 1:1:1… to the base of 60."""


class NotYaml(ValueError):
    """A text is not YAML that csa reads. The message says so, and where, as far as one can tell."""


def load_yaml(text: str | bytes) -> Any:
    """Return what a text says; raise as parse_yaml."""
    return parse_yaml(text, partial(yaml.load, Loader=Loader))


def parse_yaml(text: str | bytes, read: Callable[[str | bytes], T]) -> T:
    """Return what a function of PyYAML makes of a text.

    Raises NotYaml, also for what PyYAML lets through: the errors of its constructors, of tags such
    as `!!timestamp a`; and for what would take very long: deep nesting, and aliases that repeat
    very much.
    """
    try:
        _refuse_expensive(text)
        return read(text)
    except NotYaml:
        raise
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


def _refuse_expensive(text: str | bytes) -> None:
    """Raise NotYaml for a text that is small and means much; nothing is constructed for it."""
    sizes: dict[str | None, int] = {}  # by anchor, with what aliases repeat
    open_nodes: list[tuple[str | None, int]] = []  # anchors of collections, and sizes before them
    size = repeated = 0
    for event in yaml.parse(text, Loader=Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in open_nodes):
                raise NotYaml(f"YAML that contains itself: see its line {line}")
            again = sizes.get(event.anchor, 0)  # an unknown one is for the reader to refuse
            size += again
            repeated += again
            if repeated > MOST_REPEATED:
                raise NotYaml(f"YAML whose aliases repeat too much: see its line {line}")
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, size))
            sizes.pop(event.anchor, None)
            size += _NODE
            if len(open_nodes) > DEEPEST:
                raise NotYaml(f"YAML that is nested too deeply: see its line {line}")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor is not None:
                sizes[anchor] = size - before
        elif isinstance(event, yaml.ScalarEvent):
            size += _NODE + len(event.value)
            if event.anchor is not None:
                sizes[event.anchor] = _NODE + len(event.value)
            if event.implicit[0] and _LONG_NUMBER.match(event.value):
                raise NotYaml(f"YAML with a number of too many digits: see its line {line}")
        elif isinstance(event, yaml.DocumentStartEvent):
            sizes.clear()
