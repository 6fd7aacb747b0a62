"""The proof that a refactored script does what it did.

It takes the old and the new source, writes down for each what runs, in which order, when the file is
executed, and compares the two lists. With the refactoring it shares what a statement means
(statements.py), and nothing of where statements go.
"""

from __future__ import annotations

import ast
import builtins
import copy
import io
import symtable
import tokenize
from collections import Counter
from dataclasses import dataclass
from importlib.util import decode_source

from .script import global_names
from .statements import (
    LOOK_UPS,
    Known,
    Reach,
    bound_names,
    eager_names,
    is_guard,
    is_inert,
    names,
    surely_bound,
)


class Unproven(Exception):
    """The two sources could not be shown to do the same; the message says where they differ."""


def prove(old: bytes, new: bytes) -> None:
    """Raise Unproven unless the new source, executed, runs the old one's statements in their order.

    That is with the call of main replaced by main's statements. Definitions, imports of the
    standard library and constants may be anywhere before their first use. Besides, every token of
    the old source is in the new one, and every name means the same variable.
    """
    try:
        compile(new, "main.py", "exec")
    except (SyntaxError, ValueError) as error:
        raise Unproven(f"it would not compile: {error}") from error
    before, after = ast.parse(old), ast.parse(new)
    if ast.get_docstring(before, clean=False) != ast.get_docstring(after, clean=False):
        raise Unproven("the module would have another docstring")
    had_main = any(getattr(one, "name", None) == "main" for one in before.body)
    ran = _executed(before)
    runs = _executed(after)
    main = None
    if not had_main:
        mains = [one for one in after.body if isinstance(one, ast.FunctionDef)]
        main = next((one for one in mains if one.name == "main"), None)
        if main is None:
            raise Unproven("there is no main")
        runs = _inlined([one for one in runs if one is not main], main)
        runs = _without_new_import(ran, runs)
    _same_order(ran, runs)
    _same_tokens(old, new)
    if main is not None:
        _same_variables(old, new, main)


def _executed(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements that run when a module is executed."""
    return [
        one
        for statement in tree.body
        for one in (
            statement.body if isinstance(statement, ast.If) and is_guard(statement) else [statement]
        )
    ]


# --- What runs, and in which order ---------------------------------------------------------------


def _inlined(statements: list[ast.stmt], main: ast.FunctionDef) -> list[ast.stmt]:
    """Return statements with main's in the place of its call."""
    calls = [
        node
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "main"
    ]
    if len(calls) != 1:
        raise Unproven("main is not called once")
    [call] = calls
    if ast.unparse(main.args) != "args: argparse.Namespace" or main.decorator_list:
        raise Unproven("main does not take args alone")
    body = _unwrapped(main.body, call)
    handed = {one.id for one in ast.walk(call) if isinstance(one, ast.Name)} - {
        "argparse", "main", "vars"
    }  # fmt: skip

    def replace(block: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in block:
            if isinstance(statement, ast.Expr) and statement.value is call:
                handed.difference_update(surely_bound(found) or set())
                found += body
            elif isinstance(statement, (ast.Try, ast.With)):
                handed.difference_update(surely_bound([*found, *_entered(statement)]) or set())
                inner = copy.copy(statement)
                inner.body = replace(statement.body)
                found.append(inner)
            else:
                found.append(statement)
        return found

    replaced = replace(statements)
    if any(node is call for statement in replaced for node in ast.walk(statement)):
        raise Unproven("main is called within another statement")
    if handed and isinstance(call.args[0], (ast.Name, ast.Call)) and _is_handed(call.args[0]):
        raise Unproven(f"{min(handed)} may not be set when main is called")
    return replaced


def _entered(statement: ast.Try | ast.With) -> list[ast.stmt]:
    """Return what a with statement binds, as a statement without a block."""
    if isinstance(statement, ast.Try):
        return []
    return [ast.With(statement.items, [ast.Pass()], lineno=statement.lineno)]


def _is_handed(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Name) or ast.unparse(argument).startswith("argparse.Namespace(")


def _unwrapped(body: list[ast.stmt], call: ast.Call) -> list[ast.stmt]:
    """Return main's statements without those that only take over its argument."""
    if len(call.args) != 1 or call.keywords:
        raise Unproven("main does not get one argument")
    [argument] = call.args
    rest = list(body)
    front = []
    if rest and isinstance(rest[0], ast.Expr) and isinstance(rest[0].value, ast.Constant):
        front = [rest.pop(0)]  # its docstring
    if rest and isinstance(rest[0], ast.Global):
        del rest[0]
    taken: list[str] = []
    whole = None
    if isinstance(argument, ast.Name):
        whole = argument.id
    elif isinstance(argument, ast.Call) and ast.unparse(argument.func) == "argparse.Namespace":
        for keyword in argument.keywords:
            if keyword.arg is None:
                value = keyword.value
                if not (
                    isinstance(value, ast.Call)
                    and ast.unparse(value.func) == "vars"
                    and isinstance(value.args[0], ast.Name)
                ):
                    raise Unproven("main gets something new")
                whole = value.args[0].id
            elif ast.unparse(keyword.value) != keyword.arg:
                raise Unproven("main gets something under another name")
            else:
                taken.append(keyword.arg)
    else:
        return front + _substituted(rest, argument)
    if whole not in (None, "args") and rest and ast.unparse(rest[0]) == f"{whole} = args":
        del rest[0]
    elif whole not in (None, "args") and any(whole in names(one) for one in rest):
        raise Unproven(f"main does not take over {whole}")
    for name in taken:
        if not rest or ast.unparse(rest.pop(0)) != f"{name} = args.{name}":
            raise Unproven(f"main does not take over {name}")
    if taken and whole is not None:
        _only_read(rest, whole, set(taken))
    if whole != "args" and "args" not in taken and not _is_set_first("args", rest):
        raise Unproven("args is another thing in main")
    return front + rest


def bound_names_of(statements: list[ast.stmt]) -> set[str]:
    """Return the names that statements bind."""
    return {name for statement in statements for name in bound_names(statement)}


def _substituted(body: list[ast.stmt], parse: ast.expr) -> list[ast.stmt]:
    """Return main's statements with the call that parses in the place of args."""
    uses = [
        node
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and node.id == "args"
    ]
    if len(uses) != 1 or not any(node is uses[0] for node in ast.walk(body[0])):
        raise Unproven("args is not used once, at once")

    class Substitute(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parse if node is uses[0] else node

    first = Substitute().visit(body[0])
    # Nothing but names may be looked up before it.
    value = first.value
    while value is not parse:
        value = value.value if isinstance(value, ast.Await) else value
        if not (isinstance(value, ast.Call) and value.args):
            raise Unproven("something is evaluated before the arguments are parsed")
        if any(isinstance(node, ast.Call) for node in ast.walk(value.func)):
            raise Unproven("something is called before the arguments are parsed")
        value = value.args[0]
    return [first, *body[1:]]


def _only_read(body: list[ast.stmt], whole: str, taken: set[str]) -> None:
    """Raise Unproven when main could tell that args has more attributes than what was parsed."""
    attributes = [
        node.value
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and node.attr not in taken
    ]
    for statement in body:
        for node in ast.walk(statement):
            if (
                isinstance(node, ast.Name)
                and node.id == whole
                and not any(node is one for one in attributes)
            ):
                raise Unproven(f"{whole} is used as a whole")


def _without_new_import(old: list[ast.stmt], new: list[ast.stmt]) -> list[ast.stmt]:
    added = [ast.dump(one) for one in new if ast.unparse(one) == "import argparse"]
    had = [one for one in old if ast.unparse(one) == "import argparse"]
    if len(added) <= len(had):
        return new
    at = next(n for n, one in enumerate(new) if ast.unparse(one) == "import argparse")
    if "argparse" in bound_names_of(old):
        bound = [one for one in old if "argparse" in bound_names(one)]
        if any(ast.unparse(one) != "import argparse" for one in bound):
            raise Unproven("argparse is another thing here")
    return [*new[:at], *new[at + 1 :]]


@dataclass
class _Run:
    """What runs: the statements that may be seen to run, and the inert ones with their places."""

    statements: list[ast.stmt]
    inert: list[int]

    def dumps(self, inert: bool) -> list[str]:
        numbers = set(self.inert)
        return [ast.dump(one) for n, one in enumerate(self.statements) if (n in numbers) == inert]


def _same_order(old: list[ast.stmt], new: list[ast.stmt]) -> None:
    """Raise Unproven unless both lists have the same statements in an order that nobody can tell."""
    old_run, new_run = _run(old), _run(new)
    if old_run.dumps(False) != new_run.dumps(False):
        raise Unproven(_difference(old_run.dumps(False), new_run.dumps(False), old))
    if Counter(old_run.dumps(True)) != Counter(new_run.dumps(True)):
        raise Unproven("definitions or constants were lost or added")
    places = _places(new, new_run.inert)
    reach = Reach(old)
    for number, passed in _places(old, old_run.inert).items():
        [statement, count] = passed
        new_count = places[number][1] if number in places else count
        _may_move(old, old_run, reach, statement, count, new_count)


def _run(statements: list[ast.stmt]) -> _Run:
    known = Known.of(statements)
    inert = [n for n, one in enumerate(statements) if is_inert(one, known)]
    return _Run(statements, inert)


def _places(statements: list[ast.stmt], inert: list[int]) -> dict[str, tuple[ast.stmt, int]]:
    """Return each inert statement with the number of others that run before it."""
    numbers = set(inert)
    places: dict[str, tuple[ast.stmt, int]] = {}
    count = 0
    seen: Counter[str] = Counter()
    for number, statement in enumerate(statements):
        if number not in numbers:
            count += 1
            continue
        dump = ast.dump(statement)
        seen[dump] += 1
        places[f"{seen[dump]} {dump}"] = (statement, count)
    return places


def _may_move(
    old: list[ast.stmt], run: _Run, reach: Reach, moved: ast.stmt, count: int, new: int
) -> None:
    """Raise Unproven when an inert statement passed one that it does not commute with."""
    if count == new:
        return
    others = [number for number in range(len(old)) if number not in set(run.inert)]
    bound = bound_names(moved)
    for number in others[min(count, new) : max(count, new)]:
        passed = old[number]
        what = f"line {moved.lineno} would pass line {passed.lineno}"
        if eager_names(moved) & bound_names(passed):
            raise Unproven(f"{what}, which sets what it reads")
        if (bound | LOOK_UPS) & reach.before(number):
            raise Unproven(f"{what}, which may use it")
    binders = sum(bool(bound & bound_names(one)) for one in old)
    if bound and binders > 1:
        raise Unproven(f"what line {moved.lineno} defines is defined elsewhere, too")


def _difference(old: list[str], new: list[str], statements: list[ast.stmt]) -> str:
    by_dump = {ast.dump(one): one.lineno for one in statements}
    for one, other in zip(old, new):
        if one != other:
            return f"line {by_dump.get(one, 0)} would run at another time"
    return "statements were lost or added"


# --- Nothing else changed --------------------------------------------------------------------------


def _same_tokens(old: bytes, new: bytes) -> None:
    """Raise Unproven when a token or a comment of the old source is missing in the new one."""
    lost = _tokens(old) - _tokens(new)
    # Several guards become one.
    guards = sum(is_guard(one) for one in ast.parse(old).body)
    for token in ("if", "__name__", "==", ":") if guards > 1 else ():
        del lost[token]
    lost = Counter({t: n for t, n in lost.items() if t.strip("'\"") != "__main__"})
    if lost:
        raise Unproven(f"{next(iter(lost))!r} was lost")


def _tokens(source: bytes) -> Counter[str]:
    spaces = {
        tokenize.ENCODING, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE, tokenize.NL,
        tokenize.ENDMARKER,
    }  # fmt: skip
    return Counter(
        token.string
        for token in tokenize.tokenize(io.BytesIO(source).readline)
        if token.type not in spaces
    )


# --- Every name is the same variable -----------------------------------------------------------


def _same_variables(old: bytes, new: bytes, main: ast.FunctionDef) -> None:
    """Raise Unproven when a variable of main's was one that others can see."""
    for node in ast.walk(main):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = node.func.id
            if called == "exec" or (called in ("locals", "vars", "dir") and not node.args):
                raise Unproven(f"{called}() gives something else in a function")
    top = symtable.symtable(decode_source(new), "main.py", "exec")
    [table] = [
        child
        for child in top.get_children()
        if child.get_name() == "main" and child.get_type() == "function"
    ]
    local = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_local()} - {"args"}
    elsewhere = set().union(*(global_names(one) for one in top.get_children() if one is not table))
    if "args" in elsewhere and "args" in bound_names_of(main.body):
        raise Unproven("args is used by functions")
    if shared := local & elsewhere:
        raise Unproven(f"{min(shared)} would no longer be seen by functions")
    handed = {
        ast.unparse(one).split(" = ")[0]
        for one in main.body
        if isinstance(one, ast.Assign) and ast.unparse(one.value).split(".")[0] == "args"
    }
    at_top = {
        symbol.get_name()
        for symbol in top.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_referenced()
    }
    if shared := (local & at_top) - handed:
        raise Unproven(f"{min(shared)} would be two variables")
    for name in sorted(local):
        if hasattr(builtins, name) and name not in handed and not _is_set_first(name, main.body):
            raise Unproven(f"{name} would not be the builtin before it is set")
    for statement in main.body:
        definition = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if definition and bound_names(statement) & local:
            raise Unproven(f"line {statement.lineno} would be known by another name")
    _same_in_classes(table, local)


def _same_in_classes(table: symtable.SymbolTable, local: set[str]) -> None:
    for child in table.get_children():
        if child.get_type() == "class":
            for symbol in child.get_symbols():
                if symbol.get_name() in local and symbol.is_assigned() and symbol.is_referenced():
                    raise Unproven(f"{symbol.get_name()} would not be seen in a class")
        _same_in_classes(child, local)


def _is_set_first(name: str, body: list[ast.stmt]) -> bool:
    for statement in body:
        if name not in names(statement) | bound_names(statement):
            continue
        if isinstance(statement, ast.Assign):
            targets = [ast.unparse(one) for one in statement.targets]
            return name in targets and name not in names(statement.value)
        return isinstance(statement, (ast.Import, ast.ImportFrom))
    return True
