"""The base image of a package, worked out from its answers as the template does it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
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

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]*))?\})")
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
_HANDED_OVER = re.compile(r"\d*<<(-?)([^<]+)")
"""A word behind which lines are handed over, up to one that is the same."""

_BACKTICK = re.compile(r"(#.*\n)*#\s*escape\s*=\s*`", re.IGNORECASE)
"""What makes a ` go on with the next line."""

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
        return _base_of(*(valid_answer(answers, name) for name in ASKED))
    except Failed as error:
        raise Failed(f"its answers give no base image: {error}") from error


@cache  # packages of a fleet have the same few
def _base_of(*answers: str) -> Base:
    facts: dict[str, Any] = dict(zip(ASKED, answers, strict=True))
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
    if problem := _problem(name, answer):
        raise Failed(f"{name} is not valid: {problem}")
    return answer


@lru_cache
def _problem(name: str, answer: str) -> str:
    """Return what would be a valid answer to a question, "" where this one is."""
    question = _config()[name]
    choices = question.get("choices", [answer])
    if answer not in choices:
        return f"use one of {', '.join(choices)}"
    return " ".join(_rendered(question.get("validator", ""), {name: answer}).split())


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

    def filled(text: str) -> str:
        return _VARIABLE.sub(value, text[:LONGEST_WORD].strip("\"'"))

    def value(variable: re.Match[str]) -> str:
        name, form, other = variable[1] or variable[2], variable[3], variable[4]
        if form == "+":
            return other if name in arguments else ""
        return arguments.get(name) or other or variable[0]

    for line, instruction in _instructions(dockerfile):
        name, *words = instruction.split()
        if name.upper() == "ARG" and found is None:
            for word in words:
                key, _, default = word.partition("=")
                arguments[key] = filled(default)[:LONGEST_WORD]
        words = [word for word in words if not word.startswith("--")]
        if name.upper() == "FROM" and words:
            image = filled(words[0])
            image = stages.get(image.lower(), image)
            found = line, image
            if len(words) > 2 and words[1].upper() == "AS":
                stages[words[2].lower()] = image
    return found


def _instructions(dockerfile: str) -> Iterator[tuple[int, str]]:
    """Yield the instructions of a Dockerfile with their first lines, without what is handed over
    behind <<."""
    begun: list[str] = []
    start = 0
    handed: list[tuple[bool, str]] = []
    escape = "`" if _BACKTICK.match(dockerfile) else "\\"
    for number, line in enumerate(dockerfile.splitlines(), 1):
        if handed:
            tabs, end = handed[0]
            if (line.lstrip("\t") if tabs else line) == end:
                del handed[0]
        elif not line.lstrip().startswith("#") and (line.strip() or not begun):
            start = start if begun else number
            line = line.rstrip()
            if line.endswith(escape):
                begun.append(f"{line[:-1]} ")
                continue
            instruction = "".join([*begun, line]).strip()
            if instruction:
                yield start, instruction
            words = _WORD.findall(instruction)
            if words and words[0].upper() in ("ADD", "COPY", "ONBUILD", "RUN"):
                found = filter(None, map(_HANDED_OVER.fullmatch, words))
                handed = [(match[1] == "-", match[2].strip("\"'")) for match in found]
            begun = []
