"""Which expressions of a script may be its client, where RoleCache is used."""

from __future__ import annotations

import ast

import pytest
from csa.sdk.clients import Clients
from csa.source.edits import PythonText

from tests.support.fixed import CLIENT, ROLES, fixed_together

IMPORTS = {"AtlanClient", "RoleCache", "get_client", "client_connection", "make"}


def candidates(text: str, **others: str) -> list[set[str]]:
    """What may be the client in each place of main.py that uses RoleCache."""
    files = {"main.py": text, **{f"{name}.py": other for name, other in others.items()}}
    texts = {path: PythonText(other.encode()) for path, other in files.items()}
    clients = Clients(texts)
    places = [
        node
        for node in texts["main.py"].nodes
        if isinstance(node, ast.Name) and node.id == "RoleCache" and isinstance(node.ctx, ast.Load)
    ]
    return [{one.name for one in clients.at("main.py", place)} - IMPORTS for place in places]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("client = AtlanClient()\nRoleCache", {"client"}),
        ("atlan: AtlanClient = AtlanClient()\nRoleCache", {"atlan"}),
        ("if (atlan := AtlanClient()):\n    RoleCache", {"atlan"}),
        ("with client_connection() as atlan:\n    RoleCache", {"atlan"}),
        ("from other import client\ndef f():\n    RoleCache", {"client"}),
        ("def f(x: AtlanClient, *, y: AtlanClient):\n    RoleCache", {"x", "y"}),
        # What has a default may be None, and of what has no type nothing is known.
        ("def f(x: AtlanClient = None, *a: AtlanClient, y: AtlanClient = 1):\n    RoleCache", set()),
        ("def f(**b: AtlanClient):\n    RoleCache", set()),
        ("def f(client):\n    RoleCache", set()),
        ("client = None\nRoleCache", set()),
        ("client: AtlanClient\nRoleCache", set()),
        # Bound once, and never taken away.
        ("client = AtlanClient()\nclient = None\nRoleCache", set()),
        ("client = AtlanClient()\ndel client\nRoleCache", set()),
        ("client = AtlanClient()\nfor client in 'ab':\n    RoleCache", set()),
        ("client = AtlanClient()\ntry:\n    RoleCache\nexcept ValueError as client:\n    pass", set()),
        ("client = AtlanClient()\nmatch 1:\n    case client:\n        RoleCache", set()),
        ("client = AtlanClient()\ndef client(): ...\nRoleCache", set()),
        ("client = AtlanClient()\nimport client\nRoleCache", set()),
        ("client = AtlanClient()\nclient += 1\nRoleCache", set()),
        ("client = AtlanClient()\ndef s():\n    global client\n    client = 1\ndef f():\n    RoleCache", set()),
        ("client = AtlanClient()\nglobals()['client'] = None\nRoleCache", set()),
        ("def o():\n    client = make()\n    def s():\n        nonlocal client\n        client = 1\n    RoleCache", set()),
        ("client, x = AtlanClient(), 1\nRoleCache", set()),
        # Another thing in a scope between.
        ("client = AtlanClient()\ndef f(client):\n    RoleCache", set()),
        ("client = AtlanClient()\ndef f():\n    client = 1\n    RoleCache", set()),
        ("client = AtlanClient()\nlambda client: RoleCache", set()),
        ("client = AtlanClient()\n[RoleCache for client in 'ab']", set()),
        ("client = AtlanClient()\n[client for client in [RoleCache]]", {"client"}),
        ("client = AtlanClient()\nclass A:\n    client = 1\n    x = RoleCache", set()),
        ("client = AtlanClient()\nclass A:\n    client = 1\n    def f(self):\n        RoleCache", {"client"}),
        ("class A:\n    client = AtlanClient()\n    def f(self):\n        RoleCache", set()),
        # Of a function's own scope are its body and nothing else.
        ("def f(client: AtlanClient, x=RoleCache): ...", set()),
        ("@d(RoleCache)\ndef f(client: AtlanClient): ...", set()),
        ("def f(client: AtlanClient) -> RoleCache: ...", set()),
        ("def f(client: AtlanClient):\n    return [lambda x=RoleCache: x]", {"client"}),
        # Bound whenever a function runs that is called later.
        ("def f():\n    RoleCache\nclient = AtlanClient()", {"client"}),
        ("def f():\n    RoleCache\nclient = make()", {"client"}),
        ("def f():\n    RoleCache\nf()\nclient = make()", set()),
        ("def f():\n    RoleCache\n@f\nclass A: ...\nclient = make()", set()),
        ("if make:\n    client = make()\ndef f():\n    RoleCache", set()),
        ("def f():\n    RoleCache\nif __name__ == '__main__':\n    client = AtlanClient()\n    f()", set()),
        ("client = make()\nfrom other import *\ndef f():\n    RoleCache", set()),
        ("from other import *\nclient = make()\ndef f():\n    RoleCache", {"client"}),
        ("def o():\n    client = make()\n    def i():\n        RoleCache", {"client"}),
        ("def o():\n    def i():\n        RoleCache\n    client = make()", set()),
        ("def o(x):\n    if x:\n        client = make()\n    return lambda: RoleCache", set()),
    ],
)  # fmt: skip
def test_a_name_is_one_if_it_is_bound_once_and_always(text: str, names: set[str]) -> None:
    assert candidates(f"{text}\n") == [names]


CLASS = """\
class A:
    def __init__(self, client: AtlanClient):
        self.client = client
        self.other = 1

    def f(self):
        RoleCache
"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (CLASS, {"self.client"}),
        (CLASS.replace("self", "this"), {"this.client"}),
        (CLASS.replace("RoleCache", "return lambda: RoleCache"), {"self.client"}),
        (CLASS.replace("self.other = 1", "RoleCache"), {"client", "self.client"}),
        # Before it is set, or where it may be another.
        (CLASS.replace("self.client = client", "self.f()\n        self.client = client"), set()),
        (CLASS.replace("= client", "= self.make()"), set()),
        (CLASS.replace("self.client =", "if client:\n            self.client ="), set()),
        (CLASS.replace("self.other = 1", "self.client = None"), set()),
        (f"{CLASS}A(1).client = None\n", set()),
        (f"{CLASS}class B(A):\n    def __init__(self): ...\n", set()),
        (CLASS.replace("    def f", "    @staticmethod\n    def f"), set()),
        (CLASS.replace("    def f", "    @classmethod\n    def f"), set()),
        (CLASS.replace("        RoleCache", "        self = 1\n        RoleCache"), set()),
        (CLASS.replace("    def __init__", "    @d\n    def __init__"), set()),
    ],
)  # fmt: skip
def test_an_attribute_is_one_if_init_alone_sets_it(text: str, names: set[str]) -> None:
    assert [found - {"client"} for found in candidates(text)][-1:] == [names - {"client"}]


PARAMETER = "def f(client: AtlanClient):\n    RoleCache\n"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("", True),
        ("AtlanClient('a')", True),
        ("def main(args):\n    AtlanClient(args.url)\nif __name__ == '__main__':\n    main(1)", True),
        ("class A:\n    def __init__(self, x):\n        self.x = AtlanClient(x)\nA(1)", True),
        ("from pyatlan.pkg.utils import get_client\ndef main(args):\n    get_client(args.x)\nmain(1)", True),
        # As good as one: from the same settings.
        ("def g():\n    AtlanClient()\ndef h():\n    AtlanClient()", True),
        ("def g():\n    AtlanClient(os.environ['X'], os.getenv('Y'))", True),
        ("load_dotenv()\ndef g():\n    AtlanClient()", True),
        ("from settings import URL\nimport config\ndef g():\n    AtlanClient(URL, config.x)", True),
        ("URL = input()\ndef g():\n    AtlanClient(URL)\ndef h():\n    AtlanClient(URL)", True),
        # There may be several.
        ("URL = 'a'\ndef g(URL):\n    AtlanClient(URL)", False),
        ("URL = 'a'\ndef g():\n    global URL\n    URL = 'b'\n    AtlanClient(URL)", False),
        ("for URL in 'ab':\n    pass\ndef g():\n    AtlanClient(URL)", False),
        ("import config\ndef g(u):\n    config.url = u\n    AtlanClient(config.url)", False),
        ("def g(x):\n    AtlanClient(x.url)", False),
        ("AtlanClient('a')\nAtlanClient('b')", False),
        ("AtlanClient('a')\nAtlanClient()", False),
        ("for x in 'ab':\n    AtlanClient(x)", False),
        ("[AtlanClient(x) for x in 'ab']", False),
        ("while True:\n    AtlanClient(input())", False),
        ("make = lambda x: AtlanClient(x)", False),
        ("def g(x):\n    AtlanClient(x)\ng(1)\ng(2)", False),
        ("def g(x):\n    AtlanClient(x)\nfor x in 'ab':\n    g(x)", False),
        ("def g(x):\n    AtlanClient(x)\nh = g\nh(1)\nh(2)", False),
        ("def g(x):\n    AtlanClient(x)\ndef h(x):\n    g(x)\nh(1)\nh(2)", False),
        ("def g(x):\n    AtlanClient(x)\n    g(x)", False),
        ("def handler(event):\n    AtlanClient(event)", False),
        ("class A:\n    def __init__(self, x):\n        self.x = AtlanClient(x)\nA(1)\nA(2)", False),
        ("cs = map(AtlanClient, 'ab')", False),
        ("make = AtlanClient\nmake('a')\nmake('b')", False),
        ("from pyatlan.client.atlan import AtlanClient as C\nC('a')\nC('b')", False),
        ("import pyatlan.client.atlan as p\np.AtlanClient('a')\np.AtlanClient('b')", False),
        ("AtlanClient.from_token_guid('a')\nAtlanClient('b')", False),
        ("from pyatlan.client.atlan import client_connection\nAtlanClient()\nwith client_connection(1) as c: ...",
         False),
        ("class Mine(AtlanClient): ...\nMine('a')\nMine('b')", False),
        ("import os\ndef g():\n    os.environ['ATLAN_BASE_URL'] = 'x'\n    AtlanClient()\ng()\nAtlanClient()", False),
        ("load_dotenv('a')\nAtlanClient()\nload_dotenv('b')\nAtlanClient()", False),
        # Where it is only a type.
        ("def g(c: AtlanClient | None, d: 'AtlanClient') -> AtlanClient:\n    isinstance(c, AtlanClient)", True),
        ("x: dict[str, AtlanClient] = {}\ncast(AtlanClient, x)", True),
    ],
)  # fmt: skip
def test_a_package_with_several_clients_has_none_that_is_certain(text: str, is_one: bool) -> None:
    [found] = candidates(f"{CLIENT}{text}\n{PARAMETER}")
    assert ("client" in found) is is_one


def test_clients_of_other_files_count_unless_they_are_tests() -> None:
    other = f"{CLIENT}x = AtlanClient('b')\n"
    text = f"{CLIENT}y = AtlanClient('a')\n{PARAMETER}"
    assert candidates(text, other=other) == [set()]
    assert candidates(text, test_other=other) == [{"client", "y"}]
    assert candidates(text, other="import main\nmain.y = None\n") == [{"client"}]


# --- What the type checker says -------------------------------------------------------------------

MAKE = f"{ROLES}{CLIENT}\n\ndef make() -> AtlanClient: ...\n\n\n"
USE, FIXED = "RoleCache.get_id_for_name('x')", "client.role_cache.get_id_for_name('x')"
TYPED = [
    (f"client = make()\n{USE}\n", True),
    (f"import sys\ntry:\n    client = make()\nexcept OSError:\n    sys.exit(1)\n{USE}\n", True),
    (f"client = make()\ndef f(x={USE}): ...\n", True),
    (f"client = make()\nclass A:\n    x = {USE}\n", True),
    (f"class Mine(AtlanClient): ...\ndef f(client: Mine):\n    {USE}\n", True),
    (f"def f(client: 'AtlanClient'):\n    async def g():\n        {USE}\n", True),
    # It may not be bound, or be something else.
    (f"{USE}\nclient = make()\n", False),
    (f"def f(x={USE}): ...\nclient = make()\n", False),
    (f"if input():\n    client = make()\n{USE}\n", False),
    (f"try:\n    client = make()\nexcept OSError:\n    pass\n{USE}\n", False),
    (f"while input():\n    client = make()\n    break\n{USE}\n", False),
    (f"def f(client: AtlanClient | None):\n    {USE}\n", False),
    (f"def f(client: AtlanClient | str):\n    {USE}\n", False),
    (f"def f(client: type[AtlanClient]):\n    {USE}\n", False),
    (f"def f(client: list[AtlanClient]):\n    {USE}\n", False),
    (f"def f(client: 'Unknown'):\n    {USE}\n", False),
    (f"def g(): return make()\nclient = g\n{USE}\n", False),
    (f"def f(x):\n    client = x.client\n    {USE}\n", False),
    (f"from pyatlan.client.aio import AsyncAtlanClient\ndef f(client: AsyncAtlanClient):\n    {USE}\n", False),
    (f"class Fake:\n    role_cache = 1\ndef f(client: Fake):\n    {USE}\n", False),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(TYPED)), ids=[text for text, _ in TYPED])
def test_the_type_checker_says_what_is_a_client_in_a_place(number: int) -> None:
    texts, broken = fixed_together(tuple(MAKE + text for text, _ in TYPED))
    text, is_client = TYPED[number]
    after = MAKE.removeprefix(ROLES) + text.replace(USE, FIXED) if is_client else MAKE + text
    assert texts[number] == after
    assert bool(broken[number]) is not is_client
