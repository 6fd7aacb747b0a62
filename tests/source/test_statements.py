"""What a statement binds and reads, and whether anybody could see it run."""

from __future__ import annotations

import ast
import builtins
import pkgutil
from textwrap import dedent

import pytest
from csa.source.effects import (
    EMPTY,
    PURE_CALLS,
    PURE_DECORATORS,
    ModuleNames,
    definitely_assigned,
    is_side_effect_free,
    must_stay_global,
)
from csa.source.look_ups import BY_NAME, finds_by_name, inspects_namespace
from csa.source.names import bound_names, eager_names, is_guard, is_set_first
from csa.source.namespaces import has_no_alias, is_only_read, is_plain_namespace

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
    return is_side_effect_free(statements[-1], ModuleNames.of(statements))


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
        "def f(a: Own | None, b: str | list[int] | None): pass",
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
        "X = logging.handlers.DEFAULT_TCP_LOGGING_PORT",  # not surely imported
        "X = lambda *, a=helper(): a",
        "def f(a: Own[int]): pass",
        "def f(a: requests.Session | None): pass",
        "@other.setter\ndef f(): pass",
        "class A:\n    def __class_getitem__(cls, item): pass",
        "class A(enum.Enum):\n    B = 1\n    def __init__(self, value): helper()",
        "class A(enum.Enum):\n    B = enum.auto()\n    def _generate_next_value_(*a): helper()",
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
        "import logging\nlogging.TRACE = 5\nX = logging.TRACE",
        "import threading\ndef f(): threading.Lock = print\nX = threading.Lock()",
        "import builtins\nbuiltins.list = print\nX = list()",
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
        ("e = 1\ntry:\n    a = 1\nexcept X as e:\n    a = 2", "a"),
        ("def exit(a): pass\nif c:\n    a = 1\nelse:\n    exit(1)", "exit"),
        ("with x as (a, b):\n    c = 1", "a b"),
        ("with (a := x):\n    pass", ""),
        ("for a in x:\n    b = 1", ""),
        ("while x:\n    a = 1", ""),
        ("match x:\n    case a: pass", ""),
        ("print(a := 1)", ""),
    ],
)
def test_the_names_that_are_bound_whatever_happens(block: str, bound: str | None) -> None:
    statements = ast.parse(f"import sys\n{block}").body
    found = definitely_assigned(statements[1:], ModuleNames.of(statements))
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
        ("a = 1\ndel a", False),
        ("a = 1\ntry:\n    b()\nexcept X as a:\n    pass", False),
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
        ("x = f.__globals__", True),
        ("patch('__main__.client')", True),
        ("load('ext://__main__.stream')", True),
        ("'Runs as __main__ alone.'", False),
        ("patch(f'{__name__}.client')", True),
        ("import unittest", True),
        ("class A:\n    def __del__(self): pass", True),
    ],
)
def test_what_may_find_variables_by_their_names_is_known(source: str, found: bool) -> None:
    statements = ast.parse(source).body
    assert finds_by_name(statements, ModuleNames.of(statements)) is found


@pytest.mark.parametrize(
    ("block", "alone"),
    [
        ("args = parser.parse_args()", True),
        ("args, rest = parser.parse_known_args()", True),
        ("args = parser.parse_args()\nif args.a: args.b = 1", True),
        ("args = parser.parse_args(sys.argv)", True),
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
        ("print(args.__dict__)", False),
        ("print(args._get_kwargs())", False),
    ],
)
def test_a_namespace_is_only_read(block: str, only: bool) -> None:
    assert is_only_read(ast.parse(block).body, "args", {"new"}) is only


PARSER = "import argparse\nparser = argparse.ArgumentParser()\n"


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        (PARSER + "args = parser.parse_args()", True),
        (PARSER + "args, rest = parser.parse_known_args(x)", True),
        (PARSER + "args = parser.parse_known_args(args=x)[0]", True),
        (PARSER + "with x:\n    args = parser.parse_args()", True),
        (PARSER + "parser.add_argument('-x', action='store_true')\nargs = parser.parse_args()", True),
        (
            PARSER + "parser.add_argument('-x', action=argparse.BooleanOptionalAction)\n"
            "args = parser.parse_args()",
            True,
        ),
        ("import argparse\nargs = argparse.ArgumentParser().parse_args()", True),
        (
            ("import argparse\ndef make():\n    p = argparse.ArgumentParser()\n    return p\n"
            "parser = make()\nargs = parser.parse_args()"),
            True,
        ),
        ("args = parser.parse_args()", False),
        ("from x import parser\nargs = parser.parse_args()", False),
        (PARSER + "args = parser.parse_args(x, kept)", False),
        (PARSER + "args = parser.parse_args(namespace=kept)", False),
        (PARSER + "args = vars(parser.parse_args())", False),
        (PARSER + "args = parse()", False),
        (PARSER + "args = parser.parse_args()\nargs = 1", False),
        (PARSER + "for args in x:\n    args = parser.parse_args()", False),
        (PARSER + "if x:\n    parser = y\nargs = parser.parse_args()", False),
        (PARSER + "parser.add_argument('-x', action=Own)\nargs = parser.parse_args()", False),
        (
            "import argparse\nclass P(argparse.ArgumentParser): pass\nargs = P().parse_args()",
            False,
        ),
        (
            ("import argparse\ndef make(x):\n    p = argparse.ArgumentParser()\n"
            "    return p if x else y\nargs = make(1).parse_args()"),
            False,
        ),
    ],
)  # fmt: skip
def test_a_namespace_is_plain_when_nobody_else_can_have_it(source: str, plain: bool) -> None:
    statements = ast.parse(source).body
    assert is_plain_namespace("args", statements, ModuleNames.of(statements)) is plain


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("print(globals()['f'])", None),
        ("x = 1\nglobals().update(x)", None),
        ("for f in globals(): pass", 1),
        ("x = 1\nx = {n: f for n, f in globals().items() if callable(f)}", 2),
        ("x = [n for n in globals() if n.startswith('cmd_')]", None),
        ("x = [n for n in globals() if n.startswith('ma')]", 1),
        ("sorted(globals())", 1),
        ("import sys\ndir(sys.modules[__name__])", 2),
        ("import sys\nsys.modules[__name__].__dict__", 2),
        ("import inspect, sys\ninspect.getmembers(sys.modules[__name__])", 2),
        ("import sys\ndef f(): return sys._getframe(1).f_locals", 2),
        ("import sys\nsorted(sys.modules)", None),
        ("for f in own(): pass", None),
        ("import sys\nhasattr(sys.modules[__name__], 'main')", 2),
        ("import sys\nx = sys.modules[__name__]\nhasattr(x, 'main')", 3),
        ("import __main__\nhasattr(__main__, 'main')", 2),
        ("hasattr(__import__(__name__), 'main')", 1),
        ("hasattr(__import__('json'), 'main')", None),
        ("import sys\nhasattr(sys.modules['json'], 'main')", None),
        ("import sys\nx = sys.modules[__name__]\ny = getattr(x, name)", 3),
        ("import sys\nx = sys.modules[__name__]\ny = getattr(x, 'do_' + name)", None),
        ("x = globals()\ny = x[name]", 2),
        ("x = globals()\nx[name] = 1", None),
        ("x = globals()\nsorted(x)", 2),
        ("x = {}\ny = x[name]\nz = getattr(x, name)", None),
    ],
)
def test_what_could_tell_that_there_is_a_main_is_found(source: str, line: int | None) -> None:
    statements = ast.parse(source).body
    assert inspects_namespace(statements, ModuleNames.of(statements)) == line


@pytest.mark.parametrize(
    ("statement", "lasting"),
    [
        ("A = namedtuple('A', 'x')", True),
        ("A = namedtuple(typename='A', field_names='x')", True),
        ("A: type = namedtuple('A', 'x')", True),
        ("A, B = namedtuple('A', 'x'), 1", True),
        ("A = type('O' + 'ther', (), {})", True),
        ("A = type(b)", False),
        ("A = make('A')", True),
        ("a = tempfile.TemporaryDirectory()", True),
        ("a = make('b')", False),
        ("Point = attr.make_class('Point', [])", True),
        ("name = row.get('name')", False),
        ("s3 = boto3.client('s3')", False),
        ("TOKEN = config.get('TOKEN')", False),
        ("import os\nPORT = int(os.getenv('PORT'))", False),
        ("a: int", False),
        ("print(1)", False),
    ],
)
def test_what_has_to_be_found_by_name_or_to_last_is_known(statement: str, lasting: bool) -> None:
    before = ast.parse("import tempfile\nfrom collections import namedtuple").body
    *_, node = ast.parse(statement).body
    assert must_stay_global(node, ModuleNames.of(before)) is lasting


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
