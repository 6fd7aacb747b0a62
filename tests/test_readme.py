"""What README.md shows is what the project does."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.__main__ import TARGETS
from docs.pictures import HERE, screen_of_copy

from .conftest import NEWEST, ROOT, SEEDED, Render, tree

README = (ROOT / "README.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, each as the text of its cells."""
    section = re.split(rf"^## {heading}$", README, flags=re.MULTILINE)[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return [[cell.strip().replace("`", "") for cell in row] for row in rows[2:]]


@pytest.fixture
def copier_yml() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text())
    return content


def test_the_questions_are_those_that_are_asked(copier_yml: dict[str, Any]) -> None:
    asked = {
        name: str(question["default"]).lower()
        for name, question in copier_yml.items()
        if not name.startswith("_") and question.get("when") is not False
    }
    shown = {name: default for name, default, _ in table("Questions")}
    assert list(shown) == list(asked)
    for name in ("scope", "pyatlan_version", "python_version", "third_party_http",
                 "image_registry", "base_image"):  # fmt: skip
        assert shown[name] == asked[name]
    assert f"to {NEWEST}" in (ROOT / "HISTORY.md").read_text()


def test_the_files_are_those_that_are_rendered_each_with_its_owner(
    render: Render, tmp_path: Path
) -> None:
    rendered = set(tree(render(tmp_path / "new_pkg")))
    owners = {name: owner for name, owner, _ in table("Files")}

    def owner(path: str) -> str:
        [found] = {
            owners[name]
            for name in owners
            if path == name
            or (name.endswith("/") and path.startswith(name))
            or (name == "__init__.py" and path.endswith("/__init__.py"))
        }
        return found

    assert {path for path in rendered if owner(path) == "you"} == SEEDED
    assert {path for path in rendered if owner(path) == "Copier"} == {".copier-answers.yml"}
    assert all(any(path.startswith(name) for path in rendered) for name in owners)


def test_the_base_images_are_those_of_the_table(copier_yml: dict[str, Any]) -> None:
    known = yaml.safe_load(copier_yml["base_images"]["default"])
    inside = {"3.11": "3.11, whatever the tag says", "{{ python_version }}": "as in the tag"}
    assert table("Base images") == [
        [f"from {'.'.join(map(str, row['since']))}", row["name"], inside[row["python"]]]
        for row in known
    ]
    assert all(row["released"] == ["3.13"] for row in known)


def test_the_figures_are_those_that_the_benchmarks_print() -> None:
    rows = table("Figures")
    assert {name: float(most) for name, _, most in rows} == TARGETS
    assert all(float(ratio) <= float(most) for _, ratio, most in rows)


def test_the_picture_is_of_a_run_as_it_is_now(template: Path) -> None:
    picture = (HERE / "copy.svg").read_text()
    drawn = html.unescape(re.sub(r"<[^>]+>", "", picture)).replace("\N{NO-BREAK SPACE}", " ")
    screen = re.sub(r"\x1b\[[0-9;]*m", "", screen_of_copy(template))
    missing = [line for line in screen.splitlines() if line.strip() not in drawn]
    assert missing == [], "run: make pictures"
