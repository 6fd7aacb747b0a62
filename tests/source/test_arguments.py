"""A script's arguments, read from its source, against what argparse makes of them."""

from __future__ import annotations

import argparse
import optparse
import textwrap
from typing import Any

import pytest
from csa.source.arguments import SUPPRESSED, Arguments, arguments_of
from hypothesis import given, settings
from hypothesis import strategies as st

HEAD = """\
import argparse
import optparse
import os
from argparse import ArgumentParser
from pathlib import Path

BATCH = 50
NAME = "9"
"""

OPTPARSE = """\
parser = optparse.OptionParser()
parser.add_option("-f", "--in-file", type="int", default="0")
parser.add_option("-q", action="store_true")
parser.add_option("--n", default=NAME, type=int)
parser.set_defaults(m=1)
"""


def predicted(found: Arguments, names: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the namespace that the arguments promise, with the given values."""
    return {
        one.dest: given[one.dest] if one.default is None else eval(one.default, names)
        for one in found.fields
        if one.default != SUPPRESSED
    }


def parsed(code: str, line: list[str]) -> tuple[Arguments, dict[str, Any], dict[str, Any]]:
    """Run a snippet that makes `parser`; return what is read in it, its names, what it parses."""
    source = HEAD + textwrap.dedent(code)
    names: dict[str, Any] = {"__name__": "snippet"}
    exec(source, names)  # noqa: S102  the snippets above
    result = names["parser"].parse_args(line)
    if isinstance(names["parser"], optparse.OptionParser):
        result = result[0]
    return arguments_of(source), names, vars(result)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("parser.add_argument('--input-file', '-i', required=True)", ["-i", "input_file"]),
        ("parser.add_argument('-i', '--input-file')", []),
        ("parser.add_argument('-i', '-j')", []),
        ("parser.add_argument('-long', '-s')", []),
        ("parser.add_argument('--a-b', dest='c')", []),
        ("parser.add_argument('file')", ["file"]),
        ("parser.add_argument('in-file')", ["in-file"]),
        ("parser.add_argument('file', nargs='?')", []),
        ("parser.add_argument('file', nargs='?', default='3', type=int)", []),
        ("parser.add_argument('files', nargs='*')", []),
        ("parser.add_argument('files', nargs=argparse.ZERO_OR_MORE, default='3', type=int)", []),
        ("parser.add_argument('files', nargs=argparse.REMAINDER)", []),
        ("parser.add_argument('--n', type=int, default='12')", []),
        ("parser.add_argument('--n', type=float, default='1.5')", []),
        ("parser.add_argument('--n', type=bool, default='False')", []),
        ("parser.add_argument('--n', type=int, default=7.5)", []),
        ("parser.add_argument('--n', type=int, default=NAME)", []),
        ("parser.add_argument('--n', type=int, default=BATCH)", []),
        ("parser.add_argument('--n', type=Path, default='a/b')", []),
        ("parser.add_argument('--n', type=int, default=os.environ.get('CSA_NOT', '4'))", []),
        ("parser.add_argument('--n', default=os.environ.get('CSA_NOT'))", []),
        ("parser.add_argument('--n', type=int, default=None)", []),
        ("parser.add_argument('--n', action='store_true')", []),
        ("parser.add_argument('--n', action='store_true', default=True)", []),
        ("parser.add_argument('--n', action='store_true', default=None)", []),
        ("parser.add_argument('--n', action='store_false')", []),
        ("parser.add_argument('--n', action='store_const', const=3)", []),
        ("parser.add_argument('--n', action='append')", []),
        ("parser.add_argument('--n', action='append', default=[1, {'a': (2,)}])", []),
        ("parser.add_argument('--n', action='count')", []),
        ("parser.add_argument('--n', action='count', default=0)", []),
        ("parser.add_argument('--n', action=argparse.BooleanOptionalAction)", []),
        ("parser.add_argument('--n', action=argparse.BooleanOptionalAction, default=True)", []),
        ("parser.add_argument('--n', default=argparse.SUPPRESS)", []),
        ("parser.add_argument('--v', action='version', version='1')", []),
        ("parser.add_argument('--a', dest='n', default=1); parser.add_argument('--n')", []),
        ("parser.add_argument('--n'); parser.set_defaults(n=3, m='x')", []),
        ("parser.set_defaults(n='3'); parser.add_argument('--n', type=int)", []),
        ("parser.set_defaults(n=3); parser.add_argument('--n', default=4)", []),
        ("parser.set_defaults(n=3); parser.add_argument('--n', action='store_true')", []),
        ("parser = ArgumentParser(argument_default=argparse.SUPPRESS); parser.add_argument('--n')",
         []),
        ("parser = ArgumentParser(prefix_chars='+'); parser.add_argument('++n-m', '+n')", []),
        ("group = parser.add_argument_group('x'); group.add_argument('--n', default=2)", []),
        ("parser.add_argument_group('x').add_argument('--n', default=2)", []),
        ("g = parser.add_mutually_exclusive_group()\ng.add_argument('--n')\ng.add_argument('--m')",
         []),
        ("subs = parser.add_subparsers(dest='command')\nsubs.add_parser('a')", []),
        (OPTPARSE, []),
    ],
)  # fmt: skip
def test_main_gets_what_argparse_gives_it(code: str, line: list[str]) -> None:
    if not code.startswith("parser = "):
        code = f"parser = ArgumentParser()\n{code}"
    found, names, result = parsed(code, line)
    # What a person would give is named after its dest in these snippets.
    assert predicted(found, names, {one.dest: one.dest for one in found.fields}) == result


FLAGS = st.lists(
    st.sampled_from(["-a", "-b", "--in-file", "--x", "--a-b-c", "-long"]), min_size=1, unique=True
)
VALUES = st.one_of(
    st.none(), st.integers(), st.booleans(), st.text("ab'\"\\ é", max_size=4),
    st.sampled_from(["1", "22"]), st.lists(st.integers(), max_size=3),
)  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> str:
    """The source of an add_argument call that argparse takes."""
    action = draw(st.sampled_from(["store", "append", "store_true", "store_false", "count"]))
    words = []
    if draw(st.booleans()):
        words.append(f"default={draw(VALUES)!r}")
    if action in ("store", "append"):
        words += draw(st.sampled_from([[], ["type=str"], ["nargs='+'"], ["nargs=2"]]))
    if draw(st.booleans()):
        words.append(f"dest={draw(st.sampled_from(['one', 'two']))!r}")
    if action != "store" or draw(st.booleans()):
        words.append(f"action={action!r}")
    positional = draw(st.booleans()) and action == "store"
    if positional:
        words = [word for word in words if not word.startswith(("dest", "nargs"))]
        words.append(f"nargs={draw(st.sampled_from(['?', '*', '...']))!r}")
        return (
            f"parser.add_argument({', '.join(['name', *words]).replace('name', repr('name'), 1)})"
        )
    return f"parser.add_argument({', '.join([*map(repr, draw(FLAGS)), *words])})"


@settings(deadline=None, max_examples=300)
@given(calls())
def test_any_call_that_argparse_takes_is_predicted(call: str) -> None:
    found, names, result = parsed(f"parser = ArgumentParser()\n{call}", [])
    assert found.complete
    assert predicted(found, names, {}) == result


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=6), st.sampled_from([int, float, bool, str]))
def test_a_string_default_is_converted_as_argparse_does_it(
    text: str, kind: type[int | float | bool | str]
) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--n", type=kind, default=text)
    source = f"parser = ArgumentParser()\nparser.add_argument('--n', type={kind.__name__}, "
    [argument] = arguments_of(f"{HEAD}{source}default={text!r})").arguments
    try:
        expected = parser.parse_args([]).n
    except argparse.ArgumentError:
        assert argument.default is None
    else:
        names = {"inf": float("inf"), "nan": float("nan")}
        assert argument.default is not None
        assert repr(eval(argument.default, names)) == repr(expected)


def test_a_literal_is_kept_as_typed_and_other_defaults_say_what_they_need() -> None:
    found = arguments_of(
        HEAD
        + """
from datetime import date
def helper(): ...
def build():
    parser = ArgumentParser()
    local = compute()
    parser.add_argument("--a", default=1_000)
    parser.add_argument("--b", default=BATCH * 2)
    parser.add_argument("--c", default=date.today())
    parser.add_argument("--d", default=helper())
    parser.add_argument("--e", default=local)
    parser.add_argument("--f", default=input("?"))
    parser.add_argument("--g", type=helper, default="x")
    parser.add_argument("--h", type=int, default=os.environ.get("H"))
    return parser
"""
    )
    told = {one.dest: (one.default, one.names) for one in found.arguments}
    assert told == {
        "a": ("1_000", ()),
        "b": ("BATCH * 2", ("BATCH",)),
        "c": ("date.today()", ("date",)),
        **dict.fromkeys("defgh", (None, ())),
    }


def test_help_and_choices_are_those_that_help_shows() -> None:
    found = arguments_of(
        HEAD
        + """
parser = ArgumentParser()
parser.add_argument("--a", default=BATCH, help="rows,\\n   %(default)s at 100%%")
parser.add_argument("--b", help="one" " and " + "two", choices=["x", "y"])
parser.add_argument("--c", help=argparse.SUPPRESS)
parser.add_argument("--d", help=f"at most {BATCH}", action="store_true")
parser.add_argument("--e", action="store_true", help="%(default)s")
"""
    )
    told = {one.dest: (one.help, one.choices) for one in found.arguments}
    assert told == {
        "a": ("rows, 50 at 100%", None),
        "b": ("one and two", '["x", "y"]'),
        "c": (None, None),
        "d": ("at most 50", None),
        "e": ("False", None),
    }


def test_each_subcommand_has_its_own_arguments() -> None:
    found = arguments_of(
        HEAD
        + """
def run(args): ...
parser = ArgumentParser()
parser.add_argument("--all")
commands = parser.add_subparsers(dest="command", required=True)
p = commands.add_parser("load", help="x")
p.add_argument("file")
p.set_defaults(run=run)
p = commands.add_parser("drop")
group = p.add_argument_group("g")
group.add_argument("--file")
"""
    )
    told = [(one.subcommand, one.dest, one.required) for one in found.arguments]
    assert told == [
        (None, "all", False),
        (None, "command", True),
        ("load", "file", True),
        ("drop", "file", False),
        ("load", "run", False),
    ]
    assert (found.subcommands, found.complete) == (["load", "drop"], True)


def test_a_group_of_which_one_is_required_names_its_members() -> None:
    found = arguments_of(
        HEAD
        + """
parser = ArgumentParser()
group = parser.add_mutually_exclusive_group(required=True)
group.add_argument("--a")
group.add_argument("--b")
parser.add_argument("--c")
"""
    )
    told = [one.alternatives for one in found.arguments]
    assert told == [("a", "b"), ("a", "b"), ()]


@pytest.mark.parametrize(
    "code",
    [
        "for name in names: parser.add_argument('--' + name)",
        "for name in names: parser.add_argument('--x', dest=name)",
        "[parser.add_argument(name) for name in names]",
        "parser.add_argument(*names)",
        "parser.add_argument('--x', **options)",
        "parser.add_argument(flag())",
        "parser.add_argument('--x', required=is_it())",
        "parser.set_defaults(**options)",
        "parser = ArgumentParser(parents=[common])",
        "if debug: parser.add_argument('--x')",
        "add_common(parser)",
    ],
)
def test_what_cannot_be_told_is_said(code: str) -> None:
    assert arguments_of(f"{HEAD}parser = ArgumentParser()").complete
    assert not arguments_of(f"{HEAD}parser = ArgumentParser()\n{code}").complete


def test_other_classes_have_that_method_too() -> None:
    found = arguments_of("options = webdriver.ChromeOptions()\noptions.add_argument('--headless')")
    assert found == Arguments([], [], [], True, True)


GUARD = """
if __name__ == "__main__":
    p = {}
    p.add_argument("--n", default=1)
    main(p.parse_args())
"""
GETTER = """
def get():
    p = {}
    p.add_argument("--n", default=1)
    return p
if __name__ == "__main__":
    main(get().parse_args())
"""
GLOBAL = """
parser = {}
def add():
    parser.add_argument("--n", default=1)
"""
HELPER = """
def add(p: argparse.ArgumentParser):
    p.add_argument("--n", default=1)
add({})
"""
PASSED = """
def add(parser):
    parser.add_argument("--n", default=1)
parser = {}
add(parser)
"""
METHODS = """
class Script:
    def __init__(self):
        self.p = {}
    def parse(self):
        self.p.add_argument("--n", default=1)
"""
ANNOTATED = """
parser: ArgumentParser = {}
parser.add_argument("--n", default=1)
"""


@pytest.mark.parametrize("code", [GUARD, GETTER, GLOBAL, HELPER, PASSED, METHODS, ANNOTATED])
def test_arguments_are_found_wherever_they_are_declared(code: str) -> None:
    found = arguments_of(HEAD + code.replace("{}", "ArgumentParser(description='x')"))
    told = [(one.dest, one.default) for one in found.arguments]
    assert (told, found.complete) == ([("n", "1")], True)


@pytest.mark.parametrize(
    ("handed", "fields"),
    [
        ("args", {"n": False}),
        ("parser.parse_args()", {"n": False}),
        ("argparse.Namespace()", {}),
        ("argparse.Namespace(path=path)", {"path": True}),
        ("argparse.Namespace(**vars(args), unknown=unknown)", {"n": False, "unknown": True}),
        ('argparse.Namespace(**{**vars(args), "unknown": 1})', {"n": False, "unknown": True}),
        ('argparse.Namespace(**{**vars(args), "n": n})', {"n": True}),
    ],
)
def test_main_gets_the_fields_of_the_namespace_that_it_is_handed(
    handed: str, fields: dict[str, bool]
) -> None:
    code = f"""
def main(args): ...
if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("--n")
    args, unknown = parser.parse_known_args()
    main({handed})
"""
    found = arguments_of(HEAD + code)
    assert {one.dest: one.required for one in found.fields} == fields
    assert found.namespace
    # By way of a variable, and of asyncio, it is the same.
    other = code.replace(
        f"    main({handed})", f"    given = {handed}\n    asyncio.run(main(given))"
    )
    assert arguments_of(HEAD + other).fields == found.fields


@pytest.mark.parametrize("handed", ["vars(args)", "sys.argv[1:]", "args.file", "'file'"])
def test_what_is_no_namespace_is_told(handed: str) -> None:
    assert not arguments_of(f"def main(x): ...\nmain({handed})").namespace


def test_a_field_that_the_guard_adds_is_one_that_a_person_gives() -> None:
    found = arguments_of(f"{HEAD}args = parser.parse_args()\nargs.client = connect()\nmain(args)")
    assert [(one.dest, one.flags, one.required) for one in found.fields] == [("client", (), True)]


def test_no_source_is_ever_run() -> None:
    found = arguments_of(f"{HEAD}parser = ArgumentParser()\nparser.add_argument(str(1 / 0))\n1 / 0")
    assert not found.complete
