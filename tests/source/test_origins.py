"""Which distribution an import comes from: the table's, the repository's, or a person's choice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from csa.requirements_txt import modules_named
from csa.source.distributions import GENERIC, Monorepo, read_monorepo, table
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.commands import commit_all
from tests.support.monorepo import init
from tests.support.requirements import TEMPLATE, plan


@pytest.mark.parametrize(
    ("module", "distribution"),
    [
        ("yaml", "pyyaml"),
        ("requests", "requests"),
        ("pandas", "pandas"),
        ("httpx", "httpx"),
        ("bs4", "beautifulsoup4"),
        ("sklearn", "scikit-learn"),
        ("dateutil", "python-dateutil"),
        ("jwt", "pyjwt"),
        ("git", "gitpython"),
        ("ldap", "python-ldap"),
        ("magic", "python-magic"),
        ("serial", "pyserial"),
        ("PIL", "pillow"),
        ("Crypto", "pycryptodome"),
        ("simple_salesforce", "simple-salesforce"),
        ("google.cloud.storage", "google-cloud-storage"),
        ("google.oauth2", "google-auth"),
        ("mpl_toolkits.mplot3d", "matplotlib"),
        ("azure.identity", "azure-identity"),
        ("boto3", "boto3"),
        ("openpyxl", "openpyxl"),
        ("ldap3", "ldap3"),
        ("tenacity", "tenacity"),
        ("numpy", "numpy"),
        ("jira", "jira"),
    ],
)
def test_an_import_becomes_the_distribution_it_comes_from(module: str, distribution: str) -> None:
    result = plan(f"from {module} import thing")
    assert result.unknown == {}
    ((line, found),) = result.added.items()
    assert (pinned_name(line), found) == (distribution, module)


def pinned_name(line: str) -> str:
    name, separator, _ = line.partition(">=")
    assert separator, line
    return name


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("attr", "attrs>="),
        ("azure.purview.catalog", "azure-purview-catalog>=1.0.0b4,<2"),
        ("azure.storage.filedatalake", "azure-storage-file-datalake>="),
        ("cv2", "opencv-python-headless>="),
        ("databricks.sdk.service", "databricks-sdk>="),
        ("databricks.sql", "databricks-sql-connector>="),
        ("docx", "python-docx>="),
        ("dotenv", "python-dotenv>="),
        ("google.ads.googleads", "google-ads>="),
        ("google.generativeai", "google-generativeai>="),
        ("kafka", "kafka-python>="),
        ("mysql.connector", "mysql-connector-python>="),
        ("psycopg2.extras", "psycopg2-binary>="),
        ("psycopg", "psycopg[binary]>="),
        ("pyspark.sql", "pyspark>="),
        ("pytz", "pytz>=20"),
        ("ruamel.yaml", "ruamel-yaml>="),
        ("slugify", "python-slugify>="),
        ("snowflake.connector", "snowflake-connector-python>="),
        ("telegram", "python-telegram-bot>="),
        ("websocket", "websocket-client>="),
    ],
)
def test_well_known_imports_are_resolved(module: str, line: str) -> None:
    (added,) = plan(f"from {module} import thing").added
    assert added.startswith(line)


UNKNOWN = (
    "add its requirement to requirements.txt; if its name differs, name the import in a comment"
)


@pytest.mark.parametrize(
    ("module", "doubt"),
    [
        ("utils", "it is neither in this folder nor a known distribution: move it here, or "),
        ("helpers", "it is neither in this folder nor a known distribution: move it here, or "),
        ("constants", "it is neither in this folder nor a known distribution: move it here, or "),
        ("Config", "it is neither in this folder nor a known distribution: move it here, or "),
        ("nosuchmodule", ""),
        ("azure", ""),
        ("snowflake", ""),
        ("azure.nosuch", ""),
        ("google.cloud.nosuch", ""),
        ("opentelemetry.instrumentation.nosuch", ""),
    ],
)
def test_an_unknown_import_is_left_to_a_person(module: str, doubt: str) -> None:
    result = plan(f"from {module} import *")
    assert result.added == {}
    assert result.unknown[module][2] == (
        f"{module} is imported: {doubt}{UNKNOWN} behind it: acme-tools>=1,<2  # {module}"
    )


def test_imports_of_strangers_names_are_never_added() -> None:
    result = plan("from utils.rest import Client\nfrom helpers import log\nimport constants")
    assert result.text == TEMPLATE
    assert list(result.unknown) == ["utils", "helpers", "constants"]


@pytest.mark.parametrize(
    "change",
    [
        "import sys\nsys.path.insert(0, 'x')",
        "import sys\nsys.path.append('x')",
        "import sys as system\nsystem.path.extend(['x'])",
        "import sys\nsys.path = ['x', *sys.path]",
        "import sys\nsys.path: list[str] = ['x']",
        "import sys\nsys.path += ['x']",
        "import sys\nsys.path[:0] = ['x']",
        "import sys\nsys.path[0] = 'x'",
        "from sys import path\npath.insert(0, 'x')",
        "from sys import path as where\nwhere[:0] = ['x']",
        "import site\nsite.addsitedir('x')",
        "import site as s\ns.addsitedir('x')",
        "from site import addsitedir\naddsitedir('x')",
        "import sys\nif True:\n    sys.path.insert(0, 'x')",
    ],
)
def test_imports_after_a_change_of_sys_path_are_left_to_a_person(change: str) -> None:
    line = len(change.splitlines())
    result = plan(f"{change}\nimport yaml", monorepo=Monorepo(elsewhere=("pyyaml==6.0",)))
    assert result.added == {}
    assert result.unknown["yaml"][2].startswith(
        f"yaml is imported: sys.path was changed in line {line}, so it may be any file: move"
    )
    assert plan(f"{change}\nimport yaml", "pyyaml\n").unknown == {}


def test_only_imports_after_the_change_are_in_doubt() -> None:
    source = "import sys, requests; sys.path.append('x'); import yaml\nimport requests.auth"
    result = plan({"main.py": source, "other.py": "import pandas"})
    assert set(result.added.values()) == {"requests", "pandas"}
    assert list(result.unknown) == ["yaml"]
    later = "def f():\n    import yaml\nimport sys\nsys.path.append('x')\nf()"
    assert list(plan(later).unknown) == ["yaml"]


def test_the_script_s_own_files_are_found_after_a_change_of_sys_path() -> None:
    source = "import sys\nsys.path.append('lib')\nimport names, deep"
    assert plan({"main.py": source, "lib/names.py": "", "lib/deep/x.py": ""}).unknown == {}


@pytest.mark.parametrize(
    "source", ["import sys\nprint(sys.path)", "path = []\npath.append(1)", "sys.path.index('x')"]
)
def test_reading_sys_path_changes_nothing(source: str) -> None:
    assert plan(f"{source}\nimport yaml").unknown == {}


@pytest.mark.parametrize(
    ("files", "module", "path"),
    [
        (["scripts/jira/main.py"], "jira", "scripts/jira"),
        (["scripts/other/jira.py"], "jira", "scripts/other/jira.py"),
        (["vendor/jira/deep/x.py"], "jira", "vendor/jira"),
        (["x/snowflake/connector/y.py"], "snowflake.connector", "x/snowflake/connector"),
        (["x/snowflake/connector.py"], "snowflake.connector", "x/snowflake/connector.py"),
        (["src/acme_sdk/__init__.py"], "acme_sdk", "src/acme_sdk"),
    ],
)
def test_a_name_that_the_repository_has_is_left_to_a_person(
    files: list[str], module: str, path: str
) -> None:
    monorepo = Monorepo(tuple(files), elsewhere=("jira==3.0\nacme-sdk==1.2\n",))
    result = plan(f"import {module}", monorepo=monorepo)
    assert result.added == {}
    assert result.unknown[module][2].startswith(
        f"{module} is imported: it may be {path} or a distribution: move it here, or add"
    )


def test_a_folder_that_begins_like_a_module_is_not_that_module() -> None:
    monorepo = Monorepo(("scripts/snowflake/main.py", "scripts/jira_sync/main.py", "jira.d/x.py"))
    assert plan("import snowflake.connector, jira", monorepo=monorepo).unknown == {}


@pytest.mark.parametrize(
    ("lines", "module", "line"),
    [
        ("acme-sdk==1.2", "acme_sdk", "acme-sdk==1.2"),
        ("Acme.SDK [x] >= 1, <2 ; python_version > '3'  # why", "acme_sdk",
         "Acme.SDK [x] >= 1, <2 ; python_version > '3'"),
        ("acme-tools==1.2 # acme_api", "acme_api", "acme-tools==1.2  # acme_api"),
        ("acme-tools==1.2  # acme_db, acme_api.v2: ours", "acme_api",
         "acme-tools==1.2  # acme_api.v2, acme_db"),
        ("pyyaml \\\n  ==6.0", "yaml", "pyyaml ==6.0"),
        ("opencv-python==4.9", "cv2", "opencv-python==4.9"),
        ("requests\nrequests==2.31.0", "requests", "requests==2.31.0"),
        ("a==1\nazure-nosuch==3", "azure.nosuch", "azure-nosuch==3"),
    ],
)  # fmt: skip
def test_a_line_of_another_package_is_taken_over(lines: str, module: str, line: str) -> None:
    result = plan(f"import {module}", monorepo=Monorepo(elsewhere=(lines,)))
    assert result.added == {line: module}
    assert plan(f"import {module}", result.text).text == result.text


@pytest.mark.parametrize(
    "line",
    [
        "acme-sdk",
        "acme-sdk @ https://example.com/acme-sdk.whl",
        "acme-sdk==1.2 --hash=sha256:00",
        "-e git+https://example.com/x.git@main#egg=acme-sdk",
        "python-acme-sdk==1.2",
        "acme-tools==1.2  # like acme_sdk",
        "# acme-sdk==1.2",
    ],
)
def test_other_lines_are_not_taken_over(line: str) -> None:
    result = plan("import acme_sdk", monorepo=Monorepo(above=(line,), elsewhere=(line,)))
    assert result.added == {}


def test_the_sdk_s_lines_are_not_taken_over() -> None:
    line = "pyatlan==9.0.0  # acme\nopentelemetry-sdk==1.40.0  # acme"
    assert plan("import acme", monorepo=Monorepo(above=(line,))).added == {}


def test_the_nearest_line_is_taken_else_the_most_common_one() -> None:
    monorepo = Monorepo((), ("a==1", "acme==2"), ("acme==3", "acme==3", "b==1", "b==2", "b==2"))
    result = plan("import acme, b", monorepo=monorepo)
    assert list(result.added) == ["acme==2", "b==2"]


def test_two_modules_of_one_line_are_one_line() -> None:
    monorepo = Monorepo(elsewhere=("acme-tools==1.2  # acme_api, acme_db",))
    result = plan("import acme_api, acme_db", monorepo=monorepo)
    assert list(result.added) == ["acme-tools==1.2  # acme_api, acme_db"]


def test_a_repository_is_read_as_git_knows_it(tmp_path: Path) -> None:
    top = tmp_path / "mono"
    for path, text in {
        "requirements.txt": "top==1",
        "scripts/requirements-dev.txt": "dev==1",
        "scripts/requirements.txt": "scripts==1",
        "scripts/a/requirements.txt": "a==1",
        "scripts/b/requirements.txt": "b==1",
        "scripts/b/main.py": "",
        "scripts/b/notes.txt": "notes==1",
        "ignored/requirements.txt": "ignored==1",
        "ignored/x.py": "",
        ".gitignore": "ignored\n",
    }.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    (tmp_path / "outside.txt").write_text("outside==1")
    (top / "requirements-link.txt").symlink_to("../outside.txt")
    init(top)
    commit_all(top, "All")
    for path in ("scripts/requirements-new.txt", "venv/lib/site-packages/yaml/x.py", "new.py"):
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text("new==1")
    (top / "scripts/b/requirements.txt").unlink()
    found = read_monorepo(top / "scripts/a", top)
    assert sorted(found.python_files) == ["new.py", "scripts/b/main.py"]
    assert found.above == ("a==1", "scripts==1", "dev==1", "top==1")
    assert found.elsewhere == ()
    assert read_monorepo(top / "scripts/b", top).elsewhere == ("a==1",)


@pytest.mark.parametrize(
    ("comment", "modules"),
    [
        ("# acme_api", {"acme_api"}),
        ("#acme_api , acme.db", {"acme_api", "acme.db"}),
        ("# acme_api: internal", {"acme_api"}),
        ("# acme_api (internal)", {"acme_api"}),
        ("# pandas reads Excel files with it", set()),
        ("# see acme_api", set()),
        ("# via -r requirements.in", set()),
        ("#", set()),
        ("", set()),
    ],
)
def test_a_comment_names_modules(comment: str, modules: set[str]) -> None:
    assert modules_named(comment) == modules


# Generic ones, those of strangers, of the table and of the repository.
NAMES = st.one_of(
    st.sampled_from(
        [*sorted(GENERIC)[::9], *sorted(table())[::7], "acme_sdk", "acme_api", "azure"]
    ),
    st.from_regex(r"[a-z_]{1,8}(\.[a-z_]{1,8})?", fullmatch=True),
)
IN_REPOSITORY = ("acme-sdk==1.2", "acme-tools==3.4  # acme_api", "pyyaml==6.0", "utils==9", "x==1")


@settings(max_examples=300, deadline=None)
@given(names=st.lists(NAMES, max_size=8), changed=st.booleans(), files=st.lists(NAMES, max_size=3))
def test_only_lines_of_the_table_or_the_repository_are_added(
    names: list[str], changed: bool, files: list[str]
) -> None:
    imports = [f"__import__({name!r})" for name in names]
    if changed:
        imports.insert(len(imports) // 2, "import sys; sys.path.append('x')")
    paths = tuple(f"lib/{name.replace('.', '/')}.py" for name in files)
    monorepo = Monorepo(paths, elsewhere=("\n".join(IN_REPOSITORY),))
    result = plan("\n".join(imports), monorepo=monorepo)
    rows = {row.requirement for row in table().values()}
    assert set(result.added) <= rows | {*IN_REPOSITORY} - {"utils==9"}
    assert not {module.split(".")[0] for module in result.added.values()} & GENERIC
    assert not {*result.added.values()} & {*files}
    template = TEMPLATE.splitlines()
    assert {*result.text.splitlines()} <= {*template, *result.added, ""}


def test_ten_unknown_imports_take_no_time() -> None:
    plan("import requests")
    start = time.process_time()
    assert len(plan("\n".join(f"import nosuch{n}" for n in range(10))).unknown) == 10
    assert time.process_time() - start < 0.5
