"""The base image of a package, worked out from its answers as the template does it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from .errors import Failed

DERIVED = ("base_images", "sdk", "base")
"""What copier.yml works out of the answers, in its order."""

LONGEST_WORD = 1_000
"""Characters of a word in a Dockerfile that matter: no image has a longer name."""

ASKED = ("pyatlan_version", "python_version", "base_image")
"""The answers that it needs for that."""


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
    try:
        facts: dict[str, Any] = {name: valid_answer(answers, name) for name in ASKED}
    except Failed as error:
        raise Failed(f"its answers tell no base image: {error}") from error
    for name in DERIVED:
        facts[name] = yaml.safe_load(_rendered(_config()[name]["default"], facts))
    return Base(**facts["base"])


def valid_answer(answers: Mapping[str, Any], name: str) -> str:
    """Return a recorded answer, which the copier.yml of this csa takes.

    Answers are in a file that anybody may have edited, and end in commands and outputs. Raises Failed
    when it is missing, or none that the template takes.
    """
    if name not in answers:
        raise Failed(f"{name} is missing: csa update brings it")
    answer = answers[name]
    if not isinstance(answer, str):
        raise Failed(f"{name} is not text: quote it")
    question = _config()[name]
    choices = question.get("choices", [answer])
    problem = _rendered(question.get("validator", ""), {name: answer}).strip()
    if answer not in choices:
        problem = f"use one of {', '.join(choices)}"
    if problem:
        raise Failed(f"{name} is not valid: {' '.join(problem.split())}")
    return answer


def _rendered(text: str, facts: Mapping[str, Any]) -> str:
    environment = SandboxedEnvironment(undefined=StrictUndefined)
    environment.filters["regex_search"] = lambda value, pattern: re.search(pattern, value)
    return environment.from_string(text).render(facts)


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
                key: value[:LONGEST_WORD].strip("\"'")
                for key, _, value in (w.partition("=") for w in words)
            }
        words = [word for word in words if not word.startswith("--")]
        if name.upper() == "FROM" and words:
            image = re.sub(
                r"\$(\w+)|\$\{(\w+)(?::?-([^}]*))?\}", filled, words[0][:LONGEST_WORD].strip("\"'")
            )
            image = stages.get(image.lower(), image)
            found = line, image
            if len(words) > 2 and words[1].upper() == "AS":
                stages[words[2].lower()] = image
    return found


def _instructions(dockerfile: str) -> Iterator[tuple[int, str]]:
    """Yield the instructions of a Dockerfile with their first lines, without what is handed over
    behind <<."""
    begun: list[str] = []
    start, ends = 0, None
    for number, line in enumerate(dockerfile.splitlines(), 1):
        if ends:
            ends = None if line.strip() == ends else ends
        elif not line.lstrip().startswith("#"):
            start = start if begun else number
            line = line.rstrip()
            if line.endswith("\\"):
                begun.append(f"{line[:-1]} ")
                continue
            instruction = "".join([*begun, line]).strip()
            if instruction:
                yield start, instruction
            handed = re.search(r"<<-?([\"']?)(\w+)\1", instruction)
            ends = handed[2] if handed else None
            begun = []
