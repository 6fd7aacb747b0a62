"""`csa check --format sarif` is what code scanning takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from csa.check import RULES
from pydantic_sarif.model import (  # type: ignore[import-untyped]
    StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif,
)

from tests.support.commands import run_csa
from tests.support.monorepo import copy, init

UNUSED = "requests\nrequests>=2\n"
"""Two lines that break CSA502 in the same words, and CSA503 in others."""


@pytest.fixture
def package(template: Path, tmp_path: Path) -> Path:
    folder = copy(template, tmp_path / "mono" / "scripts" / "new pkg", package_name="new_pkg")
    with (folder / "requirements.txt").open("a") as requirements:
        requirements.write(UNUSED)
    init(tmp_path / "mono")
    return folder


def log_of(folder: Path, **env: str) -> Any:
    """The one run of the log that csa prints in a folder, which SARIF's schema allows."""
    shown = run_csa("check", "--format", "sarif", cwd=folder, code=1, env=env).stdout
    Sarif.model_validate_json(shown, strict=True)
    [run] = json.loads(shown)["runs"]
    return run


def test_findings_are_results_at_paths_below_the_repository_s_top(package: Path) -> None:
    run = log_of(package)
    assert [
        (one["ruleId"], place["artifactLocation"]["uri"], place["region"]["startLine"])
        for one in run["results"]
        for place in [one["locations"][0]["physicalLocation"]]
    ] == [
        # Code scanning knows files alone: for a folder, that with its answers stands.
        ("CSA103", "scripts/new%20pkg/.copier-answers.yml", 1),
        ("CSA502", "scripts/new%20pkg/requirements.txt", 8),
        ("CSA502", "scripts/new%20pkg/requirements.txt", 9),
        ("CSA503", "scripts/new%20pkg/requirements.txt", 8),
        ("CSA503", "scripts/new%20pkg/requirements.txt", 9),
    ]
    assert run["results"][1]["message"]["text"].startswith("no import needs requests. ")
    # From where it runs does not matter.
    assert log_of(package.parents[1]) == run


def test_every_rule_is_told_with_its_help(package: Path) -> None:
    run = log_of(package)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    for rule in rules:
        assert rule["shortDescription"]["text"] == RULES[rule["id"]].sentence
        assert rule["help"]["markdown"] == "\n\n".join(RULES[rule["id"]].reasons) != ""
        assert rule["help"]["text"] == rule["help"]["markdown"].replace("`", "")
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


def test_fingerprints_tell_findings_apart_and_stay_when_lines_move(package: Path) -> None:
    def prints() -> list[str]:
        return [one["partialFingerprints"]["csaFinding/v1"] for one in log_of(package)["results"]]

    before = prints()
    assert len(set(before)) == len(before)
    requirements = package / "requirements.txt"
    requirements.write_text(f"# Moved.\n\n{requirements.read_text()}")
    # Its text has a line's number in it.
    (package / "notes.md").write_text("<<<<<<< a\n>>>>>>> b\n")
    [conflict, *others] = [one for one in prints() if one not in before]
    assert others == []
    assert set(before) < {*prints()}
    (package / "notes.md").write_text("# Moved.\n<<<<<<< a\n>>>>>>> b\n")
    assert conflict in prints()


def test_what_could_not_be_checked_is_told_as_such(package: Path, tmp_path: Path) -> None:
    broken = package.with_name("broken")
    broken.mkdir()
    (broken / ".copier-answers.yml").write_text("- 1\n")
    run = log_of(package.parents[1], UV_OFFLINE="1", XDG_CACHE_HOME=str(tmp_path / "empty"))
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    failed, skipped = invocation["toolExecutionNotifications"]
    assert failed["message"]["text"].startswith(".copier-answers.yml has no _src_path")
    assert skipped["associatedRule"]["id"] == "CSA801"
    assert skipped["message"]["text"].startswith("not checked: ")
