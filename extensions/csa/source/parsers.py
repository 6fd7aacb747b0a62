"""The parsers of a script, and what is added to them: read from its source, never run."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

from .expressions import Expressions, last_name
from .names import Function, is_guard
from .syntax import parse

NARGS = {"OPTIONAL": "?", "ZERO_OR_MORE": "*", "ONE_OR_MORE": "+", "REMAINDER": "..."}
NO_VALUE = ("store_true", "store_false", "store_const", "append_const", "count")


@dataclass(frozen=True)
class Argument:
    """A value that main gets.

    `flags` are as typed: a positional argument has its name there; none means that the command
    line does not have it. `default` is Python source, None if a person must say; `names` are
    those of main.py that it uses. `placeholder` stands for the value in a command, and
    `alternatives` are the dests of which the parser requires exactly one.
    """

    dest: str
    flags: tuple[str, ...] = ()
    required: bool = False
    default: str | None = None
    names: tuple[str, ...] = ()
    help: str | None = None
    choices: str | None = None
    subcommand: str | None = None
    placeholder: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parser:
    """What a variable stands for: a parser, or a group of its arguments."""

    subcommand: str | None = None
    prefix: str = "-"
    argument_default: ast.expr | None = None
    optparse: bool = False
    exclusive: ast.Call | None = None
    defaults: dict[str, ast.expr] = field(default_factory=dict)  # one dict for a parser's groups


@dataclass
class Declared:
    """An add_argument call, and the default that applies in the end."""

    parser: Parser
    call: ast.Call
    argument: Argument
    default: ast.expr | None
    action: str
    positional: bool
    options: dict[str, ast.expr]


class _Variables(ast.NodeVisitor):
    """Follows which variables stand for parsers, through a function or a module.

    `made` has what each call makes; `guessed` tells whether a name was all there was to go by.
    """

    def __init__(self) -> None:
        self.main = Parser()
        self.made: dict[ast.expr, Parser | None] = {}
        self.guessed = False
        # Of the function being read:
        self.function = ""
        self.known: dict[str, Parser | None] = {}
        self.values: dict[str, ast.expr] = {}
        self.stored: set[tuple[str, str]] = set()
        self.unsure = 0  # how many loops and conditions are around

    def _enter(self, name: str, body: list[ast.stmt], known: dict[str, Parser | None]) -> None:
        self.function, self.known, self.values, self.stored = name, known, {}, set()
        for statement in body:
            self.visit(statement)

    def _parameters(self, function: Function) -> dict[str, Parser | None]:
        found: dict[str, Parser | None] = {}
        for parameter in (*function.args.posonlyargs, *function.args.args):
            hint = ast.unparse(parameter.annotation) if parameter.annotation else parameter.arg
            found[parameter.arg] = self._guess(hint.rpartition(".")[2])
        return found

    def _guess(self, name: str) -> Parser | None:
        """Take an unknown object for the parser if it is called so: other classes, such as
        a browser's options, have a method add_argument too."""
        return self.main if re.search("pars|group", name, re.IGNORECASE) else None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Each function is read on its own."""

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """As above."""

    def visit_If(self, node: ast.If) -> None:
        if is_guard(node):
            self.generic_visit(node)
        else:
            self._unsure(node)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        for name in ast.walk(node.target):
            if isinstance(name, ast.Name):
                self.known[name.id] = None
        self._unsure(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.visit_For(node)

    def visit_While(self, node: ast.While) -> None:
        self._unsure(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._unsure(node)

    def _unsure(self, node: ast.AST) -> None:
        self.unsure += 1
        self.generic_visit(node)
        self.unsure -= 1

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        if node.value is not None:
            self._assign(node.target, node.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.values[target.id] = value
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            self.stored.add((target.value.id, target.attr))
        if isinstance(target, (ast.Name, ast.Attribute)):
            name = ast.unparse(target)
            if parser := self._parser(value) or self._guess(name):
                self.known[name] = parser

    def _parser(self, node: ast.expr) -> Parser | None:
        """Return the parser or group that an expression stands for."""
        if isinstance(node, ast.Call):
            return self.made.get(node)
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = ast.unparse(node)
            if name in self.known:
                return self.known[name]
            self.guessed = True
            return self._guess(last_name(node))
        return None


class Parsers(_Variables):
    """Follows the parsers of a script through each of its functions, then through the module.

    Raises NotPython.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tree = parse(source)
        self.expressions = Expressions(source, self.tree)
        self.functions = [node for node in ast.walk(self.tree) if isinstance(node, Function)]
        self.declared: list[Declared] = []
        self.subcommands: list[tuple[str, ast.Call]] = []
        self.chosen: list[tuple[Argument, ast.Call]] = []
        self.parsers: list[Parser] = [self.main]
        self.constructed = 0
        self.complete = True
        self.handed: tuple[ast.expr, dict[str, ast.expr], set[tuple[str, str]]] | None = None
        self._read()

    def _read(self) -> None:
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=position):
            if last_name(call.func).endswith("Parser"):
                self._construct(call)
        module = {
            ast.unparse(target): self.main
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign) and node.value in self.made
            for target in node.targets
            if isinstance(target, ast.Attribute) or node in self.tree.body
        }
        for function in self.functions:
            self._enter(function.name, function.body, {**module, **self._parameters(function)})
        self._enter("", self.tree.body, dict(module))

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)  # in a chain of calls, the inner first
        name = last_name(node.func)
        if name == "main" and isinstance(node.func, ast.Name) and self.function != "main":
            if len(node.args) == 1:
                self.handed = (node.args[0], dict(self.values), set(self.stored))
        elif name.endswith("Parser"):
            pass
        elif isinstance(node.func, ast.Attribute) and name in _METHODS:
            parser = self._parser(node.func.value)
            if parser:
                _METHODS[name](self, parser, node)
            if self.unsure and (parser or name == "add_argument"):
                self.complete = False
        elif name not in {function.name for function in self.functions} | {"autocomplete"}:
            passed = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(
                isinstance(argument, ast.Name) and self.known.get(argument.id)
                for argument in passed
            ):
                self.complete = False  # somebody else adds arguments to it

    def _construct(self, node: ast.Call) -> None:
        options = _keywords(node)
        if {"parents", "option_list", None} & set(options):
            self.complete = False
        prefix = self.expressions.text(options.get("prefix_chars"))
        self.constructed += 1
        if self.constructed > 1:
            self.complete = False
        else:
            self.main = replace(
                self.main,
                prefix=prefix or "-",
                argument_default=options.get("argument_default"),
                optparse=last_name(node.func) == "OptionParser",
            )
            self.parsers = [self.main]
        self.made[node] = self.main

    def _add_group(self, parser: Parser, node: ast.Call) -> None:
        self.made[node] = parser

    def _add_mutually_exclusive_group(self, parser: Parser, node: ast.Call) -> None:
        required = self.expressions.value(_keywords(node).get("required"))
        self.made[node] = replace(parser, exclusive=node) if required else parser

    def _add_subparsers(self, parser: Parser, node: ast.Call) -> None:
        self.made[node] = parser
        options = _keywords(node)
        dest = self.expressions.text(options.get("dest"))
        if dest and dest.isidentifier():
            required = bool(self.expressions.value(options.get("required")))
            text = self.expressions.text(options.get("help"))
            argument = Argument(
                dest,
                required=required,
                default=None if required else "None",
                help=" ".join(text.split()) if text else None,
                subcommand=parser.subcommand,
            )
            self.chosen.append((argument, node))

    def _add_parser(self, parser: Parser, node: ast.Call) -> None:
        name = self.expressions.text(node.args[0]) if node.args else None
        options = _keywords(node)
        if name is None or {"parents", None} & set(options):
            self.complete = False
        if name is None:
            return
        if parser.subcommand:
            name = f"{parser.subcommand} {name}"
        self.subcommands.append((name, node))
        self.made[node] = Parser(
            name,
            self.expressions.text(options.get("prefix_chars")) or "-",
            options.get("argument_default"),
        )
        self.parsers.append(self.made[node] or self.main)

    def _set_defaults(self, parser: Parser, node: ast.Call) -> None:
        for dest, value in _keywords(node).items():
            if dest is None:
                self.complete = False
                continue
            parser.defaults[dest] = value
            for declared in self.declared:
                if declared.parser.defaults is parser.defaults and declared.argument.dest == dest:
                    declared.default = value

    def _add_option(self, parser: Parser, node: ast.Call) -> None:
        self._add_argument(replace(parser, optparse=True), node)

    def _add_argument(self, parser: Parser, node: ast.Call) -> None:
        keywords = _keywords(node)
        options = {name: value for name, value in keywords.items() if name is not None}
        flags = [self.expressions.text(flag) for flag in node.args]
        typed = tuple(flag for flag in flags if flag)
        if None in flags or None in keywords:
            self.complete = False
        if len(typed) < len(flags) and not (typed and typed[0][0] in parser.prefix):
            return
        action = self.expressions.text(options["action"]) if "action" in options else "store"
        if action is None:
            action = last_name(options["action"])  # a class
        dest = self.expressions.text(options.get("dest"))
        if action in ("help", "version") or not (typed or dest):
            return
        if "dest" in options and dest is None:
            self.complete = False
            return
        positional = not typed or typed[0][0] not in parser.prefix
        if action == "callback" and not dest:
            return  # optparse gives it no value
        nargs = self.nargs_of(options.get("nargs"))
        argument = Argument(
            dest or _dest(typed, parser.prefix),
            typed or (dest or "",),
            self._required(options, nargs, positional),
            choices=self.expressions.segment(options["choices"]) if "choices" in options else None,
            subcommand=parser.subcommand,
        )
        metavar = self.expressions.text(options.get("metavar")) or argument.dest.upper().replace(
            "-", "_"
        )
        values = nargs if isinstance(nargs, int) else 1
        if action in (*NO_VALUE, "BooleanOptionalAction"):
            values = 0
        argument = replace(argument, placeholder=" ".join([metavar] * values))
        default = options.get("default") or parser.defaults.get(argument.dest)
        if parser.optparse and "default" in options:
            parser.defaults.pop(argument.dest, None)
        if None in keywords and default is None:
            default = ast.Name("_unknown", ast.Load())
        self.declared.append(
            Declared(
                parser, node, argument, default or parser.argument_default, action, positional,
                options,
            )
        )  # fmt: skip

    def nargs_of(self, node: ast.expr | None) -> str | int | None:
        if node is None:
            return None
        value = self.expressions.value(node)
        if value is None:
            value = NARGS.get(last_name(node))
        if not isinstance(value, (str, int)):
            self.complete &= isinstance(node, ast.Constant)
            return None
        return value

    def _required(
        self, options: dict[str, ast.expr], nargs: str | int | None, positional: bool
    ) -> bool:
        if positional:
            return nargs not in ("?", "*", "...")
        if "required" not in options:
            return False
        try:
            return bool(self.expressions.literal(options["required"]))
        except ValueError:
            self.complete = False
            return True


_METHODS = {
    "add_argument": Parsers._add_argument,
    "add_argument_group": Parsers._add_group,
    "add_mutually_exclusive_group": Parsers._add_mutually_exclusive_group,
    "add_option": Parsers._add_option,
    "add_option_group": Parsers._add_group,
    "add_parser": Parsers._add_parser,
    "add_subparsers": Parsers._add_subparsers,
    "set_defaults": Parsers._set_defaults,
}


def position(node: ast.expr) -> tuple[int, int]:
    """Return where a call ends, which in a chain of calls is the order of the calls."""
    return node.end_lineno or 0, node.end_col_offset or 0


def _keywords(node: ast.Call) -> dict[str | None, ast.expr]:
    return {keyword.arg: keyword.value for keyword in node.keywords}


def _dest(flags: tuple[str, ...], prefix: str) -> str:
    """Return the dest that argparse makes of the flags, or a positional argument's name."""
    if flags[0][0] not in prefix:
        return flags[0]
    long = [flag for flag in flags if len(flag) > 1 and flag[1] in prefix]
    return (long or list(flags))[0].lstrip(prefix).replace("-", "_")
