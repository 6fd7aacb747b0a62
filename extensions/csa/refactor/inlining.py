"""A main that does not take what was parsed, with its statements in the place of its call.

Then it is a script as any other. What a function has and a module has not comes back afterwards: its
`return`, and what its call stands in.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from ..source.names import Definition, Function, in_scope, names
from .assembly import statement
from .boundary import DECORATED
from .script import CannotRefactor, Node, Script, Unit, called_alone, units

RETURNS = "return_from_main"
"""What is called in the place of `return`, which a module cannot have."""

_BLOCKS = (cst.Try, cst.With)
ELSEWHERE = "call main() in a line of its own under the guard, and nowhere else"


@dataclass(frozen=True)
class Inlined:
    """A script without its main.

    `source` has main's statements in the place of the statement that called it. `function` is that
    main, and `call` the statement.
    """

    source: bytes
    function: cst.FunctionDef
    call: cst.BaseSmallStatement


def inlined(script: Script) -> Inlined:
    """Return a script with its main's statements in the place of the call.

    Raises CannotRefactor where they would mean something else there.
    """
    main = next(unit for unit in script.units if script.functions["main"] in unit.statements)
    function = script.functions["main"]
    _refuse(function, main)
    call, unit, alone = _call(script, function)
    if RETURNS in script.module.code:
        raise CannotRefactor(1, f"it has the name {RETURNS}, which csa needs: give it another name")
    assert isinstance(main.node, cst.FunctionDef)
    assert isinstance(unit.node, cst.SimpleStatementLine)
    body = [
        *(statement(f"{name} = {value}") for name, value in _given(function, call)),
        *_body(main.node),
    ]
    lines = [*unit.node.leading_lines, *getattr(body[0], "leading_lines", ())]
    body[0] = body[0].with_changes(leading_lines=lines)
    footer = main.node.body.footer if isinstance(main.node.body, cst.IndentedBlock) else ()
    module = script.module.visit(_Inline(unit.node, body, footer, main.node, guard=alone))
    assert isinstance(module, cst.Module)
    [small] = unit.node.body
    return Inlined(module.bytes, main.node, small)


def with_returns(source: bytes, of: Inlined) -> bytes:
    """Return what a script became, with what is only possible once its main is a function again.

    Raises CannotRefactor when a `return` did not get into main.
    """
    module = cst.parse_module(source).visit(_Restore(of))
    assert isinstance(module, cst.Module)
    if RETURNS in module.code:
        raise CannotRefactor(1, "main returns before all arguments are parsed: parse them first")
    return module.bytes


def _refuse(function: Function, unit: Unit) -> None:
    """Raise CannotRefactor for a main whose statements mean something else outside of it."""
    line = unit.line
    if isinstance(function, ast.AsyncFunctionDef):
        raise CannotRefactor(line, "main is async: await it in a main(args) that is not")
    if function.decorator_list:
        raise CannotRefactor(line, DECORATED)
    arguments = function.args
    if arguments.vararg or arguments.kwarg:
        raise CannotRefactor(line, "main takes any number of arguments: name those that it needs")
    defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    if not all(isinstance(default, ast.Constant) for default in defaults):
        raise CannotRefactor(line, "a default of main's is worked out: give it in the call")
    for node in (node for inner in function.body for node in in_scope(inner)):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            text = f"main sets the global `{node.names[0]}`: return it, or pass it as a parameter"
            raise CannotRefactor(node.lineno, text)
        if isinstance(node, Definition):
            raise CannotRefactor(node.lineno, f"{node.name} is defined in main: move it out")
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            raise CannotRefactor(node.lineno, "main yields: let it run to its end")


def _call(script: Script, function: Function) -> tuple[ast.Call, Unit, bool]:
    """Return the one call of main, its statement, and whether that stands alone at module level."""
    uses = [
        node
        for inner in script.statements
        for node in ast.walk(inner)
        if isinstance(node, ast.Name) and node.id == "main"
    ]
    if not uses:
        raise CannotRefactor(function.lineno, f"main is never called: {ELSEWHERE}")
    if len(uses) > 1:
        raise CannotRefactor(uses[1].lineno, f"main is used once more: {ELSEWHERE}")
    unit = next(unit for unit in script.units if uses[0] in _nodes(unit))
    alone = unit.guard is None
    after: list[ast.stmt] = [
        inner for other in script.units[script.number[unit] + 1 :] for inner in other.statements
    ]
    while isinstance(unit.node, _BLOCKS) and isinstance(unit.statements[0], (ast.Try, ast.With)):
        [outer] = unit.statements
        assert isinstance(outer, (ast.Try, ast.With))
        block = units(unit.node.body.body, outer.body)
        within = next((other for other in block if uses[0] in _nodes(other)), None)
        if within is None:
            break
        following = block[block.index(within) + 1 :]
        after = [
            *(inner for other in following for inner in other.statements),
            *getattr(outer, "orelse", []),
            *after,
        ]
        unit, alone = within, False
    call = called_alone(unit.statements[0]) if len(unit.statements) == 1 else None
    if call is None or call.func is not uses[0]:
        raise CannotRefactor(uses[0].lineno, f"main is called within something else: {ELSEWHERE}")
    if any(isinstance(argument, ast.Starred) for argument in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    ):
        raise CannotRefactor(unit.line, "main gets what is unpacked here: name its arguments")
    # Then what follows would be passed over: by `return`, or by an exit with the result.
    leaves = any(isinstance(node, ast.Return) for node in ast.walk(function))
    if after and (leaves or getattr(unit.statements[0], "value", None) is not call):
        text = "it runs after main, which may end early: move it into main, or before it"
        raise CannotRefactor(after[0].lineno, text)
    return call, unit, alone


def _nodes(unit: Unit) -> set[ast.AST]:
    return {node for inner in unit.statements for node in ast.walk(inner)}


def _given(function: Function, call: ast.Call) -> list[tuple[str, str]]:
    """Return what main's parameters get, as names and expressions; not what is called so already.

    Raises CannotRefactor when it is not called with what it takes.
    """
    arguments = function.args
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    by_name: dict[str, ast.expr] = dict(
        zip(
            positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True
        )
    )
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default:
            by_name[argument.arg] = default
    by_name |= dict(zip(positional, call.args))
    by_name |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    parameters = [*positional, *(argument.arg for argument in arguments.kwonlyargs)]
    if by_name.keys() != set(parameters) or len(call.args) > len(positional):
        raise CannotRefactor(call.lineno, "main is not called with the arguments that it takes")
    called_with = [*positional[: len(call.args)], *(key.arg for key in call.keywords if key.arg)]
    order = dict.fromkeys([*called_with, *parameters])  # in which they are evaluated
    texts = [(name, ast.unparse(by_name[name])) for name in order]
    given = [(name, text) for name, text in texts if name != text]
    read = [names(by_name[name]) for name, _ in given]
    for number, (name, _) in enumerate(given):
        if any(name in later for later in read[number + 1 :]):
            raise CannotRefactor(call.lineno, f"main gets {name} under another name: rename it")
    return given


def _body(main: cst.FunctionDef) -> list[Node]:
    """Return main's statements, with calls in the place of `return`."""
    body = main.visit(_Returns())
    assert isinstance(body, cst.FunctionDef)
    if isinstance(body.body, cst.SimpleStatementSuite):
        return [cst.SimpleStatementLine(body.body.body)]
    return [node for node in body.body.body if isinstance(node, Node)]


class _Returns(cst.CSTTransformer):
    """Puts calls in the place of `return`; main has no other function in it."""

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Expr:
        value = updated_node.value
        arguments = [cst.Arg(value)] if value else []
        return cst.Expr(cst.Call(cst.Name(RETURNS), arguments), semicolon=updated_node.semicolon)


class _Inline(cst.CSTTransformer):
    """Puts statements in the place of one, under a guard of their own if asked, and takes main away."""

    def __init__(
        self,
        call: Node,
        body: list[Node],
        footer: Sequence[cst.EmptyLine],
        main: Node,
        *,
        guard: bool,
    ):
        super().__init__()
        self.call, self.body, self.footer, self.main = call, body, footer, main
        self.guard = guard

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> object:  # type: ignore[override]
        if original_node is self.main:
            return cst.RemoveFromParent()
        if original_node is self.call:
            if not self.guard:
                return cst.FlattenSentinel(self.body)
            guard = statement('if __name__ == "__main__":\n    pass\n')
            return guard.with_changes(
                leading_lines=[cst.EmptyLine(indent=False)] * 2,
                body=cst.IndentedBlock(self.body, footer=self.footer),
            )
        if (
            isinstance(original_node, cst.IndentedBlock)
            and isinstance(updated_node, cst.IndentedBlock)
            and self.call in original_node.body
        ):
            return updated_node.with_changes(footer=[*self.footer, *updated_node.footer])
        if isinstance(original_node, cst.SimpleStatementSuite) and any(
            part in original_node.body for part in getattr(self.call, "body", ())
        ):
            return cst.IndentedBlock(self.body, footer=self.footer)
        return super().on_leave(original_node, updated_node)


class _Restore(cst.CSTTransformer):
    """Gives the new main what the old one had as a function."""

    def __init__(self, of: Inlined):
        super().__init__()
        self.of = of
        self.inside = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.inside += node.name.value == "main"

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        if original_node.name.value != "main":
            return updated_node
        self.inside -= 1
        old = self.of.function
        comments = [*old.leading_lines]
        while comments and comments[0].comment is None:
            del comments[0]
        returns = updated_node.returns
        if old.returns:
            returns = old.returns
        elif _gives_something(old):
            returns = None
        return updated_node.with_changes(
            leading_lines=[*updated_node.leading_lines, *comments], returns=returns
        )

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.BaseSmallStatement:
        call = updated_node.value
        if not (isinstance(call, cst.Call) and isinstance(call.func, cst.Name)):
            return updated_node
        if call.func.value == RETURNS and self.inside:
            value = call.args[0].value if call.args else None
            space = cst.SimpleWhitespace(" " if value else "")
            return cst.Return(value, space, semicolon=updated_node.semicolon)
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        small = updated_node.body[0]
        call = small.value if isinstance(small, cst.Expr) else None
        if not (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Name)
            and call.func.value == "main"
            and not self.inside
        ):
            return updated_node
        return updated_node.with_changes(body=[self.of.call.visit(_Call(call))])


class _Call(cst.CSTTransformer):
    """Puts a call of main in the place of the old one."""

    def __init__(self, call: cst.Call):
        super().__init__()
        self.call = call

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        is_main = isinstance(updated_node.func, cst.Name) and updated_node.func.value == "main"
        return self.call if is_main else updated_node


def _gives_something(main: cst.FunctionDef) -> bool:
    """Tell whether a function returns a value anywhere."""
    found: list[cst.Return] = []

    class Find(cst.CSTVisitor):
        def visit_Return(self, node: cst.Return) -> None:
            found.append(node)

    main.visit(Find())
    return any(node.value for node in found)
