"""The base image of a package, worked out from its answers as the template does it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import StrictUndefined, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from .errors import Failed

DERIVED = ("base_images", "sdk", "base")
"""What copier.yml works out of the answers, in its order."""


@dataclass(frozen=True)
class Base:
    """An image to build on, the Python in it, and the Python versions for which there is one."""

    image: str
    python: str
    released: list[str]


def base_of(answers: Mapping[str, Any]) -> Base:
    """Return the base image that the answers stand for, by the copier.yml of this csa.

    Raises Failed when an answer is missing, or none that the template takes.
    """
    environment = SandboxedEnvironment(undefined=StrictUndefined)
    facts = dict(answers)
    try:
        for name in DERIVED:
            text = environment.from_string(_config()[name]["default"]).render(facts)
            facts[name] = yaml.safe_load(text)
    except (UndefinedError, TypeError, ValueError) as error:
        raise Failed(f"its answers tell no base image: {error}") from error
    return Base(**{name: facts["base"][name] for name in ("image", "python", "released")})


@cache  # of a fleet, each package asks
def _config() -> Mapping[str, Any]:
    """Return what copier.yml says."""
    config: Mapping[str, Any] = yaml.safe_load(
        (files("csa") / "copier.yml").read_text(encoding="utf-8")
    )
    return config


def image_in(dockerfile: str) -> str | None:
    """Return the image that the last stage of a Dockerfile builds on; None if it has none."""
    images = re.findall(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", dockerfile, re.IGNORECASE | re.MULTILINE)
    return images[-1] if images else None
