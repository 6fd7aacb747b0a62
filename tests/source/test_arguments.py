"""A script's arguments, read from its source, against what argparse makes of them."""

from __future__ import annotations

import argparse
import ast
import textwrap

import pytest
from csa.source.arguments import Argument, Arguments, arguments_of
from hypothesis import given, settings
from hypothesis import strategies as st

HEAD = """\
import argparse
import os
from argparse import ArgumentParser
from pathlib import Path

BATCH = 50
"""


def found_in(code: str) -> Arguments:
    """What is read in a snippet."""
    return arguments_of(ast.parse(HEAD + textwrap.dedent(code)))


def parser_of(code: str) -> argparse.ArgumentParser:
    """The parser that the snippet makes."""
    names: dict[str, argparse.ArgumentParser] = {}
    exec(HEAD + textwrap.dedent(code), names)  # noqa: S102  the snippets below
    return names["parser"]


def assert_right(code: str) -> None:
    """Assert that what is read is what the parser does."""
    found, parser = found_in(code), parser_of(code)
    words = [word for one in found.required for word in words_of(one)]
    parsed = vars(parser.parse_args(words))
    assert {one.dest for one in found.arguments} == {*parsed}
    actions = {action.dest: action for action in parser._actions}
    for one in found.arguments:
        if one.default is not None and not one.required:
            assert ast.literal_eval(one.default) == parsed[one.dest], one
        if not isinstance(actions[one.dest], argparse._StoreTrueAction):
            assert one.required == actions[one.dest].required or one.flag is None


def words_of(argument: Argument) -> list[str]:
    assert argument.word is not None, argument
    return [*([argument.flag] if argument.flag else []), argument.word]


@pytest.mark.parametrize(
    "code",
    [
        "parser.add_argument('--input-file', '-i', required=True)",
        "parser.add_argument('-i', '--input-file')",
        "parser.add_argument('-i', '-j')",
        "parser.add_argument('--a-b', dest='c', help='it is %(default)s')",
        "parser.add_argument('file')",
        "parser.add_argument('file', type=Path)",
        "parser.add_argument('file', nargs='?')",
        "parser.add_argument('file', nargs='?', default='3', type=int)",
        "parser.add_argument('files', nargs='*')",
        "parser.add_argument('files', nargs=argparse.REMAINDER)",
        "parser.add_argument('--n', type=int, default='12')",
        "parser.add_argument('--n', type=int, required=True)",
        "parser.add_argument('--n', type=int, default=BATCH)",
        "parser.add_argument('--n', type=Path, default='a/b')",
        "parser.add_argument('--n', default=os.environ.get('CSA_NOT'))",
        "parser.add_argument('--n', choices=['a', 'b'], required=True)",
        "parser.add_argument('--n', action='store_true')",
        "parser.add_argument('--n', action='store_false')",
        "parser.add_argument('--n', action='append')",
        "parser.add_argument('--n', action='count', default=0)",
        "parser.add_argument('--n', action=argparse.BooleanOptionalAction)",
        "parser.add_argument('--v', action='version', version='1')",
        "group = parser.add_argument_group('x'); group.add_argument('--n', default=2)",
        "parser.add_argument_group('x').add_argument('--n', default=2)",
        "g = parser.add_mutually_exclusive_group(); g.add_argument('--n'); g.add_argument('--m')",
    ],
)
def test_what_is_read_is_what_the_parser_does(code: str) -> None:
    code = f"parser = ArgumentParser()\n{code}"
    assert found_in(code).complete
    assert_right(code)


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
def test_any_call_that_argparse_takes_is_read(call: str) -> None:
    code = f"parser = ArgumentParser()\n{call}"
    assert found_in(code).complete
    assert_right(code)


@pytest.mark.parametrize(
    "code",
    [
        "parser.add_argument(*FLAGS)",
        "parser.add_argument('--n', **OPTIONS)",
        "parser.add_argument('--n', dest=DEST)",
        "for name in ('a', 'b'): parser.add_argument('--' + name)",
        "for name in ('a', 'b'): parser.add_argument('--n')",
        "if BATCH: parser.add_argument('--n')",
        "parser.set_defaults(n=3)",
        "other = ArgumentParser()",
        "parser.add_subparsers()",
        "parser.add_mutually_exclusive_group(required=True)",
        "add_more(parser)",
        "add_more(to=parser)",
        "def add_more(p): p.add_argument('--n')\nadd_more(parser)",
        "Options().parse_args()",
    ],
)
def test_what_cannot_be_read_is_said(code: str) -> None:
    assert not found_in(f"parser = ArgumentParser()\n{code}").complete


@pytest.mark.parametrize(
    "code",
    [
        "parser = ArgumentParser(parents=[COMMON])",
        "parser = ArgumentParser(argument_default=argparse.SUPPRESS)",
        "args = Options().parse_args()",
    ],
)
def test_so_is_a_parser_that_depends_on_others(code: str) -> None:
    assert not found_in(code).complete


@pytest.mark.parametrize(
    "code",
    [
        "options = webdriver.ChromeOptions()\noptions.add_argument('--headless')",
        "parser = configparser.ConfigParser()\nparser.read('x')\ngroup = parser['a']",
        "group.add_argument('x')",
        "parser = LinkParser()\ngroup = client.groups.get('x')\nshow(parser, group)",
    ],
)
def test_other_classes_have_such_methods_too(code: str) -> None:
    assert found_in(code) == Arguments([], [], complete=True)


def test_functions_may_add_arguments() -> None:
    code = """
        def add_common(parser):
            parser.add_argument("--common")

        def build() -> ArgumentParser:
            made = ArgumentParser()
            made.add_argument("--own", required=True)
            add_common(made)
            return made

        args = build().parse_args()
        """
    assert [one.flag for one in found_in(code).arguments] == ["--common", "--own"]


def test_subcommands_have_names_and_their_arguments_are_theirs() -> None:
    found = found_in("""
        parser = ArgumentParser()
        commands = parser.add_subparsers(dest="command")
        load = commands.add_parser("load")
        load.add_argument("--file")
        commands.add_parser("drop").add_argument("--name")
        """)
    assert found.subcommands == ["load", "drop"]
    assert not found.arguments
    assert not found.complete


def test_required_options_come_before_what_has_no_name() -> None:
    found = found_in("""
        parser = ArgumentParser()
        parser.add_argument("file")
        parser.add_argument("-u", "--url", required=True)
        """)
    assert [one.dest for one in found.required] == ["url", "file"]


@pytest.mark.parametrize("kind", ["argparse.FileType('r')", "parse_day", "json.loads"])
def test_a_word_is_given_only_where_any_will_do(kind: str) -> None:
    [argument] = found_in(f"p = ArgumentParser()\np.add_argument('x', type={kind})").required
    assert argument.word is None


def test_nothing_of_a_script_runs() -> None:
    found = found_in("parser = ArgumentParser()\nparser.add_argument(str(1 / 0))\n1 / 0")
    assert not found.complete
