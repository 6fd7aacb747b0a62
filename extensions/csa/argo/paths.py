"""Relative paths that a container uses: without the checkout they lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import yaml

from .nodes import BRACES, entry, items, text_of, walk, words_of

_COMMANDS = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
"""What has more commands that run in the container."""

_PATH = re.compile(r"@?(?P<path>\.{0,2}[^\s\"'{}$:,;|<>=@/-][^\s\"'{}$:,;|<>=]*|\.{1,2}/\S*)")
_BETWEEN = re.compile(r"[\"'\[\](){},;:=|<>\r\n]")
_SHORT_OPTION = re.compile(r"\A-\w(?=[\w./@])")
_ENDS_LIKE_A_FILE = re.compile(
    r".*/[^/]*\.[A-Za-z]\w{0,5}"
    r"|[^/]+\.(cfg|conf|csv|db|env|gz|html|ini|jsonl?|log|md|parquet|pem|properties|py|sql|sqlite"
    r"|toml|tsv|txt|xlsx?|xml|ya?ml|zip)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\$(?:\$|\((?P<name>[^()]*)\))")
_MODULE = re.compile(r"(?<![\w./-])scripts\.[\w.-]+")
"""One of the checkout."""

LONGEST_VALUE = 1_000
"""Characters of a variable whose paths are looked for where $(NAME) stands."""

UNKNOWN = "\0"
"""In a text: what the file does not tell."""


def given_to(
    container: yaml.Node, module: yaml.ScalarNode
) -> tuple[list[yaml.ScalarNode], list[yaml.ScalarNode]]:
    """Return what a container hands to the module that it runs, and the words of other commands."""
    words = words_of(container)
    values = (entry(variable, "value") for variable in items(entry(container, "env")))
    handed = [*words[words.index(module) + 1 :]]
    handed += [value for value in values if isinstance(value, yaml.ScalarNode)]
    nodes = [node for key in _COMMANDS for node in walk(entry(container, key))]
    return handed, [word for node in nodes for word in words_of(node)]


def variables_of(container: yaml.Node) -> dict[str, str]:
    """Return the variables of a container's environment, with those before each filled in."""
    variables: dict[str, str] = {}
    for variable in items(entry(container, "env")):
        is_known = entry(variable, "value") is not None
        value = with_variables(text_of(variable, "value"), variables) if is_known else UNKNOWN
        # Each may double the one before.
        variables[text_of(variable, "name")] = value if len(value) <= LONGEST_VALUE else UNKNOWN
    return variables


def with_variables(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with the values of $(NAME) in it, as Kubernetes fills them in."""

    def value(found: re.Match[str]) -> str:
        return "$" if found["name"] is None else variables.get(found["name"], UNKNOWN)

    return _VARIABLE.sub(value, text)


def paths_in(text: str) -> list[str]:
    """Return what may be relative paths in a text, such as -fPATH, a=PATH,PATH or JSON."""
    parts = _BETWEEN.split(_SHORT_OPTION.sub("", BRACES.sub(UNKNOWN, text)))
    found = [_PATH.fullmatch(part.strip()) for part in parts if UNKNOWN not in part]
    return [artifact["path"] for artifact in found if artifact]


def paths_in_command(text: str) -> Iterator[str]:
    """Yield the same of a word of a command, which may be a script, and modules of the checkout."""
    yield from _MODULE.findall(text)
    for word in text.split():
        yield from paths_in(word)


def is_relative(path: str) -> bool:
    """Tell whether a text that may be a path surely is a relative one."""
    return path.startswith(("./", "../")) or _ENDS_LIKE_A_FILE.fullmatch(path) is not None
