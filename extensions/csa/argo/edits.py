"""Changes of a YAML text, after which everything else is byte for byte as it was.

YAML is read with its positions and changed as text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import yaml

from ..errors import Failed
from ..yaml_text import Loader, NotYaml, parse_yaml
from .nodes import is_flow, walk

_STRING = "tag:yaml.org,2002:str"
_COMMENT = re.compile("#[^\n\r\x85\u2028\u2029]*")
_BLANK_END = re.compile(r"[ \t]*\r?\n")
_HEADER = re.compile(r"[|>][-+\d]*[ \t]+(?=#)")
"""Of a block scalar, before a comment."""

Span = tuple[int, int]
Shape = object
"""What a node says, as nested tuples."""


@dataclass
class Edits:
    """What is to change in a text, and what its nodes say then.

    `edits` are start, end and what to put there. `dropped` are the nodes that go, `taken` where the
    text stood that is theirs. `replaced` has new texts of scalars, and `added` a new first entry of
    mappings, both by the node's id.
    """

    text: str
    documents: list[yaml.Node] = field(init=False)
    edits: set[tuple[int, int, str]] = field(default_factory=set)
    dropped: list[yaml.Node] = field(default_factory=list)
    taken: list[Span] = field(default_factory=list)
    replaced: dict[int, str] = field(default_factory=dict)
    added: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.documents = _compose(self.text)

    @cached_property
    def comments(self) -> list[Span]:
        """Where the comments of the text are."""
        return _comments(self.text)

    @cached_property
    def seen(self) -> Counter[int]:
        """How often each node occurs, with its aliases."""
        return Counter(id(node) for document in self.documents for node in walk(document))

    @property
    def gone(self) -> set[int]:
        """The ids of all nodes that go."""
        return {id(node) for root in self.dropped for node in walk(root)}

    def line(self, node: yaml.Node, part: str = "") -> int:
        """Return the line of a node, or of a part of its text, as git and editors count."""
        start, end = node.start_mark.index, node.end_mark.index
        return self._line_at(max(start, self.text.find(part, start, end)))

    def _line_at(self, index: int) -> int:
        return self.text.count("\n", 0, index) + 1

    # --- Changes -----------------------------------------------------------------------------

    def replace(self, node: yaml.Node, new: str) -> None:
        """Give a scalar another text, in the quotes that it has."""
        start, end = node.start_mark.index, self._end(node)
        quote = self._quote_at(start)
        # An empty value begins right behind its colon.
        self.edits.add((start, end, f"{quote}{new}{quote}" if start < end else f" {new}"))
        self.replaced[id(node)] = new

    def add_first(self, mapping: yaml.MappingNode, key: str, value: str) -> None:
        """Give a mapping a new first entry."""
        first = mapping.value[0][0].start_mark.index
        line, quote = _line_start(self.text, first), self._quote_at(first)
        before = self.text[line:first]
        end = self._line_end_at(max(0, line - 1))
        new = f"{quote}{key}{quote}: {quote}{value}{quote}{',' if is_flow(mapping) else ''}"
        if not before.strip():
            self.edits.add((line, line, f"{before}{new}{end}"))
        elif is_flow(mapping):
            self.edits.add((first, first, f"{new} "))
        else:  # what was first begins where it did
            self.edits.add((first, first, new + end + re.sub(r"\S", " ", before)))
        self.added[id(mapping)] = key, value

    def _line_end_at(self, index: int) -> str:
        """Return how the line ends that has this index."""
        crlf = self.text.endswith("\r\n", 0, _line_end(self.text, index))
        return "\r\n" if crlf else "\n"

    def _quote_at(self, index: int) -> str:
        mark = self.text[index : index + 1]
        return mark if mark in ("'", '"') else ""

    def drop_item(self, owners: list[tuple[yaml.Node, str]], item: yaml.Node) -> None:
        """Drop an item of a list, and the entries that it leaves empty.

        `owners` lead to the list, from the outside: each a mapping, and the key of the next one, or
        of the list.
        """
        parent = self._entry(*owners[-1])[1]
        assert isinstance(parent, yaml.SequenceNode)
        number = parent.value.index(item)
        own = self._own(parent, number)
        if len(parent.value) > 1:
            self.dropped.append(item)
            self._drop(parent, number, own)
            return
        while len(owners) > 1 and len(owners[-1][0].value) == 1:
            owners = owners[:-1]
        self.drop_entry(*owners[-1], own)

    def drop_entry(self, mapping: yaml.Node, key: str, own: Span | None = None) -> None:
        """Drop an entry of a mapping.

        Comments in it are kept, other than those in `own`: if not given, all of it.
        """
        entry = self._entry(mapping, key)
        number = mapping.value.index(entry)
        self.dropped += entry
        self._drop(mapping, number, own or self._own(mapping, number))

    def _entry(self, mapping: yaml.Node, key: str) -> tuple[yaml.Node, yaml.Node]:
        for name, value in mapping.value:
            if name.value == key:
                return name, value
        raise Failed(
            f"line {self.line(mapping)}: its {key} comes from a YAML merge: change it by hand"
        )

    def _spans(self, parent: yaml.Node) -> list[Span]:
        """Return where items or entries of a collection are, in block style with their dashes."""
        if isinstance(parent, yaml.MappingNode):
            spans = [(key.start_mark.index, self._end(value)) for key, value in parent.value]
        else:
            spans = [(item.start_mark.index, self._end(item)) for item in parent.value]
            if not is_flow(parent):
                spans = [(self._dash_before(start), end) for start, end in spans]
        bounds = [parent.start_mark.index, *(place for span in spans for place in span)]
        if bounds != sorted(bounds):
            raise Failed(f"line {self.line(parent)}: it has aliases: change it by hand")
        return spans

    def _dash_before(self, index: int) -> int:
        """Return where the dash of an item is, behind which there may be comments."""
        while True:
            while self.text[index - 1].isspace():
                index -= 1
            if index not in self._ends:
                return index - 1
            index = self._ends[index]

    @cached_property
    def _ends(self) -> dict[int, int]:
        """The beginnings of comments by their ends."""
        return {end: start for start, end in self.comments}

    def _end(self, node: yaml.Node) -> int:
        """Return where a node's text ends: PyYAML takes blank lines and comments behind it, too."""
        start, end = node.start_mark.index, node.end_mark.index
        while True:
            end = start + len(self.text[start:end].rstrip())
            if self._ends.get(end, -1) < start:
                return int(end)
            end = self._ends[end]

    def _own(self, parent: yaml.Node, number: int) -> Span:
        """Return the text that is an item's or entry's own: in block style, to the line's end."""
        start, end = self._spans(parent)[number]
        return start, end if is_flow(parent) else _line_end(self.text, end)

    def _drop(self, parent: yaml.Node, number: int, own: Span) -> None:
        """Plan to take out what a collection has at a number, and keep the comments around `own`."""
        spans = self._spans(parent)
        start, end = spans[number]
        line = _line_start(self.text, start)
        before = self.text[line:start]
        on_lines = not is_flow(parent) and not before.strip()
        if on_lines:
            start, end = line, _line_end(self.text, end)
        elif number + 1 < len(spans):
            end = spans[number + 1][0]
        elif not is_flow(parent):
            raise Failed(f"line {self._line_at(start)}: change it by hand")
        elif number:
            start = spans[number - 1][1]
        new = ""
        for begin, stop in self.comments:
            if not start <= begin < end or own[0] <= begin < own[1]:
                continue
            indent, behind = "", self._line_end_at(stop)
            if on_lines:
                indent = _indent(self.text[_line_start(self.text, begin) : begin])
            elif is_flow(parent):
                behind = _indent(self.text[stop:end])
            else:  # what comes next begins where this did
                behind += re.sub(r"\S", " ", before)
            new += indent + self.text[begin:stop] + behind
        if new and not on_lines:
            new = new if self.text.endswith(" ", 0, start) else f" {new}"
            new = new.rstrip() if _BLANK_END.match(self.text, end) else new
        self.edits.add((start, end, new))
        self.taken.append(own)

    # --- The result --------------------------------------------------------------------------

    def applied(self) -> str:
        """Return the text with the edits.

        Raises Failed where it would not say what was planned, or a comment would be lost.
        """
        self._refuse_shared()
        parts, done = [], 0
        for start, end, new in sorted(self.edits):
            parts += [self.text[done:start], new]
            done = end
        changed = "".join([*parts, self.text[done:]])
        gone = self.gone
        try:
            after = [_shape(document) for document in _compose(changed)]
        except Failed:
            after = []
        if [_shape(document, self, gone) for document in self.documents] != after:
            lines = [self._line_at(start) for start, _, _ in self.edits]
            raise Failed(
                f"its YAML is in a layout that csa cannot edit: change it by hand, from line "
                f"{min(lines)} to {max(lines)}"
            )
        left = iter(_comments(changed))
        for begin, stop in self.comments:
            if any(start <= begin < end for start, end in self.taken):
                continue
            if self.text[begin:stop] != changed[slice(*next(left, (0, 0)))]:
                line = self._line_at(begin)
                raise Failed(f"line {line}: the comment there would be lost: change it by hand")
        return changed

    def _refuse_shared(self) -> None:
        """Raise Failed where something goes that aliases use elsewhere."""
        going = Counter(id(node) for root in self.dropped for node in walk(root))
        for root in self.dropped:
            if any(self.seen[id(node)] > going[id(node)] for node in walk(root)):
                raise Failed(
                    f"line {self.line(root)}: it has an anchor, which others use: change it by hand"
                )


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    return text.find("\n", index) + 1 or len(text)


def _indent(text: str) -> str:
    """Return the white space that a text begins with."""
    return text[: len(text) - len(text.lstrip())]


def _compose(text: str) -> list[yaml.Node]:
    """Return the documents of a text; raise Failed where it is no YAML, or a key is there twice."""
    try:
        documents = parse_yaml(text, lambda text: [*yaml.compose_all(text, Loader=Loader)])
    except NotYaml as error:
        raise Failed(f"it is {error}") from error
    documents = [document for document in documents if document is not None]
    for node in (node for document in documents for node in walk(document)):
        if isinstance(node, yaml.MappingNode):
            keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            for key in (key for key, count in keys.items() if count > 1 and key != "<<"):
                line = text.count("\n", 0, node.start_mark.index) + 1
                raise Failed(f"line {line}: a mapping there has {key} twice: delete one")
    return documents


def _comments(text: str) -> list[Span]:
    """Return where the comments of YAML are: between its tokens, and behind the | of a text."""
    found: list[Span] = []
    done = 0
    for token in yaml.scan(text, Loader=Loader):
        start, end = token.start_mark.index, token.end_mark.index
        gaps = [(done, start)]
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            header = _HEADER.match(text, start)
            gaps += [(header.end(), _line_end(text, start))] if header else []
        for gap in gaps:
            for comment in _COMMENT.finditer(text, *gap):
                found.append((comment.start(), comment.start() + len(comment[0].rstrip())))
        done = max(done, end)
    return found


def _shape(node: yaml.Node, edits: Edits | None = None, gone: set[int] | None = None) -> Shape:
    """Return what a node says, after edits if they are given, with the ids of what goes."""
    gone = gone or set()
    if edits and id(node) in edits.replaced:
        return _STRING, edits.replaced[id(node)]
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value
    if isinstance(node, yaml.SequenceNode):
        return tuple(_shape(item, edits, gone) for item in node.value if id(item) not in gone)
    entries = [
        (_shape(key, edits, gone), _shape(value, edits, gone))
        for key, value in node.value
        if id(key) not in gone
    ]
    if edits and id(node) in edits.added:
        key, value = edits.added[id(node)]
        entries.insert(0, ((_STRING, key), (_STRING, value)))
    return tuple(entries)
