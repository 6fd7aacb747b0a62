"""What breaks the rules of csa/check/tests.py, and what does not."""

from __future__ import annotations

from .changes import CASSETTE, Breaking, Good, a_test

BREAKING: Breaking = [
    ("CSA601", {"tests/test_main.py": "def test_main(): ...\ndef test_main_functions(): ...\n"},
     "tests/test_main.py", 0, "test_after_main is missing"),
    *[("CSA602", a_test(body, imports), "tests/test_more.py", line, says)
      for body, imports, line, says in [
        ('mocker.patch("pyatlan.client.atlan.AtlanClient")', "", 4, "pyatlan.client.atlan.Atlan"),
        ('patch("new_pkg.main.get_client")', "", 4, "pyatlan.pkg.utils.get_client"),
        ('monkeypatch.setattr("pyatlan.pkg.utils.get_client", None)', "", 4, "get_client"),
        ("monkeypatch.setattr(AtlanClient, 'asset', None)",
         "from pyatlan.client.atlan import AtlanClient\n", 5, "AtlanClient"),
        ("x = Mock(spec=a.AtlanClient)", "import pyatlan.client.atlan as a\n", 5, "a"),
        ("x = create_autospec(AtlanClient)", "from pyatlan.client.atlan import AtlanClient\n", 5, ""),
        ("from pyatlan.pkg import utils; mocker.patch.object(utils, 'get_client')", "", 4,
         "pyatlan.pkg.utils"),
        ("monkeypatch.setattr(script, 'AtlanClient', None)", "from new_pkg import main as script\n",
         5, "pyatlan.client.atlan.AtlanClient"),
        ('mocker.patch(target="pyatlan.x")', "", 4, "pyatlan.x"),
      ]],
    ("CSA603", {CASSETTE.format("get"): None}, "tests/integration/test_http_bin.py", 15,
     "TestHTTPBin.test_httpbin_get has none"),
    ("CSA603", {"tests/test_more.py": "import pytest\n\npytestmark = [pytest.mark.vcr]\n\n\n"
                                      "def test_more():\n    pass\n"}, "tests/test_more.py", 6, "test_more"),
    ("CSA603", {"tests/test_more.py": "import pytest\n\n\n@pytest.mark.vcr\nclass TestMore:\n"
                                      "    def test_it(self):\n        pass\n"},
     "tests/test_more.py", 6, "TestMore.test_it"),
]  # fmt: skip

GOOD: Good = [
    ("CSA601", {"tests/test_main.py": "class TestScript:\n    def test_main(self): ...\n"
                "    def test_main_functions(self): ...\n    async def test_after_main(self): ...\n"}),
    *[("CSA602", a_test(body, imports)) for body, imports in [
        ('mocker.patch("requests.get")', ""),
        ('monkeypatch.setattr("new_pkg.main.load_input_file", None)', ""),
        ('monkeypatch.setenv("ATLAN_BASE_URL", "pyatlan")', ""),
        ("x = Mock(spec=requests.Session)", "import requests\n"),
        ('log.object("pyatlan")', ""),
        ('mocker.spy(AssetClient, "save")', "from pyatlan.client.asset import AssetClient\n"),
        ("client.setattr(AtlanClient, 'a')", "from pyatlan.client.atlan import AtlanClient\n"),
    ]],
    ("CSA603", {"tests/test_more.py": "import pytest\n\n\n@pytest.mark.vcr('other.yaml')\n"
                                      "def test_more(): ...\n\n\ndef helper(): ...\n"}),
    ("CSA603", {"tests/test_more.py": "import pytest\n\n\n@pytest.mark.vcr()\n"
                                      "def test_more(x): ...\n",
                "tests/cassettes/test_more/test_more[1].yaml": "interactions: []\n"}),
]  # fmt: skip
