"""Tests of main.py: its functions on their own, then a whole run against a tenant."""

import argparse
import os

import pytest

from {{ package_name }}.main import get_parser, main


@pytest.fixture(scope="module")
def config(tenant: str) -> argparse.Namespace:
    user_id = os.environ.get("ATLAN_USER_ID", "")
    return get_parser().parse_args([f"--user-id={user_id}"])


def test_main_functions() -> None:
    # Test your own functions here, as far as they need no tenant.
    args = get_parser().parse_args(["--user-id=somebody"])
    assert args.user_id == "somebody"


def test_main(config: argparse.Namespace) -> None:
    main(config)


@pytest.mark.order(after="test_main")
def test_after_main(config: argparse.Namespace) -> None:
    pytest.skip("Look here for what the run did in Atlan, and purge what it created.")
