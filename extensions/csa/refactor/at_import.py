"""What a script does when it is imported, beyond getting ready."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ..source.effects import ModuleNames
from ..source.names import Definition, Function, is_standard
from .script import EFFECT_METHODS, Script, has_effect, takes_argv

REACHES_OUT = re.compile(
    r"(requests|httpx|urllib3)\.(delete|get|head|options|patch|post|put|request)"
    r"|boto3\.(client|resource)"
    r"|.*\.(\w*Client|connect|download\w*|fetch\w*|get_client|load_workbook|open\w*|read_\w+)"
)
"""The dotted names of what third parties have for connecting to others and for reading files."""


def import_problems(script: Script) -> list[tuple[int, str]]:
    """Return the lines that do more than prepare when a script is imported, each with its text.

    That is what tests, which import it, could not do without a tenant, arguments or files. Third
    parties' functions are known by their names.
    """
    found: dict[int, str] = {}
    units = [unit for unit in script.units if not unit.guard]
    for statement, node, caught in _run(
        statement for unit in units for statement in unit.statements
    ):
        if _acts(node, script) or (not caught and _needs_environment(node, script.known)):
            found[statement.lineno] = ast.unparse(statement).splitlines()[0]
    return sorted(found.items())


def _run(statements: Iterable[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.AST, bool]]:
    """Yield what runs at import: the innermost statement, a node of it, and whether a try that
    goes on after an error is around."""
    nodes: list[tuple[ast.stmt, ast.AST, bool]] = [
        (statement, statement, False) for statement in statements
    ]
    while nodes:
        statement, node, caught = nodes.pop()
        yield statement, node, caught
        inside = set(ast.iter_child_nodes(node))
        if isinstance(node, Function | ast.Lambda):
            arguments = node.args
            inside = {
                default for default in (*arguments.defaults, *arguments.kw_defaults) if default
            }
        if isinstance(node, Definition):  # a decorator wraps, and what it is given is evaluated
            inside -= set(node.decorator_list)
            for decorator in node.decorator_list:
                inside |= set(decorator.args) if isinstance(decorator, ast.Call) else set()
        for child in inside:
            inner = child if isinstance(child, ast.stmt) else statement
            tried = isinstance(node, ast.Try) and bool(node.handlers) and child in node.body
            nodes.append((inner, child, caught or tried))


def _acts(node: ast.AST, script: Script) -> bool:
    """Tell whether a node, apart from those in it, reaches out of the process."""
    if isinstance(node, ast.stmt):
        head = getattr(node, "test", getattr(node, "iter", None))
        evaluated = head if hasattr(node, "body") else node
        return evaluated is not None and takes_argv(evaluated, script.known)
    if not isinstance(node, ast.Call):
        return False
    called = script.known.origin(node.func)
    if called is None:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        method = node.func.attr if isinstance(node.func, ast.Attribute) else None
        return name in script.functions or method in EFFECT_METHODS or script.is_parse(node)
    if called == "logging.basicConfig":
        return any(word.arg == "filename" for word in node.keywords)
    reaches_out = not is_standard(called) and REACHES_OUT.fullmatch(called) is not None
    return reaches_out or has_effect(called) or script.is_parse(node)


def _needs_environment(node: ast.AST, known: ModuleNames) -> bool:
    """Tell whether a node fails where a variable of the environment is not set."""
    if isinstance(node, ast.Call):
        called = known.origin(node.func)
        if called == "os.environ.pop":
            return len(node.args) < 2
        harmless = called in ("bool", "isinstance", "print", "repr", "str")
        return not harmless and any(_may_be_none(argument, known) for argument in node.args)
    if isinstance(node, ast.Attribute):
        return _may_be_none(node.value, known)
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        is_environment = known.origin(node.value) == "os.environ"
        return is_environment or _may_be_none(node.value, known)
    return False


def _may_be_none(node: ast.expr, known: ModuleNames) -> bool:
    """Tell whether it asks for a variable of the environment without a default."""
    if not (isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords):
        return False
    asks = known.origin(node.func) in ("os.environ.get", "os.getenv")
    return asks and ast.unparse(node.args[0]) not in ("'HOME'", "'PATH'", "'USER'")
