"""A page more in what mkdocs.yml lists: one line, everything else stays byte for byte identical."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import yaml


class Added(NamedTuple):
    """A text with a line more: its number, and what it says."""

    text: str
    line: int
    entry: str


def with_page(
    text: str, tree: yaml.Node | None, page: str, title: str, is_alike: Callable[[str], bool]
) -> Added | None:
    """Return mkdocs.yml with a page behind the last one that is like it, in the same form.

    None where there is none, or where it has no line of its own, and so nobody can tell where the
    new one belongs. `tree` is what PyYAML composes of the text.
    """
    alike = [(item, link) for item, link in _links(_value(tree, "nav")) if is_alike(link.value)]
    if not alike:
        return None
    item, link = alike[-1]
    lines = text.splitlines(keepends=True)
    number = link.end_mark.line
    before = re.fullmatch(r"( *- +)[^\r\n]*(\r?\n)", lines[number])
    if before is None or item.start_mark.line != number or item.start_mark.column != before.end(1):
        return None
    value = page if item is link else {title: page}
    entry = yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("...\n").strip()
    lines.insert(number + 1, f"{before[1]}{entry}{before[2]}")
    return Added("".join(lines), number + 2, f"- {entry}")


def _links(items: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.ScalarNode]]:
    """Yield the links at any depth of lists with an item in each line, and the item of each."""
    if isinstance(items, yaml.SequenceNode) and not items.flow_style:
        for item in items.value:
            link = item
            if isinstance(item, yaml.MappingNode) and len(item.value) == 1:
                [(_, link)] = item.value
            if isinstance(link, yaml.ScalarNode):
                yield item, link
            else:
                yield from _links(link)


def _value(tree: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(tree, yaml.MappingNode):
        return None
    return next((value for name, value in tree.value if name.value == key), None)
