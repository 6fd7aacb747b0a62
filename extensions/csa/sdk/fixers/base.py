"""What a fixer is, and what it gets to see."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ...source.edits import Edit, PythonText, Token
from ...source.names import imported_names
from ..breaks import Break
from ..changes import Change


@dataclass(frozen=True)
class Fix:
    """Edits of a file, the one where the break is first, and the names that these no longer use."""

    edits: tuple[Edit, ...]
    freed: tuple[ast.Name, ...] = ()


@dataclass(frozen=True, eq=False)
class Use:
    """A use of pyatlan that breaks: in which file, where, and after which change."""

    text: PythonText
    broken: Break
    change: Change

    @property
    def start(self) -> int:
        """The first character of what breaks."""
        return self.text.offset(self.broken.line, self.broken.column - 1)

    @property
    def owner(self) -> str:
        """The class that the break is about: A of `A.method` and of `A`."""
        return self.broken.name.partition(".")[0]

    @property
    def member(self) -> str:
        """The name of what breaks: its own part of `A.method`, or the class."""
        return self.broken.name.rpartition(".")[2]

    @cached_property
    def call(self) -> ast.Call | None:
        """The one call of a thing of that name that begins where the break is."""
        found = [
            node
            for node in self._beginning
            if isinstance(node, ast.Call)
            and (
                self.is_class(node.func)
                if self.owner == self.member
                else getattr(node.func, "attr", "") == self.member
            )
        ]
        return found[0] if len(found) == 1 and self.text.has(found[0]) else None

    @cached_property
    def attribute(self) -> ast.Attribute | None:
        """The one attribute of that name that begins where the break is."""
        found = [
            node
            for node in self._beginning
            if isinstance(node, ast.Attribute) and node.attr == self.member
        ]
        return found[0] if len(found) == 1 and self.text.has(found[0]) else None

    @property
    def _beginning(self) -> list[ast.expr]:
        return [
            node
            for node in self.text.nodes
            if isinstance(node, ast.Call | ast.Attribute)
            and node.lineno == self.broken.line
            and self.text.span(node)[0] == self.start
        ]

    def is_class(self, node: ast.expr) -> bool:
        """Tell whether an expression is the class that the break is about, by its name."""
        if isinstance(node, ast.Attribute):
            return node.attr == self.owner
        if not isinstance(node, ast.Name):
            return False
        imports = [
            other for other in self.text.nodes if isinstance(other, ast.Import | ast.ImportFrom)
        ]
        origins = {imported_names([statement]).get(node.id) for statement in imports} - {None}
        return bool(origins) and all(
            str(origin).startswith("pyatlan") and str(origin).endswith(f".{self.owner}")
            for origin in origins
        )

    def tokens_within(self, call: ast.Call) -> Sequence[Token]:
        """Return the tokens of a call from its opening parenthesis on."""
        _, after = self.text.span(call.func)
        tokens = self.text.tokens_of(after, self.text.span(call)[1])
        opening = [number for number, token in enumerate(tokens) if token.text == "("]
        return tokens[opening[0] :] if opening else []


class Fixer(ABC):
    """A kind of change that can be made in a script. Its docstring says what becomes of what."""

    needs_client = True
    """Whether it puts the script's client somewhere: it is asked for only where that is certain."""

    @abstractmethod
    def place(self, use: Use) -> ast.expr | None:
        """Return the expression that would be changed, None where it would not."""

    @abstractmethod
    def fix(self, use: Use, client: str) -> Fix | None:
        """Return the change, None where there is none; `client` is an expression for the client."""
