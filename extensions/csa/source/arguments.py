"""The arguments of a script, read from its source: nothing is imported or run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .expressions import Expressions, last_name
from .parsers import Argument, Declared, Parsers, position

SUPPRESSED = "argparse.SUPPRESS"
"""The default of an argument that main gets only when it is given."""

_CONVERTED = {"int": int, "float": float, "bool": bool, "str": str}


@dataclass(frozen=True)
class Arguments:
    """All arguments, in the source's order.

    `fields` are those that main gets, each dest once; `namespace` is False where main is handed
    something else than a namespace; `complete` is False when something could not be told.
    """

    arguments: list[Argument]
    fields: list[Argument]
    subcommands: list[str]
    namespace: bool
    complete: bool


def arguments_of(source: str) -> Arguments:
    """Return the arguments of a script, of which this is main.py. Raises NotPython."""
    parsers = Parsers(source)
    expressions = parsers.expressions
    attributes = {node.attr for node in ast.walk(parsers.tree) if isinstance(node, ast.Attribute)}
    parses = bool({"parse_args", "parse_known_args"} & attributes)
    if parses and not parsers.declared and {"add_argument", "add_option"} & attributes:
        parsers.complete = False  # such as of a class of its own
    arguments = _declared(parsers)
    for parser in parsers.parsers:
        own = {argument.dest for argument in arguments if argument.subcommand == parser.subcommand}
        for dest, value in parser.defaults.items():
            if dest not in own:
                used = expressions.names(value)
                default = None if used is None else expressions.segment(value)
                extra = Argument(dest, (), False, default, used or ())
                arguments.append(replace(extra, subcommand=parser.subcommand))
    if parsers.subcommands and parsers.guessed:
        parsers.complete = False
    fields, extra_fields, namespace = _namespace(parsers, arguments)
    first: dict[str, Argument] = {}
    for argument in (*fields, *extra_fields):
        if argument.required and argument.dest in first:
            first[argument.dest] = replace(argument, help=first[argument.dest].help)
        first.setdefault(argument.dest, argument)
    subcommands = sorted(parsers.subcommands, key=lambda pair: position(pair[1]))
    return Arguments(
        [*arguments, *extra_fields],
        list(first.values()),
        list(dict.fromkeys(name for name, _ in subcommands)),
        namespace,
        parsers.complete,
    )


def _declared(parsers: Parsers) -> list[Argument]:
    """Return the arguments that are added to parsers, in the source's order."""
    found = [(position(call), argument) for argument, call in parsers.chosen]
    for declared in parsers.declared:
        default, names = _default(parsers, declared)
        alternatives = [
            other.argument.dest
            for other in parsers.declared
            if declared.parser.exclusive and other.parser.exclusive is declared.parser.exclusive
        ]
        argument = replace(
            declared.argument,
            default=None if declared.argument.required else default,
            names=() if declared.argument.required else names,
            help=_help(parsers.expressions, declared, default),
            alternatives=tuple(dict.fromkeys(alternatives)),
        )
        found.append((position(declared.call), argument))
    return [argument for _, argument in sorted(found, key=lambda pair: pair[0])]


def _namespace(
    parsers: Parsers, arguments: list[Argument]
) -> tuple[list[Argument], list[Argument], bool]:
    """Return what main gets: of the command line, besides, and whether as a namespace."""
    if parsers.handed is None:
        return arguments, [], True
    node, values, stored = parsers.handed
    name = node.id if isinstance(node, ast.Name) else None
    dests = [attribute for owner, attribute in sorted(stored) if owner == name]
    if name in values:
        node = values[name]
    taken = arguments
    if isinstance(node, ast.Call) and last_name(node.func) == "Namespace":
        taken = []
        for attribute, value in _items(node):
            if attribute:
                dests.append(attribute)
            elif _is_vars(value):
                taken = arguments
            else:
                parsers.complete = False
        taken = [argument for argument in taken if argument.dest not in dests]
    known = {argument.dest for argument in taken}
    extra = [Argument(dest, required=True) for dest in dests if dest not in known]
    is_one = isinstance(node, (ast.Name, ast.Call)) and not _is_vars(node)
    return taken, extra, is_one and last_name(node) not in ("dict", "list", "str")


def _default(parsers: Parsers, declared: Declared) -> tuple[str | None, tuple[str, ...]]:
    """Return the source of an argument's default, and the names in it."""
    expressions = parsers.expressions
    node, optparse = declared.default, declared.parser.optparse
    nargs = parsers.nargs_of(declared.options.get("nargs"))
    if declared.positional and nargs == "...":
        return "[]", ()
    if node is None or isinstance(node, ast.Constant) and node.value is None:
        if declared.positional and nargs == "*":
            return "[]", ()
        flag = {"store_true": "False", "store_false": "True"}.get(declared.action)
        return (flag if flag and node is None and not optparse else "None"), ()
    if last_name(node) == "SUPPRESS":
        return SUPPRESSED, ()
    names = expressions.names(node)
    if names is None:
        return None, ()
    source, converter = expressions.segment(node), declared.options.get("type")
    if converter is None or (declared.positional and nargs == "*"):
        return source, names
    return _converted(expressions, node, source, names, converter, optparse)


def _converted(
    expressions: Expressions,
    node: ast.expr,
    source: str,
    names: tuple[str, ...],
    converter: ast.expr,
    optparse: bool,
) -> tuple[str | None, tuple[str, ...]]:
    """Return a default as `type` makes it, which applies to strings alone."""
    kind = expressions.text(converter) if optparse else None
    kind = kind or (converter.id if isinstance(converter, ast.Name) else "")
    if kind in ("str", "string", "choice"):
        return source, names
    is_text = expressions.is_text(node)
    if is_text is None:
        return None, ()
    if not is_text:
        return source, names
    value = expressions.value(node)
    if isinstance(value, str) and kind in _CONVERTED:
        try:
            return repr(_CONVERTED[kind](value)), ()
        except ValueError:
            return None, ()
    more = expressions.names(ast.Call(converter, [node], []))
    if more is None:
        return None, ()
    return f"{expressions.segment(converter)}({source})", more


def _help(expressions: Expressions, declared: Declared, default: str | None) -> str | None:
    text = expressions.text(declared.options.get("help"))
    if text is None:
        return None
    shown = default or ""
    if declared.default is not None:
        value = expressions.value(declared.default)
        shown = expressions.segment(declared.default) if value is None else str(value)
    parts = {"%%": "%", "%(default)s": shown, "%default": shown}
    text = re.sub(r"%%|%\(default\)s|%default\b", lambda found: parts[found[0]], text)
    return " ".join(text.split())


def _items(namespace: ast.Call) -> Iterator[tuple[str | None, ast.expr]]:
    """Yield the attributes that a Namespace gets: a=1, **{"a": 1}; None for **other."""
    for keyword in namespace.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values):
                yield getattr(key, "value", None), value
        else:
            yield keyword.arg, keyword.value


def _is_vars(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == "vars"
