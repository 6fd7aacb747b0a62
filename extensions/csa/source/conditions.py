"""What is known of a package's image: which conditions hold there, and Python's own modules."""

from __future__ import annotations

import ast
import operator
import sys
from collections.abc import Callable

from ..requirements_txt import PYTHONS

# With what other Pythons had or have: the Python that csa runs in is not the package's.
# fmt: off
OTHER_STANDARD = {
    "__main__", "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "binhex", "cgi",
    "cgitb", "chunk", "compression", "crypt", "distutils", "formatter", "imghdr", "imp", "lib2to3",
    "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "parser", "pipes", "smtpd", "sndhdr",
    "spwd", "sunau", "symbol", "telnetlib", "uu", "xdrlib",
}
# fmt: on
STANDARD = sys.stdlib_module_names | OTHER_STANDARD

IN_EVERY_IMAGE = sys.stdlib_module_names - OTHER_STANDARD
"""Python's own modules that no import fails for, in the Pythons of base images."""

_FACTS: dict[str, object] = {
    "os.name": "posix",
    "platform.system()": "Linux",
    "sys.platform": "linux",
}
"""What expressions are there."""

_OPERATORS: dict[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,  # type: ignore[dict-item]
    ast.LtE: operator.le,  # type: ignore[dict-item]
    ast.Gt: operator.gt,  # type: ignore[dict-item]
    ast.GtE: operator.ge,  # type: ignore[dict-item]
    ast.In: lambda one, other: one in other,  # type: ignore[operator]
    ast.NotIn: lambda one, other: one not in other,  # type: ignore[operator]
}


def holds(test: ast.expr) -> bool | None:
    """Tell whether a condition holds in images: their system, and the Pythons of base images.

    None where nobody can tell.
    """
    try:
        found = {_holds(test, tuple(map(int, python.split(".")))) for python in PYTHONS}
    except RecursionError:
        return None
    return found.pop() if len(found) == 1 else None


def _holds(test: ast.expr, python: tuple[int, ...]) -> bool | None:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        holds = _holds(test.operand, python)
        return None if holds is None else not holds
    if isinstance(test, ast.BoolOp):
        decides = isinstance(test.op, ast.Or)
        found = {_holds(value, python) for value in test.values}
        return decides if decides in found else None if None in found else not decides
    try:
        value: object = None
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            compare = _OPERATORS[type(test.ops[0])]
            value = compare(_value(test.left, python), _value(test.comparators[0], python))
        elif isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute):
            if test.func.attr == "startswith" and len(test.args) == 1:
                text, begin = _value(test.func.value, python), _value(test.args[0], python)
                value = str(text).startswith(begin)  # type: ignore[arg-type]
        else:
            value = _value(test, python)
        return value if isinstance(value, bool) else None
    except (KeyError, TypeError, ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _value(node: ast.expr, python: tuple[int, ...]) -> object:
    """Return what an expression is; raise ValueError and the like where nobody can tell."""
    text = ast.unparse(node)
    if text.rpartition(".")[2] == "TYPE_CHECKING":
        return False
    version = (*python, 0)
    facts = _FACTS | {
        "sys.version_info": version,
        "sys.version_info[:2]": version[:2],
        "sys.version_info[0]": version[0],
        "sys.version_info[1]": version[1],
        "sys.version_info.major": version[0],
        "sys.version_info.minor": version[1],
    }
    return facts[text] if text in facts else ast.literal_eval(node)
