"""What was found as SARIF 2.1.0, the format of code scanning."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..errors import Failed
from ..git import repository_of
from ..packages import ANSWERS_FILE
from . import RULES, Checked
from .rule import Finding, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
PROJECT = "https://github.com/atlanhq/csa-template"
DOCUMENTATION = f"{PROJECT}/blob/main/docs/rules.md"

Json = dict[str, Any]


def sarif_of(results: Mapping[Path, Checked | Failed]) -> Json:
    """Return a log in SARIF: all rules, and the findings at paths below the repository's top.

    Packages that could not be read, and rules that could not be checked, are notifications of the
    run.
    """
    run: Json = {
        "tool": {
            "driver": {
                "name": "csa check",
                "semanticVersion": version("csa-template"),
                "informationUri": PROJECT,
                "rules": [_rule(rule) for rule in RULES.values()],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not any(
                    isinstance(result, Failed) for result in results.values()
                ),
                "toolExecutionNotifications": list(_notifications(results)),
            }
        ],
        "results": list(_results(results)),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> Json:
    reasons = "\n\n".join(rule.reasons)
    plain = reasons.replace("`", "")
    return {
        "id": rule.id,
        "name": type(rule).__name__,
        "shortDescription": {"text": rule.sentence},
        "fullDescription": {"text": rule.sentence},
        "help": {"text": plain, "markdown": reasons},
        "helpUri": f"{DOCUMENTATION}#{rule.id.lower()}",
        "defaultConfiguration": {"level": "error"},
    }


def _results(results: Mapping[Path, Checked | Failed]) -> Iterator[Json]:
    order = {rule: number for number, rule in enumerate(RULES)}
    for folder, checked in results.items():
        if isinstance(checked, Failed):
            continue
        seen: Counter[str] = Counter()
        for finding in checked.findings:
            path = _path(folder, finding.path)
            digest = _fingerprint(path, finding)
            seen[digest] += 1
            yield {
                "ruleId": finding.rule,
                "ruleIndex": order[finding.rule],
                "level": "error",
                "message": {"text": finding.text},
                "locations": [_location(path, finding.line)],
                "partialFingerprints": {"csaFinding/v1": f"{digest}:{seen[digest]}"},
            }


def _fingerprint(path: str, finding: Finding) -> str:
    """Return what stays when lines move: no number is in it, as texts have numbers of lines."""
    text = re.sub(r"\d+", "", finding.text)
    return hashlib.sha256(os.fsencode(f"{finding.rule} {path} {text}")).hexdigest()[:32]


def _notifications(results: Mapping[Path, Checked | Failed]) -> Iterator[Json]:
    for folder, result in results.items():
        location = _location(_path(folder, ANSWERS_FILE), 0)
        if isinstance(result, Failed):
            yield {
                "level": "error",
                "message": {"text": str(result)},
                "locations": [location],
            }
            continue
        for rule, reason in result.not_checked.items():
            yield {
                "level": "warning",
                "message": {"text": f"not checked: {reason}"},
                "associatedRule": {"id": rule},
                "locations": [location],
            }


def _path(folder: Path, path: str) -> str:
    """Return a path of a package below the repository's top; of the package itself, that of its
    answers: code scanning knows files alone."""
    place = folder.relative_to(repository_of(folder).top).as_posix()
    return posixpath.normpath(f"{place}/{ANSWERS_FILE if path == '.' else path}")


def _location(path: str, line: int) -> Json:
    uri = quote(os.fsencode(path))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": max(line, 1)},
        }
    }
