"""A script as statements: which prepare, which parse the command line, which are its logic."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from ..source.actions import EFFECT_METHODS, has_effect, takes_argv
from ..source.effects import ModuleNames, is_side_effect_free
from ..source.names import (
    Definition,
    Function,
    Import,
    bound_in,
    bound_names,
    global_names,
    in_scope,
    is_guard,
    is_standard,
    names,
    root,
    value_of,
)
from ..source.namespaces import PARSE_METHODS
from ..source.syntax import DEEPEST, TOO_DEEP, NotPython, levels, own_tree, parse_expression, scopes

PARSERS = {"argparse.ArgumentParser", "optparse.OptionParser"}

BOM = b"\xef\xbb\xbf"

MOST_STATEMENTS = 1_500
"""At module level and right under guards: each is compared with the others."""

MOST_NODES = 60_000
"""Of a script's syntax tree, some 300 kB of source: csa walks through it many times."""

Node = cst.SimpleStatementLine | cst.BaseCompoundStatement
"""A line of statements, or one with a block."""

Block = Sequence[cst.BaseStatement] | Sequence[cst.BaseSmallStatement]


class CannotRefactor(Exception):
    """The script has to stay as it is: the line, and what to do about it."""

    def __init__(self, line: int, text: str):
        super().__init__(text)
        self.line = line
        self.text = text


@dataclass(frozen=True, eq=False)
class Unit:
    """A statement, or several on one line: as libcst has it, and as ast has it.

    `guard` is the guard that it stands right under, None at module level.
    """

    node: Node
    statements: tuple[ast.stmt, ...]
    guard: cst.If | None = None

    @property
    def line(self) -> int:
        first = self.statements[0]
        decorators = getattr(first, "decorator_list", None)
        return decorators[0].lineno if decorators else first.lineno

    @property
    def end(self) -> int:
        return self.statements[-1].end_lineno or self.line

    @cached_property
    def bound(self) -> set[str]:
        return bound_in(self.statements)

    @cached_property
    def mentioned(self) -> set[str]:
        return self.bound | {name for statement in self.statements for name in names(statement)}

    @property
    def is_definition(self) -> bool:
        return isinstance(self.statements[0], Definition)

    @property
    def is_import(self) -> bool:
        return all(isinstance(statement, Import) for statement in self.statements)

    @property
    def is_string(self) -> bool:
        first = self.statements[0]
        return (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        )

    def walk(self) -> Iterator[ast.AST]:
        """Walk what runs when the unit does, inner functions left out."""
        for statement in self.statements:
            yield from in_scope(statement)


def units(block: Block, statements: Sequence[ast.stmt], guard: cst.If | None = None) -> list[Unit]:
    """Pair the statements of a block, as libcst has them and as ast has them."""
    if block and isinstance(block[0], cst.BaseSmallStatement):  # if x: one; two
        small = [part for part in block if isinstance(part, cst.BaseSmallStatement)]
        return [Unit(cst.SimpleStatementLine(small), tuple(statements), guard)]
    found = []
    rest = list(statements)
    for node in block:
        assert isinstance(node, Node)
        count = len(node.body) if isinstance(node, cst.SimpleStatementLine) else 1
        found.append(Unit(node, tuple(rest[:count]), guard))
        del rest[:count]
    return found


def as_line(node: Node | cst.BaseSmallStatement) -> Node:
    """Return a statement that can stand in a line of its own."""
    return cst.SimpleStatementLine([node]) if isinstance(node, cst.BaseSmallStatement) else node


class Script:
    """A script's statements in the order in which they run, those under its guards among them.

    Raises CannotRefactor when a guard is not one that csa can take apart, or the script is nested too deeply;
    NotPython when it cannot be read.
    """

    def __init__(self, source: bytes):
        tree = _tree(source)
        executed: list[ast.stmt] = []
        for statement in tree.body:
            executed += (
                statement.body
                if isinstance(statement, ast.If) and is_guard(statement)
                else [statement]
            )
        if len(executed) > MOST_STATEMENTS:
            raise CannotRefactor(
                executed[MOST_STATEMENTS].lineno,
                f"it has more than {MOST_STATEMENTS} statements at module level, too many for csa: "
                "move them into functions",
            )
        try:
            self.module = cst.parse_module(source.removeprefix(BOM))
        except cst.ParserSyntaxError as error:
            raise NotPython(error.raw_line, f"csa cannot read it: {error.message}") from error
        self.units: list[Unit] = []
        self.guards: list[cst.If] = []
        self.else_line: int | None = None  # of a guard that has such a branch
        for unit in units(self.module.body, tree.body):
            statement = unit.statements[0]
            if isinstance(statement, ast.If) and is_guard(statement):
                assert isinstance(unit.node, cst.If)
                if statement.orelse:
                    self.else_line = statement.orelse[0].lineno
                self.guards.append(unit.node)
                self.units += units(unit.node.body.body, statement.body, unit.node)
            elif isinstance(statement, ast.If) and "__name__" in names(statement.test):
                raise CannotRefactor(
                    statement.lineno, 'make it if __name__ == "__main__":, and nothing else'
                )
            else:
                self.units.append(unit)
        self._take_stock()
        self._global_uses: dict[int, set[str]] = {}
        for table in scopes(source).get_children():
            uses = self._global_uses.setdefault(table.get_lineno(), set())
            uses |= global_names(table)

    def _take_stock(self) -> None:
        """Find what follows from the units."""
        self.number = {unit: number for number, unit in enumerate(self.units)}
        self.statements = statements_of(self.units)
        self.known = ModuleNames.of(self.statements)
        self.functions = {
            statement.name: statement
            for statement in self.statements
            if isinstance(statement, Function)
        }
        self.parsers = {
            name
            for statement in self.statements
            if isinstance(statement, (ast.Assign, ast.AnnAssign))
            and isinstance(statement.value, ast.Call)
            and self.known.origin(statement.value.func) in PARSERS
            for name in bound_names(statement)
        }

    def with_units(self, more: Sequence[Unit]) -> Script:
        """Return the script as if it had more statements, such as those of a function."""
        script = copy.copy(self)
        script.units = [*self.units, *more]
        script._take_stock()
        return script

    def text_of(self, node: ast.expr) -> str:
        """Return an expression as it is written, in one line."""
        if isinstance(node, ast.Starred):
            return f"*{self.text_of(node.value)}"
        if isinstance(node, ast.Tuple) and node.elts:  # which may be nowhere in the script
            inner = ", ".join(map(self.text_of, node.elts))
            return f"({inner})" if node.elts[1:] else f"({inner},)"
        text = ast.get_source_segment(self.module.code, node) or ""
        with suppress(SyntaxError):
            if "\n" not in text and ast.dump(parse_expression(text)) == ast.dump(node):
                return text
        return ast.unparse(node)

    def lines_around(self, guard: cst.If, unit: Unit) -> Sequence[cst.EmptyLine]:
        """Return the comments before a guard or at its end, if a unit is what follows them."""
        number = self.number.get(unit, 0)
        before = self.units[number - 1] if number else None
        if unit.guard is guard and (before is None or before.guard is not guard):
            return guard.leading_lines
        if before and before.guard is guard and unit.guard is not guard:
            return guard.body.footer if isinstance(guard.body, cst.IndentedBlock) else ()
        return ()

    def global_uses(self, unit: Unit) -> set[str]:
        """Return the module's names that the functions and classes in a unit use."""
        lines = range(unit.line, unit.end + 1)
        found = [uses for line, uses in self._global_uses.items() if line in lines]
        return set().union(*found)

    def used_by_definitions(self, some: Iterable[Unit]) -> set[str]:
        """Return the module's names that the functions and classes among units use."""
        return set().union(*(self.global_uses(unit) for unit in some if unit.is_definition))

    def is_side_effect_free(self, unit: Unit) -> bool:
        return all(is_side_effect_free(statement, self.known) for statement in unit.statements)

    # --- The command line --------------------------------------------------------------------

    def is_parse(self, node: ast.AST) -> bool:
        """Tell whether a node is a call that returns what it parsed of the command line."""
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Attribute):
            return node.func.attr in PARSE_METHODS
        if not isinstance(node.func, ast.Name):
            return False
        if self.known.origins.get(node.func.id) == "docopt.docopt":
            return True
        function = self.functions.get(node.func.id)
        return function is not None and _returns_parsed(function)

    def returns_namespace(
        self, node: ast.expr, *, first: bool = False, asked: frozenset[str] = frozenset()
    ) -> bool:
        """Tell whether a call returns argparse's result; `first`: as the first of two.

        `asked` are the functions whose results were followed to this one.
        """
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Attribute):
            return node.func.attr in PARSE_METHODS and ("known" in node.func.attr) == first
        function = self.functions.get(ast.unparse(node.func))
        if function is None or first or function.name in asked:
            return False
        asked = asked | {function.name}
        inner = [node for statement in function.body for node in in_scope(statement)]
        values = [node.value for node in inner if isinstance(node, ast.Return)]
        values = [
            value_of(value.id, function.body) if isinstance(value, ast.Name) else value
            for value in values
        ]
        return bool(values) and all(
            value is not None and self.returns_namespace(value, asked=asked) for value in values
        )

    def parses(self, unit: Unit) -> bool:
        return any(map(self.is_parse, unit.walk()))

    def makes(self, unit: Unit, *classes: str) -> bool:
        """Tell whether a unit calls one of the classes, by their dotted names."""
        return any(
            isinstance(node, ast.Call) and self.known.origin(node.func) in classes
            for node in unit.walk()
        )

    def reads_argv(self, unit: Unit) -> bool:
        return any(
            isinstance(node, ast.expr) and self.known.origin(node) == "sys.argv"
            for statement in unit.statements
            for node in ast.walk(statement)
        )

    def only_handles(self, unit: Unit) -> bool:
        """Tell whether a unit only takes arguments apart: it calls nothing of the script's own or
        of third parties."""
        plain = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.If, ast.Try)
        if not all(isinstance(statement, plain) for statement in unit.statements):
            return False
        return all(
            self._is_standard_call(node) and not self._is_parsed_function(node)
            for node in unit.walk()
            if isinstance(node, ast.Call)
        )

    def _is_parsed_function(self, call: ast.Call) -> bool:
        """Tell whether a call is of a function that the arguments chose, such as args.func(args)."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        return isinstance(owner, ast.Name) and any(
            owner.id in unit.bound and self.parses(unit) for unit in self.units
        )

    def _is_standard_call(self, call: ast.Call) -> bool:
        called = self.known.origin(call.func)
        if called is not None:
            return is_standard(called) or hasattr(builtins, called)
        return isinstance(call.func, ast.Attribute)  # a method of a value

    # --- Preparation -------------------------------------------------------------------------

    def is_preparation(self, unit: Unit) -> bool:
        """Tell whether a unit is what modules do at import: no logic of the script's yet."""
        return all(map(self._is_preparation, unit.statements))

    def _is_preparation(self, statement: ast.stmt) -> bool:
        if is_side_effect_free(statement, self.known) or isinstance(
            statement, (Definition, Import)
        ):
            return True
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            return self._is_harmless(statement)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            parts = (*call.args, *(keyword.value for keyword in call.keywords))
            called = self.known.origin(call.func)
            return (
                root(call.func) in self.known.origins
                and called is not None
                and not has_effect(called)
                and all(map(self._is_harmless, parts))
            )
        if isinstance(statement, ast.If):
            return self._is_harmless(statement.test) and all(
                map(self._is_preparation, [*statement.body, *statement.orelse])
            )
        if isinstance(statement, ast.Try):
            blocks = [statement.body, statement.orelse, statement.finalbody]
            blocks += [handler.body for handler in statement.handlers]
            imports = any(isinstance(child, Import) for child in statement.body)
            return imports and all(
                self._is_preparation(inner) for block in blocks for inner in block
            )
        return False

    def _is_harmless(self, node: ast.AST) -> bool:
        """Tell whether evaluating it only looks around in the process."""
        if takes_argv(node, self.known):
            return False
        for child in in_scope(node):
            if isinstance(child, (ast.Await, ast.Yield, ast.YieldFrom)) or self.is_parse(child):
                return False
            if isinstance(child, ast.Call):
                called = self.known.origin(child.func)
                method = child.func.attr if isinstance(child.func, ast.Attribute) else None
                if (
                    not self._is_standard_call(child)
                    or (called and has_effect(called))
                    or (called is None and method in EFFECT_METHODS)
                ):
                    return False
        return True


def _tree(source: bytes) -> ast.Module:
    tree = own_tree(source, compiles=True)
    count = 0
    for depth, nodes in enumerate(levels(tree), 1):
        count += len(nodes)
        if depth > DEEPEST:
            raise CannotRefactor(1, TOO_DEEP)
        if count > MOST_NODES:
            raise CannotRefactor(1, "it is too long for csa: move parts of it to other modules")
    return tree


def _is_parse_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in PARSE_METHODS
    )


def _returns_parsed(function: Function) -> bool:
    """Tell whether a function returns what a parser made of the command line."""
    parsed: set[str] = set()
    nodes = [node for statement in function.body for node in in_scope(statement)]
    for node in nodes:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and _contains_parse_call(node.value):
            parsed |= bound_names(node)
    return any(
        isinstance(node, ast.Return)
        and node.value is not None
        and (bool(names(node.value) & parsed) or _contains_parse_call(node.value))
        for node in nodes
    )


def parses_itself(function: Function) -> bool:
    """Tell whether a function parses the command line and does not return the result."""
    return not _returns_parsed(function) and any(
        _is_parse_call(node) for statement in function.body for node in in_scope(statement)
    )


def _contains_parse_call(node: ast.AST | None) -> bool:
    return node is not None and any(map(_is_parse_call, ast.walk(node)))


def called_alone(statement: ast.stmt) -> ast.Call | None:
    """Return the call that is all a statement does, or whose result the script exits with."""
    value = statement.exc if isinstance(statement, ast.Raise) else getattr(statement, "value", None)
    if not isinstance(statement, (ast.Expr, ast.Raise)) or not isinstance(value, ast.Call):
        return None
    if ast.unparse(value.func) in ("sys.exit", "exit", "quit", "SystemExit"):
        value = value.args[0] if len(value.args) == 1 and not value.keywords else None
    return value if isinstance(value, ast.Call) else None


def statements_of(some: Iterable[Unit]) -> list[ast.stmt]:
    """Return the statements of units."""
    return [statement for unit in some for statement in unit.statements]


def bound_by(some: Iterable[Unit]) -> set[str]:
    """Return the names that units bind at module level."""
    return {name for unit in some for name in unit.bound}


def mentioned_by(some: Iterable[Unit]) -> set[str]:
    """Return the names that stand in units."""
    return {name for unit in some for name in unit.mentioned}
