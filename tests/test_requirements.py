"""A script's imports become requirements, next to those that it has."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import csa.requirements
import pytest
from csa.requirements import Requirements, is_first_party, pinned_version, plan_requirements
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import ROOT

TEMPLATE = (ROOT / "template/package/requirements.txt").read_text()
HEADING = TEMPLATE.splitlines()[-1]
OTEL = [line for line in TEMPLATE.splitlines() if line.startswith("opentelemetry")]


def plan(
    source: str | Mapping[str, str], existing: str | None = None, own: tuple[str, ...] = ()
) -> Requirements:
    sources = {"main.py": source} if isinstance(source, str) else source
    return plan_requirements(sources, lambda name: name.startswith(own), existing, TEMPLATE)


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
    ("module", "candidates"),
    [
        ("docx", ["docx", "python-docx"]),
        ("dotenv", ["django-dotenv", "dotenv", "python-dotenv"]),
        ("slugify", ["awesome-slugify", "python-slugify"]),
        ("telegram", ["python-telegram", "python-telegram-bot"]),
        ("websocket", ["websocket", "websocket-client"]),
        ("psycopg2", ["psycopg2", "psycopg2-binary"]),
        ("pyspark", ["databricks-connect", "pyspark"]),
        ("cv2", ["opencv-python", "opencv-python-headless"]),
        ("snowflake.connector", ["snowflake-connector-python"]),
        ("databricks.sql", ["databricks-sql-connector"]),
        ("google.cloud.kms", ["google-cloud-kms"]),
        ("azure.storage.filedatalake", ["azure-storage-file-datalake"]),
        ("azure", ["many distributions share azure"]),
        ("snowflake", ["many distributions share snowflake"]),
        ("nosuchmodule", ["no distribution is known to have a module nosuchmodule"]),
    ],
)
def test_an_ambiguous_import_is_said_and_not_guessed(module: str, candidates: list[str]) -> None:
    result = plan(f"import {module}")
    assert result.added == {}
    sentence = result.unknown[module][2]
    words = sentence.replace(",", " ").split()
    for candidate in candidates:
        assert candidate in (sentence if " " in candidate else words)
    assert sentence.endswith(": add the right one to requirements.txt")


def test_a_placeholder_is_no_candidate() -> None:
    """slugify 0.0.1 has a module of that name, as serial 0.0.97 has."""
    candidates, _, _ = plan("import slugify").unknown["slugify"][2].partition(" has ")
    assert candidates == "awesome-slugify or python-slugify"


def test_a_part_that_is_not_known_is_not_the_whole() -> None:
    result = plan("from opentelemetry.instrumentation.nosuch import X")
    assert result.added == {}
    assert "opentelemetry.instrumentation.nosuch" in result.unknown


@pytest.mark.parametrize(
    ("module", "pattern"),
    [
        ("requests", r"requests>=2,<3"),
        ("httpx", r"httpx>=0\.\d+,<1"),
        ("structx", r"structx>=1,<2"),  # in the index twice: StructX 1.0, structx 0.4
        ("pytz", r"pytz>=20\d\d\.\d+"),
    ],
)
def test_a_range_is_as_wide_as_the_version_promises(module: str, pattern: str) -> None:
    (line,) = plan(f"import {module}").added
    assert re.fullmatch(pattern, line)


def test_a_distribution_without_known_versions_is_said_and_not_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(csa.requirements.KNOWN, "acme_sdk", {"acme-not-on-pypi"})
    result = plan("import acme_sdk")
    assert result.added == {}
    assert "acme-not-on-pypi" in result.unknown["acme_sdk"][2]
    assert "range" in result.unknown["acme_sdk"][2]


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
    assert list(result.added.values()) == ["azure.identity"]
    assert list(result.unknown) == ["databricks.sql"]


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


@pytest.fixture(scope="module")
def _quick() -> Iterable[None]:
    """Each question to the index, 0.1 s long, is asked once."""
    look_up: Any = csa.requirements._look_up
    answer = cache(lambda modules: look_up(modules))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csa.requirements, "_look_up", lambda modules: answer(tuple(modules)))
        yield


@pytest.mark.usefixtures("_quick")
@settings(max_examples=300, deadline=None)
@given(existing=FILES, more=st.booleans())
def test_every_line_of_the_file_survives_and_merging_again_changes_nothing(
    existing: str, more: bool
) -> None:
    source = "import yaml, nosuch\nfrom docx import x" + "\nimport requests" * more
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
