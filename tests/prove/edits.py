"""Edits of a script by chance: some leave alone what runs, others do not."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Callable, Iterator
from random import Random

Edit = Callable[[ast.Module, Random], None]


def edited(source: str, edit: Edit, random: Random) -> str | None:
    """Return a source with an edit, None where it has no place in it or does not compile then."""
    tree = ast.parse(source)
    try:
        edit(tree, random)
        new = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
        compile(new, "main.py", "exec")
    except (IndexError, SyntaxError, ValueError):  # random has nothing to choose from
        return None
    return new if ast.dump(ast.parse(new)) != ast.dump(ast.parse(source)) else None


def _blocks(tree: ast.AST) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield node, block


def _nodes(tree: ast.AST, *kinds: type[ast.AST]) -> list[ast.AST]:
    """Return the nodes of some kinds, those of annotations left out."""
    notes = {
        id(part)
        for node in ast.walk(tree)
        for note in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if isinstance(note, ast.AST)
        for part in ast.walk(note)
    }
    return [node for node in ast.walk(tree) if isinstance(node, kinds) and id(node) not in notes]


def delete(tree: ast.Module, random: Random) -> None:
    _, block = random.choice(list(_blocks(tree)))
    del block[random.randrange(len(block))]
    if not block:
        block.append(ast.Pass())


def swap(tree: ast.Module, random: Random) -> None:
    _, block = random.choice(list(_blocks(tree)))
    number = random.randrange(len(block) - 1)
    block[number : number + 2] = [block[number + 1], block[number]]


def move(tree: ast.Module, random: Random) -> None:
    _, block = random.choice(list(_blocks(tree)))
    statement = block.pop(random.randrange(len(block)))
    _, other = random.choice(list(_blocks(tree)))
    other.insert(random.randrange(len(other) + 1), statement)
    if not block:
        block.append(ast.Pass())


def end_early(tree: ast.Module, random: Random) -> None:
    function = random.choice(_nodes(tree, ast.FunctionDef))
    assert isinstance(function, ast.FunctionDef)
    function.body.insert(random.randrange(len(function.body)), ast.Return(None))


def guard(tree: ast.Module, random: Random) -> None:
    _, block = random.choice(list(_blocks(tree)))
    number = random.randrange(len(block))
    handler = ast.ExceptHandler(None, None, [ast.Pass()])
    block[number] = ast.Try([block[number]], [handler], [], [])


def constant(tree: ast.Module, random: Random) -> None:
    node = random.choice(_nodes(tree, ast.Constant))
    assert isinstance(node, ast.Constant)
    if isinstance(node.value, (int, float)):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    else:
        node.value = f"{node.value!r}x"


def negate(tree: ast.Module, random: Random) -> None:
    node = random.choice(_nodes(tree, ast.If, ast.IfExp, ast.While))
    assert isinstance(node, (ast.If, ast.IfExp, ast.While))
    node.test = ast.UnaryOp(ast.Not(), node.test)


def rename(tree: ast.Module, random: Random) -> None:
    node, other = random.sample(_nodes(tree, ast.Name), 2)
    assert isinstance(node, ast.Name)
    assert isinstance(other, ast.Name)
    node.id = other.id


def attribute(tree: ast.Module, random: Random) -> None:
    node = random.choice(_nodes(tree, ast.Attribute))
    assert isinstance(node, ast.Attribute)
    node.attr += "s"


def argument(tree: ast.Module, random: Random) -> None:
    calls = [node for node in _nodes(tree, ast.Call) if isinstance(node, ast.Call) and node.args]
    call = random.choice(calls)
    if random.random() < 0.5:
        call.args.pop()
    else:
        call.args.reverse()


def no_global(tree: ast.Module, random: Random) -> None:
    blocks = [block for _, block in _blocks(tree) if isinstance(block[0], ast.Global)]
    random.choice(blocks)[0] = ast.Pass()


FAULTS: tuple[Edit, ...] = (
    *(argument, attribute, constant, delete, end_early, guard, move, negate, no_global, rename),
    swap,
)


def extract(tree: ast.Module, random: Random) -> None:
    """Put statements into a function: what it gets and gives back is right, or nearly so."""
    node, block = random.choice(list(_blocks(tree)))
    begin = random.randrange(len(block))
    part = block[begin : begin + random.randint(1, 3)]

    def names(context: type[ast.expr_context]) -> list[str]:
        return sorted(
            {
                name.id
                for statement in part
                for name in ast.walk(statement)
                if isinstance(name, ast.Name) and isinstance(name.ctx, context)
            }
        )

    nearly = random.random() < 0.4

    def some(found: list[str]) -> list[str]:
        return [name for name in found if not nearly or random.random() < 0.7]

    reads = some([name for name in names(ast.Load) if not hasattr(builtins, name)])
    writes = some(names(ast.Store))
    body = copy.deepcopy(part)
    if isinstance(node, (ast.For, ast.While)) and not writes:
        body = [_Returning().visit(statement) for statement in body]
    if nearly and random.random() < 0.5:
        body.insert(0, ast.Global([*(name for name in writes if name not in reads), "unused"]))
    loads: list[ast.expr] = [ast.Name(name, ast.Load()) for name in writes]
    stores: list[ast.expr] = [ast.Name(name, ast.Store()) for name in writes]
    call = ast.Call(
        ast.Name("extracted", ast.Load()), [ast.Name(name, ast.Load()) for name in reads], []
    )
    new: ast.stmt = ast.Expr(call)
    if writes:
        body.append(ast.Return(ast.Tuple(loads, ast.Load())))
        new = ast.Assign([ast.Tuple(stores, ast.Store())], call)
    block[begin : begin + len(part)] = [new]
    parameters = ast.arguments([], [ast.arg(name) for name in reads], None, [], [], None, [])
    imports = [isinstance(one, (ast.Import, ast.ImportFrom)) for one in tree.body]
    function = ast.FunctionDef("extracted", parameters, body, [])
    tree.body.insert(imports.index(False) if False in imports else len(imports), function)


class _Returning(ast.NodeTransformer):
    """Puts `return` in the place of a loop's own `continue`."""

    def visit_For(self, node: ast.For) -> ast.For:
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node

    def visit_Continue(self, node: ast.Continue) -> ast.Return:
        return ast.Return(None)
