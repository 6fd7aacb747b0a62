"""Nodes of YAML, as PyYAML composes them: an alias is the node of its anchor once more."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import yaml

BRACES = re.compile(r"\{\{((?!\{\{|\}\}).)*\}\}", re.DOTALL)
"""What Argo fills in."""

SAID = {"annotations", "description", "labels"}
"""The keys of what is for people to read."""


def walk(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Yield a node and all below it; one that aliases repeat, each time."""
    if node is None:
        return
    yield node
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from walk(item)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from walk(key)
            yield from walk(value)


def scalars(node: yaml.Node, key: str = "") -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Yield the scalars that are values or items, each with the key that it is below.

    Of what is below one of SAID, that is the key.
    """
    if isinstance(node, yaml.ScalarNode):
        yield key, node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from scalars(item, key)
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from scalars(value, key if key in SAID else str(name.value))


def entry(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """Return the value that a mapping has for a key, its own or one that `<<` merges into it."""
    if not isinstance(node, yaml.MappingNode):
        return None
    merged: list[yaml.Node] = []
    for name, value in node.value:
        if is_merge(name):
            merged += items(value) or [value]
        elif isinstance(name, yaml.ScalarNode) and name.value == key:
            return value  # type: ignore[no-any-return]
    return next((found for other in merged if (found := entry(other, key)) is not None), None)


def is_merge(key: yaml.Node) -> bool:
    """Tell whether a mapping's key is the `<<` that merges others into it."""
    return bool(key.tag == "tag:yaml.org,2002:merge")


def items(node: yaml.Node | None) -> list[yaml.Node]:
    """Return what a list has, nothing for other nodes."""
    return node.value if isinstance(node, yaml.SequenceNode) else []


def text_of(node: yaml.Node | None, key: str) -> str:
    """Return the text that a mapping has for a key, or an empty one."""
    value = entry(node, key)
    known = isinstance(value, yaml.ScalarNode) and value.tag != "tag:yaml.org,2002:null"
    return str(value.value) if known and value is not None else ""


def path_of(node: yaml.Node | None, key: str) -> str:
    """Return the path that a mapping has for a key, as equal ones are written alike, or ""."""
    return as_path(text_of(node, key))


def as_path(text: str) -> str:
    """Return a path as equal ones are written alike, "" for an empty one."""
    return re.sub("/+", "/", posixpath.normpath(tight(text))) if text else ""


def tight(text: str) -> str:
    """Return a text without spaces at the braces of {{ }}."""
    return BRACES.sub(lambda braces: f"{{{{{braces[0][2:-2].strip()}}}}}", text)


def words_of(container: yaml.Node | None) -> list[yaml.ScalarNode]:
    """Return the words of the command that a container runs."""
    words = [*items(entry(container, "command")), *items(entry(container, "args"))]
    return [word for word in words if isinstance(word, yaml.ScalarNode)]


def is_flow(node: yaml.Node) -> bool:
    """Tell whether a collection stands in brackets."""
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
