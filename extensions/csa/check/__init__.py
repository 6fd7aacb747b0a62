"""What a package has to keep to: rules, each a class, and what of a package breaks them.

A rule's docstring is what csa shows: its first paragraph, one sentence, stands in each finding; the
rest tells why, and how to mend it.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from ..errors import Misuse
from ..script import RECURSION_LIMIT
from . import code, files, image, recordings, release, requirements, secrets, snyk, tests
from .package import Package
from .rule import Finding, Rule

RULES: dict[str, Rule] = {
    rule.id: rule
    for module in (files, release, image, code, requirements, tests, secrets, recordings, snyk)
    for rule in module.RULES
}
"""Every rule by its id, in the order in which they are shown."""


def check(folder: Path) -> list[Finding]:
    """Return what of a package breaks a rule that it does not ignore, by rule.

    Raises Failed or OSError when the package cannot be read.
    """
    package = Package(folder)
    sys.setrecursionlimit(RECURSION_LIMIT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the script's own text
        return [
            finding
            for rule in RULES.values()
            if rule.id not in package.ignored or rule.id == files.Ignored.id
            for finding in rule.findings(package)
        ]


def rule_of(name: str) -> Rule:
    """Return the rule of an id; raise Misuse when there is none."""
    if name not in RULES:
        raise Misuse(f"there is no rule {name}: the rules are {', '.join(RULES)}")
    return RULES[name]
