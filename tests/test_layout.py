"""The code and its tests stay in pieces that can be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import ROOT

LINES_OF_A_FILE = 500
LINES_OF_A_CLASS = 250

MODULES = sorted((ROOT / "extensions" / "csa").rglob("*.py"))
TESTS = sorted(
    path for path in (ROOT / "tests").rglob("*.py") if "legacy" not in path.relative_to(ROOT).parts
)


@pytest.mark.parametrize("module", MODULES + TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_and_no_class_is_long(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= LINES_OF_A_FILE
    for node in ast.walk(ast.parse(text)):
        # The scrubber is a file of rendered packages, which have it in one piece.
        if isinstance(node, ast.ClassDef) and node.name != "Scrubber":
            assert _lines(node) <= LINES_OF_A_CLASS, node.name


def test_what_all_parts_use_depends_on_none_of_them() -> None:
    """Commands and what prints know all of csa; what is below them knows only what it builds on."""
    parts = {"adopt", "check", "prove", "refactor", "update"}
    builds_on = {"adopt": {"check", "refactor"}, "check": {"refactor"}, "prove": {"refactor"}}
    for module in MODULES:
        below = module.relative_to(ROOT / "extensions" / "csa").parts
        used = {name for name in _imported(module) if name in parts}
        if below[0] in ("cli.py", "commands", "output.py"):
            continue
        allowed = {below[0]} | builds_on.get(below[0], set())
        assert used <= allowed, f"{'/'.join(below)} imports {used - allowed}"


def _lines(node: ast.ClassDef) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def _imported(module: Path) -> Iterator[str]:
    """Yield the parts of csa that a module imports."""
    depth = len(module.relative_to(ROOT / "extensions" / "csa").parts)
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == depth and node.module:
            yield node.module.split(".")[0]
