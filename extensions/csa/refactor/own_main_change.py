"""What became of a main of the script's own, found from the old and the new source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..source.effects import ModuleNames, is_side_effect_free
from ..source.names import Definition, Function, bound_in, in_scope, names
from ..source.syntax import NotPython, own_tree
from .proof import Unproven, executed


def trees_of(old: bytes, new: bytes) -> tuple[ast.Module, ast.Module]:
    """Return an old and a new source, parsed; raise Unproven where one is not Python."""
    try:
        return own_tree(old), own_tree(new, compiles=True)
    except NotPython as error:
        raise Unproven(f"it would not compile: {error}") from error


def without_new_import(before: ast.Module, after: ast.Module) -> None:
    """Take the import of argparse away that main's signature needs, if it is new.

    Raises Unproven where argparse is not there when main is defined.
    """
    runs = executed(after)
    at = next((number for number, statement in enumerate(runs) if is_main(statement)), 0)
    if ModuleNames.of(runs[:at]).origins.get("argparse") != "argparse":
        raise Unproven("argparse is not there when main is defined")
    imports = [is_import(statement) for statement in after.body]
    if sum(imports) > sum(map(is_import, before.body)):
        del after.body[imports.index(True)]


def is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, Function) and statement.name == "main"


def is_import(statement: ast.stmt) -> bool:
    return ast.unparse(statement) == "import argparse"


@dataclass(frozen=True)
class Main:
    """A script's main, its one call, and the block in which the statement stands that calls it.

    `blocks` are that block and those around it, each with the number of the statement in it.
    """

    tree: ast.Module
    function: Function
    call: ast.Call
    blocks: list[tuple[list[ast.stmt], int]]

    @classmethod
    def of(cls, tree: ast.Module) -> Main:
        mains = [
            statement
            for statement in executed(tree)
            if isinstance(statement, Function) and is_main(statement)
        ]
        nodes = list(ast.walk(tree))
        uses = [node for node in nodes if isinstance(node, ast.Name) and node.id == "main"]
        calls = [node for node in nodes if isinstance(node, ast.Call) and node.func in uses]
        if len(mains) != 1 or len(uses) != 1 or len(calls) != 1:
            raise Unproven("main is not called once")
        if "main" in _bound_besides(nodes, mains[0]):
            raise Unproven("the name main is set elsewhere, too")
        inner = (node for statement in mains[0].body for node in in_scope(statement))
        if mains[0].decorator_list or any(
            isinstance(node, (ast.Yield, ast.YieldFrom)) for node in inner
        ):
            raise Unproven("main is not a plain function")
        if any(node is calls[0] for node in ast.walk(mains[0])):
            raise Unproven("main calls itself")
        if isinstance(mains[0], ast.AsyncFunctionDef) and not _runs_at_once(tree, calls[0]):
            raise Unproven("main, which is async, may run later than it is called")
        return cls(tree, mains[0], calls[0], _blocks(tree.body, calls[0]))

    @property
    def caller(self) -> ast.stmt:
        """The statement that calls it, with no other statement in it that does."""
        block, number = self.blocks[-1]
        return block[number]

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements, the docstring left out."""
        return self.function.body[len(self.docstring) :]

    @property
    def docstring(self) -> list[ast.stmt]:
        first = self.function.body[:1]
        return first if is_text(first[0]) else []


def _runs_at_once(tree: ast.Module, call: ast.Call) -> bool:
    """Tell whether a call of what is async is what asyncio.run runs, and runs first."""
    known = ModuleNames.of(executed(tree))
    return any(
        isinstance(node, ast.Call)
        and known.fixed_origin(node.func) == "asyncio.run"
        and node.args == [call]
        and all(isinstance(word.value, ast.Constant) for word in node.keywords)
        for node in ast.walk(tree)
    )


def is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _bound_besides(nodes: Sequence[ast.AST], main: Function) -> set[str]:
    """Return the names that anything but a main's definition binds, methods left out."""
    found: set[str] = set()
    methods = {
        id(member) for node in nodes if isinstance(node, ast.ClassDef) for member in node.body
    }
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found |= set(node.names)
        elif isinstance(node, Definition) and node is not main and id(node) not in methods:
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
    return found


def _blocks(block: list[ast.stmt], call: ast.Call) -> list[tuple[list[ast.stmt], int]]:
    """Return the blocks around a call, the outermost first; those of functions and classes, too."""
    for number, statement in enumerate(block):
        if any(node is call for node in ast.walk(statement)):
            inner = [block for part in _parts(statement) for block in _blocks(part, call)]
            return [(block, number), *inner]
    return []


def _parts(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for node in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for field in ("body", "orelse", "finalbody"):
            part = getattr(node, field, None)
            if isinstance(part, list):
                yield part


def values_of(was: Main) -> dict[str, ast.expr]:
    """Return what main's parameters get, in the order in which that is evaluated."""
    arguments, call = was.function.args, was.call
    positional = [*arguments.posonlyargs, *arguments.args]
    if any(isinstance(value, ast.Starred) for value in call.args[: len(positional)]):
        raise Unproven("main gets unpacked arguments")
    values = {argument.arg: value for argument, value in zip(positional, call.args)}
    rest = call.args[len(positional) :]
    if arguments.vararg:
        values[arguments.vararg.arg] = ast.Tuple(rest, ast.Load())
    elif rest:
        raise Unproven("main gets more than it takes")
    named = {argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)}
    for word in call.keywords:
        if word.arg is None or word.arg not in named or word.arg in values:
            raise Unproven("main gets what it does not take")
        values[word.arg] = word.value
    defaults: dict[str, ast.expr] = {}
    for argument, default in zip(reversed(positional), reversed(arguments.defaults)):
        defaults[argument.arg] = default
    for argument, default_ in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default_:
            defaults[argument.arg] = default_
    if not all(isinstance(default, ast.Constant) for default in defaults.values()):
        raise Unproven("a default of main's is computed")
    for argument in (*positional, *arguments.kwonlyargs):
        if argument.arg not in values:
            if argument.arg not in defaults:
                raise Unproven(f"main does not get {argument.arg}")
            values[argument.arg] = defaults[argument.arg]
    if arguments.kwarg:
        values[arguments.kwarg.arg] = ast.Dict([], [])
    return values


# --- What moved ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moved:
    """What became of main's statements.

    `assigned` are new assignments of what main took, by name, `passed_on` the names under which it
    took variables that have the same name outside, and `parsing` statements of main's
    that stand before its call now. `logic` are those that stay in it, after it took over what
    `taken` has: expressions by name.
    """

    assigned: dict[str, ast.expr]
    passed_on: set[str]
    parsing: list[ast.stmt]
    logic: list[ast.stmt]
    taken: dict[str, ast.expr]

    @property
    def leaves(self) -> bool:
        """Whether anything stands before the call that was in main."""
        return bool(self.assigned or self.parsing)

    @property
    def outside(self) -> set[str]:
        """The names that were main's, and are the module's now."""
        return {*self.assigned, *bound_in(self.parsing)}

    @classmethod
    def of(
        cls,
        was: Main,
        now: Main,
        values: Mapping[str, ast.expr],
        statements: Sequence[ast.stmt],
    ) -> Moved:
        block, number = now.blocks[-1]
        extra = len(block) - len(was.blocks[-1][0])
        if extra < 0 or extra > number:
            raise Unproven("statements before the call of main were lost")
        before = block[number - extra : number]
        assigned: dict[str, ast.expr] = {}
        pending = [name for name, value in values.items() if not is_name(value, name)]
        for name in pending:
            if before and assigned_by(before[0]) == name:
                value = before.pop(0).value  # type: ignore[attr-defined]
                if ast.dump(value) != ast.dump(values[name]):
                    raise Unproven(f"main would get another {name}")
                assigned[name] = value
            elif not isinstance(values[name], ast.Constant):
                break  # nothing moved, or else it is said below
        left = [name for name in pending if name not in assigned]
        if before and not all(isinstance(values[name], ast.Constant) for name in left):
            raise Unproven("what main gets would be evaluated later")
        body = now.body
        taken: dict[str, ast.expr] = {}
        own = {*values, *bound_in(before)}
        while body and _is_of_args(body[0], values):
            taking = assigned_by(body[0])
            if taking is None or taking not in own or taking in taken or "args" in taken:
                break
            taken[taking] = body.pop(0).value  # type: ignore[attr-defined]
        parsing, logic = _taken_apart(
            was.body, before, body, ModuleNames.of([*statements, *was.body])
        )
        return cls(assigned, {*values} - {*pending}, parsing, logic, taken)


def is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def assigned_by(statement: ast.stmt) -> str | None:
    """Return the name that a statement gives a value, and does nothing else."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        target = statement.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def _is_of_args(statement: ast.stmt, values: Mapping[str, ast.expr]) -> bool:
    """Tell whether a statement gives a name args, an attribute of it, or the constant that main got."""
    name = assigned_by(statement)
    if name is None:
        return False
    value = statement.value  # type: ignore[attr-defined]
    if isinstance(value, ast.Constant):
        return name in values and ast.dump(values[name]) == ast.dump(value)
    owner = value.value if isinstance(value, ast.Attribute) else value
    return isinstance(owner, ast.Name) and owner.id == "args"


def _taken_apart(
    body: Sequence[ast.stmt],
    outside: Sequence[ast.stmt],
    inside: Sequence[ast.stmt],
    known: ModuleNames,
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return main's old statements that stand outside now, and those that stay.

    Raises Unproven unless these are all, in their order, but for declarations and definitions that
    stayed behind what left: nobody can tell when they run.
    """
    parsing: list[ast.stmt] = []
    logic: list[ast.stmt] = []
    left, stay = list(outside), list(inside)
    for statement in body:
        if left and ast.dump(left[0]) == ast.dump(statement):
            parsing.append(statement)
            del left[0]
        elif stay and ast.dump(stay[0]) == ast.dump(statement):
            if left and not _runs_any_time(statement, known, bound_in(left)):
                raise Unproven(f"line {statement.lineno} would run at another time")
            logic.append(statement)
            del stay[0]
        elif (
            len(left) == 1
            and stay
            and (parsed := _parsed_apart(statement, left[0], stay[0], known))
        ):
            parsing.append(parsed)
            logic.append(stay[0])
            del left[0], stay[0]
        else:
            raise Unproven(f"line {statement.lineno} was lost, or would run at another time")
    if left or stay:
        raise Unproven(f"line {(left or stay)[0].lineno} is new")
    return parsing, logic


def _runs_any_time(statement: ast.stmt, known: ModuleNames, later: set[str]) -> bool:
    """Tell whether nobody can tell if a statement runs after others, which set some names."""
    if isinstance(statement, (ast.Global, ast.Nonlocal)):
        return True
    return (
        isinstance(statement, Definition)
        and statement.name not in later
        and is_side_effect_free(statement, known)
    )


def _parsed_apart(
    statement: ast.stmt, parsing: ast.stmt, logic: ast.stmt, known: ModuleNames
) -> ast.stmt | None:
    """Return the statement that gives args its value, if with that the logic is what a statement was.

    Before the value, nothing but names and their attributes may be looked up in it.
    """
    if assigned_by(parsing) != "args" or "args" in names(statement):
        return None
    value = parsing.value  # type: ignore[attr-defined]
    uses = [node for node in ast.walk(logic) if isinstance(node, ast.Name) and node.id == "args"]
    if len(uses) != 1 or not is_evaluated_first(logic, uses[0], known):
        return None
    dumps = [ast.dump(statement), ast.dump(logic)]
    return parsing if dumps[0] == dumps[1].replace(ast.dump(uses[0]), ast.dump(value)) else None


def is_evaluated_first(statement: ast.stmt, node: ast.expr, known: ModuleNames) -> bool:
    """Tell whether a statement evaluates an expression in it before all else, but for names of what
    is always the same."""
    if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)):
        value = statement.value
    else:
        value = statement.exc if isinstance(statement, ast.Raise) else None
    while value is not node:
        if isinstance(value, ast.Call) and value.args and _is_fixed(value.func, known):
            value = value.args[0]
        elif isinstance(value, (ast.Attribute, ast.Subscript)):
            value = value.value
        elif isinstance(value, ast.IfExp):
            value = value.test
        elif isinstance(value, ast.UnaryOp):
            value = value.operand
        elif isinstance(value, (ast.BinOp, ast.Compare)):
            value = value.left
        elif isinstance(value, ast.BoolOp):
            value = value.values[0]
        else:
            return False
    return True


def _is_fixed(node: ast.expr, known: ModuleNames) -> bool:
    own = isinstance(node, ast.Name) and node.id in known.stable
    return own or known.fixed_origin(node) is not None
