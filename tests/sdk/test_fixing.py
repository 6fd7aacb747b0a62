"""What a newer pyatlan changed is changed in a script, and nothing else in it."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import replace

import pytest
from csa.sdk import fixers
from csa.sdk.breaks import Sources, breaks_of
from csa.sdk.changes import CHANGES, find_change
from csa.sdk.fixers import FIXERS
from csa.sdk.fixers.base import Fix, Use
from csa.sdk.fixers.cache import Cache
from csa.sdk.fixing import fix_breaks
from csa.source.edits import ChangedLines, Edit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.commands import ROOT
from tests.support.fixed import CLIENT, ROLES, fixed, fixed_package, package
from tests.support.package import NEWEST

SCRIPT = f"""\
{CLIENT}{ROLES}from pyatlan.model.packages import SnowflakeCrawler


def run(client: AtlanClient):
    RoleCache.get_id_for_name("$admin")
    client.workflow.run(SnowflakeCrawler)
"""


def test_what_can_be_changed_is_told_and_so_is_what_is_left() -> None:
    done = fixed_package(package({"main.py": SCRIPT, "other.py": "import pyatlan\n"}))
    assert list(done.files) == ["main.py"]
    assert list(done.changes) == [
        ChangedLines("main.py", 2, ROLES.strip(), ""),
        ChangedLines(
            "main.py", 6, 'RoleCache.get_id_for_name("$admin")',
            'client.role_cache.get_id_for_name("$admin")',
        ),
    ]  # fmt: skip
    assert [one.name for one in done.gone] == ["RoleCache.get_id_for_name"]
    assert [(one.line, one.name) for one in done.left] == [
        (2, "pyatlan.model.packages"),
        (7, "AtlanClient.workflow"),
    ]
    assert [done.line("main.py", line) for line in (1, 3, 8, 9)] == [1, 2, 7, 8]
    assert done.line("other.py", 1) == 1


def test_a_script_in_which_nothing_breaks_asks_for_nothing() -> None:
    assert fix_breaks(package({"main.py": "import os\n"}), "0.0.0", []).files == {}


def test_the_client_of_another_module_is_one() -> None:
    text = f"from new_pkg.client import client\n{ROLES}\n\ndef f():\n    RoleCache.get_id_for_name('x')\n"
    made = f"{CLIENT}\nclient = AtlanClient()\n"
    assert "    client.role_cache.get_id_for_name('x')\n" in fixed(text, client=made)
    assert fixed(text, client="client = None\n") == text


def test_what_is_no_python_breaks_nothing_else() -> None:
    assert fixed(SCRIPT, other="def f(:\n") == fixed(SCRIPT)


# --- Nothing else changes -------------------------------------------------------------------------

PLAIN = f"""\
{ROLES}{CLIENT}

def f(client: AtlanClient):
    x = 'ä' ;  RoleCache.get_id_for_name( x )   # ö
\tpass
"""


@pytest.mark.parametrize("coding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["    return x", "    return x\n"])
def test_encoding_and_line_ends_stay(coding: str, end: str, last: str) -> None:
    text = f"# coding: {coding}\n" + PLAIN.replace("\tpass\n", last)
    after = text.replace("RoleCache.", "client.role_cache.").replace(ROLES, "")
    before, expected = (one.replace("\n", end).encode(coding) for one in (text, after))
    done = fixed_package(Sources("new_pkg", {"main.py": before}, "3.11"))
    assert done.files == {"main.py": expected}


NOISE = st.sampled_from(
    [
        "",
        "# RoleCache.get_id_for_name('x')",
        "x = \"RoleCache.get_id_for_name('x')\"",
        "y  =  [ 1,2 ,\n      3 ]  # ö 😀",
        "'''\nclient\n\tRoleCache\n'''",
        "z = {'a' :1}\\\n    ; w=lambda : (  )",
        "if x :\n      pass",
        "\x0c",
    ]
)
BROKEN = st.sampled_from(
    [
        ("RoleCache.get_id_for_name('x')", "client.role_cache.get_id_for_name('x')"),
        ("asset .get_custom_metadata('x' , )", "asset .get_custom_metadata(client, 'x' , )"),
        ("v = (RoleCache. get_id_for_name)(\n  'x' )", "v = (client.role_cache. get_id_for_name)(\n  'x' )"),
        ("AtlanClient.get_default_client( ).asset", "client.asset"),
    ]
)  # fmt: skip
LINES = st.lists(st.one_of(NOISE.map(lambda text: (text, text)), BROKEN), max_size=12)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LINES, min_size=15, max_size=15))
def test_all_that_a_change_does_not_name_stays(scripts: list[list[tuple[str, str]]]) -> None:
    head = f"{CLIENT}{ROLES}from pyatlan.model.assets import Asset\nRoleCache\n"
    types = "client: AtlanClient = ...\nasset: Asset = ...\n"
    texts = [
        {
            f"m{number}.py": head + types.replace("= ...", "= make()") + "".join(
                f"{line[which]}\n" for line in lines
            )
            for number, lines in enumerate(scripts)
        }
        for which in (0, 1)
    ]  # fmt: skip
    done = fixed_package(package(texts[0]))
    after = texts[0] | {path: content.decode() for path, content in done.files.items()}
    assert after == texts[1]


# --- What is wrong is not taken ---------------------------------------------------------------------


class Wrong(Cache):
    """Changes it into something else than it should be."""

    def __init__(self, text: str):
        self.text = text

    def fix(self, use: Use, client: str) -> Fix | None:
        found = super().fix(use, client)
        return found and replace(found, edits=tuple(self._changed(edit) for edit in found.edits))

    def _changed(self, edit: Edit) -> Edit:
        return replace(edit, text=self.text)


@pytest.mark.parametrize(
    "text",
    [
        "RoleCache",  # breaks still
        "client.nothing",
        "clients.role_cache",
        "client.asset",
        "print(client.role_cache, 1).x",
        "client.role_cache)(",
        "client.find_personas_by_name(None).role_cache",
    ],
)
def test_a_change_that_does_not_type_check_is_not_taken(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FIXERS, "cache", Wrong(text))
    names = f"{SCRIPT}    run.get_custom_metadata\n"
    assert fixed(names) == names


def test_a_change_that_is_wrong_takes_none_of_the_others_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = f"{SCRIPT}    AtlanClient.get_default_client().asset\n"
    monkeypatch.setitem(FIXERS, "cache", Wrong("client.nothing"))
    assert fixed(text) == text.replace("AtlanClient.get_default_client()", "client")


# --- The table --------------------------------------------------------------------------------------


def test_each_change_of_the_table_has_a_fixer_or_a_reason() -> None:
    modules = {module.name for module in pkgutil.iter_modules(fixers.__path__)} - {"base"}
    assert set(FIXERS) == modules == {change.fixer for change in CHANGES} - {""}
    for change in CHANGES:
        assert bool(change.fixer) is not bool(change.unfixed), change.names
        assert bool(change.becomes) is (change.fixer == "renamed")


def test_the_page_says_of_each_change_whether_it_is_made() -> None:
    rows = re.findall(
        r"^\| (`.*) \| ([\d.]+) \| (.*) \|$", (ROOT / "docs/sdk.md").read_text(), re.MULTILINE
    )
    told = set()
    for names, since, made in rows:
        for name in re.findall(r"`([\w.]+)`", names):
            change = find_change(name, NEWEST)
            assert change is not None, name
            assert (since, made) == (
                change.since,
                "yes" if change.fixer else f"no: {change.unfixed}",
            )
            told.add(change)
    assert told == set(CHANGES)


def test_what_a_fixer_changes_is_what_the_advice_says() -> None:
    """The advice names what to write, and the example becomes that."""
    for change in CHANGES:
        if change.fixer == "cache":
            [attribute] = set(re.findall(r"client\.(\w+)\.", change.advice))
            text = f"{CLIENT}client = AtlanClient()\n{change.example}\n"
            assert f"client.{attribute}." in fixed(text)


def test_a_release_from_before_a_change_needs_none() -> None:
    script = package({"main.py": SCRIPT})
    assert fix_breaks(script, "5.0.2", breaks_of(script, NEWEST)).gone == ()
