"""`csa check --fix` changes what a rule is certain of, loses nothing, and tells the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from csa.check import RULES, Checked
from csa.check.fixing import fix_packages
from csa.check.package import Package
from csa.check.rule import Fixed, Fixes
from csa.errors import Failed
from csa.source.edits import ChangedLines

from tests.support.commands import commit_all, git, run_csa, tree
from tests.support.fixed import CLIENT, ROLES
from tests.support.monorepo import copy, init

OLD = f"""\
{ROLES}{CLIENT}

def f(client: AtlanClient):
    client.workflow
    return RoleCache.get_id_for_name("x")
"""
NEW = OLD.replace("RoleCache.get", "client.role_cache.get").removeprefix(ROLES)


@pytest.fixture
def package(template: Path, tmp_path: Path) -> Path:
    """A package with a module that breaks in two places, one of which can be fixed."""
    folder = copy(template, tmp_path / "mono" / "scripts" / "new_pkg")
    (folder / "more.py").write_text(OLD)
    init(tmp_path / "mono")
    return folder


def fix(*folders: Path) -> list[Checked | Failed]:
    return [result for _, result in fix_packages(folders)]


def fixed(folder: Path) -> Checked:
    [result] = fix(folder)
    assert isinstance(result, Checked)
    return result


def test_what_is_certain_is_changed_and_the_rest_is_told(package: Path) -> None:
    # What is not committed is changed like the rest, and stays.
    (package / "more.py").write_text(f"{OLD}# not committed\n")
    (package / "more.py").chmod(0o755)
    before = tree(package)
    shown = run_csa("check", "--fix", cwd=package, code=1).stdout.splitlines()
    assert shown[:4] == [
        "new_pkg",
        "  Fixed",
        "    more.py:1: CSA801: from pyatlan.cache.role_cache import RoleCache → removed",
        '    more.py:6: CSA801: return RoleCache.get_id_for_name("x") → '
        + 'return client.role_cache.get_id_for_name("x")',
    ]  # fmt: skip
    assert shown[4] == f"  CSA801: {RULES['CSA801'].sentence}"
    assert shown[5].startswith("    more.py:5: AtlanClient.workflow is not in pyatlan ")
    assert shown[-1] == "1 package checked, 1 problem, 2 changes made"
    assert tree(package) == {**before, "more.py": f"{NEW}# not committed\n".encode()}
    assert (package / "more.py").stat().st_mode & 0o777 == 0o755
    # Then there is nothing left to change.
    assert fixed(package).fixed == []
    assert run_csa("check", "--fix", cwd=package, code=1).stdout.endswith("1 problem\n")


def test_programs_are_told_the_same(package: Path) -> None:
    shown = run_csa("check", "--fix", "--format", "json", cwd=package, code=1).stdout
    [told] = json.loads(shown)["packages"]
    assert [(one["rule"], one["line"], one["after"]) for one in told["fixed"]] == [
        ("CSA801", 1, ""),
        ("CSA801", 6, 'return client.role_cache.get_id_for_name("x")'),
    ]
    assert [one["line"] for one in told["findings"]] == [5]
    # For GitHub, what is left is an annotation.
    (package / "more.py").write_text(OLD)
    shown = run_csa("check", "--fix", "--format", "github", cwd=package, code=1).stdout
    assert shown.count("\n") == shown.count("::error file=scripts/new_pkg/more.py,line=5,") == 1


def test_without_the_option_nothing_is_changed(package: Path) -> None:
    before = tree(package)
    assert "  CSA801: " in run_csa("check", cwd=package, code=1).stdout
    assert tree(package) == before


def test_a_rule_that_is_ignored_changes_nothing(package: Path) -> None:
    with (package / "pyproject.toml").open("a") as settings:
        settings.write('\n[tool.csa.ignore]\nCSA801 = "It is to run with an old release."\n')
    before = tree(package)
    assert fixed(package) == Checked()
    assert tree(package) == before


def test_without_a_network_nothing_is_changed_and_that_is_said(
    package: Path, tmp_path: Path
) -> None:
    offline = {"UV_OFFLINE": "1", "XDG_CACHE_HOME": str(tmp_path / "empty")}
    before = tree(package)
    shown = run_csa("check", "--fix", cwd=package, env=offline)
    assert shown.stderr.startswith("The SDK was not checked: ")
    assert tree(package) == before


# --- Any rule -------------------------------------------------------------------------------------

Found = Callable[[Package], Fixes]


def rule_with_fix(monkeypatch: pytest.MonkeyPatch, fixes: Found) -> None:
    """Let a rule that is asked before that of the SDK change something."""
    monkeypatch.setattr(RULES["CSA101"], "fixes", fixes, raising=False)


def test_several_rules_change_one_file_and_files_around_the_package(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = package.parents[1]
    (root / "mkdocs.yml").write_text("nav: []\n")

    def fixes(seen: Package) -> Fixes:
        assert seen.around("mkdocs.yml") == b"nav: []\n"
        return Fixes(
            {
                "mkdocs.yml": b"nav: [1]\n",
                f"{seen.place}/more.py": b"# Another.\n" + seen.read("more.py"),
                f"{seen.place}/added.txt": b"new\n",
            },
            [ChangedLines("more.py", 1, "", "# Another.")],
        )

    rule_with_fix(monkeypatch, fixes)
    result = fixed(package)
    assert result.fixed[0] == Fixed("CSA101", "more.py", 1, "", "# Another.")
    assert [one.line for one in result.fixed[1:]] == [2, 7]
    assert (package / "more.py").read_text() == f"# Another.\n{NEW}"
    assert (package / "added.txt").read_text() == "new\n"
    assert (root / "mkdocs.yml").read_text() == "nav: [1]\n"
    assert [one.line for one in result.findings if one.path == "more.py"] == [6]


def test_what_is_saved_meanwhile_stays_and_nothing_else_is_written(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fixes(seen: Package) -> Fixes:
        content = seen.read("more.py")
        (package / "more.py").write_text(f"{OLD}# saved\n")
        return Fixes({f"{seen.place}/more.py": content + b"#\n", f"{seen.place}/index.md": b"x\n"})

    rule_with_fix(monkeypatch, fixes)
    before = tree(package)
    [result] = fix(package)
    assert isinstance(result, Failed)
    assert str(result) == "scripts/new_pkg/more.py was changed meanwhile: nothing was written"
    assert tree(package) == {**before, "more.py": f"{OLD}# saved\n".encode()}


def test_nothing_is_written_through_a_link(package: Path) -> None:
    (package / "more.py").rename(package / "real.py")
    (package / "more.py").symlink_to("real.py")
    before = tree(package)
    [result] = fix(package)
    assert isinstance(result, Failed)
    assert "scripts/new_pkg/more.py is a symbolic link: " in str(result)
    assert tree(package) == before
    assert (package / "more.py").is_symlink()


def test_one_package_that_fails_stops_no_other(package: Path) -> None:
    other = package.with_name("a_pkg")
    other.mkdir()
    (other / ".copier-answers.yml").write_text("- 1\n")
    commit_all(package.parents[1], "Another")
    failed, good = fix(other, package)
    assert isinstance(failed, Failed)
    assert isinstance(good, Checked)
    assert len(good.fixed) == 2
    assert git(package, "diff", "--name-only").split() == ["scripts/new_pkg/more.py"]
