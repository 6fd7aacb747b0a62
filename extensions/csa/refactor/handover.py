"""What main is given, and what of it stays the module's."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..source.effects import definitely_assigned, must_stay_global, only_names_types
from ..source.look_ups import from_elsewhere
from ..source.names import Definition, Import, bound_in, bound_names, in_scope, is_set_first, names
from ..source.namespaces import has_no_alias, is_only_read, is_plain_namespace, namespace_of
from .boundary import READS_ARGV, Boundary
from .parsing import Parsed
from .script import (
    CannotRefactor,
    Script,
    Unit,
    bound_by,
    called_alone,
    mentioned_by,
    parses_itself,
    statements_of,
)

_FRAMEWORKS = {
    *("absl.app.run", "fire.Fire", "pytest.main", "tensorflow.app.run"),
    *("tensorflow.compat.v1.app.run", "unittest.main"),
}
"""What parses the command line, and calls what it finds in the script."""


@dataclass(frozen=True)
class Handed:
    """What main needs to go on with what was parsed.

    `kept` are the names that stay the module's, `taken` expressions by the name that main gives
    them, `expression` is the argument of its call.
    """

    kept: set[str]
    taken: dict[str, str]
    expression: str


class Handover:
    """What main is given, and what of it stays the module's.

    `container` is the statement in whose block the parsing stands, if any; `parsing` are the
    statements before the logic, and `parsed` is what they give.
    """

    def __init__(
        self,
        boundary: Boundary,
        container: Unit | None,
        parsing: list[Unit],
        logic: list[Unit],
        parsed: Parsed,
    ):
        self.boundary = boundary
        self.script = boundary.script
        self.parsing = parsing
        self.logic = logic
        self.parsed = parsed
        bound = bound_by(parsing)
        entered = _bound_by_with(container) if container else set()
        self.set_before = bound | entered
        """The names that may be set when main is called."""
        self.sure = (definitely_assigned(statements_of(parsing), self.script.known) or set()) | (
            self.set_before - bound
        )
        """Those of them that are."""

    def handed(self) -> Handed:
        """Return what main needs; raise CannotRefactor where it cannot have it."""
        self._refuse()
        taken, expression = self._taken()
        logic, parsed = self.logic, self.parsed
        handed = set(taken) | ({"args"} if parsed.namespace else set())
        is_other = not parsed.mixed and not is_set_first("args", statements_of(logic))
        if "args" not in handed and is_other:
            line = next(unit.line for unit in logic if "args" in unit.mentioned)
            raise CannotRefactor(line, "args is not what was parsed: give it another name")
        outside = self._outside(logic) - (handed - self._outside([*logic, *self.parsing]))
        kept = self._kept_global(outside)
        by_name = self.boundary.by_name
        kept |= set(taken) if by_name else set(taken) & self.boundary.functions_use
        self._refuse_global(kept)
        self.boundary.note_functions(self.set_before - handed | ({"args"} & self.set_before))
        return Handed(kept, taken, expression)

    def _refuse(self) -> None:
        """Raise CannotRefactor for what has another meaning in a function, note what tests cannot reach."""
        refuse_functions_that_parse(self.script, self.logic)
        for unit in self.logic:
            for node in unit.walk():
                if isinstance(node, ast.AnnAssign) and not only_names_types(
                    node.annotation, self.script.statements, self.script.known
                ):
                    text = "inside a function Python does not evaluate this annotation: name only types in it"
                    raise CannotRefactor(node.lineno, text)
                if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                    raise CannotRefactor(
                        node.lineno, "a function cannot import *: name what it needs"
                    )
                if isinstance(node, ast.Name) and node.id in ("exec", "locals"):
                    raise CannotRefactor(
                        node.lineno, f"{node.id}() gives something else in a function"
                    )
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    called = node.func.id
                    if called in ("vars", "dir") and not node.args:
                        raise CannotRefactor(
                            node.lineno, f"{called}() gives something else in a function"
                        )
            if self.script.reads_argv(unit):
                self.boundary.note(unit.line, READS_ARGV)
        if self.parsed.mixed and "args" in mentioned_by(self.logic):
            raise CannotRefactor(
                self.logic[0].line, "assign the parsed arguments to a name first: args = ..."
            )

    def _outside(self, inside: Iterable[Unit]) -> set[str]:
        """Return the module's names that are used outside of some statements."""
        nodes = set(map(id, statements_of(inside)))
        used = set(self.boundary.imported)
        for unit in self.script.units:
            if unit.is_definition and id(unit.statements[0]) not in nodes:
                used |= self.script.global_uses(unit) | unit.bound
            else:
                used |= {
                    name
                    for statement in unit.statements
                    for name in _names_outside(statement, nodes)
                }
        return used

    def _taken(self) -> tuple[dict[str, str], str]:
        """Return what main takes over, expressions by name, and the argument of its call."""
        namespace, logic, sure = self.parsed.namespace, self.logic, self.sure
        read = mentioned_by(logic)
        if self.parsed.mixed:
            read -= names(self.parsed.mixed)
        parsers = self.script.parsers
        needed = (self.set_before & (read | self.boundary.functions_use)) - {namespace}
        if namespace and not self.boundary.held and namespace not in sure:
            raise CannotRefactor(
                logic[0].line, f"{namespace} may not be set by then: parse in one place"
            )
        more = sorted((needed & sure) - parsers - {"self"}, key=lambda name: (name == "args", name))
        taken: dict[str, str] = {}
        if namespace and namespace != "args" and namespace in read | self.boundary.functions_use:
            taken[namespace] = "args"
        expression = namespace or namespace_of(None, ())
        if namespace and more and not self._may_be_copied(namespace, set(more)):
            for name in more:
                self._note_unhanded(name)
        elif more:
            taken |= {name: f"args.{name}" for name in more}
            expression = namespace_of(namespace, more)
        for name in sorted(needed - set(more)):
            self._note_unhanded(name)
        return taken, expression

    def _note_unhanded(self, name: str) -> None:
        for unit in self.logic:
            if name in unit.mentioned:
                text = f"main reads `{name}`, which is set under the guard: pass it as an attribute of args"
                self.boundary.note(unit.line, text)
                return

    def _may_be_copied(self, namespace: str, added: set[str]) -> bool:
        """Tell whether nobody could tell a namespace from a copy with more attributes."""
        return (
            namespace not in self.boundary.functions_use
            and is_plain_namespace(namespace, self.script.statements, self.script.known)
            and has_no_alias(statements_of(self.parsing), namespace)
            and is_only_read(statements_of(self.logic), namespace, added)
        )

    def _kept_global(self, outside: set[str]) -> set[str]:
        """Return the names that the logic sets and that have to stay the module's.

        `outside` are the names that are used outside of main.
        """
        script = self.script
        bound = bound_by(self.logic)
        statements = statements_of(self.logic)
        elsewhere = from_elsewhere(bound, script.statements)
        kept = {
            name
            for name in bound
            if self.boundary.by_name
            or name in outside
            or (name in elsewhere and not is_set_first(name, statements))
        }
        for node in (node for statement in statements for node in in_scope(statement)):
            if isinstance(node, Definition):
                kept.add(node.name)  # keeps its qualified name, and can be pickled
            elif must_stay_global(node, script.known):
                kept |= bound_names(node)
        for node in (node for statement in statements for node in ast.walk(statement)):
            if isinstance(node, ast.Global):
                kept |= set(node.names) & bound
            elif isinstance(node, ast.ClassDef):
                kept |= bound_in(node.body) & bound & set().union(*map(names, node.body))
        return kept

    def _refuse_global(self, kept: set[str]) -> None:
        logic = self.logic
        if "args" in kept or ("args" in bound_by(logic) and "args" in self.boundary.functions_use):
            line = next((unit.line for unit in logic if "args" in unit.mentioned), logic[0].line)
            raise CannotRefactor(line, "args is set here and used elsewhere: give it another name")
        declared = {
            name: node.lineno
            for statement in self.script.statements
            for node in ast.walk(statement)
            if isinstance(node, ast.Global)
            for name in node.names
        }
        if "args" in declared and "args" in mentioned_by(logic):
            text = "args is set as a global here and used in main: give it another name"
            raise CannotRefactor(declared["args"], text)
        for unit in logic:
            for node in unit.walk():
                if (
                    isinstance(node, ast.AnnAssign)
                    and isinstance(node.target, ast.Name)
                    and node.target.id in kept
                ):
                    raise CannotRefactor(
                        node.lineno,
                        f"{node.target.id} is used outside of main: take its annotation away, "
                        "which Python does not allow for a global name",
                    )


def refuse_frameworks(script: Script, logic: Sequence[Unit]) -> None:
    """Raise CannotRefactor where all of the logic is to call a framework that parses by itself."""
    if len(logic) != 1 or len(logic[0].statements) != 1:
        return
    call = called_alone(logic[0].statements[0])
    called = script.known.origin(call.func) if call else None
    if call and called in _FRAMEWORKS:
        text = f"{ast.unparse(call.func)} parses the arguments itself: call the logic from a main(args)"
        raise CannotRefactor(logic[0].line, text)


def refuse_functions_that_parse(script: Script, logic: Iterable[Unit]) -> None:
    """Raise CannotRefactor where the logic calls functions that parse the arguments themselves."""
    for node in (node for unit in logic for node in unit.walk()):
        called = node.func if isinstance(node, ast.Call) else None
        function = script.functions.get(called.id) if isinstance(called, ast.Name) else None
        if function and parses_itself(function):
            raise CannotRefactor(
                function.lineno,
                f"{function.name} parses the arguments itself: let it take them as args, and "
                "parse them under the guard",
            )


def _bound_by_with(container: Unit) -> set[str]:
    """Return the names that a with statement gives to what it enters."""
    [statement, *_] = container.statements
    items = statement.items if isinstance(statement, ast.With) else []
    return {name for item in items for name in bound_names(item)}


def _names_outside(node: ast.AST, inside: set[int]) -> set[str]:
    """Return the names that a statement uses or binds, but for the statements in it that are
    named by their ids."""
    if id(node) in inside:
        return set()
    found = {node.id} if isinstance(node, ast.Name) else set()
    if isinstance(node, Import):
        found |= bound_names(node)
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        found.add(node.name)
    return found.union(*(_names_outside(child, inside) for child in ast.iter_child_nodes(node)))
