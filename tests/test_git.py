"""No file of a checkout makes git run a program, whatever csa is asked to do."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from csa.errors import Failed
from csa.git import GitError, checked_out, repository_of, run_git
from csa.template import open_source

from tests.support.commands import CSA, commit_all, git, run, run_csa, tree
from tests.support.monorepo import add_packages, init
from tests.support.package import RELEASE
from tests.support.sampling import sampled


@pytest.fixture
def planted(releases: Path, tmp_path: Path) -> Path:
    """A monorepo with a package that has the files of a bare repository, all of them committed.

    Its config names a program, which would write the file `ran` beside the monorepo.
    """
    root = tmp_path / "mono"
    [package] = add_packages(root, releases, RELEASE, 1)
    program = f"touch {tmp_path / 'ran'}; false"
    for name, text in {
        "HEAD": "ref: refs/heads/main\n",
        "config": "[core]\nrepositoryformatversion = 0\nbare = false\nworktree = ../..\n"
        f'fsmonitor = "{program}"\n',
        "objects/x": "",
        "refs/x": "",
        # And csa's own journal, which would have it write outside of the package.
        "csa/journal": '{"folder": ".git/hooks", "files": [["pre-commit", null]], "old": [0],'
        ' "rename": null}',
        "csa/old-0": "#!/bin/sh\n",
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    init(root)
    return package


def hooks(package: Path) -> set[str]:
    return set(os.listdir(package.parents[1] / ".git" / "hooks"))


@pytest.mark.parametrize(
    "command",
    sampled(
        ["status", "check", "list --changed-since HEAD", "update --dry-run", "update", "release .",
         "image .", "adopt . --dry-run"]
    ),
)  # fmt: skip
def test_files_like_those_of_a_bare_repository_run_nothing(
    planted: Path, command: str, tmp_path: Path
) -> None:
    before, there = tree(planted), hooks(planted)
    for folder in (planted, planted.parents[1]):
        run(CSA, *command.split(), cwd=folder, code=None)
    assert not (tmp_path / "ran").exists()
    assert tree(planted) == before
    assert hooks(planted) == there


def test_such_a_package_is_named_and_the_others_are_updated(
    planted: Path, releases: Path, tmp_path: Path
) -> None:
    [good] = add_packages(tmp_path / "other", releases, RELEASE, 1)
    good.rename(planted.with_name("good"))
    commit_all(planted.parents[1], "Another package")
    shown = run_csa("update", cwd=planted.parents[1], code=1).stdout
    assert f"{planted} has the files of a bare git repository" in shown
    assert "1 updated, 1 failed" in shown


def test_a_git_that_knows_no_such_setting_runs_nothing_either(
    planted: Path, tmp_path: Path
) -> None:
    # As before 2.38: without csa's settings, which the command line would make.
    assert "GIT_CONFIG_COUNT" not in os.environ
    for folder in (planted, planted / "tests"):
        with pytest.raises(GitError, match="has the files of a bare git repository"):
            run_git(folder, "status")
    assert not (tmp_path / "ran").exists()
    # The attack is one: git by itself runs the program.
    run("git", "-C", planted, "status", code=None)
    assert (tmp_path / "ran").exists()


def test_a_folder_belongs_to_the_nearest_repository(tmp_path: Path) -> None:
    init_empty(tmp_path)
    (tmp_path / "inside" / ".git").mkdir(parents=True)  # no repository: git goes on above
    with pytest.raises(GitError, match=f"not a git repository: {tmp_path / 'inside'}"):
        repository_of(tmp_path / "inside")
    init_empty(tmp_path / "inside")
    assert repository_of(tmp_path / "inside").top == tmp_path / "inside"


def init_empty(folder: Path) -> None:
    git(folder, "init", "--quiet")


# --- Templates -----------------------------------------------------------------------------


@pytest.fixture
def package(releases: Path, tmp_path: Path) -> Path:
    [package] = add_packages(tmp_path / "mono", releases, RELEASE, 1)
    init(tmp_path / "mono")
    return package


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("fd::17", "the template cannot be fetched from fd::17: transport 'fd' not allowed"),
        ("ext::sh -c touch% /tmp/ran", "transport 'ext' not allowed"),
        ("~nosuchuser/x", "_src_path is ~nosuchuser/x, which is not a git repository"),
        ("--upload-pack=touch", "_src_path is --upload-pack=touch: make it an absolute path"),
    ],
)
def test_an_address_in_answers_is_no_program_and_ends_nothing_else(
    package: Path, address: str, says: str
) -> None:
    answers = package / ".copier-answers.yml"
    lines = answers.read_text().splitlines()
    lines = [f"_src_path: '{address}'" if "_src_path" in line else line for line in lines]
    answers.write_text("\n".join(lines) + "\n")
    commit_all(package.parents[1], "Another address")
    for command in ("status", "update"):
        shown = run_csa(command, cwd=package, code=1)
        assert says in shown.stdout
        assert "Traceback" not in shown.stderr


@pytest.fixture
def other_template(releases: Path, tmp_path: Path) -> Iterator[Path]:
    """A template with a release after those of the packages, to be changed and committed."""
    clone = tmp_path / "template"
    run("git", "clone", "--quiet", releases, clone)
    git(clone, "config", "core.protectHFS", "false")
    yield clone


@pytest.mark.parametrize(
    "path",
    [
        ".git/hooks/post-checkout",
        "tests/.GIT/config",
        ".git\u200c/config",
        "git~1/config",
        "tests/objects/a:tests/refs/a:tests/HEAD:tests/config",
        "commondir:head:config",
    ],
)
def test_a_template_never_writes_what_is_git_s_own(
    releases: Path, package: Path, other_template: Path, path: str
) -> None:
    # git itself would not have such a path, but a template makes names of answers.
    for name in path.replace("git", "{{ 'git' }}").replace("GIT", "{{ 'GIT' }}").split(":"):
        target = other_template / "template" / "package" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("#!/bin/sh\n")
    commit_all(other_template, "Worse", "v999.9.0")
    before = tree(package.parents[1])
    answers = package / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(releases), str(other_template)))
    commit_all(package.parents[1], "Another template")
    new = ("new", "new_pkg", "--defaults", "--template", other_template)
    for shown in (
        run_csa("update", cwd=package, code=1).stdout,
        run_csa(*new, cwd=package.parents[1], code=1).stderr,
    ):
        assert "csa never writes what is git's own" in shown
    assert tree(package.parents[1]).keys() == before.keys()
    assert not (package / ".git").exists()


def test_a_template_s_links_are_refused_and_never_read_through(
    releases: Path, package: Path, other_template: Path, tmp_path: Path
) -> None:
    (tmp_path / "private").write_text("AB12CD34\n")
    (other_template / "template" / "package" / "notes.txt").symlink_to(tmp_path / "private")
    config = other_template / "copier.yml"
    config.write_text(config.read_text() + "\n_preserve_symlinks: true\n")
    commit_all(other_template, "A link", "v999.9.0")
    answers = package / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(releases), str(other_template)))
    commit_all(package.parents[1], "Another template")
    shown = run_csa("update", cwd=package, code=1).stdout
    new = ("new", "new_pkg", "--defaults", "--template", other_template)
    shown += run_csa(*new, cwd=package.parents[1], code=1).stderr
    assert shown.count("the template renders notes.txt, which is not a regular file") == 2
    assert not (package / "notes.txt").exists()
    assert not (package.parents[1] / "scripts" / "new_pkg").exists()


def test_a_bare_repository_is_a_template_where_git_only_takes_named_ones(
    releases: Path, package: Path, tmp_path: Path
) -> None:
    run("git", "clone", "--quiet", "--bare", releases, tmp_path / "bare.git")
    answers = package / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(releases), str(tmp_path / "bare.git")))
    commit_all(package.parents[1], "A bare repository")
    settings = tmp_path / "gitconfig"
    settings.write_text("[safe]\nbareRepository = explicit\n")
    env = {"GIT_CONFIG_GLOBAL": str(settings)}
    assert "1 updated" in run_csa("update", cwd=package, env=env).stdout


def test_a_template_s_submodule_is_fetched_from_its_own_address(
    releases: Path, package: Path, other_template: Path, tmp_path: Path
) -> None:
    """Also where the template's address is the beginning of the submodule's."""
    library = tmp_path / "template-library"
    library.mkdir()
    (library / "text").write_text("text\n")
    init(library)
    allowed = ("-c", "protocol.file.allow=always")
    git(other_template, *allowed, "submodule", "--quiet", "add", f"file://{library}", "library")
    commit_all(other_template, "A submodule", "v999.9.0")
    answers = package / ".copier-answers.yml"
    url = f"git+file://{other_template}"
    answers.write_text(answers.read_text().replace(str(releases), url))
    commit_all(package.parents[1], "Another template")
    settings = tmp_path / "gitconfig"
    settings.write_text("[protocol.file]\nallow = always\n")
    env = {"GIT_CONFIG_GLOBAL": str(settings)}
    assert "1 updated" in run_csa("update", cwd=package, env=env).stdout


def test_a_temporary_folder_that_git_cannot_be_told_of_is_misuse(
    package: Path, tmp_path: Path
) -> None:
    (tmp_path / "two\nlines").mkdir()
    env = {"TMPDIR": str(tmp_path / "two\nlines")}
    shown = run(CSA, "status", cwd=package, env=env, code=2)
    assert "TMPDIR has a line break in its name" in shown.stderr


def test_a_home_of_nobody_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="_src_path is ~nosuchuser/x, which is not a git repository"):
        open_source("~nosuchuser/x", None, tmp_path)


# --- Line ends ------------------------------------------------------------------------------


def test_new_files_get_the_line_ends_that_git_would_check_out(tmp_path: Path) -> None:
    init_empty(tmp_path)
    git(tmp_path, "config", "core.autocrlf", "true")
    (tmp_path / ".gitattributes").write_text("scripts/*/*.sh eol=lf\n")
    folder = tmp_path / "scripts" / "new"
    folder.mkdir(parents=True)
    files = {"run.sh": b"a\nb\n", "tests/x.py": b"a\nb\n", "data": b"\0\n"}
    assert checked_out(folder, files) == {**files, "tests/x.py": b"a\r\nb\r\n"}
    assert git(tmp_path, "count-objects").startswith("0 objects")


# --- Python ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["status", "update", "check", "list", "adopt"])
def test_python_files_of_a_checkout_are_never_run(
    package: Path, releases: Path, command: str, tmp_path: Path
) -> None:
    """Not by their own names, and not by those of modules that csa imports."""
    root = package.parents[1]
    planted = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    names = ["main", "conftest", "copier", "csa", "git", "multiprocessing", "pyatlan", "runpy",
             "sitecustomize", "usercustomize", "warnings", "yaml"]  # fmt: skip
    for folder in (root, package, package.parent):
        for name in names:
            (folder / f"{name}.py").write_text(planted)
    (package / "tests" / "conftest.py").write_text(planted)
    legacy = package.with_name("legacy")
    legacy.mkdir()
    (legacy / "main.py").write_text(planted)
    commit_all(root, "Planted")
    arguments = ["scripts/legacy", "--template", str(releases)] if command == "adopt" else []
    run(CSA, command, *arguments, cwd=root, code=None)
    if not arguments:
        run(CSA, command, cwd=package, code=None)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("where", "settings"),
    [
        ("checkout", "promisor = true\n[extensions]\npartialClone = origin\n"),
        ("absolute", "promisor = true\n"),
        ("absolute", "partialCloneFilter = blob:none\n"),
        ("absolute", "[include]\npath = more\n"),
    ],
)
def test_a_template_that_is_a_partial_clone_is_refused_before_git_fetches_for_it(
    releases: Path, tmp_path: Path, where: str, settings: str
) -> None:
    root = tmp_path / "mono"
    [package] = add_packages(root, releases, RELEASE, 1)
    evil = root / "evil"
    for name, text in {
        "HEAD": "ref: refs/heads/main\n",
        "refs/heads/main": f"{'1' * 40}\n",
        "objects/keep": "",
        "config": "[core]\nrepositoryformatversion = 1\nbare = true\n"
        '[remote "origin"]\nurl = .\n'
        f'uploadpack = "touch {tmp_path / "ran"}; git-upload-pack"\n{settings}',
        "more": '[remote "origin"]\npartialCloneFilter = blob:none\n',
    }.items():
        (evil / name).parent.mkdir(parents=True, exist_ok=True)
        (evil / name).write_text(text)
    answers = package / ".copier-answers.yml"
    address = "/proc/self/cwd/evil" if where == "checkout" else str(evil)
    lines = [
        f"_src_path: {address}" if line.startswith("_src_path") else line
        for line in answers.read_text().splitlines()
        if not line.startswith("_commit")
    ]
    answers.write_text("\n".join([f"_commit: '{'2' * 40}'", *lines, ""]))
    init(root)
    for command in (["status"], ["update"], ["update", "--vcs-ref", ":current:"]):
        shown = run_csa(*command, cwd=root, code=1)
        assert "a partial clone: use a full clone" in shown.stdout + shown.stderr
    script = root / "scripts" / "old-script"
    script.mkdir()
    (script / "main.py").write_text("print(1)\n")
    run_csa("adopt", script, "--template", evil, cwd=root, code=1)
    assert not (tmp_path / "ran").exists()


def test_a_password_in_a_template_s_address_is_not_shown(releases: Path, tmp_path: Path) -> None:
    [package] = add_packages(tmp_path / "mono", releases, RELEASE, 1)
    answers = package / ".copier-answers.yml"
    address = "https://u:hunter2@127.0.0.1:1/x.git?token=S3CR"
    answers.write_text(
        "\n".join(
            f"_src_path: {address}" if line.startswith("_src_path") else line
            for line in answers.read_text().splitlines()
        )
    )
    init(tmp_path / "mono")
    shown = run_csa("update", cwd=tmp_path / "mono", code=1)
    assert "cannot be fetched from https://127.0.0.1:1/x.git" in shown.stdout + shown.stderr
    assert "hunter2" not in shown.stdout + shown.stderr
    assert "S3CR" not in shown.stdout + shown.stderr


@pytest.mark.parametrize(
    ("address", "is_secret"),
    [
        ("https://u:hunter2@127.0.0.1:1/x.git", True),
        ("https://ghp_0123456789abcdef0123@127.0.0.1:1/x.git", True),
        ("git+http://127.0.0.1:1/x.git?token=hunter2", True),
        ("https://org@127.0.0.1:1/x.git", False),
        ("git@127.0.0.1:x.git", False),
    ],
)
def test_an_address_with_a_password_is_not_recorded(
    tmp_path: Path, address: str, is_secret: bool
) -> None:
    (tmp_path / "old-script").mkdir()
    (tmp_path / "old-script" / "main.py").write_text("print(1)\n")
    init(tmp_path)
    env = {"GIT_SSH_COMMAND": "false"}
    for command in (["new", "new_pkg", "--defaults"], ["adopt", "old-script"]):
        options = (*command, "--template", address)
        shown = run_csa(*options, cwd=tmp_path, env=env, code=2 if is_secret else 1).stderr
        assert ("leave the password or token out of it" in shown) == is_secret
        assert "hunter2" not in shown
    assert git(tmp_path, "status", "--porcelain") == ""


def refusal_of_template(tmp_path: Path, copier_yml: str) -> str:
    """Adopt a script with a template that has this copier.yml; return what is said on stderr.

    Nothing of the monorepo has changed then.
    """
    template, root = tmp_path / "template", tmp_path / "mono"
    template.mkdir()
    (template / "copier.yml").write_text(copier_yml)
    (template / "{{ _copier_conf.answers_file }}.jinja").write_text("{{ _copier_answers|to_yaml }}")
    git(template, "init", "--quiet")
    commit_all(template, "A template", "v1.0.0")
    (root / "scripts" / "old-script").mkdir(parents=True)
    (root / "scripts" / "old-script" / "main.py").write_text("print(1)\n")
    init(root)
    before = tree(root)
    shown = run_csa("adopt", "scripts/old-script", "--template", template, cwd=root, code=1)
    assert tree(root) == before
    return shown.stderr


@pytest.mark.parametrize("name", ["../.git/hooks", "../../outside", "a b", ".git", ""])
def test_a_template_gives_a_package_no_name_that_is_a_path(tmp_path: Path, name: str) -> None:
    said = refusal_of_template(tmp_path, f"package_name: {{type: str, default: '{name}'}}\n")
    assert "Traceback" not in said
    assert not (tmp_path / "mono" / ".git" / "hooks" / "main.py").exists()


@pytest.mark.parametrize(
    "text", ["a: b: c", "[" * 5000, "--- {}\n--- {}", "a: !include b.yml", "- 1"]
)
def test_a_copier_yml_that_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, text: str) -> None:
    said = refusal_of_template(tmp_path, f"{text}\n")
    assert said.startswith("Error: the copier.yml of v1.0.0 ")
    assert len(said.splitlines()) == 1


def test_a_folder_that_is_called_as_csa_s_own_is_the_user_s(
    releases: Path, tmp_path: Path, small_disk: Path
) -> None:
    root = tmp_path / "mono"
    [package, linked] = add_packages(root, releases, RELEASE, 2)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "new-0").write_text("precious")
    (package / ".csa").mkdir()
    (package / ".csa" / "mine").write_text("mine")
    (linked / ".csa").symlink_to(outside)
    init(root)
    # git's own folder is on another disk.
    run("mv", root / ".git", small_disk / "git")
    (root / ".git").write_text(f"gitdir: {small_disk / 'git'}\n")
    run("git", "config", "core.worktree", root, cwd=root)
    run_csa("update", cwd=root)
    assert (package / ".csa" / "mine").read_text() == "mine"
    assert tree(outside) == {"new-0": b"precious"}
    assert [path.name for path in package.iterdir() if path.name.startswith(".csa-")] == []


def test_a_journal_beside_an_argo_template_is_not_csa_s(releases: Path, tmp_path: Path) -> None:
    [package] = add_packages(tmp_path / "mono", releases, RELEASE, 1)
    init(tmp_path / "mono")
    folder = tmp_path / "elsewhere"
    (folder / ".csa").mkdir(parents=True)
    (folder / "victim").write_text("")
    empty = hashlib.sha256(b"").hexdigest()
    (folder / ".csa" / "journal").write_text(
        f'{{"folder": ".", "files": [["victim", "{empty}"]], "old": [], "rename": null}}'
    )
    template = folder / "sync.yaml"
    template.write_text(f"container: {{args: [-m, scripts.{package.name}.main]}}\n")
    before = tree(folder)
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    run_csa("argo", "--dry-run", template, "--package", package, cwd=folder, env=home)
    assert tree(folder) == before
    run_csa("argo", template, "--package", package, cwd=folder, env=home)
    assert {name for name, text in tree(folder).items() if before.get(name) != text} == {
        "sync.yaml"
    }
