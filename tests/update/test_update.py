"""Versions and answers that are asked for, and what an update prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from csa.errors import Failed
from csa.packages import read_answers
from csa.update import update
from csa.update.merge import Merge, merge

from tests.support.commands import BIN, CSA, commit_all, git, run, tree
from tests.support.monorepo import add_packages, copy, init
from tests.support.package import NEXT, RELEASE, managed
from tests.support.sampling import sampled
from tests.support.updates import (
    PACKAGE,
    Fresh,
    append,
    csa,
    edit_in_conflict,
    newer_template,
    replace,
    source_of,
)

# --- Versions and answers ------------------------------------------------------------------------


def test_a_second_update_changes_nothing(monorepo: Path) -> None:
    csa("update", cwd=monorepo)
    once = tree(monorepo)
    shown, _ = csa("update", cwd=monorepo)
    assert "up to date" in shown
    assert tree(monorepo) == once


def test_another_answer_brings_all_that_depends_on_it(monorepo: Path, fresh: Fresh) -> None:
    answers = {"pyatlan_version": "8.0.1", "third_party_http": "false", "python_version": "3.9"}
    options = [f"--data={name}={answer}" for name, answer in answers.items()]
    shown, _ = csa("update", *options, cwd=monorepo)
    new = fresh(**answers)
    assert managed(tree(monorepo / PACKAGE)).items() >= managed(new).items()
    assert (
        f"{PACKAGE}: ghcr.io/atlanhq/pyatlan-wolfi-base:8.0.1-3.9 probably does not exist" in shown
    )
    assert yaml.safe_load((monorepo / PACKAGE / ".copier-answers.yml").read_text()) == (
        yaml.safe_load(new[".copier-answers.yml"])
    )


def test_the_version_can_be_chosen(monorepo: Path, releases: Path) -> None:
    csa("update", "--vcs-ref", RELEASE, cwd=monorepo)
    assert git(monorepo, "status", "--porcelain") == ""
    csa("update", "--vcs-ref", ":current:", "-d", "python_version=3.12", cwd=monorepo)
    answers = read_answers(monorepo / PACKAGE)
    assert (answers["_commit"], answers["python_version"]) == (RELEASE, "3.12")
    commit_all(monorepo, "Another Python")
    csa("update", "--vcs-ref", NEXT, cwd=monorepo)
    assert read_answers(monorepo / PACKAGE)["_commit"] == NEXT
    commit_all(monorepo, "Update")
    shown, _ = csa("update", "--vcs-ref", RELEASE, cwd=monorepo, code=1)
    assert f"already newer than {RELEASE}: to go back, restore the folder from git" in shown


def test_a_package_ahead_of_the_newest_release_is_left_there(
    releases: Path, tmp_path: Path
) -> None:
    template = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, template)
    append(template / "template" / "package" / ".snyk", "# next\n")
    commit_all(template, "Unreleased")
    package = copy(template, tmp_path / "mono" / PACKAGE, vcs_ref="HEAD")
    init(tmp_path / "mono")
    before = tree(package)
    shown, _ = csa("update", cwd=package)
    assert "up to date" in shown
    assert tree(package) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    sampled([
        (["update", "other"], "other: no package in or below it: copier copy creates one"),
        (["update", "nowhere"], "nowhere: no such folder"),
        (["update", "no/where"], "no/where: no such folder"),
        (["update", "--data", "pyatlan"], "--data pyatlan: write NAME=ANSWER"),
        (["update", "--data", "pyatlan=9.0.0"],
         "--data pyatlan: the questions are base_image, description,"),
        (["update", "--data", "scope=repository"], "--data scope: the questions are"),
        (["update", "--data", "pyatlan_version=1.0.0"],
         "use 8.0.1 or newer; older releases have no base image."),
        (["update", "--data", "python_version=2.7"], "'2.7' is not in ['3.9',"),
        (["update", "--jobs", "0"], "0 is not in the range x>=1"),
        (["update", "--every"], "No such option"),
        (["fleet"], "No such command"),
        (["status", "other"], "other: no package in or below it"),
        (["update", ""], "the name of a folder is empty"),
        (["adopt", ""], "the name of a folder is empty"),
    ]),
)  # fmt: skip
def test_misuse_is_said_and_nothing_is_done(
    monorepo: Path, arguments: list[str], sentence: str
) -> None:
    before = tree(monorepo)
    _, said = csa(*arguments, cwd=monorepo, code=2)
    assert sentence in said
    assert tree(monorepo) == before


def test_another_name_is_carried_through_and_what_is_yours_is_listed(
    monorepo: Path, fresh: Fresh
) -> None:
    package = monorepo / PACKAGE
    shown, _ = csa("update", PACKAGE, "-d", "package_name=renamed", cwd=monorepo, code=1)
    new = fresh(package_name="renamed")
    assert managed(tree(package)) == managed(new)
    old = [
        f"{PACKAGE}/{path}: it has the old name new_pkg in line"
        for path, content in tree(package).items()
        if b"new_pkg" in content
    ]
    assert len(old) >= 3
    assert all(line in shown for line in old)
    assert "write renamed" in shown
    assert "rename the folder new_pkg to renamed" in shown


def test_a_name_is_for_one_package(releases: Path, tmp_path: Path) -> None:
    add_packages(tmp_path / "mono", releases, RELEASE, 2)
    init(tmp_path / "mono")
    _, said = csa("update", "--data", "package_name=other", cwd=tmp_path / "mono", code=2)
    assert "--data package_name is for one package: name that one" in said
    assert git(tmp_path / "mono", "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("command", "code"),
    sampled(
        [
            ("csa update >&-", 0),
            ("csa update 2>&-", 0),
            ("csa update >/dev/full; true", 0),
            ("csa update | head -c 1; true", 0),
            ("PYTHONIOENCODING=ascii csa update", 0),
            ("LC_ALL=C PYTHONCOERCECLOCALE=0 PYTHONUTF8=0 csa update", 0),
            ("GIT_CONFIG_COUNT= csa update", 0),
            ("TMPDIR=/nowhere csa update", 0),
            ("ln -s loop loop; csa update loop; code=$?; rm loop; exit $code", 2),
            ("csa update $(printf %300s | tr ' ' x)", 2),
            ("mkdir gone; cd gone; rmdir ../gone; csa update", 2),
            ("csa update --vcs-ref ''", 1),
            ("PYTHONUNBUFFERED= csa status >/dev/full", 1),
            ("csa list --json >/dev/full", 1),
            ("csa --help >/dev/full", 1),
            ("csa nothing 2>/dev/full", 2),
            ("csa check nothing >/dev/full 2>&1", 2),
            ("csa update --vcs-ref '' 2>/dev/full", 1),
            ("csa update 2>/dev/full", 0),
            ("csa argo nothing.yaml --package scripts/new_pkg", 2),
        ]
    ),
)
def test_no_circumstance_ends_in_a_traceback(monorepo: Path, command: str, code: int) -> None:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    said = run("bash", "-o", "pipefail", "-c", command, cwd=monorepo, code=code, env={"PATH": path})
    assert "Traceback" not in said.stdout + said.stderr
    assert "[Errno" not in said.stdout + said.stderr
    if code == 0:
        assert read_answers(monorepo / PACKAGE)["_commit"] == NEXT


def test_ctrl_c_before_it_is_loaded_is_no_traceback(monorepo: Path) -> None:
    # As if it came while a module is imported.
    code = """
import sys
class Stop:
    def find_spec(self, name, *_):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stop())
from csa.__main__ import main
main()
"""
    said = run(BIN / "python", "-c", code, cwd=monorepo, code=130)
    assert said.stdout + said.stderr == "csa was stopped; nothing was left half-written.\n"


def test_a_folder_stands_for_the_packages_in_it_or_around_it(monorepo: Path) -> None:
    parent = PurePosixPath(PACKAGE).parent
    for named in (".", str(parent), f"{PACKAGE}/tests", f"{PACKAGE}/main.py", f"{parent}/*"):
        shown = run("bash", "-c", f"{CSA} list {named} 2>/dev/null", cwd=monorepo).stdout
        assert shown.split() == [PACKAGE], named
    shown, said = csa("list", PACKAGE, "other", cwd=monorepo)
    assert shown.split() == [PACKAGE]
    assert "other: no package in or below it: copier copy creates one" in said
    (monorepo / "other" / "main.py").touch()
    _, said = csa("check", "other", cwd=monorepo, code=2)
    assert "csa adopt other converts its script" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="setpriv takes root's rights away")
def test_a_package_that_cannot_be_read_is_a_failure(monorepo: Path) -> None:
    for folder in (monorepo / PACKAGE, (monorepo / PACKAGE).parent):
        folder.chmod(0)
        powerless = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", CSA)
        for command in ("check", "update", "status"):
            shown = run(*powerless, command, cwd=monorepo, code=1)
            assert f"{PACKAGE}: " in shown.stdout + shown.stderr
            assert "Permission denied" in shown.stdout + shown.stderr
        folder.chmod(0o755)


def test_what_takes_one_package_takes_none_below_a_folder(monorepo: Path) -> None:
    before = tree(monorepo)
    parent = str(PurePosixPath(PACKAGE).parent)
    for command in (["release", parent], ["image", parent], ["argo", "x.yaml", "--package", "."]):
        _, said = csa(*command, cwd=monorepo, code=2)
        assert "is not a package: name the folder that has its .copier-answers.yml" in said
    assert tree(monorepo) == before
    assert csa("image", ".", cwd=monorepo / PACKAGE / "tests")[0]


def test_without_packages_or_a_repository_it_is_misuse(monorepo: Path, tmp_path: Path) -> None:
    _, said = csa("update", cwd=monorepo / "other", code=2)
    assert f"{monorepo / 'other'}: no package in or below it" in said
    (tmp_path / "nothing").mkdir()
    _, said = csa("update", cwd=tmp_path / "nothing", code=2)
    assert "not a git repository" in said


def test_a_package_that_git_ignores_or_does_not_know_is_refused(
    monorepo: Path, tmp_path: Path
) -> None:
    git(monorepo, "rm", "-r", "--quiet", "--cached", PACKAGE)
    (monorepo / ".gitignore").write_text("scripts/\n")
    commit_all(monorepo, "Ignored")
    before = tree(monorepo)
    shown, _ = csa("update", PACKAGE, cwd=monorepo, code=1)
    assert "failed: git ignores it: an update needs what is committed" in shown
    assert tree(monorepo) == before
    subprocess.run(["cp", "-r", monorepo / PACKAGE, tmp_path / "alone"], check=True)
    _, said = csa("update", tmp_path / "alone", cwd=tmp_path, code=2)
    assert "not a git repository" in said


def test_answers_of_another_template_are_not_a_package(monorepo: Path) -> None:
    (monorepo / "other" / ".copier-answers.yml").write_text(
        "_src_path: gh:someone/else\n_commit: v1\n"
    )
    commit_all(monorepo, "Another template")
    csa("update", cwd=monorepo)
    assert "other/.copier-answers.yml" not in git(monorepo, "status", "--porcelain")


def test_one_package_s_fault_does_not_make_an_answer_misuse(releases: Path, tmp_path: Path) -> None:
    broken, good = add_packages(tmp_path / "mono", releases, RELEASE, 2)
    replace(broken, "_commit: v999.0.0", "_commit: v0.0.1")
    init(tmp_path / "mono")
    shown, _ = csa("update", "--data", "python_version=3.12", cwd=tmp_path / "mono", code=1)
    assert "failed:" in shown
    assert "has no version v0.0.1" in shown
    assert read_answers(good)["python_version"] == "3.12"


def test_a_package_inside_another_is_refused_and_the_outer_one_updated(monorepo: Path) -> None:
    outer = monorepo / PACKAGE
    inner = Path(shutil.copytree(outer, outer / "inner"))
    commit_all(monorepo, "A package in a package")
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "failed: it is inside the package new_pkg: move it out of there" in shown
    assert read_answers(outer)["_commit"] == NEXT
    assert git(monorepo, "status", "--porcelain", str(inner)) == ""


def test_a_question_that_only_newer_releases_ask_is_refused_where_it_is_not(
    releases: Path, tmp_path: Path
) -> None:
    template = newer_template(releases, tmp_path)
    append(template / "copier.yml", "\njq: {type: bool, default: false}\n")
    commit_all(template, "A question", "v999.3.0")
    package = copy(template, tmp_path / "mono" / PACKAGE, vcs_ref=NEXT)
    init(tmp_path / "mono")
    options = ("--data", "jq=true")
    _, said = csa("update", "--vcs-ref", ":current:", *options, cwd=package, code=2)
    assert "--data jq: the questions are base_image" in said
    csa("update", *options, cwd=package)
    assert read_answers(package)["jq"] is True


def test_a_repository_that_is_broken_fails_its_own_packages(releases: Path, tmp_path: Path) -> None:
    good, other = add_packages(tmp_path / "mono", releases, RELEASE, 2)
    init(tmp_path / "mono")
    (other / ".git").write_text("gitdir: /nowhere\n")
    shown, _ = csa("update", cwd=tmp_path / "mono", code=1)
    assert "not a git repository: /nowhere" in shown
    assert read_answers(good)["_commit"] == NEXT


def test_a_journal_that_cannot_be_read_is_said(monorepo: Path) -> None:
    (monorepo / ".git" / "csa").mkdir()
    (monorepo / ".git" / "csa" / "journal").write_text("")
    _, said = csa("update", cwd=monorepo, code=1)
    assert f"look at git status, then delete {monorepo}/.git/csa: it cannot be read" in said


def test_an_edit_during_the_update_is_kept(
    monorepo: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dockerfile = monorepo / PACKAGE / "Dockerfile"

    def slow_merge(*arguments: Any) -> Merge:
        append(dockerfile, "# written meanwhile\n")
        return merge(*arguments)

    monkeypatch.setattr("csa.update.merge", slow_merge)
    with pytest.raises(Failed, match="it has uncommitted changes"):
        update(monorepo / PACKAGE, source_of(releases), {}, write=True)
    assert dockerfile.read_text().endswith("# written meanwhile\n")


# --- What is printed -----------------------------------------------------------------------------


def test_a_dry_run_prints_a_patch_and_writes_nothing(monorepo: Path) -> None:
    dockerfile = monorepo / PACKAGE / "Dockerfile"
    # Latin-1, near a line that changes.
    latin = dockerfile.read_bytes().replace(b"USER root\n", b"# \xe4\nUSER root\n")
    dockerfile.write_bytes(latin)
    commit_all(monorepo, "A comment")
    before = tree(monorepo)
    patch, said = csa("update", "--dry-run", cwd=monorepo / "scripts")
    assert tree(monorepo) == before
    assert (
        patch
        == json.loads(csa("update", "--dry-run", "--json", cwd=monorepo)[0])["packages"][0]["diff"]
    )
    assert "new_pkg  v999.0.0 → v999.1.0" in said
    assert "11 files to change" in said
    (monorepo.parent / "patch").write_text(patch)
    git(monorepo, "apply", str(monorepo.parent / "patch"))
    patched = tree(monorepo)
    git(monorepo, "checkout", "--quiet", ".")
    csa("update", cwd=monorepo)
    assert tree(monorepo) == patched


def test_json_tells_what_the_table_does(releases: Path, tmp_path: Path) -> None:
    conflict, dirty, good = add_packages(tmp_path / "mono", releases, RELEASE, 3)
    edit_in_conflict(conflict, releases, RELEASE)
    init(tmp_path / "mono")
    append(dirty / "main.py", "# unfinished\n")
    shown, said = csa("update", "--json", cwd=tmp_path / "mono", code=1)
    packages = {one.pop("package"): one for one in json.loads(shown)["packages"]}
    assert list(packages) == [f"scripts/pkg_710{number}" for number in range(3)]
    assert packages["scripts/pkg_7100"]["result"] == "conflicts"
    assert set(packages["scripts/pkg_7100"]["conflicts"]) == {"Dockerfile"}
    assert packages["scripts/pkg_7101"] == {
        "result": "failed",
        "message": "it has uncommitted changes: commit or stash them first",
    }
    assert packages["scripts/pkg_7102"]["result"] == "updated"
    assert packages["scripts/pkg_7102"]["files"]["Dockerfile"] == "changed"
    assert (packages["scripts/pkg_7102"]["old"], packages["scripts/pkg_7102"]["new"]) == (
        RELEASE,
        NEXT,
    )
    # Progress, as they end.
    assert len(said.splitlines()) == 3
    assert git(good, "status", "--porcelain", ".") != ""


def test_help_answers_without_loading_copier(tmp_path: Path) -> None:
    said = run(BIN / "python", "-X", "importtime", CSA, "update", "--help", cwd=tmp_path)
    assert "Exit codes:" in said.stdout
    assert "csa.update" in said.stderr
    assert not re.search(r"\| +(copier|plumbum|pydantic)$", said.stderr, re.MULTILINE)


@pytest.mark.slow
def test_settings_of_the_user_s_git_change_nothing(
    monorepo: Path, releases: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text(
        "[color]\nui = always\n[column]\nui = always\n[grep]\nfullName = true\n"
        "[diff]\nnoprefix = true\nexternal = false\nmnemonicPrefix = true\n"
        "[merge]\nconflictStyle = diff3\n[status]\nbranch = true\nshort = true\n"
        "[core]\nquotePath = false\nautocrlf = true\n[commit]\ngpgSign = true\n"
    )
    edit_in_conflict(monorepo / PACKAGE, releases, RELEASE)
    commit_all(monorepo, "Ours")
    env = {"GIT_CONFIG_GLOBAL": str(settings)}
    patch, _ = csa("update", "--dry-run", cwd=monorepo, code=1, **env)
    assert f"--- a/{PACKAGE}/Dockerfile\n" in patch
    shown, _ = csa("update", cwd=monorepo, code=1, **env)
    assert "conflicts in Dockerfile" in shown
    shown, _ = csa("update", cwd=monorepo, code=1, **env)
    assert "failed: Dockerfile still has the markers of a conflict" in shown
