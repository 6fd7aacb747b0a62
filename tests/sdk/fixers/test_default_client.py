"""`AtlanClient.get_default_client()` becomes `client`; `AtlanClient.set_default_client(client)` goes."""

from __future__ import annotations

import pytest

from tests.sdk.fixers.cases import Case, check, check_that_all_break
from tests.support.fixed import CLIENT, LEFT, fixed

HEAD = f"{CLIENT}\n\ndef f(client: AtlanClient, x):\n"
CASES = [
    Case(f"{HEAD}{before}", f"{HEAD}{after}" if after else LEFT)
    for before, after in [
        ("    AtlanClient.get_default_client().asset\n", "    client.asset\n"),
        ("    mine = AtlanClient.get_current_client()\n", "    mine = client\n"),
        ("    AtlanClient.set_default_client(client)\n    x()\n", "    x()\n"),
        ("    AtlanClient.set_current_client(client=client)\n", "    pass\n"),
        ("    if x:\n        AtlanClient.set_default_client(\n            client,\n        )\n    x()\n",
         "    if x:\n        pass\n    x()\n"),
        ("    client = AtlanClient.get_default_client()\n", LEFT),
        ("    x = AtlanClient.set_default_client(client)\n", LEFT),
        ("    AtlanClient.set_default_client(x)\n", LEFT),
        ("    AtlanClient.set_default_client(client)  # the one of this tenant\n", LEFT),
        ("    x(); AtlanClient.set_default_client(client)\n", LEFT),
        ("    get = AtlanClient.get_default_client\n", LEFT),
        ("    client.get_default_client()\n", LEFT),
        # Both would leave nothing of the function.
        ("    AtlanClient.set_default_client(client)\n" * 2, LEFT),
    ]
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.before[len(HEAD) :])
def test_the_script_s_client_takes_the_place_of_the_default_one(case: Case) -> None:
    check(CASES, case)


def test_each_of_these_breaks_before() -> None:
    check_that_all_break(CASES)


def test_the_import_of_the_class_goes_if_nothing_else_needs_it() -> None:
    start = "from pyatlan.pkg.utils import get_client\n\nclient = get_client('x')\n"
    text = f"{CLIENT}{start}AtlanClient.set_default_client(client)\n"
    assert fixed(text) == start
