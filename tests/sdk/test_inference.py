"""Functions without annotations: a client is what is handed over or returned as one everywhere."""

from __future__ import annotations

import re

import pytest

from tests.support.fixed import CLIENT, ROLES, fixed, fixed_together

MAKE = f"{ROLES}{CLIENT}\n\ndef make() -> AtlanClient: ...\n\n\n"
USE = "RoleCache.get_id_for_name('x')"
UNTYPED = [
    ("def f(client):\n    {}\n\n\nf(make())\n", True),
    ("def f(client):\n    {}\n\n\natlan = make()\nf(atlan)\nf(client=atlan)\n", True),
    ("def f(x, *, client):\n    {}\n\n\nf(1, client=make())\n", True),
    ("def f(client):\n    {}\n\n\ndef g(client, y):\n    f(client)\n\n\ng(make(), 1)\n", True),
    ("def f(client, x):\n    {}\n    if x:\n        f(client, None)\n\n\nf(make(), 1)\n", True),
    ("def f(client):\n    {}\n\n\ndef g(x):\n    f(x.client)\n", False),
    ("def f(client):\n    {}\n\n\nf(make())\nf(None)\n", False),
    ("def f(client):\n    {}\n\n\nf(*[make()])\n", False),
    ("def f(client):\n    {}\n\n\nf(make())\nmap(f, [1])\n", False),
    ("def f(client):\n    {}\n\n\nf(make())\nglobal_name = 'f'\n", False),
    ("def f(client):\n    {}\n", False),
    ("def f(client):\n    {}\n    f(client)\n", False),
    ("def f(client):\n    client = 1\n    {}\n\n\nf(make())\n", False),
    ("@make\ndef f(client):\n    {}\n\n\nf(make())\n", False),
    ("def f(client):\n    {}\n\n\nf(make() if input() else None)\n", False),
    ("def f(client):\n    {}\n\n\ndef g(client: AtlanClient | None):\n    f(client)\n", False),
    # What a factory returns, whichever way it ends.
    ("def h():\n    return make()\n\n\nclient = h()\n{}\n", True),
    ("def h(x):\n    try:\n        return make()\n    except OSError:\n        raise ValueError\n\n\nclient = h(1)\n{}\n", True),
    ("def h(x):\n    if x:\n        return make()\n    else:\n        return make()\n\n\nclient = h(1)\n{}\n", True),
    ("def h():\n    return make()\n\n\ndef i():\n    return h()\n\n\nclient = i()\n{}\n", True),
    ("def h():\n    return make()\n\n\nclass A:\n    def __init__(self):\n        self.client = h()\n\n    def f(self):\n        self.client\n        {}\n", True),
    ("def h(x):\n    if x:\n        return make()\n\n\nclient = h(1)\n{}\n", False),
    ("def h(x):\n    if x:\n        return None\n    return make()\n\n\nclient = h(1)\n{}\n", False),
    ("def h():\n    yield\n    return make()\n\n\nclient = h()\n{}\n", False),
    ("async def h():\n    return make()\n\n\nclient = h()\n{}\n", False),
    ("@make\ndef h():\n    return make()\n\n\nclient = h()\n{}\n", False),
    ("def h():\n    return make()\n\n\ndef f(h):\n    client = h()\n    {}\n", False),
    ("import contextlib\ndef h():\n    with contextlib.suppress(OSError):\n        return make()\n\n\nclient = h()\n{}\n", False),
]  # fmt: skip


TEXTS = [
    # Each with names of its own: functions of one package could be called by any of it.
    re.sub(r"\b([fghi]|make)\b", rf"\g<1>_{number}", f"{MAKE}{text}").replace("{}", USE)
    for number, (text, _) in enumerate(UNTYPED)
]


@pytest.mark.parametrize("number", range(len(UNTYPED)), ids=[text for text, _ in UNTYPED])
def test_what_is_handed_over_or_returned_is_a_client_if_all_of_it_is(number: int) -> None:
    texts, broken = fixed_together(tuple(TEXTS))
    before, is_client = TEXTS[number], UNTYPED[number][1]
    of = "self.client" if "self.client" in before else "client"
    after = before.replace("RoleCache.", f"{of}.role_cache.").removeprefix(ROLES)
    assert texts[number] == (after if is_client else before)
    assert bool(broken[number]) is not is_client


def test_a_function_of_another_module_is_one_too() -> None:
    text = f"from new_pkg.other import h\n{ROLES}\n\ndef f(client):\n    {USE}\n\n\nclient = h()\nf(client)\n"
    made = f"{CLIENT}\n\ndef h():\n    return AtlanClient()\n"
    assert "    client.role_cache.get_id_for_name('x')\n" in fixed(text, other=made)
    # Tests hand over what they like; other modules do not.
    calls = "from new_pkg.main import f\n\nf(None)\n"
    assert fixed(text, other=made, test_main=calls) == fixed(text, other=made)
    assert fixed(text, other=made, more=calls) == text
    assert fixed(text.replace("new_pkg.other", "elsewhere"), other=made).endswith(text[-99:])
