"""What `--help` says is true, and can be read in a terminal of 80 columns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner
from csa.cli import COMMANDS as ALL
from csa.cli import main
from csa.commands.help import EXIT_CODES

from tests.support.commands import commit_all, git, run_csa

COMMANDS = (
    *("new", "update", "adopt", "prove", "status", "list", "diff", "check", "release", "image"),
    "argo",
)
"""In an order in which their examples can be run."""

EXAMPLE = re.compile(r"^ {4}csa (.*?) *(?:#.*)?$", re.MULTILINE)


def help_of(*command: str) -> str:
    return CliRunner().invoke(main, [*command, "--help"], terminal_width=80).output


def examples_of(command: str) -> list[str]:
    return EXAMPLE.findall(help_of(command))


def test_the_help_fits_80_columns_and_no_summary_is_cut_off() -> None:
    assert ALL.keys() == set(COMMANDS)
    assert EXAMPLE.findall(help_of()) == ["new new_pkg"]
    for shown in (help_of(), *map(help_of, COMMANDS)):
        _, *lines = shown.splitlines()
        assert [line for line in lines if len(line) > 80 or line.endswith("...")] == []
        for code, what in EXIT_CODES.items():
            assert f"    {code:<4} {what}\n" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_two_examples_whose_options_there_are(command: str) -> None:
    examples = [example.split() for example in examples_of(command)]
    assert len(examples) == 2
    for name, *words in examples:
        found = main.get_command(Context(main), name)
        assert found and found.make_context(name, words).command.name == command


@pytest.mark.slow
def test_the_examples_run(releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{releases}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/atlanhq/csa-template.git")
    script = tmp_path / "scripts" / "old-script"
    script.mkdir(parents=True)
    (script / "main.py").write_text("print('hello')\n")
    (tmp_path / "sync.yaml").write_text("container: {args: [-m, scripts.new_pkg.main]}\n")
    git(tmp_path, "init", "--quiet")
    for command in COMMANDS:
        for example in examples_of(command):
            if example != "prove scripts/old_script":  # which compares with what is committed
                commit_all(tmp_path, f"Before csa {example}")
                git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
            run_csa(*example.split(), cwd=tmp_path)
    assert (tmp_path / "scripts" / "new_pkg" / "version.txt").read_text() == "1.1.0-dev\n"
    assert "new-pkg:1.1.0-dev-" in (tmp_path / "sync.yaml").read_text()
    assert (tmp_path / "scripts" / "old_script" / "Dockerfile").is_file()


@pytest.mark.parametrize("command", [*COMMANDS, "nothing"])
def test_wrong_usage_ends_with_2_and_changes_nothing(command: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    needed = ["--package", "x"] if command == "argo" else []
    wrong = "no/such" if command != "new" else "no/such-name"
    for words in (["--no-such-option"], [wrong, *needed], ["", *needed]):
        said = run_csa(command, *words, cwd=tmp_path, code=2).stderr
        assert said.splitlines()[-1].startswith("Error: ")
    assert [path.name for path in tmp_path.iterdir()] == [".git"]
