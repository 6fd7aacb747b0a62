"""What `csa update` brings, refuses and leaves alone, in repositories of every kind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import copier._vcs
import pytest
import yaml
from csa.errors import Failed
from csa.files import File
from csa.packages import read_answers
from csa.template import Source, expand, open_source
from csa.update import update
from csa.update.merge import Merge, merge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import (
    BIN,
    CSA,
    NEXT,
    OLD_DOCKERIGNORE,
    RELEASE,
    SEEDED,
    commit_all,
    git,
    managed,
    run,
    run_csa,
    tags,
    tree,
)
from .monorepo import add_packages, copy, init
from .test_merge import edited, lines_of

COPIER = BIN / "copier"
PACKAGE = "scripts/new_pkg"


@pytest.fixture
def monorepo(releases: Path, tmp_path: Path) -> Path:
    """A repository with a package at the older release, and a file of somebody else's."""
    root = tmp_path / "monorepo"
    copy(releases, root / PACKAGE, vcs_ref=RELEASE)
    (root / "other").mkdir()
    (root / "other" / "f.py").write_text("print('committed')\n")
    init(root)
    return root


def csa(*arguments: str | Path, cwd: Path, code: int | None = 0, **env: str) -> tuple[str, str]:
    """Run csa; return what it printed on stdout and on stderr."""
    result = run_csa(*arguments, cwd=cwd, code=code, env=env)
    return result.stdout, result.stderr


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.fixture(scope="session")
def fresh(
    releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., dict[str, bytes]]:
    """The files of a package rendered at the newest release, with some answers."""

    def _fresh(**answers: Any) -> dict[str, bytes]:
        return tree(copy(releases, tmp_path_factory.mktemp("fresh") / "new_pkg", **answers))

    return _fresh


Fresh = Callable[..., dict[str, bytes]]

# --- Nothing outside the package changes ---------------------------------------------------------


def in_progress(monorepo: Path) -> dict[str, bytes]:
    """Leave work in progress outside of the package; return all that is outside."""
    (monorepo / "other" / "gone").write_text("gone\n")
    commit_all(monorepo, "A file to delete")
    (monorepo / "other" / "f.py").write_text("print('hours of work')\n")
    (monorepo / "other" / "f.py.rej").write_text("from another merge\n")
    (monorepo / "other" / "gone").unlink()
    return outside(monorepo)


def outside(monorepo: Path) -> dict[str, bytes]:
    return {name: text for name, text in tree(monorepo).items() if not name.startswith(PACKAGE)}


def test_copier_s_own_update_destroys_work_in_other_folders(monorepo: Path) -> None:
    # The reason for csa update. If this fails, Copier has mended it: say so in README.md.
    work = in_progress(monorepo)
    run(COPIER, "update", "--defaults", cwd=monorepo / PACKAGE)
    after = outside(monorepo)
    assert after["other/f.py"] == b"print('committed')\n" != work["other/f.py"]
    assert "other/f.py.rej" not in after
    assert "other/gone" in after


def test_work_in_other_folders_is_left_alone(monorepo: Path, fresh: Fresh) -> None:
    work = in_progress(monorepo)
    git(monorepo, "add", "other/f.py")
    index = git(monorepo, "ls-files", "--stage")
    csa("update", cwd=monorepo / PACKAGE)
    assert outside(monorepo) == work
    assert git(monorepo, "ls-files", "--stage") == index
    assert managed(tree(monorepo / PACKAGE)) == managed(fresh())


def test_nothing_is_left_in_the_git_directory(monorepo: Path) -> None:
    before = set(os.listdir(monorepo / ".git"))
    csa("update", cwd=monorepo)
    assert set(os.listdir(monorepo / ".git")) == before


def test_nothing_temporary_is_left(monorepo: Path, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    csa("update", cwd=monorepo, TMPDIR=str(tmp_path / "tmp"))
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_package_with_uncommitted_changes_is_refused(monorepo: Path) -> None:
    append(monorepo / PACKAGE / "main.py", "# unfinished\n")
    before = tree(monorepo)
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "failed: it has uncommitted changes: commit or stash them first" in shown
    assert tree(monorepo) == before


def test_what_git_ignores_does_not_matter_and_stays(monorepo: Path, fresh: Fresh) -> None:
    (monorepo / PACKAGE / ".env").write_text("ATLAN_API_KEY=mine\n")
    csa("update", cwd=monorepo)
    after = tree(monorepo / PACKAGE)
    assert after.pop(".env") == b"ATLAN_API_KEY=mine\n"
    assert managed(after) == managed(fresh())


# --- Repositories of every kind ------------------------------------------------------------------


def test_a_sparse_checkout(monorepo: Path, fresh: Fresh) -> None:
    copy_of = monorepo / "scripts" / "elsewhere"
    subprocess.run(["cp", "-r", monorepo / PACKAGE, copy_of], check=True)
    commit_all(monorepo, "Another")
    git(monorepo, "sparse-checkout", "set", PACKAGE)
    assert not copy_of.exists()
    csa("update", cwd=monorepo)
    assert managed(tree(monorepo / PACKAGE)) == managed(fresh())
    assert not copy_of.exists()


def test_a_worktree(monorepo: Path, fresh: Fresh, tmp_path: Path) -> None:
    git(monorepo, "worktree", "add", "--quiet", str(tmp_path / "worktree"))
    before = tree(monorepo)
    csa("update", cwd=tmp_path / "worktree")
    assert managed(tree(tmp_path / "worktree" / PACKAGE)) == managed(fresh())
    assert tree(monorepo) == before


@pytest.mark.slow
def test_submodules_beside_and_around_packages(
    monorepo: Path, fresh: Fresh, tmp_path: Path
) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    init_empty = ("-c", "protocol.file.allow=always")
    git(outer, "init", "--quiet")
    git(outer, *init_empty, "submodule", "--quiet", "add", str(monorepo), "team repo")
    commit_all(outer, "With a submodule")
    shown, _ = csa("update", cwd=outer)
    assert f"team repo/{PACKAGE}" in shown
    assert managed(tree(outer / "team repo" / PACKAGE)) == managed(fresh())
    # And a submodule inside of a package is none of the template's.
    git(monorepo / PACKAGE, *init_empty, "submodule", "--quiet", "add", str(outer), "vendored")
    commit_all(monorepo, "Vendored")
    csa("update", cwd=monorepo)
    after = managed(tree(monorepo / PACKAGE))
    assert {n: t for n, t in after.items() if not n.startswith("vendored")} == managed(fresh())


@pytest.mark.slow
def test_spaces_and_letters_of_any_language_in_paths(
    releases: Path, tmp_path: Path, fresh: Fresh
) -> None:
    root = tmp_path / "mono répo ⛵"
    package = copy(releases, root / "skripte für alle" / "new_pkg", vcs_ref=RELEASE)
    (package / "tests" / "données 1.csv").write_text("é\n")
    append(package / "requirements.txt", "requests>=2.32,<3  # für Übersetzungen\n")
    init(root)
    shown, _ = csa("update", cwd=root)
    assert "skripte für alle/new_pkg  v999.0.0 → v999.1.0  updated" in shown
    after = managed(tree(package))
    assert after.pop("tests/données 1.csv") == "é\n".encode()
    assert after["requirements.txt"].endswith("# für Übersetzungen\n".encode())
    assert {**after, "requirements.txt": b""} == {**managed(fresh()), "requirements.txt": b""}


@pytest.mark.slow
def test_a_package_that_is_a_repository(releases: Path, tmp_path: Path, fresh: Fresh) -> None:
    package = copy(releases, tmp_path / "new_pkg", vcs_ref=RELEASE)
    init(package)
    csa("update", cwd=package)
    assert managed(tree(package)) == managed(fresh())


def test_untracked_files_count_even_where_git_does_not_show_them(monorepo: Path) -> None:
    git(monorepo, "config", "status.showUntrackedFiles", "no")
    (monorepo / PACKAGE / "new.py").write_text("# unfinished\n")
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "it has uncommitted changes" in shown


def test_inside_a_git_hook(monorepo: Path, fresh: Fresh) -> None:
    hook = monorepo / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\nexec {CSA} update {PACKAGE}\n")
    hook.chmod(0o755)
    append(monorepo / "other" / "f.py", "print('more')\n")
    git(monorepo, "commit", "--quiet", "--all", "--message", "With a hook")
    assert managed(tree(monorepo / PACKAGE)) == managed(fresh())


@pytest.mark.slow
def test_a_remote_template_is_fetched_once_for_a_fleet(releases: Path, tmp_path: Path) -> None:
    root = tmp_path / "monorepo"
    packages = add_packages(root, releases, RELEASE, 6)
    log = tmp_path / "log"
    with GitDaemon(releases.parent, log) as port:
        url = f"git://127.0.0.1:{port}/csa-template"
        for package in packages:
            answers = package / ".copier-answers.yml"
            answers.write_text(answers.read_text().replace(str(releases), url))
        init(root)
        csa("update", cwd=root)
    assert log.read_text().count("Request upload-pack") == 1
    for package in packages:
        updated = read_answers(package)
        assert (updated["_src_path"], updated["_commit"]) == (url, NEXT)


class GitDaemon:
    """git's own server of the repositories in a folder."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder, self.log = folder, log

    def __enter__(self) -> int:
        # git daemon does not say which port it got, had it chosen one.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        options = [
            "--listen=127.0.0.1",
            f"--port={port}",
            "--verbose",
            "--export-all",
            "--reuseaddr",
        ]
        self.process = subprocess.Popen(
            ["git", "daemon", *options, f"--base-path={self.folder}"],
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.process.stderr
        assert b"Ready to rumble" in self.process.stderr.readline()
        return port

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        assert self.process.stderr
        self.log.write_bytes(self.process.stderr.read())
        self.process.wait()


@pytest.mark.parametrize(
    "address",
    [
        "gh:atlanhq/csa-template",
        "gh:/atlanhq/csa-template.git",
        "gl:team/csa-template",
        "https://github.com/atlanhq/csa-template",
        "https://github.com/atlanhq/csa-template.git",
        "https://git.example.com/csa-template.git",
        "git+https://git.example.com/csa-template",
        "git@example.com:team/csa-template.git",
        "git://example.com/csa-template",
        "ssh://git@example.com/csa-template.git",
    ],
)
def test_an_address_means_what_it_means_to_copier(address: str) -> None:
    assert expand(address) == copier._vcs.get_repo(address)


# --- Data files of a package's own in .dockerignore ------------------------------------------------


def test_the_new_dockerignore_comes_without_conflict_and_keeps_a_package_s_own_lines(
    monorepo: Path, fresh: Fresh
) -> None:
    dockerignore = monorepo / PACKAGE / ".dockerignore"
    assert dockerignore.read_text() == OLD_DOCKERIGNORE
    append(dockerignore, "!queries/*.sql\n!data/names.csv\n")
    commit_all(monorepo, "Our own data")
    csa("update", cwd=monorepo)
    new = fresh()[".dockerignore"].decode()
    assert new != OLD_DOCKERIGNORE
    assert dockerignore.read_text() == new + "!queries/*.sql\n!data/names.csv\n"


# --- Every release, every kind of edit -----------------------------------------------------------


def line_that_changes(releases: Path, tag: str) -> str | None:
    """Return a line of the Dockerfile at a release that is another one at the newest."""
    old, new = (
        git(releases, "show", f"{version}:template/package/Dockerfile.jinja").splitlines()
        for version in (tag, NEXT)
    )
    return next((line for line in old if line not in new and "{" not in line), None)


def edit_nothing(package: Path, releases: Path, tag: str) -> None:
    pass


def edit_as_people_do(package: Path, releases: Path, tag: str) -> None:
    append(package / "requirements.txt", "requests>=2.32,<3\n")
    append(package / ".gitignore", "reports/\n")
    append(package / ".dockerignore", "!queries/*.sql\n")
    append(package / "Dockerfile", 'ENV REPORTS="/tmp/reports"\n')
    append(package / "main.py", "# ours\n")


def edit_in_conflict(package: Path, releases: Path, tag: str) -> None:
    line = line_that_changes(releases, tag)
    if line:
        dockerfile = package / "Dockerfile"
        dockerfile.write_text(dockerfile.read_text().replace(line, line + " # ours"))


def delete_managed(package: Path, releases: Path, tag: str) -> None:
    (package / ".snyk").unlink()
    (package / "Dockerfile").unlink()


def delete_seeded(package: Path, releases: Path, tag: str) -> None:
    (package / "tests" / "test_main.py").unlink()
    (package / "index.md").unlink()
    subprocess.run(["rm", "-r", package / "tests" / "integration"], check=True)


EDITS = [
    edit_as_people_do,
    edit_in_conflict,
    *(
        pytest.param(edit, marks=pytest.mark.slow)
        for edit in (edit_nothing, delete_managed, delete_seeded)
    ),
]
EVERY_TAG = [*tags()[:-1], RELEASE]
"""Each release, and the one before the working tree in which each managed file differs."""


def source_of(releases: Path) -> Source:
    return open_source(str(releases), None, releases)


@pytest.mark.parametrize("data", [{}, {"pyatlan_version": "8.0.1"}], ids=["", "another answer"])
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("tag", EVERY_TAG)
def test_every_release_becomes_current_whatever_was_edited(
    releases: Path,
    tmp_path: Path,
    fresh: Fresh,
    tag: str,
    edit: Callable[[Path, Path, str], None],
    data: dict[str, str],
) -> None:
    package = copy(releases, tmp_path / "mono" / PACKAGE, vcs_ref=tag)
    started = tree(package)
    edit(package, releases, tag)
    init(tmp_path / "mono")
    edited = tree(package)
    outcome = update(package, source_of(releases), data, write=True)
    after, new = tree(package), fresh(**data)

    assert (outcome.old, outcome.new) == (tag, NEXT)
    assert yaml.safe_load(after[".copier-answers.yml"]) == yaml.safe_load(
        new[".copier-answers.yml"]
    )
    deleted = set(started) - set(edited)
    assert not deleted & set(after)
    assert {name: after.get(name) for name in SEEDED} == {name: edited.get(name) for name in SEEDED}
    assert set(outcome.conflicts) == (
        {"Dockerfile"} if edit is edit_in_conflict and line_that_changes(releases, tag) else set()
    )
    for name in set(managed(new)) - deleted:
        own = set(edited[name].splitlines()) - set(started[name].splitlines())
        if not own:
            assert after[name] == new[name], name
        else:
            assert own <= set(after[name].splitlines()), name
            if name not in outcome.conflicts:
                without = [line for line in after[name].splitlines() if line not in own]
                assert without == new[name].splitlines(), name


@pytest.mark.slow
@pytest.mark.parametrize("edit", EDITS)
def test_the_result_is_that_of_copier_in_a_clean_repository(
    releases: Path, tmp_path: Path, edit: Callable[[Path, Path, str], None]
) -> None:
    results = []
    for name in ("csa", "copier"):
        package = copy(releases, tmp_path / name / PACKAGE, vcs_ref=RELEASE)
        edit(package, releases, RELEASE)
        init(tmp_path / name)
        if name == "csa":
            update(package, source_of(releases), {}, write=True)
        else:
            run(COPIER, "update", "--defaults", cwd=package)
        results.append(tree(package))
    assert results[0] == results[1]


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_update_loses_a_line_of_the_user_s(releases: Path, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as root:
        package = copy(releases, Path(root) / PACKAGE, vcs_ref=RELEASE)
        base = tree(package)
        names = st.sampled_from(sorted(set(base) - {".copier-answers.yml"}))
        for name in data.draw(st.lists(names, min_size=1, max_size=6, unique=True)):
            if data.draw(st.integers(0, 5)) == 0:
                (package / name).unlink()
            else:
                (package / name).write_bytes(data.draw(edited(base[name])))
        (package / "own.bin").write_bytes(data.draw(st.binary()))
        init(Path(root))
        ours = tree(package)
        outcome = update(package, source_of(releases), {}, write=True)
        after = tree(package)
        assert not set(ours) - set(after)
        for name, text in ours.items():
            if name in SEEDED or name == "own.bin":
                assert after[name] == text
            elif name != ".copier-answers.yml":
                own = lines_of(File(text)) - lines_of(File(base[name]))
                assert own <= lines_of(File(after[name])), name
        assert set(outcome.conflicts) <= set(ours)


# --- Conflicts and failures ----------------------------------------------------------------------


def test_a_conflict_is_named_and_ends_with_one(monorepo: Path, releases: Path) -> None:
    edit_in_conflict(monorepo / PACKAGE, releases, RELEASE)
    commit_all(monorepo, "Ours")
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "conflicts in Dockerfile" in shown
    assert f"{PACKAGE}/Dockerfile: resolve what stands between <<<<<<< and >>>>>>>" in shown
    assert "1 with conflicts" in shown
    assert "<<<<<<< before updating" in (monorepo / PACKAGE / "Dockerfile").read_text()
    # The rest of the package is new all the same, and the conflict cannot be forgotten.
    assert read_answers(monorepo / PACKAGE)["_commit"] == NEXT
    commit_all(monorepo, "Oops")
    shown, _ = csa("update", cwd=monorepo, code=1)
    assert "Dockerfile still has the markers of a conflict: resolve it" in shown


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
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
        (lambda p: replace(p, "_commit: v999.0.0", '_commit: "\\0"'), "has no _src_path and _commit"),
        (lambda p: (p / ".copier-answers.yml").rename(p / "a.yml").with_name(".copier-answers.yml")
         .symlink_to("a.yml"), ".copier-answers.yml is a link: put the file itself in its place"),
        (lambda p: replace(p, "_src_path: ", "_src_path: /nowhere"), "which is not a git repository"),
        (lambda p: replace(p, "_src_path: /", "_src_path: ../"),
         "make it an absolute path or a URL"),
        (lambda p: replace(p, "_src_path: /", "_src_path: git://127.0.0.1:1/"),
         "the template cannot be fetched from git://127.0.0.1:1/"),
        (lambda p: replace(p, "pyatlan_version: 11.6.0", "pyatlan_version: 1.0.0"),
         "use 8.0.1 or newer; older releases have no base image."),
        (lambda p: (p / "tests" / "recording.py").unlink() or (p / "tests" / "recording.py").mkdir()
         or (p / "tests" / "recording.py" / "x").write_text("mine\n"), None),
    ],
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


def replace(package: Path, old: str, new: str) -> None:
    path = package / ".copier-answers.yml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def newer_template(releases: Path, tmp_path: Path, **files: str | None) -> Path:
    """A clone of the template with one more release that adds (or drops) rendered files."""
    clone = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, clone)
    for name, text in files.items():
        path = clone / "template" / "package" / name.replace("__", "/").replace("_DOT_", ".")
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    commit_all(clone, "Newer", "v999.2.0")
    return clone


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
    assert "failed: v999.3.0 runs code of its own: csa does not" in shown
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
    assert "Dockerfile has filter in .gitattributes: git alone can write it" in shown
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
    assert f"it is past {RELEASE} already: an update does not go back, git does" in shown


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
    [
        (["update", "other"], "other is not a package (no .copier-answers.yml)"),
        (["update", "nowhere"], "nowhere: no such folder"),
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
        (["status", "other"], "other is not a package"),
    ],
)  # fmt: skip
def test_misuse_is_said_and_nothing_is_done(
    monorepo: Path, arguments: list[str], sentence: str
) -> None:
    before = tree(monorepo)
    _, said = csa(*arguments, cwd=monorepo, code=2)
    assert sentence in said
    assert tree(monorepo) == before


def test_a_name_is_for_one_package(releases: Path, tmp_path: Path) -> None:
    add_packages(tmp_path / "mono", releases, RELEASE, 2)
    init(tmp_path / "mono")
    _, said = csa("update", "--data", "package_name=other", cwd=tmp_path / "mono", code=2)
    assert "name the one package that is to be called so" in said
    assert git(tmp_path / "mono", "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("command", "code"),
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
    ],
)
def test_no_circumstance_ends_in_a_traceback(monorepo: Path, command: str, code: int) -> None:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    said = run("bash", "-o", "pipefail", "-c", command, cwd=monorepo, code=code, env={"PATH": path})
    assert "Traceback" not in said.stdout + said.stderr
    if code == 0:
        assert read_answers(monorepo / PACKAGE)["_commit"] == NEXT


def test_without_packages_or_a_repository_it_is_misuse(monorepo: Path, tmp_path: Path) -> None:
    _, said = csa("update", cwd=monorepo / "other", code=2)
    assert f"no package in or below {monorepo / 'other'}" in said
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
