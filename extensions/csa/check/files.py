"""Rules on a package's files and its place in the repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

import yaml

from ..errors import Misuse
from .package import SETTINGS, Package
from .rule import Rule

REQUIRED = (
    "main.py",
    "__init__.py",
    "index.md",
    "version.txt",
    "HISTORY.md",
    "Dockerfile",
    ".dockerignore",
    "requirements.txt",
    "requirements-test.txt",
    "pyproject.toml",
    "tests/conftest.py",
    "tests/test_main.py",
)

SITE = "mkdocs.yml"


class Ignored(Rule):
    """Each rule that a package ignores stands in pyproject.toml with the reason, and is broken.

    `[tool.csa.ignore]`, and below it a line such as `CSA502 = "Drivers are found by their name."`.
    """

    id = "CSA100"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        from . import rule_of  # which knows this one

        for name, reason in package.ignored.items():
            line = package.line_of(SETTINGS, name)
            try:
                rule = rule_of(name)
            except Misuse:
                yield SETTINGS, line, f"there is no rule {name}"
                continue
            if rule.id == self.id or not (isinstance(reason, str) and reason.strip()):
                yield SETTINGS, line, f"{name} is ignored without a reason"
            elif not any(rule.broken(package)):
                yield SETTINGS, line, f"nothing breaks {name} any more: delete the line"


class RequiredFiles(Rule):
    """A package has all files that its image, its tests and its release need.

    `csa adopt` adds what a script lacks. What was deleted comes back with `git checkout`, or from a
    new package.
    """

    id = "CSA101"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in REQUIRED:
            if path not in package.paths:
                yield path, 0, "it is missing"


class NoConflictMarkers(Rule):
    """No file has the markers of a conflict in it.

    An update or a merge left them: keep what is right of either side, delete the markers.
    """

    id = "CSA102"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in package.paths:
            begins = 0
            for number, line in enumerate(package.text(path).splitlines(), 1):
                if line.startswith("<<<<<<< "):
                    begins = number
                elif line.startswith(">>>>>>> ") and begins:
                    yield path, begins, f"a conflict goes on to line {number}"
                    begins = 0


class FolderName(Rule):
    """The folder has the package's name, in snake_case.

    Argo runs `python -m NAME.main`, and Python finds NAME as a folder. `git mv` renames it; `csa
    adopt` does so for a script that is no package yet, with all that refers to it.
    """

    id = "CSA103"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if package.folder.name != package.name:
            yield ".", 0, f"it is {package.folder.name}, and the package is {package.name}"


class Documented(Rule):
    """mkdocs.yml links to the package's index.md, where it lists pages.

    Without a link nobody finds the page. A mkdocs.yml without `nav` lists all pages by itself.
    """

    id = "CSA104"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        site = package.top / SITE
        if not site.is_file():
            return
        try:
            settings = yaml.load(site.read_text(encoding="utf-8"), _AnyTag)
        except (yaml.YAMLError, UnicodeDecodeError):
            yield "index.md", 0, f"{SITE} is not YAML"
            return
        if not isinstance(settings, dict) or not settings.get("nav"):
            return
        page = (package.folder / "index.md").relative_to(package.top).as_posix()
        pages = posixpath.normpath(str(settings.get("docs_dir", "docs")))
        links = {posixpath.normpath(f"{pages}/{link}") for link in _links(settings["nav"])}
        if page not in links:
            yield "index.md", 0, f"{SITE} has no link to {posixpath.relpath(page, pages)}"


class _AnyTag(yaml.SafeLoader):
    """Reads the tags of mkdocs.yml, such as !ENV and !!python/name, as nothing."""


_AnyTag.add_multi_constructor("", lambda loader, suffix, node: None)


def _links(nav: object) -> Iterator[str]:
    """Yield the texts at any depth of what mkdocs.yml lists."""
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, (list, dict)):
        for item in nav.values() if isinstance(nav, dict) else nav:
            yield from _links(item)


RULES = (Ignored(), RequiredFiles(), NoConflictMarkers(), FolderName(), Documented())
