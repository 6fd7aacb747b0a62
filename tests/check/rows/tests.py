"""What breaks the rules of csa/check/tests.py, and what does not."""

from __future__ import annotations

from .changes import CASSETTE, Breaking, Files, Good, a_test

CLIENT = "from pyatlan.client.atlan import AtlanClient\n"
MOCK = "from unittest.mock import MagicMock as M, patch as p\n"
SYS = "import sys\n"


def main_tests(body: str) -> Files:
    return {"tests/test_main.py": body}


def marked(body: str) -> Files:
    return {"tests/test_more.py": f"import pytest\n{body}"}


def recorded(name: str) -> Files:
    return {f"tests/{name}": "interactions: []\n"}


BREAKING: Breaking = [
    *[("CSA601", main_tests(body), "tests/test_main.py", 0, "test_after_main is missing")
      for body in [
        "def test_main(): ...\ndef test_main_functions(): ...\n",
        "def test_main():\n    def test_after_main(): ...\ndef test_main_functions(): ...\n",
        ("class A:\n    def test_main(self): ...\n    def test_main_functions(self):\n"
        "        def test_after_main(): ...\n"),
        "from .shared import test_main, test_main_functions, test_after_main as after\n",
      ]],
    *[("CSA602", a_test(body, imports), "tests/test_more.py", line, says)
      for body, imports, line, says in [
        ('mocker.patch("pyatlan.client.atlan.AtlanClient")', "", 4, "pyatlan.client.atlan.Atlan"),
        ('patch("new_pkg.main.get_client")', "", 4, "pyatlan.pkg.utils.get_client"),
        ('monkeypatch.setattr("pyatlan.pkg.utils.get_client", "x")', "", 4, "get_client is"),
        ("monkeypatch.setattr(AtlanClient, 'asset', None)", CLIENT, 5, "AtlanClient.asset"),
        ("monkeypatch.delattr(AtlanClient, 'asset')", CLIENT, 5, "AtlanClient.asset"),
        ("del AtlanClient.asset", CLIENT, 5, "AtlanClient.asset"),
        ("monkeypatch.delitem(sys.modules, 'pyatlan')", SYS, 5, "pyatlan is"),
        ("del sys.modules['pyatlan']", SYS, 5, "pyatlan is"),
        ("x = Mock(spec=a.AtlanClient)", "import pyatlan.client.atlan as a\n", 5, "AtlanClient"),
        *[(f"x = {mock}(AtlanClient)", CLIENT, 5, "AtlanClient") for mock in (
            "Mock", "MagicMock", "AsyncMock", "NonCallableMock", "create_autospec")],
        ("from pyatlan.pkg import utils; mocker.patch.object(utils, 'get_client')", "", 4,
         "pyatlan.pkg.utils.get_client is"),
        ("monkeypatch.setattr(script, 'AtlanClient', None)", "from new_pkg import main as script\n",
         5, "pyatlan.client.atlan.AtlanClient"),
        ('mocker.patch(target="pyatlan.x")', "", 4, "pyatlan.x"),
        ("mocker.patch.object(target=AtlanClient, attribute='x')", CLIENT, 5, "AtlanClient.x is"),
        ("patch.multiple('new_pkg.main', AtlanClient=1)", "", 4, "pyatlan.client.atlan.Atlan"),
        ("pytest.MonkeyPatch().setattr(AtlanClient, 'x', 1)", CLIENT, 5, "AtlanClient.x is"),
        # Names of the test's own.
        ("p(\"pyatlan.x\")", MOCK, 5, "pyatlan.x"),
        ("p.object(AtlanClient, 'x')", MOCK + CLIENT, 6, "AtlanClient.x"),
        ("x = M(AtlanClient)", MOCK + CLIENT, 6, "AtlanClient"),
        ("mocker.patch(TARGET)", "TARGET = 'pyatlan.x'\n", 5, "pyatlan.x"),
        ("mocker.patch(TARGET + '.y')", "TARGET: str = 'pyatlan.x'\n", 5, "pyatlan.x.y"),
        ("mocker.patch(f'{SCRIPT}.AtlanClient')", "SCRIPT = 'new_pkg.main'\n", 5, "client.atlan"),
        ("mocker.patch(f'pyatlan.{unknown}.y')", "", 4, "pyatlan.*.y"),
        # Clients that the test makes.
        ("c = AtlanClient(); c.asset.save = None", CLIENT, 5, "atlan.AtlanClient.asset.save is"),
        ("c = u.get_client('x'); monkeypatch.setattr(c, 'asset', 1)", "import pyatlan.pkg.utils as u\n", 5,
         "get_client.asset is"),
        ("run(c)\n\n@pytest.fixture\ndef c():\n    yield AtlanClient()\n\ndef test(c):\n    c.asset = 1",
         f"import pytest\n{CLIENT}", 13, "AtlanClient.asset is"),
        # Assignments.
        ("AtlanClient.save = Mock()", CLIENT, 5, "AtlanClient.save"),
        ("script.AtlanClient = Fake", "from new_pkg import main as script\n", 5, "AtlanClient"),
        ("setattr(AtlanClient, 'x', Mock())", CLIENT, 5, "AtlanClient.x"),
        # Instead of an import.
        ("sys.modules['pyatlan'] = Mock()", SYS, 5, "pyatlan is"),
        ("for n in ALL: sys.modules[n] = 1", SYS + "ALL = ['os', 'pyatlan.x']\n", 6, "pyatlan.x"),
        ("sys.modules.setdefault('pyatlan.x', Mock())", SYS, 5, "pyatlan.x"),
        ("sys.modules.update({'pyatlan.x': Mock()})", SYS, 5, "pyatlan.x"),
        ("monkeypatch.setitem(sys.modules, 'pyatlan.x', 1)", SYS, 5, "pyatlan.x"),
        ("mocker.patch.dict('sys.modules', {'pyatlan.x': 1})", "", 4, "pyatlan.x"),
        ("mocker.patch.dict('sys.modules', pyatlan=1)", "", 4, "pyatlan is"),
        ("mocker.patch.dict('sys.modules', values={'pyatlan.x': 1})", "", 4, "pyatlan.x"),
        ("p.dict(sys.modules, {n: 1 for n in ['pyatlan.x']})", MOCK + SYS, 6, "pyatlan.x"),
        # Relative imports.
        ("monkeypatch.setattr(AtlanClient, 'x', 1)", "from ..main import AtlanClient\n", 5,
         "pyatlan.client.atlan.AtlanClient.x"),
        ("main.AtlanClient = Fake", "from .. import main\n", 5, "pyatlan.client.atlan.AtlanClient"),
        # A module of pyatlan that has the name of one of the standard library; a method.
        ('mocker.patch("pyatlan.client.token.TokenClient")', "", 4, "TokenClient"),
        ('mocker.patch("pyatlan.model.assets.Table.json")', "", 4, "Table.json"),
      ]],
    # Through several modules, and in a circle.
    ("CSA602", {**a_test("mocker.patch('new_pkg.one.Client')", ""),
                "one.py": "from .two import Client\n", "two/__init__.py": "from .three import Client\n",
                "two/three.py": "from pyatlan.client.atlan import AtlanClient as Client\n"},
     "tests/test_more.py", 4, "pyatlan.client.atlan.AtlanClient is"),
    ("CSA602", {**a_test("Client.save = None", "from .helpers import Client\n"),
                "tests/helpers.py": "from new_pkg.main import AtlanClient as Client\n"},
     "tests/test_more.py", 5, "pyatlan.client.atlan.AtlanClient.save is"),
    ("CSA603", {CASSETTE.format("get"): None}, "tests/integration/test_http_bin.py", 15,
     "TestHTTPBin.test_httpbin_get has none"),
    *[("CSA603", marked(body), "tests/test_more.py", line, f"{name} has none")
      for body, line, name in [
        ("pytestmark = [pytest.mark.vcr]\ndef test_it(): ...\n", 3, "test_it"),
        ("pytestmark: list = [pytest.mark.vcr()]\ndef test_it(): ...\n", 3, "test_it"),
        ("vcr = pytest.mark.vcr\nall = (vcr, 1)\npytestmark = [*all]\ndef test_it(): ...\n", 5,
         "test_it"),
        ("from pytest import mark as m\n@m.vcr\ndef test_it(): ...\n", 4, "test_it"),
        ("vcr = pytest.mark.vcr()\n@vcr\nasync def test_it(): ...\n", 4, "test_it"),
        ("@pytest.mark.vcr('other.yaml')\ndef test_it(): ...\n", 3, "test_it"),
        ("if 1:\n    @pytest.mark.vcr\n    def test_it(): ...\n", 4, "test_it"),
        ("@pytest.mark.parametrize('x', [1, pytest.param(2, marks=[pytest.mark.vcr])])\ndef test_it(): ...\n",
         3, "test_it"),
        *[(f"{given}\n@pytest.mark.parametrize('x', {named})\ndef test_it(x): ...\n", 4, "test_it")
          for given, named in [("P = pytest.param(2, marks=pytest.mark.vcr)", "[P]"),
                               ("P = [1, pytest.param(2, marks=pytest.mark.vcr)]", "P")]],
        (("@pytest.mark.parametrize('x', [pytest.param(2, marks=pytest.mark.vcr)])\n"
         "class TestMore:\n    def test_it(self, x): ...\n"), 4, "TestMore.test_it"),
        (("pytestmark = pytest.mark.parametrize('x', [pytest.param(2, marks=pytest.mark.vcr)])\n"
         "def test_it(x): ...\n"), 3, "test_it"),
        ("try: ...\nexcept E:\n    @pytest.mark.vcr\n    def test_it(): ...\n", 5, "test_it"),
        ("@pytest.mark.vcr\nclass TestMore:\n    def test_it(self): ...\n", 4, "TestMore.test_it"),
        ("class TestMore:\n    pytestmark = pytest.mark.vcr\n    def test_it(self): ...\n", 4,
         "TestMore.test_it"),
        ("@pytest.mark.vcr\nclass TestMore:\n    class TestIn:\n        def test_it(self): ...\n", 5,
         "TestIn.test_it"),
        ("class Base:\n    @pytest.mark.vcr\n    def test_it(self): ...\nclass TestMore(Base): ...\n",
         4, "TestMore.test_it"),
        (("@pytest.mark.vcr\nclass A: ...\nclass B(A): ...\n"
         "class TestMore(B):\n    def test_it(self): ...\n"), 6, "TestMore.test_it"),
        ("class More(unittest.TestCase):\n    @pytest.mark.vcr\n    def test_it(self): ...\n", 4,
         "More.test_it"),
        ("@pytest.mark.vcr\n@pytest.mark.skipif(X, reason='')\ndef test_it(): ...\n", 4, "test_it"),
        ("class TestMore:\n    __test__ = True\n    @pytest.mark.vcr\n    def test_it(self): ...\n", 5,
         "TestMore.test_it"),
        ("class TestMore:\n    __test__ = X\n    @pytest.mark.vcr\n    def test_it(self): ...\n", 5,
         "TestMore.test_it"),
      ]],
    ("CSA603", {"tests/more_test.py": "import pytest\n@pytest.mark.vcr\ndef test_it(): ...\n"},
     "tests/more_test.py", 3, "test_it has none"),
    # Another module's recordings.
    ("CSA603", {"tests/integration/test_more.py": "import pytest\n@pytest.mark.vcr\nclass TestHTTPBin:\n"
                                                  "    def test_httpbin_get(self): ...\n"},
     "tests/integration/test_more.py", 4, "TestHTTPBin.test_httpbin_get has none"),
    ("CSA603", {**marked("@pytest.mark.vcr\ndef test_it(): ...\n"),
                **recorded("integration/cassettes/test_it.yaml")},
     "tests/test_more.py", 3, "test_it has none"),
    ("CSA603", {**marked("@pytest.mark.vcr\ndef test_it(): ...\n"),
                **recorded("cassettes/test_it_too.yaml"), **recorded("cassettes/also_test_it.yaml")},
     "tests/test_more.py", 3, "test_it has none"),
]  # fmt: skip

GOOD: Good = [
    ("CSA601", main_tests("def (\n")),
    ("CSA601", main_tests("test_main_functions: object = 1\ntest_main = test_after_main = make()\n")),
    *[("CSA601", main_tests(body)) for body in [
        ("class TestScript:\n    def test_main(self): ...\n"
        "    def test_main_functions(self): ...\n    async def test_after_main(self): ...\n"),
        ("class TestScript:\n    class TestMain:\n        def test_main(self): ...\n"
        "if True:\n    def test_main_functions(): ...\nelse: ...\n"
        "try: ...\nexcept E:\n    with a:\n        def test_after_main(): ...\n"),
        "from .shared import after as test_after_main, test_main, test_main_functions\n",
        "from .shared import *\n",
    ]],
    *[("CSA602", a_test(body, imports)) for body, imports in [
        ('mocker.patch("requests.get")', ""),
        ('monkeypatch.setattr("new_pkg.main.load_input_file", None)', ""),
        ('monkeypatch.setenv("ATLAN_BASE_URL", "pyatlan")', ""),
        ("x = Mock(spec=requests.Session)", "import requests\n"),
        ('log.object("pyatlan")', ""),
        ('mocker.spy(AssetClient, "save")', "from pyatlan.client.asset import AssetClient\n"),
        ("x = getattr(AtlanClient, 'a'); run(AtlanClient.b)", CLIENT),
        # What its modules import.
        ('monkeypatch.setattr("pyatlan.client.atlan.time.sleep", None)', ""),
        ("monkeypatch.setattr(atlan.httpx, 'Client', 1)", "from pyatlan.client import atlan\n"),
        ("monkeypatch.setattr(atlan, 'time', 1)", "from pyatlan.client import atlan\n"),
        ("main.time = 1", "from .. import main\n"),
        # What it has for tests.
        ("BaseVCR._CASSETTES_DIR = 'x'", "from pyatlan.test_utils.base_vcr import BaseVCR\n"),
        # A fixture that returns nothing.
        ("...\n\n@pytest.fixture(autouse=True)\ndef quiet(monkeypatch):\n    monkeypatch.setenv('A', '')",
         "import pytest\n"),
        # A name that is not always a client's.
        ("c = AtlanClient(); run(c); c = Fake(); c.asset = 1", CLIENT),
        # Objects of its classes.
        ("table = Table(); table.name = 'x'; run(FakeClient())", "from pyatlan.model import Table\n"),
        ("sys.modules['requests'] = sys.path['pyatlan'] = 1", SYS),
        ("run(sys.modules, 'pyatlan')", SYS),
        ("monkeypatch.setitem(os.environ, 'pyatlan', 1)", "import os\n"),
        ("from ....pyatlan import x; x.y = 1", ""),
    ]],
    ("CSA602", {**a_test("mocker.patch('new_pkg.one.x')", ""), "one.py": "from .two import x\n",
                "two.py": "from .one import x\n"}),
    ("CSA602", {**a_test("mocker.patch('new_pkg.one.x')", ""), "one.py": "from .one.x import y as x\n"}),
    *[("CSA603", marked(body)) for body in [
        "def test_it(): ...\n@pytest.mark.vcr\ndef helper(): ...\n",
        "class TestMore:\n    mark = pytest.mark.vcr\n    def test_it(self): ...\n",
        "class Base:\n    @pytest.mark.vcr\n    def test_it(self): ...\n",
        "class TestMore:\n    def __init__(self): ...\n    @pytest.mark.vcr\n    def test_it(self): ...\n",
        "class TestBase:\n    __test__ = False\n    @pytest.mark.vcr\n    def test_it(self): ...\n",
        ("class Base:\n    @pytest.mark.vcr\n    def test_it(self): ...\n"
        "class TestMore(Base):\n    def test_it(self): ...\n"),
        "@pytest.mark.vcr\ndef test_it(): ...\n@pytest.fixture\ndef vcr_cassette_name(): ...\n",
        # What is skipped, whatever the case.
        "@pytest.mark.vcr\n@pytest.mark.skip\ndef test_it(): ...\n",
        ("@pytest.mark.parametrize('x', [pytest.param(2, marks=[pytest.mark.vcr, pytest.mark.skip])])\n"
         "def test_it(): ...\n"),
        "@pytest.mark.vcr\ndef test_it():\n    pytest.skip('later')\n",
        "@pytest.mark.skip(reason='')\nclass TestMore:\n    @pytest.mark.vcr\n    def test_it(self): ...\n",
        "from unittest import skip\n@pytest.mark.vcr\n@skip('')\ndef test_it(): ...\n",
        "pytestmark = [pytest.mark.vcr, pytest.mark.skip]\ndef test_it(): ...\n",
        "pytest.skip(allow_module_level=True)\n@pytest.mark.vcr\ndef test_it(): ...\n",
    ]],
    ("CSA603", {**marked("@pytest.mark.vcr\ndef test_it(): ...\n"),
                **recorded("integration/recorded/test_it.yaml")}),
    ("CSA603", {**marked("@pytest.mark.vcr\ndef test_it(): ...\n"), "test_it.yaml": ""}),
    ("CSA603", {"tests/integration/test_more.py": "import pytest\n@pytest.mark.vcr\ndef test_it(): ...\n",
                **recorded("integration/vcr_cassettes/integration.test_more/test_it.yaml")}),
    ("CSA603", {"tests/helpers.py": "import pytest\n@pytest.mark.vcr\ndef test_it(): ...\n"}),
    *[("CSA603", {**marked("@pytest.mark.vcr\ndef test_it(x): ...\n"), **recorded(name)}) for name in [
        "cassettes/test_it.yaml", "cassettes/test_it[1].yaml", "cassettes/test_it[a/b].yaml",
        "fixtures/cassettes/test_it.yaml",
        "vcr_cassettes/tests.test_more/test_it.json", "cassettes/test_more/test_it.yaml",
        "vcr_cassettes/new_pkg.tests.test_more/test_it.yaml", "fixtures/example.com/test_it.yaml",
    ]],
]  # fmt: skip
