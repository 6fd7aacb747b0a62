"""Scripts of the corpus that people refactored by hand, and what may go wrong when editors do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from csa.prove.verdict import Verdict, verdict_on
from csa.source.syntax import deep_recursion

from tests.support.legacy_runs import LEGACY, cases, run_script, script_of
from tests.support.sampling import sampled

BY_HAND = sorted((LEGACY / "by-hand").glob("*.py"))
FAULTS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text())


def verdict(name: str, new: bytes) -> Verdict:
    with deep_recursion():
        return verdict_on(script_of(name).read_bytes(), new, is_script=True)


@pytest.mark.parametrize("script", BY_HAND, ids=lambda script: script.stem)
def test_a_script_refactored_by_hand_is_proven(script: Path) -> None:
    assert verdict(script.stem, script.read_bytes()) == Verdict("proven")


@pytest.mark.parametrize("script", sampled(BY_HAND), ids=lambda script: script.stem)
def test_a_script_refactored_by_hand_runs_as_before(script: Path, tmp_path: Path) -> None:
    for run in cases()[script.stem].runs:
        before = run_script(script.stem, run, tmp_path)
        assert run_script(script.stem, run, tmp_path, script) == before


def test_enough_scripts_and_faults_are_tried() -> None:
    assert len(BY_HAND) >= 20
    assert len(FAULTS) >= 100
    assert {fault["script"] for fault in FAULTS} <= {script.stem for script in BY_HAND}


@pytest.mark.parametrize(
    "fault", sampled(FAULTS), ids=lambda fault: f"{fault['script']}: {fault['right'].strip()[:40]}"
)
def test_a_fault_is_found_at_its_place(fault: dict[str, Any]) -> None:
    right = (LEGACY / "by-hand" / f"{fault['script']}.py").read_text()
    assert right.count(fault["right"]) == 1
    wrong = right.replace(fault["right"], fault["wrong"])
    said = verdict(fault["script"], wrong.encode())
    assert said.result == "different"
    places = [place.text if place else None for place in (said.old, said.new)]
    assert places == [fault["before"], fault["now"]]
    assert said.new is None or wrong.splitlines()[said.new.line - 1].strip() == said.new.text
