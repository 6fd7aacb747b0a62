"""A main that does not take what was parsed becomes one that does; its statements stay in it."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from csa.refactor import refactor

from tests.support.refactored import execute, note_of, refactored

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
            client: AtlanClient = args.client
            limit = args.limit
            dry_run = args.dry_run
            for number in range(limit):
                client.do(number, dry_run)

        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            args = parser.parse_args()
            client = AtlanClient()
            main(argparse.Namespace(client=client, limit=args.limit, dry_run=False))
    """))  # fmt: skip


def test_many_values_stand_in_lines_of_their_own() -> None:
    names = ["asset_qualified_name", "certificate_status", "announcement_title"]
    new = refactored(
        f"import argparse\ndef main({', '.join(names)}):\n    print({', '.join(names)})\n"
        f"{GUARD}main(f(1), g(2), h(3))\n"
    )
    assert new.endswith(
        "    main(argparse.Namespace(\n        asset_qualified_name=f(1),\n"
        "        certificate_status=g(2),\n        announcement_title=h(3),\n    ))\n"
    )


PARSED = "parser = argparse.ArgumentParser()\nargs = parser.parse_args()\n"

SHAPES = {
    "no arguments": ("main():\n    print(1)", "main()",
                     "    print(1)", "    main(argparse.Namespace())"),
    "on the line of def": ("main(): print(1)", "main()",
                           "    print(1)", "    main(argparse.Namespace())"),
    "the namespace by another name": (
        "main(n, options):\n    print(options, n)", f"{PARSED}main(1, args)",
        "    n = 1\n    options = args\n    print(options, n)", "    main(args)"),
    "arguments by their names": (
        "main(n, dry_run=False):\n    print(n, dry_run)", f"{PARSED}main(args.n)",
        "    n = args.n\n    dry_run = False\n    print(n, dry_run)", "    main(args)"),
    "an argument called args": (
        "main(args, n):\n    print(args, n)", f"{PARSED}main(args.m, args.n)",
        "    n = args.n\n    args = args.m\n    print(args, n)", "    main(args)"),
    "sys.argv": ("main(argv):\n    print(argv)", "main(sys.argv[1:])",
                 "    argv = args.argv\n    print(argv)",
                 "    main(argparse.Namespace(argv=sys.argv[1:]))"),
    "any number of arguments": ("main(*argv):\n    print(argv)", "main(1, *sys.argv)",
                                "    argv = args.argv\n    print(argv)",
                                "    main(argparse.Namespace(argv=(1, *sys.argv)))"),
    "a parser inside": (
        f"main():\n{indent(PARSED, '    ')}    print(args)", "main()",
        "    print(args)", "    args = parser.parse_args()\n    main(args)"),
    "logic before the parser": (
        f"main():\n    print(0)\n{indent(PARSED, '    ')}    print(args)", "main()",
        "    print(args)", ("    print(0)\n    parser = argparse.ArgumentParser()\n"
        "    args = parser.parse_args()\n    main(args)")),
    "argv=None": (
        "main(argv=None):\n    args = argparse.ArgumentParser().parse_args(argv)\n    print(args)",
        "sys.exit(main())", "    print(args)",
        ("    argv = None\n    args = argparse.ArgumentParser().parse_args(argv)\n"
        "    sys.exit(main(args))")),
    "values besides the parser's": (
        f"main(n):\n    start = f()\n{indent(PARSED, '    ')}    print(args.x, start, n)", "main(2)",
        "    n = args.n\n    start = args.start\n    print(args.x, start, n)",
        '    main(argparse.Namespace(**{**vars(args), "n": n, "start": start}))'),
    "the parser afterwards": (
        f"main():\n{indent(PARSED, '    ')}    print(args)\n    parser.error('no')", "main()",
        "    parser = args.parser\n    args = args.args\n    print(args)\n    parser.error('no')",
        "    main(argparse.Namespace(args=args, parser=parser))"),
    "a check of what was parsed": (
        f"main():\n{indent(PARSED, '    ')}    if not args.n: parser.error('no')\n    print(args)",
        "main()", "    print(args)", "    if not args.n: parser.error('no')\n    main(args)"),
    "an end once all is parsed": (
        (f"main():\n{indent(PARSED, '    ')}    if not args.n:\n        parser.print_help()\n        return 1\n"
        "    print(args.n)"), "sys.exit(main())",
        "    parser = args.parser\n    if not args.n:\n        parser.print_help()\n        return 1\n    print(args.n)",
        '    sys.exit(main(argparse.Namespace(**{**vars(args), "parser": parser})))'),
    "optparse": (
        "main():\n    opts, args = optparse.OptionParser().parse_args()\n    print(opts, args)",
        "main()", "    opts = args.opts\n    args = args.args\n    print(opts, args)",
        "    main(argparse.Namespace(args=args, opts=opts))"),
    "what is parsed has no name": (
        "main():\n    return print(argparse.ArgumentParser().parse_args())", "sys.exit(main())",
        "    return print(args)",
        "    args = argparse.ArgumentParser().parse_args()\n    sys.exit(main(args))"),
    "globals, functions and classes in it": (
        ("main():\n    global n\n    def f(): return args\n    class A: pass\n"
        f"{indent(PARSED, '    ')}    n = f(), A, __doc__, __file__"), "main()",
        "    global n\n    def f(): return args\n    class A: pass\n    n = f(), A, __doc__, __file__",
        "    args = parser.parse_args()\n    main(args)"),
    "code after the call": (
        f"main():\n{indent(PARSED, '    ')}    if args.n: return 1", "print(main() or 0)\nprint('done')",
        "    if args.n: return 1",
        "    args = parser.parse_args()\n    print(main(args) or 0)\n    print('done')"),
    "within a try": (
        f"main():\n{indent(PARSED, '    ')}    print(args)",
        "try:\n    main()\nexcept KeyError: print(1)", "    print(args)",
        "        args = parser.parse_args()\n        main(args)\n    except KeyError: print(1)"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_main_keeps_its_body_and_the_guard_parses(name: str) -> None:
    main, guard, body, under_the_guard = SHAPES[name]
    new = refactored(
        f"import argparse\nimport optparse\nimport sys\ndef {main}\n"
        f"if __name__ == '__main__':\n{indent(guard, '    ')}\n"
    )
    assert f":\n{body}\nif __name__" in new.replace("\n\n", "\n")
    assert new.endswith(f"{under_the_guard}\n")


@pytest.mark.parametrize(
    "script",
    ["def main():\n    print(1)\nmain()\n", "def main():\n    print(1)\nif __name__ == '__main__': main()\n"],
    ids=["no guard", "on the guard's line"],
)  # fmt: skip
def test_a_call_wherever_it_stands(script: str) -> None:
    assert refactored(script).endswith("main(argparse.Namespace())\n")


def test_a_call_on_the_guard_s_line_gets_the_parsing_before_it() -> None:
    new = refactored(
        f"import argparse\ndef main():\n{indent(PARSED, '    ')}    print(args)\n"
        "if __name__ == '__main__': main()\n"
    )
    assert new.endswith(f"if __name__ == '__main__':\n{indent(PARSED, '    ')}    main(args)\n")


def test_what_reads_sys_argv_among_the_logic_is_named() -> None:
    source = f"import sys\ndef main():\n    lib.f()\n    print(sys.argv)\n{GUARD}main()\n"
    result = refactor(source.encode())
    assert b"def main(args: argparse.Namespace)" in result.source
    assert [note.line for note in result.notes] == [4]


GUARD = "if __name__ == '__main__':\n    "
INSIDE = f"import argparse\ndef main():\n    {PARSER}    args = parser.parse_args()\n"

REFUSED = {
    "async, and run by others": (
        f"import asyncio\nasync def main(): print(1)\n{GUARD}asyncio.get_event_loop().run_until_complete(main())\n",
        2, "main is async: "),
    "async, with parsing that needs the loop": (
        (f"import asyncio\n{INSIDE.replace('def', 'async def').replace('=int', '=later')}    print(args)\n"
        f"def later(x): return asyncio.get_running_loop().time()\n{GUARD}asyncio.run(main())\n"), 3, "left unchanged"),
    "a decorator": (f"@x\ndef main(): print(1)\n{GUARD}main()\n", 1, "main has a decorator: "),
    "a default": (f"def main(a=f()): print(a)\n{GUARD}main()\n", 1, "the default of main's a is computed"),
    "a generator": (f"def main():\n    yield 1\n{GUARD}main()\n", 2, "main is a generator"),
    "no call": ("def main(): print(1)\n", 1, "main is never called"),
    "two calls": (f"def main(): print(1)\n{GUARD}main()\n    main()\n", 4, "this is a second use of main"),
    "no call but a use": (f"def main(): print(1)\n{GUARD}run(main)\n", 3, "main is used without being called"),
    "what is unpacked": (f"def main(a): print(a)\n{GUARD}main(*[1])\n", 3, "main is called with * or **"),
    "not what it takes": (f"def main(a): print(a)\n{GUARD}main()\n", 3, "main is not called with"),
    "more than it takes": (f"def main(a): print(a)\n{GUARD}main(1, 2)\n", 3, "main is not called with"),
    "a name twice": (f"def main(a): print(a)\n{GUARD}main(1, a=2)\n", 3, "main is not called with"),
    "a global that the parsing sets": (
        f"{INSIDE.replace('parser = ', 'global parser; parser = ')}    print(args)\n{GUARD}main()\n", 3,
        "the parsing sets the global `parser`"),
    "a function that the parsing needs": (
        (f"{INSIDE.replace('=int', '=f').replace('    parser = ', f'    def f(x): return x{chr(10)}    parser = ')}"
        f"    print(args)\n{GUARD}main()\n"), 3, "the parsing needs f, which is defined in main"),
    "an end before the arguments are parsed": (
        (f"import argparse\ndef main():\n    if f(): return\n    {PARSER}    args = parser.parse_args()\n"
        f"    print(args)\n{GUARD}main()\n"), 3, "main returns before all arguments are parsed"),
    "nothing but parsing": (f"{INSIDE}{GUARD}main()\n", 3, "the parsing and the logic share a line"),
    "parsing in a try": (
        ("import argparse\ndef main():\n    try:\n        args = argparse.ArgumentParser().parse_args()\n"
        f"        print(args)\n    except OSError:\n        pass\n{GUARD}main()\n"), 3, "parse the arguments first"),
    "a function that parses": (
        ("import argparse\ndef run():\n    a = argparse.ArgumentParser().parse_args()\n"
        f"def main():\n    run()\n{GUARD}main()\n"), 2, "run parses the arguments itself"),
    "a name for two": (f"{INSIDE.replace('main()', 'main(b, a)')}    print(args)\n{GUARD}b, a = 1, 2\n    main(a, b)\n",
                       9, "main gets b under another name"),
    "a name that may not be set": (
        f"{INSIDE.replace('    args =', f'    if f(): x = 1{chr(10)}    args =')}    print(args, x)\n{GUARD}main()\n",
        7, "x may not be set when the logic begins"),
    "nothing but a docstring": (f"def main():\n    'text'\n{GUARD}main()\n", 1, "main has no logic"),
    "self": (f"def main(self): print(self)\n{GUARD}main(f())\n", 1, "a Namespace cannot take `self`"),
    "a call in a function": (f"{INSIDE}    print(args)\ndef run(): main()\n{GUARD}run()\n", 2, "left unchanged"),
    "two variables of one name": (
        f"def f(): return parser\n{INSIDE}    print(f(), args)\n{GUARD}main()\n", 3, "left unchanged"),
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
    assert "main(argparse.Namespace(b=f(), a=g()))" in new


@pytest.mark.parametrize(
    "source",
    [
        f"def f():\n    global a\n    a = 2\ndef main(a):\n    f()\n    print(a)\n{GUARD}a = 1\n    main(a)\n",
        f"n = 7\ndef main(n):\n    print(n)\n{GUARD}main(5)\n    print(n)\n",
        f"n = 7\ndef main():\n    n = 1\n    print(n)\n{GUARD}main()\n    print(n)\n",
    ],
    ids=["set by a function", "a parameter", "a variable"],
)
def test_a_name_that_is_another_variable_outside_of_main_stays_so(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = refactor(source.encode()).source
    assert b"def main(args: argparse.Namespace)" in new
    assert execute(new, monkeypatch) == execute(source.encode(), monkeypatch)


def test_a_main_that_another_file_imports_stays() -> None:
    source = f"def main():\n    print(1)\n{GUARD}main()\n".encode()
    result = refactor(source, imported=["main"])
    assert result.source == source
    assert [note.text for note in result.notes] == [
        "another file imports main: let it import what main calls"
    ]
