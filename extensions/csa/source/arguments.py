"""The arguments of a script, as far as they stand literally in its calls of add_argument."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .names import Function, last_name
from .syntax import nodes_of

MAKERS = ("ArgumentParser", "OptionParser")
"""Classes of parsers."""

GROUPS = ("add_argument_group", "add_mutually_exclusive_group", "add_option_group")
ADDS = ("add_argument", "add_option")
NO_VALUE = ("store_true", "store_false", "store_const", "append_const", "count")
NOT_READ = ("set_defaults", "add_subparsers", "add_parser")
"""Methods that a parser's arguments depend on in other ways."""

WORDS = {"str": "x", "Path": "x", "int": "1", "float": "1"}
"""What a type of argparse's takes, by its name."""


@dataclass(frozen=True)
class Argument:
    """An argument as its parser has it.

    `flags` are as typed: a positional argument has its name there. `default` is the source of a
    literal, None where it is none, or is another value by then. `choices` are as typed in a command,
    `placeholder` stands for the value in one, and `word` is a value that the parser takes, None
    where that is not known.
    """

    dest: str
    flags: tuple[str, ...]
    required: bool
    default: str | None
    help: str | None
    choices: tuple[str, ...]
    placeholder: str
    word: str | None

    @property
    def flag(self) -> str | None:
        """The longest of its names in a command, None where it has none."""
        names = [flag for flag in self.flags if flag.startswith("-")]
        return next((name for name in names if name.startswith("--")), names[0] if names else None)


@dataclass(frozen=True)
class Arguments:
    """The arguments of a script, in the source's order, and the names of its subcommands.

    Arguments of subcommands are left out. `complete` is False where something could not be read.
    """

    arguments: list[Argument]
    subcommands: list[str]
    complete: bool

    @property
    def required(self) -> list[Argument]:
        """Those that a command must have, the ones with flags first."""
        needed = [argument for argument in self.arguments if argument.required]
        return sorted(needed, key=lambda argument: argument.flag is None)


def arguments_of(tree: ast.Module) -> Arguments:
    """Return the arguments of a script, of which this is main.py."""
    calls = [node for node in nodes_of(tree) if isinstance(node, ast.Call)]
    calls.sort(key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
    parsers = _Parsers(tree)
    arguments: list[Argument] = []
    complete = not parsers.several and not _passed_on(tree, calls, parsers)
    subcommands = []
    sure = {id(node) for node in _unconditional(tree)}
    for call in calls:
        if not isinstance(call.func, ast.Attribute):
            continue
        name, owner = call.func.attr, call.func.value
        if name in NOT_READ and (parsers.has(owner) or name == "add_parser"):
            complete = False
            if name == "add_parser" and call.args and (command := _text(call.args[0])):
                subcommands.append(command)
        elif name in ADDS and parsers.has(owner):
            argument = _argument(call)
            arguments += [argument] if argument else []
            complete &= argument is not None and id(call) in sure
        elif name in GROUPS and _value(_keywords(call).get("required")):
            complete = False  # one of several must be given
        elif name in ("parse_args", "parse_known_args"):
            complete &= parsers.has(owner)
    found = [argument for argument in arguments if argument.dest]
    return Arguments(found, list(dict.fromkeys(subcommands)), complete)


class _Parsers:
    """Which expressions stand for the parser of a script, or a group of its arguments."""

    def __init__(self, tree: ast.Module):
        made = [node for node in nodes_of(tree) if _is_maker(node)]
        self.several = len(made) > 1 or any(
            keyword.arg in (None, "parents", "argument_default")
            for node in made
            if isinstance(node, ast.Call)
            for keyword in node.keywords
        )
        self.names = {
            parameter.arg
            for node in nodes_of(tree)
            if isinstance(node, Function)
            for parameter in (*node.args.posonlyargs, *node.args.args)
            if re.search(r"parser|ArgumentGroup", ast.unparse(parameter.annotation or ast.Name(parameter.arg)))
        } if made else set()  # fmt: skip
        assigned = [node for node in nodes_of(tree) if isinstance(node, ast.Assign | ast.AnnAssign)]
        for node in sorted(assigned, key=lambda node: node.lineno):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if isinstance(node.value, ast.Call) and self.has(node.value):
                self.names |= {ast.unparse(target) for target in targets}

    def has(self, node: ast.expr) -> bool:
        """Tell whether an expression is one."""
        if isinstance(node, ast.Call):
            func = node.func
            group = isinstance(func, ast.Attribute) and func.attr in GROUPS and self.has(func.value)
            return _is_maker(node) or group
        return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in self.names


def _is_maker(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func).endswith(MAKERS)


def _passed_on(tree: ast.Module, calls: list[ast.Call], parsers: _Parsers) -> bool:
    """Tell whether a function gets a parser and may add arguments to it that are not seen: one of
    somebody else's, or where the parser has another name."""
    own = {node.name: node.args for node in nodes_of(tree) if isinstance(node, Function)}
    added = {
        ast.unparse(call.func.value)
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in ADDS
    }
    for call in calls:
        name = last_name(call.func)
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if name == "autocomplete" or not any(map(parsers.has, given)):
            continue
        function = own.get(name)
        named = (
            {parameter.arg for parameter in [*function.posonlyargs, *function.args]}
            if function
            else set()
        )
        if function is None or (named & added) - parsers.names:
            return True
    return False


def _unconditional(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield all nodes but for those in loops, conditions and comprehensions; a guard is none."""
    nodes: list[ast.AST] = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and "__name__" not in ast.unparse(node.test):
            continue
        if not isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.Match | ast.ListComp):
            yield node
            nodes += ast.iter_child_nodes(node)


def _argument(call: ast.Call) -> Argument | None:
    """Return what a call adds, without dest where that has no value; None where it cannot be read."""
    options = _keywords(call)
    flags = tuple(filter(None, map(_text, call.args)))
    if len(flags) < len(call.args) or None in options:
        return None
    positional = not flags or not flags[0].startswith("-")
    action = _text(options.get("action")) or ("store" if "action" not in options else "class")
    dest = _text(options.get("dest")) or _dest(flags)
    if action in ("help", "version", "callback"):
        return Argument("", flags, False, None, None, (), "", None)
    nargs = _value(options.get("nargs"))
    if not dest or not _is_literal(options, "dest", "required", "nargs"):
        return None
    required = bool(_value(options.get("required")))
    if positional:
        required = nargs not in ("?", "*", "...")
    choices = _value(options.get("choices"))
    words = tuple(map(str, choices)) if isinstance(choices, list | tuple) else ()
    count = 0 if action in (*NO_VALUE, "class") else nargs if isinstance(nargs, int) else 1
    metavar = _text(options.get("metavar")) or dest.upper().replace("-", "_")
    kind = (last_name(options["type"]) or "unknown") if "type" in options else "str"
    word = words[0] if words else WORDS.get(kind)
    if action == "class" or count > 1 or ("choices" in options and not words):
        word = None
    return Argument(
        dest,
        flags or (dest,),
        required,
        _default(options, action, positional, nargs),
        _help(options),
        words,
        " ".join([metavar] * count),
        word,
    )


def _default(
    options: dict[str | None, ast.expr], action: str, positional: bool, nargs: object
) -> str | None:
    """Return the source of an argument's value where a command does not have it, if it is sure."""
    is_none = isinstance(default := options.get("default"), ast.Constant) and default.value is None
    if positional and (nargs == "..." or (nargs == "*" and (default is None or is_none))):
        return "[]"
    if default is None:
        return {"store_true": "False", "store_false": "True", "class": None}.get(action, "None")
    try:
        value = ast.literal_eval(default)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if isinstance(value, str) and "type" in options:
        kinds = {"str": str, "int": int, "float": float}
        try:
            value = kinds[last_name(options["type"])](value)
        except (KeyError, ValueError):
            return None
    return ast.unparse(ast.Constant(value)) if isinstance(value, str) else repr(value)


def _help(options: dict[str | None, ast.expr]) -> str | None:
    text = _text(options.get("help"))
    if text is None:
        return None
    default = options.get("default")
    shown = "" if default is None else _text(default) or ast.unparse(default)
    parts = {"%%": "%", "%(default)s": shown, "%default": shown}
    text = re.sub(r"%%|%\(default\)s|%default\b", lambda found: parts[found[0]], text)
    return " ".join(text.split())


def _keywords(call: ast.Call) -> dict[str | None, ast.expr]:
    return {keyword.arg: keyword.value for keyword in call.keywords}


def _is_literal(options: dict[str | None, ast.expr], *names: str) -> bool:
    return all(name not in options or _value(options[name]) is not None for name in names)


def _value(node: ast.expr | None) -> object:
    """Return a literal's value, None where there is none."""
    remainder = {"REMAINDER": "...", "OPTIONAL": "?", "ZERO_OR_MORE": "*", "ONE_OR_MORE": "+"}
    if node is None:
        return None
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return remainder.get(last_name(node))


def _text(node: ast.expr | None) -> str | None:
    value = _value(node)
    return value if isinstance(value, str) else None


def _dest(flags: tuple[str, ...]) -> str:
    """Return the dest that argparse makes of the flags, or a positional argument's name."""
    if not flags or not flags[0].startswith("-"):
        return "".join(flags[:1])
    long = [flag for flag in flags if flag.startswith("--")]
    return (long or list(flags))[0].lstrip("-").replace("-", "_")
