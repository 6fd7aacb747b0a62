"""A rendered package's own tests pass: offline, against a tenant, from anywhere, for each SDK.

`install_package` renders and installs it as its index.md tells; these tests then run what a user
would.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from csa.check.tests import NOT_ITS_OWN
from csa.source.requirements import SDK

from tests.support.commands import BIN, ROOT, run, tree
from tests.support.package import EVERY, NEWEST, Package, Render
from tests.support.standins.tenant import Tenant


def test_its_tests_pass_offline_and_say_what_a_tenant_needs(package: Package) -> None:
    # A proxy where nothing listens: a call that is not replayed cannot succeed.
    nowhere = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "HTTPS_PROXY")}
    shown = package.pytest("-W", "error::ResourceWarning", env=nowhere, anew=True).stdout
    assert re.search(r"\b3 passed, 2 skipped in", shown), shown
    assert "No tenant: set ATLAN_BASE_URL and ATLAN_API_KEY, or" in shown


def test_its_tests_pass_against_a_tenant_and_leave_nothing_there(
    package: Package, tenant: Tenant
) -> None:
    required = {**tenant.environment, "CSA_REQUIRE_TENANT": "1"}
    shown = package.pytest(env=required).stdout
    assert re.search(r"\b5 passed in", shown), shown
    assert tenant.assets == {}
    assert tenant.unknown == []


def test_its_tests_pass_with_an_impersonated_user(package: Package, tenant: Tenant) -> None:
    user = {**tenant.impersonation, "ATLAN_USER_ID": tenant.user_id}
    shown = package.pytest("tests/test_main.py", env=user).stdout
    assert re.search(r"\b3 passed in", shown), shown


def test_its_tests_pass_with_an_oauth_client(newest: Package, tenant: Tenant) -> None:
    shown = newest.pytest("tests/test_main.py", env=tenant.oauth).stdout
    assert re.search(r"\b3 passed in", shown), shown
    assert "/api/service/oauth-clients/token" in [request.path for request in tenant.requests]


def test_a_required_tenant_that_is_missing_is_a_failure(newest: Package) -> None:
    required = {"CSA_REQUIRE_TENANT": "1"}
    shown = newest.pytest("tests/test_main.py", env=required, code=1).stdout
    assert re.search(r"\b1 passed, 2 errors in", shown), shown
    assert "No tenant: set ATLAN_BASE_URL" in shown


def test_the_test_object_is_purged_when_a_test_fails(newest: Package, tenant: Tenant) -> None:
    with changed(newest.folder / "main.py", "def main(", "def main(args) -> None: 1 / 0\ndef _("):
        newest.pytest("tests/test_main.py", env=tenant.environment, code=1)
    methods = [request.method for request in tenant.requests]
    assert methods.count("DELETE") == 1
    assert tenant.assets == {}


def test_its_tests_can_fail(newest: Package, tenant: Tenant) -> None:
    with changed(newest.folder / "main.py", '"found" if name in found', '"found" if name'):
        shown = newest.pytest("tests/test_main.py", env=tenant.environment, code=1).stdout
    assert "test_main_functions" in shown
    assert "test_after_main" in shown


def test_csa_check_knows_what_the_sdk_imports_from_its_own(package: Package) -> None:
    shown = package.run("-c", "import pyatlan; print(*pyatlan.__path__)").stdout.strip()
    own: set[str] = set()
    imported: set[str] = set()
    for sdk in [Path(shown), Path(shown).with_name("pyatlan_v9")]:
        paths = [one for one in sdk.rglob("*.py") if "_overlays" not in one.parts]  # not Python
        for path in paths:
            own.update(path.relative_to(sdk).with_suffix("").parts)
            # To parse them all takes half a minute.
            imported.update(re.findall(r"(?m)^ *import (\w+)(?=[.\n]| as |  #)", path.read_text()))
            imported.update(re.findall(r"(?m)^ *from (\w+)[\w.]* import ", path.read_text()))
    assert imported - SDK <= NOT_ITS_OWN
    assert own & NOT_ITS_OWN == {"test_utils"}


@pytest.mark.slow
def test_its_tests_run_from_anywhere_and_two_packages_in_one_run(
    newest: Package, render: Render, tmp_path: Path
) -> None:
    scripts = tmp_path / "monorepo" / "scripts"
    shutil.copytree(newest.folder, scripts / "new_pkg")
    render(scripts / "other_pkg")
    for folder in (scripts.parent, scripts, tmp_path):
        shown = newest.pytest(scripts, cwd=folder).stdout
        assert re.search(r"\b6 passed, 4 skipped", shown), shown
    # With scripts/ itself a Python package, as where it is imported as scripts.new_pkg.
    (scripts / "__init__.py").touch()
    shown = newest.pytest("scripts", "--import-mode=importlib", cwd=scripts.parent).stdout
    assert re.search(r"\b6 passed, 4 skipped", shown), shown
    shown = newest.pytest("scripts", cwd=scripts.parent).stdout
    assert re.search(r"\b6 passed, 4 skipped", shown), shown


def test_its_tests_pass_in_a_folder_that_still_has_a_kebab_case_name(
    newest: Package, render: Render, tmp_path: Path
) -> None:
    folder = render(tmp_path / "asset-lookup")
    shown = newest.pytest(cwd=folder).stdout
    assert re.search(r"\b3 passed, 2 skipped in", shown), shown


def test_no_run_leaves_the_key_in_a_file(recording: Package, tenant: Tenant) -> None:
    folder = recording.folder
    variables = [f"{name}={value}" for name, value in tenant.environment.items()]
    (folder / ".env").write_text("\n".join(variables))
    # A recording of the Atlan client's own calls: the mark is easily set on a whole module.
    with (folder / "tests" / "test_main.py").open("a") as test_main:
        test_main.write(RECORDED_TENANT_TEST)
    recording.pytest("--junit-xml=report.xml", env={"CI": ""})
    assert tenant.assets == {}
    files = tree(folder)
    assert any(name.endswith("TestTenant.test_search.yaml") for name in files)
    assert [name for name in files if tenant.api_key.encode() in files[name]] == [".env"]


RECORDED_TENANT_TEST = """
from pyatlan.test_utils.base_vcr import BaseVCR


class TestTenant(BaseVCR):
    @pytest.mark.vcr()
    def test_search(self, client: "AtlanClient") -> None:
        assert find_assets(client, ["default/a"]) == set()
"""


def test_a_vcr_mark_without_its_plugin_is_an_error_and_no_call(newest: Package) -> None:
    shown = newest.pytest("-p", "no:vcr", "tests/integration", code=2).stdout
    assert "'vcr' not found in `markers` configuration option" in shown


def test_uv_resolves_what_pyproject_toml_asks_for(newest: Package) -> None:
    command = (
        BIN / "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--extra=test",
        "pyproject.toml",
    )
    assert f"pyatlan=={NEWEST}" in run(*command, cwd=newest.folder).stdout


def test_coverage_counts_the_script_alone(newest: Package) -> None:
    newest.run("-m", "coverage", "run", "-m", "pytest", "tests/test_main.py")
    shown = newest.run("-m", "coverage", "report").stdout
    (newest.folder / ".coverage").unlink()
    assert re.search(r"^main\.py ", shown, re.MULTILINE), shown
    assert "tests/" not in shown


@pytest.mark.slow
@pytest.mark.parametrize("package", [EVERY[0], EVERY[-1]], indirect=True)  # each takes a minute
def test_its_types_are_right(package: Package) -> None:
    run(
        BIN / "mypy", "--strict", "--cache-dir=/dev/null", "--python-executable", package.python, ".",
        cwd=package.folder,
    )  # fmt: skip


def test_no_name_that_the_package_s_environment_holds_can_be_another_package_s(
    package: Package,
) -> None:
    reserved = set((ROOT / "template" / "reserved_names.txt").read_text().split())
    script = "import importlib.metadata as m; print(*m.packages_distributions())"
    # A distribution's name as well: a project cannot require one of its own name.
    script += "; print(*(d.name.lower().replace('-', '_') for d in m.distributions()))"
    held = set(package.run("-c", script).stdout.split())
    snake_case = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
    assert {name for name in held if snake_case.match(name)} - {"new_pkg"} <= reserved


class changed:
    """A change of one text in a file, taken back at the end of the `with` block."""

    def __init__(self, file: Path, old: str, new: str) -> None:
        self.file, self.text = file, file.read_text()
        assert self.text.count(old) == 1
        self.new_text = self.text.replace(old, new)

    def __enter__(self) -> None:
        self.file.write_text(self.new_text)

    def __exit__(self, *_: object) -> None:
        self.file.write_text(self.text)
