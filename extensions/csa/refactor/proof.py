"""The proof that a refactored script does what it did.

It takes the old and the new source, writes down for each what runs, in which order, when the file is
executed, and compares the two lists. With the refactoring it shares what a statement means
(statements.py), and nothing of where statements go.
"""

from __future__ import annotations

import ast
import copy
import io
import re
import symtable
import tokenize
from collections import Counter
from dataclasses import dataclass

from ..source.effects import (
    ModuleNames,
    definitely_assigned,
    is_side_effect_free,
    must_stay_global,
    only_names_types,
)
from ..source.look_ups import (
    LOOK_UPS,
    OTHER_CALLER,
    Reachability,
    finds_by_name,
    from_elsewhere,
    inspects_namespace,
    named_in_texts,
    stack_level,
)
from ..source.names import (
    Definition,
    Function,
    bound_in,
    bound_names,
    dotted_name,
    eager_names,
    global_names,
    in_scope,
    is_guard,
    is_set_first,
    names,
)
from ..source.namespaces import has_no_alias, is_only_read, is_plain_namespace, namespace_of
from ..source.syntax import NotPython, own_tree, parse_expression, scopes

OF_A_SCOPE = {
    *("compile", "eval", "exec", "locals"),
    *("inspect.currentframe", "inspect.stack", "sys._getframe"),
}
"""What looks at the variables of the function that calls it, or sets them."""


class Unproven(Exception):
    """The two sources could not be shown to do the same; the message says where they differ."""


def prove(old: bytes, new: bytes) -> None:
    """Raise Unproven unless the new source, executed, runs the old one's statements in their order.

    That is with the call of main replaced by main's statements. Definitions and constants may be
    anywhere before their first use, and an import of argparse may come first. Besides, every token
    of the old source is in the new one, and every name of a new main's the same variable.

    Not compared: where comments stand, how deep the stack is, what tracebacks and log records call
    the function that runs, whether a name that is not set is an UnboundLocalError, how long the
    objects live that main alone holds, and what other processes find that import the module.

    Raises RecursionError when the sources are nested more deeply than Python can follow.
    """
    try:
        before, after = own_tree(old), own_tree(new, compiles=True)
    except NotPython as error:
        raise Unproven(f"it would not compile: {error}") from error
    known = ModuleNames.of(executed(before))
    if "__name__" in known.own:
        raise Unproven("__name__ is set, which the guard reads")
    if ast.get_docstring(before, clean=False) != ast.get_docstring(after, clean=False):
        raise Unproven("the module would have another docstring")
    if otherwise(before) != otherwise(after):
        raise Unproven("the guard would have another else branch")
    ran, runs = executed(before), executed(after)
    if any(
        isinstance(statement, Function) and statement.name == "main" for statement in before.body
    ):
        same_order(ran, runs)
    else:
        if line := inspects_namespace(ran, known):
            raise Unproven(f"line {line} lists the module's names, to which main() would be added")
        main = _new_main(old, after)
        handover = _Handover.of(main, after)
        runs = _without_new_import(ran, runs, main, handover)
        inlined = _inlined(runs, main, handover, known)
        same_order(ran, inlined)
        _same_variables(new, ran, after, main, handover, known)
    _same_tokens(old, new)


def executed(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements that run when a module is executed."""
    return [
        inner
        for statement in tree.body
        for inner in (
            statement.body if isinstance(statement, ast.If) and is_guard(statement) else [statement]
        )
    ]


def otherwise(tree: ast.Module) -> list[str]:
    """Return what runs instead of each guard when a module is imported."""
    guards = [
        statement
        for statement in tree.body
        if isinstance(statement, ast.If) and is_guard(statement)
    ]
    return [ast.dump(statement) for guard in guards for statement in guard.orelse]


# --- Main and its call ---------------------------------------------------------------------------


def _new_main(old: bytes, after: ast.Module) -> ast.FunctionDef:
    """Return the function main that only the new source has."""
    top = scopes(old)
    if "main" in {symbol.get_name() for symbol in top.get_symbols()} | global_names(top):
        raise Unproven("the name main is already used")
    mains = [
        statement
        for statement in after.body
        if isinstance(statement, ast.FunctionDef) and statement.name == "main"
    ]
    if len(mains) != 1:
        raise Unproven("main is not defined exactly once")
    [main] = mains
    empty = copy.copy(main)
    empty.body = [ast.Pass()]
    if ast.unparse(empty) != "def main(args: argparse.Namespace) -> None:\n    pass":
        raise Unproven("main is not main(args)")
    return main


@dataclass(frozen=True)
class _Handover:
    """What the one call of main hands over.

    That is the namespace called `whole`, if any, and the names `taken` as attributes, or else what
    the expression `parsed` returns. `rest` are main's statements without those that take it over.
    """

    call: ast.Call
    whole: str | None
    taken: tuple[str, ...]
    parsed: ast.expr | None
    rest: list[ast.stmt]

    @classmethod
    def of(cls, main: ast.FunctionDef, after: ast.Module) -> _Handover:
        nodes = [
            node
            for statement in executed(after)
            if statement is not main
            for node in in_scope(statement)
        ]
        uses = [node for node in nodes if isinstance(node, ast.Name) and node.id == "main"]
        calls = [node for node in nodes if isinstance(node, ast.Call) and node.func in uses]
        if len(uses) != 1 or len(calls) != 1:
            raise Unproven("main is not called once")
        [call] = calls
        if len(call.args) != 1 or call.keywords:
            raise Unproven("main does not get one argument")
        [argument] = call.args
        whole: str | None = None
        taken: list[str] = []
        parsed = None
        if isinstance(argument, ast.Name):
            whole = argument.id
        elif isinstance(argument, ast.Call) and ast.unparse(argument.func) == "argparse.Namespace":
            whole, taken = cls._attributes(argument)
        else:
            parsed = argument
        return cls(call, whole, tuple(taken), parsed, cls._rest(main, whole, taken))

    @property
    def given(self) -> set[str]:
        """The names outside whose values main has under the same names."""
        return {*self.taken, *([self.whole] if self.whole else [])}

    @staticmethod
    def _attributes(namespace: ast.Call) -> tuple[str | None, list[str]]:
        """Return what a Namespace is a copy of, if anything, and its other attributes."""
        text = ast.unparse(namespace)
        copied = re.search(r"\*\*vars\((\w+)\)", text)
        whole = copied[1] if copied else None
        taken = re.findall(r"\b(\w+)(?=(?:=|': )\1\b)", text)
        if ast.dump(namespace) != ast.dump(parse_expression(namespace_of(whole, taken))):
            raise Unproven("main gets something new")
        return whole, taken

    @staticmethod
    def _rest(main: ast.FunctionDef, whole: str | None, taken: list[str]) -> list[ast.stmt]:
        """Return main's statements without those that take over what it gets."""
        rest = list(main.body)
        docstring = [rest.pop(0)] if _is_string(rest[0]) else []
        if rest and isinstance(rest[0], ast.Global):
            del rest[0]
        if whole not in (None, "args") and rest and ast.unparse(rest[0]) == f"{whole} = args":
            del rest[0]
        elif whole not in (None, "args") and any(whole in names(statement) for statement in rest):
            raise Unproven(f"main does not take over {whole}")
        if "args" in taken[:-1]:
            raise Unproven("args would mean something else before the rest is taken over")
        for name in taken:
            if not rest or ast.unparse(rest.pop(0)) != f"{name} = args.{name}":
                raise Unproven(f"main does not take over {name}")
        return docstring + rest


def _inlined(
    runs: list[ast.stmt], main: ast.FunctionDef, handover: _Handover, known: ModuleNames
) -> list[ast.stmt]:
    """Return statements with main's in the place of its call, and without main."""
    body = handover.rest
    if handover.parsed is not None:
        body = _with_parsing(body, handover.parsed)
    before: list[list[ast.stmt]] = []  # what ran before each call

    def inlined(block: list[ast.stmt], ran: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in block:
            if isinstance(statement, ast.Expr) and statement.value is handover.call:
                before.append([*ran, *found])
                found += body
            elif isinstance(statement, (ast.Try, ast.With)):
                inner = copy.copy(statement)
                entered: list[ast.stmt] = []
                if isinstance(statement, ast.With):
                    entered = [ast.With(statement.items, [ast.Pass()])]
                inner.body = inlined(statement.body, [*ran, *found, *entered])
                found.append(inner)
            else:
                found.append(statement)
        return found

    whole = inlined(runs, [])
    if not before:
        raise Unproven("main is called within another statement")
    [ran] = before
    if main not in ran:
        raise Unproven("main is called before it is defined")
    if "*" in bound_in(ran[ran.index(main) :]):
        raise Unproven("import * may bring another main")
    if missing := handover.given - (definitely_assigned(ran, known) or set()):
        raise Unproven(f"{min(missing)} may not be set when main is called")
    if handover.taken and handover.whole:
        if not is_plain_namespace(handover.whole, runs, known):
            raise Unproven(f"{handover.whole} may not be a plain Namespace")
        if not has_no_alias(
            [statement for statement in ran if statement is not main], handover.whole
        ):
            raise Unproven(f"{handover.whole} has another name")
        if not is_only_read(body, handover.whole, set(handover.taken)):
            raise Unproven(f"{handover.whole} is used as a whole")
    return [statement for statement in whole if statement is not main]


def _with_parsing(body: list[ast.stmt], parsed: ast.expr) -> list[ast.stmt]:
    """Return main's statements with the call that parses in the place of args.

    Before it, nothing but names and their attributes may be looked up.
    """
    body = copy.deepcopy(body)
    first = next(
        (statement for statement in body if not _is_string(statement)),
        body[0] if body else ast.Pass(),
    )
    uses = [
        node
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and node.id == "args"
    ]
    if len(uses) != 1 or uses[0] not in ast.walk(first):
        raise Unproven("args is not used exactly once, in the first statement")
    if not isinstance(first, (ast.Assign, ast.AnnAssign, ast.Expr, ast.Raise)):
        raise Unproven("something is evaluated before the arguments are parsed")
    value = first.exc if isinstance(first, ast.Raise) else first.value
    while value is not uses[0]:
        if not (isinstance(value, ast.Call) and value.args and dotted_name(value.func)):
            raise Unproven("something is evaluated before the arguments are parsed")
        value = value.args[0]

    class Substitute(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parsed if node is uses[0] else node

    Substitute().visit(first)
    return body


def _is_string(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _without_new_import(
    old: list[ast.stmt], new: list[ast.stmt], main: ast.FunctionDef, handover: _Handover
) -> list[ast.stmt]:
    """Return the new statements without the import of argparse that main's signature needs."""
    before = new[: new.index(main)]
    if ModuleNames.of(before).origins.get("argparse") != "argparse":
        raise Unproven("argparse is not there when main is defined")
    imports = [statement for statement in new if ast.unparse(statement) == "import argparse"]
    if "argparse" in names(handover.call) and "argparse" in ModuleNames.of(new).own:
        raise Unproven("argparse also means something else")
    added = len(imports) > sum(ast.unparse(statement) == "import argparse" for statement in old)
    return [statement for statement in new if not (added and statement is imports[0])]


# --- What runs, and in which order ---------------------------------------------------------------


def same_order(old: list[ast.stmt], new: list[ast.stmt]) -> None:
    """Raise Unproven unless both have the same statements in an order that nobody can tell."""
    inert = {  # if by one script alone, the statements are not the same anyway
        ast.dump(statement)
        for run, known in ((old, ModuleNames.of(old)), (new, ModuleNames.of(new)))
        for statement in run
        if is_side_effect_free(statement, known)
    }
    before, after = _numbered(old), _numbered(new)
    visible = [[key for key in run if key[0] not in inert] for run in (before, after)]
    for key, other in zip(*visible):
        if key != other:
            raise Unproven(f"line {old[before[key]].lineno} would run at another time")
    if before.keys() != after.keys():
        raise Unproven("statements were lost or added")
    if list(before) == list(after):
        return
    reach = Reachability(old, ModuleNames.of(old))
    bound = [bound_names(statement) for statement in old]
    for key, number in before.items():
        if key[0] not in inert:
            continue
        own, moved = bound[number], old[number].lineno
        used = own | eager_names(old[number])
        for other, passed in before.items():
            if (number < passed) == (after[key] < after[other]):
                continue
            what = f"line {moved} would pass line {old[passed].lineno}"
            if used & bound[passed] or "*" in bound[passed]:
                raise Unproven(f"{what}, which sets what it reads or sets")
            if _patches(old[passed]):
                raise Unproven(f"{what}, which may replace what it uses")
            # Of an inert one, that is all that it could notice.
            if other[0] not in inert and (own | LOOK_UPS) & reach.before(passed):
                raise Unproven(f"{what}, which may use it")


def _patches(statement: ast.stmt) -> bool:
    """Tell whether a statement may give the names of others another meaning, as monkey patches do."""
    return any(
        isinstance(node, ast.Call) and "patch" in ast.unparse(node.func).lower()
        for node in ast.walk(statement)
    )


def _numbered(statements: list[ast.stmt]) -> dict[tuple[str, int], int]:
    """Return the number of each statement, by what it says and how often that was said before."""
    seen: Counter[str] = Counter()
    numbers = {}
    for number, statement in enumerate(statements):
        dump = ast.dump(statement)
        numbers[dump, seen[dump]] = number
        seen[dump] += 1
    return numbers


# --- Nothing else changed ------------------------------------------------------------------------


def _same_tokens(old: bytes, new: bytes) -> None:
    """Raise Unproven when a token or a comment of the old source is missing in the new one."""
    lost = tokens_of(old) - tokens_of(new)
    for token in ("if", "__name__", "==", "'__main__'", '"__main__"', ":"):
        del lost[token]  # several guards become one; what else they are in was compared
    if lost:
        raise Unproven(f"{next(iter(lost))!r} was lost")


def tokens_of(source: bytes) -> Counter[str]:
    """Return how often each token is in a source, white space left out."""
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    return Counter(token.string for token in tokens if token.string.strip())


# --- Every name is the same variable -------------------------------------------------------------


def _same_variables(
    new: bytes,
    ran: list[ast.stmt],
    after: ast.Module,
    main: ast.FunctionDef,
    handover: _Handover,
    known: ModuleNames,
) -> None:
    """Raise Unproven when a variable of main's was one that others can see, or find."""
    runs = executed(after)
    top = scopes(new)
    [table] = [
        table
        for table in top.get_children()
        if table.get_name() == "main" and table.get_type() == "function"
    ]
    local = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_local()}
    if handover.parsed is None and not (
        "args" in handover.given or is_set_first("args", handover.rest)
    ):
        raise Unproven("args means something else in main")
    # Those that are main's alone: others have in it the value that they have outside.
    own = local & bound_in(handover.rest)
    if dunders := {name for name in own if name.startswith("__")}:
        raise Unproven(f"{min(dunders)} would no longer be the module's")
    declared = {
        name for node in ast.walk(after) if isinstance(node, ast.Global) for name in node.names
    }
    if "args" in declared and any("args" in names(statement) for statement in handover.rest):
        raise Unproven("args is set by functions")
    others = [child for child in top.get_children() if child is not table]
    elsewhere = set().union(*map(global_names, [*others, *table.get_children()]))
    if shared := ((local - {"args"}) | own) & elsewhere:
        raise Unproven(f"{min(shared)} would no longer be seen by functions")
    if handover.taken and handover.whole in elsewhere:
        raise Unproven(f"{handover.whole} is used by functions")
    at_top = {symbol.get_name() for symbol in top.get_symbols()} - handover.given
    if shared := own & ((at_top - {"args"}) | _used_below(handover.call, after)):
        raise Unproven(f"{min(shared)} would become two variables")
    named = own | (local - {"args"})
    if named and finds_by_name(runs, known):
        raise Unproven(f"{min(named)} may be looked up by name")
    for name in sorted(from_elsewhere(own - handover.given, runs)):
        if not is_set_first(name, handover.rest):
            raise Unproven(f"{name} would lose the value that it has before main sets it")
    _same_in_classes(table, local)
    if shared := named_in_texts(after) & (own | local - {"args"}):
        raise Unproven(f"{min(shared)} is named in an annotation, which is looked up in the module")
    if any(stack_level(node) > 2 for node in ast.walk(after)):
        raise Unproven(OTHER_CALLER)
    for node in (node for statement in main.body for node in in_scope(statement)):
        if isinstance(node, ast.AnnAssign) and not only_names_types(node.annotation, ran, known):
            raise Unproven(f"the annotation in line {node.lineno} would not be evaluated")
        same_in_function(node, local, known)


def same_in_function(node: ast.AST, local: set[str], known: ModuleNames) -> None:
    """Raise Unproven for a node of main's that has another meaning in a function."""
    called = known.origin(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
    if called and called.removeprefix("builtins.") in OF_A_SCOPE:
        raise Unproven(f"{ast.unparse(node)}() gives something else in a function")
    if isinstance(node, ast.Call) and not node.args and ast.unparse(node.func) in ("dir", "vars"):
        raise Unproven(f"{ast.unparse(node)} gives something else in a function")
    if isinstance(node, Definition) and node.name in local:
        raise Unproven(f"{node.name} would be known by another name")
    if must_stay_global(node, known) and (shared := bound_names(node) & local):
        raise Unproven(f"{min(shared)} would not be found by name, or not last")
    if stack_level(node) > 1:
        raise Unproven(OTHER_CALLER)


def _same_in_classes(table: symtable.SymbolTable, local: set[str]) -> None:
    """Raise Unproven when a class sets a name of main's that it reads: it would not see main's."""
    for child in table.get_children():
        for symbol in child.get_symbols() if child.get_type() == "class" else ():
            if symbol.get_name() in local and not symbol.is_free() and symbol.is_referenced():
                raise Unproven(f"{symbol.get_name()} would not be seen in a class")
        _same_in_classes(child, local)


def _used_below(call: ast.Call, after: ast.Module) -> set[str]:
    """Return the names that the module itself uses below the call of main: no functions'."""
    inside = {
        node
        for function in ast.walk(after)
        if isinstance(function, (Function, ast.Lambda))
        for part in (function.body if isinstance(function, Function) else [function.body])
        for node in ast.walk(part)
    }
    return {
        node.id
        for node in ast.walk(after)
        if isinstance(node, ast.Name)
        and node not in inside
        and (node.lineno, node.col_offset) >= (call.end_lineno, call.end_col_offset)
    }
