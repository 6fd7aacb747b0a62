"""The proof that args.argv is what sys.argv was where main read it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping, Sequence

from ..source.effects import ModuleNames
from ..source.names import (
    Function,
    Import,
    bound_names,
    imported_modules,
    in_scope,
    is_standard,
    root,
)
from ..source.namespaces import may_have_more
from .own_main_change import Main, trees_of
from .own_main_names import bound_inside
from .proof import Unproven, executed

_SIMPLE = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise)


def prove_argv(old: bytes, new: bytes) -> None:
    """Raise Unproven unless main reads sys.argv in `old` where it reads args.argv in `new`, which is
    the same list: nothing that runs until then may set sys.argv to another one."""
    before, after = trees_of(old, new)
    was, now = Main.of(before), Main.of(after)
    _same_but_for_argv(was, now)
    statements = executed(before)
    known = ModuleNames.of(statements)
    if known.origins.get("sys") != "sys" or "sys" in bound_inside(was.function):
        raise Unproven("sys may mean something else in main")
    if "args" in bound_inside(was.function):
        raise Unproven("args is set in main")
    if not may_have_more(was.function.body, "args", {"argv"}):
        raise Unproven("args is used as a whole")
    for node in ast.walk(before):
        stored = isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        if (stored and node.attr == "argv") or _is_named(node, "setattr"):  # type: ignore[attr-defined]
            raise Unproven("sys.argv may be set")
    functions = {
        statement.name: statement
        for statement in statements
        if isinstance(statement, Function) and statement.name in known.stable
    }
    taken = {
        name
        for node in ast.walk(was.function)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and _reads_args(node.value)
        for name in bound_names(node)
    }
    texts = {None, "sys", *bound_inside(was.function)} - taken
    for part, last in _until_read(was.body):
        reads = {node for node in ast.walk(part) if _is_argv(node)}
        if not reads <= {*in_scope(part)}:
            raise Unproven(f"line {part.lineno} may read sys.argv later")
        called = getattr(part, "value", None) if last and isinstance(part, _SIMPLE) else None
        _changes_nothing(part, known, functions, {called} if called else (), texts, set())


def _until_read(block: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt | ast.expr, bool]]:
    """Yield what of a block may run before sys.argv is read for the last time, and whether that is
    where it is; nothing of a block that does not read it."""
    reading = [number for number, statement in enumerate(block) if _reads_argv([statement])]
    if not reading:
        return
    yield from ((statement, False) for statement in block[: reading[-1]])
    last = block[reading[-1]]
    if isinstance(last, ast.If):
        yield last.test, False
        yield from _until_read(last.body)
        yield from _until_read(last.orelse)
    elif isinstance(last, ast.Try) and not _reads_argv(
        [*last.handlers, *last.orelse, *last.finalbody]
    ):
        yield from _until_read(last.body)
    else:
        yield last, True


def _reads_argv(nodes: Sequence[ast.AST]) -> bool:
    return any(_is_argv(inner) for node in nodes for inner in ast.walk(node))


def _reads_args(node: ast.expr | None) -> bool:
    return node is not None and any(_is_named(inner, "args") for inner in ast.walk(node))


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_argv(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "argv" and _is_named(node.value, "sys")


def _same_but_for_argv(was: Main, now: Main) -> None:
    """Raise Unproven unless the call hands sys.argv over, and main reads that, and all else is as it
    was."""
    [namespace] = now.call.args if len(now.call.args) == 1 else [None]
    if not isinstance(namespace, ast.Call) or ast.unparse(namespace.func) != "argparse.Namespace":
        raise Unproven("main does not get a namespace")
    handed = [word for word in namespace.keywords if word.arg == "argv"]
    if [ast.unparse(word.value) for word in handed] != ["sys.argv"]:
        raise Unproven("main does not get sys.argv")
    if any(word.arg is None for word in namespace.keywords):
        raise Unproven("main may get another argv")
    namespace.keywords.remove(handed[0])
    for node in (node for statement in now.function.body for node in ast.walk(statement)):
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "argv"
            and _is_named(node.value, "args")
        ):
            node.value = ast.Name("sys", ast.Load())
    if ast.dump(was.tree) != ast.dump(now.tree):
        raise Unproven("code besides sys.argv would change")


def _changes_nothing(
    node: ast.AST,
    known: ModuleNames,
    functions: Mapping[str, Function],
    but_for: Collection[ast.AST],
    texts: Collection[str | None],
    asked: set[str],
) -> None:
    """Raise Unproven where a node, or a function of the script's that it calls, may run code that
    nobody sees; `but_for` are calls that run once all else was evaluated, `texts` names of main's
    with texts and the like."""
    for inner in ast.walk(node):
        if isinstance(inner, Import) and not all(map(is_standard, imported_modules(inner))):
            raise Unproven(f"line {inner.lineno} imports what may set sys.argv")
        if isinstance(inner, (ast.With, ast.AsyncWith, ast.Await, ast.YieldFrom)):
            raise Unproven(f"line {inner.lineno} may run what sets sys.argv")
        if not isinstance(inner, ast.Call) or inner in but_for:
            continue
        called = known.origin(inner.func)
        own = functions.get(inner.func.id) if isinstance(inner.func, ast.Name) else None
        if own is not None:
            if own.name not in asked:
                asked.add(own.name)
                _changes_nothing(own, known, functions, (), {None}, asked)
        elif called is None:
            # Else it is a method of a text, or of what main made of texts.
            if not isinstance(inner.func, ast.Attribute) or root(inner.func) not in texts:
                raise Unproven(f"line {inner.lineno} may run what sets sys.argv")
        elif not (is_standard(called) or hasattr(builtins, called.split(".")[0])):
            raise Unproven(f"line {inner.lineno} may run what sets sys.argv")
