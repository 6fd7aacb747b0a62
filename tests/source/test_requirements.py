"""The file with a package's requirements, merged from the script's imports and the template."""

from __future__ import annotations

import pytest
from csa.requirements_txt import pinned_version
from csa.source.requirements import Requirements
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.requirements import HEADING, OTEL, TEMPLATE, plan


def test_the_template_is_as_the_merge_expects_it() -> None:
    assert HEADING.startswith("#")
    assert len(OTEL) == 2


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
