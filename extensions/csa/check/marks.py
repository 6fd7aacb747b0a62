"""What pytest collects of a file, and with which marks."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from ..source.names import Definition
from .names import Names, assigned, spelled

VCR = "pytest.mark.vcr"
SKIPS = {"pytest.mark.skip", "unittest.skip"}

Marks = set[str]
"""Marks, and other decorators, by their dotted names."""


def is_collected(path: str) -> bool:
    """Tell whether pytest looks for tests in a file."""
    return any(map(PurePosixPath(path).match, ("test_*.py", "*_test.py")))


def in_body(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module's or a class's body, with those below if, try and the like.

    What is in functions and classes is left out.
    """
    rest: list[ast.AST] = [*body]
    rest.reverse()
    while rest:
        node = rest.pop()
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, Definition):
            blocks = (ast.stmt, ast.ExceptHandler, ast.match_case)
            inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, blocks)]
            rest += reversed(inner)


def recorded_tests(tree: ast.Module, names: Names) -> Iterator[tuple[int, str]]:
    """Yield the tests with the mark vcr that run: their line, and the name of their recording.

    Of base classes, those in the same file are known.
    """
    if _skips(tree.body, names):
        return
    known: dict[str, Marks] = {}
    for statement in in_body(tree.body):
        for name, value in assigned(statement):
            known[name] = _marks([value], names, known)
    classes = {
        statement.name: statement
        for statement in in_body(tree.body)
        if isinstance(statement, ast.ClassDef)
    }
    done: set[ast.AST] = set()
    rest: list[tuple[str, Sequence[ast.Module | ast.ClassDef], Marks]] = [
        ("", [tree], known.get("pytestmark", set()))
    ]
    while rest:
        prefix, family, outer = rest.pop()
        members = {
            statement.name: statement
            for part in reversed(family)  # a class's own replace its bases'
            for statement in in_body(part.body)
            if isinstance(statement, Definition)
        }
        for name, member in members.items():
            if isinstance(member, ast.ClassDef):
                with_bases = _family(member, classes)
                if member not in done and _is_of_tests(member, with_bases):
                    done.add(member)  # a class can name itself as a base of one inside
                    given = [node for part in with_bases for node in _given(part)]
                    rest.append((f"{name}.", with_bases, outer | _marks(given, names, known)))
            elif name.startswith("test"):
                marks = outer | _marks(member.decorator_list, names, known)
                if VCR in marks and not marks & SKIPS and not _skips(member.body, names):
                    yield member.lineno, prefix + name


def _marks(nodes: Iterable[ast.expr], names: Names, known: Mapping[str, Marks]) -> Marks:
    """Return the marks that expressions stand for, or hold; of those of parameters, vcr alone."""
    found: Marks = set()
    rest = [*nodes]
    while rest:
        node = rest.pop()
        if isinstance(node, (ast.List, ast.Tuple)):
            rest += node.elts
        elif isinstance(node, ast.Starred):
            rest.append(node.value)
        elif isinstance(node, ast.Call):
            rest.append(node.func)
            found |= _recorded_parameters(node, names, known)
        elif isinstance(node, ast.Name) and node.id in known:
            found |= known[node.id]
        else:
            found.add(names.dotted(node))
    return found


def _recorded_parameters(call: ast.Call, names: Names, known: Mapping[str, Marks]) -> Marks:
    """Return the mark vcr where a call has, or is, a parameter that has it and is not skipped."""
    found: Marks = set()
    for node in ast.walk(call):
        if isinstance(node, ast.Call) and names.dotted(node.func) == "pytest.param":
            given = [word.value for word in node.keywords if word.arg == "marks"]
            marks = _marks(given, names, known)
            found |= set() if marks & SKIPS else marks & {VCR}
        elif isinstance(node, ast.Name):
            found |= known.get(node.id, set()) & {VCR}
    return found


def _skips(body: Iterable[ast.stmt], names: Names) -> bool:
    """Tell whether a body itself calls pytest.skip, whatever the case."""
    return any(
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and names.dotted(statement.value.func) == "pytest.skip"
        for statement in body
    )


def _family(class_: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """Return a class and those of the bases, and theirs, that are among the classes."""
    family = [class_]
    for member in family:
        bases = [classes[base] for base in map(spelled, member.bases) if base in classes]
        family += [base for base in bases if base not in family]
    return family


def _is_of_tests(class_: ast.ClassDef, family: Iterable[ast.ClassDef]) -> bool:
    """Tell whether pytest takes a class for one of tests."""
    if any(isinstance(node, Definition) and node.name == "__init__" for node in class_.body):
        return False
    switch = [value for name, value in _assignments(class_) if name == "__test__"]
    if any(isinstance(value, ast.Constant) and not value.value for value in switch):
        return False
    bases = [spelled(base) for part in family for base in part.bases]
    return class_.name.startswith("Test") or any(base.endswith("TestCase") for base in bases)


def _given(class_: ast.ClassDef) -> Iterator[ast.expr]:
    """Yield the expressions that give a class marks."""
    yield from class_.decorator_list
    yield from (value for name, value in _assignments(class_) if name == "pytestmark")


def _assignments(class_: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    return (pair for statement in in_body(class_.body) for pair in assigned(statement))
