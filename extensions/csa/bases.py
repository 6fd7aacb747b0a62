"""The base image of a package, worked out from its answers as the template does it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from .errors import Failed

DERIVED = ("base_images", "sdk", "base")
"""What copier.yml works out of the answers, in its order."""

VERSIONS = ("pyatlan_version", "python_version")
"""The answers that YAML takes for numbers where they are not quoted: 3.10 for 3.1."""


@dataclass(frozen=True)
class Base:
    """An image to build on, the Python in it, and the Python versions for which there is one.

    `public` is the same image in Atlan's public registry, "" where it has none.
    """

    image: str
    python: str
    released: list[str]
    public: str


def base_of(answers: Mapping[str, Any]) -> Base:
    """Return the base image that the answers stand for, by the copier.yml of this csa.

    Raises Failed when an answer is missing, or none that the template takes.
    """
    environment = SandboxedEnvironment(undefined=StrictUndefined)
    facts = dict(answers)
    for name in (*VERSIONS, "base_image"):
        if not isinstance(facts.get(name, ""), str):
            raise Failed(f"its answers tell no base image: {name} is no text, so quote it")
    try:
        for name in DERIVED:
            text = environment.from_string(_config()[name]["default"]).render(facts)
            facts[name] = yaml.safe_load(text)
    except (TemplateError, TypeError, ValueError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise Failed(f"its answers tell no base image: {reason}") from error
    return Base(**facts["base"])


@cache  # of a fleet, each package asks
def _config() -> Mapping[str, Any]:
    """Return what copier.yml says."""
    config: Mapping[str, Any] = yaml.safe_load(
        (files("csa") / "copier.yml").read_text(encoding="utf-8")
    )
    return config


def image_in(dockerfile: str) -> tuple[int, str] | None:
    """Return line and name of the image that the last stage of a Dockerfile builds on.

    A stage stands for what it builds on itself, an argument for its default. None if it has no
    FROM.
    """
    arguments: dict[str, str] = {}
    stages: dict[str, str] = {}
    found = None

    def filled(variable: re.Match[str]) -> str:
        return arguments.get(variable[1] or variable[2]) or variable[3] or variable[0]

    for line, instruction in _instructions(dockerfile):
        name, *words = instruction.split()
        if name.upper() == "ARG" and found is None:
            arguments |= {
                key: value.strip("\"'") for key, _, value in (w.partition("=") for w in words)
            }
        words = [word for word in words if not word.startswith("--")]
        if name.upper() == "FROM" and words:
            image = re.sub(r"\$(\w+)|\$\{(\w+)(?::?-([^}]*))?\}", filled, words[0].strip("\"'"))
            image = stages.get(image.lower(), image)
            found = line, image
            if len(words) > 2 and words[1].upper() == "AS":
                stages[words[2].lower()] = image
    return found


def _instructions(dockerfile: str) -> Iterator[tuple[int, str]]:
    """Yield the instructions of a Dockerfile with their first lines, without what is handed over
    behind <<."""
    begun, start, ends = "", 0, None
    for number, line in enumerate(dockerfile.splitlines(), 1):
        if ends:
            ends = None if line.strip() == ends else ends
        elif not line.lstrip().startswith("#"):
            start = start if begun else number
            begun += line.rstrip()
            if begun.endswith("\\"):
                begun = begun[:-1] + " "
                continue
            if begun.strip():
                yield start, begun.strip()
            handed = re.search(r"<<-?([\"']?)(\w+)\1", begun)
            ends = handed[2] if handed else None
            begun = ""
