"""Tests of main.py: its functions on their own, then a whole run against a tenant."""

import argparse
import csv
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from {{ package_name }}.main import (
    find_assets,
    get_parser,
    load_input_file,
    main,
    write_report,
)

if TYPE_CHECKING:
    from pyatlan.client.atlan import AtlanClient
    from pyatlan.model.assets import AtlasGlossary

MISSING = "no-such-glossary"


@pytest.fixture(scope="module")
def client(tenant: str) -> "AtlanClient":
    from pyatlan.pkg.utils import get_client, set_package_headers

    user_id = os.environ.get("ATLAN_USER_ID", "")
    return set_package_headers(get_client(impersonate_user_id=user_id))


@pytest.fixture(scope="module")
def glossary(client: "AtlanClient") -> Iterator["AtlasGlossary"]:
    """A test object of this run alone, purged even when a test fails."""
    from pyatlan.model.assets import AtlasGlossary
    from pyatlan.test_utils import TestId

    name = TestId.make_unique("{{ package_name }}")
    response = client.asset.save(AtlasGlossary.creator(name=name))
    [created] = response.assets_created(AtlasGlossary)
    try:
        # Atlan's search sees a new asset only after a moment.
        for _ in range(30):
            if find_assets(client, [created.qualified_name or ""]):
                break
            time.sleep(1)
        else:
            pytest.fail("Atlan's search did not show the new glossary in 30 seconds.")
        yield created
    finally:
        client.asset.purge_by_guid(created.guid)


@pytest.fixture(scope="module")
def config(
    glossary: "AtlasGlossary", tmp_path_factory: pytest.TempPathFactory
) -> argparse.Namespace:
    folder = tmp_path_factory.mktemp("run")
    input_file = folder / "assets.csv"
    input_file.write_text(f"qualified_name\n{glossary.qualified_name}\n{MISSING}\n")
    return get_parser().parse_args(
        [
            f"--user-id={os.environ.get('ATLAN_USER_ID', '')}",
            f"--input-file={input_file}",
            f"--report-file={folder / 'report.csv'}",
        ]
    )


def test_main_functions(tmp_path: Path) -> None:
    input_file = tmp_path / "assets.csv"
    input_file.write_text("qualified_name\ndefault/a\ndefault/b\ndefault/a\n")
    names = load_input_file(str(input_file))
    assert names == ["default/a", "default/b"]

    report_file = tmp_path / "report.csv"
    write_report(str(report_file), names, {"default/b"})
    assert report_file.read_text().splitlines() == [
        "qualified_name,status",
        "default/a,missing",
        "default/b,found",
    ]


def test_main(config: argparse.Namespace) -> None:
    main(config)


@pytest.mark.order(after="test_main")
def test_after_main(
    config: argparse.Namespace, client: "AtlanClient", glossary: "AtlasGlossary"
) -> None:
    from pyatlan.model.assets import AtlasGlossary

    with open(config.report_file, newline="") as lines:
        report = {row["qualified_name"]: row["status"] for row in csv.DictReader(lines)}
    assert report == {glossary.qualified_name: "found", MISSING: "missing"}

    # The run only read.
    left = client.asset.get_by_guid(glossary.guid, asset_type=AtlasGlossary)
    assert left.name == glossary.name
