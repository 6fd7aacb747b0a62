"""What a script finds by a name that is another one after its adoption: modules, and its own folder."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from ..errors import Failed
from ..files import read_text
from ..packages import is_test
from ..refactor.siblings import bound_by_module, looked_up_by_name
from ..source.names import imported_modules, last_name
from ..source.syntax import NotPython, nodes_of, parse
from .legacy import Legacy

SETTINGS = (".cfg", ".conf", ".ini", ".json", ".toml", ".yaml", ".yml")
"""Ends of files that may tell which class or function to load."""

PICKLES = {"cloudpickle", "dill", "joblib", "pickle", "shelve"}
"""Modules that write the names of modules into files, and look for them when they read one."""

JOINS = {"Path", "PurePath", "join", "joinpath"}
"""Functions of which an argument is a part of a path."""

Step = tuple[str, int, str]
"""A file of the folder, a line in it, and what to do."""


def steps_of_modules(legacy: Legacy) -> Iterator[Step]:
    """Yield what to do where the script's modules, now imported by the package's name, are looked up
    by the name that they had."""
    sources = {path: source for path, source in legacy.sources.items() if not is_test(path)}
    for path, line, text in looked_up_by_name(sources):
        yield path, line, _renamed(text, legacy.name)
    bound = bound_by_module(sources)
    for path in legacy.files:
        if path.endswith(SETTINGS):
            with suppress(Failed):
                for number, row in enumerate(read_text(legacy.folder, path).splitlines(), 1):
                    for module, name in re.findall(r"(?<![\w.])(\w[\w.]*)[.:](\w+)", row):
                        if name in bound.get(module, ()):
                            yield path, number, _renamed(f"{module}.{name}", legacy.name)
    yield from _pickles(sources, legacy.name)


def _renamed(text: str, package: str) -> str:
    return (
        f"it names {text}, which is {package}.{text} in the package: "
        "write that if it is looked up by its name"
    )


def _pickles(sources: Mapping[str, bytes], package: str) -> Iterator[Step]:
    """Yield what to do about files with pickled objects of the script's own classes."""
    trees = {}
    for path, source in sources.items():
        with suppress(NotPython):
            trees[path] = parse(source)
    classes = [
        path
        for path, tree in trees.items()
        if path != "main.py" and any(isinstance(node, ast.ClassDef) for node in tree.body)
    ]
    if not classes:
        return
    for path, tree in trees.items():
        for node in tree.body:
            if {module.split(".")[0] for module in imported_modules(node)} & PICKLES:
                text = (
                    f"existing pickles name the classes of {classes[0]} without {package}, so they can no "
                    "longer be read: create them again"
                )
                yield path, node.lineno, text
                return


def steps_of_folder(legacy: Legacy) -> Iterator[Step]:
    """Yield what to do where Python files of the folder have its old name as a part of a path, and
    where one of its modules has the package's name."""
    for path, source in legacy.sources.items():
        if path in (f"{legacy.name}.py", f"{legacy.name}/__init__.py"):
            text = (
                "it has the package's name, so that Python may find it in the package's place: rename "
                "it, or give the package another name with --name"
            )
            yield path, 0, text
        if not legacy.renamed:
            continue
        with suppress(NotPython):
            for node in nodes_of(parse(source)):
                parts: list[ast.expr] = []
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                    parts = [node.left, node.right]
                elif isinstance(node, ast.Call) and last_name(node.func) in JOINS:
                    parts = node.args
                for part in parts:
                    if isinstance(part, ast.Constant) and part.value == legacy.folder.name:
                        text = f"a path has the folder's old name here: write {legacy.name}"
                        yield path, part.lineno, text
