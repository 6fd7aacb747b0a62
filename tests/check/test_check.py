"""Each rule finds the packages that break it, says where, and leaves the others alone."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from csa.check import RULES, check
from csa.check.files import REQUIRED
from csa.check.package import Package
from csa.cli import main
from csa.errors import Failed
from csa.packages import ANSWERS_FILE
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.pictures import on_terminal
from tests.check.rows import BREAKING, GOOD
from tests.check.rows.changes import KEY, Files
from tests.support.commands import CSA, commit_all, git, missing_here, run_csa
from tests.support.monorepo import init
from tests.support.package import NEWEST, Render
from tests.support.sampling import sampled
from tests.support.standins.registry import push_empty_image, serve, unavailable_reason


def write(package: Path, files: Files) -> None:
    for name, content in files.items():
        path = package / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            if content.startswith("+"):
                content = path.read_text() + content.replace("\n+", "\n").removeprefix("+")
            content = content.encode()
        path.write_bytes(content)


def found(package: Path, rule: str) -> list[tuple[str, int, str]]:
    findings = RULES[rule].findings(Package(package))
    return [(one.path, one.line, one.text) for one in findings]


@pytest.mark.parametrize("answers", [{}, {"example": False}, {"pyatlan_version": "8.0.1", "third_party_http": False},
                                     {"base_image": "registry.example.com/base:1"}])  # fmt: skip
def test_a_new_package_breaks_no_rule(
    render: Render, tmp_path: Path, answers: dict[str, str]
) -> None:
    package = render(tmp_path / "mono" / "scripts" / "new_pkg", **answers)
    init(tmp_path / "mono")
    assert check(package) == []


@pytest.mark.parametrize(("rule", "files", "path", "line", "says"), sampled(BREAKING))
def test_what_breaks_a_rule_is_found_where_it_is(
    package: Path, rule: str, files: Files, path: str, line: int, says: str
) -> None:
    write(package, files)
    matching = [one for one in found(package, rule) if one[:2] == (path, line)]
    assert matching, found(package, rule)
    assert says in matching[0][2]
    # It says what has to hold, too.
    assert matching[0][2].endswith(RULES[rule].sentence)


@pytest.mark.parametrize(("rule", "files"), sampled(GOOD))
def test_what_breaks_no_rule_is_left_alone(package: Path, rule: str, files: Files) -> None:
    write(package, files)
    assert found(package, rule) == []


def test_every_rule_is_tried_either_way() -> None:
    elsewhere = {"CSA100", "CSA103", "CSA203"}
    assert {rule for rule, *_ in BREAKING} | elsewhere == set(RULES)
    assert {rule for rule, *_ in GOOD} | elsewhere == set(RULES)
    assert list(RULES) == sorted(RULES)


def test_a_folder_with_another_name_than_the_package_is_found(package: Path) -> None:
    other = package.rename(package.with_name("new-pkg"))
    [(path, line, text)] = found(other, "CSA103")
    assert (path, line) == (".", 0)
    assert text.startswith("it is new-pkg, and the package is new_pkg: git mv new-pkg new_pkg. ")


def test_a_file_that_git_ignores_is_missing_for_everybody_else(package: Path) -> None:
    git(package, "rm", "--quiet", "--cached", "index.md")
    write(package, {".gitignore": "+index.md\n"})
    [(path, _, text)] = found(package, "CSA101")
    assert (path, text) == ("index.md", f"git ignores it. {RULES['CSA101'].sentence}")


def test_a_base_image_that_may_not_exist_is_found(render: Render, tmp_path: Path) -> None:
    package = render(tmp_path / "mono" / "new_pkg", python_version="3.9")
    init(tmp_path / "mono")
    [(path, line, text)] = found(package, "CSA301")
    assert (path, line) == ("Dockerfile", 4)
    assert text.startswith(f"ghcr.io/atlanhq/pyatlan:{NEWEST}-3.9 ")
    # The second where the tests run with a network.
    assert (
        "probably does not exist: only Python 3.13 images are published" in text
        or "is not in its registry" in text
    )


@pytest.mark.xdist_group("registry")
def test_a_base_image_that_its_registry_does_not_have_is_found(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := unavailable_reason():
        missing_here(reason)

    def on(base: str) -> list[tuple[str, int, str]]:
        answers = package / ANSWERS_FILE
        answers.write_text(re.sub(r"base_image: .*", f"base_image: {base}", answers.read_text()))
        dockerfile = package / "Dockerfile"
        dockerfile.write_text(re.sub(r"FROM .*", f"FROM {base}", dockerfile.read_text()))
        return found(package, "CSA301")

    with serve(tmp_path / "registry") as (host, trust):
        monkeypatch.setenv("SSL_CERT_FILE", trust["SSL_CERT_FILE"])
        push_empty_image(f"{host}/team/base:1", trust, tmp_path)
        assert on(f"{host}/team/base:1") == []
        [(path, line, text)] = on(f"{host}/team/base:2")
        assert (path, line) == ("Dockerfile", 4)
        assert text.startswith(f"{host}/team/base:2 is not in its registry. ")
    # No answer is no finding.
    assert on(f"{host}/team/base:3") == []


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("pyatlan_version", "pyatlan_version: 3.10", "pyatlan_version is not text: quote it"),
        ("pyatlan_version", "other: 1", "pyatlan_version is missing: csa update brings it"),
        (
            "pyatlan_version",
            "pyatlan_version: '1.2'",
            "pyatlan_version is not valid: use 3 numbers",
        ),
        ("base_image", 'base_image: "a:1\\nb=2"', "base_image is not valid: use auto, name:tag"),
        ("python_version", "python_version: 3.13", "python_version is not text: quote it"),
        ("python_version", """python_version: 'a"b'""", "python_version is not valid: use one of"),
        ("base_image", "base_image: [a, b]", "base_image is not text: quote it"),
    ],
)
def test_answers_that_tell_no_base_image_are_said(
    package: Path, name: str, answer: str, says: str
) -> None:
    path = package / ".copier-answers.yml"
    path.write_text(re.sub(rf"{name}: .*", answer, path.read_text()))
    with pytest.raises(Failed, match=f"its answers give no base image: {says}") as raised:
        check(package)
    assert "\n" not in str(raised.value)


PIECES = (
    *(
        "ignore",
        "nav",
        "interactions",
        "request",
        "response",
        "headers",
        "body",
        "uri",
        "version: v1",
    ),
    *("expires", "2024-13-45", "0001-01-01T00:00:00+23:59", "1", "a", "https://[x", "?token=", KEY),
    *("FROM", "ARG", "==", "@", "git+https://", "def ", "class ", "(", ")", "import ", "mark.vcr"),
    *(": ", "=", "\n", "\n  ", "- ", "[", "]", "{", "}", "'", '"', "&a ", "*a", "!!binary ", "? "),
    *(
        "!!timestamp ",
        "|\n",
        "\r",
        "\t",
        "token",
        "$",
        "\\",
        "\\ud800",
        "#",
        ", ",
        "\ufeff",
        "\x85",
    ),
)
"""What YAML, JSON, TOML, Python, requirements and Dockerfiles are made of."""


@pytest.fixture(scope="session")
def bare(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of which nothing is there but its answers."""
    package = tmp_path_factory.mktemp("bare") / "scripts" / "new_pkg"
    package.mkdir(parents=True)
    shutil.copy(fresh / "scripts" / "new_pkg" / ANSWERS_FILE, package)
    init(package.parents[1])
    return package


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(
        [*REQUIRED, ".snyk", "a.yaml", "tests/cassettes/a.yaml", "../../mkdocs.yml"]
    ),
    content=st.binary(max_size=60)
    | st.lists(st.sampled_from(PIECES), max_size=40).map(lambda parts: "".join(parts).encode()),
)
def test_no_file_ends_a_check(bare: Path, path: str, content: bytes) -> None:
    (bare / path).parent.mkdir(parents=True, exist_ok=True)
    (bare / path).write_bytes(content)
    try:
        for finding in check(bare):
            assert finding.line >= 0
            assert "\n" not in finding.text
            finding.text.encode()
    finally:
        (bare / path).unlink()


# --- The command -------------------------------------------------------------------------------


def test_the_command_says_each_broken_rule_once_with_its_places_and_ends_with_1(
    package: Path,
) -> None:
    top = package.parents[1]
    assert run_csa("check", cwd=top).stdout == "1 package checked, 0 problems\n"
    write(package, {"requirements.txt": "+requests>=2.32\nflask>=3\n", "more.py": "import yaml\n"})
    shown = run_csa("check", cwd=top, code=1).stdout
    assert shown == (
        "scripts/new_pkg\n"
        f"  CSA501: {RULES['CSA501'].sentence}\n"
        "    scripts/new_pkg/more.py:1: yaml is imported: add pyyaml>=6,<7 to requirements.txt\n"
        f"  CSA502: {RULES['CSA502'].sentence}\n"
        "    scripts/new_pkg/requirements.txt:8: no import needs requests\n"
        "    scripts/new_pkg/requirements.txt:9: no import needs flask\n"
        f"  CSA503: {RULES['CSA503'].sentence}\n"
        "    scripts/new_pkg/requirements.txt:8: requests has no upper bound\n"
        "    scripts/new_pkg/requirements.txt:9: flask has no upper bound\n"
        "\n1 package checked, 5 problems\n"
    )


def test_a_terminal_of_80_columns_shows_it_in_colour_and_without_a_line_cut(package: Path) -> None:
    write(package, {"requirements.txt": "+opentelemetry-exporter-otlp>=1.38\n"})
    shown = on_terminal([CSA, "check"], package.parents[1]).splitlines()
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown]
    assert plain != shown
    assert max(map(len, plain)) <= 80
    assert f"CSA303: {RULES['CSA303'].sentence}" in " ".join(" ".join(plain).split())
    with mock.patch.dict(os.environ, NO_COLOR="1"):
        assert not re.search(r"\x1b\[3", on_terminal([CSA, "check"], package.parents[1]))


def test_a_script_s_own_warnings_and_long_expressions_are_no_trouble(package: Path) -> None:
    numbers = " + ".join(["1"] * 1500)
    main = (package / "main.py").read_text()
    numbers = f"PATTERN = '\\d'\nSUM = {numbers}\n"
    write(
        package, {"main.py": main.replace("class ScriptError", f"{numbers}\n\nclass ScriptError")}
    )
    shown = run_csa("check", cwd=package)
    assert (shown.stdout, shown.stderr) == ("1 package checked, 0 problems\n", "")


@pytest.mark.parametrize(
    ("deep", "rule"),
    [
        (" + ".join(["1"] * 2500), "CSA401"),
        (" + ".join(["1"] * 9000), "CSA401"),
        ("a" + ".b()" * 1500, "CSA401"),
        ("a" + ".b" * 30000, "CSA403"),
        ("-" * 6000 + "1", "CSA403"),
    ],
    ids=["sum", "long sum", "calls", "attributes", "signs"],
)
def test_what_is_nested_too_deeply_is_said(package: Path, deep: str, rule: str) -> None:
    write(package, {"main.py": f"+\n\ndef deep(a):\n    return {deep}\n"})
    shown = run_csa("check", cwd=package, code=1).stdout
    assert f"  {rule}: " in shown
    assert "    main.py:1: its expressions are nested too deeply for csa\n" in shown
    assert shown.endswith("1 package checked, 1 problem\n")


def test_what_csa_did_not_expect_ends_the_check_of_one_package_alone(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(package, package.with_name("other"))
    monkeypatch.setattr(RULES["CSA202"], "broken", lambda package: 1 // 0)
    monkeypatch.chdir(package.parent)
    shown = CliRunner().invoke(main, ["check"])
    assert shown.exit_code == 1
    assert (
        shown.output
        == "".join(
            f"{name}: failed: unexpected ZeroDivisionError: integer division or modulo by zero\n"
            for name in ("new_pkg", "other")
        )
        + "0 packages checked, 0 problems, 2 failed\n"
    )


def test_what_cannot_be_checked_is_said_and_the_rest_checked(package: Path) -> None:
    top = package.parents[1]
    shutil.copytree(package, top / "scripts" / "broken")
    (top / "scripts" / "broken" / ".copier-answers.yml").write_text("- 1\n")
    shown = run_csa("check", cwd=top, code=1).stdout
    assert "scripts/broken: failed: .copier-answers.yml has no _src_path" in shown
    assert shown.endswith("1 package checked, 0 problems, 1 failed\n")


def test_json_and_annotations_say_the_same(package: Path) -> None:
    top = package.parents[1]
    write(package, {"requirements.txt": "+requests>=2\n", "version.txt": "100%, 1:0\n"})
    shown = json.loads(run_csa("check", "--format", "json", cwd=top, code=1).stdout)
    [one] = shown["packages"]
    assert (one["package"], one["result"]) == ("scripts/new_pkg", "checked")
    assert [finding["rule"] for finding in one["findings"]] == ["CSA201", "CSA502", "CSA503"]
    assert one["findings"][1]["path"] == "requirements.txt"
    lines = run_csa("check", "--format", "github", cwd=top, code=1).stdout.splitlines()
    assert lines[2].startswith(
        "::error file=scripts/new_pkg/version.txt,line=1,title=CSA201::it says '100%25, 1:0\\n'. v"
    )
    assert len(lines) == 3
    # GitHub finds the files from where the repository lies, wherever the command runs.
    assert run_csa("check", "--format", "github", cwd=package, code=1).stdout.splitlines() == lines


def test_a_rule_is_explained(tmp_path: Path) -> None:
    shown = run_csa("check", "--explain", "csa503", cwd=tmp_path).stdout
    assert shown.startswith("CSA503: Every requirement must have a lower and an upper bound")
    assert "`requests==2.32.5`" in shown
    said = run_csa("check", "--explain", "CSA1", cwd=tmp_path, code=2).stderr
    assert said.startswith("Error: there is no rule CSA1: the rules are CSA100, CSA101,")


def test_scripts_that_are_no_packages_yet_are_counted(package: Path) -> None:
    top = package.parents[1]
    for name in ("one", "two", "two/lib", "new_pkg/tools"):
        (top / "scripts" / name).mkdir(parents=True)
        (top / "scripts" / name / "main.py").touch()
    commit_all(top, "Scripts")
    (top / "scripts" / "untracked").mkdir()
    (top / "scripts" / "untracked" / "main.py").touch()
    said = "2 folders with a main.py are no packages yet: scripts/one, scripts/two\n"
    assert run_csa("check", cwd=top, code=None).stderr == said
    assert run_csa("check", package, cwd=top, code=None).stderr == ""
    assert run_csa("check", "--format", "json", cwd=top, code=None).stderr == ""


def test_only_what_has_changed_is_checked_or_listed(package: Path) -> None:
    top = package.parents[1]
    for name in ("other", "third"):
        shutil.copytree(package, top / "scripts" / name)
    commit_all(top, "More packages")
    git(top, "checkout", "--quiet", "-b", "work")
    (package / "main.py").write_text("print(1)\n")
    commit_all(top, "Work")

    def listed(*options: str) -> list[str]:
        return run_csa("list", *options, cwd=top).stdout.splitlines()

    assert listed() == ["scripts/new_pkg", "scripts/other", "scripts/third"]
    assert listed("--changed-since", "HEAD") == []
    assert listed("--changed-since", "HEAD^") == ["scripts/new_pkg"]
    (top / "scripts" / "other" / "notes.md").write_text("mine\n")
    assert listed("--changed-since", "HEAD") == ["scripts/other"]
    # What others did to the branch that this one left does not count.
    git(top, "stash", "--include-untracked", "--quiet")
    git(top, "checkout", "--quiet", "-")
    (top / "scripts" / "third" / "main.py").write_text("print(3)\n")
    commit_all(top, "Elsewhere")
    git(top, "tag", "elsewhere")
    git(top, "checkout", "--quiet", "work")
    assert listed("--changed-since", "elsewhere") == ["scripts/new_pkg"]
    shown = run_csa("list", "--json", "--changed-since", "elsewhere", cwd=top).stdout
    assert json.loads(shown) == ["scripts/new_pkg"]
    checked = run_csa("check", "--changed-since", "elsewhere", cwd=top, code=1).stdout
    assert re.search(r"^1 package checked, \d problems?$", checked, re.MULTILINE)
    # In the hook of a repository's first commit.
    git(top, "checkout", "--quiet", "--orphan", "unborn")
    assert len(listed("--changed-since", "HEAD")) == len(listed())
    git(top, "checkout", "--quiet", "--force", "work")
    for revision in ("nowhere", "", "--octopus"):
        said = run_csa("list", f"--changed-since={revision}", cwd=top, code=2).stderr
        assert said == f"Error: --changed-since {revision}: git knows no such commit\n"


def test_a_package_in_a_submodule_has_changed_since_what_the_repository_records(
    package: Path, tmp_path: Path
) -> None:
    inner, top = package.parents[1], tmp_path / "top"
    write(top, {"README.md": "A monorepo.\n"})
    init(top)
    git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    commit_all(top, "A submodule")
    listed = ("list", "--changed-since", "HEAD~1")
    assert run_csa(*listed, cwd=top).stdout == "sub/scripts/new_pkg\n"  # there was none
    listed = ("list", "--changed-since", "HEAD")
    assert run_csa(*listed, cwd=top).stdout == ""
    (top / "sub" / "scripts" / "new_pkg" / "main.py").write_text("print(1)\n")
    commit_all(top / "sub", "Work")
    assert run_csa(*listed, cwd=top).stdout == "sub/scripts/new_pkg\n"
    # There, it is the submodule's own history.
    assert run_csa(*listed, cwd=top / "sub").stdout == ""
