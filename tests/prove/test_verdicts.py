"""What can be said of two versions of a script."""

from __future__ import annotations

import pytest
from csa.prove.verdict import Verdict, verdict_on
from csa.source.syntax import deep_recursion

from tests.prove.accepted import ACCEPTED
from tests.prove.refused import NOT_JUDGED, REFUSED
from tests.support.sampling import sampled


def verdict(old: str, new: str) -> Verdict:
    with deep_recursion():
        return verdict_on(old.encode(), new.encode(), is_script=True)


@pytest.mark.parametrize(("old", "new"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_script_is_proven_to_run_as_before_after(old: str, new: str) -> None:
    assert verdict(old, new) == Verdict("proven")


@pytest.mark.parametrize(("old", "new"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_script_is_proven_when_this_is_undone_unless_a_guard_goes(old: str, new: str) -> None:
    said = verdict(new, old)
    if "__main__" in new and "__main__" not in old:
        assert said.reason == "it would also run when the module is imported"
    else:
        assert said == Verdict("proven")


@pytest.mark.parametrize(("old", "new", "line"), REFUSED.values(), ids=REFUSED)
def test_a_script_is_not_proven_where(old: str, new: str, line: str) -> None:
    said = verdict(old, new)
    assert said.result == "different"
    assert line in (said.new.text if said.new else said.old.text if said.old else said.reason)


@pytest.mark.parametrize(("old", "new", "reason"), sampled(NOT_JUDGED.values(), 3), ids=NOT_JUDGED)
def test_a_script_cannot_be_judged_where(old: str, new: str, reason: str) -> None:
    said = verdict(old, new)
    assert said.result == "not_judged"
    assert said.reason.endswith(reason)
