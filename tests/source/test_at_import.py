"""What a package does when its main.py is imported."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest
from csa.source.at_import import LONGEST, effects_at_import

IMPORTS = (
    "import argparse, asyncio, functools, httpx, logging, os, sys, requests, time, socket, boto3\n"
)


def effects(main: str, others: Mapping[str, str] = {}) -> list[tuple[str, int, str]]:
    """Return the effects of a package with a main.py, and with other modules by their paths."""
    files = {"main.py": main, **{f"{path}.py": source for path, source in others.items()}}
    trees = {path: ast.parse(source) for path, source in files.items()}
    return [(found.path, found.line, found.text) for found in effects_at_import(trees, "pkg")]


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        # Functions of its own.
        ("def f():\n    open('x')\nf()", 4, "f() (main.py line 3: open('x'))"),
        ("def f():\n    return g()\ndef g():\n    return open('x')\nX = f()", 6, "line 5: return"),
        ("def f():\n    def g(): open('x')\n    g()\nf()", 5, "line 3: open"),
        ("def f(path): return path.read_text()\nX = f(1)", 3, "line 2: return path"),
        ("def f(x): return requests.get(x)\nX = list(map(f, [1]))", 3, "line 2"),
        ("def f(x): return requests.get(x)\nX = sorted([1], key=f)", 3, "line 2"),
        ("def f():\n    import shutil\n    shutil.rmtree('x')\nX = [f() for _ in 'ab']", 5, "line 4"),
        ("def d(f):\n    print(f)\n    return f\n@d\ndef g(): pass", 6, "line 3: print(f)"),
        ("def f(): f(); open('x')\nf()", 3, "open"),
        ("def f(): g()\ndef g(): f(); open('x')\nf()", 4, "line 3"),
        # Classes of its own.
        ("class A:\n    def __init__(self): self.f()\n    def f(self): open('x')\nX = A()", 5, "line 4"),
        ("class B:\n    def f(self): open('x')\nclass A(B): pass\nX = A().f()", 5, "line 3"),
        ("class A:\n    @classmethod\n    def f(cls): open('x')\nX = A.f()", 5, "line 4"),
        ("class A:\n    def f(self): open('x')\nX = A()\nX.f()", 5, "line 3"),
        ("class A:\n    def __call__(self): open('x')\nX = A()\nX()", 5, "line 3"),
        ("class A:\n    @property\n    def f(self): return open('x')\nX = A().f", 5, "line 4"),
        ("class A:\n    def __init_subclass__(cls): open('x')\nclass B(A): pass", 4, "line 3"),
        ("class A:\n    def __enter__(self): open('x')\na = A()\nwith a: pass", 5, "line 3"),
        # What is called since something is given it.
        ("(lambda: open('x'))()", 2, "line 2: return open"),
        ("F = lambda: open('x')\nF()", 3, "line 2: return open"),
        ("X = list(map(open, ['x']))", 2, "X ="),
        ("X = requests.Session()\nY = [*map(X.get, 'ab')]", 3, "Y ="),
        ("X = sorted('ab', key=lambda x: requests.get(x))", 2, "line 2: return requests"),
        ("def f(): open('x')\nX = functools.partial(f)\nX()", 4, "line 2"),
        ("def f(): return lambda: open('x')\nf()()", 3, "line 2: return open"),
        ("def f(x): return x()\nf(lambda: open('x'))", 3, "line 3: return open"),
        ("def f(*, x): return x()\nf(x=input)", 3, "f("),
        ("class A:\n    def __init__(self, x): x()\nA(input)", 4, "A("),
        ("import threading\nX = threading.Thread(target=print)\nX.start()", 4, "X.start"),
        ("from concurrent.futures import ThreadPoolExecutor as P\nP().submit(print)", 3, "P()."),
        # Decorators that run what they are given, or do more.
        ("def run(f): f()\n@run\ndef g(): open('x')", 4, "line 4: open"),
        ("@lambda f: f()\ndef g(): open('x')", 3, "line 3: open"),
        ("def d(x):\n    def run(f): f()\n    return run\n@d(1)\ndef g(): open('x')", 6, "line 6: open"),
        ("class A:\n    def __call__(self, f): open('x')\na = A()\n@a\ndef g(): pass", 6, "line 3: open"),
        ("class A:\n    def __init__(self, f): open('x')\n@A\ndef g(): pass", 5, "line 3: open"),
        # Clients and sessions, by what made them.
        ("X = requests.Session()\nX.get('http://x')", 3, "X.get"),
        ("with requests.Session() as s:\n    s.post('http://x')", 3, "s.post"),
        ("X = httpx.Client().get('http://x')", 2, "X ="),
        ("X = boto3.Session()\nY = X.client('s3')", 3, "Y ="),
        ("from pyatlan.client.atlan import AtlanClient\nX = AtlanClient()", 3, "X ="),
        ("from pyatlan.client.aio import AsyncAtlanClient\nX = AsyncAtlanClient()", 3, "X ="),
        ("from pyatlan.pkg.utils import get_client\nX = get_client('')", 3, "X ="),
        ("import aiohttp\nX = aiohttp.ClientSession()", 3, "X ="),
        ("try:\n    import httpx as h\nexcept ImportError:\n    h = None\nX = h.get('http://x')", 6, "X ="),
        ("import configparser\nX = configparser.ConfigParser()\nX.read('x.ini')", 4, "X.read"),
        ("import acme\nX = acme.Service('x')\ndef f():\n    return X.items.query('x')\nf()", 6, "line 5"),
        ("loop = asyncio.new_event_loop()\nloop.run_until_complete(1)", 3, "loop.run"),
        *((f"import {call.split('.')[0]}\nX = {call}", 3, "X =") for call in (
            "builtins.open('x')", "gspread.service_account()", "io.open('x')", "jira.JIRA('x')",
            "kafka.KafkaProducer()", "looker_sdk.init40()", "redis.Redis().get('x')",
            "simple_salesforce.Salesforce()", "zipfile.ZipFile('x')", "acme.Auth().session.login()")),
        ("class A:\n    def __enter__(self): open('x')\nwith A() as a: pass", 4, "line 3"),
        ("asyncio.run(1)", 2, "asyncio.run"),
        ("X = socket.create_connection(('x', 1))", 2, "X ="),
        ("import urllib.request\nX = urllib.request.urlopen('http://x')", 3, "X ="),
        ("import shutil\nshutil.copy('a', 'b')", 3, "shutil"),
        ("import tempfile\nX = tempfile.mkdtemp()", 3, "X ="),
        # It ends the process, or may.
        ("raise SystemExit", 2, "raise SystemExit"),
        ("if not os.environ.get('X'):\n    raise ValueError('X')", 3, "raise ValueError"),
        ("try:\n    X = os.environ['X']\nexcept KeyError:\n    raise SystemExit(1)", 5, "raise System"),
        ("try:\n    import x\n    X = x.load()\nexcept ValueError:\n    sys.exit(1)", 6, "sys.exit"),
        ("def f():\n    raise SystemExit\nf()", 4, "line 3: raise"),
        # The environment.
        ("def f(x):\n    return os.environ[x]\nX = f('X')", 4, "line 3: return os.environ[x]"),
        ("def f(x):\n    if not (y := os.getenv(x)):\n        raise ValueError(x)\n    return y\nX = f('X')",
         6, "line 4: raise ValueError(x)"),
        ("def f(x):\n    if not x:\n        raise ValueError(x)\nX = f(os.getenv('X'))", 5, "line 4: raise"),
        ("X = int(os.getenv('X'))", 2, "X ="),
        ("del os.environ['X']", 2, "del os"),
        ("X = sys.stdin.read()", 2, "X ="),
        # The arguments.
        ("def f():\n    p = argparse.ArgumentParser()\n    return p.parse_args()\nX = f()", 5, "line 4"),
        ("from docopt import docopt\nX = docopt('')", 3, "X ="),
        # Branches.
        ("if __name__ == '__main__':\n    pass\nelse:\n    open('x')", 5, "open"),
        ("if __name__ != '__main__':\n    open('x')", 3, "open"),
        ("if sys.version_info >= (3, 9):\n    open('x')", 3, "open"),
    ],
)  # fmt: skip
def test_what_main_does_at_import_is_found(source: str, line: int, says: str) -> None:
    [(path, number, text)] = effects(IMPORTS + source)
    assert (path, number) == ("main.py", line)
    assert says in text


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import pandas\nexcept ImportError:\n    print('pip install pandas')\n    sys.exit(1)",
        "try:\n    import pandas\nexcept (ModuleNotFoundError, OSError):\n    raise SystemExit(1)",
        "try:\n    import pandas, numpy\nexcept:\n    sys.exit(1)",
        "if sys.version_info < (3, 9):\n    sys.exit('too old')",
        "if sys.version_info[0] < 3:\n    raise RuntimeError",
        "def f(x):\n    if x < 0:\n        raise ValueError(x)\n    return x * 2\nX = f(3)",
        "def f(*x): return '_'.join(x)\nX = {k: f(k, 'a') for k in 'ab'}",
        "class A:\n    def __init__(self, x): self.x = x\nX = A(1)",
        "class A:\n    def __init__(self): pass\n    def f(self): open('x')\nX = A()",
        "class A(Exception):\n    def f(self): open('x')\nX = A().args",
        ("def f(name):\n    logger = logging.getLogger(name)\n    logger.addHandler(logging.StreamHandler())\n"
        "    logger.propagate = False\n    return logger\nLOG = f(__name__)\nLOG.info('x')"),
        "logging.basicConfig(level=os.getenv('LEVEL', 'INFO'), format='%(message)s')",
        ("def d(f):\n    @functools.wraps(f)\n    def g(*a):\n        time.sleep(1)\n        return f(*a)\n"
        "    return g\n@d\ndef f(): open('x')"),
        "import atexit, signal\ndef f(): open('x')\natexit.register(f)\nsignal.signal(signal.SIGTERM, f)",
        "X = requests.Session()\nX.headers.update({'a': os.getenv('A')})\nX.mount('a', None)",
        "import redis\nX = redis.Redis()",
        "class A:\n    def __enter__(self): return self\nwith A() as a: pass",
        "X = httpx.Client(timeout=3)\nY = httpx.Timeout(3)",
        "X = asyncio.Semaphore(5)\nasyncio.set_event_loop_policy(None)",
        "socket.setdefaulttimeout(30)\nHOST = socket.gethostname()",
        "import http, urllib.request\nX = http.HTTPStatus(200)\nY = urllib.request.Request('http://x')",
        "START = time.time()",
        "X = {}.get(os.getenv('X'))",
        "def f(x): return x or 'a'\nX = f(os.getenv('X'))",
        "def f():\n    try:\n        return os.environ['X']\n    except KeyError:\n        return ''\nX = f()",
        "def f(x):\n    return os.environ[x]\ntry:\n    X = f('X')\nexcept KeyError:\n    X = ''",
        "def f(open):\n    return open('x')\nX = f(str)",
        "def f():\n    def open(x): return x\n    return open('x')\nX = f()",
        "class A:\n    @staticmethod\n    def f(path): return path\nX = A.f('x')",
        "if __name__ == '__main__' and len(sys.argv) > 1:\n    open('x')",
        "if '__main__' == __name__:\n    open('x')",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    open('x')",
        "P = argparse.ArgumentParser()\nX = P.parse_args([])",
        "def f(): f()\nf()",
        "X = lambda: open('x')",
        "X = functools.partial(open, 'x')",
        "X = sorted([open], key=str)",
        "def f(g): return g\nX = f(open)",
        "def f(g): return g.name\nX = f(open)",
        "def d(f):\n    f.x = 1\n    return f\n@d\ndef g(): open('x')",
        "def d(*names):\n    def e(f): return f\n    return e\n@d(open)\ndef g(): open('x')",
        "class A:\n    def __call__(self): open('x')\nX = A()",
        "from decorator import decorator\n@decorator\ndef d(f, *a): open('x')\n@d\ndef g(): pass",
        "X = sys.stdin.isatty()",
        "class A:\n    @property\n    def f(self): return open('x')\nX = A()",
        "from . import main\nX = main.X",
        "X = X",
        "X = Y\nY = X\nX()",
        "class A(A): pass\nA().f()",
    ],
)  # fmt: skip
def test_getting_ready_is_no_effect(source: str) -> None:
    assert effects(IMPORTS + source) == []


FILES = {
    "helper": "def f(): open('x')\ndef g(): pass\n",
    "sub/__init__": "",
    "sub/deep": "open('x')\n",
}


@pytest.mark.parametrize(
    ("main", "others", "found"),
    [
        # Functions of other modules.
        *[(f"{line}\n{call}", FILES, ("main.py", 2, f"{call} (helper.py line 1: open('x'))"))
          for line, call in [
            ("from pkg.helper import f", "f()"),
            ("from .helper import f", "f()"),
            ("from helper import f as h", "h()"),
            ("import pkg.helper", "pkg.helper.f()"),
            ("import pkg.helper as h", "h.f()"),
            ("from pkg import helper", "helper.f()"),
            ("from scripts.pkg import helper", "helper.f()"),
            ("import helper", "helper.f()"),
          ]],
        ("from .a import f\nf()", {**FILES, "a": "from .helper import f\n"},
         ("main.py", 2, "f() (helper.py line 1: open('x'))")),
        ("from .a import A\nA.f()", {"a": "class A:\n    @staticmethod\n    def f(): open('x')\n"},
         ("main.py", 2, "A.f() (a.py line 3: open('x'))")),
        ("from .a import X\nX.f()", {"a": "class A:\n    def f(self): open('x')\nX = A()\n"},
         ("main.py", 2, "X.f() (a.py line 2: open('x'))")),
        # What other modules do themselves.
        ("", {"__init__": "raise SystemExit\n"}, ("__init__.py", 1, "raise SystemExit")),
        ("import pkg.sub.deep", FILES, ("sub/deep.py", 1, "open('x')")),
        ("from .sub import deep", FILES, ("sub/deep.py", 1, "open('x')")),
        ("from .sub.deep import x", FILES, ("sub/deep.py", 1, "open('x')")),
        ("import pkg.sub.deep", {"sub/__init__": "open('x')\n", "sub/deep": ""},
         ("sub/__init__.py", 1, "open('x')")),
        ("import helper", {"helper": "raise SystemExit(1)\n"}, ("helper.py", 1, "raise SystemExit(1)")),
        ("from .a import x", {"a": "from .b import x\n", "b": "open('x')\n"}, ("b.py", 1, "open('x')")),
        ("def f():\n    from . import a\nf()", {"a": "open('x')\n"}, ("a.py", 1, "open('x')")),
        ("import helper", {"helper": "if __name__ == '__main__' or True:\n    open('x')\n"},
         ("helper.py", 2, "open('x')")),
    ],
)  # fmt: skip
def test_modules_of_the_package_are_followed(
    main: str, others: dict[str, str], found: tuple[str, int, str]
) -> None:
    assert effects(main, others) == [found]


@pytest.mark.parametrize(
    "main",
    [
        "from pkg.helper import g\ng()",
        "def f():\n    from .sub import deep",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .sub import deep",
        "from . import helper, main\nfrom .nothing import f\nf()",
        "import logging\nlogging.getLogger('x')",
        "from other.helper import f",
    ],
)
def test_modules_that_are_imported_later_or_only_define_are_no_effect(main: str) -> None:
    assert effects(main, {**FILES, "logging": "def getLogger(x): open(x)\n"}) == []


def test_what_is_shown_of_a_statement_is_short() -> None:
    long = ", ".join(f"'column_{number}'" for number in range(100))
    [(_, _, text)] = effects(f"def f(x):\n    return open('x' * len([{long}]))\nX = f([{long}])")
    assert len(text) < 2 * LONGEST + 30
    assert text.startswith("X = f(['column_0', ")
    assert "… (main.py line 2: return open(" in text


def test_many_functions_that_call_each_other_are_no_trouble() -> None:
    chain = "".join(f"def f{number}(): f{number + 1}()\n" for number in range(3000))
    assert effects(f"{chain}f0()") == []
    long = "def f():\n" + "    pass\n" * 3000 + "    return f\n"
    assert effects(long + "f()()\n" * 3000) == []
    bases = ", ".join(["A"] * 100)
    assert effects(f"class A({bases}): pass\nA().f()") == []
