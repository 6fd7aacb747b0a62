"""A main that does not take what was parsed becomes one that does, with its own statements."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from csa.refactor import refactor
from csa.refactor.inlining_proof import prove_inlined
from csa.refactor.proof import Unproven

from tests.support.refactored import note_of, refactored

PARSER = "parser = argparse.ArgumentParser()\n    parser.add_argument('--n', type=int)\n"


def test_a_main_that_parses_by_itself() -> None:
    assert refactored('''\
        import argparse
        import sys


        # What Argo runs.
        def main() -> int:
            """Count."""
            parser = argparse.ArgumentParser()
            parser.add_argument("--n", type=int, default=3)  # how far
            args = parser.parse_args()
            if not args.n:
                return 1
            for number in range(args.n):
                print(number)
            return 0
            # the end


        if __name__ == "__main__":
            sys.exit(main())
    ''') == dedent('''\
        import argparse
        import sys


        # What Argo runs.
        def main(args: argparse.Namespace) -> int:
            """Count."""
            if not args.n:
                return 1
            for number in range(args.n):
                print(number)
            return 0
            # the end


        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            parser.add_argument("--n", type=int, default=3)  # how far
            args = parser.parse_args()
            sys.exit(main(args))
    ''')  # fmt: skip


def test_a_main_that_gets_values() -> None:
    new = refactored("""\
        import argparse
        from pyatlan.client.atlan import AtlanClient

        def main(client: AtlanClient, limit, dry_run=False):
            for number in range(limit):
                client.do(number, dry_run)

        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            args = parser.parse_args()
            client = AtlanClient()
            main(client, args.limit)
    """)
    assert new.endswith(dedent("""\
        def main(args: argparse.Namespace) -> None:
            client = AtlanClient()
            limit = args.limit
            dry_run = False
            for number in range(limit):
                client.do(number, dry_run)


        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            args = parser.parse_args()
            main(args)
    """))  # fmt: skip


@pytest.mark.parametrize(
    ("main", "call", "under_the_guard"),
    [
        ("main(argv=None): args = argparse.ArgumentParser().parse_args(argv); print(args)",
         "raise SystemExit(main())",
         ["argv = None", "args = argparse.ArgumentParser().parse_args(argv)",
          "raise SystemExit(main(args))"]),
        ("main(): args = argparse.ArgumentParser().parse_args(); print(args)",
         "try:\n        main()\n    except KeyboardInterrupt: print(1)",
         ["try:", "args = argparse.ArgumentParser().parse_args()", "main(args)",
          "except KeyboardInterrupt: print(1)"]),
        ("main(): print(1)", "main()", ["main(argparse.Namespace())"]),
        ("main(): print(1)", "main()\n    print(2)", ["main(argparse.Namespace())"]),
    ],
    ids=["argv=None", "within a try", "no arguments", "something after it"],
)  # fmt: skip
def test_what_stands_under_the_guard_then(main: str, call: str, under_the_guard: list[str]) -> None:
    head, _, body = main.partition(": ")
    main = f"{head}:\n" + indent(body.replace("; ", "\n"), "    ")
    new = refactored(f'import argparse\ndef {main}\nif __name__ == "__main__":\n    {call}\n')
    assert [line.strip() for line in new.partition('"__main__":\n')[2].splitlines()] == (
        under_the_guard
    )


@pytest.mark.parametrize(
    "script",
    ["def main():\n    print(1)\nmain()\n", "def main():\n    print(1)\nif __name__ == '__main__': main()\n"],
    ids=["no guard", "on the guard's line"],
)  # fmt: skip
def test_a_call_wherever_it_stands(script: str) -> None:
    assert refactored(script).endswith(":\n    main(argparse.Namespace())\n")


GUARD = "if __name__ == '__main__':\n    "

REFUSED = {
    "async": ("async def main(): print(1)\nimport asyncio\nasyncio.run(main())\n", 1, "main is async: "),
    "a decorator": (f"@x\ndef main(): print(1)\n{GUARD}main()\n", 1, "main has a decorator: "),
    "any number": (f"def main(*a): print(a)\n{GUARD}main(1)\n", 1, "main takes any number of arguments"),
    "a default": (f"def main(a=f()): print(a)\n{GUARD}main()\n", 1, "a default of main's is worked out"),
    "a global": (f"def main():\n    global a\n    a = 1\n{GUARD}main()\n", 2, "main sets the global `a`"),
    "a function in it": (f"def main():\n    def f(): ...\n    f()\n{GUARD}main()\n", 2, "f is defined in main"),
    "a generator": (f"def main():\n    yield 1\n{GUARD}main()\n", 2, "main yields"),
    "no call": ("def main(): print(1)\n", 1, "main is never called"),
    "two calls": (f"def main(): print(1)\n{GUARD}main()\n    main()\n", 4, "main is used once more"),
    "a call in something": (f"def main(): return 1\n{GUARD}print(main())\n", 3, "main is called within"),
    "what is unpacked": (f"def main(a): print(a)\n{GUARD}main(*[1])\n", 3, "main gets what is unpacked"),
    "not what it takes": (f"def main(a): print(a)\n{GUARD}main()\n", 3, "main is not called with"),
    "an end before the end": (f"def main():\n    if f(): return\n    print(1)\n{GUARD}main()\n    print(2)\n",
                              6, "it runs after main, which may end early"),
    "an exit before the end": (f"import sys\ndef main(): print(1)\n{GUARD}sys.exit(main())\nprint(2)\n",
                               5, "it runs after main, which may end early"),
    "an end before the arguments are parsed": (
        (f"import argparse\ndef main():\n    if f(): return\n    {PARSER}    args = parser.parse_args()\n"
        f"    print(args)\n{GUARD}main()\n"), 1, "main returns before all arguments are parsed"),
    "two variables of one name": (f"def f(): return a\ndef main():\n    a = 1\n    print(f(), a)\n{GUARD}main()\n",
                                  2, "left unchanged"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_safely_is_named(name: str) -> None:
    source, line, text = REFUSED[name]
    found, said = note_of(source)
    assert said.startswith(text)
    assert found == line


def test_values_are_handed_over_in_the_order_of_the_call() -> None:
    new = refactored(
        f"import argparse\ndef main(a, b):\n    print(a, b)\n{GUARD}"
        "args = argparse.ArgumentParser().parse_args()\n    main(b=f(), a=g())\n"
    )
    assert "    b = f()\n    a = g()\n    print(a, b)\n" in new


@pytest.mark.parametrize(
    "source",
    [
        f"def f():\n    global a\n    a = 2\ndef main(a):\n    f()\n    print(a)\n{GUARD}a = 1\n    main(a)\n",
        f"n = 7\ndef main(n):\n    print(n)\n{GUARD}main(g())\n    print(n)\n",
        f"n = 7\ndef main():\n    n = 1\n    print(n)\n{GUARD}main()\n    print(n)\n",
    ],
    ids=["set by a function", "a parameter", "a variable"],
)
def test_a_name_that_is_another_variable_outside_of_main_stays_so(source: str) -> None:
    assert note_of(source)[1].startswith("left unchanged")


def test_a_main_that_another_file_imports_stays() -> None:
    source = f"def main():\n    print(1)\n{GUARD}main()\n".encode()
    result = refactor(source, imported=["main"])
    assert result.source == source
    assert [note.text for note in result.notes] == [
        "another file imports main: let it import what main calls"
    ]


# --- The proof -----------------------------------------------------------------------------------

OLD = f"import argparse\ndef main(n=2):\n    if n:\n        return 1\n    print(n)\n{GUARD}raise SystemExit(main())\n"
FLAT = f"import argparse\n{GUARD}n = 2\n    if n:\n        return_from_main(1)\n    print(n)\n"
HEAD = "import argparse\ndef main(args: argparse.Namespace):\n"
PLAIN = f"{HEAD}    n = 2\n    if n:\n        return_from_main(1)\n    print(n)\n{GUARD}main(argparse.Namespace())\n"
NEW = (
    f"{HEAD}    n = 2\n    if n:\n        return 1\n    print(n)\n"
    f"{GUARD}raise SystemExit(main(argparse.Namespace()))\n"
)


def test_the_proof_holds() -> None:
    prove_inlined(OLD.encode(), FLAT.encode(), PLAIN.encode(), NEW.encode())


def changed(what: str, old: str, new: str) -> list[bytes]:
    """The four sources, with a text of one of them, or of several, replaced."""
    sources = {"old": OLD, "flat": FLAT, "plain": PLAIN, "new": NEW}
    for name in what.split():
        assert old in sources[name]
        sources[name] = sources[name].replace(old, new)
    return [source.encode() for source in sources.values()]


UNPROVEN = [
    (changed("old", "if n:", "if n"), "it would not compile: "),
    (changed("old", "raise SystemExit(main())", "main()\n    main()"), "main is not called once"),
    (changed("old", "print(n)", "print('main')"), "main is named in a text"),
    (changed("old", "def main", "@x\ndef main"), "main is no plain function"),
    (changed("old", "print(n)", "global x"), "line 5 means something else"),
    (changed("flat", "print(n)", "print(n + 1)"), "main's statements are not those"),
    (changed("flat", "n = 2", "n = 3"), "main's statements are not those"),
    (changed("old", f"{GUARD}raise SystemExit(main())", f"{GUARD}if 1: main()"), "main is called within"),
    (changed("old", "raise SystemExit(main())", "main()\n    print(3)"), "something runs after main"),
    (changed("old", "main())", "main(1, 2))"), "main gets more than it takes"),
    (changed("old", "main())", "main(x=1))"), "main gets what it does not take"),
    (changed("old", "n=2", "n"), "main does not get n"),
    (changed("old", "n=2", "n=f()"), "a default of main's is worked out"),
    (changed("old", "main())", "main(n))"), "n may not be set when main is called"),
    (changed("old", "n=2", "n, m=2"), "main does not get n"),
    (changed("old", "main())", "main(m=n, n=3))"), "main gets what it does not take"),
    (changed("old flat", "print(n)", "print(globals())"), "variables may be looked up by name"),
    (changed("old flat", "import argparse\n", "import argparse\ndef f(): return n\n"),
     "n is a variable of main's and another one"),
    (changed("old flat", "print(n)", "print(id)\n    id = 2"), "id would be Python's before main sets it"),
    (changed("old flat", "print(n)", "print(locals())"), "locals() gives something else"),
    (changed("old flat", "print(n)", "print(__name)"), "__name may be another thing"),
    (changed("old flat", "print(n)", "x: f() = 1"), "the annotation in line 5 would be evaluated"),
    (changed("new", "args: argparse.Namespace", "args"), "main is not main(args)"),
    (changed("new", "print(n)", "print(1)"), "main would have other statements"),
    (changed("new", "argparse.Namespace()", "argparse.Namespace(n=1)"), "main would get something else"),
    (changed("new", "raise SystemExit(main(argparse.Namespace()))", "main(argparse.Namespace())"),
     "main's result would be used in another way"),
    (changed("new", "import argparse\n", "import argparse\nimport os\n"), "something besides main"),
    (changed("old", "print(n)", "print(n)  # kept"), "'# kept' was lost"),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "says"), UNPROVEN, ids=[says for _, says in UNPROVEN])
def test_the_proof_fails_and_says_why(sources: list[bytes], says: str) -> None:
    with pytest.raises(Unproven) as raised:
        prove_inlined(*sources)
    assert str(raised.value).startswith(says)
