"""`from pyatlan.error import X` becomes `from pyatlan.errors import X`."""

from __future__ import annotations

import pytest

from tests.sdk.fixers.cases import Case, check, check_that_all_break
from tests.support.fixed import CLIENT, LEFT

RESULTS = "from pyatlan.client.asset import IndexSearchResults\n"
USE = f"{CLIENT}AtlanClient\n"
CASES = [
    Case(before, after)
    for before, after in [
        ("from pyatlan.error import NotFoundError as N, AtlanError\n",
         "from pyatlan.errors import NotFoundError as N, AtlanError\n"),
        ("def f():\n    from pyatlan.error import (  # all\n        NotFoundError,\n    )\n",
         "def f():\n    from pyatlan.errors import (  # all\n        NotFoundError,\n    )\n"),
        ("import os, pyatlan.error as e\n", "import os, pyatlan.errors as e\n"),
        # Names and arguments of its classes may be others, and a star may bring others.
        ("import pyatlan.error\npyatlan.error.NotFoundError\n", LEFT),
        ("from pyatlan.error import AtlanErrorObject\n", LEFT),
        ("from pyatlan.error import NotFoundError\nraise NotFoundError('x', 'y')\n", LEFT),
        ("from pyatlan.error import *\n", LEFT),
        ("from pyatlan import error\n", LEFT),
        ("from pyatlan . error import NotFoundError\n", LEFT),
        # A class that was in another class is imported.
        (f"import os\n\n{USE}def f() -> AtlanClient.SearchResults: ...\n",
         f"import os\n\n{RESULTS}{USE}def f() -> IndexSearchResults: ...\n"),
        (f"{USE}x: list[AtlanClient.SearchResults] = []\ny: AtlanClient.SearchResults\n",
         f"{RESULTS}{USE}x: list[IndexSearchResults] = []\ny: IndexSearchResults\n"),
        (f"{CLIENT}def f() -> AtlanClient.SearchResults: ...\n",
         f"{RESULTS}def f() -> IndexSearchResults: ...\n"),
        (f"{RESULTS}{USE}def f() -> AtlanClient.SearchResults: ...\n",
         f"{RESULTS}{USE}def f() -> IndexSearchResults: ...\n"),
        (f"{USE}IndexSearchResults = 1\ndef f() -> AtlanClient.SearchResults: ...\n", LEFT),
        (f"{USE}def f(IndexSearchResults) -> AtlanClient.SearchResults: ...\n", LEFT),
        (f"import os; {USE}def f() -> AtlanClient.SearchResults: ...\n", LEFT),
        (f"def f():\n    {CLIENT}    def g() -> AtlanClient.SearchResults: ...\n", LEFT),
        (f"{USE}def f() -> 'AtlanClient.SearchResults': ...\n", LEFT),
    ]
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.before)
def test_what_was_renamed_gets_its_new_name(case: Case) -> None:
    check(CASES, case)


def test_each_of_these_breaks_before() -> None:
    check_that_all_break(CASES)
