"""Running a table of scripts before and after a fixer."""

from __future__ import annotations

from dataclasses import dataclass

from csa.sdk.breaks import breaks_of

from tests.support.fixed import LEFT, fixed_together, package
from tests.support.package import NEWEST


@dataclass(frozen=True)
class Case:
    """A script and what becomes of it, LEFT where it stays; both get the imports of the table."""

    before: str
    after: str


def check(cases: list[Case], case: Case) -> None:
    """Fail unless a case of a table becomes what it says, and breaks before it alone."""
    texts, broken = fixed_together(tuple(case.before for case in cases))
    number = cases.index(case)
    assert texts[number] == (case.after or case.before)
    assert bool(broken[number]) is (case.after == LEFT)


def check_that_all_break(cases: list[Case]) -> None:
    """Fail unless something breaks of each case before it is fixed."""
    paths = [f"case_{number}.py" for number in range(len(cases))]
    texts = {path: case.before for path, case in zip(paths, cases, strict=True)}
    assert {one.path for one in breaks_of(package(texts), NEWEST)} == set(paths)
