"""The table of distributions: its form, and whether it is true."""

from __future__ import annotations

import sys
from importlib.metadata import distributions
from importlib.resources import files

import pytest
from csa.source.distributions import GENERIC, Row, table
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.distributions import ROWS, absent, problems

LINES = [
    line
    for line in (files("csa.source") / "distributions.txt").read_text().splitlines()
    if line and not line.startswith("#")
]

# fmt: off
NEVER = {
    "api", "app", "auth", "base", "client", "common", "config", "connection", "connectors",
    "constants", "context", "core", "data", "database", "db", "enums", "errors", "etl", "events",
    "exceptions", "extract", "handlers", "helper", "helpers", "interfaces", "job", "jobs", "lib",
    "loader", "log", "logger", "logging_utils", "main", "mapping", "misc", "model", "models", "names",
    "params", "pipeline", "process", "queries", "report", "schema", "schemas", "script", "scripts",
    "service", "services", "settings", "shared", "source", "storage", "task", "tasks", "test",
    "tests", "tools", "transform", "type", "types", "util", "utilities", "utils", "validators",
    "version",
}
# fmt: on
"""What scripts call modules of their own."""


def test_no_generic_name_is_in_the_table() -> None:
    tops = {module.split(".")[0].lower() for module in table()}
    assert not tops & (NEVER | GENERIC)
    assert NEVER <= GENERIC | sys.stdlib_module_names


def test_every_row_is_well_formed() -> None:
    for line in LINES:
        requirement, *more = (part.strip() for part in line.partition("#")[0].split("|"))
        parsed = Requirement(requirement)
        assert parsed.name == canonicalize_name(parsed.name), line
        assert parsed.marker is None, line
        [lowest] = [part.version for part in parsed.specifier if part.operator == ">="]
        calendar = len(lowest) > 2 and lowest.startswith("20")
        operators = sorted(part.operator for part in parsed.specifier)
        assert operators == ([">="] if calendar else ["<", ">="]), line
        modules, others = [*more, ""][:2]
        assert modules, line
        assert all(part.isidentifier() for name in modules.split() for part in name.split("."))
        assert not {name.split(".")[0] for name in modules.split()} & sys.stdlib_module_names
        assert all(name == canonicalize_name(name) for name in others.split()), line


def test_no_module_and_no_distribution_is_there_twice() -> None:
    rows = [[part.strip() for part in line.partition("#")[0].split("|")] for line in LINES]
    modules = [module for _, names, *_ in rows for module in names.split()]
    assert len(modules) == len(set(modules)) == len(table())
    assert len(ROWS) == len(rows)


def test_what_is_installed_here_has_the_modules_of_its_row() -> None:
    installed = {str(canonicalize_name(one.name)): one for one in distributions()}
    known = ROWS.keys() & installed.keys()
    assert len(known) >= 15
    assert [name for name in known if absent(ROWS[name], installed[name])] == []
    assert absent(Row("", ("pytest", "nosuch"), frozenset()), installed["pytest"]) == ["nosuch"]


# Those whose module nobody would find by the name, and those with a range of their own. Each needs a
# download: `python -m tests.distributions` looks at others.
LOOKED_UP = (
    *("azure-purview-account", "azure-purview-catalog", "azure-purview-scanning", "databricks-sdk"),
    *("databricks-sql-connector", "google-ads", "google-generativeai", "kafka-python"),
    *("mysql-connector-python", "opencv-python-headless", "psycopg2-binary", "python-docx"),
    *("python-dotenv", "ruamel-yaml", "snowflake-connector-python"),
)


@pytest.mark.slow
def test_the_newest_releases_have_the_modules_of_their_rows() -> None:
    assert problems(LOOKED_UP) == []
