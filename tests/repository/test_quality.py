"""What a pull request says of a package's style, and how much of it the tests have to run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.commands import commit_all, git
from tests.support.sampling import sampled
from tests.support.updates import append
from tests.support.workflows import NO_TENANT, Ran, Runner

PACKAGE = "scripts/tag_report"


@pytest.fixture
def package(mono: Path) -> Path:
    return mono / PACKAGE


def lint(runner: Runner, package: str = PACKAGE) -> Ran:
    return runner.step("pull-request.yml", "test", "Lint", {"matrix.package": package})


def test_a_rendered_package_has_no_findings(runner: Runner) -> None:
    ran = lint(runner)
    assert (ran.code, ran.text.strip()) == (0, "")


@pytest.mark.parametrize(
    ("text", "line", "level", "rule"),
    [
        ("import os\n", 1, "warning", "F401"),
        ("def f():\n    return g()\n", 2, "error", "F821"),
        ("def f(:\n    pass\n", 1, "error", "invalid-syntax"),
        ("if (1, 2):\n    pass\n", 1, "error", "F634"),
    ],
)
def test_each_finding_is_an_annotation_and_what_breaks_fails(
    runner: Runner, package: Path, text: str, line: int, level: str, rule: str
) -> None:
    (package / "more.py").write_text(text)
    ran = lint(runner)
    assert f"::{level} file={package}/more.py,line={line},title={rule}::" in ran.text
    assert ran.code == (level == "error")


def test_what_breaks_fails_whatever_the_settings_around_the_packages_choose(
    runner: Runner, mono: Path, package: Path
) -> None:
    (mono / "ruff.toml").write_text('lint.select = ["I"]\n')
    (package / "more.py").write_text("import sys\nimport os\n\nprint(undefined)\n")
    ran = lint(runner)
    assert sorted(re.findall(r"::(\w+) .*,title=(\w+)::", ran.text)) == [
        ("error", "F821"),
        ("warning", "I001"),
    ]


@pytest.mark.parametrize("name", ["pyproject.toml", "ruff.toml", ".ruff.toml"])
def test_a_package_with_rules_of_its_own_fails_for_each_of_them(
    runner: Runner, package: Path, name: str
) -> None:
    table = "tool.ruff.lint" if name == "pyproject.toml" else "lint"
    append(package / name, f'\n[{table}]\nselect = ["F"]\n')
    (package / "more.py").write_text("print()\nimport json\n\nassert json\n")  # E402 is not chosen
    assert lint(runner).code == 0
    append(package / "more.py", "import csv\n")
    ran = lint(runner)
    assert (ran.code, ran.text.count("::error ")) == (1, 1), ran.text


def test_a_file_s_name_gives_the_runner_no_command(runner: Runner, package: Path) -> None:
    folder = package / "a\r\n::error::evil,line=1::%0A"
    folder.mkdir()
    (folder / "b.py").write_text("import os\n")
    ran = lint(runner)
    assert ran.code == 0
    [command] = ran.text.splitlines()
    assert "a%0D%0A%3A%3Aerror%3A%3Aevil%2Cline=1%3A%3A%250A/b.py,line=1,title=F401::" in command


def test_ruff_is_the_one_of_the_commits(rendered: Path) -> None:
    hook = (rendered / ".pre-commit-config.yaml").read_text()
    workflow = (rendered / ".github" / "workflows" / "pull-request.yml").read_text()
    [hooked] = re.findall(r"ruff-pre-commit\n +rev: v(\S+)", hook)
    assert re.findall(r"ruff@(\S+)", workflow) == [hooked]


# --- Coverage --------------------------------------------------------------------------------


@pytest.fixture
def small(package: Path, runner: Runner) -> Path:
    """A package whose tests run half of it, and need no SDK."""
    (package / "requirements.txt").write_text("")
    (package / "requirements-test.txt").write_text("coverage>=7.10,<8\npytest>=8.4,<10\n")
    for path in ("tests/conftest.py", "tests/integration/test_http_bin.py", "tests/recording.py"):
        (package / path).unlink()
    (package / "main.py").write_text("def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    (package / "tests" / "test_main.py").write_text(
        "from tag_report.main import f\n\n\ndef test():\n    assert f() == 1\n"
    )
    commit_all(package, "Small")
    return package


@dataclass(frozen=True)
class Held:
    """What became of the coverage: the step's exit code, the figures of its error, a part of what it said."""

    code: int
    figures: list[str]
    said: str = ""


def more_code(package: Path) -> None:
    append(package / "main.py", "\n\ndef h():\n    return 3\n")


def more_tests(package: Path) -> None:
    more_code(package)
    tests = package / "tests" / "test_main.py"
    tests.write_text(tests.read_text().replace("f() == 1", "f() == 1\n    assert h() == 3"))
    tests.write_text(tests.read_text().replace("import f", "import f, h"))


def move(package: Path) -> None:
    more_code(package)
    git(package, "mv", str(package), str(package.with_name("moved here; echo 1 > evil")))


def be_new(package: Path) -> None:
    git(package, "checkout", "--quiet", "--orphan", "other")
    git(package, "rm", "-r", "--quiet", "--cached", str(package))
    git(package, "commit", "--quiet", "--message", "Without the package")


def break_earlier(package: Path) -> None:
    append(package / "tests" / "test_main.py", "    assert 0\n")
    commit_all(package, "Broken")
    git(package, "checkout", "--quiet", "HEAD^", "--", ".")
    more_code(package)


def ask_for(limit: int) -> Callable[[Path], None]:
    def ask(package: Path) -> None:
        more_code(package)
        append(package / "pyproject.toml", f"\n[tool.coverage.report]\nfail_under = {limit}\n")

    return ask


SCENARIOS: dict[str, tuple[Callable[[Path], None], Held]] = {
    "less is tested": (more_code, Held(2, ["66.67", "75.00", "was reached before"])),
    "more is tested": (more_tests, Held(0, [])),
    "less is tested in a folder with another name": (
        move,
        Held(2, ["66.67", "75.00", "was reached before"]),
    ),
    "the package is new": (be_new, Held(0, [])),
    "the tests failed before": (
        break_earlier,
        Held(0, [], "::notice::The coverage is not compared: the tests of the previous version"),
    ),
    "the package asks for less": (ask_for(60), Held(0, [])),
    "the package asks for more": (ask_for(70), Held(2, ["67", "70", "the package sets"])),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sampled(tuple(SCENARIOS)))
def test_the_tests_run_no_less_of_a_package_than_before_or_what_it_asks_for(
    mono: Path, small: Path, tmp_path: Path, name: str
) -> None:
    change, held = SCENARIOS[name]
    change(small)
    commit_all(mono, "Work")
    [folder] = {path.parent for path in (mono / "scripts").glob("*[!p]/main.py")}
    runner = Runner(mono, tmp_path / "runner")
    contexts = {
        **NO_TENANT,
        "matrix.package": folder.relative_to(mono).as_posix(),
        "steps.image.outputs.image": '{"python": "3.11"}',
        "github.event.merge_group.base_sha": "",
    }
    steps = [
        runner.step("pull-request.yml", "test", "Install", contexts),
        runner.step("pull-request.yml", "test", "Test", contexts),
        runner.step("pull-request.yml", "test", "Install the previous version", contexts),
    ]
    assert [one.code for one in steps] == [0, 0, 0], steps
    ran = runner.step("pull-request.yml", "test", "Check the coverage", contexts)
    said = re.findall(
        r"^::error::.* total of (\S+) is less than fail-under=(\S+), which (.*): test more",
        ran.text,
        re.MULTILINE,
    )
    assert Held(ran.code, [*said[0]] if said else []) == Held(held.code, held.figures), ran.text
    assert held.said in ran.text
    assert not list(mono.rglob("evil"))
    # What is not compared is not installed.
    assert (tmp_path / "runner" / "base").exists() == ("asks" not in name)
