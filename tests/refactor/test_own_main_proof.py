"""The proof that a main of the script's own does as main(args) what it did, and what it refuses."""

from __future__ import annotations

from textwrap import indent

import pytest
from csa.refactor.own_main_proof import prove_own_main
from csa.refactor.proof import Unproven

GUARD = "if __name__ == '__main__':\n    "
TOP = "import argparse\nimport sys\n"
PARSED = (
    "parser = argparse.ArgumentParser()\nparser.add_argument('--n')\nargs = parser.parse_args()\n"
)
MAIN = "def main(args: argparse.Namespace)"


def moved(
    logic: str, *, taken: str = "", call: str = "main(args)", also: str = ""
) -> tuple[str, str]:
    """A script whose main parses and goes on with the logic, and the same with the parsing under
    the guard. `also` is more of what main began with."""
    parsing, inside = indent(PARSED + also, "    "), indent(logic, "    ")
    old = f"{TOP}def main():\n{parsing}{inside}{GUARD}sys.exit(main())\n"
    new = f"{TOP}{MAIN}:\n{indent(taken, '    ')}{inside}{GUARD}{parsing[4:]}    sys.exit({call})\n"
    return old, new


def given(main: str, call: str, taken: str, new_call: str, top: str = TOP) -> tuple[str, str]:
    """A script whose main gets values, and the same with a namespace of them."""
    head, _, body = main.partition("): ")
    parsing = indent(PARSED, "    ")[4:]
    old = f"{top}def {head}):\n    {body}\n{GUARD}{parsing}    {call}\n"
    new = f"{top}{MAIN}:\n{indent(taken, '    ')}    {body}\n{GUARD}{parsing}    {new_call}\n"
    return old, new


COPY = 'main(argparse.Namespace(**{**vars(args), "x": x}))'

PROVEN = {
    "the parsing": moved("print(args.n)\nreturn 3\n"),
    "a name besides": moved("print(args.n, x)\n", taken="x = args.x\n", call=COPY, also="x = 1\n"),
    "a namespace in another one": moved(
        "print(args, x)\n",
        taken="x = args.x\nargs = args.args\n",
        call="main(argparse.Namespace(args=args, x=x))",
        also="x = 1\n",
    ),
    "an annotation": given("main(x: int): print(x)", "main(2)", "x: int = args.x\n",
                           "main(argparse.Namespace(x=2))"),
    "values": given("main(x, y=4): print(x, y)", "main(f())", "x = args.x\ny = 4\n",
                    "main(argparse.Namespace(x=f()))"),
    "values in their order": given("main(x, y): print(x, y)", "main(y=f(), x=g())",
                                   "x = args.x\ny = args.y\n",
                                   "main(argparse.Namespace(y=f(), x=g()))"),
    "attributes": given("main(x, y): print(x, y)", "main(args.n, args.m)", "x = args.n\ny = args.m\n",
                        "main(args)"),
    "any number": given("main(*x): print(x)", "main(1, *f())", "x = args.x\n",
                        "main(argparse.Namespace(x=(1, *f())))"),
    "a definition that stays": (
        f"{TOP}def main():\n    def f(): return args\n    args = parse()\n    print(f())\n{GUARD}main()\n",
        f"{TOP}{MAIN}:\n    def f(): return args\n    print(f())\n{GUARD}args = parse()\n    main(args)\n",
    ),
    "a global that stays": (
        f"{TOP}def main():\n    global g\n    args = parse()\n    g = args\n{GUARD}main()\n",
        f"{TOP}{MAIN}:\n    global g\n    g = args\n{GUARD}args = parse()\n    main(args)\n",
    ),
    "what is parsed without a name": (
        f"{TOP}def main():\n    print(parse(), 1)\n{GUARD}main()\n",
        f"{TOP}{MAIN}:\n    print(args, 1)\n{GUARD}args = parse()\n    main(args)\n",
    ),
    "a new import": (
        f"def main():\n    print(1)\n{GUARD}main()\n",
        f"import argparse\n{MAIN}:\n    print(1)\n{GUARD}main(argparse.Namespace())\n",
    ),
    "a parameter of the parsing": (
        f"{TOP}def main(argv=None):\n    args = parse(argv)\n    print(args)\n{GUARD}main()\n",
        f"{TOP}{MAIN}:\n    print(args)\n{GUARD}argv = None\n    args = parse(argv)\n    main(args)\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROVEN)
def test_what_runs_as_before_is_proven(name: str) -> None:
    old, new = PROVEN[name]
    prove_own_main(old.encode(), new.encode())


def wrong(name: str, right: str, other: str, *, old: bool = False) -> tuple[str, str]:
    """A pair with a text of the new script, or else of both, replaced."""
    pair = PROVEN[name]
    assert right in pair[1]
    changed = pair[1].replace(right, other)
    return (pair[0].replace(right, other) if old else pair[0]), changed


# Each says what the wrong move is; both scripts of a pair change where the fault is in what moves.
UNPROVEN = [
    (wrong("the parsing", ":\n    print", ":\n    if print"), "it would not compile"),
    (wrong("the parsing", "args: argparse.Namespace", "args"), "main is not main(args)"),
    (wrong("the parsing", "def main", "@print\ndef main"), "main is not a plain function"),
    (wrong("the parsing", "return 3", "yield 3"), "main is not a plain function"),
    (wrong("the parsing", "return 3", "return 4"), "line 8 was lost"),
    (wrong("the parsing", "    return 3\n", ""), "line 8 was lost"),
    (wrong("the parsing", "    return 3\n", "    return 3\n    print(5)\n"), "line 6 is new"),
    (wrong("the parsing", "args.n)", "args.m)"), "line 7 was lost"),
    (wrong("the parsing", "'--n'", "'--m'"), "line 5 was lost"),
    (wrong("the parsing", "    parser.add_argument('--n')\n", ""), "line 5 was lost"),
    (wrong("the parsing", "    args = parser.parse_args()\n", ""), "line 6 was lost"),
    (wrong("the parsing", "sys.exit(main(args))", "main(args)"), "code besides main"),
    (wrong("the parsing", "    sys.exit", "    print(0)\n    sys.exit"), "line 7 would run at another time"),
    (wrong("the parsing", "import sys\n", "import sys\nimport os\n"), "code besides main"),
    (wrong("the parsing", "main(args))", "main(args, 1))"), "main does not get one argument"),
    (wrong("the parsing", "main(args))", "main(args=args))"), "main does not get one argument"),
    (wrong("the parsing", "main(args))", "main(parser))"), "main does not take over args"),
    (wrong("the parsing", "main(args))", "main(vars(args)))"), "main gets something new"),
    (wrong("the parsing", "main(args))", "main(argparse.Namespace()))"), "main does not take over args"),
    (wrong("the parsing", "sys.exit(main(args))", "sys.exit(main(args))\n    main(args)"),
     "main is not called once"),
    (wrong("the parsing", "import argparse\n", ""), "argparse is not there when main is defined"),
    (wrong("the parsing", "Namespace):\n", "Namespace):\n    'text'\n"), "main would have a docstring"),
    (wrong("the parsing", "Namespace):", "Namespace) -> None:"), "main would have another return"),
    (wrong("a name besides", "    x = args.x\n", ""), "main does not take over x"),
    (wrong("a name besides", "x = args.x", "x = args.n"), "main does not take over x"),
    (wrong("a name besides", '"x": x}', '"x": args}'), "main gets something new"),
    (wrong("a name besides", '**vars(args), "x": x', '"x": x, **vars(args)'), "main gets something new"),
    (wrong("a name besides", "args.n, x", "args.x, x", old=True), "args is used as a whole"),
    (wrong("a name besides", "args.n, x", "args, x", old=True), "args is used as a whole"),
    (wrong("a name besides", "x = 1", "x = args", old=True), "args has another name"),
    (wrong("a name besides", "parser.parse_args()", "f()", old=True), "args may not be a plain Namespace"),
    (wrong("a name besides", "    x = 1\n", "    if f(): x = 1\n", old=True), "x may not be set"),
    (wrong("the parsing", "main(args))", "main(arg))"), "arg may not be set"),
    (("import argparse\ndef main():\n    args = f()\n    print(args)\nmain()\n",
      f"import argparse\n{MAIN}:\n    args = f()\n    print(args)\nmain(args)\n"), "args may not be set"),
    (("import argparse\ndef main(x):\n    print(1)\nmain(2)\n",
      f"import argparse\n{MAIN}:\n    print(1)\nmain(argparse.Namespace(x=y))\n"), "what main gets would be"),
    (("import argparse\ndef main(x):\n    print(1)\nmain(x)\n",
      f"import argparse\n{MAIN}:\n    print(1)\nmain(argparse.Namespace())\n"), "what main gets would be"),
    (("import argparse\ndef main(x):\n    args = f()\n    print(args)\nmain(x)\n",
      f"import argparse\n{MAIN}:\n    print(args)\nargs = f()\nmain(args)\n"), "x may not be set when main is called"),
    (("import argparse\ndef main(x=1):\n    if x: x = f()\n    print(x)\nmain()\n",
      f"import argparse\n{MAIN}:\n    x = args.x\n    print(x)\nif x: x = f()\nmain(argparse.Namespace(x=x))\n"),
     "x is not set when it is read"),
    (wrong("a namespace in another one", "    x = args.x\n    args = args.args\n",
           "    args = args.args\n    x = args.x\n"), "line 8 was lost"),
    (wrong("a namespace in another one", "args=args, x=x", "args=args, x=args"), "main does not take over x"),
    (wrong("a namespace in another one", "    args = args.args\n", ""), "main does not take over args"),
    (wrong("an annotation", "x=2", "x=3"), "main does not take over x"),
    (wrong("an annotation", "(x=2)", "(x=2, y=f())"), "what main gets would be evaluated"),
    (wrong("values", "x=f()", "x=g()"), "what main gets would be evaluated"),
    (wrong("values", "y = 4", "y = 5"), "line 4 was lost"),
    (wrong("values", "    y = 4\n", ""), "main does not take over y"),
    (wrong("values in their order", "y=f(), x=g()", "x=g(), y=f()"), "what main gets would be evaluated"),
    (wrong("values in their order", "x = args.x\n", "x = args.y\n"), "main does not take over x"),
    (wrong("attributes", "x = args.n", "x = args.m"), "main does not take over x"),
    (wrong("attributes", "    x = args.n\n    y = args.m\n", "    y = args.m\n"), "what main gets would be"),
    (wrong("any number", "(1, *f())", "[1, *f()]"), "what main gets would be evaluated"),
    (wrong("a definition that stays", "return args", "return 1"), "line 4 was lost"),
    (wrong("a definition that stays", "def f(): return args", "@print\n    def f(): return args", old=True),
     "line 5 would run at another time"),
    (wrong("a definition that stays", "parse()", "parse(f)", old=True), "f is not set when it is read"),
    (wrong("a global that stays", "    global g\n", ""), "line 4 was lost"),
    (wrong("a global that stays", "global g", "global args", old=True), "it would not compile"),
    (wrong("what is parsed without a name", "print(args, 1)", "print(1, args)"), "line 4 was lost"),
    (wrong("what is parsed without a name", "print(", "print(args, ", old=True), "line 4 was lost"),
    (wrong("a new import", "import argparse\n", "import argparse as a\n"), "argparse is not there"),
    (wrong("a new import", "print(1)", "print(locals())", old=True), "locals() gives other variables"),
    (wrong("a new import", "print(1)", "print(dir())", old=True), "dir() gives other variables"),
    (wrong("a new import", "print(1)", "run(globals())", old=True), "the names of the module are passed on"),
    (wrong("a new import", "print(1)", "print(args)", old=True), "args means something else in main"),
    (wrong("a new import", "print(1)", "print(argparse)", old=True), "argparse may mean something else"),
    (wrong("a new import", "print(1)", "import pdb; f('main')", old=True), "a text names main"),
    (wrong("a new import", "print(1)", "[print(x) for x in globals()]", old=True), "line 2 looks up names"),
    (wrong("a parameter of the parsing", "argv = None", "argv = 1"), "main would get another argv"),
    (wrong("a parameter of the parsing", "argv = None\n    ", ""), "argv is not set when it is read"),
    (wrong("a parameter of the parsing", "parse(argv)", "parse(sys)"), "line 4 was lost"),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "says"), UNPROVEN, ids=range(len(UNPROVEN)))
def test_a_wrong_move_is_refused(pair: tuple[str, str], says: str) -> None:
    with pytest.raises(Unproven) as raised:
        prove_own_main(pair[0].encode(), pair[1].encode())
    assert str(raised.value).startswith(says)


def parses(before: str, logic: str, *, top: str = TOP, call: str = "main()", below: str = "",
           around: str = "") -> tuple[str, str]:  # fmt: skip
    """A script whose parsing has more to it, and the same with all of it under the guard."""
    block = f"{before}args = parse()\n"
    old_call, new_call = call, block + call.replace("main()", "main(args)")
    if around:
        old_call, new_call = (
            f"{around}:\n{indent(inner, '    ')}\nfinally: pass" for inner in (old_call, new_call)
        )
    guard = "if __name__ == '__main__':\n"
    old = (f"{top}def main():\n{indent(block + logic, '    ')}{guard}{indent(old_call, '    ')}\n"
           f"{below}")  # fmt: skip
    new = f"{top}{MAIN}:\n{indent(logic, '    ')}{guard}{indent(new_call, '    ')}\n{below}"
    return old, new


VISIBLE = [
    (parses("", "print(args)\n", top=f"{TOP}def f(): return args\n"), "args is a variable of main's"),
    (parses("", "print(args)\n", top=f"{TOP}args = 1\n"), "args is a variable of main's"),
    (parses("", "print(args)\n", below="print(args)\n"), "args is a variable of main's"),
    (parses("if f(): return\n", "print(args)\n"), "it would not compile"),
    (parses("import os\nfor x in f(): x: g() = 1\n", "print(args)\n"), "the annotation in line 5"),
    (parses("warn('x', stacklevel=2)\n", "print(args)\n"), "a warning or log record with a stacklevel may report another function"),
    (parses("def f(): pass\n", "print(args)\n"), "line 4 means something else"),
    (parses("print(x)\n", "x = args\n"), "x is not set when it is read"),
    (parses("id = id(1)\n", "print(args)\n"), "id would be Python's before it is set"),
    (parses("print(len)\nlen = 2\n", "print(args)\n"), "len would be Python's before it is set"),
    (parses("x = 1\nf(lambda: x)\n", "x = 2\n"), "x would become two variables"),
    (parses("x = open('x', 'w')\n", "print(args)\n", below="print(2)\n"), "what main opens would be closed"),
    (parses("f(argparse.FileType('w'))\n", "print(args)\n", around="try"),
     "what main opens would be closed"),
    (parses("", "print(args)\n", call="print(1, main())"), "main is not what its line begins with"),
    (parses("", "print(args)\n", call="f().g(main())"), "main is not what its line begins with"),
    (parses("__x = 1\n", "print(args)\n"), "__x would be the module's"),
    (parses("", "print(args)\n", top=f"{TOP}import inspect\n"), "variables may be looked up by name"),
    (parses("", "print(args)\n", top=f"{TOP}def f(x: 'args'): pass\n"), "args is named in an annotation"),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "says"), VISIBLE, ids=range(len(VISIBLE)))
def test_what_others_could_tell_is_refused(pair: tuple[str, str], says: str) -> None:
    with pytest.raises(Unproven) as raised:
        prove_own_main(pair[0].encode(), pair[1].encode())
    assert str(raised.value).startswith(says)


def test_a_comment_of_the_signature_is_not_lost() -> None:
    old, new = PROVEN["an annotation"]
    with pytest.raises(Unproven, match="'# kept' was lost"):
        prove_own_main(old.replace("main(2)", "main(2)  # kept").encode(), new.encode())
