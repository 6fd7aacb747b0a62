"""What cannot be moved safely stays, and its line is named."""

from __future__ import annotations

import cProfile
from textwrap import indent

import pytest
from csa.refactor import refactor
from csa.refactor.proof import Unproven

from tests.support.refactored import execute, note_of, refactored

# --- What has to stay ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("from x import main\nmain()\n", 1, "main is something else"),
        ("print('a')\nprint 'b'\n", 2, "cannot read it"),
        ("x = 1\nprint(locals())\n", 2, "locals() gives something else"),
        ("print(1)\nfrom x import *\n", 2, "cannot import *"),
        (
            "def f():\n    return n\nif __name__ == '__main__':\n    n: int = 1\n    f()\n",
            4,
            "take its annotation away",
        ),
        (
            ("import argparse\ndef f():\n    return args\nif __name__ == '__main__':\n"
            "    args = argparse.ArgumentParser().parse_args()\n    args = vars(args)\n    f()\n"),
            6,
            "args is set here and used elsewhere",
        ),
        (
            (
                "import argparse\ndef f():\n    return args\nif __name__ == '__main__':\n    args = 5\n"
                "    opts = argparse.ArgumentParser().parse_args()\n    print(f(), opts.x)\n"
            ),
            7,
            "args is set here and used elsewhere",
        ),
        ("if __name__ == '__main__' and __doc__:\n    print(1)\n", 1, "and nothing else"),
        ("X = 1\n", 1, "no logic"),
        ("", 1, "no logic"),
        ("x = " + " + ".join(["1"] * 30000) + "\nprint(x)\n", 1, ""),
        (
            ("def run():\n    import argparse\n    a = argparse.ArgumentParser().parse_args()\n"
            "if __name__ == '__main__':\n    run()\n"),
            1,
            "run parses the arguments itself",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_safely_is_left_and_its_line_is_named(
    source: str, line: int, says: str
) -> None:
    found, text = note_of(source)
    assert says in text
    assert found == line


@pytest.mark.parametrize(
    "source",
    [
        (
            "items = []\nitems.append(seen('a', 1))\nSIZE = len(items)\n"
            "def f():\n    return SIZE\nprint(f())\n"
        ),
        "found = {}\nfound['a'] = seen('a', 1)\nTEXT = f'{sorted(found)}'\nprint(TEXT)\n",
        (
            "import os\nos.environ['CSA_X'] = '1'\nprint(1)\nALL = dict(os.environ)\n"
            "def f():\n    return ALL['CSA_X']\nprint(f())\n"
        ),
        (
            "print(1)\nimport sys\nsys.path.insert(0, '/nowhere')\nPATH = list(sys.path)\n"
            "def f():\n    return PATH[0]\nprint(f())\n"
        ),
        (
            "import time\nprint(1)\ntime.csa = 5\nfrom time import csa\n"
            "def f():\n    return csa\nprint(f())\n"
        ),
        "limits = [1]\nprint(limits.pop())\nclass A:\n    left = list(limits)\nprint(A.left)\n",
        "limits = [1]\nprint(limits.pop())\ndef f(left=len(limits)):\n    return left\nprint(f())\n",
        "print(1)\nX = 1 / 0\n",
        "print(1)\nX = int('x')\n",
        "set = print\nprint(1)\nX = set('a')\nprint(X)\n",
        (
            "total = 0\ndef inc():\n    global total\n    total += 1\ninc()\nSNAP = total\ninc()\n"
            "print(SNAP)\n"
        ),
        (
            "class A:\n    def __init_subclass__(cls):\n        print(cls.__name__)\n"
            "print('first')\nclass B(A):\n    pass\nprint(B)\n"
        ),
        "def f():\n    exec('print(X)')\nX = 1\nprint(1)\nf()\nX = 2\nf()\n",
        "import sys\nprint(hasattr(sys.modules[__name__], 'f'))\ndef f():\n    return 1\nprint(f())\n",
        "import sys\nx = sys.modules[__name__]\nprint(hasattr(x, 'f'))\nclass f: pass\nprint(f)\n",
        "import importlib\nn = 3\nprint(getattr(importlib.import_module(__name__), 'n', None))\n",
    ],
)
def test_what_depends_on_what_ran_before_it_stays_behind_it(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = f"from helpers import seen\n{source}".encode()
    assert execute(refactor(old).source, monkeypatch) == execute(old, monkeypatch)


PARSE = "parser = argparse.ArgumentParser()\nparser.add_argument('--n', type=int)\n"
GUARD = "if __name__ == '__main__':\n"


def guarded(top: str, logic: str) -> str:
    return f"import argparse\n{top}\n{GUARD}{indent(logic, '    ')}"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            guarded(
                "class Config:\n    def __init__(self, n): self.n = n\n    def url(self): return self.n\n"
                f"def parse():\n{indent(PARSE, '    ')}    return Config(parser.parse_args().n)",
                "prefix = 'p'\nconfig = parse()\nprint(config.url(), prefix)\n",
            ),
            id="a helper that returns another object",
        ),
        pytest.param(
            guarded(
                f"def parse():\n{indent(PARSE, '    ')}    return vars(parser.parse_args())",
                "prefix = 'p'\nconfig = parse()\nprint(config['n'], prefix)\n",
            ),
            id="a helper that returns a dict",
        ),
        pytest.param(
            guarded(
                "class Own(argparse.Namespace):\n    @property\n    def double(self): return 2 * self.n\n",
                f"{PARSE}prefix = 'p'\nargs = parser.parse_args(namespace=Own())\n"
                "print(args.double, prefix)\n",
            ),
            id="a namespace of another class",
        ),
        pytest.param(
            guarded(
                "class Parser(argparse.ArgumentParser):\n    def parse_args(self): return 'text'",
                "prefix = 'p'\nargs = Parser().parse_args()\nprint(args.upper(), prefix)\n",
            ),
            id="a parser of another class",
        ),
        pytest.param(
            guarded("def f():\n    class A:\n        n = n\n    return A.n", "n = 5\nprint(f())\n"),
            id="a class in a function that reads what it sets",
        ),
        pytest.param(
            guarded(
                "def defaults():\n    global args\n    args = argparse.Namespace(n=99)",
                f"{PARSE}args = parser.parse_args()\ndefaults()\nprint(args.n)\n",
            ),
            id="args rebound by a function",
        ),
        pytest.param(
            guarded(
                f"def parse():\n    global CONFIG\n{indent(PARSE, '    ')}"
                "    CONFIG = parser.parse_args()\n    return CONFIG\n"
                "def bump(): CONFIG.n += 1",
                "started = 'now'\nargs = parse()\nbump()\nprint(args.n, started)\n",
            ),
            id="a namespace that a function holds, too",
        ),
        pytest.param(
            guarded(
                "kept = []\nclass Keep(argparse.Action):\n"
                "    def __call__(self, parser, namespace, values, option=None):\n"
                "        kept.append(namespace)\n        namespace.n = values",
                "started = 'now'\nparser = argparse.ArgumentParser()\n"
                "parser.add_argument('--n', action=Keep)\nargs = parser.parse_args()\n"
                "kept[0].n = 99\nprint(args.n, started)\n",
            ),
            id="a namespace that an action holds, too",
        ),
        *(
            pytest.param(
                guarded("", f"{PARSE}started = 'now'\nargs = parser.parse_args()\n{uses}\nprint(started)\n"),
                id=uses,
            )
            for uses in ("print(args.__dict__)", "print(args._get_kwargs())", "print('started' in args)")
        ),
        pytest.param(
            guarded(
                "def configure(found): globals().update(found)",
                f"{PARSE}verbose = False\nargs = parser.parse_args()\nconfigure({{'verbose': True}})\n"
                "print(verbose)\n",
            ),
            id="a name rebound by its text",
        ),
        pytest.param(
            guarded("", f"{PARSE}n = 'a'\nargs = parser.parse_args()\nprint(n)\n"),
            id="a name that is an argument's, too",
        ),
        pytest.param(
            guarded("", "self = 5\nprint(self)\n"), id="a name that no namespace can take"
        ),
        pytest.param(
            f"import argparse, json, enum\n{PARSE}args = parser.parse_args()\n"
            "LABELS = json.loads('[1, 2]')\nclass Colour(enum.Enum):\n    RED = 1\n"
            "    def __init__(self, value): self.label = LABELS[value]\nprint(Colour.RED.label)\n",
            id="an enum that runs its own code",
        ),
        pytest.param(
            f"import argparse, logging\n{PARSE}args = parser.parse_args()\nlogging.TRACE = 5\n"
            "def trace(text, level=logging.TRACE): print(text, level)\ntrace('x')\ndel logging.TRACE\n",
            id="an attribute that the script sets",
        ),
        pytest.param(
            f"import argparse\n{PARSE}print('first')\nKEY = lambda *, a=print('second'): a\n"
            "def f(): return KEY\nprint(f() is KEY)\n",
            id="a default that prints",
        ),
        pytest.param(
            guarded("", "max = 3\nprint(max)\ndel max\nprint(max(1, 2))\n"),
            id="a builtin that comes back",
        ),
        pytest.param(
            guarded(
                "",
                f"e = None\ntry:\n    int('a')\nexcept ValueError as e:\n    pass\n{PARSE}"
                "args = parser.parse_args()\nprint('start')\n"
                "try:\n    print(1 / 0)\nexcept ZeroDivisionError as e:\n    print(e)\n",
            ),
            id="a name that an except clause takes away",
        ),
        pytest.param(
            guarded(
                "def exit(text): print('soft', text)",
                "try:\n    y = int('q')\nexcept ValueError:\n    exit('bad')\n"
                f"{PARSE}args = parser.parse_args()\nif not args.n:\n    print(y)\nprint('end')\n",
            ),
            id="an exit of its own",
        ),
        pytest.param(
            guarded(
                "def cmd_a(): pass\ndef listed(): return sorted(n for n, f in globals().items() if callable(f))",
                f"{PARSE}args = parser.parse_args()\nprint(listed())\n",
            ),
            id="a list of its functions",
        ),
        *(
            pytest.param(
                f"import sys\nlimit{kind} = 1\nprint(limit)\ndef seen():\n    return {found}\nprint(seen())\n",
                id=found,
            )
            for kind, found in (
                (": int", "__annotations__"),
                ("", "'main' in globals()"),
                ("", "hasattr(sys.modules['__main__'], 'main')"),
            )
        ),
        pytest.param(
            guarded(
                "",
                f"{PARSE}first, rest = parser.parse_known_args()\n"
                "more = argparse.ArgumentParser(parents=[parser], add_help=False)\n"
                "args = more.parse_args()\nprint(args.n, first.n, rest)\n",
            ),
            id="two parsers",
        ),
        pytest.param(
            guarded("def run(args): return args.n", f"{PARSE}raise SystemExit(run(parser.parse_args()))\n"),
            id="an exception with the result",
        ),
    ],
)  # fmt: skip
def test_whatever_others_do_to_its_names_a_script_runs_as_before(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = source.encode()
    new = refactor(old).source
    assert execute(new, monkeypatch) == execute(old, monkeypatch), new.decode()


def test_the_parsing_ends_with_the_last_parser() -> None:
    new = refactored(
        guarded(
            "",
            f"{PARSE}first, rest = parser.parse_known_args()\n"
            "more = argparse.ArgumentParser(parents=[parser])\nargs = more.parse_args(rest)\n"
            "args.n = args.n or 5\nif args.n > 9:\n    more.error('less')\nprint(args.n)\n",
        )
    )
    assert "def main(args: argparse.Namespace) -> None:\n    print(args.n)\n" in new


def test_a_long_script_takes_no_longer_for_its_length() -> None:
    lines = "LIMIT_{0} = {0}\nprint('a', LIMIT_{0})\ndef f_{0}(x):\n    return x + LIMIT_{0}\nf_{0}(1)\n"

    def calls(count: int) -> int:
        """Count the calls of functions, as a measure that no other load changes."""
        source = "import argparse\n" + "".join(lines.format(n) for n in range(count))
        profile = cProfile.Profile()
        profile.runcall(refactor, source.encode())
        return sum(one.callcount for one in profile.getstats())

    assert calls(80) < 6 * calls(20)


def test_a_name_that_another_file_imports_stays_where_it_is() -> None:
    result = refactor(b"print(1)\nlimit = input()\n", imported=["limit"])
    assert [(note.line, note.text) for note in result.notes] == [
        (2, "another file imports limit: move it to another module")
    ]


def test_what_a_function_uses_that_another_file_imports_stays_where_it_is() -> None:
    source = b"client = input()\ndef helper():\n    return client\nprint(helper())\n"
    result = refactor(source, imported=["helper"])
    assert result.source == source
    assert "client" in result.notes[0].text


@pytest.mark.parametrize(
    ("source", "hiding", "line"),
    [
        ("import argparse\nprint(1)\n", "argparse", 1),
        ("import argparse\ndef f():\n    from logging.handlers import x\nprint(1)\n", "logging", 3),
        ("print(1)\n", "argparse", 1),
        ("print(1)\n", "gettext", 1),
    ],
)
def test_with_another_file_in_the_place_of_python_s_own_module_a_script_stays_as_it_is(
    source: str, hiding: str, line: int
) -> None:
    result = refactor(source.encode(), hiding={hiding: f"scripts/x/{hiding}.py"})
    assert result.source == source.encode()
    says = f"scripts/x/{hiding}.py may be imported instead of Python's own {hiding}: rename it"
    assert [(note.line, note.text) for note in result.notes] == [(line, says)]


def test_another_file_in_the_place_of_a_module_that_it_does_not_import_is_no_trouble() -> None:
    source = b"import argparse\nprint(1)\n"
    assert refactor(source, hiding={"calendar": "calendar.py"}).source != source


# --- The proof -----------------------------------------------------------------------------------


def test_without_a_proof_a_script_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(old: bytes, new: bytes) -> None:
        raise Unproven("line 3 would run at another time")

    monkeypatch.setattr("csa.refactor.prove", fails)
    old = b"print(1)\n"
    result = refactor(old)
    assert result.source == old
    [note] = result.notes
    assert "no proof" in note.text
    assert "line 3" in note.text
