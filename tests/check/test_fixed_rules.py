"""What `csa check --fix` writes for requirements and pages, and what it leaves to people."""

from __future__ import annotations

from pathlib import Path

import pytest
from csa.check import RULES, Checked
from csa.check.fixing import fix_packages
from csa.check.package import Package
from csa.check.rule import Fixes
from csa.errors import Failed

from tests.support.commands import run_csa, tree
from tests.support.monorepo import copy, init


@pytest.fixture
def package(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package as it is rendered, with the tests of the example; the SDK is not asked for."""
    folder = copy(template, tmp_path / "mono" / "scripts" / "new_pkg")
    (tmp_path / "mono" / "scripts" / "other").mkdir()
    init(tmp_path / "mono")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    return folder


def append(path: Path, text: str) -> None:
    path.write_bytes(path.read_bytes() + text.encode())


def fixed(folder: Path) -> list[str]:
    """What csa changed, each as a rule and a line; a second run changes nothing."""
    [(_, result)] = fix_packages([folder])
    assert isinstance(result, Checked), result
    after = tree(folder.parents[1])
    [(_, again)] = fix_packages([folder])
    assert isinstance(again, Checked)
    assert again.fixed == []
    assert tree(folder.parents[1]) == after
    return [f"{one.rule} {one.path}:{one.line} {one.after}" for one in result.fixed]


def test_a_known_requirement_is_added_where_it_belongs(package: Path) -> None:
    append(package / "requirements.txt", "# mine")
    (package / "more.py").write_text("import yaml\nimport acme_api\n")
    (package / "tests" / "test_more.py").write_text("import yaml\nimport flask\n")
    before = tree(package)
    line = len(before["requirements-test.txt"].splitlines()) + 1
    assert fixed(package) == [
        "CSA501 requirements.txt:9 pyyaml>=6,<7",
        f"CSA501 requirements-test.txt:{line} flask>=3,<4",
    ]
    # What is not committed stays, and what nobody knows is left.
    assert tree(package) == before | {
        "requirements.txt": before["requirements.txt"] + b"\npyyaml>=6,<7\n",
        "requirements-test.txt": before["requirements-test.txt"] + b"flask>=3,<4\n",
    }
    shown = run_csa("check", "--fix", cwd=package, code=1).stdout
    assert "more.py:2: acme_api is imported: " in shown
    assert shown.endswith("1 package checked, 1 problem\n")


def test_what_the_repository_requires_elsewhere_is_taken_over(package: Path) -> None:
    requirements = package.with_name("other") / "requirements.txt"
    requirements.write_text("acme-tools>=1,<2  # acme_api\n")
    init(package.parents[1])
    (package / "more.py").write_text("import acme_api\n")
    assert fixed(package) == ["CSA501 requirements.txt:8 acme-tools>=1,<2  # acme_api"]


def test_a_module_of_the_repository_gets_no_requirement(package: Path) -> None:
    package.with_name("yaml.py").touch()
    package.with_name(".gitignore").write_text("yaml.py\n")
    (package / "more.py").write_text("import yaml\n")
    assert RULES["CSA501"].fixes(Package(package)) == Fixes()


def test_lines_without_a_range_get_that_of_the_table(package: Path) -> None:
    (package / "more.py").write_text("import requests, flask, acme\n")
    lines = "requests  # HTTP\r\nflask>=3.1 ; python_version > '3'\r\nacme\r\n"
    append(package / "requirements.txt", lines)
    content = (package / "requirements.txt").read_bytes()
    assert fixed(package) == [
        "CSA503 requirements.txt:8 requests>=2,<3  # HTTP",
        "CSA503 requirements.txt:9 flask>=3.1,<4 ; python_version > '3'",
    ]
    assert (package / "requirements.txt").read_bytes() == content.replace(
        b"requests ", b"requests>=2,<3 "
    ).replace(b"flask>=3.1 ", b"flask>=3.1,<4 ")


@pytest.mark.parametrize(
    "line",
    [
        "requests==2.32.5 --hash=sha256:0",
        "acme>=1,<2 \\\n  ; python_version > '3'",
    ],
)
def test_a_file_that_pip_would_misread_with_another_line_is_left(package: Path, line: str) -> None:
    append(package / "requirements.txt", f"{line}\nflask\n")
    (package / "more.py").write_text("import yaml\n")
    for rule in ("CSA501", "CSA503"):
        assert RULES[rule].fixes(Package(package)) == Fixes()


def test_a_line_that_nothing_imports_is_left_as_it_may_be_a_plugin(package: Path) -> None:
    append(package / "requirements.txt", "openpyxl>=3.1,<4\n")
    assert fixed(package) == []


def test_a_rule_that_is_ignored_changes_no_line(package: Path) -> None:
    append(package / "requirements.txt", "requests\n")
    append(package / "pyproject.toml", '\n[tool.csa.ignore]\nCSA503 = "It is to float."\n')
    assert fixed(package) == []


# --- mkdocs.yml -----------------------------------------------------------------------------------

SITE = """\
docs_dir: scripts
nav:
  - Home: index.md
  - Packages:  # in any order
      - Other: other/index.md  # ours
      - Guide: guide/index.md
theme: !ENV [THEME, material]
"""


def with_site(package: Path, text: str) -> Path:
    site = package.parents[1] / "mkdocs.yml"
    site.write_bytes(text.encode())
    answers = package / ".copier-answers.yml"
    (package.with_name("other") / ".copier-answers.yml").write_bytes(answers.read_bytes())
    return site


@pytest.mark.parametrize(
    ("text", "after", "entry"),
    [
        (SITE, "# ours\n", "      - New pkg: new_pkg/index.md\n"),
        (SITE.replace("\n", "\r\n"), "# ours\r\n", "      - New pkg: new_pkg/index.md\r\n"),
        ("docs_dir: .\nnav:\n- scripts/other/index.md\n", "other/index.md\n", "- scripts/new_pkg/index.md\n"),
    ],
)  # fmt: skip
def test_the_page_is_listed_behind_that_of_another_package(
    package: Path, text: str, after: str, entry: str
) -> None:
    site = with_site(package, text)
    number = text[: text.index(after)].count("\n") + 2
    assert fixed(package) == [f"CSA104 ../../mkdocs.yml:{number} {entry.strip()}"]
    assert site.read_bytes().decode() == text.replace(after, after + entry)


def test_a_title_that_yaml_would_take_for_more_is_quoted(package: Path) -> None:
    (package / "index.md").write_text("# Roles: a #1 guide\n")
    site = with_site(package, SITE)
    assert len(fixed(package)) == 1
    assert "      - 'Roles: a #1 guide': new_pkg/index.md\n" in site.read_text()


@pytest.mark.parametrize(
    "text",
    [
        SITE.replace("other/", "another/"),  # which is no package
        "docs_dir: scripts\nnav: [other/index.md]\n",
        "docs_dir: scripts\nnav:\n  - Other:\n      other/index.md\n",
        "docs_dir: scripts\nnav:\n  - other/index.md",
        "docs_dir: scripts\nnav: &a [*a]\n",
    ],
)
def test_where_nobody_can_tell_its_place_the_page_is_left_to_people(
    package: Path, text: str
) -> None:
    with_site(package, text)
    assert RULES["CSA104"].fixes(Package(package)) == Fixes()


def test_several_packages_are_listed_in_one_run(package: Path) -> None:
    site = with_site(package, SITE)
    third = package.with_name("third")
    third.mkdir()
    for name in (".copier-answers.yml", "index.md"):
        (third / name).write_bytes((package / name).read_bytes())
    results = dict(fix_packages([package, third]))
    assert not [result for result in results.values() if isinstance(result, Failed)]
    assert "new_pkg/index.md\n" in site.read_text()
    assert "third/index.md\n" in site.read_text()
