"""Imports of the modules beside a script, by the names that they have in its package.

As a script, `python main.py`, it finds them in its own folder: `import helper`. As a package,
`python -m pkg.main`, it finds them below the package's name: `from pkg import helper`. Either way
that is the same file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from ..source.conditions import STANDARD
from ..source.distributions import table
from ..source.edits import Edit, Edited, PythonText
from ..source.imports import Imports
from ..source.names import Import, bound_in, last_name
from ..source.requirements import SDK
from ..source.syntax import NotPython

TAKE_MODULES = {
    *("filterwarnings", "find_spec", "getLogger", "import_module", "resolve_name", "run_module"),
    *("__import__", "simplefilter"),
}
"""Functions that take the name of a module, or of its logger."""

FROM = re.compile(r"from(?:[ \t\f]|\\\r?\n)+")


def with_package_imports(sources: Mapping[str, bytes], package: str) -> dict[str, bytes]:
    """Return those of a folder's Python files that change, as they are to be in a package.

    `sources` are all of them, by their path below the folder. None changes where one changes
    sys.path: then a name may be another file's. What is imported in other ways, such as by
    `importlib`, or as `import a.b`, stays as it is: csa check names it.
    """
    texts = _parsed(sources)
    if any(Imports.of(text.tree).path_changes for text in texts.values()):
        return {}
    local = {*_modules_of(sources)}
    changed = {}
    for path, text in texts.items():
        edits = [edit for node in text.nodes for edit in _edits(text, node, local, package)]
        if edits:
            changed[path] = text.encoded(Edited(text.text, edits).text)
    return changed


def looked_up_by_name(sources: Mapping[str, bytes]) -> Iterator[tuple[str, int, str]]:
    """Yield path, line and text where a folder's Python files name one of its modules in a text.

    `logging.config` and `mock.patch` look up what stands in one, such as "helper.Handler", and
    `sys.modules` has the module itself.
    """
    local = {*_modules_of(sources)}
    bound = bound_by_module(sources)
    for path, text in _parsed(sources).items():
        for node in text.nodes:
            if isinstance(node, ast.Call) and last_name(node.func) in TAKE_MODULES:
                given = [*node.args, *(word.value for word in node.keywords)]
                found = [part for part in given if isinstance(part, ast.Constant)]
                named = [part for part in found if part.value in local]
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.modules":
                found = [node.slice] if isinstance(node.slice, ast.Constant) else []
                named = [part for part in found if part.value in local]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                parts = re.split(r"[.:]", node.value)
                above = (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
                module = next((name for name in above if name in bound), None)
                names = bound.get(module or "", ())
                inside = parts[len(module.split(".")) :] if module else []
                named = [node] if parts[0] in local and inside and inside[0] in names else []
            else:
                continue
            yield from ((path, part.lineno, str(part.value)) for part in named)


def bound_by_module(sources: Mapping[str, bytes]) -> dict[str, set[str]]:
    """Return the names that each of a folder's modules binds, by its dotted name as a script has it."""
    local = {*_modules_of(sources)}
    found = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): bound_in(
            text.tree.body
        )
        for path, text in _parsed(sources).items()
    }
    return {module: names for module, names in found.items() if module.split(".")[0] in local}


def _parsed(sources: Mapping[str, bytes]) -> dict[str, PythonText]:
    """Return those of a folder's Python files that can be read."""
    texts: dict[str, PythonText] = {}
    for path, source in sources.items():
        with suppress(NotPython, UnicodeDecodeError):
            source.decode("utf-8")
            texts[path] = PythonText(source)
    return texts


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


def _edits(text: PythonText, node: ast.AST, local: Collection[str], package: str) -> Iterator[Edit]:
    if not isinstance(node, Import):
        return
    start, end = text.span(node)
    if isinstance(node, ast.ImportFrom):
        keyword = FROM.match(text.text, start)
        if keyword and not node.level and (node.module or "").split(".")[0] in local:
            yield Edit(keyword.end(), keyword.end(), f"{package}.")
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
    before = text.text[text.offset(node.lineno, 0) : start]
    alone = not before.strip() and re.match(r"[ \t]*(#|\r|\n|\Z)", text.text[end:])
    yield Edit(start, end, (text.newline + before if alone else "; ").join(statements))


def _statement(alias: ast.alias, local: Collection[str], package: str) -> str | None:
    """Return the statement for one name that `import` names, None where there is none alike."""
    above, _, name = alias.name.rpartition(".")
    behind = f" as {alias.asname}" if alias.asname and alias.asname != name else ""
    if alias.name.split(".")[0] not in local:
        return f"import {alias.name}{f' as {alias.asname}' if alias.asname else ''}"
    if above and not alias.asname:
        return None
    return f"from {package}{'.' if above else ''}{above} import {name}{behind}"
