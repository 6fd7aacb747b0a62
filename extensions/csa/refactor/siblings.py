"""Imports of the modules beside a script, by the names that they have in its package.

As a script, `python main.py`, it finds them in its own folder: `import helper`. As a package,
`python -m pkg.main`, it finds them below the package's name: `from pkg import helper`. Either way
that is the same file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from ..source.distributions import table
from ..source.imports import Imports
from ..source.names import Import
from ..source.requirements import SDK, STANDARD
from ..source.syntax import NotPython, parse

LINE_END = re.compile(rb"\r\n|\r|\n")
FROM = re.compile(rb"from(?:[ \t\f]|\\\r?\n)+")


def with_package_imports(sources: Mapping[str, bytes], package: str) -> dict[str, bytes]:
    """Return those of a folder's Python files that change, as they are to be in a package.

    `sources` are all of them, by their path below the folder. None changes where one changes
    sys.path: then a name may be another file's. What is imported in other ways, such as by
    `importlib`, or as `import a.b`, stays as it is: csa check names it.
    """
    trees: dict[str, ast.Module] = {}
    for path, source in sources.items():
        try:
            source.decode("utf-8")
            trees[path] = parse(source)
        except (NotPython, UnicodeDecodeError):
            continue
    if any(Imports.of(tree).path_changes for tree in trees.values()):
        return {}
    local = {*_modules_of(sources)}
    changed = {}
    for path, tree in trees.items():
        edits = [
            edit for node in ast.walk(tree) for edit in _edits(sources[path], node, local, package)
        ]
        if edits:
            changed[path] = _edited(sources[path], edits)
    return changed


def _modules_of(paths: Collection[str]) -> Iterator[str]:
    """Yield the names by which a script imports what lies beside it.

    One that Python or a known distribution has as well is left out: which of them is meant depends
    on how the script is run.
    """
    for path in paths:
        name, *inside = path.removesuffix(".py").split("/")
        is_module = not inside or f"{name}/__init__.py" in paths
        if name in STANDARD | SDK | {"tests"} or (name in table() and not is_module):
            continue
        yield name


Edit = tuple[int, int, bytes]
"""Of a source, where text begins and ends that is replaced, and by what."""


def _edits(source: bytes, node: ast.AST, local: Collection[str], package: str) -> Iterator[Edit]:
    if not isinstance(node, Import):
        return
    start = _offset(source, node.lineno, node.col_offset)
    end = _offset(source, node.end_lineno or node.lineno, node.end_col_offset or 0)
    if isinstance(node, ast.ImportFrom):
        keyword = FROM.match(source, start)
        if keyword and not node.level and (node.module or "").split(".")[0] in local:
            yield keyword.end(), keyword.end(), f"{package}.".encode()
        return
    statements: list[str] = []
    for alias in node.names:
        statement = _statement(alias, local, package)
        if statement is None:
            return
        if statements and statement.startswith("import") and statements[-1].startswith("import"):
            statements[-1] += statement.replace("import", ",", 1)
        else:
            statements.append(statement)
    if not any(statement.startswith("from") for statement in statements):
        return
    line = source[:start].rpartition(b"\n")[2]
    alone = not line.strip() and re.match(rb"[ \t]*(#|\r|\n|\Z)", source[end:])
    ending = b"\r\n" if b"\r\n" in source else b"\n"
    between = ending + line if alone else b"; "
    yield start, end, between.join(statement.encode() for statement in statements)


def _statement(alias: ast.alias, local: Collection[str], package: str) -> str | None:
    """Return the statement for one name that `import` names, None where there is none alike."""
    above, _, name = alias.name.rpartition(".")
    behind = f" as {alias.asname}" if alias.asname and alias.asname != name else ""
    if alias.name.split(".")[0] not in local:
        return f"import {alias.name}{f' as {alias.asname}' if alias.asname else ''}"
    if above and not alias.asname:
        return None
    return f"from {package}{'.' if above else ''}{above} import {name}{behind}"


def _offset(source: bytes, line: int, column: int) -> int:
    """Return where a line and a column of a syntax tree, which counts bytes, are in a source."""
    ends = [match.end() for match in LINE_END.finditer(source)]
    begin = ([0, *ends])[line - 1]
    mark = 3 if line == 1 and source.startswith(b"\xef\xbb\xbf") else 0
    return begin + mark + column


def _edited(source: bytes, edits: Collection[Edit]) -> bytes:
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source
