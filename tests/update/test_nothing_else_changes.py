"""An update changes its package alone, in repositories of every kind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import copier._vcs
import pytest
from csa.packages import read_answers
from csa.template import expand

from tests.support.commands import CSA, commit_all, git, run, tree
from tests.support.monorepo import add_packages, copy, init
from tests.support.package import NEXT, RELEASE, managed
from tests.support.updates import COPIER, PACKAGE, Fresh, append, csa

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
