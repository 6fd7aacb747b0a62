"""Whatever somebody does to a script: it is proven only where it runs as before."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from csa.prove.verdict import verdict_on
from csa.refactor import refactor
from csa.source.syntax import deep_recursion
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.prove.edits import FAULTS, edited, extract
from tests.refactor.test_any_script import SETTINGS, scripts, scripts_with_main
from tests.support.legacy_runs import Result, cases, run_script, script_of
from tests.support.refactored import execute
from tests.support.sampling import sampled

EACH = 4
"""Mutants of each script of the corpus."""


def is_proven(old: bytes, new: bytes) -> bool:
    with deep_recursion():
        return verdict_on(old, new, is_script=True).result == "proven"


def run_of(source: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a script did, without the names of the functions in which others are."""
    return re.sub(r"(\w+\.<locals>\.)+", "", repr(execute(source.encode(), monkeypatch)))


@settings(SETTINGS, max_examples=100)
@given(
    source=st.one_of(scripts(), scripts_with_main()),
    adopted=st.booleans(),
    edits=st.lists(st.sampled_from([*FAULTS, *[extract] * len(FAULTS)]), min_size=1, max_size=3),
    random=st.randoms(use_true_random=False),
)
def test_any_script_that_is_proven_runs_as_before(
    monkeypatch: pytest.MonkeyPatch, source: str, adopted: bool, edits: list[object], random: Random
) -> None:
    new = refactor(source.encode()).source.decode() if adopted else source
    for edit in edits:
        new = edited(new, edit, random) or new  # type: ignore[arg-type]
    if is_proven(source.encode(), new.encode()):
        assert run_of(new, monkeypatch) == run_of(source, monkeypatch), new


ADOPTED = {
    name: new
    for name in cases()
    if (new := refactor(script_of(name).read_bytes()).source) != script_of(name).read_bytes()
}


def without_imports(result: Result) -> Result:
    """What a script did, but for its imports: those of well-known modules may change places."""
    return replace(result, calls=[call for call in result.calls if not call.startswith("import ")])


@pytest.mark.parametrize("name", sampled(ADOPTED))
def test_a_mutant_of_an_adopted_script_is_not_proven_unless_it_runs_as_before(
    name: str, tmp_path: Path
) -> None:
    """Such as one in which something stands where it is never reached."""
    random = Random(name)
    try:
        source = ADOPTED[name].decode().lstrip("\ufeff")
    except UnicodeDecodeError:
        source = ADOPTED[name].decode("latin-1").replace("latin-1", "utf-8")
    for number in range(EACH):
        mutant = edited(source, random.choice(FAULTS), random)
        if mutant and is_proven(script_of(name).read_bytes(), mutant.encode()):
            new = tmp_path / f"{number}.py"
            new.write_text(mutant)
            for run in cases()[name].runs:
                before, after = (
                    without_imports(run_script(name, run, tmp_path, main)) for main in (None, new)
                )
                assert after == before, mutant
