"""Which distribution a module comes from: by the table, and by what a monorepo requires already.

Never by the name alone: anybody can publish a distribution with the name of somebody's module.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..errors import Failed
from ..files import read_file
from ..git import git
from ..requirements_txt import (
    commented_lines,
    is_for_images,
    modules_named,
    needs,
    overlap,
    requirement_of,
    text_of_requirements,
)

# fmt: off
GENERIC = {
    "api", "apiclient", "app", "apps", "args", "auth", "base", "cache", "cfg", "cli", "client",
    "clients", "common", "commons", "conf", "config", "configs", "configuration", "connection",
    "connections", "connector", "connectors", "const", "constants", "context", "core", "credentials",
    "data", "database", "dataset", "datasets", "db", "decorators", "defaults", "demo", "driver",
    "dto", "endpoints", "engine", "entities", "entity", "enums", "env", "errors", "etl", "events",
    "example", "examples", "exceptions", "export", "exporter", "extract", "extractor", "file",
    "files", "fixtures", "formatters", "functions", "globals", "handler", "handlers", "helper",
    "helpers", "hooks", "interfaces", "internal", "io_utils", "job", "jobs", "lib", "libs",
    "lineage", "load", "loader", "loaders", "log", "logger", "loggers", "logging_config",
    "logging_utils", "logs", "main", "manager", "mapper", "mapping", "mappings", "metadata",
    "middleware", "misc", "mixins", "mocks", "model", "models", "module", "modules", "names",
    "notifications", "objects", "options", "package", "params", "parsers", "paths", "pipeline",
    "pipelines", "plugin", "plugins", "process", "processor", "project", "queries", "query",
    "reader", "report", "reporting", "reports", "repository", "resources", "rest", "routes", "run",
    "runner", "schema", "schemas", "script", "scripts", "secret", "server", "service", "services",
    "session", "settings", "setup", "shared", "source", "sql", "src", "stage", "state", "storage",
    "store", "support", "sync", "task", "tasks", "template", "templates", "test", "test_utils",
    "testing", "tests", "text", "tool", "tools", "transform", "transformer", "transforms",
    "type", "util", "utilities", "utility", "utils", "validation", "validator", "validators",
    "vars", "vendor", "version", "views", "worker", "workers", "writer",
}
# fmt: on
"""Modules that scripts have themselves: a distribution with such a name is a stranger's."""

_SHARED = {
    *("azure", "azure.mgmt", "azure.purview", "backports", "databricks", "dbt", "google"),
    *("google.cloud", "mysql", "opentelemetry.instrumentation", "ruamel", "snowflake"),
}
"""Names that many distributions share, besides those that the table shows."""


@dataclass(frozen=True)
class Row:
    """A row of the table: the line to add, and all distributions that have its modules."""

    requirement: str
    modules: tuple[str, ...]
    distributions: frozenset[str]


@cache
def table() -> Mapping[str, Row]:
    """Return the rows of distributions.txt by module."""
    rows: dict[str, Row] = {}
    for line in (files(__package__) / "distributions.txt").read_text("utf-8").splitlines():
        requirement, *more = (part.strip() for part in line.partition("#")[0].split("|"))
        if requirement:
            modules, others = more[0], "".join(more[1:])
            name = re.split(r"[\[<>=]", requirement)[0]
            row = Row(requirement, tuple(modules.split()), frozenset([name, *others.split()]))
            rows.update(dict.fromkeys(row.modules, row))
    return rows


@cache
def _shared() -> frozenset[str]:
    """Return the names that many distributions share, each with a part below."""
    dotted = (module for module in table() if "." in module)
    return frozenset(_SHARED).union(
        module[: dot.start()] for module in dotted for dot in re.finditer(r"\.", module)
    )


def module_of(name: str) -> str:
    """Return the part of a dotted name that a distribution is looked up for."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        module = ".".join(parts[:size])
        if module in table():
            return module
        if module in _shared():
            return ".".join(parts[: size + 1])
    return parts[0]


def is_covered(
    module: str, distributions: AbstractSet[str], named: AbstractSet[str] = frozenset()
) -> bool:
    """Tell whether one of the distributions required may have a module.

    `named` are the modules that comments behind the requirements name.
    """
    row = table().get(module)
    if row and (row.distributions & distributions or module not in _shared()):
        return bool(row.distributions & distributions)  # it knows better than names and comments
    if module in named:
        return True
    top = module.split(".")[0]
    if top not in _shared():
        namesakes = {str(canonicalize_name(form + module)) for form in ("", "python-", "py")}
        return bool(namesakes & distributions)
    # opentelemetry-sdk brings opentelemetry.
    return any(_is_part(name, module) or name == f"{top}-core" for name in distributions)


def _is_part(distribution: str, module: str) -> bool:
    """Tell whether a distribution has the name of a module, with more behind it or not."""
    name = canonicalize_name(module)
    same = distribution.replace("-", "") == name.replace("-", "")
    return same or distribution.startswith(f"{name}-")


@dataclass(frozen=True)
class Monorepo:
    """What tells about imports in the repository around a script.

    `python_files` are paths, `requirements` the texts of its requirements files: `above` those in
    the script's folder or above it, the nearest first, `elsewhere` the others.
    """

    python_files: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    def path_of(self, module: str) -> str | None:
        """Return the first file or folder with Python files that has a module's name."""
        parts = module.split(".")
        for path in self.python_files:
            names = path.removesuffix(".py").split("/")
            for start in range(len(names) - len(parts) + 1):
                end = start + len(parts)
                if names[start:end] == parts:
                    return path if end == len(names) else "/".join(names[:end])
        return None

    def requirement(self, module: str) -> str | None:
        """Return the line with which the repository requires a module's distribution.

        That is the nearest above the script, else the most common one.
        """
        for text in self.above:
            if found := list(_requirements(text, module)):
                return found[0]
        found = sorted(line for text in self.elsewhere for line in _requirements(text, module))
        return Counter(reversed(found)).most_common(1)[0][0] if found else None


def _requirements(text: str, module: str) -> Iterator[str]:
    """Yield the lines of a requirements file that a script can take over for a module."""
    row = table().get(module)
    names = row.distributions if row else {str(canonicalize_name(module))}
    for _, line, comment in commented_lines(text):
        requirement = requirement_of(line)
        if (
            requirement is None
            or requirement.url
            or not requirement.specifier
            or not is_for_images(requirement)
            or " --" in line
            or requirement.name == "pyatlan"
            or requirement.name.startswith("opentelemetry-")
        ):
            continue
        plain, named = " ".join(line.split()), sorted(modules_named(comment))
        plain = with_range(plain, requirement) or plain
        if requirement.name in names:
            yield plain
        elif not row and module in map(module_of, named):
            yield f"{plain}  # {', '.join(named)}"


def with_range(
    line: str, requirement: Requirement, known: SpecifierSet | None = None
) -> str | None:
    """Return a line with a lower and an upper bound, None where it has both or none is known.

    `known` is the range that they are of, unless it is that of the table.
    """
    missing = needs(requirement.specifier)
    if known is None and (row := _known_ranges().get(requirement.name)):
        known = row.specifier
    if not missing or known is None or not overlap(requirement.specifier, known):
        return None
    bounds = [str(part) for part in known if part.operator[0] in missing]
    written = re.match(r"\s*[\w.-]+\s*(\[[^\]]*\])?[^;#()\r\n]*", line)
    if not bounds or written is None or "(" in line.partition("#")[0]:
        return None
    before = written[0].rstrip()
    comma = "," if requirement.specifier else ""
    return before + comma + ",".join(sorted(bounds, reverse=True)) + line[len(before) :]


@cache
def _known_ranges() -> dict[str, Requirement]:
    rows = (Requirement(row.requirement) for row in table().values())
    return {str(canonicalize_name(row.name)): row for row in rows}


def read_monorepo(folder: Path, top: Path) -> Monorepo:
    """Return what the repository at `top` has around the script in `folder`."""
    listed = git(top, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py")
    tracked = git(top, "ls-files", "-z", "--", ":(glob)**/requirements*.txt")
    texts: dict[str, str] = {}
    for path in sorted(_paths(tracked)):
        with suppress(Failed):  # a link to anything else, or data
            texts[path] = text_of_requirements(read_file(top, path))
    here = PurePosixPath(folder.relative_to(top).as_posix())
    # requirements.txt before requirements-dev.txt: the shorter name.
    order = sorted(texts, key=lambda path: (-path.count("/"), len(path), path))
    above = [path for path in order if here.is_relative_to(PurePosixPath(path).parent)]
    return Monorepo(
        # An environment that git does not ignore is no part of the repository.
        tuple(path for path in _paths(listed) if "/site-packages/" not in f"/{path}"),
        tuple(texts[path] for path in above),
        tuple(texts[path] for path in order if path not in above),
    )


def _paths(listed: bytes) -> list[str]:
    return [os.fsdecode(path) for path in listed.split(b"\0") if path]


@dataclass(frozen=True)
class Origin:
    """Where a module comes from: the requirement to add, or why nobody but a person can tell."""

    requirement: str | None
    doubt: str = ""


def origin_of(module: str, monorepo: Callable[[], Monorepo], changed: int | None) -> Origin:
    """Return where a module comes from.

    `changed` is the line that changed sys.path before its import. `monorepo` is asked only where
    it matters.
    """
    if changed is not None:
        return Origin(None, f"sys.path was changed in line {changed}, so it may be any file")
    if module.split(".")[0].lower() in GENERIC:
        return Origin(None, "it is neither in this folder nor a known distribution")
    around = monorepo()
    if path := around.path_of(module):
        return Origin(None, f"it may be {path} or a distribution")
    row = table().get(module)
    return Origin(around.requirement(module) or (row.requirement if row else None))
