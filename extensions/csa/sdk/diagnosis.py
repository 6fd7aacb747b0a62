"""What the type checker's findings mean for a script that uses pyatlan."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..source.imports import NO_MODULE, may_fail_in, never_runs
from ..source.names import last_name
from ..source.syntax import NotPython, nodes_of, parse
from .definitions import Definitions
from .type_checker import Diagnostic

OF_SDK = re.compile(r"pyatlan(_v9)?(\.|$)")
"""The modules of the SDK, by their names."""

_MODULE = re.compile(r"Cannot resolve imported module `([\w.]+)`")
_MEMBER = re.compile(r"Module `([\w.]+)` has no member `(\w+)`")
# An object that is called without brackets is the script's own mistake.
_ATTRIBUTE = re.compile(
    r"(?:Class|Object of type) `(?!bound method|def )(.*)` has no attribute `(\w+)`"
)
_OWNER = re.compile(r" (?:of|to) [a-z ]*`([\w.]+)`")


def unresolved_module(diagnostic: Diagnostic) -> str | None:
    """Return the module that an import does not find, None if a diagnostic is of something else."""
    found = _MODULE.search(diagnostic.message)
    return found[1] if found else None


@dataclass(frozen=True)
class Lack:
    """A name of pyatlan, and in a sentence what is wrong with its use; "{}" stands for the release."""

    name: str
    sentence: str


def lack_of(diagnostic: Diagnostic, definitions: Definitions, source: bytes) -> Lack | None:
    """Return what a diagnostic says that pyatlan lacks.

    None if it is not about pyatlan, or the script goes on without.
    """
    if _is_guarded(diagnostic, source):
        return None
    if module := unresolved_module(diagnostic):
        return Lack(module, f"{{}} has no module {module}") if OF_SDK.match(module) else None
    if found := _MEMBER.search(diagnostic.message):
        name = f"{found[1]}.{found[2]}"
        return Lack(name, f"{name} is not in {{}}") if OF_SDK.match(name) else None
    if found := _ATTRIBUTE.search(diagnostic.message):
        owners = _classes(found[1], diagnostic.line, definitions, source)
        return _missing_attribute(owners, found[2], definitions)
    if diagnostic.rule == "missing-attribute":
        return None  # it is set, not read
    return _wrong_call(diagnostic, definitions, source)


def _missing_attribute(owners: list[str], attribute: str, definitions: Definitions) -> Lack | None:
    if not owners or any(definitions.may_have(owner, attribute) for owner in owners):
        return None
    name = f"{owners[0]}.{attribute}"
    return Lack(name, f"{name} is not in {{}}")


def _classes(type_: str, line: int, definitions: Definitions, source: bytes) -> list[str]:
    """Return the SDK's classes that a type names: of one that the script derives, its bases."""
    own = {node.name: node for node in _parsed(source) if isinstance(node, ast.ClassDef)}
    around = [name for name, node in own.items() if node.lineno <= line <= (node.end_lineno or 0)]
    names = re.findall(r"\w+", re.sub(r"Self@\w+", around[-1] if around else "", type_))
    for name in names:
        if name in own and name not in definitions:
            bases = map(last_name, own[name].bases)
            names += [base for base in bases if base not in names]
    return [name for name in names if name in definitions]


def _wrong_call(diagnostic: Diagnostic, definitions: Definitions, source: bytes) -> Lack | None:
    message = diagnostic.message
    owner = _OWNER.search(message)
    # Without one: the constructor of a dataclass, or of a model. Models have aliases that ty does
    # not know.
    name = owner[1] if owner else _constructed(diagnostic, definitions, source)
    name = name.removesuffix(".__init__")
    if name.split(".")[0] not in definitions:
        return None
    words = re.findall(r"`([^`]*)`", message[: owner.start()] if owner else message)
    if diagnostic.rule == "missing-argument":
        if "self" in words:
            return Lack(name, f"{name} has to be called on an object in {{}}")
        return Lack(name, f"{name} needs {' and '.join(words)} in {{}}")
    if diagnostic.rule == "unknown-argument":
        return Lack(name, f"{name} has no parameter {' and '.join(words)} in {{}}")
    most, given = [*re.findall(r"expected (\d+), got (\d+)", message), ("fewer", "so many")][0]
    return Lack(name, f"{name} takes at most {most} positional arguments in {{}} ({given} given)")


def _constructed(diagnostic: Diagnostic, definitions: Definitions, source: bytes) -> str:
    """Return the name of the dataclass that is made where a diagnostic is, "" if it is none."""
    for call in _parsed(source):
        if isinstance(call, ast.Call):
            name = last_name(call.func)
            parts: list[ast.expr | ast.keyword] = [call, *call.args, *call.keywords]
            places = {(part.lineno, part.col_offset + 1) for part in parts}
            if (diagnostic.line, diagnostic.column) in places and definitions.is_dataclass(name):
                return name
    return ""


def _is_guarded(diagnostic: Diagnostic, source: bytes) -> bool:
    """Tell whether a script goes on where a diagnostic is: it catches the error, or only a type
    checker comes there."""
    errors = ("AttributeError",) if diagnostic.rule == "missing-attribute" else NO_MODULE
    if diagnostic.rule not in ("import-not-found", "missing-attribute", "missing-module-member"):
        return False
    return any(
        begin <= diagnostic.line <= end
        for node in _parsed(source)
        for begin, end in _guarded_lines(node, errors)
    )


def _guarded_lines(node: ast.AST, errors: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield first and last line of what a statement guards against errors, or hides when it runs."""
    body = may_fail_in(node, *errors) or never_runs(node)
    if body:
        yield body[0].lineno, body[-1].end_lineno or body[-1].lineno


@lru_cache(maxsize=1)  # a file's diagnostics follow each other
def _parsed(source: bytes) -> list[ast.AST]:
    """Return the nodes of a Python file that matter here, none where it cannot be read."""
    try:
        tree = parse(source)
    except NotPython:
        return []
    kinds = (ast.Call, ast.ClassDef, ast.If, ast.Try, ast.TryStar, ast.With)
    return [node for node in nodes_of(tree) if isinstance(node, kinds)]
