"""`csa new`: what `copier copy` does, in the right place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import copier
import pytest
from csa.errors import Failed
from csa.new import new_package

from tests.support.commands import BIN, git, run, run_csa, tree
from tests.support.monorepo import add_packages, copy, init
from tests.support.package import NEXT, RELEASE
from tests.support.sampling import sampled
from tests.support.updates import newer_template


@pytest.fixture
def mono(tmp_path: Path) -> Path:
    root = tmp_path / "mono"
    (root / "scripts").mkdir(parents=True)
    (root / "docs").mkdir()
    (root / "README.md").write_text("# Scripts\n")
    init(root)
    return root


def new(mono: Path, template: Path, *arguments: str, cwd: str = ".", code: int = 0) -> str:
    """Run csa new with a template; return all that it printed."""
    result = run_csa("new", "--template", template, *arguments, cwd=mono / cwd, code=code)
    return result.stdout + result.stderr


def test_it_makes_what_copier_copy_makes(mono: Path, releases: Path, tmp_path: Path) -> None:
    shown = new(mono, releases, "new_pkg", "-d", "pyatlan_version=9.0.0", "-d", "example=false")
    assert "cd scripts/new_pkg" in shown
    assert "1 package checked, 0 problems\n" in shown
    by_copier = copy(releases, tmp_path / "new_pkg", pyatlan_version="9.0.0", example=False)
    assert tree(mono / "scripts" / "new_pkg") == tree(by_copier)


def test_another_release_of_the_template_can_be_named(mono: Path, releases: Path) -> None:
    new(mono, releases, "new_pkg", "-r", RELEASE)
    assert f"_commit: {RELEASE}" in (mono / "scripts/new_pkg/.copier-answers.yml").read_text()
    new(mono, releases, "other")
    assert f"_commit: {NEXT}" in (mono / "scripts/other/.copier-answers.yml").read_text()


@pytest.mark.parametrize(
    ("name", "cwd", "place"),
    sampled(
        [
            ("new_pkg", ".", "scripts/new_pkg"),
            ("new_pkg", "docs", "scripts/new_pkg"),
            ("new_pkg", "scripts", "scripts/new_pkg"),
            ("./new_pkg", "docs", "docs/new_pkg"),
            ("team/new_pkg", ".", "team/new_pkg"),
            ("new_pkg/", ".", "scripts/new_pkg"),
        ]
    ),
)
def test_a_name_goes_where_packages_are_and_a_path_where_it_says(
    mono: Path, releases: Path, name: str, cwd: str, place: str
) -> None:
    new(mono, releases, name, cwd=cwd)
    assert git(mono, "ls-files", "--others", "*/main.py").split() == [f"{place}/main.py"]


@pytest.mark.parametrize(("cwd", "place"), [(".", "scripts/new_pkg"), ("docs", "docs/new_pkg")])
def test_a_name_at_the_top_goes_into_scripts_also_if_there_is_none(
    mono: Path, releases: Path, cwd: str, place: str
) -> None:
    (mono / "scripts").rmdir()
    new(mono, releases, "new_pkg", cwd=cwd)
    assert git(mono, "ls-files", "--others", "*/main.py").split() == [f"{place}/main.py"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["pkg_7100"], "scripts/pkg_7100 already exists: csa update updates it"),
        (["legacy"], "scripts/legacy already exists: csa adopt legacy converts it"),
        (["scripts/afile"], "scripts/afile already exists: choose another name, or move it away"),
        (["notes"], "scripts/notes already exists: choose another name, or move it away"),
        (["scripts/pkg_7100/inner"], "pkg_7100 is a package: packages cannot be nested"),
        (["New-Pkg"], "name the folder as Python names modules, in snake_case, such as new_pkg"),
        (["."], ".: name the folder as Python names modules, in snake_case\n"),
        (["../mono"], "../mono is the repository's top: name a folder in it, such as scripts/"),
        (["new_pkg", "-d", "nothing=1"], "--data nothing: the questions are base_image,"),
        (["new_pkg", "-d", "pyatlan_version=1"], "use 3 numbers, such as 11.6.0."),
        (
            ["new_pkg", "-d", "python_version=2"],
            "Invalid choice for 'python_version': '2' is not in",
        ),
        (
            ["new_pkg", "-d", "package_name=other"],
            "named as its folder: csa new other creates other",
        ),
        (["csv"], "try csv_script; csv is a name of Python's, the SDK's or the tests'."),
        (["/new_pkg"], "not a git repository"),
        (["outside/new_pkg"], "not a git repository"),
        (["README.md/new_pkg"], "README.md is a file: name a folder that can have a package in it"),
        (["scripts/.git/new_pkg"], "scripts/.git/new_pkg leads out of the repository"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(
    mono: Path, releases: Path, arguments: list[str], says: str
) -> None:
    add_packages(mono, releases, RELEASE, 1)
    (mono / "scripts" / "legacy").mkdir()
    (mono / "scripts" / "legacy" / "main.py").touch()
    (mono / "scripts" / "afile").touch()
    (mono / "scripts" / "notes").symlink_to("nowhere")
    (mono.parent / "elsewhere").mkdir()
    (mono / "outside").symlink_to("../elsewhere")
    before = tree(mono)
    shown = new(mono, releases, *arguments, code=2)
    assert says in shown
    assert shown.startswith("Error: ")
    assert len(shown.splitlines()) == 1
    assert tree(mono) == before


@pytest.mark.parametrize(("version", "says"), [("v0", "has no version v0"), ("", "no version")])
def test_a_template_that_cannot_be_rendered_is_said(
    mono: Path, releases: Path, version: str, says: str
) -> None:
    assert says in new(mono, releases, "new_pkg", "-r", version, code=1)
    assert not (mono / "scripts" / "new_pkg").exists()


def test_it_asks_in_a_terminal_and_ctrl_c_leaves_only_what_was_saved_meanwhile(
    mono: Path, releases: Path
) -> None:
    master, terminal = os.openpty()
    command = [str(BIN / "csa"), "new", "--template", str(releases), "new_pkg"]
    env = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(
        command, cwd=mono, env=env, stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        seen = b""
        while b"What to render" not in seen:
            seen += os.read(master, 10_000)
        (mono / "scripts" / "new_pkg").mkdir()
        (mono / "scripts" / "new_pkg" / "main.py").write_text("mine\n")
        os.write(master, b"\x03")
        while True:
            try:
                seen += os.read(master, 10_000)
            except OSError:  # the terminal has been closed
                break
        assert process.wait() == 130
    os.close(master)
    assert b"Traceback" not in seen
    assert [path.name for path in (mono / "scripts" / "new_pkg").iterdir()] == ["main.py"]
    assert (mono / "scripts" / "new_pkg" / "main.py").read_text() == "mine\n"


@pytest.mark.parametrize("was_there", [True, False])
def test_whatever_ends_a_copy_leaves_nothing(
    mono: Path, releases: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, was_there: bool
) -> None:
    place = mono / "scripts" / "new_pkg"
    if was_there:
        place.mkdir()

    def stopped(_: str, folder: str, **__: object) -> None:
        Path(folder, "tests").mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr("copier.run_copy", stopped)
    (tmp_path / "work").mkdir()
    git_directory = tree(mono / ".git")
    with pytest.raises(KeyboardInterrupt):
        new_package(place, str(releases), None, {}, ask=False, work=tmp_path / "work")
    assert place.exists() == was_there
    assert tree(place) == {} if was_there else True
    assert tree(mono / ".git") == git_directory


def test_what_is_saved_while_a_package_is_rendered_stays(
    mono: Path, releases: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = mono / "scripts" / "new_pkg"
    copied = copier.run_copy

    def save_and_copy(*arguments: Any, **settings: Any) -> None:
        copied(*arguments, **settings)
        place.mkdir()
        (place / "main.py").write_text("mine\n")

    monkeypatch.setattr("copier.run_copy", save_and_copy)
    (tmp_path / "work").mkdir()
    with pytest.raises(Failed, match="files were saved there meanwhile, and stay"):
        new_package(place, str(releases), None, {}, ask=False, work=tmp_path / "work")
    assert tree(place) == {"main.py": b"mine\n"}


def test_where_git_s_own_folder_is_on_another_disk_a_package_is_whole_or_not_there_as_well(
    mono: Path, releases: Path, monkeypatch: pytest.MonkeyPatch, small_disk: Path
) -> None:
    shutil.move(mono / ".git", small_disk / "git")
    (mono / ".git").write_text(f"gitdir: {small_disk / 'git'}\n")
    (mono.parent / "work").mkdir()
    place = mono / "scripts" / "new_pkg"
    work = mono.parent / "work"
    with monkeypatch.context() as patched:

        def stopped(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr("shutil.copy2", stopped)
        with pytest.raises(KeyboardInterrupt):
            new_package(place, str(releases), None, {}, ask=False, work=work)
    assert git(mono, "status", "--porcelain", "--ignored") == ""
    new_package(place, str(releases), None, {}, ask=False, work=work)
    assert tree(place) == tree(copy(releases, mono.parent / "new_pkg"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("_external_data: {a: ../../secrets.yml}", "v999.2.0 leads out of the template or of the"),
        ("_jinja_extensions: [a.B]", "v999.2.0 wants to run code, which csa never does"),
        ("- 1", "the copier.yml of v999.2.0 is not YAML"),
    ],
)
def test_what_is_wrong_with_a_template_is_its_failure_and_no_wrong_usage(
    mono: Path, releases: Path, tmp_path: Path, line: str, says: str
) -> None:
    worse = newer_template(releases, tmp_path, a_DOT_txt_DOT_jinja="{{ _external_data.a }}\n")
    with (worse / "copier.yml").open("a") as config:
        config.write(f"\n{line}\n")
    git(worse, "commit", "--quiet", "--all", "--amend", "--no-edit")
    git(worse, "tag", "--force", "v999.2.0")
    shown = new(mono, worse, "new_pkg", code=1)
    assert shown.splitlines()[-1].startswith(f"Error: {says}")
    assert git(mono, "status", "--porcelain") == ""


def test_a_template_s_messages_reach_no_terminal_as_commands(
    mono: Path, releases: Path, tmp_path: Path
) -> None:
    loud = newer_template(releases, tmp_path)
    config = loud / "copier.yml"
    message = '_message_after_copy: "\\e]0;title\\a\\n::error::x\\n"'
    config.write_text(config.read_text().replace("_message_after_copy: |-", f"{message}\n_x: |-"))
    git(loud, "commit", "--quiet", "--all", "--amend", "--no-edit")
    git(loud, "tag", "--force", "v999.2.0")
    shown = new(mono, loud, "new_pkg")
    assert "\\x1b]0;title\\x07\n\\x3a:error::x\n" in shown


def test_a_kill_in_the_middle_of_rendering_leaves_no_half_package(
    mono: Path, releases: Path
) -> None:
    program = """
import os, sys, copier
from pathlib import Path
from csa.cli import main

def killed(_, folder, **__):
    Path(folder).mkdir(parents=True)
    Path(folder, ".copier-answers.yml").write_text("scope: package")
    os.kill(os.getpid(), 9)

copier.run_copy = killed
main(sys.argv[1:])
"""
    command = (sys.executable, "-c", program, "new", "new_pkg", "--template", str(releases))
    run(*command, cwd=mono, code=-9)
    assert git(mono, "status", "--porcelain") == ""
    new(mono, releases, "new_pkg")


def test_questions_fit_80_columns(releases: Path) -> None:
    """Copier puts a sign and a space before the first line of a question, or of a choice."""
    config = (releases / "copier.yml").read_text()
    helps = re.findall(r"^  help: (?:\|-\n((?:    .*\n)+)|(.*)\n)", config, re.MULTILINE)
    lines = [line.strip() for more, one in helps for line in (more or one).splitlines()]
    assert len(lines) > 15
    assert [line for line in lines if len(line) > 77] == []


def test_a_package_that_mkdocs_does_not_link_to_ends_with_one(mono: Path, releases: Path) -> None:
    (mono / "mkdocs.yml").write_text("nav:\n  - index.md\n")
    init(mono)
    shown = new(mono, releases, "new_pkg", code=1)
    assert "CSA104" in shown
    assert run("git", "status", "--porcelain", cwd=mono).stdout == "?? scripts/\n"
