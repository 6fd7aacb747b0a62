"""What the tests of a legacy script hold, and which of its functions are to be recorded."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from csa.adopt import tests

from tests.support.commands import BIN, run

CALLING = """\
import requests
from httpx import get as fetch


def rates(day, *, base="EUR"):
    return requests.get(f"https://rates.example/{day}").json()


def pages():
    return [fetch(url) for url in ("a", "b")]


def main(args):
    requests.post("x")


def pure(x):
    return x
"""


def test_functions_that_call_third_parties_are_to_be_recorded(tmp_path: Path) -> None:
    sources = {"main.py": CALLING, "lib/other.py": CALLING.replace("requests", "queries")}
    text = tests.test_third_parties({path: ast.parse(source) for path, source in sources.items()})
    assert text is not None
    names = [line.split()[1].partition("(")[0] for line in text.splitlines() if " def " in line]
    assert names == ["test_lib_other_pages", "test_rates", "test_pages"]
    test = tmp_path / "test_third_parties.py"
    test.write_text(text)
    run(BIN / "ruff", "check", "--no-cache", "--isolated", test)
    run(BIN / "ruff", "format", "--no-cache", "--isolated", "--line-length=88", "--diff", test)
    assert tests.test_third_parties({"main.py": ast.parse("import requests\n")}) is None


@pytest.mark.parametrize(
    ("handed", "is_told"),
    [
        ("main(parser.parse_args())", True),
        ("args = parser.parse_args()\n    main(args)", True),
        ("args = parser.parse_args()\n    sys.exit(main(args))", True),
        ("main(argparse.Namespace(file=parser.parse_args().a))", False),
        ("args, rest = parser.parse_known_args()\n    main(args)", False),
    ],
)
def test_defaults_are_held_where_main_gets_what_was_parsed(handed: str, *, is_told: bool) -> None:
    source = f"""import argparse, sys
def main(args): ...
if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--a", default="x")
    {handed}
"""
    text = tests.test_main("p", source, tenant=True, problem=None)
    assert ('assert args.a == "x"' in text) is is_told
