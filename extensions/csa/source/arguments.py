"""The arguments of a script, read from its source: nothing is imported or run."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .names import Definition, Function, bound_in, is_guard
from .syntax import parse

SUPPRESSED = "argparse.SUPPRESS"
"""The default of an argument that main gets only when it is given."""

_NARGS = {"OPTIONAL": "?", "ZERO_OR_MORE": "*", "ONE_OR_MORE": "+", "REMAINDER": "..."}
_NO_VALUE = ("store_true", "store_false", "store_const", "append_const", "count")
_CONVERTED = {"int": int, "float": float, "bool": bool, "str": str}
# They ask a person or open a file, and a test run may do neither unasked.
_NOT_TO_CALL = ("input", "open", "getpass", "FileType")


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
    return _Reader(source).read()


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a module is imported, in order: no function's body, no guard's."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) and is_guard(child):
            continue
        yield child
        if not isinstance(child, (Definition, ast.Lambda)):
            yield from _own_nodes(child)


def imports(tree: ast.Module) -> dict[str, tuple[str, str | None]]:
    """Return, by name, what a module imports at its top level: (module, name in it or None)."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in _own_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = alias.name if alias.asname else alias.name.partition(".")[0]
                found[alias.asname or module] = (module, None)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = (node.module, alias.name)
    return found


@dataclass(frozen=True)
class _Parser:
    """What a variable stands for: a parser, or a group of its arguments."""

    subcommand: str | None = None
    prefix: str = "-"
    argument_default: ast.expr | None = None
    optparse: bool = False
    exclusive: ast.Call | None = None
    defaults: dict[str, ast.expr] = field(default_factory=dict)  # one dict for a parser's groups


@dataclass
class _Declared:
    """An add_argument call, and the default that applies in the end."""

    parser: _Parser
    call: ast.Call
    argument: Argument
    default: ast.expr | None
    action: str
    positional: bool
    options: dict[str, ast.expr]


class _Reader(ast.NodeVisitor):
    """Follows the parsers of a script through each of its functions, then through the module."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = parse(source)
        self.importable = bound_in(one for one in self.tree.body if not is_guard(one))
        self.imports = imports(self.tree)
        self.functions = [node for node in ast.walk(self.tree) if isinstance(node, Function)]
        self.constants = self._constants(self.tree.body)
        self.declared: list[_Declared] = []
        self.subcommands: list[tuple[str, ast.Call]] = []
        self.chosen: list[tuple[Argument, ast.Call]] = []
        self.main = _Parser()
        self.parsers: list[_Parser] = [self.main]
        self.made: dict[ast.expr, _Parser | None] = {}
        self.constructed = 0
        self.guessed = False
        self.complete = True
        self.handed: tuple[ast.expr, dict[str, ast.expr], set[tuple[str, str]]] | None = None
        # Of the function being read:
        self.function = ""
        self.known: dict[str, _Parser | None] = {}
        self.values: dict[str, ast.expr] = {}
        self.stored: set[tuple[str, str]] = set()
        self.unsure = 0  # how many loops and conditions are around

    def read(self) -> Arguments:
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=_position):
            if _last_name(call.func).endswith("Parser"):
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
        return self._result()

    # --- What stands where ---

    def _enter(self, name: str, body: list[ast.stmt], known: dict[str, _Parser | None]) -> None:
        self.function, self.known, self.values, self.stored = name, known, {}, set()
        for statement in body:
            self.visit(statement)

    def _parameters(self, function: Function) -> dict[str, _Parser | None]:
        found: dict[str, _Parser | None] = {}
        for parameter in (*function.args.posonlyargs, *function.args.args):
            hint = ast.unparse(parameter.annotation) if parameter.annotation else parameter.arg
            found[parameter.arg] = self._guess(hint.rpartition(".")[2])
        return found

    def _guess(self, name: str) -> _Parser | None:
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

    def _parser(self, node: ast.expr) -> _Parser | None:
        """Return the parser or group that an expression stands for."""
        if isinstance(node, ast.Call):
            return self.made.get(node)
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = ast.unparse(node)
            if name in self.known:
                return self.known[name]
            self.guessed = True
            return self._guess(_last_name(node))
        return None

    # --- What is called ---

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)  # in a chain of calls, the inner first
        name = _last_name(node.func)
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
            if any(isinstance(one, ast.Name) and self.known.get(one.id) for one in passed):
                self.complete = False  # somebody else adds arguments to it

    def _construct(self, node: ast.Call) -> None:
        options = _keywords(node)
        if {"parents", "option_list", None} & set(options):
            self.complete = False
        prefix = self._text(options.get("prefix_chars"))
        self.constructed += 1
        if self.constructed > 1:
            self.complete = False
        else:
            self.main = replace(
                self.main,
                prefix=prefix or "-",
                argument_default=options.get("argument_default"),
                optparse=_last_name(node.func) == "OptionParser",
            )
            self.parsers = [self.main]
        self.made[node] = self.main

    def _add_group(self, parser: _Parser, node: ast.Call) -> None:
        self.made[node] = parser

    def _add_mutually_exclusive_group(self, parser: _Parser, node: ast.Call) -> None:
        required = self._value(_keywords(node).get("required"))
        self.made[node] = replace(parser, exclusive=node) if required else parser

    def _add_subparsers(self, parser: _Parser, node: ast.Call) -> None:
        self.made[node] = parser
        options = _keywords(node)
        dest = self._text(options.get("dest"))
        if dest and dest.isidentifier():
            required = bool(self._value(options.get("required")))
            text = self._text(options.get("help"))
            argument = Argument(
                dest,
                required=required,
                default=None if required else "None",
                help=" ".join(text.split()) if text else None,
                subcommand=parser.subcommand,
            )
            self.chosen.append((argument, node))

    def _add_parser(self, parser: _Parser, node: ast.Call) -> None:
        name = self._text(node.args[0]) if node.args else None
        options = _keywords(node)
        if name is None or {"parents", None} & set(options):
            self.complete = False
        if name is None:
            return
        if parser.subcommand:
            name = f"{parser.subcommand} {name}"
        self.subcommands.append((name, node))
        self.made[node] = _Parser(
            name,
            self._text(options.get("prefix_chars")) or "-",
            options.get("argument_default"),
        )
        self.parsers.append(self.made[node] or self.main)

    def _set_defaults(self, parser: _Parser, node: ast.Call) -> None:
        for dest, value in _keywords(node).items():
            if dest is None:
                self.complete = False
                continue
            parser.defaults[dest] = value
            for declared in self.declared:
                if declared.parser.defaults is parser.defaults and declared.argument.dest == dest:
                    declared.default = value

    def _add_option(self, parser: _Parser, node: ast.Call) -> None:
        self._add_argument(replace(parser, optparse=True), node)

    def _add_argument(self, parser: _Parser, node: ast.Call) -> None:
        keywords = _keywords(node)
        options = {name: value for name, value in keywords.items() if name is not None}
        flags = [self._text(flag) for flag in node.args]
        typed = tuple(flag for flag in flags if flag)
        if None in flags or None in keywords:
            self.complete = False
        if len(typed) < len(flags) and not (typed and typed[0][0] in parser.prefix):
            return
        action = self._text(options["action"]) if "action" in options else "store"
        if action is None:
            action = _last_name(options["action"])  # a class
        dest = self._text(options.get("dest"))
        if action in ("help", "version") or not (typed or dest):
            return
        if "dest" in options and dest is None:
            self.complete = False
            return
        positional = not typed or typed[0][0] not in parser.prefix
        if action == "callback" and not dest:
            return  # optparse gives it no value
        nargs = self._nargs(options.get("nargs"))
        argument = Argument(
            dest or _dest(typed, parser.prefix),
            typed or (dest or "",),
            self._required(options, nargs, positional),
            choices=self._segment(options["choices"]) if "choices" in options else None,
            subcommand=parser.subcommand,
        )
        metavar = self._text(options.get("metavar")) or argument.dest.upper().replace("-", "_")
        values = nargs if isinstance(nargs, int) else 1
        if action in (*_NO_VALUE, "BooleanOptionalAction"):
            values = 0
        argument = replace(argument, placeholder=" ".join([metavar] * values))
        default = options.get("default") or parser.defaults.get(argument.dest)
        if parser.optparse and "default" in options:
            parser.defaults.pop(argument.dest, None)
        if None in keywords and default is None:
            default = ast.Name("_unknown", ast.Load())
        self.declared.append(
            _Declared(
                parser, node, argument, default or parser.argument_default, action, positional,
                options,
            )
        )  # fmt: skip

    def _nargs(self, node: ast.expr | None) -> str | int | None:
        if node is None:
            return None
        value = self._value(node)
        if value is None:
            value = _NARGS.get(_last_name(node))
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
            return bool(self._literal(options["required"]))
        except ValueError:
            self.complete = False
            return True

    # --- What the values are ---

    @staticmethod
    def _constants(body: list[ast.stmt]) -> dict[str, ast.expr]:
        """Return the literals in a body's assignments, by the names that have one alone."""
        found: dict[str, ast.expr] = {}
        stored = [
            node.id
            for statement in body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        for statement in body:
            if isinstance(statement, ast.Assign):
                targets, value = statement.targets, statement.value
            elif isinstance(statement, ast.AnnAssign) and statement.value:
                targets, value = [statement.target], statement.value
            else:
                continue
            for target in targets:
                if isinstance(target, ast.Name) and stored.count(target.id) == 1 and _plain(value):
                    found[target.id] = value
        return found

    def _literal(self, node: ast.expr) -> object:
        """Return the value of a literal, or of a constant that has one. Raises ValueError."""
        if isinstance(node, ast.Name) and node.id in self.constants:
            node = self.constants[node.id]
        try:
            return ast.literal_eval(node)
        except (TypeError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValueError from error

    def _value(self, node: ast.expr | None) -> object:
        """As _literal; None for anything else."""
        try:
            return self._literal(node) if node else None
        except ValueError:
            return None

    def _text(self, node: ast.expr | None) -> str | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = [self._text(node.left), self._text(node.right)]
            return None if None in parts else "".join(map(str, parts))
        if isinstance(node, ast.JoinedStr):
            values = [
                part.value if isinstance(part, ast.FormattedValue) else part for part in node.values
            ]
            found = [self._value(value) for value in values]
            return None if None in found else "".join(map(str, found))
        value = self._value(node)
        return value if isinstance(value, str) else None

    def _segment(self, node: ast.expr) -> str:
        text = ast.get_source_segment(self.source, node) or ast.unparse(node)
        return ast.unparse(node) if "\n" in text else text

    def _names(self, node: ast.expr) -> tuple[str, ...] | None:
        """Return the names of main.py in an expression; None if a test cannot evaluate it."""
        names = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                if _last_name(part.func) in _NOT_TO_CALL or not self._standard(part.func):
                    return None
            elif isinstance(part, (ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda)):
                return None
            elif isinstance(part, ast.Name):
                if part.id in self.importable:
                    names.add(part.id)
                elif not hasattr(builtins, part.id):
                    return None
        return tuple(sorted(names))

    def _standard(self, node: ast.expr) -> bool:
        """Tell whether a function is Python's own."""
        while isinstance(node, (ast.Attribute, ast.Call)):
            node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Constant):
            return True  # a method of a literal
        if not isinstance(node, ast.Name):
            return False
        if node.id in self.imports:
            return self.imports[node.id][0].partition(".")[0] in sys.stdlib_module_names
        return node.id not in self.importable and hasattr(builtins, node.id)

    def _is_text(self, node: ast.expr) -> bool | None:
        """Tell whether an expression is a string, to which argparse applies `type`."""
        if isinstance(node, ast.JoinedStr):
            return True
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
            fallback = self._value(node.args[1]) if len(node.args) > 1 else None
            return True if isinstance(fallback, str) else None
        try:
            return isinstance(self._literal(node), str)
        except ValueError:
            return None

    def _default(self, declared: _Declared) -> tuple[str | None, tuple[str, ...]]:
        """Return the source of an argument's default, and the names in it."""
        node, optparse = declared.default, declared.parser.optparse
        nargs = self._nargs(declared.options.get("nargs"))
        if declared.positional and nargs == "...":
            return "[]", ()
        if node is None or isinstance(node, ast.Constant) and node.value is None:
            if declared.positional and nargs == "*":
                return "[]", ()
            flag = {"store_true": "False", "store_false": "True"}.get(declared.action)
            return (flag if flag and node is None and not optparse else "None"), ()
        if _last_name(node) == "SUPPRESS":
            return SUPPRESSED, ()
        names = self._names(node)
        if names is None:
            return None, ()
        source, converter = self._segment(node), declared.options.get("type")
        if converter is None or (declared.positional and nargs == "*"):
            return source, names
        return self._converted(node, source, names, converter, optparse)

    def _converted(
        self,
        node: ast.expr,
        source: str,
        names: tuple[str, ...],
        converter: ast.expr,
        optparse: bool,
    ) -> tuple[str | None, tuple[str, ...]]:
        """Return a default as `type` makes it, which applies to strings alone."""
        kind = self._text(converter) if optparse else None
        kind = kind or (converter.id if isinstance(converter, ast.Name) else "")
        if kind in ("str", "string", "choice"):
            return source, names
        is_text = self._is_text(node)
        if is_text is None:
            return None, ()
        if not is_text:
            return source, names
        value = self._value(node)
        if isinstance(value, str) and kind in _CONVERTED:
            try:
                return repr(_CONVERTED[kind](value)), ()
            except ValueError:
                return None, ()
        more = self._names(ast.Call(converter, [node], []))
        if more is None:
            return None, ()
        return f"{self._segment(converter)}({source})", more

    def _help(self, declared: _Declared, default: str | None) -> str | None:
        text = self._text(declared.options.get("help"))
        if text is None:
            return None
        shown = default or ""
        if declared.default is not None:
            value = self._value(declared.default)
            shown = self._segment(declared.default) if value is None else str(value)
        parts = {"%%": "%", "%(default)s": shown, "%default": shown}
        text = re.sub(r"%%|%\(default\)s|%default\b", lambda found: parts[found[0]], text)
        return " ".join(text.split())

    # --- What comes out ---

    def _result(self) -> Arguments:
        attributes = {one.attr for one in ast.walk(self.tree) if isinstance(one, ast.Attribute)}
        parses = bool({"parse_args", "parse_known_args"} & attributes)
        if parses and not self.declared and {"add_argument", "add_option"} & attributes:
            self.complete = False  # such as of a class of its own
        found = [(_position(call), argument) for argument, call in self.chosen]
        for declared in self.declared:
            default, names = self._default(declared)
            alternatives = [
                other.argument.dest
                for other in self.declared
                if declared.parser.exclusive and other.parser.exclusive is declared.parser.exclusive
            ]
            argument = replace(
                declared.argument,
                default=None if declared.argument.required else default,
                names=() if declared.argument.required else names,
                help=self._help(declared, default),
                alternatives=tuple(dict.fromkeys(alternatives)),
            )
            found.append((_position(declared.call), argument))
        arguments = [argument for _, argument in sorted(found, key=lambda one: one[0])]
        for parser in self.parsers:
            own = {one.dest for one in arguments if one.subcommand == parser.subcommand}
            for dest, value in parser.defaults.items():
                if dest not in own:
                    used = self._names(value)
                    source = None if used is None else self._segment(value)
                    extra = Argument(dest, (), False, source, used or ())
                    arguments.append(replace(extra, subcommand=parser.subcommand))
        if self.subcommands and self.guessed:
            self.complete = False
        fields, extra_fields, namespace = self._namespace(arguments)
        first: dict[str, Argument] = {}
        for argument in (*fields, *extra_fields):
            if argument.required and argument.dest in first:
                first[argument.dest] = replace(argument, help=first[argument.dest].help)
            first.setdefault(argument.dest, argument)
        subcommands = sorted(self.subcommands, key=lambda one: _position(one[1]))
        return Arguments(
            [*arguments, *extra_fields],
            list(first.values()),
            list(dict.fromkeys(name for name, _ in subcommands)),
            namespace,
            self.complete,
        )

    def _namespace(self, arguments: list[Argument]) -> tuple[list[Argument], list[Argument], bool]:
        """Return what main gets: of the command line, besides, and whether as a namespace."""
        if self.handed is None:
            return arguments, [], True
        node, values, stored = self.handed
        name = node.id if isinstance(node, ast.Name) else None
        dests = [attribute for owner, attribute in sorted(stored) if owner == name]
        if name in values:
            node = values[name]
        taken = arguments
        if isinstance(node, ast.Call) and _last_name(node.func) == "Namespace":
            taken = []
            for name, value in _items(node):
                if name:
                    dests.append(name)
                elif _is_vars(value):
                    taken = arguments
                else:
                    self.complete = False
            taken = [argument for argument in taken if argument.dest not in dests]
        known = {argument.dest for argument in taken}
        extra = [Argument(dest, required=True) for dest in dests if dest not in known]
        is_one = isinstance(node, (ast.Name, ast.Call)) and not _is_vars(node)
        return taken, extra, is_one and _last_name(node) not in ("dict", "list", "str")


_METHODS = {
    "add_argument": _Reader._add_argument,
    "add_argument_group": _Reader._add_group,
    "add_mutually_exclusive_group": _Reader._add_mutually_exclusive_group,
    "add_option": _Reader._add_option,
    "add_option_group": _Reader._add_group,
    "add_parser": _Reader._add_parser,
    "add_subparsers": _Reader._add_subparsers,
    "set_defaults": _Reader._set_defaults,
}


def _position(node: ast.expr) -> tuple[int, int]:
    """Return where a call ends, which in a chain of calls is the order of the calls."""
    return node.end_lineno or 0, node.end_col_offset or 0


def _last_name(node: ast.AST) -> str:
    """Return the last name of a dotted one, of what is called if it is a call."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _keywords(node: ast.Call) -> dict[str | None, ast.expr]:
    return {keyword.arg: keyword.value for keyword in node.keywords}


def _items(namespace: ast.Call) -> Iterator[tuple[str | None, ast.expr]]:
    """Yield the attributes that a Namespace gets: a=1, **{"a": 1}; None for **other."""
    for keyword in namespace.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values):
                yield getattr(key, "value", None), value
        else:
            yield keyword.arg, keyword.value


def _is_vars(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _last_name(node.func) == "vars"


def _plain(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _dest(flags: tuple[str, ...], prefix: str) -> str:
    """Return the dest that argparse makes of the flags, or a positional argument's name."""
    if flags[0][0] not in prefix:
        return flags[0]
    long = [flag for flag in flags if len(flag) > 1 and flag[1] in prefix]
    return (long or list(flags))[0].lstrip(prefix).replace("-", "_")
