"""What the names in a package's Python files stand for."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..source.names import Function, imported_names
from .package import Package

LONGEST = 200
"""Of the text that a name stands for, this much is kept: no dotted name is longer."""

CLIENT = re.compile(r"pyatlan(_v9)?\..*(Client|get_client|client_connection)")
"""What makes a client."""

MOST_TEXTS = 200
"""That are kept of what a name stands for."""


@dataclass(frozen=True)
class Names:
    """The dotted origins of what a file imports, and of the clients that it makes; and the texts
    that names are given in it.

    Its functions are not told apart. Star imports are not followed.
    """

    origins: Mapping[str, str]
    texts: Mapping[str, set[str]]

    @classmethod
    def of(cls, package: Package, path: str) -> Names:
        """Return those of one of a package's files."""
        names = cls(imported_names(package.import_statements(path)), defaultdict(set))
        for node in package.nodes(path):
            for name, value in assigned(node):
                texts = names.texts[name]
                texts.update(sorted(names.texts_of(value))[: max(MOST_TEXTS - len(texts), 0)])
        return cls({**_clients(names, package.nodes(path)), **names.origins}, names.texts)

    def dotted(self, node: ast.AST | None) -> str:
        """Return the dotted origin of a name or an attribute; nothing if it is not imported."""
        first, dot, rest = spelled(node).partition(".")
        return f"{self.origins[first]}{dot}{rest}" if first in self.origins else ""

    def texts_of(self, node: ast.AST | None) -> set[str]:
        """Return the texts that an expression may be or hold, with * for parts not known."""
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        if isinstance(node, ast.Name):
            return self.texts.get(node.id, set())
        if isinstance(node, (ast.List, ast.Set, ast.Tuple)):
            return {text for element in node.elts for text in self.texts_of(element)}
        if isinstance(node, ast.Dict):
            return {text for key in node.keys for text in self.texts_of(key)}
        if isinstance(node, ast.DictComp):
            return self.texts_of(node.key)
        parts: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            parts = [
                value.value if isinstance(value, ast.FormattedValue) else value
                for value in node.values
            ]
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [node.left, node.right, *parts[1:]]
            node = node.left
        text = "".join(min(self.texts_of(part), default="*") for part in parts)
        return {text[:LONGEST]} if parts else set()


def _clients(names: Names, nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Return what names stand for that hold clients of the SDK and nothing else: variables, and
    fixtures that return one."""
    values: dict[str, list[ast.expr]] = defaultdict(list)
    for node in nodes:
        for name, value in assigned(node):
            values[name].append(value)
        if isinstance(node, Function) and any(
            "fixture" in spelled(_called(decorator)) for decorator in node.decorator_list
        ):
            given = [
                inner.value
                for inner in ast.walk(node)
                if isinstance(inner, (ast.Return, ast.Yield))
            ]
            values[node.name] += [value for value in given if value]
    made = {
        name: {names.dotted(_called(value)) for value in found} for name, found in values.items()
    }
    return {
        name: min(dotted)
        for name, dotted in made.items()
        if dotted and all(map(CLIENT.fullmatch, dotted))
    }


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def spelled(node: ast.AST | None) -> str:
    """Return a.b of `a.b`, and .b of an attribute of anything else than a name."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "", *attributes])


def assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a statement or a loop gives values, each with what that is or holds."""
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign) and node.value:
        targets, value = [node.target], node.value
    elif isinstance(node, (ast.For, ast.comprehension)):
        targets, value = [node.target], node.iter
    else:
        return
    yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))


def module_name(package: Package, path: str) -> str:
    """Return the dotted name of one of a package's Python files."""
    dotted = f"{package.name}/{path.removesuffix('.py')}".replace("/", ".")
    return dotted.removesuffix(".__init__")


def origin(dotted: str, modules: Mapping[str, Names]) -> str:
    """Return where a dotted name comes from, through the modules that import it, by their names."""
    for _ in modules:  # one may import from another, but not all in a circle
        parts = dotted.split(".")
        for size in range(len(parts) - 1, 0, -1):
            module, name = ".".join(parts[:size]), parts[size]
            if module in modules:
                break
        else:
            return dotted
        if name not in modules[module].origins:
            return dotted
        dotted = ".".join([modules[module].origins[name], *parts[size + 1 :]])
    return dotted
