"""The module of a package, and where a file runs it or only mentions it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from .nodes import SAID, scalars, walk, words_of

_MODULE = re.compile(r"(?:(?<![\w.-])|(?<=-m))scripts\.([\w-]+)\.main(?!\w|[.-]\w)")
_IMPORT = re.compile(r"\bfrom\s+scripts\.([\w-]+)\s+import\b(?=\s*[(*]|[^#]*\bmain\b)")
_FILE = re.compile(r"(?<![\w-])scripts/(?:\.?/)*([\w-]+)/(?:\.?/)*main\.py(?![\w-])")
_PYTHON = re.compile(r"(.*/)?python[\d.]*")
_OPTION = re.compile(r"-[bBdiOPqRsSuvx]+|-(?P<takes>[WX])(?P<value>.*)")
"""An option of Python's that may stand before -m: with -E and -I it does not look into /app."""

_SHELL = re.compile(r"(.*/)?(ba|da|a|k|z)?sh")
_STATEMENT_ENDS = re.compile(r"[\n;&]|\|\|")
_SAYS = re.compile(r"\s*(#(?!!)|((then|do|else)\s+)?(echo|printf)\s(?!.*([|`<>]|\$\()))", re.DOTALL)
"""The begin of what a shell skips, or only prints."""


@dataclass(frozen=True)
class Module:
    """The main of a package, which was `scripts.FOLDER.main` in a checkout."""

    package: str

    @property
    def new(self) -> str:
        """Its name in the image."""
        return f"{self.package}.main"

    def is_old(self, text: str) -> bool:
        """Tell whether a text is its name in the checkout, where the folder may be in kebab-case."""
        found = _MODULE.fullmatch(text)
        return found is not None and package_of(found[1]) == self.package

    def is_named(self, text: str) -> bool:
        """Tell whether a text has its old name anywhere."""
        return any(self._named(_MODULE, text))

    def run_by(self, container: yaml.Node) -> yaml.ScalarNode | None:
        """Return the node of its name among the words of a container that runs it with -m."""
        words = words_of(container)
        texts = [str(word.value) for word in words]
        # An image's own command takes options alone.
        if not texts or not (texts[0].startswith("-") or _PYTHON.fullmatch(texts[0])):
            return None
        at = 0 if texts[0].startswith("-") else 1
        while at < len(texts) and (found := _OPTION.fullmatch(texts[at])):
            at += 1 if found["value"] or not found["takes"] else 2
        # Otherwise Python runs something else, which may get these words as its arguments.
        if texts[at : at + 1] != ["-m"] or at + 1 == len(texts):
            return None
        return words[at + 1] if texts[at + 1] == self.new or self.is_old(texts[at + 1]) else None

    def run_otherwise(self, document: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, str]]:
        """Yield the scalars of a document that run it, or may be handed to what does, each with its
        old name there.

        What is only said of it is none, and neither is what echo prints.
        """
        in_commands = set()
        for node in walk(document):
            if isinstance(node, yaml.MappingNode):
                words = words_of(node)
                in_commands |= {id(word) for word in words}
                yield from self._run_in(words)
        for key, scalar in scalars(document):
            if key == "source":
                name = self._run_by_shell(scalar.value)
            elif key in SAID or id(scalar) in in_commands:
                name = None
            else:
                name = self._run(scalar.value)
            if name:
                yield scalar, name

    def _run_in(self, words: list[yaml.ScalarNode]) -> Iterator[tuple[yaml.ScalarNode, str]]:
        """Yield those words of a command that run it, each with its name there."""
        texts = [str(word.value) for word in words]
        if texts and re.fullmatch(r"(.*/)?(echo|printf)", texts[0]):
            return
        shell = python = False
        for word, text in zip(words, texts, strict=True):
            name = self._run_by_shell(text) if shell else self._run(text)
            if python and not name:
                name = next(self._named(_FILE, text), None)
            if name:
                yield word, name
            shell = shell or text == "-c" or _SHELL.fullmatch(text) is not None
            python = python or _PYTHON.fullmatch(text) is not None

    def _run(self, text: str) -> str | None:
        """Return its name where that is all of a text, or behind a -m."""
        for found in _MODULE.finditer(text):
            option = text[: found.start()].rstrip(" \t\r\n\\\"'").endswith("-m")
            if package_of(found[1]) == self.package and (option or text.strip() == found[0]):
                return found[0]
        return None

    def _run_by_shell(self, script: str) -> str | None:
        """Return its name where a script does more with it than to print it."""
        for statement in _STATEMENT_ENDS.split(script.replace("\\\n", " ")):
            if not _SAYS.match(statement):
                files = (_FILE,) if "python" in statement else ()
                for pattern in (_MODULE, _IMPORT, *files):
                    for name in self._named(pattern, statement):
                        return name
        return None

    def _named(self, pattern: re.Pattern[str], text: str) -> Iterator[str]:
        return (m[0] for m in pattern.finditer(text) if package_of(m[1]) == self.package)


def package_of(folder: str) -> str:
    """Return the package that a folder's name stands for, as the template has it."""
    return re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_")
