"""Rules on a package's files and its place in the repository."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import partial

import yaml

from ..errors import Failed, Unavailable
from ..packages import ANSWERS_FILE, REPOSITORY, read_answers
from ..template import expand
from ..yaml_text import NotYaml, parse_yaml
from .package import SETTINGS, Package
from .rule import Rule

REQUIRED = (
    "main.py",
    "__init__.py",
    ".gitignore",
    "index.md",
    "version.txt",
    "HISTORY.md",
    "Dockerfile",
    ".dockerignore",
    "requirements.txt",
    "requirements-test.txt",
    "pyproject.toml",
    "tests/__init__.py",
    "tests/conftest.py",
    "tests/test_main.py",
)

RECORDING = "tests/recording.py"
"""Needed where third parties' HTTP is recorded."""

SITE = "mkdocs.yml"


class Ignored(Rule):
    """Each rule that a package ignores must stand in pyproject.toml with the reason, and be broken.

    `[tool.csa.ignore]`, and below it a line such as `CSA502 = "Drivers are found by their name."`.
    """

    id = "CSA100"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        from . import RULES  # which has this one

        if package.settings_problem:
            yield SETTINGS, 0, package.settings_problem
        for name, reason in package.ignored.items():
            line = package.line_of(SETTINGS, name)
            if name not in RULES:
                written = f": write {name.upper()}" if name.upper() in RULES else ""
                yield SETTINGS, line, f"there is no rule {name}{written}"
            elif name == self.id:
                yield SETTINGS, line, f"{name} cannot be ignored"
            elif not (isinstance(reason, str) and reason.strip()):
                yield SETTINGS, line, f"{name} is ignored without a reason"
            elif not _is_broken(RULES[name], package):
                yield SETTINGS, line, f"nothing breaks {name} any more: delete the line"


def _is_broken(rule: Rule, package: Package) -> bool:
    try:
        return any(rule.broken(package))
    except Unavailable:
        return True  # as far as one knows


class RequiredFiles(Rule):
    """A package must have all files that its image, its tests and its release need.

    `csa adopt` adds what a script lacks. What was deleted comes back with `git checkout`, or from a
    new package.
    """

    id = "CSA101"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        recorded = [RECORDING] if package.answers.get("third_party_http") else []
        for path in (*REQUIRED, *recorded):
            if path not in package.paths:
                there = (package.folder / path).is_file()
                yield path, 0, "git ignores it" if there else "it is missing"


class NoConflictMarkers(Rule):
    """No file may have the markers of a conflict in it.

    An update or a merge left them: keep what is right of either side, delete the markers.
    """

    id = "CSA102"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in package.paths:
            begins = 0
            for number, line in enumerate(_lines_around_conflicts(package, path), 1):
                if line.startswith(b"<<<<<<< "):
                    begins = number
                elif line.startswith(b">>>>>>> ") and begins:
                    yield path, begins, f"a conflict goes on to line {number}"
                    begins = 0
            if begins:
                yield path, begins, "a conflict begins here"


def _lines_around_conflicts(package: Package, path: str) -> list[bytes]:
    """Return a file's lines, none where it has no marker: data of any size lies in packages."""
    content = (package.folder / path).read_bytes()
    return content.splitlines() if b"<<<<<<< " in content else []


class FolderName(Rule):
    """The folder must have the package's name, in snake_case.

    Argo runs `python -m NAME.main`, and Python finds NAME as a folder. `git mv` renames it; `csa
    adopt` does so for a script that is no package yet, with all that refers to it.
    """

    id = "CSA103"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        there, name = package.folder.name, package.answers.get("package_name")
        if not isinstance(name, str):
            yield ANSWERS_FILE, 0, "it has no package_name"
        elif there != name:
            yield ".", 0, f"it is {there}, and the package is {name}: git mv {there} {name}"


class SameTemplate(Rule):
    """A package must be of the template that is around the packages.

    `csa update` fetches the template from the address in a package's answers and writes what that
    one renders: another address brings files of somebody else's.
    """

    id = "CSA105"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        try:
            around = read_answers(package.top)
        except Failed:
            return  # nothing is around it that csa could tell of
        own, theirs = package.answers["_src_path"], around["_src_path"]
        if around.get("scope") == REPOSITORY and expand(own) != expand(theirs):
            line = package.line_of(ANSWERS_FILE, "_src_path")
            yield ANSWERS_FILE, line, f"_src_path is {own}, and around the packages it is {theirs}"


class Documented(Rule):
    """mkdocs.yml must link to the package's index.md, where it lists pages.

    Without a link nobody finds the page. A mkdocs.yml without `nav` lists all pages by itself.
    """

    id = "CSA104"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        site = package.top / SITE
        if not site.is_file():
            return
        try:
            settings = parse_yaml(site.read_bytes(), partial(yaml.load, Loader=_AnyTag))
        except NotYaml as error:
            yield "index.md", 0, f"{SITE} is {error}"
            return
        if not isinstance(settings, dict) or not settings.get("nav"):
            return
        pages = settings.get("docs_dir")
        page = os.path.relpath(
            package.folder / "index.md",
            package.top / (pages if isinstance(pages, str) else "docs"),
        )
        links = {posixpath.normpath(link) for link in _links(settings["nav"])}
        # A plugin of MkDocs may take patterns, and folders for the pages in them.
        if not any(fnmatch(page, link) or fnmatch(posixpath.dirname(page), link) for link in links):
            yield "index.md", 0, f"{SITE} has no link to {page}"


class _AnyTag(yaml.SafeLoader):
    """Reads the tags of mkdocs.yml, such as !ENV and !!python/name, as nothing."""


_AnyTag.add_multi_constructor("", lambda loader, suffix, node: None)


def _links(nav: object) -> Iterator[str]:
    """Yield the texts at any depth of what mkdocs.yml lists."""
    items, seen = [nav], set()
    while items:
        item = items.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, (list, dict)) and id(item) not in seen:
            seen.add(id(item))  # an alias may stand in itself
            items += item.values() if isinstance(item, dict) else item


RULES = (
    Ignored(),
    RequiredFiles(),
    NoConflictMarkers(),
    FolderName(),
    Documented(),
    SameTemplate(),
)
