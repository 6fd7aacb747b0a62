"""What a script does when it is imported, such as connecting, moves to the start of its main(args)."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

import libcst as cst

from ..source.at_import import effects_at_import
from ..source.names import Import, imported_modules
from ..source.syntax import parse
from .assembly import Assembly, first_without_blank_lines, leading_blank, statement
from .boundary import PROCESSES
from .own_main_change import is_text
from .script import Node, Script, Unit, bound_by


def with_effects_in_main(source: bytes, imported: Collection[str]) -> bytes | None:
    """Return a source whose main begins with what ran at import, and what has to run after that.

    None where there is no such thing, or it cannot leave the module's level. `imported` are the names
    that other files use, or *.
    """
    lines = {effect.line for effect in effects_at_import({"main.py": parse(source)}, "script")}
    if not lines:
        return None
    script = Script(source)
    function = script.functions.get("main")
    main = next((unit for unit in script.units if function in unit.statements), None)
    moved = _moved(script, lines, imported)
    if not moved or main is None or not isinstance(main.node, cst.FunctionDef):
        return None
    body = main.node.body
    if main.guard or not isinstance(body, cst.IndentedBlock):
        return None
    begin = main.statements[0].body  # type: ignore[attr-defined]
    kept, rest = bound_by(moved), [*body.body]
    top = [rest.pop(0)] if is_text(begin[0]) else []
    if isinstance(declared := begin[len(top)], ast.Global):
        kept |= {*declared.names}
        del rest[0]
    top += [statement(f"global {', '.join(sorted(kept))}")] if kept else []
    assembly = Assembly(script, moved)
    nodes = first_without_blank_lines([assembly.reindented(unit) for unit in moved])
    new = main.node.with_changes(body=body.with_changes(body=[*top, *nodes, *rest]))
    leaving = {unit.node for unit in moved}
    stay: list[Node] = []
    gap: Sequence[cst.EmptyLine] = ()
    for node in script.module.body:
        assert isinstance(node, Node)
        if node in leaving:
            gap = gap or leading_blank(node.leading_lines)
            continue
        node = new if node is main.node else node
        missing = gap[len(leading_blank(node.leading_lines)) :]
        stay.append(node.with_changes(leading_lines=[*missing, *node.leading_lines]))
        gap = ()
    return script.module.with_changes(body=stay).bytes


def _moved(script: Script, lines: set[int], imported: Collection[str]) -> list[Unit]:
    """Return the statements that do more than bind names, from the first on that has one of the
    lines; none where one of them cannot leave the module's level."""
    plain = [unit for unit in script.units if not unit.guard]
    begin = next(
        (n for n, unit in enumerate(plain) if lines & {*range(unit.line, unit.end + 1)}), len(plain)
    )
    moved = [unit for unit in plain[begin:] if not script.is_side_effect_free(unit)]
    if any(
        unit.is_definition or any(isinstance(node, Import) for node in unit.walk())
        for unit in moved
    ):
        return []
    others = bound_by(moved) if "*" in imported else bound_by(moved) & {*imported}
    modules = {name for statement in script.statements for name in imported_modules(statement)}
    return [] if others or any(name.startswith(PROCESSES) for name in modules) else moved
