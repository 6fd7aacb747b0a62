"""What breaks the rules of csa/check/code.py, and what does not."""

from __future__ import annotations

from .changes import GUARD, Breaking, Files, Good, script

IMPORTS = "import argparse, functools, logging, os, sys, requests, pyatlan.client.atlan as a\n"
MAIN = f"def main(args):\n    pass\n\n\n{GUARD}"


def at_import(text: str) -> Files:
    return script(f"{IMPORTS}{text}\n\n\n{MAIN}")


UNREADABLE: list[tuple[str | bytes, str]] = [
    ("def main(:\n", "cannot read it: invalid syntax"),
    ("x = (\n", "cannot read it: '(' was never closed"),
    (b"x = '\xff'\n", "cannot read it"),
    ("x = 1\0\n", "cannot"),
    ("x = " + "-" * 30000 + "1\n", "nested too deeply"),
]

BREAKING: Breaking = [
    ("CSA401", script("import sys\n"), "main.py", 1, "it has no logic"),
    ("CSA401", script("def main():\n    print(1)\n\nmain()\n"), "main.py", 1, "main() takes no args"),
    ("CSA401", script("import argparse\n\n" + GUARD.replace("main(p", "print(p")),
     "main.py", 5, "csa adopt would move this"),
    ("CSA401", script(f"import argparse\n\ndef main(args):\n    pass\n\n{GUARD}    main(None)\n"),
     "main.py", 9, "a second call of main"),
    *[("CSA401", script(f"import argparse, sys\n\n{main}\n\n{guard}"), "main.py", line, says)
      for main, guard, line, says in [
        ("async def main(args):\n    pass", GUARD, 8, "this call does not run the body of main, which is async: write"),
        ("async def main(args):\n    pass", GUARD.replace("main(p", "sys.exit(main(p")[:-1] + ")\n", 8,
         "does not run the body of main, which is async: write asyncio.run(main(…))"),
        ("def main(args):\n    yield 1", GUARD, 8, "does not run the body of main, which is a generator"),
        ("@sys\ndef main(args):\n    pass", GUARD, 4, "main has a decorator: move its logic to a main(args)"),
    ]],
    ("CSA401", script("import click\n\n\n@click.command()\ndef run():\n    print(1)\n"), "main.py", 1,
     "csa adopt would move this"),
    ("CSA401", script("import click\n\n\n@click.group()\ndef run():\n    print(1)\n"), "main.py", 5,
     "it has several commands"),
    ("CSA401", script("import unittest\n\nunittest.main()\n"), "main.py", 3, "parses the arguments itself"),
    *[("CSA402", at_import(text), "main.py", line, f"at import: {says}") for text, line, says in [
        ("requests.get('http://x')", 2, "requests.get"),
        ("ITEMS = [open(name) for name in ('a', 'b')]", 2, "ITEMS"),
        ("CLIENT = a.AtlanClient()", 2, "CLIENT"),
        ("logging.basicConfig(filename='x.log')", 2, "logging.basicConfig"),
        ("TOKEN = os.environ['TOKEN']", 2, "TOKEN"),
        ("NAME = sys.argv[1]", 2, "NAME"),
        ("for name in sys.argv:\n    pass", 2, "for name in sys.argv:"),
        ("if os.name == 'x':\n    pass\nelse:\n    os.mkdir('x')", 5, "os.mkdir"),
        ("try:\n    X = os.environ['X']\nexcept KeyError:\n    sys.exit(1)", 5, "sys.exit"),
        ("raise SystemExit", 2, "raise SystemExit"),
        ("def f(x=open('x')):\n    pass", 2, "def f("),
        ("@functools.lru_cache(os.listdir('x'))\ndef f():\n    pass", 3, "@functools"),
        ("class A:\n    x = requests.get('http://x')", 3, "x = requests.get"),
        ("def f():\n    open('x')\n\n\nX = f()", 6, "X = f() (main.py line 3: open('x'))"),
        ("P = argparse.ArgumentParser().parse_args()", 2, "P = "),
        ("os.mkdir('a')\nos.mkdir('b')", 3, "os.mkdir('b')"),
    ]],
    *[("CSA402", {"main.py": f"+{line}\n", "a/b.py": "open('x')\n", "a/__init__.py": ""},
       "a/b.py", 1, "open")
      for line in ("import new_pkg.a.b", "from new_pkg.a.b import x", "from .a import b", "import a.b")],
    ("CSA402", {"main.py": "+import new_pkg.a.b\n", "a/b.py": "", "a/__init__.py": "open('x')\n"},
     "a/__init__.py", 1, "open"),
    ("CSA402", {"__init__.py": "import sys\nsys.exit()\n"}, "__init__.py", 2, "sys.exit"),
    ("CSA402", {"main.py": "+from .a import f\nf()\n", "a.py": "def f():\n    open('x')\n"},
     "main.py", 140, "f() (a.py line 2: open('x'))"),
    *[("CSA403", {"more.py": text}, "more.py", 1, says) for text, says in UNREADABLE],
    ("CSA403", script("def main(:\n"), "main.py", 1, "cannot read it"),
]  # fmt: skip

GOOD: Good = [
    ("CSA402", {"main.py": "+from new_pkg import a\n", "a.py": "from . import b\n",
                "b.py": "from . import a\n"}),
    ("CSA401", script(f"import argparse\n\n\ndef main(args):\n    print(args)\n\n\n{GUARD}")),
    ("CSA401", script(f"import argparse\n\n\ndef main(args):\n    print(args)\n\n\ndef run():\n    main(1)\n\n\n{GUARD}")),
    ("CSA401", script("import argparse\n\nimport click\n\n\ndef main(args: argparse.Namespace):\n"
     "    print(args.n)\n\n\n@click.command()\n@click.option('--n')\ndef run(n):\n"
     "    main(argparse.Namespace(n=n))\n\n\nif __name__ == '__main__':\n    run()\n")),
    *[("CSA401", script(f"import argparse, asyncio\n\n\n{main}\n\n\n{guard}")) for main, guard in [
        ("async def main(args):\n    pass", GUARD.replace("main(p.parse_args())", "asyncio.run(main(p.parse_args()))")),
        ("def main(args):\n    def f():\n        yield 1\n    print(f())", GUARD),
    ]],
    ("CSA401", script("def main(:\n")),
    *[("CSA402", at_import(text)) for text in [
        "X = os.environ.get('X', '')",
        "LOGGER = logging.getLogger(__name__)\nLOGGER.setLevel(logging.INFO)",
        "logging.getLogger('urllib3').setLevel(logging.WARNING)",
        "logging.getLogger(__name__).addHandler(logging.NullHandler())",
        "for name in ('a', 'b'):\n    logging.getLogger(name).setLevel(logging.WARNING)",
        "SESSION = requests.Session()",
        "try:\n    TOKEN = os.environ['TOKEN']\nexcept KeyError:\n    TOKEN = ''",
        "def repeated(times):\n    return lambda f: f\n\n\n@repeated(3)\ndef f():\n    open('x')",
        "class A:\n    x = 1\n\n    def f(self):\n        return requests.get('http://x')",
        "VERBOSE = '-v' in sys.argv",
        "try:\n    import pandas\nexcept ImportError:\n    print('no pandas')\n    sys.exit(1)",
        "def f(x):\n    return x * 2\n\n\nX = f(2)",
    ]],
    ("CSA402", {"tool.py": "open('x')\n"}),
    ("CSA402", script("def main(:\n")),
    ("CSA403", {"more.py": "\ufeffx = 1\n"}),
    ("CSA403", {"more.py": b"# coding: latin-1\nx = '\xe4'\n"}),
]  # fmt: skip
