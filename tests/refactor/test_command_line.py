"""A main that reads sys.argv gets it in args, where nothing can have changed it until then."""

from __future__ import annotations

import pytest
from csa.refactor import refactor
from csa.refactor.command_line_proof import prove_argv
from csa.refactor.proof import Unproven

from tests.support.refactored import execute, refactored

GUARD = "if __name__ == '__main__':\n    "
USAGE = "def usage():\n    print('usage')\n"


@pytest.mark.parametrize(
    ("main", "reads"),
    [
        ("if f(): return 1\n    print(sys.argv)", "print(args.argv)"),
        ("if len(sys.argv) < 2:\n        usage()\n        return 1\n    print(sys.argv[1])",
         "if len(args.argv) < 2:\n        usage()\n        return 1\n    print(args.argv[1])"),
        ("if len(sys.argv) > 9: return\n    lib.run(sys.argv[1], int(sys.argv[2]))\n    lib.stop()",
         "lib.run(args.argv[1], int(args.argv[2]))"),
        ("if len(sys.argv) > 9: lib.stop()\n    elif f():\n        x = sys.argv[1]\n        lib.run(x)\n    lib.stop()",
         "if len(args.argv) > 9: lib.stop()\n    elif f():\n        x = args.argv[1]\n        lib.run(x)\n"),
        ("try:\n        x = sys.argv[1]\n        lib.run(x)\n    except IndexError: lib.stop()",
         "try:\n        x = args.argv[1]\n        lib.run(x)\n"),
    ],
    ids=["a line", "a usage", "the arguments of another's function", "branches", "a try"],
)  # fmt: skip
def test_main_reads_what_it_was_handed(main: str, reads: str) -> None:
    new = refactored(
        f"import sys\nimport lib\n{USAGE}def f():\n    return 0\ndef main():\n    {main}\n{GUARD}sys.exit(main())\n"
    )
    assert reads in new
    assert new.endswith("sys.exit(main(argparse.Namespace(argv=sys.argv)))\n")


def test_it_comes_before_what_main_gets_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        f"import sys\ndef main(limit):\n    if len(sys.argv) > limit: return 1\n    print(sys.argv)\n"
        f"{GUARD}main(5)\n"
    )
    new = refactored(source)
    assert "main(argparse.Namespace(argv=sys.argv, limit=5))" in new
    assert execute(new.encode(), monkeypatch) == execute(source.encode(), monkeypatch)


def test_a_value_that_main_got_may_have_set_it() -> None:
    source = f"import sys\ndef main(x):\n    x.run()\n    print(sys.argv)\n{GUARD}main(f())\n"
    assert [note.line for note in refactor(source.encode()).notes] == [4]


@pytest.mark.parametrize(
    "main",
    [
        "lib.run()\n    print(sys.argv)",
        "import lib\n    print(sys.argv)",
        "client.run()\n    print(sys.argv)",
        "unknown.run()\n    print(sys.argv)",
        "changes()\n    print(sys.argv)",
        "with lib.x: pass\n    print(sys.argv)",
        "try:\n        lib.run()\n        print(sys.argv)\n    except OSError: pass",
        "try: lib.run()\n    except OSError: print(sys.argv)",
        "if lib.run(): print(sys.argv)",
        "if len(sys.argv) > 1:\n        lib.run()\n        print(sys.argv)",
        "if f: pass\n    else:\n        lib.run()\n        print(sys.argv)",
        "for x in 1, 2:\n        print(sys.argv)\n        lib.run()",
        "if f: return 1\n    print(lambda: sys.argv)",
        "if f: return 1\n    args = 2\n    print(sys.argv, args)",
        "if f: return 1\n    print(sys.argv)\n    setattr(sys, 'argv', [])",
        "if f: return 1\n    sys.argv = []\n    print(sys.argv)",
        "if f: return 1\n    import sys\n    print(sys.argv)",
    ],
)
def test_where_something_may_have_set_it_the_line_is_named(main: str) -> None:
    source = (
        "import sys\nimport lib\nclient = 1\ndef changes():\n    lib.run()\n"
        f"def main():\n    {main}\n{GUARD}main()\n"
    )
    result = refactor(source.encode())
    assert b"args.argv" not in result.source
    assert result.notes


OLD = (
    f"import argparse\nimport sys\n{USAGE}def main(args: argparse.Namespace):\n    if len(sys.argv) < 2: usage()\n"
    f"    print(sys.argv, args.n)\n{GUARD}main(argparse.Namespace(n=1))\n"
)
NEW = OLD.replace("sys.argv", "args.argv").replace("(n=1)", "(argv=sys.argv, n=1)")


def test_the_proof_holds() -> None:
    prove_argv(OLD.encode(), NEW.encode())


@pytest.mark.parametrize(
    ("which", "right", "wrong", "says"),
    [
        ("new", "argv=sys.argv", "argv=sys.argv[1:]", "main does not get sys.argv"),
        ("new", "argv=sys.argv, ", "", "main does not get sys.argv"),
        ("new", "argv=sys.argv, n=1", "argv=sys.argv, **{'argv': 2}", "main may get another argv"),
        ("new", "argparse.Namespace(argv", "dict(argv", "main does not get a namespace"),
        ("new", "args.argv, args.n", "args.argv, args.m", "code besides sys.argv"),
        ("new", "print(", "print(1, ", "code besides sys.argv"),
        ("new", "print(", "print((", "it would not compile"),
        ("both", "import sys", "import lib as sys", "sys may mean something else"),
        ("both", ": usage()", ": args = 2", "args is set in main"),
        ("both", "args.n", "args", "args is used as a whole"),
        ("both", "print('usage')", "sys.argv = 2", "sys.argv may be set"),
        ("both", "print('usage')", "setattr(sys, 'argv', 2)", "sys.argv may be set"),
        ("both", "print('usage')", "lib()", "line 4 may run"),
        ("both", ": usage()", ": f()", "line 6 may run"),
        ("both", ": usage()", ": import lib", "line 6 imports"),
    ],
)
def test_a_wrong_move_is_refused(which: str, right: str, wrong: str, says: str) -> None:
    assert right in NEW
    old = OLD if which == "new" else OLD.replace(right, wrong)
    with pytest.raises(Unproven) as raised:
        prove_argv(old.encode(), NEW.replace(right, wrong).encode())
    assert str(raised.value).startswith(says)
