"""What a package has to keep to: rules, each a class, and what of a package breaks them.

A rule's docstring is what csa shows: its first paragraph, one sentence, stands in each finding; the
rest tells why, and how to fix it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ..errors import Failed, Misuse, Unavailable, failure_of
from ..packages import left_at
from ..sdk.breaks import MOST_TOGETHER
from ..source.syntax import deep_recursion
from . import code, files, image, recordings, release, requirements, sdk, secrets, snyk, tests
from .limits import limited
from .outside import Outside
from .package import Package
from .rule import Finding, Fixed, Rule

AnyPackage = TypeVar("AnyPackage", bound=Package)

RULES: dict[str, Rule] = {
    rule.id: rule
    for module in (files, release, image, code, requirements, tests, secrets, recordings, snyk, sdk)
    for rule in module.RULES
}
"""Every rule by its id, in the order in which they are shown."""


@dataclass
class Checked:
    """What was found in a package: findings by rule, and for each rule that could not be checked
    now the reason, by its id. `fixed` is what was changed before, and is no longer found."""

    findings: list[Finding] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    fixed: list[Fixed] = field(default_factory=list)


def check_packages(
    folders: Iterable[Path], since: str | None = None
) -> Generator[tuple[Path, Checked | Failed], None, None]:
    """Yield each package's folder with what was found in it, or why it cannot be read.

    `since` is the revision since which they have changed, where that was asked for.
    """
    for folder, package in read_packages(folders, Package):
        if isinstance(package, Failed):
            yield folder, package
        else:
            package.since = since and left_at(package.top, since)
            yield folder, check_package(package)


def read_packages(
    folders: Iterable[Path], kind: Callable[[Path], AnyPackage]
) -> Generator[tuple[Path, AnyPackage | Failed], None, None]:
    """Yield each package's folder with the package, or why it cannot be read.

    What is outside of them is asked for many at once, and given up where nobody goes on reading.
    """
    waiting = iter(folders)
    while some := [*islice(waiting, MOST_TOGETHER)]:  # so many are in memory as well
        packages: dict[Path, AnyPackage | Failed] = {}
        for folder in some:
            try:
                packages[folder] = kind(folder)
            except Exception as error:  # noqa: BLE001  # whatever it is, it stops no other package
                packages[folder] = failure_of(error)
        good = [package for package in packages.values() if not isinstance(package, Failed)]
        with deep_recursion():  # reads their Python files
            outside = Outside(good)
        with closing(outside):
            for package in good:
                package.outside = outside
            yield from packages.items()


def check_package(package: Package, rules: Iterable[Rule] = RULES.values()) -> Checked | Failed:
    """Return what of a package breaks some rules, or why that cannot be told."""
    try:
        with limited():
            return _check(package, rules)
    except Exception as error:  # noqa: BLE001  # whatever it is, it stops no other package
        return failure_of(error)


def check(folder: Path) -> list[Finding]:
    """Return what of a package breaks a rule that it does not ignore, by rule.

    Raises Failed when the package cannot be read.
    """
    [(_, checked)] = check_packages([folder])
    if isinstance(checked, Failed):
        raise checked
    return checked.findings


def _check(package: Package, rules: Iterable[Rule]) -> Checked:
    checked = Checked()
    with deep_recursion():
        for rule in rules:
            if rule.id not in package.settings.ignore or rule.id == files.Ignored.id:
                try:
                    checked.findings += rule.findings(package)
                except Unavailable as error:
                    checked.not_checked[rule.id] = str(error)
    return checked


def rule_of(name: str) -> Rule:
    """Return the rule of an id; raise Misuse when there is none."""
    rule = RULES.get(name.upper())
    if rule is None:
        raise Misuse(f"there is no rule {name}: the rules are {', '.join(RULES)}")
    return rule
