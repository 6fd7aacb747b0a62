"""Who calls a template of a file, and what its texts may say with the parameters handed over."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import yaml

from ..errors import Failed
from .edits import Edits
from .nodes import BRACES, entry, items, scalars, text_of, tight, walk

MOST_CHARACTERS = 1_000_000
"""Of all that a text with parameters may say."""

LONGEST_WAY = 20
"""Calls by which a parameter is handed on."""

_PARAMETER = re.compile(r"\b(inputs|workflow)\.parameters(?:\.|\[\s*['\"])([\w-]+)|\b(item)\b")


@dataclass(frozen=True)
class Call:
    """A task or step of a document, and the template that it is part of."""

    node: yaml.Node
    document: yaml.Node
    caller: yaml.Node | None


@dataclass
class Calls:
    """The calls of templates among the documents of a file."""

    edits: Edits
    _found: dict[int, list[Call]] = field(default_factory=dict)

    def handed_artifacts(self, template: yaml.Node, name: str) -> list[tuple[Call, yaml.Node]]:
        """Return the calls that hand a template an artifact over, with what they hand.

        Raises Failed for one that may call another template.
        """
        handed = [
            (call, item)
            for call in self.of(template)
            for item in items(entry(entry(call.node, "arguments"), "artifacts"))
            if text_of(item, "name") == name
        ]
        for call, _ in handed:
            if not _is_certain(call, self._homes[id(template)]):
                line, called = self.edits.line(call.node), text_of(template, "name")
                raise Failed(
                    f"line {line}: this may call the template {called} here, or another one"
                )
        return handed

    def of(self, template: yaml.Node) -> list[Call]:
        """Return the calls that are, or may be, of a template."""
        if id(template) not in self._found:
            home = self._homes[id(template)]
            self._found[id(template)] = [c for c in self._all if _names(c, template, home)]
        return self._found[id(template)]

    def texts(self, template: yaml.Node, text: str) -> list[str]:
        """Return what a text in a template may say: itself, where the file does not tell.

        Raises Failed for too many.
        """
        return sorted(_Texts(self, template).filled(text, template, None))

    @cached_property
    def arguments(self) -> list[yaml.Node]:
        """What whole workflows are given."""
        calls = {id(call.node) for call in self._all}
        nodes = (node for document in self.edits.documents for node in walk(document))
        found = (entry(node, "arguments") for node in nodes if id(node) not in calls)
        return [arguments for arguments in found if arguments is not None]

    @cached_property
    def _all(self) -> list[Call]:
        documents = self.edits.documents
        return [call for document in documents for call in _calls_in(document, document, None)]

    @cached_property
    def _homes(self) -> dict[int, yaml.Node]:
        """The documents, by the ids of the nodes in them."""
        return {id(node): document for document in self.edits.documents for node in walk(document)}


@dataclass
class _Texts:
    """What one text of a template may say.

    `values` has those of each parameter that was met on the way there, `way` is its length now.
    """

    calls: Calls
    template: yaml.Node
    values: dict[tuple[str, str, int], set[str]] = field(default_factory=dict)
    way: int = 0

    def filled(self, text: str, template: yaml.Node | None, call: Call | None) -> set[str]:
        """Return what a text may say that is in a template, or in a call that is part of it."""
        parts: list[list[str]] = []
        done = 0
        for braces in BRACES.finditer(text):
            values = {
                value
                for found in _PARAMETER.finditer(braces[0])
                for value in self._values_of(found, template, call)
            }
            parts += [[text[done : braces.start()]], sorted(values) or [tight(braces[0])]]
            done = braces.end()
        size = math.prod(map(len, parts)) * sum(1 + max(map(len, part)) for part in parts)
        if size > MOST_CHARACTERS:
            raise self._failed()
        return {"".join([*chosen, text[done:]]) for chosen in itertools.product(*parts)}

    def _failed(self) -> Failed:
        line = self.calls.edits.line(self.template)
        what = "csa cannot tell what the parameters of this template are: change it by hand"
        return Failed(f"line {line}: {what}")

    def _values_of(
        self, found: re.Match[str], template: yaml.Node | None, call: Call | None
    ) -> set[str]:
        """Return the values of the parameter that a reference names."""
        scope, name = found[1] or found[3], found[2] or ""
        where = {"inputs": template, "item": call.node if call else None}.get(scope)
        key = scope, name, id(where)
        if key not in self.values:
            if self.way == LONGEST_WAY:
                raise self._failed()
            self.values[key] = set()  # what is handed on in a circle adds nothing
            self.way += 1
            self.values[key] = {
                text
                for value, caller, handing in self._given(scope, name, where, call)
                for text in self.filled(value, caller, handing)
            }
            self.way -= 1
        return self.values[key]

    def _given(
        self, scope: str, name: str, where: yaml.Node | None, around: Call | None
    ) -> Iterator[tuple[str, yaml.Node | None, Call | None]]:
        """Yield the texts that a parameter gets, each with where it is."""
        if scope == "item":
            for key in ("withItems", "withParam", "withSequence"):
                values = entry(where, key)
                for _, item in scalars(values) if values is not None else ():
                    yield item.value, around.caller if around else None, None
        elif scope == "inputs" and where is not None:
            for value in _parameters(entry(where, "inputs"), name):
                yield value, where, None
            for call in self.calls.of(where):
                for value in _parameters(entry(call.node, "arguments"), name):
                    yield value, call.caller, call
        elif scope == "workflow":
            for arguments in self.calls.arguments:
                for value in _parameters(arguments, name):
                    yield value, None, None


def _parameters(holder: yaml.Node | None, name: str) -> Iterator[str]:
    """Yield the values that inputs or arguments have for a parameter."""
    for parameter in items(entry(holder, "parameters")):
        if text_of(parameter, "name") == name:
            given = text_of(entry(parameter, "valueFrom"), "default")
            texts = [text_of(parameter, "value"), text_of(parameter, "default"), given]
            chosen = [item.value for item in items(entry(parameter, "enum"))]
            yield from (text for text in (*texts, *chosen) if text and isinstance(text, str))


def _calls_in(node: yaml.Node, document: yaml.Node, caller: yaml.Node | None) -> Iterator[Call]:
    if isinstance(node, yaml.MappingNode):
        if entry(node, "template") is not None or entry(node, "templateRef") is not None:
            yield Call(node, document, caller)
        if entry(node, "dag") is not None or entry(node, "steps") is not None:
            caller = node
    children = node.value if isinstance(node, yaml.CollectionNode) else []
    for child in children:
        for part in child if isinstance(child, tuple) else (child,):
            yield from _calls_in(part, document, caller)


def _names(call: Call, template: yaml.Node, home: yaml.Node) -> bool:
    """Tell whether a call is, or may be, one of a template, which is in the document `home`."""
    reference, name = entry(call.node, "templateRef"), text_of(template, "name")
    if reference is None:
        return call.document is home and text_of(call.node, "template") == name
    scope = "Cluster" if text_of(reference, "clusterScope") == "true" else ""
    if text_of(home, "kind") not in ("", f"{scope}WorkflowTemplate"):
        return False
    of = text_of(entry(home, "metadata"), "name") or text_of(reference, "name")
    return text_of(reference, "template") == name and text_of(reference, "name") == of


def _is_certain(call: Call, home: yaml.Node) -> bool:
    """Tell whether the name of a document says that a call is one of a template there."""
    by_reference = entry(call.node, "templateRef") is not None
    return not by_reference or text_of(entry(home, "metadata"), "name") != ""
