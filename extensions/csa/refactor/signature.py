"""How main(args) is written: its signature, what it takes over from args, and its call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst

from .assembly import statement
from .script import Node

_LONG = 80
"""The length from which on a call has its arguments in lines of their own."""


def as_main(function: cst.FunctionDef, body: Sequence[Node]) -> cst.FunctionDef:
    """Return a function as main(args), with other statements."""
    args = cst.Param(cst.Name("args"), cst.Annotation(cst.parse_expression("argparse.Namespace")))
    block = function.body
    returns = function.returns
    if returns is None and not gives_something(function):
        returns = cst.Annotation(cst.Name("None"))
    return function.with_changes(
        name=cst.Name("main"),
        params=cst.Parameters([args]),
        whitespace_before_params=cst.SimpleWhitespace(""),
        returns=returns,
        body=(
            block if isinstance(block, cst.IndentedBlock) else cst.IndentedBlock([])
        ).with_changes(body=body),
    )


def gives_something(function: cst.FunctionDef) -> bool:
    """Tell whether a function returns a value, or one in it does."""
    found: list[cst.Return] = []

    class Find(cst.CSTVisitor):
        def visit_Return(self, node: cst.Return) -> None:
            found.append(node)

    function.visit(Find())
    return any(node.value for node in found)


def takes_over(taken: Mapping[str, str], types: Mapping[str, str]) -> list[Node]:
    """Return assignments of what main takes over, by the names that it gives them: args comes last,
    which has the others until then. `types` are annotations."""
    kept = {name: text for name, text in taken.items() if name != text}
    return [
        statement(f"{name}{types.get(name, '')} = {text}")
        for name, text in sorted(kept.items(), key=lambda item: item[0] == "args")
    ]


def namespace_with(passed: Mapping[str, str]) -> str:
    """Return the call of a namespace with these attributes, expressions by their names."""
    return f"argparse.Namespace({', '.join(f'{name}={text}' for name, text in passed.items())})"


def argument(expression: str) -> cst.Arg:
    """Return the argument of main's call: in several lines, if it is a long call."""
    value = cst.parse_expression(expression)
    if not isinstance(value, cst.Call) or len(value.args) < 2 or len(expression) < _LONG:
        return cst.Arg(value)
    inner, outer = (
        cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(space))
        for space in ("    ", "")
    )
    *first, last = value.args
    args = [arg.with_changes(comma=cst.Comma(whitespace_after=inner)) for arg in first]
    args.append(last.with_changes(comma=cst.Comma(whitespace_after=outer)))
    return cst.Arg(value.with_changes(whitespace_before_args=inner, args=args))
