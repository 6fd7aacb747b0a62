"""Rules on .snyk, which says what Snyk's scan may pass over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import yaml

from ..errors import Failed
from ..settings import LARGEST_SETTINGS
from ..yaml_text import NotYaml, parse_yaml
from .package import Package
from .rule import Rule

POLICY = ".snyk"

ENTRY = "write below it - '*': {reason: Why, expires: 2030-01-31}"

BASE = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Leaves all as text."""

DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
"""How a date begins that can be compared as text."""

NULL = ("", "~", "null")
"""How the loader writes nothing, which leaves all as text."""


class PolicyReadable(Rule):
    """.snyk must be a policy that Snyk can read.

    Without a readable policy, the scan ignores nothing, and fails for findings that you know to be
    harmless. Snyk compares `expires` with today's date as text: write it as 2030-01-31, or the entry
    expires at once or never.
    """

    id = "CSA703"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if POLICY not in package.paths:
            return
        policy = _policy(package)
        if isinstance(policy, str):
            yield POLICY, 0, policy
            return
        version = policy.get("version", "v1")
        # Without one it is v1, and a number is taken for none.
        if not re.fullmatch(r"v1(\.\d+\.\d+)?|\d+(\.\d+)?", str(version)):
            line = package.line_of(POLICY, "version")
            yield POLICY, line, f"its version is {_shown(version)}: write version: v1.25.0"
        ignored = policy.get("ignore", "")
        if ignored in NULL:
            return
        if not isinstance(ignored, dict):
            yield POLICY, package.line_of(POLICY, "ignore"), f"ignore has no entries: {ENTRY}"
            return
        for name, places in ignored.items():
            problem = _problem(places)
            if problem:
                yield POLICY, package.line_of(POLICY, name), f"{_shown(name)} {problem}"


class NoIgnoreExpired(Rule):
    """Nothing that .snyk ignores may have expired.

    Look at the finding again: update what it is in, or set another date with the reason.
    """

    id = "CSA704"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        policy = _policy(package)
        ignored = policy.get("ignore") if isinstance(policy, dict) else None
        for name, places in ignored.items() if isinstance(ignored, dict) else ():
            times = [
                _time(fields.get("expires"))
                for _, fields in _entries(places)
                if isinstance(fields, dict)
            ]
            over = [time for time in times if time and time < datetime.now(UTC)]
            if over:
                what = f"{_shown(name)} was ignored until {min(over):%Y-%m-%d}"
                yield POLICY, package.line_of(POLICY, name), what


class _Policy(BASE):  # type: ignore[misc, valid-type]
    """Refuses keys that are there twice, as Snyk does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key in (key for key, times in keys.items() if times > 1):
            line = node.start_mark.line + 1
            raise NotYaml(f"YAML with {_shown(key)} twice in what begins in its line {line}")
        return super().construct_mapping(node, deep)


def _policy(package: Package) -> dict[str, Any] | str:
    """Return what .snyk holds, everything in it as text; a sentence where it is no policy."""
    try:
        text = package.read(POLICY, LARGEST_SETTINGS).decode()
        policy = parse_yaml(text, partial(yaml.load, Loader=_Policy))
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except NotYaml as error:
        return f"it is {error}"
    except Failed as error:
        return str(error)
    if isinstance(policy, dict) and {"version", "ignore", "exclude"} & policy.keys():
        return policy
    return "it has neither version nor ignore: write version: v1.25.0"


def _problem(places: Any) -> str:
    """Return what is wrong with an entry of ignore, by the paths it is for; nothing if all is right."""
    if places in NULL:
        return ""
    if not isinstance(places, list):
        return f"has no list of paths: {ENTRY}"
    if not all(isinstance(place, dict) for place in places):
        return f"has a path without fields: {ENTRY}"
    for _, fields in _entries(places):
        if fields in NULL:
            continue
        if not isinstance(fields, dict):
            return f"has a path without fields: {ENTRY}"
        expires = fields.get("expires", "")
        if expires not in NULL and _time(expires) is None:
            return f"expires {_shown(expires)}, which is no date: write expires: 2030-01-31"
    return ""


def _entries(places: Any) -> list[tuple[str, Any]]:
    """Return the paths that an entry is for, each with its fields."""
    return [item for place in places if isinstance(place, dict) for item in place.items()]


def _time(written: object) -> datetime | None:
    """Return a time of the policy, which may be a date alone; None if it is none."""
    if not DATE.match(str(written)):
        return None
    try:
        time = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _shown(text: object) -> str:
    return re.sub(r"[^\w .:@/*-]", "?", str(text))[:80]


RULES = (PolicyReadable(), NoIgnoreExpired())
