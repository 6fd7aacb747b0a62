"""`RoleCache.get_id_for_name(x)` becomes `client.role_cache.get_id_for_name(x)`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from csa.sdk.changes import CHANGES, cache_attribute
from csa.sdk.environments import environment

from tests.sdk.fixers.cases import Case, check, check_that_all_break
from tests.support.fixed import CLIENT, LEFT, ROLES, fixed
from tests.support.package import NEWEST

HEAD = f"{CLIENT}\n\ndef f(client: AtlanClient, x):\n"
CACHES = [change.example for change in CHANGES if change.fixer == "cache"]


def in_function(body: str, imports: str = ROLES) -> str:
    return f"{imports}{HEAD}{body}"


def without_import(body: str) -> str:
    return f"{HEAD}{body}"


CASES = [
    Case(in_function(f"    {before}\n"), without_import(f"    {after}\n"))
    for before, after in [
        ("RoleCache.get_id_for_name(x)", "client.role_cache.get_id_for_name(x)"),
        ("RoleCache.get_id_for_name(name=x)", "client.role_cache.get_id_for_name(name=x)"),
        ("RoleCache.validate_idstrs(['x'])", "client.role_cache.validate_idstrs(['x'])"),
        ("return [RoleCache.get_id_for_name('$admin')]",
         "return [client.role_cache.get_id_for_name('$admin')]"),
        ("RoleCache . get_id_for_name( # why\n        x\n    )",
         "client.role_cache . get_id_for_name( # why\n        x\n    )"),
        ("RoleCache \\\n        .get_id_for_name(x)", "client.role_cache \\\n        .get_id_for_name(x)"),
        ("(RoleCache).get_id_for_name(x)", "(client.role_cache).get_id_for_name(x)"),
        ("y = 'äöü😀'; RoleCache.get_id_for_name(y)", "y = 'äöü😀'; client.role_cache.get_id_for_name(y)"),
        ("return lambda: RoleCache.get_id_for_name(x)", "return lambda: client.role_cache.get_id_for_name(x)"),
        ("RoleCache.get_name_for_id(RoleCache.get_id_for_name(x))",
         "client.role_cache.get_name_for_id(client.role_cache.get_id_for_name(x))"),
    ]
]  # fmt: skip
CASES += [
    # Under other names, and as a module's attribute.
    Case(
        in_function("    RC.get_id_for_name(x)\n", ROLES.replace("RoleCache", "RoleCache as RC")),
        without_import("    client.role_cache.get_id_for_name(x)\n"),
    ),
    Case(
        in_function("    roles.RoleCache.get_id_for_name(x)\n", "import pyatlan.cache.role_cache as roles\n"),
        "import pyatlan.cache.role_cache as roles\n"
        + without_import("    client.role_cache.get_id_for_name(x)\n"),
    ),
    # What is used in another way stays, and so does its import.
    Case(in_function("    get = RoleCache.get_id_for_name\n    get(x)\n"), LEFT),
    Case(in_function("    RoleCache.get_cache().get_id_for_name(x)\n"), LEFT),
    Case(in_function("    RoleCache.get_id_for_name(x)\n", "from pyatlan.cache.role_cache import *\n"), LEFT),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.before[-40:])
def test_a_call_of_a_cache_is_one_of_the_client_s(case: Case) -> None:
    check(CASES, case)


def test_each_of_these_breaks_before() -> None:
    check_that_all_break(CASES)


@pytest.mark.parametrize("example", CACHES)
def test_each_cache_of_the_table_is_an_attribute_of_the_client(example: str) -> None:
    [name] = re.findall(r"import (\w+)", example)
    client = Path(environment(f"pyatlan=={NEWEST}"), "pyatlan", "client", "atlan.py").read_text()
    assert f"def {cache_attribute(name)}(self) -> {name}:" in client


OTHER = "from pyatlan.cache.role_cache import RoleCache, lock"
IMPORTS = [
    (ROLES, ""),
    (f"{OTHER}\nlock\n", "from pyatlan.cache.role_cache import lock\nlock\n"),
    ("from pyatlan.cache.role_cache import lock, RoleCache\nlock\n",
     "from pyatlan.cache.role_cache import lock\nlock\n"),
    ("from pyatlan.cache.role_cache import (\n    RoleCache,\n    lock,\n)\nlock\n",
     "from pyatlan.cache.role_cache import (\n    lock,\n)\nlock\n"),
    (f"import os  # system\n\n{ROLES}\nos\n", "import os  # system\n\n\nos\n"),
    # The name is used, or may be, or the line says something else, too.
    *((text, text) for text in [
        f"{ROLES}print(RoleCache)\n",
        f"{ROLES}__all__ = ['RoleCache']\n",
        f"{ROLES}def g(x: 'RoleCache'): ...\n",
        ROLES.replace("\n", "  # noqa\n"),
        ROLES.replace("\n", "; import os\n"),
        "from pyatlan.cache.role_cache import (\n    RoleCache,  # roles\n    lock,\n)\nlock\n",
        f"try:\n    {ROLES}except ImportError:\n    raise\n",
    ]),
]  # fmt: skip
IMPORT_CASES = [
    Case(
        in_function("    RoleCache.get_id_for_name(x)\n", before),
        after + without_import("    client.role_cache.get_id_for_name(x)\n"),
    )
    for before, after in IMPORTS
]


@pytest.mark.parametrize("case", IMPORT_CASES, ids=lambda case: case.before[:60])
def test_an_import_goes_where_nothing_needs_it(case: Case) -> None:
    check(IMPORT_CASES, case)


def test_an_import_stays_where_another_file_takes_the_name_from_there() -> None:
    text = in_function("    RoleCache.get_id_for_name(x)\n")
    body = "    client.role_cache.get_id_for_name(x)\n"
    takes = (
        "from new_pkg.main import RoleCache\n",
        "from .main import *\n",
        "import new_pkg.main as m\nm.RoleCache\n",
        "x = 'new_pkg.main.RoleCache'\n",
    )
    for other in takes:
        assert fixed(text, other=other) == ROLES + without_import(body), other
    # One that has the class from pyatlan itself does not.
    assert fixed(text, other=f"{ROLES}RoleCache\n") == without_import(body)
