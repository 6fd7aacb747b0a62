"""What is known of some values: namespaces that argparse returned, files that are open."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..refactor.script import PARSERS
from ..source.namespaces import PARSE_METHODS
from .module import Module, passes_errors_on
from .steps import Const, Defined, Imported, Join, Name, Result, Step, Value, result

_HOLD_FILES = {"csv.DictReader", "csv.DictWriter", "csv.reader", "csv.writer", "contextlib.closing"}
_FILES = {"gzip.open", "io.open", "open", "sqlite3.connect", "tarfile.open", "zipfile.ZipFile"}
_SWALLOW = {"contextlib.AsyncExitStack", "contextlib.ExitStack", "contextlib.suppress"}
_ONLY_READ = {"bool", "id", "isinstance", "len", "print", "repr", "str", "type"}
"""Builtins that change nothing about what they get."""


@dataclass(eq=False)
class _Parser:
    """A parser of argparse's: which names its namespace surely has, and what it stands under."""

    conditions: tuple[Step, ...]
    names: set[str] = field(default_factory=set)


class Knowledge:
    """What is known of values; `module` is where they come from.

    A namespace whose names are known is read at whatever time, as long as nobody else has it.
    """

    def __init__(self, module: Module):
        self.module = module
        self._parsers: dict[Step, _Parser] = {}
        self._namespaces: dict[tuple[Step, object], set[str]] = {}
        self._with_rest: dict[Step, set[str]] = {}
        self._escaped: set[tuple[Step, object]] = set()
        self._closed: set[Step] = set()
        self._conditions: dict[Step, tuple[Step, ...]] = {}

    def note(self, step: Step, conditions: tuple[Step, ...]) -> None:
        """Take notice of a step that was added, under what it stands."""
        called = _origin(step.operands[0]) if step.op[0] == "call" and step.operands else None
        harmless = step.op[0] in ("attribute", "format") or called in _ONLY_READ
        for value in () if harmless else step.operands:
            self.escape(value)
        if step.op[0] == "call":
            self._conditions[step] = conditions
            self._note_call(step, called, conditions)
        elif step.op[0] == "unpack":
            [value] = step.operands
            if isinstance(value, Result) and value.step in self._with_rest:
                self._namespaces[step, 0] = self._with_rest[value.step]

    def escape(self, value: Value) -> None:
        """Take notice that others may have got a value."""
        if isinstance(value, Result):
            self._escaped.add((value.step, value.part))
            if value.step.op[0] == "namespace":
                for operand in value.step.operands:
                    self.escape(operand)

    def _note_call(self, step: Step, called: str | None, conditions: tuple[Step, ...]) -> None:
        words = _words(step)
        if called in PARSERS and not {"argument_default", None} & words.keys():
            self._parsers[step] = _Parser(conditions)
            return
        receiver, method = _method(step.operands[0])
        if receiver is None:
            return
        if method == "close" and self._conditions.get(receiver) == conditions:
            self._closed.add(receiver)
        parser = self._parsers.get(receiver)
        if parser is None:
            return
        if method in ("add_argument_group", "add_mutually_exclusive_group", "add_option_group"):
            self._parsers[step] = parser
        elif method in PARSE_METHODS:
            if len(step.operands) == 1:
                self._namespaces[step, None] = self._with_rest[step] = set(parser.names)
        elif parser.conditions == conditions:
            parser.names |= _destination(method, step, words)

    def attribute(self, value: Value, name: str) -> Value | str | None:
        """Return what an attribute of a namespace is, or `known` where it is what it was.

        None where nobody can tell.
        """
        if not isinstance(value, Result):
            return None
        step = value.step
        if (
            (step, value.part) in self._escaped
            or name in self.module.library.set_attributes
            or self.module.library.patches
        ):
            return None
        if name in self._namespaces.get((step, value.part), ()):
            return "known"
        if value.part is None and step.op[0] == "namespace" and name in step.op[1:]:
            return step.operands[step.op.index(name) - 1]
        return None

    def is_open(self, value: Value) -> bool:
        """Tell whether a value is a file, or the like, that closes when nobody has it any more."""
        if not isinstance(value, Result) or value.step.op[0] != "call":
            return False
        called = _origin(value.step.operands[0])
        if called in _HOLD_FILES:
            return any(map(self.is_open, value.step.operands[1:]))
        opens = _method(value.step.operands[0])[1] == "open"
        is_file = called in _FILES or (called or "").startswith("tempfile.")
        return (opens or is_file) and value.step not in self._closed

    def close(self, step: Step) -> None:
        """Take notice that what a step opened is closed."""
        self._closed.add(step)

    def closes_at_once(self, step: Step, *, is_dropped: bool) -> bool:
        """Tell whether a step opens a file to write into it, or the like, that nobody keeps.

        `is_dropped`: nobody gets what the statement gives that it is in.
        """
        value = result(step)
        is_kept = not is_dropped and (step, None) in self._escaped
        return self.is_open(value) and not is_kept and not _is_only_read(step)

    def may_swallow(self, value: Value) -> bool:
        """Tell whether a context manager may end an exception: of Python's own, few do."""
        step = value.step if isinstance(value, Result) and value.step.op[0] == "call" else None
        if step and isinstance(step.operands[0], Defined):
            function = self.module.definitions[step.operands[0].name]
            return not passes_errors_on(function, self.module.known)
        called = _origin(step.operands[0]) if step else _origin(value)
        if called is None:
            return True
        own = (
            "*" not in self.module.bound
            if "." not in called
            else self.module.library.is_fixed(called)
        )
        return not own or called in _SWALLOW


def _is_only_read(step: Step) -> bool:
    """Tell whether a call surely opens a file to read it."""
    called = _origin(step.operands[0])
    if called not in _FILES - {"sqlite3.connect"} and _method(step.operands[0])[1] != "open":
        return False
    at = 2 if called in _FILES else 1
    words = _words(step)
    plain = step.operands[1 : len(step.operands) - len(words)]
    mode = words.get("mode") or (plain[at - 1] if len(plain) >= at else None)
    if mode is None:
        return not ({None} & words.keys()) and True not in step.op[1]  # type: ignore[operator]
    return isinstance(mode, Const) and str(mode.value)[:1] == "r" and "+" not in str(mode.value)


def holds(value: Value, inner: Value) -> bool:
    """Tell whether a value is another one, or has it in it."""
    if value is inner:
        return True
    if isinstance(value, Join):
        return any(holds(part, inner) for part in value.values)
    made = isinstance(value, Result) and value.step.makes
    return bool(made) and any(holds(operand, inner) for operand in value.step.operands)  # type: ignore[attr-defined]


def _origin(value: Value) -> str | None:
    if isinstance(value, Name):
        return value.name
    return value.dotted if isinstance(value, Imported) else None


def _method(called: Value) -> tuple[Step | None, str]:
    """Return the step of whose result a method is called, and its name."""
    if isinstance(called, Result) and called.step.op[0] == "attribute":
        [owner] = called.step.operands
        if isinstance(owner, Result) and owner.part is None:
            return owner.step, str(called.step.op[1])
        return None, str(called.step.op[1])
    return None, ""


def _words(step: Step) -> dict[object, Value]:
    """Return the keyword arguments of a call."""
    words = step.op[2]
    assert isinstance(words, tuple)
    return dict(zip(reversed(words), reversed(step.operands)))


def _destination(method: str, step: Step, words: dict[object, Value]) -> set[str]:
    """Return the names that a call of a parser's method gives its namespace."""
    texts = [operand.value for operand in step.operands[1:] if isinstance(operand, Const)]
    texts = texts[: len(step.operands) - 1 - len(words)]
    given = words.get("dest")
    if method == "set_defaults":
        return {str(word) for word in words if word is not None}
    if method == "add_subparsers":
        return {str(given.value)} if isinstance(given, Const) else set()
    action = words.get("action")
    plain = action is None or (
        isinstance(action, Const) and action.value not in ("help", "version")
    )
    default = words.get("default")
    unclear = None in words or True in step.op[1]  # type: ignore[operator]
    if (
        method not in ("add_argument", "add_option")
        or not plain
        or isinstance(default, Imported)
        or unclear
    ):
        return set()
    if given is not None:
        return {str(given.value)} if isinstance(given, Const) else set()
    flags = [str(text) for text in texts]
    if not flags:
        return set()
    if not flags[0].startswith("-"):
        return {flags[0]}
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    return {long.lstrip("-").replace("-", "_")}
