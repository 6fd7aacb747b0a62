"""Whether every name is the same variable once a main of the script's own is main(args)."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence

from ..source.effects import ModuleNames, definitely_assigned, is_side_effect_free, only_names_types
from ..source.look_ups import (
    OTHER_CALLER,
    finds_by_name,
    inspects_namespace,
    named_in_texts,
    stack_level,
)
from ..source.names import (
    Definition,
    Function,
    Import,
    bound_in,
    global_names,
    in_scope,
    is_set_first,
    names,
)
from ..source.syntax import scopes
from .own_main_change import Main, Moved, is_evaluated_first
from .proof import OF_A_SCOPE, Unproven

_LEAVES = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal, Definition)
_HOLDS = {"FileType", "Popen", "connect", "popen", "socket"}


def same_types(was: Main, statements: Sequence[ast.stmt], known: ModuleNames) -> None:
    """Raise Unproven where an annotation of main's parameters did more than name a type."""
    for argument in (node for node in ast.walk(was.function.args) if isinstance(node, ast.arg)):
        if argument.annotation and not only_names_types(argument.annotation, statements, known):
            raise Unproven(f"the annotation of {argument.arg} would not be evaluated")


# --- Every name is the same variable -------------------------------------------------------------


class Scope:
    """The names that a function of a script has of its own, and those that others use."""

    def __init__(self, source: bytes, function: Function):
        top = scopes(source)
        [table] = [
            child
            for child in top.get_children()
            if child.get_name() == function.name and child.get_type() == "function"
        ]
        self.own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_local()}
        self.read = {symbol.get_name() for symbol in table.get_symbols()}
        self.inner = set().union(*map(global_names, table.get_children()))
        """The module's names that functions in it use."""
        others = [child for child in top.get_children() if child is not table]
        self.elsewhere = {symbol.get_name() for symbol in top.get_symbols()}.union(
            *map(global_names, others)
        ).union(self.inner, self.read - self.own)
        """The module's names that anything uses."""


def same_names(
    tree: ast.Module,
    function: Function,
    scope: Scope,
    statements: Sequence[ast.stmt],
    known: ModuleNames,
) -> None:
    """Raise Unproven when somebody could tell that main has args, or that argparse is imported."""
    for node in ast.walk(function):
        called = known.origin(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
        if called and called.removeprefix("builtins.") in OF_A_SCOPE:
            raise Unproven(f"{ast.unparse(node)}() gives other variables in main")
        if (
            isinstance(node, ast.Call)
            and not node.args
            and ast.unparse(node.func) in ("dir", "vars")
        ):
            raise Unproven(f"{ast.unparse(node)} gives other variables in main")
    by_name = finds_by_name(statements, known)
    if by_name and any(
        isinstance(node, ast.Constant) and node.value == "main" for node in ast.walk(tree)
    ):
        raise Unproven("a text names main, by which it may be looked up")
    if line := inspects_namespace(statements, known):
        raise Unproven(f"line {line} looks up names of the module, which may be main")
    if _passes_names_on(statements, known):
        raise Unproven("the names of the module are passed on, to where main may be looked up")
    if known.origins.get("argparse") != "argparse" and "argparse" in scope.elsewhere:
        raise Unproven("argparse may mean something else")
    if "argparse" in known.own:
        raise Unproven("argparse also means something else")


def bound_inside(function: Function) -> set[str]:
    """Return all names that anything in a function binds, whatever it is."""
    found: set[str] = set()
    for node in (node for statement in function.body for node in ast.walk(statement)):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, Import):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found |= set(node.names)
        elif isinstance(node, (Definition, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            found.add(node.name or "")
    return found


def sets_args_first(block: Sequence[ast.stmt], scope: Scope) -> None:
    """Raise Unproven where a function's statements read args, which was another variable of it."""
    if "args" not in scope.read | scope.inner or is_set_first("args", block):
        return
    for node in (node for statement in block for node in ast.walk(statement)):
        reads = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id == "args"
        changes = isinstance(node, (ast.AugAssign, ast.Delete)) and "args" in names(node)
        if reads or changes or isinstance(node, (ast.Global, ast.Nonlocal)):
            raise Unproven("args means something else in main")


def _passes_names_on(statements: Sequence[ast.stmt], known: ModuleNames) -> bool:
    """Tell whether code that nobody sees may get at all names of the module."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    return any(
        isinstance(node, ast.Call)
        and any(
            isinstance(value, ast.Call)
            and known.origin(value.func) in ("globals", "vars")
            and not value.args
            for value in (*node.args, *(word.value for word in node.keywords))
        )
        for node in nodes
    ) or any(
        isinstance(node, ast.expr) and known.origin(node) in ("eval", "exec") for node in nodes
    )


def may_stand_outside(
    was: Main,
    moved: Moved,
    scope: Scope,
    statements: Sequence[ast.stmt],
    known: ModuleNames,
) -> None:
    """Raise Unproven where what left main would do something else, or where others could tell."""
    outside, parsing = moved.outside, moved.parsing
    for block, number in was.blocks[:-1]:
        if isinstance(block[number], (Definition, ast.For, ast.AsyncFor, ast.While)):
            raise Unproven("main is called in a function or a loop")
    if not is_evaluated_first(was.caller, was.call, known):
        raise Unproven("main is not what its line begins with")
    for node in (node for statement in parsing for node in in_scope(statement)):
        if isinstance(node, _LEAVES):
            raise Unproven(f"line {node.lineno} means something else outside of main")
        if isinstance(node, ast.AnnAssign) and not only_names_types(
            node.annotation, statements, known
        ):
            raise Unproven(f"the annotation in line {node.lineno} would be evaluated")
        if stack_level(node) > 1:
            raise Unproven(OTHER_CALLER)
    if any(stack_level(node) > 2 for node in ast.walk(was.tree)):
        raise Unproven(OTHER_CALLER)
    if shared := outside & scope.elsewhere:
        raise Unproven(f"{min(shared)} is a variable of main's and another one outside of it")
    if finds_by_name(statements, known):
        raise Unproven("variables may be looked up by name")
    if shared := outside & named_in_texts(was.tree):
        raise Unproven(f"{min(shared)} is named in an annotation")
    if dunders := {name for name in outside if name.startswith("__")}:
        raise Unproven(f"{min(dunders)} would be the module's")
    mentioned = {name for statement in parsing for name in names(statement)}
    passed = scope.own & mentioned - outside
    arguments = {
        parameter.arg for parameter in ast.walk(was.function.args) if isinstance(parameter, ast.arg)
    }
    passed |= {name for name in arguments & mentioned if not is_set_first(name, parsing)}
    passed -= moved.assigned.keys()
    if unset := passed - moved.passed_on - _inner_names(parsing):
        raise Unproven(f"{min(unset)} is not set when it is read")
    declared = {
        name for node in ast.walk(was.tree) if isinstance(node, ast.Global) for name in node.names
    }
    ran = [statement for block, number in was.blocks for statement in block[:number]]
    if unset := moved.passed_on - (definitely_assigned(ran, known) or set()):
        raise Unproven(f"{min(unset)} may not be set when main is called")
    if shared := moved.passed_on & declared:
        raise Unproven(f"{min(shared)} may get another value while main runs")
    for name in sorted(outside & set(dir(builtins))):
        if name not in moved.assigned and not is_set_first(name, parsing):
            raise Unproven(f"{name} would be Python's before it is set")
    changed = bound_in(moved.logic) | {
        name
        for statement in moved.logic
        for node in ast.walk(statement)
        if isinstance(node, ast.Nonlocal)
        for name in node.names
    }
    if shared := changed & outside & _captured(parsing):
        raise Unproven(f"{min(shared)} would become two variables")
    if _holds_something(parsing) and (
        changed & outside or _runs_later(was, known) or "atexit" in known.origins.values()
    ):
        raise Unproven("what main opens would be closed later")


def _inner_names(block: Sequence[ast.stmt]) -> set[str]:
    """Return the names that lambdas and comprehensions in a block have of their own."""
    found: set[str] = set()
    for node in (node for statement in block for node in ast.walk(statement)):
        if isinstance(node, ast.Lambda):
            found |= {
                parameter.arg for parameter in ast.walk(node.args) if isinstance(parameter, ast.arg)
            }
        elif isinstance(node, ast.comprehension):
            found |= names(node.target)
    return found


def _captured(block: Sequence[ast.stmt]) -> set[str]:
    """Return the names that functions and generators in a block use, which may run later."""
    nodes = [node for statement in block for node in ast.walk(statement)]
    return {
        name
        for node in nodes
        if isinstance(node, (Function, ast.Lambda, ast.GeneratorExp))
        for name in names(node)
    }


def _holds_something(block: Sequence[ast.stmt]) -> bool:
    """Tell whether a block may open what closes when nobody has it any more."""
    for node in (node for statement in block for node in ast.walk(statement)):
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in _HOLDS or "open" in name.lower() or "temp" in name.lower():
                return True
    return False


def _runs_later(was: Main, known: ModuleNames) -> bool:
    """Tell whether anything runs after main that could see what it left behind."""
    for block, number in was.blocks:
        statement = block[number]
        if any(not is_side_effect_free(later, known) for later in block[number + 1 :]):
            return True
        if isinstance(statement, (ast.Try, ast.For, ast.While, ast.With)):
            return True
    return False
