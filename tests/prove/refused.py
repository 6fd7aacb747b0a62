"""Edits after which something else may run, though they look alike: a script before and after, and what
is in the line of the new one that has to be named."""

from __future__ import annotations

LATE = (
    "import lib\nfs = []\nfor x in lib.f():\n    fs.append(lambda: x)\nprint([f() for f in fs])\n"
)
READS = "import lib\nfor x in lib.f():\n    if x.ok:\n        last = x\n    print(last)\n"

REFUSED: dict[str, tuple[str, str, str]] = {
    "each round has a variable of its own, which a lambda keeps": (
        LATE,
        (
            "import lib\nfs = []\ndef add(x):\n    fs.append(lambda: x)\nfor x in lib.f():\n    add(x)\n"
            "print([f() for f in fs])\n"
        ),
        "add(x)",
    ),
    "a variable is no longer there from the round before": (
        READS,
        (
            "import lib\ndef work(x):\n    if x.ok:\n        last = x\n    print(last)\n"
            "for x in lib.f():\n    work(x)\n"
        ),
        "print(last)",
    ),
    "a function sets a variable of its own": (
        "import lib\nn = 0\nfor x in lib.f():\n    n += 1\nprint(n)\n",
        "import lib\nn = 0\ndef add():\n    n = 0\n    n += 1\nfor x in lib.f():\n    add()\nprint(n)\n",
        "n += 1",
    ),
    "a generator runs later": (
        "import lib\nrows = [lib.g(x) for x in lib.f()]\nlib.h()\nprint(*rows)\n",
        "import lib\nrows = (lib.g(x) for x in lib.f())\nlib.h()\nprint(*rows)\n",
        "rows = (lib.g(x) for x in lib.f())",
    ),
    "a generator sees another value by the time that it runs": (
        "import lib\na = lib.f()\ng = (a + x for x in lib.h())\na = lib.k()\nprint(*g)\n",
        (
            "import lib\ndef made(a):\n    return (a + x for x in lib.h())\na = lib.f()\ng = made(a)\n"
            "a = lib.k()\nprint(*g)\n"
        ),
        "",
    ),
    "an attribute of something unknown is looked up earlier": (
        "import lib\nc = lib.f()\nlib.g()\nprint(c.name)\n",
        "import lib\ndef work(name):\n    lib.g()\n    print(name)\nc = lib.f()\nwork(c.name)\n",
        "work(c.name)",
    ),
    "an argument that may not be there is looked up earlier": (
        (
            "import argparse, lib\np = argparse.ArgumentParser()\nargs = p.parse_args()\nlib.f()\n"
            "print(args.name)\n"
        ),
        (
            "import argparse, lib\ndef work(name):\n    lib.f()\n    print(name)\n"
            "p = argparse.ArgumentParser()\nargs = p.parse_args()\nwork(args.name)\n"
        ),
        "work(args.name)",
    ),
    "an argument is changed in between": (
        (
            "import argparse, lib\np = argparse.ArgumentParser()\np.add_argument('--name')\n"
            "args = p.parse_args()\nargs.name = lib.f()\nprint(args.name)\n"
        ),
        (
            "import argparse, lib\ndef work(args, name):\n    args.name = lib.f()\n    print(name)\n"
            "p = argparse.ArgumentParser()\np.add_argument('--name')\n"
            "args = p.parse_args()\nwork(args, args.name)\n"
        ),
        "work(args, args.name)",
    ),
    "others may change an argument in between": (
        (
            "import argparse, lib\np = argparse.ArgumentParser()\np.add_argument('--name')\n"
            "args = p.parse_args()\nlib.f(args)\nprint(args.name)\n"
        ),
        (
            "import argparse, lib\ndef work(args, name):\n    lib.f(args)\n    print(name)\n"
            "p = argparse.ArgumentParser()\np.add_argument('--name')\n"
            "args = p.parse_args()\nwork(args, args.name)\n"
        ),
        "print(name)",
    ),
    "a file closes earlier": (
        "import lib\nf = open('x', 'w')\nf.write('a')\nlib.f('x')\n",
        "import lib\ndef write():\n    f = open('x', 'w')\n    f.write('a')\nwrite()\nlib.f('x')\n",
        "def write():",
    ),
    "a file that closed at once stays open": (
        "import os\nopen('t', 'w').write('x')\nprint(os.path.getsize('t'))\n",
        "import os\nf = open('t', 'w')\nf.write('x')\nprint(os.path.getsize('t'))\n",
        "print(os.path.getsize('t'))",
    ),
    "a file of a path that closed at once stays open": (
        "import lib\nn = lib.p().open(mode='a').write('x')\nlib.f(n)\n",
        "import lib\nf = lib.p().open(mode='a')\nn = f.write('x')\nlib.f(n)\n",
        "lib.f(n)",
    ),
    "a file that stayed open closes at once": (
        "import os\nf = open('t', 'w')\nf.write('x')\nprint(os.path.getsize('t'))\n",
        "import os\nopen('t', 'w').write('x')\nprint(os.path.getsize('t'))\n",
        "open('t', 'w').write('x')",
    ),
    "a temporary folder goes earlier": (
        "import lib, tempfile\nd = tempfile.TemporaryDirectory()\nlib.f(d.name)\nlib.g()\n",
        (
            "import lib, tempfile\ndef work():\n    d = tempfile.TemporaryDirectory()\n    lib.f(d.name)\n"
            "work()\nlib.g()\n"
        ),
        "d = tempfile.TemporaryDirectory()",
    ),
    "a list is made once for all calls": (
        "import lib\nfor x in lib.f():\n    rows = []\n    rows.append(x)\n    print(rows)\n",
        (
            "import lib\ndef add(x, rows=[]):\n    rows.append(x)\n    print(rows)\n"
            "for x in lib.f():\n    add(x)\n"
        ),
        "def add(x, rows=[]):",
    ),
    "two lists become one": (
        "import lib\na = []\nb = []\nlib.f(a, b)\n",
        "import lib\na = b = []\nlib.f(a, b)\n",
        "lib.f(a, b)",
    ),
    "what is caught becomes more": (
        "import lib\nx = lib.f()\ntry:\n    lib.g(x)\nexcept ValueError:\n    print('no')\n",
        (
            "import lib\ndef work():\n    x = lib.f()\n    lib.g(x)\ntry:\n    work()\n"
            "except ValueError:\n    print('no')\n"
        ),
        "try:",
    ),
    "an error after return is no longer swallowed into the rest": (
        "import lib\nwith lib.m() as m:\n    x = lib.f(m)\nprint(x)\n",
        "import lib\ndef get():\n    with lib.m() as m:\n        return lib.f(m)\nx = get()\nprint(x)\n",
        "print(x)",
    ),
    "a class that pickle looks up is hidden in main": (
        (
            "import pickle\nfrom collections import namedtuple\nRow = namedtuple('Row', 'a')\n"
            "print(pickle.dumps(Row(1)))\n"
        ),
        (
            "import pickle\nfrom collections import namedtuple\ndef main():\n"
            "    Row = namedtuple('Row', 'a')\n    print(pickle.dumps(Row(1)))\nmain()\n"
        ),
        "Row = namedtuple('Row', 'a')",
    ),
    "processes need what is in main now": (
        (
            "import multiprocessing, lib\nclient = lib.Client()\ndef work(x):\n    client.f(x)\n"
            "if __name__ == '__main__':\n    multiprocessing.Pool().map(work, [1])\n"
        ),
        (
            "import multiprocessing, lib\ndef work(x):\n    client.f(x)\ndef main():\n"
            "    global client\n    client = lib.Client()\n    multiprocessing.Pool().map(work, [1])\n"
            "if __name__ == '__main__':\n    main()\n"
        ),
        "client = lib.Client()",
    ),
    "it runs when it is imported, too": (
        "import lib\nif __name__ == '__main__':\n    lib.f()\n",
        "import lib\nlib.f()\n",
        "lib.f()",
    ),
    "the guard has another else branch": (
        "import lib\nif __name__ == '__main__':\n    lib.f()\nelse:\n    lib.g()\n",
        "import lib\nif __name__ == '__main__':\n    lib.f()\nelse:\n    lib.h()\n",
        "the guard has another else branch",
    ),
    "the docstring that it shows is another": (
        "'''Old.'''\nimport argparse\nargparse.ArgumentParser(description=__doc__).parse_args()\n",
        "'''New.'''\nimport argparse\nargparse.ArgumentParser(description=__doc__).parse_args()\n",
        "argparse.ArgumentParser(description=__doc__).parse_args()",
    ),
    "a decorator sees another docstring": (
        "import click\n@click.command()\ndef f():\n    'Old.'\nf()\n",
        "import click\n@click.command()\ndef f():\n    'New.'\nf()\n",
        "def f():",
    ),
    "an annotation fails": (
        "import argparse\ndef f(a):\n    return a\nprint(f(1))\n",
        "import argparse\ndef f(a: argparse.Namespaces):\n    return a\nprint(f(1))\n",
        "def f(a: argparse.Namespaces):",
    ),
    "an annotation has a name that is not there": (
        "def f(a):\n    return a\nprint(f(1))\n",
        "def f(a) -> List[int]:\n    return a\nprint(f(1))\n",
        "def f(a) -> List[int]:",
    ),
    "the standard library has no such name": (
        "import lib\nlib.f()\n",
        "import lib\nfrom typing import Optionals\nlib.f()\n",
        "from typing import Optionals",
    ),
    "a module of the standard library is no longer loaded": (
        "import logging\nimport logging.handlers\nprint(logging.handlers.SysLogHandler)\n",
        "import logging\nprint(logging.handlers.SysLogHandler)\n",
        "print(logging.handlers.SysLogHandler)",
    ),
    "a module that may fail is imported outside of try": (
        "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None\nprint(tomllib)\n",
        "import tomllib\nprint(tomllib)\n",
        "print(tomllib)",
    ),
    "modules of the script's own are imported in another order": (
        "import first\nimport second\nprint(first, second)\n",
        "import second\nimport first\nprint(first, second)\n",
        "import second",
    ),
    "a path is set before an import": (
        "import sys\nimport json\nsys.path.insert(0, 'x')\nprint(json)\n",
        "import sys\nsys.path.insert(0, 'x')\nimport json\nprint(json)\n",
        "sys.path.insert(0, 'x')",
    ),
    "a default is read before it is there": (
        "N = 1\ndef f(n=N):\n    return n\nprint(f(), f(2))\n",
        "def f(n=N):\n    return n\nN = 1\nprint(f(), f(2))\n",
        "",
    ),
    "a function is called before it is there": (
        "import lib\ndef f():\n    return lib.g()\nprint(f())\nprint(f())\n",
        "import lib\nprint(f())\ndef f():\n    return lib.g()\nprint(f())\n",
        "print(f())",
    ),
    "Python's own is read before the script's": (
        "import lib\nprint(id)\nid = lib.f()\nprint(id)\n",
        "import lib\ndef main():\n    print(id)\n    id = lib.f()\n    print(id)\nmain()\n",
        "print(id)",
    ),
    "a name is Python's again": (
        "import lib\ndef f():\n    return id\nid = lib.f()\nprint(f(), f())\n",
        "import lib\ndef f():\n    return id\ndef main():\n    id = lib.f()\n    print(f(), f())\nmain()\n",
        "",
    ),
    "super is called outside of the class": (
        (
            "class A(dict):\n    def f(self, x):\n        super().update(x)\na = A()\na.f({})\nprint(a)\n"
        ),
        (
            "def update(self, x):\n    super().update(x)\nclass A(dict):\n    def f(self, x):\n"
            "        update(self, x)\na = A()\na.f({})\nprint(a)\n"
        ),
        "super().update(x)",
    ),
    "a private attribute is used outside of the class": (
        "class A:\n    def f(self):\n        return self.__x\nprint(A().f())\n",
        (
            "def x_of(a):\n    return a.__x\nclass A:\n    def f(self):\n        return x_of(self)\n"
            "print(A().f())\n"
        ),
        "return a.__x",
    ),
    "a constant has a name that a class makes its own": (
        "class A:\n    def f(self):\n        return 5\nprint(A().f())\n",
        "__S = 5\nclass A:\n    def f(self):\n        return __S\nprint(A().f())\n",
        "return __S",
    ),
    "a function has a name that a class makes its own": (
        "def h():\n    return 5\nclass A:\n    def f(self):\n        return h()\nprint(A().f())\n",
        "def __h():\n    return 5\nclass A:\n    def f(self):\n        return __h()\nprint(A().f())\n",
        "return __h()",
    ),
    "an import has a name that a class makes its own": (
        "import json as h\nclass A:\n    x = h.dumps(1)\nprint(A.x)\n",
        "import json as __h\nclass A:\n    x = __h.dumps(1)\nprint(A.x)\n",
        "x = __h.dumps(1)",
    ),
    "a global has a name that a class makes its own": (
        "import lib\nn = 1\nclass A:\n    def f(self):\n        global n\n        n = lib.f()\nA().f()\nprint(n)\n",
        "import lib\n__n = 1\nclass A:\n    def f(self):\n        global __n\n        __n = lib.f()\nA().f()\nprint(__n)\n",
        "A().f()",
    ),
    "a function that yields no longer does": (
        "import lib\ndef f():\n    lib.g()\n    return\n    yield\nfor x in f():\n    print(x)\n",
        "import lib\ndef f():\n    lib.g()\n    return\nfor x in f():\n    print(x)\n",
        "",
    ),
    "star imports may bring what was set before": (
        "from lib import *\nN = 1\nprint(N, f())\n",
        "N = 1\nfrom lib import *\nprint(N, f())\n",
        "print(N, f())",
    ),
    "what is done last is done first": (
        "import lib\na, b = lib.f(), lib.g()\nlib.h(a, b)\n",
        "import lib\nb = lib.g()\na = lib.f()\nlib.h(a, b)\n",
        "b = lib.g()",
    ),
}

NOT_JUDGED: dict[str, tuple[str, str, str]] = {
    "variables are found by their names": (
        "import lib\nx = lib.f()\nexec(lib.g())\nprint(x)\n",
        "import lib\ndef main():\n    x = lib.f()\n    exec(lib.g())\n    print(x)\nmain()\n",
        "variables may be looked up by their names",
    ),
    "the variables of a function are listed": (
        "import lib\nx = lib.f()\nprint(locals())\n",
        "import lib\ndef main():\n    x = lib.f()\n    print(locals())\nmain()\n",
        "locals() lists the variables of a function",
    ),
    "the module's names are listed": (
        "import lib\nfor n in dir():\n    lib.f(n)\n",
        "import lib\ndef each(n):\n    lib.f(n)\nfor n in dir():\n    each(n)\n",
        "dir() lists the variables of a function",
    ),
    "it does not compile": (
        "print(1)\n",
        "print(1\n",
        "'(' was never closed",
    ),
    "a warning speaks for who calls": (
        "import warnings\ndef f():\n    warnings.warn('x', stacklevel=2)\nf()\n",
        "import warnings\ndef f():\n    warnings.warn('x', stacklevel=2)\ndef main():\n    f()\nmain()\n",
        "the stacklevel of a warning names the function that calls",
    ),
    "an import in a class has a name that the class makes its own": (
        "class A:\n    def f(self):\n        import json as h\n        return h.dumps(1)\nprint(A().f())\n",
        "class A:\n    def f(self):\n        import json as __h\n        return __h.dumps(1)\nprint(A().f())\n",
        "what this name stands for depends on Python's version",
    ),
    "texts of functions are read": (
        "import pydoc\ndef f():\n    'a'\nprint(pydoc.getdoc(f))\n",
        "import pydoc\ndef f():\n    'b'\nprint(pydoc.getdoc(f))\n",
        "pydoc reads docstrings and annotations, which csa does not compare",
    ),
    "it is nested too deeply": (
        "x = " + "-" * 3000 + "1\nprint(x)\n",
        "y = " + "-" * 3000 + "1\nprint(y)\n",
        "its expressions are nested too deeply for csa",
    ),
}
