"""Rules on a package's files and its place in the repository."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import partial
from typing import NamedTuple

import yaml

from ..errors import Failed, Unavailable
from ..files import TooLarge, is_file
from ..packages import ANSWERS_FILE, REPOSITORY, read_answers
from ..settings import KEPT, SETTINGS
from ..source.edits import ChangedLines
from ..template import expand, without_secrets
from ..yaml_text import Loader, NotYaml, parse_yaml
from .nav import with_page
from .package import Package
from .rule import Fixes, Rule

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

LARGEST_MERGED = 5_000_000
"""Bytes of the largest file in which markers of a conflict are looked for."""

LONGEST_LINK = 1_000
"""Characters of a link that matter."""

MOST_PATTERNS = 1_000
"""Links with wildcards that are tried."""


class Ignored(Rule):
    """Each ignored rule must have a reason in pyproject.toml, and at least one finding.

    Write a line such as `CSA502 = "Drivers are found by their name."` below `[tool.csa.ignore]`.
    Delete the line of a rule that finds nothing any more. An answer to keep, below
    `[tool.csa.keep]`, must have a reason, too.
    """

    id = "CSA100"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        from . import RULES  # which has this one

        if package.settings_problem:
            yield SETTINGS, 0, package.settings_problem
        for name, reason in package.settings.ignore.items():
            line = package.line_of(SETTINGS, name)
            if name not in RULES:
                written = f": write {name.upper()}" if name.upper() in RULES else ""
                yield SETTINGS, line, f"there is no rule {name}{written}"
            elif name == self.id:
                yield SETTINGS, line, f"{name} cannot be ignored"
            elif not _is_reason(reason):
                yield SETTINGS, line, f"{name} is ignored without a reason"
            elif not _is_broken(RULES[name], package):
                yield SETTINGS, line, f"{name} no longer finds anything here: delete the line"
        for name, reason in package.settings.keep.items():
            line = package.line_of(SETTINGS, name)
            if name not in KEPT:
                yield SETTINGS, line, f"{name} cannot be kept: write {' or '.join(KEPT)}"
            elif not _is_reason(reason):
                yield SETTINGS, line, f"{name} is kept without a reason"


def _is_reason(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


def _is_broken(rule: Rule, package: Package) -> bool:
    try:
        return any(rule.broken(package))
    except Unavailable:
        return True  # as far as one knows


class RequiredFiles(Rule):
    """A package must have all files that its image, its tests and its release need.

    `csa adopt` adds what a script lacks. What was deleted comes back with `git checkout`, or from a
    new package. A file of more than 1 MB is not read, and neither is a link that leads out of the
    package.
    """

    id = "CSA101"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        recorded = [RECORDING] if package.answers.get("third_party_http") else []
        for path in (*REQUIRED, *recorded):
            if path not in package.paths:
                yield path, 0, _absence(package, path)
                continue
            try:
                package.read(path)
            except Failed as error:
                yield path, 0, str(error)


def _absence(package: Package, path: str) -> str:
    """Return why a file is none of the package's."""
    if is_file(package.folder, path):
        return "git ignores it"
    there = os.path.lexists(package.folder / path)
    return "it is not a regular file of this folder" if there else "it is missing"


class NoConflictMarkers(Rule):
    """No file may have the markers of a conflict in it.

    An update or a merge left them. Edit the lines between the markers, then delete the markers.
    Files of more than 5 MB are skipped.
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
    try:
        content = package.read(path, LARGEST_MERGED)
    except TooLarge:
        return []
    return content.splitlines() if b"<<<<<<< " in content else []


class FolderName(Rule):
    """The folder must have the package's name, in snake_case.

    Argo runs `python -m NAME.main`, and Python finds NAME as a folder. `git mv` renames it; `csa
    adopt` does so for a script that is no package yet, with all that refers to it.
    """

    id = "CSA103"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        there, name = posixpath.basename(package.place), package.answers.get("package_name")
        if not isinstance(name, str):
            yield ANSWERS_FILE, 0, "it has no package_name"
        elif there != name:
            yield ".", 0, f"it is {there}, and the package is {name}: git mv {there} {name}"


class SameTemplate(Rule):
    """A package must have the same template as the files around the packages.

    `csa update` fetches the template from the address in a package's answers and writes what that one renders. With another address, it would write somebody else's files.
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
            said = f"_src_path is {own}, and around the packages it is {theirs}"
            yield ANSWERS_FILE, line, without_secrets(said)


class Documented(Rule):
    """mkdocs.yml must link to the package's index.md, where it lists pages.

    Without a link nobody finds the page. A mkdocs.yml without `nav` lists all pages by itself.

    `csa check --fix` adds the link behind the last one to another package's page.
    """

    id = "CSA104"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        try:
            text = package.around(SITE)
            missing = None if text is None else _unlinked(package, text)
        except NotYaml as error:
            yield "index.md", 0, f"{SITE} is {error}"
        except Failed as error:
            yield "index.md", 0, str(error)
        else:
            if missing:
                yield "index.md", 0, f"{SITE} has no link to {missing.page}"

    def fixes(self, package: Package) -> Fixes:
        try:
            text = (package.around(SITE) or b"").decode()
            missing = _unlinked(package, text)
            tree = parse_yaml(text, partial(yaml.compose, Loader=_AnyTag))
        except (NotYaml, Failed, UnicodeDecodeError):
            return Fixes()
        if missing is None or "index.md" not in package.paths:
            return Fixes()
        folder = missing.folder

        def is_of_package(link: str) -> bool:
            package_of, name = posixpath.split(posixpath.normpath(f"/{folder}/{link}"))
            return name == "index.md" and is_file(package.top, f"{package_of[1:]}/{ANSWERS_FILE}")

        heading = re.search(r"^# +(.*\S)", package.text("index.md"), re.MULTILINE)
        title = heading[1] if heading else package.name
        added = with_page(text, tree, missing.page, title, is_of_package)
        if added is None or _unlinked(package, added.text):
            return Fixes()
        line = ChangedLines(posixpath.relpath(SITE, package.place), added.line, "", added.entry)
        return Fixes().and_file(SITE, added.text.encode(), [line])


class _Unlinked(NamedTuple):
    """The folder of pages that a mkdocs.yml names, and a package's page as it would name it."""

    folder: str
    page: str


def _unlinked(package: Package, text: str | bytes) -> _Unlinked | None:
    """Return the page of a package to which a mkdocs.yml has no link, None where it has one or
    needs none. Raises NotYaml."""
    settings = parse_yaml(text, partial(yaml.load, Loader=_AnyTag))
    if not isinstance(settings, dict) or not settings.get("nav"):
        return None
    pages = settings.get("docs_dir")
    folder = pages if isinstance(pages, str) else "docs"
    page = posixpath.relpath(f"/{package.place}/index.md", posixpath.join("/", folder))
    links = {posixpath.normpath(link) for link in _links(settings["nav"])}
    # A plugin of MkDocs may take patterns, and folders for the pages in them.
    patterns = [link for link in links if re.search(r"[*?\[]", link)][:MOST_PATTERNS]
    targets = (page, posixpath.dirname(page))
    if links.isdisjoint(targets) and not any(
        fnmatch(target, pattern) for pattern in patterns for target in targets
    ):
        return _Unlinked(folder, page)
    return None


class _AnyTag(Loader):  # type: ignore[misc]
    """Reads the tags of mkdocs.yml, such as !ENV and !!python/name, as nothing."""


_AnyTag.add_multi_constructor("", lambda loader, suffix, node: None)


def _links(nav: object) -> Iterator[str]:
    """Yield the texts at any depth of what mkdocs.yml lists."""
    items = [nav]
    while items:
        item = items.pop()
        if isinstance(item, str):
            yield item[:LONGEST_LINK]
        elif isinstance(item, (list, dict)):
            items += item.values() if isinstance(item, dict) else item


RULES = (
    Ignored(),
    RequiredFiles(),
    NoConflictMarkers(),
    FolderName(),
    Documented(),
    SameTemplate(),
)
