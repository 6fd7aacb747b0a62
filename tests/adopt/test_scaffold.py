"""The tests and the page that a legacy script gets, as written and as run."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import jinja2
import pytest
import yaml
from csa.adopt import tests
from csa.adopt.page import description, index
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.commands import BIN, ROOT, run

# What conftest.py of the template gives the tests, without what needs an installation.
CONFTEST = """\
import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "order(after): of pytest-order")


@pytest.fixture(scope="session")
def tenant() -> str:
    if not os.environ.get("ATLAN_BASE_URL"):
        pytest.skip("No tenant: set ATLAN_BASE_URL.")
    return os.environ["ATLAN_BASE_URL"]
"""

SCRIPT = '''\
"""Sync the owners of tables from a CSV file."""

import argparse
import csv
import functools
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

BATCH = 50


class OwnerError(Exception):
    """No row has it."""


class Writer:
    def __init__(self, file: str, *, strict: bool = False) -> None:
        self.file = file


@dataclass
class Row:
    name: str


def config(file: str, *more: str, delimiter: str = ",", **options: str) -> list[str]:
    with open(file) as lines:
        return [row[0] for row in csv.reader(lines, delimiter=delimiter)]


def test_connection(client: object) -> None:
    raise RuntimeError


def signature() -> None:
    raise RuntimeError


def pytest() -> None:
    raise RuntimeError


def _owners_of_all_tables(client: object, rows: list[str], batch_size: int, dry: bool) -> None:
    raise RuntimeError


@functools.lru_cache(maxsize=1)
def connect(url: str) -> object:
    raise RuntimeError


def main(args: argparse.Namespace) -> None:
    import pyatlan

    Path("ran").write_text(f"{sorted(vars(args).items())} {pyatlan.__name__}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--user-id", required=True, help="GUID | empty")
    parser.add_argument("-i", "--input-file", help="A <file>")
    parser.add_argument("--text", default='it\\'s "x"')
    parser.add_argument("--batch-size", type=int, default=BATCH)
    parser.add_argument("--report", type=Path, default=os.environ.get("CSA_NOT", "a.csv"))
    parser.add_argument("--types", default=["Table", "View", "MaterialisedView", "Column", "Schema"])
    parser.add_argument("--class", default=(1,), choices=["a", "b"], help="Which")
    parser.add_argument("--day", default=date(2024, 1, 2))
    main(parser.parse_args())
'''
NEEDS_VALUES = SCRIPT.replace('"--input-file"', '"--input-file", required=True')
OFFLINE = SCRIPT.replace("import pyatlan\n", "pyatlan = csv\n")
ASYNC = (
    SCRIPT.replace("def main", "async def main")
    .replace("main(parser.parse_args())", "asyncio.run(main(parser.parse_args()))")
    .replace("import argparse\n", "import argparse\nimport asyncio\n")
)
NO_MAIN = SCRIPT.replace("Namespace)", "Namespace, more: int)").replace("args())", "args(), 1)")
PROBLEM = (
    'main.py parses "its arguments" when it is imported: see lines 12 to 14 and put them there.'
)
SCRIPTS = {
    "runs as it is": SCRIPT,
    "with an async main": ASYNC,
    "needs values": NEEDS_VALUES,
    "without the SDK": OFFLINE,
    "main without arguments": NO_MAIN,
    "empty": "",
    "of functions alone": "def load(file: str) -> None: ...\n",
    "with clocks": textwrap.dedent(
        """
        import argparse
        from datetime import date, datetime

        parser = argparse.ArgumentParser()
        parser.add_argument("--a", default=date.today())
        parser.add_argument("--b", default=datetime.today().isoformat())
        parser.add_argument("--c", default=datetime.utcnow())
        parser.add_argument("--d", default=60 * 2 ** 10)
        """
    ),
    "with subcommands": textwrap.dedent(
        """
        import argparse

        def main(args: argparse.Namespace) -> None: ...

        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(dest="command")
        commands.add_parser("load").add_argument("--a-very-long-name-of-an-argument-of-it", required=True)
        commands.add_parser("drop").add_argument("--another-very-long-name-of-an-argument", required=True)
        """
    ),
}


def package_of(
    source: str, folder: Path, *, tenant: bool = True, problem: str | None = None
) -> Path:
    """Write a package of this main.py, with the tests it gets, and return its folder."""
    package = folder / "scripts" / "owner_sync"
    (package / "tests").mkdir(parents=True)
    for name in ("__init__.py", "tests/__init__.py"):
        (package / name).touch()
    (package / "main.py").write_text(source)
    (package / "tests" / "conftest.py").write_text(CONFTEST)
    text = tests.test_main("owner_sync", source, tenant=tenant, problem=problem)
    (package / "tests" / "test_main.py").write_text(text)
    sdk = package.parent / "pyatlan"
    sdk.mkdir()
    (sdk / "__init__.py").touch()
    return package


def outcome(package: Path, *, code: int = 0, url: str = "") -> str:
    """Run a package's tests and return what pytest prints, one line for each reason."""
    result = run(
        BIN / "python", "-m", "pytest", "-p", "no:cacheprovider", "-v", "-rs", "--strict-markers",
        "tests",
        cwd=package,
        env={"PYTHONPATH": str(package.parent), "ATLAN_BASE_URL": url, "COLUMNS": "300"},
        code=code,
    )  # fmt: skip
    return result.stdout


def test_without_a_tenant_only_the_functions_are_tested(tmp_path: Path) -> None:
    shown = outcome(package_of(SCRIPT, tmp_path))
    assert "3 passed, 2 skipped" in shown
    assert shown.count("No tenant: set ATLAN_BASE_URL.") >= 1
    assert not (tmp_path / "scripts" / "owner_sync" / "ran").exists()


@pytest.mark.parametrize("source", [SCRIPT, ASYNC], ids=["", "async"])
def test_with_a_tenant_main_runs_with_the_parser_s_defaults(source: str, tmp_path: Path) -> None:
    package = package_of(source, tmp_path)
    shown = outcome(package, url="https://tenant")
    assert "4 passed, 1 skipped" in shown
    assert "Assert here what" in shown
    ran = (package / "ran").read_text()
    # The same, by the parser.
    parsed = package_of(SCRIPT, tmp_path / "parsed")
    environment = {"PYTHONPATH": str(parsed.parent)}
    run(BIN / "python", "main.py", "--user-id", "", cwd=parsed, env=environment)
    assert ran == (parsed / "ran").read_text()


def test_values_that_only_a_person_knows_are_asked_for(tmp_path: Path) -> None:
    package = package_of(NEEDS_VALUES, tmp_path)
    reason = "Give --input-file a value that a test run may use. Then delete this line."
    shown = outcome(package, url="https://tenant")
    assert "3 passed, 2 skipped" in shown
    assert reason in shown

    # It takes that value and one deleted line.
    test = package / "tests" / "test_main.py"
    text = re.sub(r"    pytest\.skip\(\s*\"Give --input-file[^)]*\)\n", "", test.read_text())
    test.write_text(text.replace('"--input-file", "")', '"--input-file", "a.csv")'))
    assert "4 passed, 1 skipped" in outcome(package, url="https://tenant")
    assert "('input_file', 'a.csv')" in (package / "ran").read_text()


@pytest.mark.parametrize(
    ("source", "tenant", "reason"),
    [
        (OFFLINE, True, "This runs main for real: check"),
        (SCRIPT, False, "This runs main for real: check"),
        (NO_MAIN, True, "main takes other parameters"),
        ("def load(): ...", True, "main.py has no function main(args) yet."),
        (SCRIPT + "print(1)\n", True, "main.py does not end with the guard"),
    ],
)  # fmt: skip
def test_a_main_that_cannot_be_run_just_so_is_skipped_and_says_why(
    source: str, tenant: bool, reason: str, tmp_path: Path
) -> None:
    package = package_of(source, tmp_path, tenant=tenant)
    shown = outcome(package, url="https://tenant")
    assert "passed, 2 skipped" in shown
    assert reason in shown
    assert not (package / "ran").exists()


def test_a_main_that_cannot_be_imported_is_not_and_the_tests_wait(tmp_path: Path) -> None:
    package = package_of(SCRIPT, tmp_path, problem=PROBLEM)
    main, test = package / "main.py", package / "tests" / "test_main.py"
    main.write_text("raise SystemExit('imported')\n")
    shown = outcome(package)
    assert "5 skipped" in shown
    assert PROBLEM in shown

    main.write_text(SCRIPT)
    test.write_text(re.sub(r"\npytestmark = .*?\n\)\n", "", test.read_text(), flags=re.DOTALL))
    assert "3 passed, 2 skipped" in outcome(package)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("*more: str", "*others: str"),
        ("def signature()", "def signature(more: int)"),
        ("*, strict", "strict, *, lax"),
        ("def test_connection", "def connection"),
        ("class OwnerError(Exception)", "def OwnerError()"),
        ("def main(args", "def main(arguments"),
        ("@functools.lru_cache(maxsize=1)\ndef connect(url: str) -> object:", "connect = 1\nif True:"),
    ],
)  # fmt: skip
def test_a_function_that_changes_fails_its_test(old: str, new: str, tmp_path: Path) -> None:
    package = package_of(SCRIPT, tmp_path)
    assert old in SCRIPT
    (package / "main.py").write_text(
        SCRIPT.replace(old, new).replace("    raise RuntimeError", "    print()")
    )
    assert "test_main_functions FAILED" in outcome(package, code=1)


@pytest.mark.parametrize(
    "code",
    [
        "def load(): ...\nload = 1",
        "def load(): ...\ndel load",
        "def load(): ...\nfrom os import path as load",
        "def load(): ...\ndef load(x): ...",
        "if True:\n    def load(): ...",
        "def outer():\n    def load(): ...",
        "if __name__ == '__main__':\n    def load(): ...",
    ],
)
def test_what_is_not_sure_to_be_there_is_not_asserted(code: str) -> None:
    text = tests.test_main("p", code, tenant=True, problem=None)
    assert "script.load" not in text


@pytest.mark.slow
@pytest.mark.parametrize("problem", [None, PROBLEM], ids=["", "with a problem"])
@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS)
def test_it_is_linted_formatted_and_typed(source: str, problem: str | None, tmp_path: Path) -> None:
    package = package_of(source, tmp_path, problem=problem)
    test = package / "tests" / "test_main.py"
    for folder in (package, tmp_path):
        run(BIN / "ruff", "check", "--no-cache", "--isolated", test, cwd=folder)
    run(BIN / "ruff", "check", "--no-cache", "--isolated", "--target-version=py39", test)
    run(BIN / "ruff", "format", "--no-cache", "--isolated", "--line-length=88", "--diff", test)
    run(
        BIN / "mypy", "--strict", "--cache-dir=/dev/null", "--python-version=3.10",
        "-p", "owner_sync.tests",
        cwd=package.parent,
    )  # fmt: skip


@settings(deadline=None, max_examples=30)
@given(
    names=st.lists(
        st.from_regex(r"\A[a-z]{2}(_[a-z]{1,7}){1,9}\Z"), unique=True, min_size=1, max_size=5
    ),
    defaults=st.lists(
        st.recursive(
            st.one_of(
                st.none(), st.booleans(), st.integers(), st.text(max_size=60), st.binary(max_size=9)
            ),
            lambda inner: st.one_of(
                st.lists(inner, max_size=5),
                st.lists(inner, max_size=5).map(tuple),
                st.dictionaries(st.text(max_size=20), inner, max_size=4),
            ),
            max_leaves=8,
        ),
        min_size=5,
        max_size=5,
    ),
    problem=st.none() | st.text(st.sampled_from("ab '\"\\\n"), min_size=1, max_size=200),
)
def test_it_is_formatted_whatever_the_names_and_the_defaults(
    names: list[str],
    defaults: list[object],
    problem: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    calls = "".join(
        f"p.add_argument('--{name}', default={default!r})\n"
        for name, default in zip(names, defaults, strict=False)
    )
    functions = "".join(f"def {name}({', '.join(names)}): ...\n" for name in names)
    source = f"import argparse\n{functions}p = argparse.ArgumentParser()\n{calls}"
    text = tests.test_main("owner_sync", source, tenant=True, problem=problem)
    test = folder / "test_main.py"
    test.write_text(text, encoding="utf-8")
    run(BIN / "ruff", "format", "--no-cache", "--isolated", "--line-length=88", "--diff", test)


def test_the_page_is_about_this_script_and_claims_no_more() -> None:
    page = index("owner_sync", "Sync owners.", NEEDS_VALUES)
    assert page.startswith("# Owner sync\n\nSync owners.\n\n## Arguments\n\n")
    table = [line for line in page.splitlines() if line.startswith("|")]
    assert table == [
        "| Argument | Required | Meaning |",
        "| --- | --- | --- |",
        r"| `--user-id` | yes | GUID \| empty |",
        r"| `-i`, `--input-file` | yes | A \<file> |",
        "| `--text` | no | |",
        "| `--batch-size` | no | |",
        "| `--report` | no | |",
        "| `--types` | no | |",
        "| `--class` | no | Which. One of `a`, `b`. |",
        "| `--day` | no | |",
    ]
    command = 'python -m owner_sync.main --user-id "$ATLAN_USER_ID" --input-file INPUT_FILE\n'
    assert command in page
    assert "changes nothing" not in page
    assert "Exit code" not in page


EXCLUSIVE = """
group = ArgumentParser().add_mutually_exclusive_group(required=True)
group.add_argument("--a")
group.add_argument("--b", nargs=2)
"""
REQUIRED = """
parser = ArgumentParser()
parser.add_argument("file")
parser.add_argument("--n", nargs=2, required=True)
parser.add_argument("--yes", action="store_true", required=True)
"""


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "\n\nIt takes no arguments.\n\n"),
        ("import sys\nprint(sys.argv[1])", "from `sys.argv`"),
        ("p = ArgumentParser()\nfor x in y: p.add_argument(x)",
         "`python -m owner_sync.main --help` lists them all."),
        ("p = ArgumentParser()\ns = p.add_subparsers()\ns.add_parser('load')\ns.add_parser('drop')",
         "Subcommands: `load`, `drop`. `python -m owner_sync.main load --help` tells"),
        (EXCLUSIVE, "`python -m owner_sync.main --help` lists them all."),
        (REQUIRED, "\npython -m owner_sync.main --n N N --yes FILE\n"),
    ],
)  # fmt: skip
def test_the_page_says_how_the_script_is_called(code: str, sentence: str) -> None:
    assert sentence in index("owner_sync", "x", code)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""Sync owners."""', "Sync owners."),
        ('"""Sync owners\n\nUsage: more\n"""', "Sync owners"),
        ('"""Sync the owners\nof tables. Then more.\n"""', "Sync the owners of tables."),
        ('"""Owner sync\nAuthor: me\n"""', "Owner sync"),
        ('"""Say e.g. this: 5% of {{ x }}."""', "Say e.g. this: 5% of {{ x }}."),
        (f'"""Sync owners. {"Long " * 50}"""', "Sync owners."),
        (f'"""{"long " * 50}"""', None),
        ("'''Sync \"owners\"'''", None),
        ("'''Sync owners. It costs $5.'''", "Sync owners."),
        ('"""=====\n"""', None),
        ('"""======\nOwner sync\n======\nSyncs them.\n"""', "Owner sync"),
        ('"""Created on Aug 10, 2018\n\n@author: me\n\nSync owners.\n"""', "Sync owners."),
        ('"""Created on Fri Aug 10 2018\n@author: me\n"""', None),
        ('"""main.py\nDescription: Sync owners\n"""', "Sync owners"),
        (
            '"""Author: me\nme@example.com\nDate: 2018-08-10\nVersion 1.2\n\nSync owners\n"""',
            "Sync owners",
        ),
        ('"""Usage:\n    python main.py\n"""', None),
        (
            '"""Copyright 2018 Us\n\nLicensed under the License;\nyou may.\n\nSync owners.\n"""',
            "Sync owners.",
        ),
        (
            '"""Sync all owners of all tables of the warehouse to the catalog. It is licensed as MIT."""',
            "Sync all owners of all tables of the warehouse to the catalog. It is licensed as MIT.",
        ),
        ('"""Created tables get owners."""', "Created tables get owners."),
        ('"""Versions of tables."""', "Versions of tables."),
        ('"""Files that are old go.\nAll rights reserved.\n"""', None),
        ("import x\nx.ArgumentParser(description='Sync owners')", "Sync owners"),
        ("'''Sync \"o\"'''\nx.ArgumentParser(description='Sync owners')", "Sync owners"),
        ("x.ArgumentParser(description=__doc__)", None),
        ("", None),
    ],
)
def test_the_description_is_the_script_s_own_or_none(source: str, expected: str | None) -> None:
    assert description(source) == expected


VALIDATOR = yaml.safe_load((ROOT / "copier.yml").read_text())["description"]["validator"]


@given(st.text(st.sampled_from('abC .!?\n\t"\\$%(é\u200b'), max_size=30))
def test_the_question_takes_every_description(text: str) -> None:
    found = description(f"ArgumentParser(description={text!r})")
    if found is not None:
        template = jinja2.Template(VALIDATOR)
        assert template.render(description=found).strip() == ""
        assert found in " ".join(line.strip() for line in text.strip().splitlines())
