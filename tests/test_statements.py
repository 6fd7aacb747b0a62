"""What a statement binds and reads, and whether anybody could see it run."""

from __future__ import annotations

import ast
import builtins
import pkgutil
from textwrap import dedent

import pytest
from csa.statements import (
    BY_NAME,
    EMPTY,
    PURE_CALLS,
    PURE_DECORATORS,
    Known,
    bound_names,
    eager_names,
    finds_by_name,
    has_no_alias,
    is_guard,
    is_inert,
    is_only_read,
    is_set_first,
    surely_bound,
)

BEFORE = """\
import abc
import collections
import dataclasses
import enum
import logging
import requests
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
LIMIT = 3
items = []
def helper():
    pass
class Own:
    pass
"""


def last_is_inert(source: str) -> bool:
    statements = ast.parse(source).body
    return is_inert(statements[-1], Known.of(statements))


@pytest.mark.parametrize(
    "statement",
    [
        "pass",
        "'text'",
        "X = 1",
        "X = Y = 'a'",
        "X = -1",
        "X = 60 * 60",
        "X: int = 1",
        "X: int",
        "X: list[dict[str, Own]] = []",
        "X: 'requests.Session | None' = None",
        "X = {'a': [1, (2, 3)], **{'b': 4}}",
        "X = {LIMIT, helper, Own}",
        "X = len",
        "X = logging.INFO",
        "X = Path(__file__)",
        "X = timedelta(days=2)",
        "X = collections.defaultdict(list)",
        "X = dict()",
        "X = lambda: requests.get('x')",
        "def f(): requests.get('x')",
        "def f(a, *b, c=1, d=LIMIT, **e): pass",
        "def f(a: 'x', b: requests.Session, c: dict[str, int]) -> int | None: pass",
        "async def f(): pass",
        "class A: pass",
        "class A(Exception):\n    code = 1\n    def f(self): pass",
        "class A(NamedTuple):\n    a: int = 1",
        "class A(dict[str, int]): pass",
        "@dataclass\nclass A:\n    a: list = field(default_factory=list)",
        "@dataclass(frozen=True)\nclass A: pass",
        "@enum.unique\nclass A(enum.Enum):\n    B = enum.auto()",
        "class A(abc.ABC):\n    @property\n    def x(self): pass\n    @x.setter\n    def x(self, y): pass",
    ],
)  # fmt: skip
def test_what_only_binds_names_is_inert(statement: str) -> None:
    assert last_is_inert(BEFORE + statement)


@pytest.mark.parametrize(
    "statement",
    [
        "print(1)",
        "import os",
        "from os import path",
        "X = items",
        "X = [items]",
        "X = {**items}",
        "X = unknown",
        "X = 1 / 0",
        "X = 1 + 'a'",
        "X = 'a' * 10 ** 9",
        "X = -LIMIT",
        "X = ~1.5",
        "X += 1",
        "X.y = 1",
        "X[0] = 1",
        "X, Y = 1, 2",
        "del X",
        "X = f'{items}'",
        "X = [n for n in items]",
        "X = dict(items)",
        "X = dict(a=1)",
        "X = Path(items)",
        "X = timedelta(days=items)",
        "X = open('x')",
        "X = helper()",
        "X = requests.get('x')",
        "X = requests.INFO",
        "X = logging.root",
        "X = logging.getLogger()",
        "X = lambda a=helper(): a",
        "X: helper() = 1",
        "X: requests.Types[int] = 1",
        "X: list[helper()] = 1",
        "items[0]: int = 1",
        "X: int = items",
        "def f(a=items): pass",
        "def f(*, a=items): pass",
        "def f(a: helper()): pass",
        "def f(*a: helper()): pass",
        "def f(**a: helper()): pass",
        "def f() -> helper(): pass",
        "@helper\ndef f(): pass",
        "@requests.cached\ndef f(): pass",
        "@dataclass(items)\nclass A: pass",
        "@dataclass(frozen=items)\nclass A: pass",
        "@helper\nclass A: pass",
        "class A(Own): pass",
        "class A(requests.Session): pass",
        "class A(dict[helper()]): pass",
        "class A(metaclass=Own): pass",
        "class A:\n    x = helper()",
        "class A:\n    def __init_subclass__(cls): pass",
        "class A:\n    def __set_name__(self, owner, name): pass",
        "if LIMIT:\n    pass",
        "for x in ():\n    pass",
        "try:\n    pass\nfinally:\n    pass",
        "assert LIMIT",
        "raise SystemExit",
    ],
)  # fmt: skip
def test_what_may_be_seen_to_run_is_not_inert(statement: str) -> None:
    assert not last_is_inert(BEFORE + statement)


@pytest.mark.parametrize(
    "source",
    [
        "def dict(): print(1)\nX = dict()",  # the script's own
        "from x import dict\nX = dict()",
        "from pathlib import Path\nPath = print\nX = Path('a')",
        "from pathlib import Path\nfrom x import Path\nX = Path('a')",
        "from pathlib import Path\ndef f():\n    global Path\n    Path = print\nX = Path('a')",
        "def property(f): print(f)\nclass A:\n    @property\n    def x(self): pass",
        "LIMIT = 1\nLIMIT = 2\nX = LIMIT",
        "LIMIT = 1\ndef f():\n    global LIMIT\n    LIMIT = 2\nX = LIMIT",
        "def f(): pass\ndel f\nX = f",
        "from . import Path\nX = Path('a')",
    ],
)
def test_a_name_that_is_another_thing_makes_nothing_inert(source: str) -> None:
    assert not last_is_inert(source)


@pytest.mark.parametrize("name", sorted(EMPTY | PURE_CALLS | PURE_DECORATORS | BY_NAME))
def test_a_name_that_is_listed_is_one_of_python_s(name: str) -> None:
    assert pkgutil.resolve_name(f"builtins.{name}" if hasattr(builtins, name) else name)


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_what_is_empty_is_the_same_each_time(name: str) -> None:
    call = pkgutil.resolve_name(name if "." in name else f"builtins.{name}")
    assert call() == call()


@pytest.mark.parametrize(
    ("statement", "bound"),
    [
        ("a = b, (c, *d) = x", "a b c d"),
        ("a.b = c[d] = 1", ""),
        ("a += 1", "a"),
        ("a: int", "a"),
        ("del a", "a"),
        ("import a.b, c as d", "a d"),
        ("from a import b, c as d", "b d"),
        ("from a import *", "*"),
        ("def a(b=(c := 1), *, d=(e := 1)): f = 1", "a c e"),
        ("async def a(b=(c := 1)): d = 1", "a c"),
        ("class a((b := object)): c = 1", "a b"),
        ("@(a := x)\ndef b(): pass", "a b"),
        ("for a, b in c: d = 1\nelse: e = 1", "a b d e"),
        ("with a as b, c as (d, e): f = 1", "b d e f"),
        ("try: a = 1\nexcept B as c: d = 1\nfinally: e = 1", "a c d e"),
        ("match a:\n    case {'b': c, **d}: pass\n    case [e, *f] as g: pass", "c d e f g"),
        ("print([a for a in (b := c) if (d := a)])", "b d"),
        ("print({a for a in (b := c)})", "b"),
        ("print({a: e for a in (b := c)})", "b"),
        ("print(a for a in (b := c))", "b"),
        ("print(lambda a=(b := 1): (c := 1))", "b"),
        ("while (a := b): pass", "a"),
    ],
)
def test_the_names_that_a_statement_binds(statement: str, bound: str) -> None:
    [node] = ast.parse(statement).body
    assert bound_names(node) == set(bound.split())


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("a = b", "b"),
        ("a += b.c[d]", "b d"),
        ("def a(b: c = d) -> e: f", "c d e"),
        ("@a\nclass b(c, metaclass=d):\n    e = f\n    def g(self, h=i): j", "a c d f i"),
        ("a = lambda b=c: d", "c"),
        ("a = [b for c in d if e]", "b c d e"),
    ],
)
def test_the_names_that_a_statement_reads_at_once(statement: str, read: str) -> None:
    [node] = ast.parse(statement).body
    assert eager_names(node) == set(read.split())


@pytest.mark.parametrize(
    ("block", "bound"),
    [
        ("a = b = 1\nimport c\ndef d(): pass\nclass e: pass\nf: int = 1", "a b c d e f"),
        ("a: int", ""),
        ("a += 1", ""),
        ("x = c and (a := 1)", "x"),
        ("a = 1\ndel a", ""),
        ("a = 1\nif c:\n    del a", ""),
        ("if c:\n    a = b = 1\nelse:\n    a = d = 1", "a"),
        ("if c:\n    a = 1", ""),
        ("if c:\n    a = 1\nelse:\n    exit(1)", "a"),
        ("if c:\n    raise x\nelse:\n    sys.exit()", None),
        ("a = 1\nraise x", None),
        ("try:\n    a = b = 1\nexcept X:\n    a = 2", "a"),
        ("try:\n    a = 1\nexcept X:\n    quit()\nelse:\n    b = 1\nfinally:\n    c = 1", "a b c"),
        ("try:\n    a = 1\nexcept X as e:\n    a = 2", "a"),
        ("with x as (a, b):\n    c = 1", "a b"),
        ("with (a := x):\n    pass", ""),
        ("for a in x:\n    b = 1", ""),
        ("while x:\n    a = 1", ""),
        ("match x:\n    case a: pass", ""),
        ("print(a := 1)", ""),
    ],
)
def test_the_names_that_are_bound_whatever_happens(block: str, bound: str | None) -> None:
    found = surely_bound(ast.parse(block).body)
    assert found == (None if bound is None else set(bound.split()))


@pytest.mark.parametrize(
    ("block", "first"),
    [
        ("a = 1", True),
        ("b = a = 1", True),
        ("import a", True),
        ("print(b)\na = 1", True),
        ("print(b)", True),
        ("print(a)\na = 1", False),
        ("a = a", False),
        ("a[0] = 1", False),
        ("a, b = 1, 2", False),
        ("a += 1", False),
        ("if b:\n    a = 1", False),
        ("for a in b:\n    pass", False),
        ("def a(): pass", False),
    ],
)
def test_a_name_is_set_before_anything_reads_it(block: str, first: bool) -> None:
    assert is_set_first("a", ast.parse(block).body) is first


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1\nprint(x)", False),
        ("import os\nos.getcwd()", False),
        ("def f(): eval('x')", True),
        ("def f(): exec('x')", True),
        ("def f(): globals()['x']", True),
        ("eval = print\neval(1)", False),
        ("def f():\n    import __main__", True),
        ("from builtins import eval as e", True),
        ("import timeit", True),
        ("from atexit import register", True),
        ("import sys\nsys.modules['x']", True),
        ("from sys import modules", True),
        ("import sys\nsys.argv", False),
        ("from importlib import import_module\nimport_module(__name__)", True),
        ("from importlib import import_module\nimport_module('json')", False),
        ("__import__(__name__)", True),
        ("print(__name__)", False),
        ("x = y['__main__']", True),
        ("x = f.f_globals", True),
        ("class A:\n    def __del__(self): pass", True),
    ],
)
def test_what_may_find_variables_by_their_names_is_known(source: str, found: bool) -> None:
    statements = ast.parse(source).body
    assert finds_by_name(statements, Known.of(statements)) is found


@pytest.mark.parametrize(
    ("block", "alone"),
    [
        ("args = parser.parse_args()", True),
        ("args, rest = parser.parse_known_args()", True),
        ("args = parser.parse_args()\nif args.a: args.b = 1", True),
        ("args = parser.parse_args(sys.argv)", True),
        ("args = parser.parse_args(sys.argv, kept)", False),
        ("args = parser.parse_args(namespace=kept)", False),
        ("args = parser.parse_args()\nkept = args", False),
        ("args = parser.parse_args()\ncheck(args)", False),
    ],
)
def test_a_namespace_has_one_name(block: str, alone: bool) -> None:
    assert has_no_alias(ast.parse(block).body, "args") is alone


@pytest.mark.parametrize(
    ("block", "only"),
    [
        ("print(args.a)", True),
        ("print(other)", True),
        ("print(args.new)", False),
        ("print(args)", False),
        ("args.a = 1", False),
        ("del args.a", False),
        ("args = 1", False),
        ("def f(): return args", False),
    ],
)
def test_a_namespace_is_only_read(block: str, only: bool) -> None:
    assert is_only_read(ast.parse(block).body, "args", {"new"}) is only


@pytest.mark.parametrize(
    ("test", "guard"),
    [
        ("__name__ == '__main__'", True),
        ("'__main__' == __name__", True),
        ("__name__ != '__main__'", False),
        ("__name__ == '__main__' == x", False),
        ("__name__ == 'main'", False),
        ("__name__", False),
    ],
)
def test_a_guard_is_told_from_other_conditions(test: str, guard: bool) -> None:
    [statement] = ast.parse(f"if {test}:\n    pass").body
    assert is_guard(statement) is guard
    assert not is_guard(ast.parse(dedent("x = 1")).body[0])
