"""The rule on secrets in recordings of HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from ..yaml_text import parse_yaml
from .package import Package
from .recording import Scrubber
from .rule import Rule
from .secrets import is_recording, is_secret, text_of, tokens

NO_RECORDING = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a file raises that is no recording: of the text, of what it holds, of a URL."""


class CleanRecordings(Rule):
    """No recording of HTTP may have a secret in it.

    tests/recording.py takes them out of what is recorded, by the names of headers, parameters and
    fields. Delete this recording and run `pytest`: it records anew. Placeholders such as
    `**REDACTED**` pass. Recordings are `.yaml` and `.json` files below `tests`, in a folder
    `vcr_cassettes` or `cassettes`.
    """

    id = "CSA702"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in filter(is_recording, package.paths):
            text = text_of(package, path)
            if text is None:
                continue
            found: dict[int, str] = {}
            try:
                reader = _Reader()  # one for all, as when they were recorded
                for one in _read(text)["interactions"]:
                    names = reader.secrets_of(one)
                    if names:
                        place = text.find(one["request"]["uri"])
                        line = text.count("\n", 0, place) + 1 if place >= 0 else 0
                        method = _shown(one["request"]["method"])
                        what = f"the {method} there, or its answer, has what looks like a secret in"
                        found.setdefault(line, f"{what} {names}")
            except NO_RECORDING:
                yield path, 0, "it is no recording that can be read"
            for line, what in tokens(text):
                found.setdefault(line, f"{what} looks like a secret")
            for line, what in sorted(found.items()):
                yield path, line, what


def _read(text: str) -> Any:
    """Return what a recording holds, whatever its name: pyatlan writes JSON into .yaml."""
    try:
        return json.loads(text)
    except ValueError:
        return parse_yaml(text, partial(yaml.load, Loader=yaml.CSafeLoader))


class _Reader(Scrubber):
    """Tells what tests/recording.py would have taken out, and is no placeholder."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()  # not those of this environment
        self.found: dict[str, None] = {}

    def secrets_of(self, interaction: Any) -> str:
        """Return the names of what has secrets in a request and its answer, with commas.

        Raises one of NO_RECORDING for what is no interaction.
        """
        self.found = {}
        uri = interaction["request"]["uri"]
        if not isinstance(uri, str):
            raise TypeError("a URI is text")
        url = urlsplit(uri)
        for part in (url.username, url.password):
            self.field("its URL's credentials", unquote(part or ""))
        self.pairs(url.query)
        if not self.found and self.text(uri) != uri:
            self.found["its URL"] = None
        for message in (interaction["request"], interaction["response"]):
            self.field("", message.get("headers"))
            body = message.get("body")
            # Text, or as of vcrpy and pyatlan: {string: …}, {parsed_json: …}.
            for content in body.values() if isinstance(body, dict) else [body]:
                if not isinstance(content, (bytes, str)):
                    self.field("", content)
                elif self.body(content) != content and not self.found:
                    self.found["its body"] = None
        return ", ".join(map(_shown, self.found))

    def field(self, name: str, value: Any) -> Any:
        name = str(name)
        if not isinstance(value, str):
            return super().field(name, value)
        if not any(map(is_secret, value.split())):
            return value
        kept = super().field(name, value)
        if kept != value:
            self.found[name or "a field"] = None
        return kept


def _shown(name: object) -> str:
    return re.sub(r"[^\w .'-]", "?", str(name))[:80]


RULES = (CleanRecordings(),)
