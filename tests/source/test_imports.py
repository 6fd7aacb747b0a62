"""Which imports of a script need a distribution."""

from __future__ import annotations

from pathlib import Path

import pytest
from csa.source.requirements import is_first_party, plan_requirements

from tests.support.requirements import TEMPLATE, modules, plan


@pytest.mark.parametrize(
    "source",
    [
        "import requests.adapters",
        "from requests import get",
        "from requests import *",
        "def run():\n    import requests",
        "async def run():\n    if True:\n        import requests",
        "try:\n    import requests\nexcept ValueError:\n    pass",
        "try:\n    import requests\nexcept ImportError:\n    raise SystemExit('pip install it')",
        "try:\n    import requests\nexcept ImportError:\n    print('!')\n    sys.exit(1)",
        "try:\n    pass\nexcept ImportError:\n    import requests",
        "try:\n    import distutils\nexcept ImportError:\n    import requests",
        "try:\n    import json\n    import ujson\nexcept ImportError:\n    import requests",
        "try:\n    import json\nexcept ValueError:\n    import requests",
        "try:\n    import requests\n    print(1)\nexcept Exception:\n    pass",
        "with suppress(ValueError):\n    import requests",
        "import sys\nif sys.version_info < (3, 12):\n    import requests",
        "import sys\nif sys.platform == 'linux':\n    import requests",
        "try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    import requests",
        "try:\n    def f():\n        import requests\nexcept ImportError:\n    pass",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import requests",
        "import importlib\nimportlib.import_module('requests')",
        "from importlib import import_module\nimport_module('requests.auth')",
        "__import__('requests')",
        "import importlib.resources\nimportlib.resources.files('requests')",
        "from importlib.resources import files\nfiles('requests')",
        "import pkgutil\npkgutil.get_data('requests', 'x.csv')",
        "\ufeffimport requests",
        "x = " + "+".join("1" * 900) + "\nimport requests",
    ],
)
def test_an_import_is_found_wherever_it_stands(source: str) -> None:
    assert modules(source) == {"requests"}


@pytest.mark.parametrize(
    "source",
    [
        "import os, json.decoder, distutils.core, imp, telnetlib, __main__",
        "from __future__ import annotations",
        "import pyatlan.client.atlan\nfrom pyatlan_v9 import model",
        "from . import requests\nfrom .requests import get\nfrom ..x import requests",
        "if TYPE_CHECKING:\n    import requests",
        "import typing\nif typing.TYPE_CHECKING:\n    import requests",
        "try:\n    import requests\nexcept ImportError:\n    requests = None",
        "try:\n    import tomllib\nexcept ImportError:\n    import requests as tomllib",
        "try:\n    import requests\nexcept (ValueError, ModuleNotFoundError):\n    pass",
        "try:\n    if x:\n        import requests\nexcept ImportError as e:\n    print(e)",
        "client.files('requests')\nimportlib.import_module(name)\nimport_module('.requests', 'x')\nimport_module()",
        "try:\n    import requests\nexcept:\n    requests = None",
        "try:\n    import requests\nexcept Exception:\n    requests = None",
        "try:\n    import requests\nexcept* ImportError:\n    pass",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import requests",
        "from importlib.util import find_spec\nif find_spec('requests'):\n    import requests",
        "import sys\nif sys.version_info < (3, 11):\n    import requests",
        "import sys\nif sys.version_info >= (3, 11):\n    pass\nelse:\n    import requests",
        "import sys\nif sys.platform == 'win32':\n    import requests",
        "import requests\nthis is no Python",
        "import requests\0",
    ],
)
def test_what_needs_no_requirement_gets_none(source: str) -> None:
    assert modules(source) == set()


def test_an_import_that_is_optional_here_and_needed_there_is_needed() -> None:
    optional = "try:\n    import requests\nexcept ImportError:\n    pass\n"
    assert modules(optional + "import requests") == {"requests"}


def test_what_replaces_an_optional_import_is_needed() -> None:
    source = "try:\n    import ujson as json\nexcept ImportError:\n    import simplejson as json"
    assert modules(source) == {"simplejson"}


def test_an_unknown_import_is_said_with_its_first_place() -> None:
    sources = {"a.py": "import os\nimport nosuch.b\nimport nosuch", "b.py": "import nosuch"}
    file, line, _ = plan(sources).unknown["nosuch"]
    assert (file, line) == ("a.py", 2)


def test_first_party_is_asked_with_what_is_imported() -> None:
    asked: list[str] = []
    source = "from scripts import other\nimport a.b\nfrom c import *"

    def first_party(name: str) -> bool:
        asked.append(name)
        return True

    plan_requirements({"m.py": source}, first_party, None, TEMPLATE)
    assert asked == ["scripts.other", "a.b", "c"]


def test_first_party_imports_are_left_out() -> None:
    result = plan("import requests, helper\nfrom scripts import other", own=("helper", "scripts."))
    assert list(result.added.values()) == ["requests"]
    assert result.unknown == {}


def test_a_module_of_the_script_or_above_is_first_party(tmp_path: Path) -> None:
    top = tmp_path / "repository"
    folder = top / "scripts/jira"
    for path in (
        "scripts/__init__.py",
        "scripts/jira/__init__.py",
        "scripts/jira/main.py",
        "scripts/jira/sibling.py",
        "scripts/jira/parts/one.py",
        "scripts/jira/sql/query.sql",
        "scripts/other/deep/mod.py",
        "scripts/snowflake/__init__.py",
        "scripts/snowflake/load.py",
        "scripts/common.py",
        "shared/__init__.py",
        "requests/notes.md",
        "../outside.py",
    ):
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).touch()
    own = is_first_party(folder, top)
    for name in (
        "sibling",
        "sibling.thing",
        "parts.one",
        "scripts.other.deep.mod",
        "scripts.jira.main",
        "other.deep",
        "common.thing",
        "jira.sibling",
        "snowflake.load",
        "shared",
        "shared.thing",
    ):
        assert own(name), name
    for name in (
        "jira",
        "jira.JIRA",
        "jira.sql",
        "snowflake.connector",
        "requests",
        "requests.get",
        "outside",
        "pandas.DataFrame",
    ):
        assert not own(name), name


def test_a_script_at_the_top_is_not_what_it_is_named_after(tmp_path: Path) -> None:
    folder = tmp_path / "jira"
    folder.mkdir()
    (folder / "__init__.py").touch()
    assert not is_first_party(folder, tmp_path)("jira.JIRA")
