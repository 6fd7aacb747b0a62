"""The names that Python's statements bind and use."""

from __future__ import annotations

import ast
import symtable
import sys
from collections.abc import Iterable, Iterator

from .syntax import nodes_of

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Import = ast.Import | ast.ImportFrom


def is_guard(statement: ast.stmt) -> bool:
    """Tell whether a statement is `if __name__ == "__main__":`, either way round."""
    return isinstance(statement, ast.If) and asks_for_main(statement.test)


def asks_for_main(test: ast.expr) -> bool:
    """Tell whether a condition is that of a guard."""
    if (
        not isinstance(test, ast.Compare)
        or len(test.ops) != 1
        or not isinstance(test.ops[0], ast.Eq)
    ):
        return False
    sides = {ast.unparse(side) for side in (test.left, *test.comparators)}
    return sides == {"__name__", "'__main__'"}


def names(node: ast.AST) -> set[str]:
    """Return the names that a node uses or assigns, its inner functions included: not those that
    imports, definitions, except clauses and patterns bind."""
    found = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
    return found | {
        name for child in ast.walk(node) if isinstance(child, ast.Global) for name in child.names
    }


def in_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a node without entering inner functions, classes and comprehensions.

    What these evaluate in the scope around them is walked: decorators, defaults, bases.
    """
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        inner: Iterable[ast.AST] = [
            *getattr(node, "decorator_list", []),
            *node.args.defaults,
            *(default for default in node.args.kw_defaults if default),
        ]
    elif isinstance(node, ast.ClassDef):
        inner = [*node.decorator_list, *node.bases, *node.keywords]
    elif isinstance(node, COMPREHENSIONS):
        inner = [node.generators[0].iter, *_walruses(node)]
    else:
        inner = ast.iter_child_nodes(node)
    for child in inner:
        yield from in_scope(child)


def _walruses(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the targets of walruses in a comprehension: they bind in the scope around it."""
    for child in ast.walk(node):
        if isinstance(child, ast.NamedExpr):
            yield child.target


def global_names(table: symtable.SymbolTable, *, later: bool = False) -> set[str]:
    """Return the module's names that a scope, or one in it, uses; `later`: in a function."""
    is_class = table.get_type() == "class"
    later |= table.get_type() == "function"
    found = {
        symbol.get_name()
        for symbol in table.get_symbols()
        # What a class sets itself, it may read before.
        if symbol.is_global()
        or (is_class and later and symbol.is_local() and symbol.is_referenced())
    }
    return found.union(*(global_names(child, later=later) for child in table.get_children()))


def bound_names(statement: ast.AST) -> set[str]:
    """Return the names that a statement binds or deletes in its own scope; * for a star import."""
    return {name for node in in_scope(statement) for name in bound_by(node)}


def bound_by(node: ast.AST) -> list[str]:
    """Return the names that a node itself binds or deletes; * for a star import."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, Import):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    if isinstance(node, Definition | ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [node.name] if node.name else []
    return []


def bound_in(statements: Iterable[ast.stmt]) -> set[str]:
    """Return the names that statements bind."""
    return {name for statement in statements for name in bound_names(statement)}


def deleted_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement may delete: an except clause does so with its own."""
    nodes = list(ast.walk(statement))
    handled = {node.name for node in nodes if isinstance(node, ast.ExceptHandler) and node.name}
    return handled | bound_in(node for node in nodes if isinstance(node, ast.Delete))


def imported_names(statements: Iterable[ast.stmt]) -> dict[str, str]:
    """Return what the imports among the statements bind: dotted origins by name."""
    origins: dict[str, str] = {}
    for statement in statements:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                name = alias.asname or alias.name.split(".")[0]
                origins[name] = alias.name if alias.asname else name
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            for alias in statement.names:
                origins[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
    return origins


def is_set_first(name: str, statements: Iterable[ast.stmt]) -> bool:
    """Tell whether the first of the statements that has a name gives it its value, and none takes
    it away; True when none has it."""
    statements = list(statements)
    if any(name in deleted_names(statement) for statement in statements):
        return False
    for statement in statements:
        if name not in names(statement) | bound_names(statement):
            continue
        if isinstance(statement, ast.Assign):
            plain = any(
                isinstance(target, ast.Name) and target.id == name for target in statement.targets
            )
            return plain and name not in names(statement.value)
        return isinstance(statement, Import)
    return True


def value_of(name: str, statements: Iterable[ast.stmt]) -> ast.expr | None:
    """Return what is assigned to a name in the one place that binds it."""
    nodes = [node for statement in statements for node in in_scope(statement)]
    places = [
        node
        for node in nodes
        if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, Import) and name in bound_names(node))
        or getattr(node, "name", None) == name  # of definitions, except clauses, patterns
    ]
    values = [
        node.value
        for node in nodes
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and name in bound_names(node)
    ]
    return values[0] if len(values) == len(places) == 1 else None


def imported_modules(tree: ast.AST) -> set[str]:
    """Return the dotted names of all that is imported anywhere in a tree: modules, and what of
    them."""
    found: set[str] = set()
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(imported_names([node]).values())
    return found


def is_alone(statement: ast.stmt, parent: ast.AST) -> bool:
    """Tell whether a statement is the only one of a block of its parent's."""
    return any([statement] == block for _, block in ast.iter_fields(parent))


def last_name(node: ast.AST | None) -> str:
    """Return b of `b` and of `a.b`, "" of all else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted_name(node: ast.expr) -> str | None:
    """Return `a.b.c` of such an expression, None of any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def root(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes, calls and subscripts begins with."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def is_standard(dotted: str) -> bool:
    """Tell whether a dotted name is of the standard library."""
    return dotted.split(".")[0] in sys.stdlib_module_names


def eager_names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement reads when it runs, not when what it defines is called."""
    found: set[str] = set()
    for node in in_scope(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, Function):
            types = [
                argument.annotation
                for argument in ast.walk(node.args)
                if isinstance(argument, ast.arg)
            ]
            found |= {name for type_ in (*types, node.returns) if type_ for name in names(type_)}
        elif isinstance(node, ast.ClassDef):
            found |= {name for statement in node.body for name in eager_names(statement)}
        elif isinstance(node, COMPREHENSIONS):
            found |= names(node)
    return found
