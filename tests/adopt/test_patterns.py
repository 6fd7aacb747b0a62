"""What git ignores of a script's folder it ignores under the new name, or nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from csa.adopt.patterns import Patterns
from csa.adopt.references import find_references
from csa.errors import Failed
from csa.files import File
from csa.git import repository_of
from csa.transaction import Rename

from tests.support.adoptions import adopt, monorepo, refusal, state
from tests.support.commands import commit_all, git
from tests.support.references import write


def patterns(mono: Path, planned: dict[str, File] | None = None) -> Patterns:
    """What an adoption that renames scripts/old-name asks."""
    found = find_references(mono, mono / "scripts/old-name", "old_name")
    changes = {path: File(content) for path, content in found.changes.items()}
    rename = Rename("scripts/old-name", "scripts/old_name")
    return Patterns(repository_of(mono), rename, {**changes, **(planned or {})})


@pytest.mark.parametrize(
    ("place", "pattern", "file"),
    [
        (".gitignore", "scripts/old-*/key.pem", "key.pem"),
        (".gitignore", "/scripts/old-????/key.pem", "key.pem"),
        (".gitignore", "old-name/", "data/deep/rows.csv"),
        (".gitignore", "**/old-n*/**/*.csv", "data/rows.csv"),
        ("scripts/.gitignore", "old-[a-z]*/**/.env", "tests/.env"),
        (".git/info/exclude", "scripts/old-name/notes.txt", "notes.txt"),
        (".gitignore", "old-name", "a [b]*.txt"),
        (".gitignore", "scripts/*-name/x", "x/.gitignore"),
        ("scripts/.gitignore", "/old-name/*.pem", "key.pem"),
    ],
)
def test_a_file_that_git_would_no_longer_ignore_is_refused(
    mono: Path, place: str, pattern: str, file: str
) -> None:
    write(mono, place, f"# first\n{pattern}\n")
    write(mono, f"scripts/old-name/{file}", "secret\n")
    with pytest.raises(Failed) as error:
        patterns(mono).refuse_exposed()
    assert str(error.value) == (
        f"git would no longer ignore scripts/old-name/{file} in scripts/old_name: write a pattern "
        f"for that beside {pattern} ({place}:2), or move what it ignores away"
    )
    # What it asks for helps.
    write(mono, place, f"{pattern}\n{pattern.replace('-', '_', 1)}\n")
    write(mono, ".gitignore", f"{(mono / place).read_text()}\nscripts/old_name/*\n")
    patterns(mono).refuse_exposed()


@pytest.mark.parametrize(
    ("place", "pattern", "file"),
    [
        (".gitignore", "scripts/old-name/key.pem", "key.pem"),  # the adoption rewrites it
        (".gitignore", "*.pem", "key.pem"),
        (".gitignore", "scripts/*/key.pem", "key.pem"),
        (".git/info/exclude", "key.*", "deep/key.pem"),
        ("scripts/old-name/.gitignore", "/key.pem", "key.pem"),
        ("scripts/old-name/deep/.gitignore", "*", "deep/.venv/x"),  # which ignores itself, too
    ],
)
def test_what_git_goes_on_to_ignore_is_no_problem(
    mono: Path, place: str, pattern: str, file: str
) -> None:
    write(mono, place, f"{pattern}\n")
    write(mono, f"scripts/old-name/{file}", "secret\n")
    patterns(mono).refuse_exposed()


def test_what_the_template_would_have_git_take_is_refused_too(mono: Path) -> None:
    write(mono, ".gitignore", ".env*\n")
    write(mono, "scripts/old-name/.env.example", "secret\n")
    planned = {"scripts/old-name/.gitignore": File(b"!.env.example\n")}
    with pytest.raises(Failed, match="no longer ignore scripts/old-name/.env.example in"):
        patterns(mono, planned).refuse_exposed()


def test_of_many_files_three_are_named(mono: Path) -> None:
    for number in range(5):
        write(mono, f"scripts/old-name/{number}.csv", "")
    write(mono, ".gitignore", "scripts/old-*/*.csv\n")
    with pytest.raises(Failed, match=r"/0.csv, \S*/1.csv, \S*/2.csv and 2 more in"):
        patterns(mono).refuse_exposed()


def test_a_file_that_git_would_no_longer_encrypt_is_refused(mono: Path) -> None:
    write(mono, ".gitattributes", "scripts/old-*/*.json filter=crypt\nscripts/old-* -diff\n")
    write(mono, "scripts/old-name/keys.json", "secret\n")
    git(mono, "add", "scripts/old-name")
    with pytest.raises(Failed, match="filter unspecified for .*keys.json in .*, not crypt: "):
        patterns(mono).refuse_exposed()
    write(mono, ".gitattributes", "scripts/old*/*.json filter=crypt\n")
    patterns(mono).refuse_exposed()


@pytest.mark.parametrize(
    ("place", "pattern", "file"),
    [
        (".dockerignore", "scripts/old-*/key.pem", "key.pem"),
        ("scripts/.dockerignore", "/old-*", "key.pem"),
        ("build/../app.dockerignore", "scripts/*-name", "key.pem"),
        (".gcloudignore", "old-*", "key.pem"),
        (".dockerignore", "old-*", None),  # there, of the top folder alone
        (".dockerignore", "scripts/old-name/key.pem", None),
        (".dockerignore", "**/*.pem", None),
        ("docs/.dockerignore", "**", None),
    ],
)
def test_an_ignore_file_of_others_that_no_longer_leaves_a_file_out_is_named(
    mono: Path, place: str, pattern: str, file: str | None
) -> None:
    (mono / "build").mkdir()
    write(mono, place, f"{pattern}\n")
    write(mono, "scripts/old-name/key.pem", "secret\n")
    commit_all(mono, "A key")
    path = place.removeprefix("build/../")
    lost = [(path, f"scripts/old-name/{file}")] if file else []
    assert list(patterns(mono).no_longer_left_out()) == lost


def test_an_adoption_that_would_expose_a_file_writes_nothing(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    write(root, ".gitignore", "scripts/certify-*/rows.csv\n")
    commit_all(root, "Ignored")
    write(root, "scripts/certify-tables/rows.csv", "secret\n")
    before = state(root)
    said = refusal(root, template, "scripts/certify-tables", 1)
    assert "no longer ignore scripts/certify-tables/rows.csv" in said
    assert state(root) == before


def test_what_git_ignores_of_the_new_files_is_named_under_the_new_name(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    write(root, ".gitignore", "scripts/certify_*/Dockerfile\n")
    write(root, ".dockerignore", "scripts/*-tables\n")
    write(root, "scripts/certify-tables/.gitignore", "version.*\n")
    commit_all(root, "Ignored")
    report = adopt(root, template, "certify-tables", code=1)
    said = {step["path"]: step["text"] for step in report["manual_steps"]}
    ignored = "git ignores it: add it with git add --force"
    assert said["scripts/certify_tables/Dockerfile"] == ignored
    assert said["scripts/certify_tables/version.txt"] == ignored
    assert "git would take .env, which has credentials" in said["scripts/certify_tables/.gitignore"]
    assert said[".dockerignore"].startswith("it leaves out scripts/certify-tables/")
    status = git(root, "status", "--porcelain", "--ignored", "scripts/certify_tables")
    ignored_here = {line[3:] for line in status.splitlines() if line.startswith("!!")}
    assert ignored_here == {path for path, text in said.items() if text == ignored}
