"""A module put together again, with its comments and blank lines where they belong."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Sequence

import libcst as cst

from ..source.names import imported_names, is_standard
from ..source.syntax import parse_expression
from .script import CannotRefactor, Node, Script, Unit

_BLANK = cst.EmptyLine(indent=False)


class Assembly:
    """A module from the statements of a script, of which some have moved."""

    def __init__(self, script: Script, moved: list[Unit]):
        self.script = script
        self.moved = moved

    def main(self, body: list[Node], footer: Sequence[cst.EmptyLine]) -> cst.FunctionDef:
        main = statement("def main(args: argparse.Namespace) -> None:\n    pass\n")
        assert isinstance(main, cst.FunctionDef)
        indent = None
        if self.script.guards and isinstance(self.script.guards[-1].body, cst.IndentedBlock):
            indent = self.script.guards[-1].body.indent
        return main.with_changes(body=cst.IndentedBlock(body, indent=indent, footer=footer))

    def assembled(
        self, block: list[Node], main: cst.FunctionDef | None, footer: Sequence[cst.EmptyLine]
    ) -> bytes:
        """Return the module with a new main, and with the block under its one guard.

        `footer` are the comments that went from the guard's end to main's.
        """
        script = self.script
        ends = not script.guards or any(
            not unit.guard and script.number[unit] > self._last_guarded() for unit in self.moved
        )
        if script.else_line and (ends or len(script.guards) > 1):
            raise CannotRefactor(
                script.else_line, "the guard has an else branch: move that out of the guard"
            )
        under = cst.IndentedBlock(first_without_blank_lines(block))
        guard = statement('if __name__ == "__main__":\n    pass\n')
        if script.guards:
            guard = script.guards[-1]
            if isinstance(guard.body, cst.IndentedBlock):
                under = guard.body.with_changes(
                    body=under.body, footer=() if footer else guard.body.footer
                )
        assert isinstance(guard, cst.If)
        tail = [*([main] if main else []), guard.with_changes(body=under)]
        moved = {id(unit.node) for unit in self.moved}
        body: list[Node] = []
        for node in script.module.body:
            assert isinstance(node, Node)
            if script.guards and node is script.guards[-1] and not ends:
                self._add(tail, body)
            elif id(node) not in moved and node not in script.guards:
                body.append(node)
        if ends:
            self._add(tail, body)
        if main is not None:
            self.add_argparse(body)
        return script.module.with_changes(body=body).bytes

    def reindented(self, unit: Unit) -> Node:
        """Return a statement as it is to stand in another block, with what a guard that goes had
        around it."""
        moved = unit.node.visit(_Blank())
        assert isinstance(moved, Node)
        around = [
            line
            for guard in self.script.guards[:-1]
            for line in self.script.lines_around(guard, unit)
        ]
        lines = [*around, *moved.leading_lines]
        if not unit.guard:  # at module level, two blank lines part it from a definition
            lines = [
                line
                for number, line in enumerate(lines)
                if line.comment or not (number and lines[number - 1].comment is None)
            ]
        return moved.with_changes(leading_lines=lines)

    def without_parsing(self, unit: Unit) -> tuple[cst.SimpleStatementLine, str]:
        """Return a statement with args in the place of the call that parses, and that call."""
        found: list[cst.Call] = []
        script = self.script

        class Replace(cst.CSTTransformer):
            def leave_Call(
                self, original_node: cst.Call, updated_node: cst.Call
            ) -> cst.BaseExpression:
                code = script.module.code_for_node(original_node)
                if not found and script.is_parse(parse_expression(code)):
                    found.append(original_node)
                    return cst.Name("args")
                return updated_node

        replaced = self.reindented(unit).visit(Replace())
        assert isinstance(replaced, cst.SimpleStatementLine)
        return replaced, script.module.code_for_node(found[0])

    def _last_guarded(self) -> int:
        return max(number for unit, number in self.script.number.items() if unit.guard)

    def _add(self, tail: Sequence[Node], body: list[Node]) -> None:
        """Add main and the guard to the module, each after two blank lines."""
        *_, guard = tail
        lines = list(guard.leading_lines)
        # Comments that a blank line parts from the guard belong to what is before it.
        near = [number for number, line in enumerate(lines, 1) if line.comment is None]
        above, close = (lines[: near[-1]], lines[near[-1] :]) if near else ([], lines)
        while above and above[-1].comment is None:
            del above[-1]
        for node in tail:
            own = close if node is guard else []
            blank = [_BLANK] * 2 if body or above else []
            body.append(node.with_changes(leading_lines=[*above, *blank, *own]))
            above = []

    def add_argparse(self, body: list[Node]) -> None:
        """Add `import argparse` to a module's statements, unless it is there."""
        staying = [unit for unit in self.script.units if unit.node in body]
        imported = any(
            alias.name == "argparse" and not alias.asname
            for unit in staying
            for statement in unit.statements
            if isinstance(statement, ast.Import)
            for alias in statement.names
        )
        if imported:
            return
        imports = [unit for unit in staying if unit.is_import and not _is_future(unit)]
        new = statement("import argparse")
        if imports:
            first = imports[0]
            at = body.index(first.node)
            lines = list(first.node.leading_lines)
            blank = [lines.pop(0) for _ in leading_blank(lines)]
            body[at] = first.node.with_changes(leading_lines=lines)
            body.insert(at, new.with_changes(leading_lines=blank))
            if not all(map(is_standard, imported_names(first.statements).values())):
                body[at + 1] = body[at + 1].with_changes(leading_lines=[_BLANK, *lines])
            return
        at = 0
        for unit in staying[:2]:
            if unit.is_string or _is_future(unit):
                at += 1
        body.insert(at, new.with_changes(leading_lines=[_BLANK] if at else []))
        if at + 1 < len(body):
            following = body[at + 1]
            compound = isinstance(following, cst.BaseCompoundStatement)
            lines = list(following.leading_lines)
            missing = [_BLANK] * max(0, 1 + compound - len(leading_blank(lines)))
            body[at + 1] = following.with_changes(leading_lines=[*missing, *lines])


def _is_future(unit: Unit) -> bool:
    return getattr(unit.statements[0], "module", None) == "__future__"


class _Blank(cst.CSTTransformer):
    """Takes the indentation from blank lines."""

    def leave_EmptyLine(
        self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine
    ) -> cst.EmptyLine:
        if updated_node.comment or updated_node.whitespace.value:
            return updated_node
        return updated_node.with_changes(indent=False)


def statement(text: str) -> Node:
    statement = cst.parse_statement(text)
    assert isinstance(statement, Node)
    return statement


def leading_blank(lines: Iterable[cst.EmptyLine]) -> list[cst.EmptyLine]:
    return list(itertools.takewhile(lambda line: line.comment is None, lines))


def first_without_blank_lines(nodes: Sequence[Node]) -> list[Node]:
    first, *rest = nodes
    lines = first.leading_lines[len(leading_blank(first.leading_lines)) :]
    return [first.with_changes(leading_lines=lines), *rest]


def with_suite(node: Node, block: Sequence[Node]) -> Node:
    """Return a try or with statement with another block."""
    assert isinstance(node, (cst.Try, cst.With))
    if isinstance(node.body, cst.IndentedBlock):
        return node.with_changes(body=node.body.with_changes(body=block, footer=()))
    return node.with_changes(body=cst.IndentedBlock(block))


def footer_after(last: Unit, script: Script, container: Unit | None) -> Sequence[cst.EmptyLine]:
    """Return the comments at the end of the block that a unit is the last of."""
    for node in (container.node if container else None, *script.guards[-1:]):
        block = getattr(node, "body", None)
        if isinstance(block, cst.IndentedBlock) and block.body[-1] is last.node:
            return block.footer
    return ()
