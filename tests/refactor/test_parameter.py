"""Functions that read what was parsed as a global take it as a parameter, where all uses are known."""

from __future__ import annotations

from textwrap import dedent

import pytest
from csa.refactor import refactor
from csa.refactor.parameter_proof import prove_parameter
from csa.refactor.proof import Unproven

from tests.support.refactored import execute, refactored

GUARD = "if __name__ == '__main__':\n    "
PARSE = "parser = argparse.ArgumentParser()\n    parser.add_argument('--n', type=int)\n    "


def test_functions_get_it_from_main_and_from_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    source = f"""\
import argparse
def show(text, end='.'):
    print(text, args.n, end=end)
def each():
    return [show(number) for number in range(args.n)]
def outer(): each()
{GUARD}{PARSE}args = parser.parse_args()
    args.n += 1
    outer()
    show('end', end='!')
"""
    new = refactored(source)
    assert new.partition("if __name__")[0] == dedent("""\
        import argparse
        def show(args, text, end='.'):
            print(text, args.n, end=end)
        def each(args):
            return [show(args, number) for number in range(args.n)]
        def outer(args): each(args)


        def main(args: argparse.Namespace) -> None:
            args.n += 1
            outer(args)
            show(args, 'end', end='!')


    """)  # fmt: skip
    assert execute(new.encode(), monkeypatch) == execute(source.encode(), monkeypatch)


def test_by_another_name_it_is_called_so_in_functions() -> None:
    new = refactored(
        "import argparse\ndef show(): print(opts.n)\ndef main(args): show()\n"
        f"{GUARD}{PARSE}opts = parser.parse_args()\n    main(opts)\n"
    )
    assert "def show(opts): print(opts.n)\ndef main(args): show(args)\n" in new


@pytest.mark.parametrize(
    "rest",
    [
        "def f(): print(args)\ndef g(call): call()\n{}g(f)",
        "class A:\n    def f(self): print(args)\n{}A().f()",
        "@print\ndef f(): print(args)\n{}print(f)",
        "def f(): print(args)\ndef g():\n    global args\n    args = 1\n{}f()\n    g()",
        "def f(): print(args)\n{}args = vars(args)\n    f()",
        "def f(): print(args, vars())\n{}f()",
        "def f(): print(args, globals())\n{}f()",
        "async def f(): print(args)\n{}print(f())",
    ],
)
def test_where_not_all_uses_are_known_each_function_is_named(rest: str) -> None:
    parse = f"{GUARD}{PARSE}args = parser.parse_args()\n    "
    result = refactor(f"import argparse\n{rest.format(parse)}\n".encode())
    assert b"def f(args" not in result.source
    assert result.notes


def test_a_function_that_another_file_imports_keeps_its_parameters() -> None:
    source = f"import argparse\ndef f(): print(args)\n{GUARD}{PARSE}args = parser.parse_args()\n    f()\n"
    for imported in ("f", "*"):
        result = refactor(source.encode(), imported=[imported])
        assert b"def f():" in result.source


OLD = """\
import argparse
def show(text):
    print(text, args)
def main(args: argparse.Namespace):
    show(1)
args = parse()
main(args)
"""
NEW = OLD.replace("show(text)", "show(args, text)").replace("show(1)", "show(args, 1)")


def test_the_proof_holds() -> None:
    prove_parameter(OLD.encode(), NEW.encode())


@pytest.mark.parametrize(
    ("which", "right", "wrong", "says"),
    [
        ("new", "show(args, text)", "show(args, text, more=1)", "other code would change"),
        ("new", "show(args, text)", "show(arg, text)", "show would take something else"),
        ("new", "show(args, text)", "show(text, args)", "show would take something else"),
        ("new", "show(args, 1)", "show(1, args)", "show would get something else"),
        ("new", "show(args, 1)", "show(1)", "show would get something else"),
        ("new", "show(args, 1)", "show(args, 2)", "other code would change"),
        ("new", "print(text, args)", "print(text)", "other code would change"),
        ("new", "print(text, args)", "print(text, args", "it would not compile"),
        ("both", "args = parse()", "args = parse()\nargs = 1", "args may get another value"),
        ("both", "args = parse()", "if f(): args = parse()", "args may get another value"),
        ("both", "args = parse()", "args = parse()\nother = show", "show is used without being called"),
        ("both", "args = parse()", "args = parse()\nshow(args, 3)", "show would get something else"),
        ("both", "main(args)\n", "main(other)\n", "other may get another value"),
        ("both", "main(args)\n", "main(vars(args))\n", "main does not get all of it"),
        ("both", "print(text, args)", "print(text, args, vars())", "vars() gives other variables"),
        ("both", "print(text, args)", "print(text, (lambda args: args)(1))", "args means something else"),
        ("both", "def show", "@print\ndef show", "show may be called by others"),
        ("both", "import argparse\n", "import argparse\nimport inspect\n", "functions may be looked up"),
        ("both", "args: argparse.Namespace):\n", "args: argparse.Namespace):\n    args = 2\n", "args is set in main"),
        ("old", "show(1)", "show(1)  # kept", "'# kept' was lost"),
    ],
)  # fmt: skip
def test_a_wrong_move_is_refused(which: str, right: str, wrong: str, says: str) -> None:
    old = OLD if which == "new" else OLD.replace(right, wrong).replace("show(args, 3)", "show(3)")
    new = NEW if which == "old" else NEW.replace(right, wrong)
    assert (old, new) != (OLD, NEW)
    with pytest.raises(Unproven) as raised:
        prove_parameter(old.encode(), new.encode())
    assert str(raised.value).startswith(says)
