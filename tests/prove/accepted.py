"""Edits that leave alone what runs: a script before and after, each the kind of edit that people make."""

from __future__ import annotations

ACCEPTED: dict[str, tuple[str, str]] = {
    "statements in a function that is called in their place": (
        "import lib\na = lib.f(1)\nlib.g(a)\nlib.h(a)\n",
        "import lib\ndef work(a):\n    lib.g(a)\n    lib.h(a)\na = lib.f(1)\nwork(a)\n",
    ),
    "the logic of a command of click in main": (
        (
            "import click\nimport lib\n@click.command()\n@click.argument('name')\n"
            "def run(name):\n    lib.f(name)\nif __name__ == '__main__':\n    run()\n"
        ),
        (
            "import argparse\nimport click\nimport lib\ndef main(args: argparse.Namespace) -> None:\n"
            "    name = args.name\n    lib.f(name)\n@click.command()\n@click.argument('name')\n"
            "def run(name):\n    main(argparse.Namespace(name=name))\n"
            "if __name__ == '__main__':\n    run()\n"
        ),
    ),
    "what is used later is returned": (
        "import lib\na = lib.f()\nb = lib.g(a)\nlib.h(a, b)\n",
        "import lib\ndef get():\n    x = lib.f()\n    return x, lib.g(x)\na, b = get()\nlib.h(a, b)\n",
    ),
    "functions in functions": (
        "import lib\na = lib.f()\nlib.g(a)\n",
        (
            "import lib\ndef f():\n    return lib.f()\ndef g(a):\n    lib.g(a)\n"
            "def work():\n    a = f()\n    g(a)\nwork()\n"
        ),
    ),
    "a function's statements where it was called": (
        "import lib\ndef work(a):\n    b = lib.f(a)\n    return b\nprint(work(1))\n",
        "import lib\nb = lib.f(1)\nprint(b)\n",
    ),
    "an expression in a function": (
        "import lib\nfor a in lib.f():\n    if a.x > 2 and a.y:\n        print(f'{a.x}/{a.y}')\n",
        (
            "import lib\ndef fits(a):\n    return a.x > 2 and a.y\ndef text_of(a):\n"
            "    return f'{a.x}/{a.y}'\n"
            "for a in lib.f():\n    if fits(a):\n        print(text_of(a))\n"
        ),
    ),
    "a name for a value in between": (
        "import lib\nprint(lib.f(lib.g(1)))\n",
        "import lib\nouter = lib.f(lib.g(1))\nprint(outer)\n",
    ),
    "other names of variables": (
        "import lib\nfor x in lib.f():\n    y = lib.g(x)\n    print(y)\n",
        "import lib\nfor asset in lib.f():\n    name = lib.g(asset)\n    print(name)\n",
    ),
    "names for constants": (
        "import lib\nlib.f('a/b', 30, retry=False)\n",
        "import lib\nPATH = 'a/b'\nDAYS = 30\nRETRY = False\nlib.f(PATH, DAYS, retry=RETRY)\n",
    ),
    "a constant as a default": (
        "import lib\nlib.f(10)\nlib.g(10)\n",
        "import lib\ndef work(size=10):\n    lib.f(size)\n    lib.g(size)\nwork()\n",
    ),
    "imports sorted and taken away where they have no effect": (
        "import requests\nimport sys, os\nfrom pyatlan.a import B, A\nprint(os.sep, A, B, requests)\n",
        "import os\n\nimport requests\nfrom pyatlan.a import A, B\n\nprint(os.sep, A, B, requests)\n",
    ),
    "imports for annotations": (
        "def f(a):\n    return a\nprint(f(1), f(2))\n",
        (
            "from typing import Dict, List, Optional\ndef f(a: Optional[int]) -> Dict[str, List[int]]:\n"
            "    return a\nprint(f(1), f(2))\n"
        ),
    ),
    "another name of a variable that a class makes its own": (
        "class A:\n    def f(self):\n        __a = 5\n        return __a\nprint(A().f())\n",
        "class A:\n    def f(self):\n        __b = 5\n        return __b\nprint(A().f())\n",
    ),
    "a global by the name that a class gives it": (
        "class A:\n    def f(self):\n        return 5\nprint(A().f())\n",
        "_A__S = 5\nclass A:\n    def f(self):\n        return __S\nprint(A().f())\n",
    ),
    "a file that closes at once is written in a function": (
        "import lib\nopen('t', 'w').write('x')\nlib.f('t')\n",
        "import lib\ndef write():\n    open('t', 'w').write('x')\nwrite()\nlib.f('t')\n",
    ),
    "a file that closes at once closes with a function": (
        "import lib\nopen('t', 'w').write('x')\nlib.f('t')\n",
        "import lib\ndef write():\n    f = open('t', 'w')\n    f.write('x')\nwrite()\nlib.f('t')\n",
    ),
    "a file that is only read gets a name": (
        "import lib\nx = open('t', 'rb').read()\nlib.f(x)\n",
        "import lib\nf = open('t', 'rb')\nx = f.read()\nlib.f(x)\n",
    ),
    "docstrings and comments": (
        "def f():\n    'Old.'\n    return 1\nclass C:\n    'Old.'\nprint(f(), f(), C())\n",
        (
            "'''New.'''\n# more\ndef f():\n    '''New.'''\n    return 1\nclass C:\n    '''New.'''\n"
            "print(f(), f(), C())\n"
        ),
    ),
    "definitions in another order": (
        "def f():\n    return g()\ndef g():\n    return 1\nN = 1\nprint(f(), f(), g(), N)\n",
        "N = 1\ndef g():\n    return 1\ndef f():\n    return g()\nprint(f(), f(), g(), N)\n",
    ),
    "the parsing in a function": (
        (
            "import argparse\nif __name__ == '__main__':\n    p = argparse.ArgumentParser()\n"
            "    p.add_argument('--a')\n    args = p.parse_args()\n    print(args.a)\n"
        ),
        (
            "import argparse\ndef parse():\n    p = argparse.ArgumentParser()\n"
            "    p.add_argument('--a')\n    return p.parse_args()\n"
            "def main(args: argparse.Namespace) -> None:\n    print(args.a)\n"
            "if __name__ == '__main__':\n    main(parse())\n"
        ),
    ),
    "functions that get what they need of the arguments": (
        (
            "import argparse, lib\np = argparse.ArgumentParser()\np.add_argument('-s', '--since')\n"
            "p.add_argument('name')\nargs = p.parse_args()\nclient = lib.Client()\n"
            "for a in client.find(args.name):\n    client.save(a, args.since, args.name)\n"
        ),
        (
            "import argparse, lib\ndef save(client, a, since, name):\n    client.save(a, since, name)\n"
            "def main(args):\n    client = lib.Client()\n    for a in client.find(args.name):\n"
            "        save(client, a, args.since, args.name)\n"
            "if __name__ == '__main__':\n    p = argparse.ArgumentParser()\n"
            "    p.add_argument('-s', '--since')\n    p.add_argument('name')\n    main(p.parse_args())\n"
        ),
    ),
    "sys.argv in a namespace": (
        "import sys, lib\npath = sys.argv[1]\nlib.f(path)\n",
        (
            "import argparse, sys, lib\ndef main(args):\n    lib.f(args.path)\n"
            "if __name__ == '__main__':\n    main(argparse.Namespace(path=sys.argv[1]))\n"
        ),
    ),
    "a global that becomes a parameter, in functions that call each other": (
        (
            "import lib\ndef say(x):\n    if not quiet:\n        print(x)\n"
            "def work(x):\n    say(x)\n    client.save(x)\n    say('saved')\n"
            "quiet = lib.quiet()\nclient = lib.Client()\nwork(1)\nwork(2)\n"
        ),
        (
            "import lib\ndef say(x, quiet):\n    if not quiet:\n        print(x)\n"
            "def work(client, x, quiet):\n    say(x, quiet)\n    client.save(x)\n    say('saved', quiet)\n"
            "def main():\n    quiet = lib.quiet()\n    client = lib.Client()\n"
            "    work(client, 1, quiet)\n    work(client, 2, quiet)\nmain()\n"
        ),
    ),
    "variables that functions share, set in main": (
        (
            "import lib\ndef add(x):\n    global n\n    n += 1\n    rows.append(x)\n"
            "n = 0\nrows = []\nfor x in lib.f():\n    add(x)\nadd(0)\nprint(n, rows)\n"
        ),
        (
            "import lib\ndef add(x):\n    global n\n    n += 1\n    rows.append(x)\n"
            "def main():\n    global n, rows\n    n = 0\n    rows = []\n    for x in lib.f():\n"
            "        add(x)\n    add(0)\n    print(n, rows)\nmain()\n"
        ),
    ),
    "a count that is handed through": (
        "import lib\nn = 0\nfor x in lib.f():\n    if x.ok:\n        n += 1\nprint(n)\n",
        (
            "import lib\ndef count(n, x):\n    if x.ok:\n        n += 1\n    return n\n"
            "n = 0\nfor x in lib.f():\n    n = count(n, x)\nprint(n)\n"
        ),
    ),
    "continue that becomes return": (
        "import lib\nfor x in lib.f():\n    if not x.ok:\n        continue\n    lib.g(x)\n",
        (
            "import lib\ndef work(x):\n    if not x.ok:\n        return\n    lib.g(x)\n"
            "for x in lib.f():\n    work(x)\n"
        ),
    ),
    "return in a loop": (
        (
            "import lib\nfound = None\nfor x in lib.f():\n    if x.ok:\n        found = x\n        break\n"
            "print(found)\n"
        ),
        (
            "import lib\ndef find():\n    found = None\n    for x in lib.f():\n        if x.ok:\n"
            "            found = x\n            break\n    return found\nprint(find())\n"
        ),
    ),
    "else instead of an early end, and the other way round": (
        (
            "import lib, sys\ndef f(a):\n    if a:\n        return 1\n    return 2\n"
            "if not lib.ok():\n    sys.exit(1)\nfor x in lib.f():\n    if x:\n        print(f(x))\n"
            "    else:\n        lib.g()\n        lib.h(f(x))\n"
        ),
        (
            "import lib, sys\ndef f(a):\n    if not a:\n        return 2\n    else:\n        return 1\n"
            "if lib.ok():\n    for x in lib.f():\n        if x:\n            print(f(x))\n"
            "            continue\n        lib.g()\n        lib.h(f(x))\nelse:\n    sys.exit(1)\n"
        ),
    ),
    "a function that ends the script": (
        "import lib, sys\nif lib.f():\n    print('no')\n    sys.exit(2)\nlib.g()\n",
        (
            "import lib, sys\ndef fail():\n    print('no')\n    sys.exit(2)\n"
            "if lib.f():\n    fail()\nlib.g()\n"
        ),
    ),
    "what follows a try whose handlers end": (
        (
            "import lib, sys\ntry:\n    c = lib.Client()\nexcept Exception as e:\n    print(e)\n"
            "    sys.exit(1)\nelse:\n    c.f()\n"
        ),
        (
            "import lib, sys\ndef connect():\n    try:\n        return lib.Client()\n"
            "    except Exception as e:\n        print(e)\n        sys.exit(1)\n"
            "c = connect()\nc.f()\n"
        ),
    ),
    "try, with and while in functions": (
        (
            "import lib, json\nwith open('x') as f:\n    data = json.load(f)\ntry:\n    lib.f(data)\n"
            "except (KeyError, ValueError) as e:\n    print(e)\nfinally:\n    lib.g()\n"
            "page = 1\nwhile lib.h(page):\n    page += 1\nelse:\n    print('all')\n"
        ),
        (
            "import lib, json\ndef load(path):\n    with open(path) as handle:\n"
            "        return json.load(handle)\n"
            "def work(data):\n    try:\n        lib.f(data)\n"
            "    except (KeyError, ValueError) as error:\n        print(error)\n"
            "    finally:\n        lib.g()\n"
            "def pages():\n    page = 1\n    while lib.h(page):\n        page += 1\n    print('all')\n"
            "work(load('x'))\npages()\n"
        ),
    ),
    "a context manager of the script's own": (
        (
            "import lib\nfrom contextlib import contextmanager\n@contextmanager\ndef told(x):\n"
            "    print(x)\n    yield\n    print('end')\nwith told('a'):\n    rows = lib.f()\n"
            "lib.g(lib.h())\nprint(rows)\n"
        ),
        (
            "import lib\nfrom contextlib import contextmanager\n@contextmanager\ndef told(x):\n"
            "    print(x)\n    yield\n    print('end')\ndef read():\n    with told('a'):\n"
            "        return lib.f()\ndef work(rows):\n    lib.g(lib.h())\n    print(rows)\n"
            "work(read())\n"
        ),
    ),
    "functions that only the guard had": (
        "if __name__ == '__main__':\n    def f(x):\n        return x\n    print(f(1), f(2))\n",
        "def f(x):\n    return x\ndef main():\n    print(f(1), f(2))\nif __name__ == '__main__':\n    main()\n",
    ),
    "lambdas, comprehensions and generators": (
        (
            "import lib\nlimit = lib.f()\nrows = sorted(lib.g(), key=lambda r: r.x - limit)\n"
            "print({r.x: [s for s in r.y if s] for r in rows}, any(r.z > limit for r in rows))\n"
            "lib.each(lambda r: print(r, limit))\n"
        ),
        (
            "import lib\ndef ordered(top):\n    return sorted(lib.g(), key=lambda r: r.x - top)\n"
            "def show(found, top):\n"
            "    print({one.x: [n for n in one.y if n] for one in found}, any(r.z > top for r in found))\n"
            "    lib.each(lambda r: print(r, top))\nlimit = lib.f()\nshow(ordered(limit), limit)\n"
        ),
    ),
    "annotations of methods, arguments by name": (
        (
            "class C:\n    def __init__(self, a):\n        self.a = a\n    def f(self):\n"
            "        return self.a\ndef g(a, b):\n    return C(a).f() + b\nprint(g(1, 2), g(3, 4))\n"
        ),
        (
            "class C:\n    '''More.'''\n    def __init__(self, a: int) -> None:\n        self.a = a\n"
            "    def f(self) -> int:\n        return self.a\ndef g(a: int, b: int) -> int:\n"
            "    return C(a).f() + b\nprint(g(1, 2), g(a=3, b=4))\n"
        ),
    ),
    "what the standard library has, by another import": (
        "import os.path\nimport datetime as dt\nprint(os.path.join('a', 'b'), dt.date.today())\n",
        "from datetime import date\nfrom os.path import join\nprint(join('a', 'b'), date.today())\n",
    ),
    "an async function that is only called": (
        (
            "import asyncio, lib\nasync def f(x):\n    await lib.g(x)\n"
            "asyncio.run(f(1))\nprint(lib.h())\n"
        ),
        (
            "import asyncio, lib\nasync def f(x):\n    await lib.g(x)\n"
            "def main():\n    asyncio.run(f(1))\n    print(lib.h())\nmain()\n"
        ),
    ),
    "match in a function": (
        (
            "import lib\nmatch lib.f():\n    case ['a', x] if x:\n        print(x)\n"
            "    case lib.C(y=1) | None:\n        print('c')\n    case {'k': k, **rest}:\n"
            "        print(k, rest)\n"
        ),
        (
            "import lib\ndef show(value):\n    match value:\n        case ['a', one] if one:\n"
            "            print(one)\n        case lib.C(y=1) | None:\n            print('c')\n"
            "        case {'k': key, **more}:\n            print(key, more)\nshow(lib.f())\n"
        ),
    ),
}
