"""The skeleton: a package without the example, whose tests pass and go on to pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.package import Package, Render
from tests.support.standins.otlp import OtlpReceiver
from tests.support.standins.tenant import Tenant


@pytest.fixture
def skeleton(package: Package, render: Render, tmp_path: Path) -> Package:
    """A skeleton, in the environment of a package for the same release."""
    answers = (package.folder / ".copier-answers.yml").read_text()
    [release] = re.findall(r"^pyatlan_version: (.*)$", answers, re.MULTILINE)
    folder = tmp_path / "scripts" / "new_pkg"
    return Package(render(folder, example=False, pyatlan_version=release), package.python)


def test_its_tests_pass_offline_and_against_a_tenant(skeleton: Package, tenant: Tenant) -> None:
    shown = skeleton.pytest("tests/test_main.py").stdout
    assert re.search(r"\b1 passed, 2 skipped in", shown), shown
    assert "No tenant: set ATLAN_BASE_URL" in shown
    shown = skeleton.pytest("tests/test_main.py", env=tenant.environment).stdout
    assert re.search(r"\b2 passed, 1 skipped in", shown), shown
    assert "Look here for what the run did in Atlan" in shown
    assert [tenant.unknown, tenant.writes] == [[], []]


def test_its_tests_pass_once_its_function_is_replaced(skeleton: Package, tenant: Tenant) -> None:
    script = skeleton.folder / "main.py"
    code = script.read_text()
    assert code.count("log_user") == 2
    function = re.search(r"def log_user\(.*?\n\n\n", code, re.DOTALL)
    assert function
    own = "def double(number: int) -> int:\n    return 2 * number\n\n\n"
    code = code.replace(function[0], own).replace("log_user(client)", "print(double(21))")
    script.write_text(code)
    shown = skeleton.pytest("-s", "tests/test_main.py", env=tenant.environment).stdout
    assert re.search(r"\b2 passed, 1 skipped in", shown), shown
    assert "42" in shown


def test_it_says_who_it_runs_as_also_to_opentelemetry(
    skeleton: Package, tenant: Tenant
) -> None:
    agent = {"X_ATLAN_AGENT": "workflow", "X_ATLAN_AGENT_ID": "run-of-a-workflow"}
    with OtlpReceiver() as receiver:
        shown = skeleton.run(
            "-m", "new_pkg.main", "--user-id=", cwd=skeleton.folder.parent,
            env={**tenant.environment, **agent, **receiver.environment}, anew=True,
        )  # fmt: skip
    assert "INFO new_pkg: Running as service-account-stand-in." in shown.stderr
    sent = [{name.lower(): value for name, value in request.headers.items()}
            for request in tenant.requests]  # fmt: skip
    assert {headers["x-atlan-agent-id"] for headers in sent} == {"run-of-a-workflow"}
    said = [body.rpartition(" - ")[2] for _, _, body in receiver.records]
    assert "Running as service-account-stand-in." in said


def test_without_arguments_it_says_which_it_needs(skeleton: Package) -> None:
    shown = skeleton.run("-m", "new_pkg.main", cwd=skeleton.folder.parent, code=2)
    assert "the following arguments are required: --user-id" in shown.stderr
