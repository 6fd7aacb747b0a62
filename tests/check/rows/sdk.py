"""What breaks the rule of csa/check/sdk.py, and what does not."""

from __future__ import annotations

from .changes import Breaking, Files, Good


def module(*lines: str) -> Files:
    """Return a module whose third line is the first of these."""
    head = "from pyatlan.client.atlan import AtlanClient\nfrom pyatlan.model.assets import Asset, Table\n"
    return {"more.py": head + "".join(f"{line}\n" for line in lines)}


BREAKING: Breaking = [
    *[("CSA801", module(*text.splitlines()), "more.py", line, says) for text, line, says in [
        ("import pyatlan.model.packages", 3,
         "pyatlan 11.6.0 has no module pyatlan.model.packages (since 11.0.0: "),
        ("from pyatlan.model.workflow import Workflow", 3, "no module pyatlan.model.workflow"),
        ("from pyatlan.pkg.utils import nothing", 3, "pyatlan.pkg.utils.nothing is not in "),
        ("def f():\n    from pyatlan.nothing import x", 4, "has no module pyatlan.nothing. "),
        ("if AtlanClient:\n    import pyatlan_v9.nothing", 4, "no module pyatlan_v9.nothing"),
        ("def f(client: AtlanClient):\n    client.workflow.run('x')", 4,
         "AtlanClient.workflow is not in pyatlan 11.6.0 (since 11.0.0: removed, "),
        ("def f(client: AtlanClient):\n    client.workflow  # type: ignore", 4, "AtlanClient.workflow is not in "),
        ("from pyatlan.cache.role_cache import RoleCache\nRoleCache.get_id_for_name('x')", 4,
         "(since 6.0.0: call client.role_cache.get_id_for_name(…) instead)"),
        ("def f(asset: Asset):\n    asset.get_custom_metadata(name='x')", 4,
         "Referenceable.get_custom_metadata needs client in pyatlan 11.6.0 (since 7.0.0: pass the "),
        ("from pyatlan.pkg.utils import get_client\nget_client(user='x')", 4,
         "get_client has no parameter user in "),
        ("def f(client: AtlanClient):\n    client.asset.get_by_guid(1, 2, 3, 4, 5, 6, 7, 8)", 4,
         "AssetClient.get_by_guid takes at most 7 positional arguments in pyatlan 11.6.0 (9 given)"),
        ("from pyatlan.model.fluent_search import FluentSearch\nFluentSearch(nothing=1)", 4,
         "FluentSearch has no parameter nothing"),
        ("def f(asset: Asset):\n    asset.no_asset_has_this", 4, "Asset.no_asset_has_this is not in "),
        ("from pyatlan.cache.role_cache import RoleCache\nRoleCache.refresh_cache()", 4,
         "RoleCache.refresh_cache is not in "),
        ("from pyatlan.client.asset import AssetClient\nAssetClient.get_by_guid()", 4,
         "AssetClient.get_by_guid has to be called on an object in pyatlan 11.6.0"),
        ("try:\n    import pyatlan.nothing\nexcept ImportError:\n    raise", 4, "no module pyatlan.n"),
        ("try:\n    x = AtlanClient().nothing\nexcept Exception:\n    pass", 4, "AtlanClient.nothing is"),
        ("from typing import Literal\ndef f(x: AtlanClient | Literal['a`b']):\n    x.workflow", 5,
         "AtlanClient.workflow is not in "),
        ("x = AtlanClient.get_current_client()", 3, "(since 7.0.0: pass on the client that "),
        ("from pyatlan.model.assets import Connection\nConnection.creator(name='x', connector_type='x')", 4,
         "Connection.creator needs client in pyatlan 11.6.0 (since 7.0.0: pass the client as the "),
        ("from pyatlan.model.assets import AtlasGlossary\nAtlasGlossary.creator(name='x', nam='y')", 4,
         "AtlasGlossary.creator has no parameter nam in "),
    ]],
    ("CSA801", {"tests/test_more.py": "import pyatlan.nothing\n"}, "tests/test_more.py", 1,
     "no module pyatlan.nothing"),
    ("CSA801", {"more.py": "# coding: latin-1\n# \xe9\nimport pyatlan.nothing\n".encode("latin-1")},
     "more.py", 3, "no module pyatlan.nothing"),
    ("CSA801", {"../new_pkg/.copier-answers.yml": "+pyatlan_version: 99.0.0\n"},
     ".copier-answers.yml", 11, "pyatlan 99.0.0 does not exist on the package index"),
]  # fmt: skip

GOOD: Good = [
    *[("CSA801", module(*text.splitlines())) for text in [
        "import nothing.of.pyatlan, os\nos.nothing",
        "def f(client: AtlanClient):\n    client.nothing  # ty: ignore",
        # A search is said to find assets, and finds tables.
        "def f(asset: Asset):\n    asset.schema_qualified_name",
        # Models take the names of Atlan's API, which are not in their signatures, and ignore others.
        "Table(qualifiedName='x', display_name='y', anything=1)",
        # It is set, not read.
        "def f(client: AtlanClient):\n    client.anything = 1",
        "def f(client: AtlanClient | None):\n    client.asset",
        "def f(client: 'Nothing'):\n    client.workflow",
        "import httpx\nhttpx.nothing",
        "x = AtlanClient().asset.get_by_guid.nothing",
        "try:\n    import pyatlan.nothing\nexcept ImportError:\n    nothing = None",
        "try:\n    from pyatlan import (\n        nothing,\n    )\nexcept ImportError:\n    nothing = None",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import pyatlan.nothing",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pyatlan.nothing",
        "try:\n    x = AtlanClient().nothing\nexcept AttributeError:\n    x = None",
        "from pyatlan_v9.model import assets",
        "from pyatlan.model.assets import Badge as B\nB.creator(client=1, name='x', cm_name='', cm_attribute='', badge_conditions=[])",
        "from pyatlan.utils import next_id\nnext_id()",
    ]],
    ("CSA801", {**module("x = AtlanClient().asset"), "ty.toml": "[rules]\nall = 'error'\n"}),
    ("CSA801", {"more.py": "def f(:\n    import pyatlan\n"}),
    ("CSA801", {"more.py": b"import pyatlan\nx = '\xff'\n"}),
]  # fmt: skip
