"""Each question refuses a wrong answer with what would be right, and takes every right one."""

from __future__ import annotations

import tomllib

import ast
import keyword
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from csa.image import BASE_IMAGES
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sampling import sampled
from tests.support.commands import BIN, ROOT, run, tree
from tests.support.package import NEWEST, Render

ACCEPTED = [
    ("package_name", "a"),
    ("package_name", "asset_change_notification"),
    ("package_name", "s3_to_atlan"),
    ("package_name", "x" * 50),
    ("description", "Réconcilie l'inventaire: 5% <b> {{ not }} a 'template' #1"),
    ("description", "x" * 200),
    ("pyatlan_version", "8.0.1"),
    ("pyatlan_version", "10.0.0"),
    ("python_version", "3.9"),
    ("python_version", "3.10"),
    ("example", True),
    ("example", False),
    ("third_party_http", True),
    ("third_party_http", False),
    ("image_registry", "localhost:5000"),
    ("image_registry", "registry.example.com/data/team_a"),
    ("base_image", "python:3.13-slim"),
    ("base_image", "registry.example.com:5000/a/b__c:1@sha256:" + "0" * 64),
    ("base_image", "registry.example.com/a/b@sha256:" + "f" * 64),
]

REFUSED = [
    ("test_environment", "", "use names such as ATLAN_BASE_URL"),
    ("test_environment", "erp_token", "use names such as"),
    ("test_environment", "A,B", "use names such as"),
    ("test_environment", "A REGISTRY_PASSWORD", "no GITHUB_, CSA_, REGISTRY_"),
    ("test_environment", "GITHUB_TOKEN", "no GITHUB_"),
    ("test_environment", "SNYK_TOKEN", "SNYK_ or UPDATE_TOKEN"),
    ("test_environment", "A\nB: ${{ secrets.C }}", "use names such as"),
    ("pull_requests", "nobody", "['workflow', 'renovate']"),
    ("site", "netlify", "['none', 'github-pages']"),
    ("severity_threshold", "none", "['low', 'medium', 'high', 'critical']"),
    ("scope", "other", "['package', 'repository']"),
    ("package_name", "", "such as tag_sync"),
    ("package_name", "New_Pkg", "a-z"),
    ("package_name", "new-pkg", "single underscores"),
    ("package_name", "1st", "a letter first"),
    ("package_name", "a__b", "single underscores"),
    ("package_name", "a\n", "use snake_case"),
    ("package_name", "x" * 51, "at most 50"),
    ("package_name", "paquet_é", "a-z"),
    ("package_name", "class", "try class_script"),
    ("package_name", "csv", "try csv_script"),
    ("package_name", "pyatlan", "try pyatlan_script"),
    ("package_name", "pyatlan_base", "try pyatlan_base_script"),
    ("package_name", "tests", "try tests_script"),
    ("package_name", "scripts", "try scripts_script"),
    ("package_name", "opentelemetry", "try opentelemetry_script"),
    ("package_name", "python_dotenv", "try python_dotenv_script"),
    ("description", "", "1 to 200"),
    ("description", "x" * 201, "1 to 200"),
    ("description", "two\nlines", "use one line"),
    ("description", " led by a space", "no space at either end"),
    ("description", 'a "quote"', 'leave out "'),
    ("description", "a back\\slash", "leave out \" \\"),
    ("description", "$HOME", "$"),
    ("description", "%(prog)s", "%("),
    ("description", "bell \a", "printable"),
    ("pyatlan_version", "8.0.0", "use 8.0.1 or newer"),
    ("pyatlan_version", "7.99.99", "use 8.0.1 or newer"),
    ("pyatlan_version", "11.6", "use 3 numbers"),
    ("pyatlan_version", "latest", "such as 11.6.0"),
    ("pyatlan_version", "11.6.0rc1", "use 3 numbers"),
    ("pyatlan_version", "11.6.0\n", "use 3 numbers"),
    ("python_version", "3.8", "'3.9'"),
    ("python_version", "3.15", "'3.14'"),
    ("example", "maybe", "[True, False]"),
    ("third_party_http", "maybe", "[True, False]"),
    ("image_registry", "https://ghcr.io/atlanhq", "no https://"),
    ("image_registry", "ghcr.io/atlanhq/", "no / at the end"),
    ("image_registry", "GHCR.io", "lower case"),
    ("image_registry", "", "use host/path: ghcr.io/atlanhq"),
    ("base_image", "", "use auto"),
    ("base_image", "Auto", "use auto"),
    ("base_image", "python", "name:tag or name@digest"),
    ("base_image", "localhost:5000/python", "name:tag or name@digest"),
    ("base_image", "python:3.13 AS x", "such as ghcr.io/my-org/pyatlan-base:11.6.0-3.13"),
    ("base_image", "python@sha256:0", "name:tag or name@digest"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "answer"), sampled(ACCEPTED))
def test_a_right_answer_is_taken_and_stored(
    render: Render, tmp_path: Path, question: str, answer: Any
) -> None:
    package = render(tmp_path / "new_pkg", **{question: answer})
    assert yaml.safe_load((package / ".copier-answers.yml").read_text())[question] == answer
    assert_parses(package)


@pytest.mark.parametrize(("question", "answer", "right"), REFUSED)
def test_a_wrong_answer_is_refused_with_what_would_be_right_and_nothing_is_written(
    render: Render, tmp_path: Path, question: str, answer: Any, right: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(right)) as refusal:
        render(tmp_path / "new_pkg", **{question: answer})
    message = str(refusal.value)
    assert question in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("question", "answer", "right"),
    [
        ("package_name", "New-Pkg", "use snake_case, such as tag_sync"),
        ("package_name", "json", "try json_script"),
        ("description", "", "use 1 to 200 characters."),
        ("description", 'say "hi"', 'leave out " \\ $ and %('),
        ("description", "two\tcolumns", "use one line of printable character"),
        ("pyatlan_version", "11", "use 3 numbers, such as 11.6.0."),
        ("pyatlan_version", "8.0.0", "use 8.0.1 or newer"),
        ("image_registry", "https://ghcr.io", "use host/path: ghcr.io/atlanhq"),
        ("base_image", "python", "use auto, name:tag or name@digest"),
    ],
)
def test_a_terminal_of_80_columns_shows_what_would_be_right(
    render: Render, tmp_path: Path, question: str, answer: str, right: str
) -> None:
    with pytest.raises(ValueError, match="Validation error for question") as refusal:
        render(tmp_path / "new_pkg", **{question: answer})
    assert right in str(refusal.value)[:80]


# pytest-copie trusts every template, so that only these two tests use it.


def test_pytest_copie_renders_the_defaults(copie: Any, template: Path) -> None:
    result = copie.copy(template_dir=template)
    assert result.exception is None
    assert result.answers["package_name"] == result.project_dir.name == "copie000"
    assert result.answers["pyatlan_version"] == NEWEST
    assert result.answers["python_version"] == "3.13"
    assert result.answers["base_image"] == "auto"


def test_pytest_copie_sees_a_wrong_answer(copie: Any, template: Path) -> None:
    result = copie.copy({"pyatlan_version": "8.0.0"}, template_dir=template)
    assert result.exit_code == -1
    assert not list(copie.test_dir.glob("*/*"))


def test_nothing_derived_is_stored(render: Render, tmp_path: Path) -> None:
    package = render(tmp_path / "new_pkg")
    answers = yaml.safe_load((package / ".copier-answers.yml").read_text())
    assert sorted(answers) == [
        "_commit", "_src_path", "base_image", "description", "example", "image_registry", "package_name",
        "pyatlan_version", "python_version", "scope", "third_party_http",
    ]  # fmt: skip


def test_no_question_asks_for_a_secret() -> None:
    content = yaml.safe_load((ROOT / "copier.yml").read_text())
    secret = r"key|password|secret|token|user|url"
    assert [name for name in content if re.search(secret, name)] == []
    assert not any(question.get("secret") for question in content.values()
                   if isinstance(question, dict))  # fmt: skip


def test_no_name_that_python_the_sdk_or_the_tests_import_can_be_a_package_s() -> None:
    reserved = set((ROOT / "template" / "reserved_names.txt").read_text().split())
    snake_case = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
    needed = {*sys.stdlib_module_names, *keyword.kwlist, "pyatlan", "tests", "scripts"}
    assert {name for name in needed if snake_case.match(name)} <= reserved


def test_no_package_s_image_can_be_called_as_a_base_image() -> None:
    config = yaml.safe_load((ROOT / "copier.yml").read_text())
    rows = yaml.safe_load(config["base_images"]["default"])
    published = {
        row[key].rpartition("/")[2] for row in rows for key in ("name", "public") if key in row
    }
    assert {*published, "pyatlan-base"} == BASE_IMAGES
    reserved = (ROOT / "template" / "reserved_names.txt").read_text().split()
    assert {name.replace("-", "_") for name in BASE_IMAGES} <= set(reserved)


# --- Any answers at all ----------------------------------------------------------------------

TEXT = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\"'\\{}%$#\n\t`"), min_size=1, max_size=40
)
DESCRIPTION = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters='"\\$')
    | st.sampled_from(" '{}%#<>*_-|`&!@[]:;,"),
    min_size=1,
    max_size=200,
).map(lambda text: text.replace("%(", "%").strip() or "x")
NAME = st.from_regex(r"\A[a-z][a-z0-9]{0,8}(_[a-z0-9]{1,8}){0,3}\Z")
REGISTRY = st.from_regex(r"\A[a-z]{1,9}(\.[a-z]{1,9})?(/[a-z0-9]{1,9})?\Z")
IMAGE = st.just("auto") | st.from_regex(r"\A[a-z]{1,9}/[a-z]{1,9}:[a-zA-Z0-9][a-zA-Z0-9.]{0,8}\Z")
RELEASE = st.builds("{}.{}.{}".format, st.integers(9, 12), st.integers(0, 20), st.integers(0, 5))
CHOICES = {
    "python_version": st.sampled_from(["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]),
    "example": st.booleans(),
    "third_party_http": st.booleans(),
}
VALID = st.fixed_dictionaries(
    {
        "package_name": NAME,
        "description": DESCRIPTION,
        "pyatlan_version": RELEASE,
        "image_registry": REGISTRY,
        "base_image": IMAGE,
        **CHOICES,
    }
)
ANY = st.fixed_dictionaries(
    {},
    optional={
        "package_name": NAME | TEXT,
        "description": DESCRIPTION | TEXT,
        "pyatlan_version": RELEASE | TEXT,
        "image_registry": REGISTRY | TEXT,
        "base_image": IMAGE | TEXT,
        **CHOICES,
    },
)
UNTOUCHED = {"notes.md": b"of the user\n"}


@pytest.mark.slow
@pytest.mark.parametrize(("answers", "at_least"), [(VALID, "rendered"), (ANY, "refused")])
def test_any_answers_are_refused_or_render_files_that_parse(
    render: Render, answers: st.SearchStrategy[dict[str, Any]], at_least: str
) -> None:
    seen = {"rendered": 0, "refused": 0}

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(answers=answers)
    def check(answers: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            package = Path(folder) / "new_pkg"
            package.mkdir()
            (package / "notes.md").write_bytes(UNTOUCHED["notes.md"])
            try:
                render(package, **answers)
            except ValueError as refusal:
                assert "Validation error" in str(refusal)
                assert tree(package) == UNTOUCHED
                seen["refused"] += 1
            else:
                assert_parses(package)
                assert (package / "notes.md").read_bytes() == UNTOUCHED["notes.md"]
                seen["rendered"] += 1

    check()
    # Far below what is seen: it shows that the strategies still reach either side.
    assert seen[at_least] >= 20, seen


def assert_parses(package: Path) -> None:
    """Every rendered file is valid in its own language and free of template noise."""
    answers = yaml.safe_load((package / ".copier-answers.yml").read_text())
    for path in package.rglob("*.py"):
        module = ast.parse(path.read_text(), feature_version=(3, 9))
        if path == package / "main.py":
            assert ast.get_docstring(module, clean=False) == answers["description"]
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert project["description"] == answers["description"]
    assert answers["description"] in (package / "index.md").read_text()
    yaml.safe_load((package / ".snyk").read_text())
    run(BIN / "hadolint", package / "Dockerfile")
    for name, content in tree(package).items():
        text = content.decode()
        assert not re.search(r"\n\n\n\n|[ \t]\n|\n\n\Z", text), f"blank litter in {name}"
        assert text == "" or text.endswith("\n"), f"no line end in {name}"
