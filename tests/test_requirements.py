"""A script's imports become requirements, next to those that it has."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from csa.requirements_txt import modules_named, pinned_version
from csa.source.distributions import GENERIC, Monorepo, read_monorepo, table
from csa.source.requirements import Requirements, is_first_party, plan_requirements
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import ROOT, commit_all
from .monorepo import init

TEMPLATE = (ROOT / "template/package/requirements.txt").read_text()
HEADING = TEMPLATE.splitlines()[-1]
OTEL = [line for line in TEMPLATE.splitlines() if line.startswith("opentelemetry")]


def plan(
    source: str | Mapping[str, str],
    existing: str | None = None,
    own: tuple[str, ...] = (),
    monorepo: Monorepo | None = None,
) -> Requirements:
    sources = {"main.py": source} if isinstance(source, str) else source
    return plan_requirements(
        sources,
        lambda name: name.startswith(own),
        existing,
        TEMPLATE,
        lambda: monorepo or Monorepo(),
    )


def modules(source: str) -> set[str]:
    """Return the modules that a source is found to need."""
    result = plan(source)
    return {*result.added.values(), *result.unknown}


def test_the_template_is_as_the_merge_expects_it() -> None:
    assert HEADING.startswith("#")
    assert len(OTEL) == 2


# --- what is imported -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import requests.adapters",
        "from requests import get",
        "from requests import *",
        "def run():\n    import requests",
        "async def run():\n    if True:\n        import requests",
        "try:\n    import requests\nexcept ValueError:\n    pass",
        "try:\n    import requests\nexcept ImportError:\n    raise SystemExit('pip install it')",
        "try:\n    import requests\nexcept ImportError:\n    print('!')\n    sys.exit(1)",
        "try:\n    pass\nexcept ImportError:\n    import requests",
        "try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    import requests",
        "try:\n    def f():\n        import requests\nexcept ImportError:\n    pass",
        "if TYPE_CHECKING:\n    pass\nelse:\n    import requests",
        "import importlib\nimportlib.import_module('requests')",
        "from importlib import import_module\nimport_module('requests.auth')",
        "__import__('requests')",
        "\ufeffimport requests",
        "x = " + "+".join("1" * 900) + "\nimport requests",
    ],
)
def test_an_import_is_found_wherever_it_stands(source: str) -> None:
    assert modules(source) == {"requests"}


@pytest.mark.parametrize(
    "source",
    [
        "import os, json.decoder, distutils.core, imp, telnetlib, __main__",
        "from __future__ import annotations",
        "import pyatlan.client.atlan\nfrom pyatlan_v9 import model",
        "from . import requests\nfrom .requests import get\nfrom ..x import requests",
        "if TYPE_CHECKING:\n    import requests",
        "import typing\nif typing.TYPE_CHECKING:\n    import requests",
        "try:\n    import requests\nexcept ImportError:\n    requests = None",
        "try:\n    import requests\nexcept (ValueError, ModuleNotFoundError):\n    pass",
        "try:\n    if x:\n        import requests\nexcept ImportError as e:\n    print(e)",
        "importlib.import_module(name)\nimport_module('.requests', 'x')\nimport_module()",
        "import requests\nthis is no Python",
        "import requests\0",
    ],
)
def test_what_needs_no_requirement_gets_none(source: str) -> None:
    assert modules(source) == set()


def test_an_import_that_is_optional_here_and_needed_there_is_needed() -> None:
    optional = "try:\n    import requests\nexcept ImportError:\n    pass\n"
    assert modules(optional + "import requests") == {"requests"}


def test_what_replaces_an_optional_import_is_needed() -> None:
    source = "try:\n    import ujson as json\nexcept ImportError:\n    import simplejson as json"
    assert modules(source) == {"simplejson"}


def test_an_unknown_import_is_said_with_its_first_place() -> None:
    sources = {"a.py": "import os\nimport nosuch.b\nimport nosuch", "b.py": "import nosuch"}
    file, line, _ = plan(sources).unknown["nosuch"]
    assert (file, line) == ("a.py", 2)


def test_first_party_is_asked_with_what_is_imported() -> None:
    asked: list[str] = []
    source = "from scripts import other\nimport a.b\nfrom c import *"

    def first_party(name: str) -> bool:
        asked.append(name)
        return True

    plan_requirements({"m.py": source}, first_party, None, TEMPLATE)
    assert asked == ["scripts.other", "a.b", "c"]


def test_first_party_imports_are_left_out() -> None:
    result = plan("import requests, helper\nfrom scripts import other", own=("helper", "scripts."))
    assert list(result.added.values()) == ["requests"]
    assert result.unknown == {}


def test_a_module_of_the_script_or_above_is_first_party(tmp_path: Path) -> None:
    top = tmp_path / "repository"
    folder = top / "scripts/jira"
    for path in (
        "scripts/__init__.py",
        "scripts/jira/__init__.py",
        "scripts/jira/main.py",
        "scripts/jira/sibling.py",
        "scripts/jira/parts/one.py",
        "scripts/jira/sql/query.sql",
        "scripts/other/deep/mod.py",
        "scripts/snowflake/__init__.py",
        "scripts/snowflake/load.py",
        "scripts/common.py",
        "shared/__init__.py",
        "requests/notes.md",
        "../outside.py",
    ):
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).touch()
    own = is_first_party(folder, top)
    for name in (
        "sibling",
        "sibling.thing",
        "parts.one",
        "scripts.other.deep.mod",
        "scripts.jira.main",
        "other.deep",
        "common.thing",
        "jira.sibling",
        "snowflake.load",
        "shared",
        "shared.thing",
    ):
        assert own(name), name
    for name in (
        "jira",
        "jira.JIRA",
        "jira.sql",
        "snowflake.connector",
        "requests",
        "requests.get",
        "outside",
        "pandas.DataFrame",
    ):
        assert not own(name), name


def test_a_script_at_the_top_is_not_what_it_is_named_after(tmp_path: Path) -> None:
    folder = tmp_path / "jira"
    folder.mkdir()
    (folder / "__init__.py").touch()
    assert not is_first_party(folder, tmp_path)("jira.JIRA")


# --- where it comes from --------------------------------------------------------------------------


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


# --- the file -------------------------------------------------------------------------------------


def test_without_a_file_the_imports_follow_the_template() -> None:
    result = plan("import yaml, requests")
    assert result.text == TEMPLATE + "pyyaml>=6,<7\nrequests>=2,<3\n"
    assert result.added == {"pyyaml>=6,<7": "yaml", "requests>=2,<3": "requests"}
    assert plan("").text == TEMPLATE
    assert plan("import yaml", "").text == TEMPLATE + "pyyaml>=6,<7\n"


def test_a_file_s_lines_follow_the_template_s_and_the_imports() -> None:
    result = plan("import yaml, requests", "requests\n")
    assert result.text == f"{TEMPLATE}pyyaml>=6,<7\nrequests\n"
    assert list(result.added.values()) == ["yaml"]
    assert result.notes == []
    assert plan("", "# mine\nrequests").text == f"{TEMPLATE}\n# mine\nrequests\n"


def test_only_the_line_of_the_template_that_is_missing_is_added() -> None:
    text = plan("", OTEL[1] + "\n").text
    assert text == TEMPLATE.replace(OTEL[1] + "\n", "") + OTEL[1] + "\n"


def test_notes_name_the_line_of_the_new_file() -> None:
    result = plan("", "requests\npyatlan\n")
    [(line, _)] = result.notes
    assert result.text.splitlines()[line - 1] == "pyatlan"


def test_a_new_import_goes_below_the_others_without_a_second_heading() -> None:
    first = plan("import yaml").text
    assert plan("import yaml, requests", first).text == first + "requests>=2,<3\n"
    assert plan("import yaml", TEMPLATE.rstrip("\n")).text == first


def test_imports_are_not_put_below_another_heading() -> None:
    text = plan("import yaml, requests", f"{HEADING}\nrequests").text
    assert text == f"{TEMPLATE}requests\npyyaml>=6,<7\n"


def test_two_imports_from_one_distribution_are_one_line() -> None:
    assert list(plan("import pymongo\nimport gridfs").added.values()) == ["pymongo"]


def test_notes_are_in_the_order_of_the_file() -> None:
    existing = f"opentelemetry-sdk==1.40.0\npyatlan\n{OTEL[1].split('>')[0]}==1.40.0\n"
    assert [line for line, _ in plan("", existing).notes] == [1, 2, 3]


@pytest.mark.parametrize(
    ("existing", "module"),
    [
        ("requests", "requests"),
        ("Requests [security] == 2.31.0 ; python_version > '3'", "requests"),
        ("requests @ https://example.com/requests.whl", "requests"),
        ("-e git+https://example.com/requests.git@main#egg=requests", "requests"),
        ("\ufeffrequests", "requests"),
        ("requests>=2 # why", "requests"),
        ("requests --no-binary", "requests"),
        ("PyYAML", "yaml"),
        ("python-docx", "docx"),
        ("opencv_python.headless", "cv2"),
        ("Pillow-SIMD", "PIL"),
        ("psycopg2-binary", "psycopg2"),
        ("typing-extensions", "typing_extensions"),
        ("discord.py", "discord"),
        ("snowflake-connector-python", "snowflake.connector"),
        ("azure-storage-file-datalake", "azure.storage.filedatalake"),
        ("# nothing", "opentelemetry.trace"),
    ],
)
def test_an_import_that_a_line_is_for_is_not_added_again(existing: str, module: str) -> None:
    result = plan(f"import {module}", f"{existing}\n")
    assert (result.added, result.unknown, result.notes) == ({}, {}, [])


def test_a_line_for_one_part_of_a_shared_name_is_not_for_another() -> None:
    source = "import azure.identity, databricks.sql"
    result = plan(source, "azure-core\ndatabricks-sqlalchemy\nazure-identity-broker\n")
    assert list(result.added.values()) == ["azure.identity", "databricks.sql"]


@pytest.mark.parametrize(
    "existing",
    [
        "",
        "requests",
        "requests\r\n",
        "requests\r\n\r\nurllib3",
        "-r other.txt\n--index-url https://example.com\n-e .\n./local.whl\n",
        "git+https://example.com/x.git\nnot a requirement!\nrequests>=\n===\n",
        "\ufeff# only a comment",
        "\n\n",
    ],
)
def test_the_file_s_own_lines_and_line_ends_stay(existing: str) -> None:
    text = plan("import yaml", existing).text
    assert existing.removeprefix("\ufeff") in text
    assert text.startswith("\ufeff") == existing.startswith("\ufeff")
    assert "\ufeff" not in text[1:]
    assert "pyyaml>=6,<7" in text.splitlines()
    assert text.endswith("\n")
    if "\r\n" in existing:
        assert text.count("\r\n") == text.count("\n")
    else:
        assert "\r" not in text


@pytest.mark.parametrize("own", ["==1.38.0", "~=1.38.0", ">=1.38,<1.39", "==1.38.*", ">1.38,<1.39"])
def test_a_range_within_the_template_s_is_enough(own: str) -> None:
    existing = f"opentelemetry_sdk{own}\n{OTEL[1]}\n"
    assert plan("", existing) == Requirements(existing, {}, {}, [])


@pytest.mark.parametrize("own", ["", ">=1.20", "!=1.38.0", "<2"])
def test_a_range_that_lets_more_in_gets_the_template_s_added(own: str) -> None:
    result = plan("", f"opentelemetry-sdk{own}\n{OTEL[1]}\n")
    assert OTEL[0] in result.text.splitlines()
    assert result.notes == []


@pytest.mark.parametrize("own", ["==1.40.0", ">=1.39", "<1.38", "~=1.40"])
def test_a_range_that_cannot_be_the_template_s_stays_and_is_said(own: str) -> None:
    existing = f"# mine\nopentelemetry-sdk{own}\n{OTEL[1]}\n"
    result = plan("", existing)
    assert result.text == existing
    ((line, sentence),) = result.notes
    assert line == 2
    assert "silently stops working" in sentence
    assert sentence.endswith(f": the right range is {OTEL[0]}")


@pytest.mark.parametrize(
    "line", ["pyatlan", "PyAtlan==4.2.0", "git+https://github.com/atlanhq/atlan-python#egg=pyatlan"]
)
def test_a_line_that_would_replace_the_sdk_stays_and_is_said(line: str) -> None:
    existing = f"{TEMPLATE}{line}\n"
    result = plan("import pyatlan", existing)
    assert result.text == existing
    ((number, sentence),) = result.notes
    assert number == len(existing.splitlines())
    assert sentence.endswith("delete it")


@pytest.mark.parametrize(
    "existing",
    [
        "certifi\nrequests==2.31.0 --hash=sha256:00\n",
        "certifi\nrequests==2.31.0 \\\n    --hash=sha256:00\n",
        "certifi\nrequests \\",
        "certifi\n--require-hashes\nrequests==2.31.0\n",
    ],
)
def test_nothing_is_added_where_pip_would_misread_it(existing: str) -> None:
    result = plan("import requests, yaml, nosuch", existing)
    assert result.text == existing
    assert result.added == {}
    ((line, sentence),) = result.notes
    assert line == 2
    assert sentence.endswith("pyyaml>=6,<7")
    assert "opentelemetry-sdk" in sentence
    assert list(result.unknown) == ["nosuch"]


def test_a_file_with_hashes_that_lacks_nothing_needs_nobody() -> None:
    existing = "".join(f"{line} --hash=sha256:00\n" for line in [*OTEL, "requests"])
    assert plan("import requests", existing) == Requirements(existing, {}, {}, [])


def test_a_backslash_or_a_hash_in_a_comment_is_no_obstacle() -> None:
    existing = "# a path: C:\\\n  # --hash is not used \\\n"
    assert plan("import yaml", existing).added == {"pyyaml>=6,<7": "yaml"}


LINES = st.one_of(
    st.sampled_from(
        [
            *TEMPLATE.splitlines(),
            "requests",
            "PyYAML==6.0",
            "pyyaml>=6,<7",
            "opentelemetry-sdk",
            "opentelemetry-sdk==1.40.0",
            "opentelemetry-exporter-otlp-proto-grpc>1.38.0,!=1.38.2",
            "opentelemetry-sdk===nonsense",
            "pyatlan",
            "a==1 --hash=sha256:00",
            "a \\",
            "-e .",
            "\ufeffb",
            "x#egg=",
        ]
    ),
    st.text(max_size=20),
)
FILES = st.builds(
    lambda lines, end, last: end.join(lines) + last,
    st.lists(LINES, max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\n", "\r\n"]),
)


@settings(max_examples=300, deadline=None)
@given(existing=FILES, more=st.booleans())
def test_every_line_of_the_file_survives_and_merging_again_changes_nothing(
    existing: str, more: bool
) -> None:
    source = "import yaml, nosuch\nimport utils" + "\nimport requests" * more
    once = plan(source, existing)
    own = existing.removeprefix("\ufeff")
    assert own in once.text
    lines, merged = own.splitlines(), once.text.removeprefix("\ufeff").splitlines()
    assert any(merged[n : n + len(lines)] == lines for n in range(len(merged) + 1))
    for line in once.added:
        assert line in once.text.splitlines()
    again = plan(source, once.text)
    assert again.text == once.text
    assert again.added == {}
    assert again.unknown == once.unknown


@pytest.mark.parametrize(
    ("existing", "version"),
    [
        ("pyatlan==4.2.0", "4.2.0"),
        ("\ufeff# x\r\nPyAtlan [x] == 4.2.0 ; python_version > '3' # y\r\n", "4.2.0"),
        ("pyatlan===4.2.0", "4.2.0"),
        ("pyatlan>=4\npyatlan==4.2.0", "4.2.0"),
        ("pyatlan==4.2.0 \\\n --hash=sha256:00", "4.2.0"),
        ("pyatlan==4.*", None),
        ("pyatlan>=4.2.0", None),
        ("pyatlan==4.2.0,!=4.2.1", None),
        ("pyatlan", None),
        ("other==4.2.0\n# pyatlan==4.2.0", None),
    ],
)
def test_a_pin_is_found(existing: str, version: str | None) -> None:
    assert pinned_version(existing, "pyatlan") == version
