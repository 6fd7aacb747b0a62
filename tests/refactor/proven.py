"""Pairs of scripts of which the second is proven to run as the first."""

from __future__ import annotations

from textwrap import indent

PARSED = "args = argparse.ArgumentParser().parse_args()\n"


def pair(
    logic: str,
    *,
    top: str = "import argparse\n",
    setup: str = PARSED,
    taken: str = "",
    call: str = "main(args)",
    below: str = "",
) -> tuple[str, str]:
    """A script with its logic under the guard, and the same with the logic in main.

    `setup` is what precedes the logic, `taken` what main begins with, `below` what follows the
    guard.
    """
    old = f'{top}if __name__ == "__main__":\n{indent(setup + logic, "    ")}{below}'
    new = (
        f"{top}def main(args: argparse.Namespace) -> None:\n{indent(taken + logic, '    ')}"
        f'if __name__ == "__main__":\n{indent(setup + call, "    ")}\n{below}'
    )
    return old, new


def edited(of: tuple[str, str], right: str, wrong: str) -> tuple[str, str]:
    old, new = of
    assert new.count(right) == 1
    return old, new.replace(right, wrong)


NAMES = "name = args.name\n"
COPY = 'main(argparse.Namespace(**{**vars(args), "name": name}))'
MADE = "name = 1\n"

PROVEN = {
    "the whole namespace": pair("print(args)\n"),
    "by another name": pair(
        "print(opts)\n", setup="opts = parse()\n", taken="opts = args\n", call="main(opts)"
    ),
    "nothing": pair("print(1)\n", setup="", call="main(argparse.Namespace())"),
    "more parentheses": edited(
        pair("print(1)\n", setup="", call="main(argparse.Namespace())"), "print(1)", "print((1))"
    ),
    "a name": pair(
        "print(name)\n", setup=MADE, taken=NAMES, call="main(argparse.Namespace(name=name))"
    ),
    "a name besides": pair("print(name, args.x)\n", setup=PARSED + MADE, taken=NAMES, call=COPY),
    "a name that changes": pair(
        "name += 1\n", setup=MADE, taken=NAMES, call="main(argparse.Namespace(name=name))"
    ),
    "args that changes": pair("args = 1\nprint(args)\n"),
    "what it parses": (
        "import argparse\nprint(run(parse(), 1))\n",
        (
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    print(run(args, 1))\n"
            "main(parse())\n"
        ),
    ),
    "what it parses, to be raised": (
        "import argparse\n'Says it.'\nraise SystemExit(run(parse()))\n",
        (
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    'Says it.'\n"
            "    raise SystemExit(run(args))\nmain(parse())\n"
        ),
    ),
    "another main in a function": pair(
        "go(args)\n",
        top="import argparse\ndef go(args):\n    async def main(): pass\n    run(main())\n",
    ),
    "what it parses, awaited": (
        "import argparse, asyncio\nx = asyncio.run(parse())\nprint(x)\n",
        (
            "import argparse, asyncio\ndef main(args: argparse.Namespace) -> None:\n"
            "    x = asyncio.run(args)\n    print(x)\nmain(parse())\n"
        ),
    ),
    "a global": pair(
        "items = []\nadd()\n",
        top="import argparse\ndef add(): items.append(1)\n",
        taken="global items\n",
    ),
    "a class that reads its variables": pair(
        "x = 1\nclass A:\n    y = x\n    def f(self): return x\n", taken="global A\n"
    ),
    "a docstring": (
        "import argparse\nif __name__ == '__main__':\n    'Says it.'\n    print(1)\n",
        (
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    'Says it.'\n    print(1)\n"
            "if __name__ == '__main__':\n    main(argparse.Namespace())\n"
        ),
    ),
    "a docstring before what it gets": (
        "import argparse\nname = 1\n'Says it.'\nprint(name)\n",
        (
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    'Says it.'\n"
            "    name = args.name\n    print(name)\n"
            "name = 1\nmain(argparse.Namespace(name=name))\n"
        ),
    ),
    "within try": (
        "import argparse\ntry:\n    args = parse()\n    print(args)\nfinally:\n    print(2)\n",
        (
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    print(args)\n"
            "try:\n    args = parse()\n    main(args)\nfinally:\n    print(2)\n"
        ),
    ),
    "within with": (
        "import argparse\nwith x as y:\n    print(y)\n",
        (
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    y = args.y\n    print(y)\n"
            "with x as y:\n    main(argparse.Namespace(y=y))\n"
        ),
    ),
    "another import": (
        "print(1)\n",
        (
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    print(1)\n"
            "main(argparse.Namespace())\n"
        ),
    ),
    "argparse that changes later": pair(
        "print(args)\n",
        setup="argparse = argparse.ArgumentParser()\nargs = argparse.parse_args()\n",
    ),
    "definitions that stay": (
        "import argparse\nprint(1)\nLIMIT = 3\ndef f(): return LIMIT\nprint(f())\n",
        (
            "import argparse\nLIMIT = 3\ndef f(): return LIMIT\n"
            "def main(args: argparse.Namespace) -> None:\n    print(1)\n    print(f())\n"
            "main(argparse.Namespace())\n"
        ),
    ),
    "three guards": (
        "import argparse\n" + 'if __name__ == "__main__":\n    a()\n' * 3,
        (
            "import argparse\ndef main(args: argparse.Namespace) -> None:\n    a()\n    a()\n    a()\n"
            'if __name__ == "__main__":\n    main(argparse.Namespace())\n'
        ),
    ),
    "a name that functions below have for their own": pair(
        "total = 1\nprint(total)\n",
        below="def f(total): return total\ndef g():\n    total = 2\n    return total\n"
        "key = lambda total: total\n",
    ),
    "a main that is there": (
        "def main(args): print(args)\nargs = parse()\nmain(args)\n",
        'def main(args): print(args)\nif __name__ == "__main__":\n    args = parse()\n    main(args)\n',
    ),
}
