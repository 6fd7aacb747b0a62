"""Moving a script's logic into `main(args: argparse.Namespace)`, without altering it.

What runs when the file is executed keeps its order. The parsing stays under the guard, which hands
its result to main. Functions, classes, imports and constants stay where they are.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ..source.names import Import, imported_modules
from ..source.script_text import new_line
from ..source.syntax import TOO_DEEP, NotPython
from .assembly import Assembly, first_without_blank_lines, footer_after, statement, with_suite
from .at_start import with_effects_in_main
from .at_start_proof import prove_at_start
from .boundary import (
    READS_ARGV,
    READS_GLOBAL,
    Boundary,
    Note,
    problem_of_main,
    set_first_in,
)
from .command import command_of, commands_of, with_main
from .command_line import with_argv
from .command_line_proof import prove_argv
from .command_proof import prove_command
from .handover import Handover, refuse_frameworks
from .own_main import with_args
from .own_main_proof import prove_own_main
from .parameter import with_parameter
from .parameter_proof import prove_parameter
from .parsing import split, suite_of
from .proof import Unproven, prove
from .script import BOM, CannotRefactor, Node, Script, bound_by

NO_PROOF = "left unchanged, because there is no proof that nothing else changes: {}"


@dataclass
class Refactoring:
    """The new source, or the old one when it has to stay, and where a person is needed.

    The lines are those of the old source.
    """

    source: bytes
    notes: list[Note] = field(default_factory=list)


def refactor(
    source: bytes,
    imported: Iterable[str] = (),
    hiding: Mapping[str, str] | None = None,
    watcher: str | None = None,
    *,
    moves_effects: bool = True,
) -> Refactoring:
    """Move the logic of a script into main, if it can be proven that nothing else changes.

    `imported` are the names that other files import from it, or *: they stay the module's. `hiding`
    are paths of files that Python may find in the place of its own modules, by their names. `watcher`
    is the path of a file that gets at the variables of whatever script runs. `moves_effects`: what runs
    at import goes into main as well.
    """
    try:
        script = Script(source)
    except (CannotRefactor, NotPython) as error:
        return Refactoring(source, [Note(error.line, str(error))])
    refactored = refactor_script(script, source, imported, moves_effects=moves_effects)
    if refactored.source != source and (hidden := _hidden(script, hiding or {})):
        return Refactoring(source, [hidden])
    if refactored.source != source and watcher:
        text = f"{watcher} reads the variables of the script that runs, so they cannot move: "
        return Refactoring(source, [Note(1, text + "pass it what it needs")])
    return refactored


def _hidden(script: Script, hiding: Mapping[str, str]) -> Note | None:
    """Return what a person has to rename, since a proof has to know what a script imports; None if
    nothing does."""
    lines = {
        module.split(".")[0]: node.lineno
        for statement in script.statements
        for node in ast.walk(statement)
        if isinstance(node, Import)
        for module in imported_modules(node)
    }
    # Where argparse is new, what that imports is new as well.
    needed = lines.keys() if "argparse" in lines else hiding.keys()
    for name in sorted(needed & hiding.keys()):
        text = f"{hiding[name]} may be imported instead of Python's own {name}: rename it"
        return Note(lines.get(name, 1), text)
    return None


def refactor_script(
    script: Script, source: bytes, imported: Iterable[str] = (), *, moves_effects: bool = True
) -> Refactoring:
    """Do as refactor, with a script that was read from its source."""
    result = _with_main_of_args(script, source, imported)
    for step in (_reading_args, _taking_args, *([_acting_in_main] if moves_effects else [])):
        plain = result.source.removeprefix(BOM)
        with suppress(CannotRefactor, NotPython, UnicodeError, Unproven):
            if found := step(plain, result.notes, set(imported)):
                new, notes = found
                result = Refactoring(result.source[: -len(plain)] + new, notes)
    return result


def _reading_args(
    source: bytes, notes: list[Note], imported: Collection[str]
) -> tuple[bytes, list[Note]] | None:
    """Return a source whose main reads sys.argv from args, with the notes that are left."""
    others = [note for note in notes if note.text != READS_ARGV]
    new = with_argv(source) if len(others) < len(notes) else None
    if new is None:
        return None
    prove_argv(source, new)
    return new, others


def _taking_args(
    source: bytes, notes: list[Note], imported: Collection[str]
) -> tuple[bytes, list[Note]] | None:
    """Return a source whose functions take what they read as a global, with the notes that are left."""
    if not any(READS_GLOBAL in note.text for note in notes):
        return None
    found = with_parameter(source, imported)
    if found is None:
        return None
    new, name = found
    prove_parameter(source, new)
    return new, [note for note in notes if f"{READS_GLOBAL} `{name}`" not in note.text]


def _acting_in_main(
    source: bytes, notes: list[Note], imported: Collection[str]
) -> tuple[bytes, list[Note]] | None:
    """Return a source whose main begins with what ran at import, with the same notes."""
    new = with_effects_in_main(source, imported)
    if new is None:
        return None
    prove_at_start(source, new)
    return new, notes


def _with_main_of_args(script: Script, source: bytes, imported: Iterable[str]) -> Refactoring:
    """Move the logic into main, which may still read sys.argv."""
    bom = BOM if source.startswith(BOM) else b""
    begins = 1
    try:
        if own := _with_logic_of_its_own(script, source.removeprefix(BOM), imported):
            new, notes = own
            result = _with_main_of_args(Script(new), new, imported)
            notes += [Note(new_line(new, source, note.line), note.text) for note in result.notes]
            return Refactoring(bom + result.source, sorted(set(notes)))
        boundary = Boundary(script, set(imported))
        refactored = _refactored(boundary)
        new = source if refactored is None else bom + refactored
        begins = boundary.begins
        if new != source:
            prove(source, new)
    except CannotRefactor as left:
        return Refactoring(source, [Note(left.line, left.text)])
    except NotPython as error:  # in an encoding that cannot be written as it was
        return Refactoring(source, [Note(error.line, str(error))])
    except Unproven as unproven:
        return Refactoring(source, [Note(begins, NO_PROOF.format(unproven))])
    except UnicodeError as error:  # codecs such as idna cannot write all that they read
        return Refactoring(source, [Note(1, f"its encoding cannot be written: {error}")])
    except RecursionError:
        return Refactoring(source, [Note(1, TOO_DEEP)])
    return Refactoring(new, sorted(set(boundary.notes)))


def _with_logic_of_its_own(
    script: Script, source: bytes, imported: Iterable[str]
) -> tuple[bytes, list[Note]] | None:
    """Return the source in which the main, or the command, of a script became main(args), and notes
    on that; None where it has neither, or one that is right.

    Raises CannotRefactor when the script has to stay as it is.
    """
    main = script.functions.get("main")
    is_command = any(function is main for function, _ in commands_of(script))
    command = command_of(script) if main is None or is_command else None
    function = command or (main if problem_of_main(script) else None)
    if function is None:
        return None
    if function.name in imported:
        text = f"another file imports {function.name}: let it import what {function.name} calls"
        raise CannotRefactor(function.lineno, text)
    notes: list[Note] = []
    try:
        if command:
            new = with_main(source, command)
            prove_command(source, new)
        else:
            new, notes = with_args(script)
            prove_own_main(source, new)
    except Unproven as unproven:
        raise CannotRefactor(function.lineno, NO_PROOF.format(unproven)) from unproven
    if problem := problem_of_main(Script(new)):
        raise problem
    return new, notes


def _refactored(boundary: Boundary) -> bytes | None:
    """Return the new source, None when there is nothing to move.

    Raises CannotRefactor when the script has to stay as it is.
    """
    if boundary.called is None:
        return _with_main(boundary)
    set_by_main = set_first_in(boundary.script.functions["main"])
    boundary.note_functions(bound_by(boundary.moved) - set_by_main)
    if all(unit.guard for unit in boundary.moved):
        return None
    assembly = Assembly(boundary.script, boundary.moved)
    return assembly.assembled([assembly.reindented(unit) for unit in boundary.moved], None, ())


def _with_main(boundary: Boundary) -> bytes:
    """Return the source with a new main; raise CannotRefactor when the script has to stay as it is."""
    script = boundary.script
    moved = list(boundary.moved)
    docstring = moved.pop(0) if len(moved) > 1 and moved[0].is_string else None
    if not moved:
        raise CannotRefactor(
            1, "it has no logic under a guard or at module level to move into main"
        )
    container, suite, after = suite_of(script, moved)
    count, parsed = split(script, suite, boundary.held)
    parsing, logic = suite[:count], suite[count:]
    if not logic:
        text = "the parsing and the logic share a line: put args = ... on a line of its own"
        raise CannotRefactor(moved[0].line, text)
    boundary.begins = logic[0].line
    refuse_frameworks(script, logic)
    if docstring is None and logic[0].is_string and len(logic) > 1:
        docstring, logic = logic[0], logic[1:]
    for unit in after:
        boundary.note(unit.line, "it runs after main: move it into main")
    handed = Handover(boundary, container, parsing, logic, parsed).handed()

    assembly = Assembly(script, boundary.moved)
    expression = handed.expression
    body: list[Node] = [docstring.node] if docstring else []
    body += [statement(f"global {', '.join(sorted(handed.kept))}")] if handed.kept else []
    body += [statement(f"{name} = {value}") for name, value in handed.taken.items()]
    nodes = [assembly.reindented(unit) for unit in logic]
    if parsed.mixed:
        nodes[0], expression = assembly.without_parsing(logic[0])
    if not (handed.kept and logic[0].is_definition):
        nodes = first_without_blank_lines(nodes)
    body += nodes
    block = [*(assembly.reindented(unit) for unit in parsing), statement(f"main({expression})")]
    if container:
        whole = with_suite(container.node, block)
        block = [whole if unit is container else assembly.reindented(unit) for unit in moved]
    footer = footer_after(logic[-1], script, container)
    return assembly.assembled(block, assembly.main(body, footer), footer)
