"""What README.md and the pages in docs/ show is what the project does."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml
from csa.check import RULES
from csa.check.rule import Rule
from csa.cli import COMMANDS
from csa.commands.help import EXIT_CODES
from csa.packages import read_answers
from csa.template import open_source
from csa.template import render as render_template

from benchmarks.__main__ import TARGETS
from docs import rules
from docs.pictures import (
    HERE,
    screen_of_adoption,
    screen_of_check,
    screen_of_copy,
    screen_of_update,
)
from tests.support.commands import BIN, ROOT, commit_all, run, tree
from tests.support.monorepo import add_packages, copy, init
from tests.support.package import NEWEST, NEXT, RELEASE, SEEDED, Render

PAGES = {
    str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
}


def text_of(page: str) -> str:
    return (ROOT / page).read_text()


def commands_of(page: str) -> list[str]:
    """The commands of csa in a page's blocks of code, and the commits between them."""
    return re.findall(r"^((?:csa|git commit) .*?) *(?:#.*)?$", text_of(page), re.MULTILINE)


def table(page: str, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, each as the text of its cells."""
    section = re.split(rf"^#+ {heading}$", text_of(page), flags=re.MULTILINE)[1]
    lines = dropwhile(lambda line: line[:1] != "|", section.splitlines())
    rows = [
        line.strip("| ").split(" | ") for line in takewhile(lambda line: line[:1] == "|", lines)
    ]
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
    shown = {name: default for name, default, _ in table("docs/package.md", "Questions")}
    assert list(shown) == list(asked)
    for name in ("scope", "example", "pyatlan_version", "python_version", "third_party_http",
                 "image_registry", "base_image"):  # fmt: skip
        assert shown[name] == asked[name]
    assert f"to {NEWEST}" in (ROOT / "HISTORY.md").read_text()


def test_the_files_are_those_that_are_rendered_each_with_its_owner(
    render: Render, tmp_path: Path
) -> None:
    rendered = set(tree(render(tmp_path / "new_pkg")))
    owners = {name: owner for name, owner, _ in table("docs/package.md", "Files")}

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


def test_the_files_around_the_packages_are_those_that_are_rendered_each_with_its_owner(
    template: Path,
) -> None:
    source = open_source(str(template), None, template)
    rendering = render_template(source, source.commit(RELEASE), {"scope": "repository"}, "mono")
    shown = {name: owner for name, owner, _ in table("docs/monorepo.md", "Around the packages")}
    for path in rendering.files:
        [owner] = {
            owner
            for name, owner in shown.items()
            if path == name or (name.endswith("/") and path.startswith(name))
        }
        if path != ".copier-answers.yml":
            assert owner == ("you" if rendering.is_seeded(Path(path)) else "template"), path
    assert all(any(path.startswith(name) for path in rendering.files) for name in shown)


def test_the_secrets_are_those_that_the_workflows_take(template: Path, tmp_path: Path) -> None:
    section = text_of("docs/monorepo.md").split("| Secret | What for |")[1].split("\n\n")[0]
    told = set(re.findall(r"`([A-Z_]+)`", section))
    top = copy(template, tmp_path / "mono", scope="repository")
    workflows = "".join(path.read_text() for path in (top / ".github" / "workflows").iterdir())
    assert set(re.findall(r"secrets\.(\w+)", workflows)) == told


def test_the_base_images_are_those_of_the_table(copier_yml: dict[str, Any]) -> None:
    known = yaml.safe_load(copier_yml["base_images"]["default"])
    inside = {"3.11": "3.11, whatever the tag says", "{{ python_version }}": "as in the tag"}
    assert table("docs/base-images.md", "Base images") == [
        [
            f"from {'.'.join(map(str, row['since']))}",
            row["name"],
            inside[row["python"]],
            row.get("public", "none"),
        ]
        for row in known
    ]
    assert all(row["released"] == ["3.13"] for row in known)


def test_the_figures_are_those_that_the_benchmarks_print() -> None:
    rows = table("README.md", "Figures")
    assert {name: float(most) for name, _, most in rows} == TARGETS
    assert all(float(ratio) <= float(most) for _, ratio, most in rows)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "screen_of"),
    [
        ("copy.svg", screen_of_copy),
        ("update.svg", screen_of_update),
        ("adopt.svg", screen_of_adoption),
        ("check.svg", screen_of_check),
    ],
)
def test_the_pictures_are_of_runs_as_they_are_now(
    template: Path, name: str, screen_of: Callable[[Path], str]
) -> None:
    picture = (HERE / name).read_text()
    drawn = "".join(html.unescape(re.sub(r"<[^>]+>", "", picture)).split())
    screen = re.sub(r"\x1b\[[0-9;]*m", "", screen_of(template))
    missing = [line for line in screen.splitlines() if "".join(line.split()) not in drawn]
    assert missing == [], "run: make docs"


def test_the_readme_installs_the_newest_release() -> None:
    pinned = set(re.findall(r"csa-template@v([\d.]+)", (ROOT / "README.md").read_text()))
    newest = re.search(r"^## ([\d.]+)", (ROOT / "HISTORY.md").read_text(), re.MULTILINE)
    assert newest and pinned == {newest[1]}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_its_commands(shell: str) -> None:
    assert "_CSA_COMPLETE" in (ROOT / "README.md").read_text()
    shown = run(BIN / "csa", env={"_CSA_COMPLETE": f"{shell}_source"}).stdout
    assert f"_CSA_COMPLETE={shell}_complete" in shown


def test_the_list_of_rules_is_that_of_the_command() -> None:
    assert (HERE / "rules.md").read_text() == rules.page(), "run: make docs"


def test_the_rules_that_fix_are_those_of_the_command() -> None:
    fixing = [name for name, rule in RULES.items() if type(rule).fixes is not Rule.fixes]
    assert [name for name, _ in table("docs/check.md", "Checks")] == fixing


def test_the_exit_codes_are_those_of_the_command() -> None:
    assert {int(code): what for code, what in table("docs/update.md", "Exit codes")} == EXIT_CODES
    told = {command for command, _ in table("docs/update.md", "When a command ends with 1")}
    assert told == COMMANDS.keys()


@pytest.mark.slow  # test_tour runs the usual ones
def test_the_commands_to_keep_packages_current_run(releases: Path, tmp_path: Path) -> None:
    commands = commands_of("docs/update.md")
    assert len(commands) == 10
    init(copy(releases, tmp_path / "scripts" / "new_pkg", vcs_ref=RELEASE))
    repository = tmp_path / "scripts" / "new_pkg"
    for command in commands:
        run("bash", "-c", command.replace("scripts/new_pkg", "."), cwd=repository)
        commit_all(repository, command)
    assert "<title>Script packages in new_pkg</title>" in (repository / "packages.html").read_text()
    assert read_answers(repository)["_commit"] == NEXT
    assert read_answers(repository)["pyatlan_version"] == "9.0.0"


@pytest.mark.slow  # test_tour runs the usual ones
def test_the_commands_to_check_packages_run(template: Path, tmp_path: Path) -> None:
    commands = commands_of("docs/check.md")
    assert len(commands) == 7
    copy(template, tmp_path / "scripts" / "new_pkg")
    init(tmp_path)
    run("git", "update-ref", "refs/remotes/origin/main", "HEAD", cwd=tmp_path)
    shown = {
        command: run(BIN / "csa", *command.split()[1:], cwd=tmp_path).stdout for command in commands
    }
    assert shown["csa check"] == shown["csa check --fix"] == "1 package checked, 0 problems\n"
    assert shown["csa check --changed-since origin/main"] == "0 packages checked, 0 problems\n"
    assert json.loads(shown["csa check --format sarif"])["version"] == "2.1.0"
    assert shown["csa list --changed-since origin/main --json"] == "[]\n"


def test_the_commands_to_release_a_package_run(template: Path, tmp_path: Path) -> None:
    commands = commands_of("docs/release.md")
    assert len(commands) == 5
    [package] = add_packages(tmp_path, template, RELEASE, 1)
    package.rename(package.with_name("new_pkg"))
    (tmp_path / "sync.yaml").write_text("container: {args: [-m, scripts.new_pkg.main]}\n")
    init(tmp_path)
    for command in commands:
        run("bash", "-c", command, cwd=tmp_path)
    assert (tmp_path / "scripts" / "new_pkg" / "version.txt").read_text() == "1.1.0-dev\n"
    image = "ghcr.io/atlanhq/new-pkg:1.0.0"
    assert (tmp_path / "sync.yaml").read_text() == (
        f"container: {{image: {image}, args: [-m, new_pkg.main]}}\n"
    )


@pytest.mark.slow  # test_tour runs the usual ones
def test_the_commands_to_take_a_script_in_run(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = commands_of("docs/adopt.md")
    assert len(commands) == 3
    script = tmp_path / "scripts" / "old-script"
    script.mkdir(parents=True)
    (script / "main.py").write_text("print('hello')\n")
    init(tmp_path)
    # git itself takes the clone for the command's own template.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{template}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/atlanhq/csa-template.git")
    before = tree(tmp_path)
    for command in commands[:2]:
        run("bash", "-c", command, cwd=tmp_path)
        assert tree(tmp_path) == before
    run(BIN / "csa", *commands[2].split()[1:], cwd=tmp_path)
    answers = read_answers(tmp_path / "scripts" / "old_script")
    assert answers["_src_path"] == "https://github.com/atlanhq/csa-template.git"


def test_the_commands_to_create_packages_run(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = commands_of("docs/package.md")
    assert len(commands) == 2
    (tmp_path / "scripts").mkdir()
    run("git", "init", "--quiet", cwd=tmp_path)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{template}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/atlanhq/csa-template.git")
    for command in commands:
        run(BIN / "csa", *command.split()[1:], cwd=tmp_path)
    assert read_answers(tmp_path / "scripts" / "new_pkg")["pyatlan_version"] == NEWEST
    assert read_answers(tmp_path / "team" / "new_pkg")["pyatlan_version"] == "9.0.0"


def test_readme_is_short_and_its_commands_are_those_of_the_pages() -> None:
    assert len(text_of("README.md").splitlines()) <= 180
    of_pages = {command for page in PAGES - {"README.md"} for command in commands_of(page)}
    assert set(commands_of("README.md")) <= of_pages


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)", text_of(page))
    for path, anchor in links:
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            assert anchor in [
                re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings
            ]


def test_the_promises_name_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "promises.md").read_text()
    named = re.findall(r"\]\(\.\./(tests/[\w/]+\.py)\)", page)
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
