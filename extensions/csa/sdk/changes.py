"""What releases of pyatlan changed in the ways that scripts use it, and what to write instead.

To add a row: the release is the first one on which the old way fails. A test runs each row's
example on that release and on the one before. Where a fixer can make the change, the row names it;
else it says why none can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.version import Version


@dataclass(frozen=True)
class Change:
    """A change: which names it is about, since which release, what to do, and a script's line that
    it breaks.

    `names` is a regular expression for names as a break has them: `Class.method`, a class, or the
    dotted name of a module. Groups in it can be used in the advice. `before` is the last release on
    which the example works. `fixer` is the module in fixers/ that makes the change, "" where none
    can; then `unfixed` says why. `becomes` is the new dotted name of what was renamed.
    """

    names: str
    since: str
    advice: str
    example: str
    before: str
    fixer: str = ""
    unfixed: str = ""
    becomes: str = ""


def cache_attribute(name: str) -> str:
    """Return the attribute of a client that has its cache of a class, such as role_cache."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _cache(name: str, method: str) -> Change:
    attribute = cache_attribute(name)
    return Change(
        rf"{name}\.(\w+)",
        "6.0.0",
        rf"call client.{attribute}.\1(…) instead",
        f"from pyatlan.cache.{attribute} import {name}\n{name}.{method}('x')",
        "5.0.2",
        "cache",
    )


_CLIENT_FIRST = "pass the client as the first argument"
_ASSETS = "from pyatlan.model.assets import Asset, DataProduct, Purpose\n"
_NO_GLOBAL_CLIENT = "pass on the client that the script makes"
_WORKFLOWS = "removed, newer tenants have client.app instead"
_NO_WORKFLOWS = "its replacement on tenants works differently"


def _client(names: str, example: str) -> Change:
    return Change(names, "7.0.0", _CLIENT_FIRST, example, "6.2.1", "client_argument")


def _renamed(names: str, becomes: str, since: str, example: str, before: str) -> Change:
    return Change(names, since, f"it is {becomes} now", example, before, "renamed", becomes=becomes)


CHANGES = (
    _cache("AtlanTagCache", "get_id_for_name"),
    _cache("CustomMetadataCache", "get_id_for_name"),
    _cache("EnumCache", "get_by_name"),
    _cache("GroupCache", "get_id_for_name"),
    _cache("RoleCache", "get_id_for_name"),
    _cache("UserCache", "get_id_for_name"),
    Change(
        r"AtlanClient\.(get|set)_default_client",
        "6.0.0",
        _NO_GLOBAL_CLIENT,
        "from pyatlan.client.atlan import AtlanClient\nAtlanClient.get_default_client()",
        "5.0.2",
        "default_client",
    ),
    Change(
        r"AtlanClient\.(get|set)_current_client",
        "7.0.0",
        _NO_GLOBAL_CLIENT,
        "from pyatlan.client.atlan import AtlanClient\nAtlanClient.get_current_client()",
        "6.2.1",
        "default_client",
    ),
    _client(
        r"AttributeDef\.create|EnumDef\.update",
        "from pyatlan.model.typedef import AttributeDef\n"
        "AttributeDef.create(display_name='x', attribute_type='string')",
    ),
    _client(
        r"\w+\.(get|set|flush)_custom_metadata",
        f"{_ASSETS}def f(asset: Asset):\n    asset.get_custom_metadata('x')",
    ),
    _client(
        r"CustomMetadata(Dict|Proxy)",
        "from pyatlan.model.custom_metadata import CustomMetadataDict\nCustomMetadataDict('x')",
    ),
    _client(
        r"CustomMetadataField",
        "from pyatlan.model.fields.atlan_fields import CustomMetadataField\n"
        "CustomMetadataField('x', 'y')",
    ),
    _client(
        r"Purpose\.create_(metadata|data)_policy",
        f"{_ASSETS}Purpose.create_metadata_policy("
        "name='x', purpose_id='x', policy_type='x', actions=set())",
    ),
    _client(
        r"DataProduct\.get_assets",
        f"{_ASSETS}def f(product: DataProduct):\n    product.get_assets()",
    ),
    _client(
        r"CompoundQuery\.tagged(_with_value)?|FluentSearch\.tagged(_with_value)?",
        "from pyatlan.model.fluent_search import CompoundQuery\n"
        "CompoundQuery.tagged_with_value('x', 'y')",
    ),
    _client(
        r"(SourceTagAttachment|SourceTagName)(\.by_\w+)?",
        "from pyatlan.model.structs import SourceTagAttachment\n"
        "SourceTagAttachment.by_name('x', source_tag_values=[])",
    ),
    _client(
        r"(Term|Exists)\.with_custom_metadata",
        "from pyatlan.model.search import Term\nTerm.with_custom_metadata('x', 'y', 'z')",
    ),
    _client(
        r"Suggestions\.(get|apply)",
        "from pyatlan.model.suggestions import Suggestions\n"
        "def f(suggestions: Suggestions):\n    suggestions.get()",
    ),
    Change(
        r"AssetClient\.get_lineage",
        "3.0.0",
        "use client.asset.get_lineage_list(…)",
        "from pyatlan.client.atlan import AtlanClient\n"
        "def f(client: AtlanClient):\n    client.asset.get_lineage(None)",
        "2.7.0",
        unfixed="the request and the result are of other types",
    ),
    Change(
        r"SSOClient\.update_group_mapping",
        "9.0.0",
        "pass group_map_name as well",
        "from pyatlan.client.atlan import AtlanClient\ndef f(client: AtlanClient):\n"
        "    client.sso.update_group_mapping('x', atlan_group=None, group_map_id='x', "
        "sso_group_name='x')",
        "8.5.4",
        unfixed="only the tenant has the name",
    ),
    Change(
        r"(Async)?AtlanClient\.workflow|pyatlan\.client\.workflow(\..*)?",
        "11.0.0",
        _WORKFLOWS,
        "from pyatlan.client.atlan import AtlanClient\n"
        "def f(client: AtlanClient):\n    client.workflow.run('x')",
        "10.0.0",
        unfixed=_NO_WORKFLOWS,
    ),
    Change(
        r"pyatlan\.model\.(packages|workflow)(\..*)?",
        "11.0.0",
        _WORKFLOWS,
        "from pyatlan.model.packages import SnowflakeCrawler",
        "10.0.0",
        unfixed=_NO_WORKFLOWS,
    ),
    _client(
        r"(Connection|Badge)\.creat(e|or)",
        "from pyatlan.model.assets import Connection\n"
        "Connection.creator(name='x', connector_type='x', admin_users=['x'])",
    ),
    _client(
        r"OpenLineageEvent\.emit",
        "from pyatlan.model.open_lineage.event import OpenLineageEvent\n"
        "def f(event: OpenLineageEvent):\n    event.emit()",
    ),
    _renamed(
        r"pyatlan\.error",
        "pyatlan.errors",
        "0.8.0",
        "from pyatlan.error import NotFoundError",
        "0.7.0",
    ),
    _renamed(
        r"AtlanClient\.SearchResults",
        "pyatlan.client.asset.IndexSearchResults",
        "1.4.0",
        "from pyatlan.client.atlan import AtlanClient\ndef f() -> AtlanClient.SearchResults: ...",
        "1.3.3",
    ),
    Change(
        r"pyatlan\.exceptions",
        "0.8.0",
        "use the classes of pyatlan.errors",
        "from pyatlan.exceptions import AtlanException",
        "0.7.0",
        unfixed="its classes have other names and arguments there",
    ),
    Change(
        r"pyatlan\.utils\.get_logger",
        "1.6.2",
        "use logging.getLogger(…)",
        "from pyatlan.utils import get_logger",
        "1.6.1",
        "logger",
    ),
)


def find_change(name: str, release: str) -> Change | None:
    """Return the change after which a name of pyatlan is used in another way.

    None where none is known, or it came after `release`.
    """
    known = [change for change in CHANGES if re.fullmatch(change.names, name)]
    return next((change for change in known if Version(change.since) <= Version(release)), None)


def change_of(name: str, release: str) -> tuple[str, str] | None:
    """Return since which release a name of pyatlan is used in another way, and what to write; None
    as find_change does."""
    change = find_change(name, release)
    found = change and re.fullmatch(change.names, name)
    return (change.since, found.expand(change.advice)) if change and found else None
