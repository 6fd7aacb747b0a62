"""Rules on secrets, and on what Snyk's scan may pass over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import yaml
from detect_secrets.core.plugins.util import (
    get_mapping_from_secret_type_to_class,
)
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

from .package import Package
from .recording import Scrubber
from .rule import Rule

# Not those that take any text with enough different letters for a secret: GUIDs, hashes, names.
# And not the filter is_indirect_reference, which passes over client(api_key="...").
DETECTION = {
    "plugins_used": [
        {"name": detector.__name__}
        for detector in get_mapping_from_secret_type_to_class().values()
        if not detector.__name__.endswith("HighEntropyString")
    ],
    "filters_used": [
        {"path": f"detect_secrets.filters.{name}"}
        for name in (
            "allowlist.is_line_allowlisted",
            "heuristic.is_not_alphanumeric_string",
            "heuristic.is_potential_uuid",
            "heuristic.is_prefixed_with_dollar_sign",
            "heuristic.is_templated_secret",
        )
    ],
}

NAME = re.compile(r"[A-Za-z_/-]*(key|pass(word)?|redacted|secret|token)[A-Za-z_/-]*", re.IGNORECASE)
"""What stands where a secret would, and is only the name of one: access_token, prod/db/password."""

POLICY = ".snyk"


class NoSecret(Rule):
    """No file has a secret written into it.

    A script takes them from its arguments or the environment, tests from `.env`, which git passes
    over. Take back one that was committed: history keeps it. On a line that only looks like a
    secret, `# pragma: allowlist secret` says so.
    """

    id = "CSA701"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        with transient_settings(DETECTION):
            for path in package.paths:
                if is_recording(path):
                    continue
                found = {
                    (secret.line_number, secret.type)
                    for secret in scan_file(str(package.folder / path))
                    if not NAME.fullmatch(secret.secret_value or "")
                }
                for line, kind in sorted(found):
                    yield path, line, f"it looks like a secret ({kind})"


class CleanRecordings(Rule):
    """No recording of HTTP has a secret in it.

    tests/conftest.py takes them out of what it records, by the names of headers, parameters and
    fields. Delete this recording and run `pytest`: it records anew.
    """

    id = "CSA702"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in filter(is_recording, package.paths):
            try:
                recording = yaml.load(package.text(path), yaml.CSafeLoader)
                interactions = recording["interactions"]
                dirty = [one["request"] for one in interactions if _scrubbed(one) != one]
            except (yaml.YAMLError, AttributeError, KeyError, TypeError):
                yield path, 0, "it is no recording that can be read"
                continue
            for request in dirty:
                line = package.line_of(path, str(request["uri"]))
                yield path, line, f"the {request['method']} there, or its answer, has one"


@dataclass(frozen=True)
class _Request:
    """A request as the scrubber takes it."""

    method: str
    uri: str
    body: Any
    headers: dict[str, Any]


def _scrubbed(interaction: dict[str, Any]) -> dict[str, Any]:
    """Return an interaction as tests/conftest.py would have recorded it."""
    scrubber = Scrubber()
    kept = deepcopy(interaction)
    sent = kept["request"]
    request = scrubber.request(_Request(sent["method"], sent["uri"], sent["body"], sent["headers"]))
    sent |= {"uri": request.uri, "body": request.body, "headers": request.headers}
    scrubber.response(kept["response"])
    return kept


def is_recording(path: str) -> bool:
    """Tell whether a path below a package is a recording of HTTP."""
    return "cassettes" in path and path.endswith((".yaml", ".json"))


class PolicyReadable(Rule):
    """.snyk is a policy that Snyk can read.

    Without one its scan ignores nothing, and fails for what was found to be harmless.
    """

    id = "CSA703"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if POLICY in package.paths and _ignores(package) is None:
            yield POLICY, 0, "it is not the YAML of a policy"


class NoIgnoreExpired(Rule):
    """Nothing that .snyk ignores has expired.

    Look at the finding again: update what it is in, or set another date with the reason.
    """

    id = "CSA704"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        now = datetime.now(timezone.utc)
        for name, expires in _ignores(package) or ():
            if expires is not None and expires < now:
                line = package.line_of(POLICY, name)
                yield POLICY, line, f"{name} was ignored until {expires:%Y-%m-%d}"


def _ignores(package: Package) -> list[tuple[str, datetime | None]] | None:
    """Return what the policy ignores, each with the time until which; None if it is no policy."""
    try:
        policy = yaml.safe_load(package.text(POLICY))
        policy = {} if policy is None else policy
        return [
            (name, _time(rule.get("expires")))
            for name, places in (policy.get("ignore") or {}).items()
            for place in places
            for rule in place.values()
        ]
    except (yaml.YAMLError, AttributeError, TypeError, ValueError):
        return None


def _time(written: object) -> datetime | None:
    """Return a time of the policy, which may be text, or a date alone."""
    if written is None:
        return None
    time = datetime.fromisoformat(str(written).replace("Z", "+00:00"))
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


RULES = (NoSecret(), CleanRecordings(), PolicyReadable(), NoIgnoreExpired())
