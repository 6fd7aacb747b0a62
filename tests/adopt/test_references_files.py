"""Which files are looked at for a folder's name, and how they are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from csa.adopt.references import References
from csa.errors import Failed

from tests.support.commands import commit_all, git, tree
from tests.support.references import LATIN, check, find, link, write

# --- Files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfscripts/old-name\r\nx\n\ry",
        b"caf\xe9 scripts/old-name \xff\xfe caf\xe9\n",
        b"scripts/old-name\x0c\x85\x1b\x01",
        b"\xed\xa0\x80 scripts/old-name \xc3",
    ],
    ids=["BOM, mixed line ends", "latin-1", "control characters", "no UTF-8"],
)
@pytest.mark.parametrize("path", ["a.txt", "a.py"])
def test_all_other_bytes_stay(mono: Path, path: str, content: bytes) -> None:
    write(mono, path, content)
    found = find(mono)
    assert found.changes == {path: content.replace(b"old-name", b"old_name")}
    for rewrite in found.rewrites:
        (rewrite.before + rewrite.after).encode()  # can be printed


def test_a_python_file_in_latin_1_is_read_as_it_says(mono: Path) -> None:
    source = b"# coding: latin-1\nx = '" + LATIN + b"'\nimport MyScript as m # scripts/MyScript\n"
    write(mono, "a.py", source)
    found = find(mono, "scripts/MyScript", "my_script")
    assert found.changes == {"a.py": source.replace(b"MyScript", b"my_script")}


def test_a_byte_that_is_not_utf_8_is_part_of_a_word(mono: Path) -> None:
    write(mono, "a.txt", b"scripts/old-name" + LATIN)
    assert find(mono) == References()


def test_untracked_files_are_looked_at_and_ignored_ones_are_not(mono: Path) -> None:
    write(mono, ".gitignore", "*.out\n")
    for path in ("new.txt", "no.out", "tracked.out"):
        write(mono, path, "scripts/old-name")
    git(mono, "add", "--force", "tracked.out")
    assert set(find(mono).changes) == {"new.txt", "tracked.out"}


def test_uncommitted_changes_of_others_are_kept(mono: Path) -> None:
    write(mono, "a.txt", "scripts/old-name\n")
    commit_all(mono, "A reference")
    write(mono, "a.txt", "theirs\nscripts/old-name\n")
    assert find(mono).changes == {"a.txt": b"theirs\nscripts/old_name\n"}


def test_nothing_is_written(mono: Path) -> None:
    write(mono, "a.txt", "scripts/old-name\n")
    before = tree(mono)
    status = git(mono, "status", "--porcelain")
    assert find(mono).changes
    assert tree(mono) == before
    assert git(mono, "status", "--porcelain") == status


@pytest.mark.parametrize("content", [b"scripts/old-name\n\0", "scripts/old-name".encode("utf-16")])
def test_a_binary_file_is_left(mono: Path, content: bytes) -> None:
    write(mono, "a.bin", content)
    assert find(mono) == References()


def test_a_text_file_that_git_is_told_not_to_compare_is_looked_at(mono: Path) -> None:
    write(mono, ".gitattributes", "*.lock -diff binary\n")
    check(mono, "a.lock", "scripts/old-name\n", "scripts/old_name\n")


def test_files_that_are_not_there_are_left(mono: Path) -> None:
    for path in ("deleted.txt", "sparse/a.txt", "now_a_file/a.txt", "now_a_link/a.txt", "here.txt"):
        write(mono, path, "scripts/old-name\n")
    commit_all(mono, "References")
    git(mono, "sparse-checkout", "set", "scripts", "now_a_file", "now_a_link")
    assert not (mono / "sparse").exists()
    (mono / "deleted.txt").unlink()
    for name in ("now_a_file", "now_a_link"):
        (mono / name / "a.txt").unlink()
        (mono / name).rmdir()
    write(mono, "now_a_file", "")
    write(mono, "elsewhere/a.txt", "scripts/old-name\n")
    link(mono, "now_a_link", "elsewhere")
    assert set(find(mono).changes) == {"here.txt", "elsewhere/a.txt"}


def test_a_file_with_conflicts_is_never_rewritten(mono: Path) -> None:
    write(mono, "a.txt", "one\n")
    commit_all(mono, "One")
    git(mono, "checkout", "--quiet", "-b", "two")
    write(mono, "a.txt", "two scripts/old-name\n")
    commit_all(mono, "Two")
    git(mono, "checkout", "--quiet", "-b", "three", "HEAD~1")
    write(mono, "a.txt", "three\n")
    commit_all(mono, "Three")
    with pytest.raises(pytest.fail.Exception, match="CONFLICT"):
        git(mono, "merge", "two")
    with pytest.raises(Failed, match=r"a\.txt has conflicts: resolve them first"):
        find(mono)


def test_in_a_sparse_checkout_the_files_that_are_not_there_are_named(mono: Path) -> None:
    write(mono, "docs/a.md", "scripts/old-name\n")
    write(mono, "docs/b.md", "nothing of it\n")
    write(mono, "gone.md", "scripts/old-name\n")
    commit_all(mono, "Documents")
    git(mono, "sparse-checkout", "set", "scripts")
    (mono / "gone.md").unlink()  # by its owner, who knows of it
    assert find(mono) == References(absent=["docs/a.md"])


def test_submodules_and_other_repositories_inside_are_left(mono: Path) -> None:
    for name in ("module", "stranger"):
        (mono / name).mkdir()
        git(mono / name, "init", "--quiet")
        write(mono / name, "a.txt", "scripts/old-name\n")
        commit_all(mono / name, "A reference")
    git(mono, "add", "module")
    assert find(mono) == References()


def test_the_users_git_settings_do_not_matter(mono: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = mono.parent / "gitconfig"
    settings.write_text(
        "[color]\n ui = always\n[grep]\n fullName = true\n[core]\n quotePath = true\n"
        "[submodule]\n recurse = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert git(mono, "config", "color.ui") == "always\n"
    check(mono, "dé/a b.txt", "scripts/old-name\n", "scripts/old_name\n")


def test_links_through_the_folder_are_for_a_person(mono: Path) -> None:
    links = {
        "a": "scripts/old-name",
        "docs/b": "../scripts/old-name/main.py",
        "docs/c": "../scripts/old-name/missing",
        "scripts/d": "old-name",
        "scripts/old-name/e": "../old-name/main.py",
        "f": str(mono / "scripts/old-name"),
        "h/i": "../docs/all/old-name",
    }
    for path, target in links.items():
        link(mono, path, target)
    link(mono, "docs/all", "../scripts")
    link(mono, "scripts/old-name/inside", "main.py")
    link(mono, "g", "other/old-name")
    commit_all(mono, "Links")
    link(mono, "untracked", "scripts/old-name/")
    assert find(mono) == References({}, [], sorted([*links, "untracked"]), [])


def test_a_path_through_a_link_of_the_name_is_the_links(mono: Path) -> None:
    link(mono, "docs/old-name", "../scripts/old-name")
    write(mono, "docs/a.md", "[x](old-name/index.md)\n")
    assert find(mono) == References({}, [], ["docs/old-name"], [("docs/a.md", 1)])


def test_a_path_through_a_link_to_a_parent_follows(mono: Path) -> None:
    link(mono, "docs/all", "../scripts")
    check(mono, "docs/a.md", "[x](all/old-name/index.md)\n", "[x](all/old_name/index.md)\n")


def test_a_pattern_that_other_folders_match_stays(mono: Path) -> None:
    """Or what git ignores in them would not be ignored any more."""
    write(mono, "top-name/main.py", "")
    for pattern in ("**/top-name/private", "*/top-name/", "[a-z]/top-name/x", "?/top-name/x"):
        check(mono, ".gitignore", f"{pattern}\n", None, old="top-name", new="top_name")
