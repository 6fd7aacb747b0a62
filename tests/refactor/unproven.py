"""Pairs of scripts that differ in one respect, and what the proof says of it."""

from __future__ import annotations

from tests.refactor.proven import COPY, MADE, NAMES, PARSED, PROVEN, edited, pair

# Each row is a script, another that differs in one respect, and what the proof says of it.
OTHERS: list[tuple[tuple[str, str], str]] = [
    (
        edited(PROVEN["nothing"], "print(1)", "print(1"),
        "it would not compile: Python 3.",
    ),
    (edited(PROVEN["nothing"], "print(1)", "print(\0)"), "it would not compile: "),
    (
        ("'doc'\nprint(1)\n", "import argparse\n'doc'\nprint(1)\n"),
        "the module would have another docstring",
    ),
    (
        (
            "import argparse\nif __name__ == '__main__':\n    a()\nelse:\n    b()\n",
            (
                "import argparse\ndef main(args: argparse.Namespace) -> None:\n    a()\n"
                "if __name__ == '__main__':\n    main(argparse.Namespace())\nelse:\n    c()\n"
            ),
        ),
        "the guard would have another else branch",
    ),
    (
        pair("print(1)\n", top="import argparse\n__name__ = '__main__'\n"),
        "__name__ is set, which the guard reads",
    ),
    (
        pair("print(1)\n", top="import argparse\nprint(list(globals()))\n"),
        "line 2 lists the module's names, to which main() would be added",
    ),
    # Main and its call
    (pair("print(1)\n", top="import argparse\nmain = 1\n"), "the name main is already used"),
    (pair("f()\n", top="import argparse\ndef f(): main()\n"), "the name main is already used"),
    (("print(1)\n", "print(1)\n"), "main is not defined exactly once"),
    (
        edited(PROVEN["the whole namespace"], "if __name__", "def main(args): pass\nif __name__"),
        "main is not defined exactly once",
    ),
    *(
        (edited(PROVEN["the whole namespace"], right, wrong), "main is not main(args)")
        for right, wrong in [
            ("args: argparse.Namespace)", "args: argparse.Namespace, more=1)"),
            ("-> None", "-> print(1)"),
            ("def main", "@print\ndef main"),
        ]
    ),
    (
        edited(
            PROVEN["the whole namespace"], "    main(args)\n", "    main(args)\n    main(args)\n"
        ),
        "main is not called once",
    ),
    (edited(PROVEN["the whole namespace"], "    main(args)\n", ""), "main is not called once"),
    (
        edited(PROVEN["the whole namespace"], "print(args)", "main"),
        "line 4 would run at another time",
    ),
    (
        edited(PROVEN["the whole namespace"], "main(args)\n", "main(args, 1)\n"),
        "main does not get one argument",
    ),
    (
        edited(PROVEN["the whole namespace"], "main(args)\n", "main(args, x=1)\n"),
        "main does not get one argument",
    ),
    *(
        (edited(PROVEN["a name besides"], COPY, f"main(argparse.Namespace({wrong}))"), says)
        for wrong, says in [
            ('**{**vars(args), "name": 1}', "main gets something new"),
            ('**{**vars(args), "name": other}', "main gets something new"),
            ('**{"name": name, **vars(args)}', "main gets something new"),
            ("args, name=name", "main gets something new"),
            ("name=name, **vars(args)", "main gets something new"),
            ("name=name", "args means something else in main"),
        ]
    ),
    (
        edited(PROVEN["by another name"], "    opts = args\n", ""),
        "main does not take over opts",
    ),
    (
        edited(PROVEN["a name"], "    name = args.name\n", ""),
        "main does not take over name",
    ),
    (
        edited(PROVEN["a name"], "name = args.name", "name = args.other"),
        "main does not take over name",
    ),
    (
        edited(PROVEN["a name"], "    name = args.name\n    print(name)\n", "    global name\n"),
        "main does not take over name",
    ),
    (
        pair(
            "print(args, name)\n",
            setup="args = name = 1\n",
            taken="args = args.args\nname = args.name\n",
            call="main(argparse.Namespace(args=args, name=name))",
        ),
        "args would mean something else before the rest is taken over",
    ),
    (
        (
            "import argparse\nfrom x import *\nprint(1)\n",
            (
                "import argparse\ndef main(args: argparse.Namespace) -> None:\n    print(1)\n"
                "from x import *\nmain(argparse.Namespace())\n"
            ),
        ),
        "import * may bring another main",
    ),
    (
        edited(PROVEN["the whole namespace"], "    main(args)\n", "    if 1: main(args)\n"),
        "main is called within another statement",
    ),
    (
        edited(PROVEN["the whole namespace"], "    main(args)\n", "    x = main(args)\n"),
        "main is called within another statement",
    ),
    (
        (
            "import argparse\nprint(1)\n",
            (
                "import argparse\nmain(argparse.Namespace())\n"
                "def main(args: argparse.Namespace) -> None:\n    print(1)\n"
            ),
        ),
        "main is called before it is defined",
    ),
    (
        pair("print(args)\n", setup="if x:\n    args = 1\n"),
        "args may not be set when main is called",
    ),
    (
        pair(
            "print(name)\n",
            setup="if x:\n    name = 1\n",
            taken=NAMES,
            call="main(argparse.Namespace(name=name))",
        ),
        "name may not be set when main is called",
    ),
    (
        pair("print(name)\n", setup=PARSED + MADE + "kept = args\n", taken=NAMES, call=COPY),
        "args has another name",
    ),
    (
        pair(
            "print(name)\n",
            setup=PARSED + MADE + "def f(given=args): pass\n",
            taken=NAMES,
            call=COPY,
        ),
        "args has another name",
    ),
    (
        pair(
            "print(name)\n",
            setup="args = parser.parse_args(namespace=x)\n" + MADE,
            taken=NAMES,
            call=COPY,
        ),
        "args may not be a plain Namespace",
    ),
    (
        pair("print(name, args)\n", setup=PARSED + MADE, taken=NAMES, call=COPY),
        "args is used as a whole",
    ),
    (
        pair("print(args.name, name)\n", setup=PARSED + MADE, taken=NAMES, call=COPY),
        "args is used as a whole",
    ),
    (
        pair(
            "print(name)\n",
            top="import argparse\ndef f(): args.x = 1\n",
            setup=PARSED + MADE,
            taken=NAMES,
            call=COPY,
        ),
        "args is used by functions",
    ),
    (
        edited(PROVEN["what it parses"], "run(args, 1)", "run(args, args)"),
        "args is not used exactly once, in the first statement",
    ),
    (
        (
            "import argparse\nprint(1)\nprint(parse())\n",
            (
                "import argparse\ndef main(args: argparse.Namespace) -> None:\n    print(1)\n"
                "    print(args)\nmain(parse())\n"
            ),
        ),
        "args is not used exactly once, in the first statement",
    ),
    *(
        (
            (
                f"import argparse\n{statement.replace('args', 'parse()')}\n",
                (
                    "import argparse\ndef main(args: argparse.Namespace) -> None:\n"
                    f"    {statement}\nmain(parse())\n"
                ),
            ),
            "something is evaluated before the arguments are parsed",
        )
        for statement in [
            "x += f(args)",
            "f().g(args)",
            "f[0](args)",
            "f(1, args)",
            "f(x=args)",
            "del x[args]",
        ]
    ),
    (
        edited(
            PROVEN["another import"],
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    print(1)\n",
            "def main(args: argparse.Namespace) -> None:\n    print(1)\nimport argparse\n",
        ),
        "argparse is not there when main is defined",
    ),
    (
        pair("print(args)\n", top="import argparse\nfrom x import argparse\n"),
        "argparse is not there when main is defined",
    ),
    (
        pair("print(1)\n", setup="argparse = 1\n", taken="", call="main(argparse.Namespace())"),
        "argparse also means something else",
    ),
    (
        (
            "argparse = 1\nprint(argparse)\n",
            (
                "import argparse\ndef main(args: argparse.Namespace) -> None:\n    argparse = args.argparse\n"
                "    print(argparse)\nargparse = 1\nmain(argparse.Namespace(argparse=argparse))\n"
            ),
        ),
        "argparse also means something else",
    ),
    # What runs, and in which order
    (
        (
            "import argparse\na()\nb()\n",
            (
                "import argparse\ndef main(args: argparse.Namespace) -> None:\n    b()\n    a()\n"
                "main(argparse.Namespace())\n"
            ),
        ),
        "line 2 would run at another time",
    ),
    (
        edited(PROVEN["nothing"], "    print(1)\n", "    print(1)\n    print(1)\n"),
        "statements were lost or added",
    ),
    (
        edited(PROVEN["definitions that stay"], "LIMIT = 3\n", ""),
        "statements were lost or added",
    ),
    (
        edited(PROVEN["definitions that stay"], "LIMIT = 3", "LIMIT = 4"),
        "statements were lost or added",
    ),
    (
        (
            "import argparse\nb = 1\na()\nclass A:\n    c = b\n",
            (
                "import argparse\nclass A:\n    c = b\nb = 1\n"
                "def main(args: argparse.Namespace) -> None:\n    a()\nmain(argparse.Namespace())\n"
            ),
        ),
        "line 4 would pass line 2, which sets what it reads or sets",
    ),
    (
        (
            "import argparse\na()\nb = 1\nb()\nb = 2\n",
            (
                "import argparse\nb = 2\ndef main(args: argparse.Namespace) -> None:\n    global b\n"
                "    a()\n    b = 1\n    b()\nmain(argparse.Namespace())\n"
            ),
        ),
        "line 3 would pass line 5, which sets what it reads or sets",
    ),
    (
        (
            "import argparse\nimport b\na()\nclass A(b): pass\n",
            (
                "import argparse\nclass A(b): pass\nimport b\n"
                "def main(args: argparse.Namespace) -> None:\n    a()\nmain(argparse.Namespace())\n"
            ),
        ),
        "line 2 would run at another time",
    ),
    (
        (
            "import argparse\nfrom typing import Any\na()\nB: Any = 1\n",
            (
                "import argparse\nB: Any = 1\nfrom typing import Any\n"
                "def main(args: argparse.Namespace) -> None:\n    a()\nmain(argparse.Namespace())\n"
            ),
        ),
        "line 4 would pass line 2, which sets what it reads or sets",
    ),
    (
        (
            "import argparse\nprint(b)\nb = 1\nprint(b)\n",
            (
                "import argparse\nb = 1\ndef main(args: argparse.Namespace) -> None:\n    print(b)\n"
                "    print(b)\nmain(argparse.Namespace())\n"
            ),
        ),
        "line 3 would pass line 2, which may use it",
    ),
    (
        (
            "import argparse\ndef f(): return b\nprint(f())\nb = 1\n",
            (
                "import argparse\ndef f(): return b\nb = 1\n"
                "def main(args: argparse.Namespace) -> None:\n    print(f())\n"
                "main(argparse.Namespace())\n"
            ),
        ),
        "line 4 would pass line 3, which may use it",
    ),
    (
        (
            "import argparse\nprint(eval(x))\nb = 1\n",
            (
                "import argparse\nb = 1\ndef main(args: argparse.Namespace) -> None:\n    print(eval(x))\n"
                "main(argparse.Namespace())\n"
            ),
        ),
        "line 3 would pass line 2, which may use it",
    ),
    *(
        (
            (
                f"import argparse, sys, importlib\n{held}print({look})\ndef b(): pass\n",
                (
                    f"import argparse, sys, importlib\n{held}def b(): pass\n"
                    f"def main(args: argparse.Namespace) -> None:\n    print({look})\n"
                    "main(argparse.Namespace())\n"
                ),
            ),
            f"line {3 + bool(held)} would pass line {2 + bool(held)}, which may use it",
        )
        for held, look in [
            ("", "hasattr(sys.modules[__name__], 'b')"),
            ("", "getattr(importlib.import_module(__name__), 'b', 1)"),
            ("", "main.__globals__.get('b')".replace("main", "sys.exit")),
            ("this = sys.modules[__name__]\n", "hasattr(this, 'b')"),
        ]
    ),
    # Nothing else changed
    ((pair("print(1)  # one\n")[0], pair("print(1)\n")[1]), "'# one' was lost"),
    ((pair("print('a')\n")[0], pair('print("a")\n')[1]), "\"'a'\" was lost"),
    # Every name is the same variable
    (
        pair("print(args)\n", top="import argparse\ndef f():\n    global args\n    args = 1\n"),
        "args is set by functions",
    ),
    (
        pair(
            "print(name)\n",
            top="import argparse\ndef f(x): globals().update(x)\n",
            setup=MADE,
            taken=NAMES,
            call="main(argparse.Namespace(name=name))",
        ),
        "name may be looked up by name",
    ),
    (
        pair("A = type('A', (), {})\nprint(A())\n"),
        "A would not be found by name, or not last",
    ),
    (
        pair("__file__ = __file__.upper()\nprint(__file__)\n"),
        "__file__ would no longer be the module's",
    ),
    (
        pair("for _ in x: pass\n", top="import argparse, gettext\n"),
        "_ would lose the value that it has before main sets it",
    ),
    (
        pair("max = 3\ndel max\nprint(max(1, 2))\n"),
        "max would lose the value that it has before main sets it",
    ),
    (
        (
            pair("args = 1\n", below="print(args)\n")[0],
            pair("args = 1\n", below="")[1].rstrip() + "; print(args)\n",
        ),
        "args would become two variables",
    ),
    (
        pair("items = []\nadd()\n", top="import argparse\ndef add(): items.append(1)\n"),
        "items would no longer be seen by functions",
    ),
    (
        pair("args = 1\nadd()\n", top="import argparse\ndef add(): print(args)\n"),
        "args would no longer be seen by functions",
    ),
    (
        pair("n = 1\ndef add():\n    global n\n    n += 1\n", taken="global add\n"),
        "n would no longer be seen by functions",
    ),
    (pair("n = 1\n", top="import argparse\nn = 0\n"), "n would become two variables"),
    (pair("n = 1\n", below="print(n)\n"), "n would become two variables"),
    (pair("n = 1\n", below="def f(x: n): pass\n"), "n would become two variables"),
    (pair("n = 1\n", below="def f(x=n): pass\n"), "n would become two variables"),
    (pair("n = 1\n", below="class A:\n    x = n\n"), "n would no longer be seen by functions"),
    (pair("n = 1\n", below="class A:\n    n = n\n"), "n would become two variables"),
    (pair("n = 1\n", below="def f(): return n\n"), "n would no longer be seen by functions"),
    (
        pair("n = 1\nf()\n", top="import argparse\ndef f():\n    class A:\n        n = n\n"),
        "n would no longer be seen by functions",
    ),
    (pair("args = 1\n", below="print(args)\n"), "args would become two variables"),
    (
        pair(
            "name = 2\n",
            setup=MADE,
            taken=NAMES,
            call="main(argparse.Namespace(name=name))",
            below="print(name)\n",
        ),
        "name would become two variables",
    ),
    (pair("n = eval(x)\n"), "n may be looked up by name"),
    (pair("n = 1\nf()\n", top="import argparse\ndef f(): exec(x)\n"), "n may be looked up by name"),
    (pair("args = eval(args.x)\n"), "args may be looked up by name"),
    (pair("input = input()\n"), "input would lose the value that it has before main sets it"),
    (
        pair("print(n)\nn = 1\n", top="import argparse\nfrom x import *\n"),
        "n would lose the value that it has before main sets it",
    ),
    (pair("x = 1\nclass A:\n    x = x\n", taken="global A\n"), "x would not be seen in a class"),
    (pair("class A:\n    args = args\n", taken="global A\n"), "args would not be seen in a class"),
    (
        pair("x = 1\ndef f():\n    class A:\n        x = x\n", taken="global f\n"),
        "x would no longer be seen by functions",
    ),
    (pair("print(locals())\n"), "locals() gives something else in a function"),
    (pair("exec(x)\n"), "exec() gives something else in a function"),
    (pair("print(vars())\n"), "vars() gives something else in a function"),
    (pair("print(dir())\n"), "dir() gives something else in a function"),
    (pair("def f(): pass\nprint(f)\n"), "f would be known by another name"),
    (pair("if x:\n    class A: pass\n"), "A would be known by another name"),
    (pair("x: f() = 1\n"), "the annotation in line 3 would not be evaluated"),
    (
        pair("x: d['k'] = 1\n", top="import argparse\nd = {}\n"),
        "the annotation in line 4 would not be evaluated",
    ),
    (pair("x: Unknown = 1\n"), "the annotation in line 3 would not be evaluated"),
    (
        pair("from decimal import Decimal\ndef show(x: 'Decimal'): pass\nshow(1)\n"),
        "Decimal is named in an annotation, which is looked up in the module",
    ),
    (
        pair("warn('x', stacklevel=2)\n"),
        "a warning or log record with a stacklevel may report another function",
    ),
    (
        pair("warnings.warn('x', None, 2)\n"),
        "a warning or log record with a stacklevel may report another function",
    ),
    (
        pair("f()\n", top="import argparse\ndef f(): warn('x', stacklevel=3)\n"),
        "a warning or log record with a stacklevel may report another function",
    ),
    (
        (
            "import patcher, threading\nprint(1)\npatcher.patch()\nLOCK = threading.Lock()\n",
            (
                "import argparse\nimport patcher, threading\nLOCK = threading.Lock()\n"
                "def main(args: argparse.Namespace) -> None:\n    print(1)\n    patcher.patch()\n"
                'if __name__ == "__main__":\n    main(argparse.Namespace())\n'
            ),
        ),
        "line 4 would pass line 3, which may replace what it uses",
    ),
    (pair("print(eval('1'))\n"), "eval() gives something else in a function"),
    (
        pair("exec('x = 1')\n", top="import argparse\nimport builtins\n"),
        "exec() gives something else in a function",
    ),
    (
        pair("builtins.exec('x = 1')\n", top="import argparse\nimport builtins\n"),
        "builtins.exec() gives something else in a function",
    ),
]
