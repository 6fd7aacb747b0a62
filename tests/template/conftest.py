"""Rendered packages that are installed, a tenant, and httpbin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.package import EVERY, NEWEST, InstallPackage, Package
from tests.support.standins.httpbin import HttpBin
from tests.support.standins.tenant import Tenant


@pytest.fixture(params=EVERY)
def package(request: pytest.FixtureRequest, install_package: InstallPackage) -> Package:
    """A package for each release."""
    return install_package(request.param)


@pytest.fixture(params=[pytest.param(NEWEST, marks=pytest.mark.xdist_group(NEWEST))])
def newest(request: pytest.FixtureRequest, install_package: InstallPackage) -> Package:
    """The package for the newest release."""
    return install_package(request.param)


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as tenant:
        yield tenant


@pytest.fixture
def recording(newest: Package, tmp_path: Path) -> Package:
    """A copy of the newest package that may record: its tests do not run as in CI."""
    folder = tmp_path / "scripts" / "new_pkg"
    shutil.copytree(newest.folder, folder)
    return Package(folder, newest.python)


@pytest.fixture
def httpbin(tmp_path: Path) -> Iterator[HttpBin]:
    with HttpBin(tmp_path) as httpbin:
        yield httpbin
