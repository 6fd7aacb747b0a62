"""The newest release of pyatlan that a package is to have, where the command line says `newest`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from ..bases import valid_answer
from ..errors import Failed
from ..packages import REPOSITORY
from ..settings import settings_of
from ..template import Source

PYATLAN = "pyatlan_version"

NEWEST = "newest"
"""The release that the template has as its default, which is the newest that its tests pass with:
not each release of pyatlan has a base image, or works."""


def answers_to_change(
    folder: Path, answers: Mapping[str, Any], source: Source, target: str, data: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the answers that an update changes in a package, and why it keeps others.

    In `data`, `newest` stands for the newest release of pyatlan, which is changed only where it is
    newer than the package's. `target` is the template's commit to update to. Raises Failed when the
    package's settings cannot be read, its release is none, or the template names none.
    """
    changed = dict(data)
    if changed.get(PYATLAN) != NEWEST:
        return changed, []
    del changed[PYATLAN]
    if answers.get("scope") == REPOSITORY:
        return changed, []
    question = source.config(target).get(PYATLAN)
    newest = question.get("default") if isinstance(question, dict) else None
    present = valid_answer(answers, PYATLAN)
    try:
        if Version(present) >= Version(str(newest)):
            return changed, []
    except InvalidVersion as error:
        raise Failed(f"{source.version(target)} names no newest pyatlan") from error
    kept = f"pyatlan {present} is kept"
    if reason := settings_of(folder).keep.get(PYATLAN):
        return changed, [f"{kept}: {reason}"]
    if valid_answer(answers, "base_image") != "auto":
        text = "its base_image is not Atlan's: build one with the newer pyatlan, then change both"
        return changed, [f"{kept}: {text}"]
    return {**changed, PYATLAN: str(newest)}, []
