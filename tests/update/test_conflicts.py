"""Conflicts, and what an update refuses, leaves or cannot do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from csa.packages import read_answers

from tests.support.commands import commit_all, git, run, tree
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
)

# --- Conflicts and failures ----------------------------------------------------------------------


def test_a_conflict_is_named_and_ends_with_one(
    monorepo: Path, releases: Path, fresh: Fresh
) -> None:
    edit_in_conflict(monorepo / PACKAGE, releases, RELEASE)
    commit_all(monorepo, "Ours")
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "conflicts in Dockerfile" in shown
    assert f"{PACKAGE}/Dockerfile: resolve the text between <<<<<<< and >>>>>>>" in shown
    assert "1 with conflicts" in shown
    assert "<<<<<<< before updating" in (monorepo / PACKAGE / "Dockerfile").read_text()
    # The rest of the package is new all the same, and the conflict cannot be forgotten.
    assert read_answers(monorepo / PACKAGE)["_commit"] == NEXT
    status = git(monorepo, "status", "--porcelain", "--", f"{PACKAGE}/Dockerfile")
    assert status == f"UU {PACKAGE}/Dockerfile\n"
    refused = run("git", "commit", "--message=Oops", cwd=monorepo, code=128).stderr
    assert "unmerged files" in refused
    ours, theirs = (git(monorepo, "show", f":{stage}:{PACKAGE}/Dockerfile") for stage in (2, 3))
    assert ours == git(monorepo, "show", f"HEAD:{PACKAGE}/Dockerfile")
    assert theirs == fresh()["Dockerfile"].decode()
    commit_all(monorepo, "Oops")
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "Dockerfile still has the markers of a conflict: resolve it" in shown


def test_a_resolved_conflict_is_committed_as_any_other(monorepo: Path, releases: Path) -> None:
    edit_in_conflict(monorepo / PACKAGE, releases, RELEASE)
    commit_all(monorepo, "Ours")
    csa("update", cwd=monorepo, code=1)
    git(monorepo, "checkout", "--theirs", f"{PACKAGE}/Dockerfile")
    git(monorepo, "add", "--all")
    git(monorepo, "commit", "--quiet", "--message=Resolved")
    shown, _ = csa("update", cwd=monorepo)
    assert "1 up to date" in shown


def test_while_git_is_at_work_conflicts_are_written_all_the_same(
    monorepo: Path, releases: Path
) -> None:
    edit_in_conflict(monorepo / PACKAGE, releases, RELEASE)
    commit_all(monorepo, "Ours")
    (monorepo / ".git" / "index.lock").touch()
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert (
        "git does not know of these conflicts and would commit them: resolve them first: " in shown
    )
    assert "<<<<<<< before updating" in (monorepo / PACKAGE / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    sampled([
        (lambda p: (p / ".copier-answers.yml").write_text("a: b\nc: [\n"),
         ".copier-answers.yml is not YAML: see its line"),
        (lambda p: replace(p, "package_name: pkg_7100", "package_name: 2024-13-01"),
         ".copier-answers.yml is not YAML"),
        (lambda p: append(p / ".copier-answers.yml", "x: " + "[" * 5000),
         ".copier-answers.yml is not YAML"),
        (lambda p: append(p / ".copier-answers.yml", "1: x\n"), None),
        (lambda p: (p / ".copier-answers.yml").write_text("scope: package\n"),
         ".copier-answers.yml has no _src_path and _commit"),
        (lambda p: replace(p, "_commit: v999.0.0", "_commit: v0.0.1"), "has no version v0.0.1"),
        (lambda p: replace(p, "_commit: v999.0.0", "_commit: --all"), "has no version --all"),
        (lambda p: replace(p, "_commit: v999.0.0", "_commit: main"), "has no version main: make"),
        (lambda p: replace(p, "_commit: v999.0.0", "_commit: ^{/release}"), "has no version ^{/release}"),
        (lambda p: append(p / ".copier-answers.yml", "_src_path: ''\n"),
         "has no _src_path and _commit"),
        (lambda p: replace(p, "_commit: v999.0.0", '_commit: "\\0"'), "has no _src_path and _commit"),
        (lambda p: (p / ".copier-answers.yml").rename(p / "a.yml").with_name(".copier-answers.yml")
         .symlink_to("a.yml"), ".copier-answers.yml is a link: put the file itself in its place"),
        (lambda p: replace(p, "_src_path: ", "_src_path: /nowhere"), "is not there: restore it"),
        (lambda p: replace(p, "_src_path: /", "_src_path: ../"),
         "make it an absolute path or a URL"),
        (lambda p: replace(p, "_src_path: /", "_src_path: git://127.0.0.1:1/"),
         "the template cannot be fetched from git://127.0.0.1:1/"),
        (lambda p: replace(p, "pyatlan_version: 11.6.0", "pyatlan_version: 1.0.0"),
         "use 8.0.1 or newer; older releases have no base image."),
        (lambda p: (p / "tests" / "recording.py").unlink() or (p / "tests" / "recording.py").mkdir()
         or (p / "tests" / "recording.py" / "x").write_text("mine\n"), None),
    ]),
)  # fmt: skip
def test_what_cannot_be_updated_is_said_and_stays(
    releases: Path, tmp_path: Path, break_it: Callable[[Path], object], sentence: str | None
) -> None:
    broken, good = add_packages(tmp_path / "mono", releases, RELEASE, 2)
    break_it(broken)
    init(tmp_path / "mono")
    before = tree(broken)
    shown, _ = csa("update", cwd=tmp_path / "mono", code=1 if sentence else 0)
    if sentence:
        assert sentence in shown
        assert tree(broken) == before
    assert read_answers(good)["_commit"] == NEXT  # the others go on


def test_a_file_that_git_ignores_is_never_overwritten(releases: Path, tmp_path: Path) -> None:
    template = newer_template(releases, tmp_path, reports__layout_DOT_txt="the template's\n")
    package = copy(template, tmp_path / "mono" / PACKAGE, vcs_ref=NEXT)
    append(package / ".gitignore", "reports/\n")
    init(tmp_path / "mono")
    (package / "reports").mkdir()
    (package / "reports" / "layout.txt").write_text("mine\n")
    shown, _ = csa("update", cwd=package, code=1)
    assert "the template adds reports/layout.txt, but reports/layout.txt is in its place" in shown
    assert (package / "reports" / "layout.txt").read_text() == "mine\n"


def test_nothing_is_written_through_a_link_out_of_the_package(
    releases: Path, tmp_path: Path
) -> None:
    template = newer_template(releases, tmp_path, shared__layout_DOT_txt="the template's\n")
    package = copy(template, tmp_path / "mono" / PACKAGE, vcs_ref=NEXT)
    (tmp_path / "mono" / "shared").mkdir()
    (tmp_path / "mono" / "shared" / "ours.txt").write_text("ours\n")
    (package / "shared").symlink_to("../../shared")
    init(tmp_path / "mono")
    shown, _ = csa("update", cwd=package, code=1)
    assert "the template adds shared/layout.txt, but shared is in its place" in shown
    assert os.listdir(tmp_path / "mono" / "shared") == ["ours.txt"]


def test_a_dropped_file_goes_but_not_one_with_lines_of_the_user_s(
    releases: Path, tmp_path: Path
) -> None:
    template = newer_template(releases, tmp_path, _DOT_snyk=None)
    untouched, edited = add_packages(tmp_path / "mono", template, NEXT, 2)
    append(edited / ".snyk", "# reviewed\n")
    init(tmp_path / "mono")
    before = (edited / ".snyk").read_text()
    shown, _ = csa("update", cwd=tmp_path / "mono", code=1)
    assert not (untouched / ".snyk").exists()
    assert (edited / ".snyk").read_text() == before
    assert "pkg_7101/.snyk: changed here, and the template no longer has it" in shown


def test_a_release_that_runs_code_is_not_rendered(releases: Path, tmp_path: Path) -> None:
    template = newer_template(releases, tmp_path)
    package = copy(template, tmp_path / "mono" / PACKAGE, vcs_ref=NEXT)
    append(template / "copier.yml", "\n_tasks: [touch /tmp/ran]\n")
    commit_all(template, "Tasks", "v999.3.0")
    init(tmp_path / "mono")
    before = tree(package)
    shown, _ = csa("update", cwd=package, code=1)
    assert "failed: v999.3.0 wants to run code, which csa never does" in shown
    assert tree(package) == before


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("_exclude: [.copier-answers.yml]", "v999.3.0 renders no .copier-answers.yml, which keeps"),
        ("_subdirectory: 3", "Copier cannot render v999.3.0: "),
        ("_min_copier_version: x", "Copier cannot render v999.3.0: "),
    ],
)
def test_a_release_that_copier_cannot_render_is_said(
    releases: Path, tmp_path: Path, settings: str, says: str
) -> None:
    template = newer_template(releases, tmp_path)
    package = copy(template, tmp_path / "mono" / PACKAGE, vcs_ref=NEXT)
    append(template / "copier.yml", f"\n{settings}\n")
    commit_all(template, "Settings", "v999.3.0")
    init(tmp_path / "mono")
    shown, said = csa("update", cwd=package, code=1)
    assert f"failed: {says}" in shown
    assert "unexpected" not in shown
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_file_of_the_template_can_become_a_folder(releases: Path, tmp_path: Path) -> None:
    template = newer_template(releases, tmp_path, _DOT_snyk=None, _DOT_snyk__policy="ours: {}\n")
    package = copy(template, tmp_path / "mono" / PACKAGE, vcs_ref=NEXT)
    init(tmp_path / "mono")
    csa("update", cwd=package)
    assert (package / ".snyk" / "policy").read_text() == "ours: {}\n"


def test_files_that_git_changes_on_their_way_are_not_written(monorepo: Path) -> None:
    (monorepo / ".gitattributes").write_text("Dockerfile filter=upper\n")
    commit_all(monorepo, "A filter")
    before = tree(monorepo)
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "Dockerfile has filter in .gitattributes: only git can write it" in shown
    assert tree(monorepo) == before


def test_a_checkout_with_crlf_stays_one_without_a_conflict(
    monorepo: Path, fresh: Fresh, tmp_path: Path
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[core]\nautocrlf = true\n")
    run("git", "clone", "--quiet", monorepo, tmp_path / "clone",
        env={"GIT_CONFIG_GLOBAL": str(settings)})  # fmt: skip
    package = tmp_path / "clone" / PACKAGE
    assert b"\r\n" in (package / "Dockerfile").read_bytes()
    csa("update", cwd=package, GIT_CONFIG_GLOBAL=str(settings))
    expected = {name: text.replace(b"\n", b"\r\n") for name, text in managed(fresh()).items()}
    assert managed(tree(package)) == expected
    shown, _ = csa("status", "--json", cwd=package, GIT_CONFIG_GLOBAL=str(settings))
    assert json.loads(shown)["packages"][0]["drift"] == {}


def test_markers_are_seen_in_files_that_git_shows_no_diff_of(
    monorepo: Path, releases: Path
) -> None:
    edit_in_conflict(monorepo / PACKAGE, releases, RELEASE)
    (monorepo / ".gitattributes").write_text("* -diff\n")
    commit_all(monorepo, "Ours")
    csa("update", cwd=monorepo, code=1)
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "Dockerfile still has the markers of a conflict" in shown


def test_a_seeded_file_stays_though_the_template_drops_it(releases: Path, tmp_path: Path) -> None:
    template = newer_template(releases, tmp_path, index_DOT_md_DOT_jinja=None)
    config = template / "copier.yml"
    kept = [line for line in config.read_text().splitlines() if "/index.md" not in line]
    config.write_text("\n".join(kept) + "\n")
    commit_all(template, "Without its page", "v999.3.0")
    package = copy(template, tmp_path / "mono" / PACKAGE, vcs_ref=NEXT)
    init(tmp_path / "mono")
    before = (package / "index.md").read_bytes()
    csa("update", cwd=package)
    assert read_answers(package)["_commit"] == "v999.3.0"
    assert (package / "index.md").read_bytes() == before


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_was_told_to_overlook_are_not_overwritten(
    monorepo: Path, flag: str
) -> None:
    git(monorepo, "update-index", flag, f"{PACKAGE}/Dockerfile")
    append(monorepo / PACKAGE / "Dockerfile", "# only here\n")
    before = tree(monorepo)
    assert git(monorepo, "status", "--porcelain") == ""
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "Dockerfile is not checked out, or git was told to overlook changes in it" in shown
    assert tree(monorepo) == before


def test_crlf_files_stay_so(monorepo: Path, fresh: Fresh) -> None:
    for name in managed(tree(monorepo / PACKAGE)):
        path = monorepo / PACKAGE / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    commit_all(monorepo, "From another system")
    csa("update", cwd=monorepo)
    expected = {name: text.replace(b"\n", b"\r\n") for name, text in managed(fresh()).items()}
    assert managed(tree(monorepo / PACKAGE)) == expected


def test_a_full_disk_leaves_packages_as_they_were(
    releases: Path,
    small_disk: Path,
) -> None:
    root = small_disk / "mono"
    packages = add_packages(root, releases, RELEASE, 2)
    init(root)
    before = tree(root)
    with (small_disk / "rest").open("wb", buffering=0) as rest, suppress(OSError):
        while True:
            rest.write(b"x" * 4096)
    shown, _ = csa("update", cwd=root, code=1)
    assert shown.count("failed: ") == len(packages)
    assert shown.count("No space left on device") == len(packages)
    assert tree(root) == before
