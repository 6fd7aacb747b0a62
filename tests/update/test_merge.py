"""A user's lines and a template's changes, merged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from csa.files import File
from csa.update.merge import BINARY, DROPPED, NOT_PLAIN, RESOLVE, Merge, merge, unresolved
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.commands import commit_all, run, tree
from tests.support.monorepo import copy
from tests.support.package import NEXT, RELEASE

BASE = b"one\ntwo\nthree\nfour\nfive\n"
THEIRS = b"one\nTWO\nthree\nfour\nfive\n"


def merged(base: object, ours: object, theirs: object) -> Merge:
    """Merge a package of one file f; None means that the side has no such file."""

    def side(content: object) -> dict[str, File]:
        if isinstance(content, File):
            return {"f": content}
        return {"f": File(content)} if isinstance(content, bytes) else {}

    return merge(side(base), side(ours), side(theirs), lambda path: False)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        (BASE, BASE, THEIRS, THEIRS),
        (BASE, BASE + b"mine\n", THEIRS, THEIRS + b"mine\n"),
        (None, None, THEIRS, THEIRS),
        (BASE, BASE.replace(b"five\n", b"five"), THEIRS, THEIRS.replace(b"five\n", b"five")),
        (BASE, BASE.replace(b"\n", b"\r\n"), THEIRS, THEIRS.replace(b"\n", b"\r\n")),
        (b"", b"mine\n", b"", None),
        (BASE, None, THEIRS, None),
        (BASE, BASE + b"mine\n", BASE, None),
        (BASE, THEIRS, THEIRS, None),
        (BASE, None, None, None),
    ],
    ids=[
        "the template's change alone",
        "both, in different places",
        "a file that is new",
        "no line end at the end",
        "CRLF stays CRLF",
        "only mine, in an empty file",
        "deleted here",
        "only mine",
        "the same change twice",
        "deleted on both sides",
    ],
)
def test_what_merges_without_a_person(
    base: bytes | None, ours: bytes | None, theirs: bytes | None, result: bytes | None
) -> None:
    done = merged(base, ours, theirs)
    assert not done.conflicts
    assert done.changes == ({} if result is None else {"f": File(result)})


def test_a_file_the_template_drops_goes_if_nobody_changed_it() -> None:
    assert merged(BASE, BASE, None) == Merge({"f": None}, {})


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "what"),
    [
        (BASE, BASE + b"mine\n", None, DROPPED),
        (BASE + b"\0", BASE + b"\0mine", THEIRS + b"\0", BINARY),
        (BASE, File(b"../elsewhere", "120000"), THEIRS, NOT_PLAIN),
        (None, File(b"", "160000"), THEIRS, NOT_PLAIN),
    ],
)
def test_a_file_that_cannot_be_merged_stays_and_is_named(
    base: object, ours: object, theirs: object, what: str
) -> None:
    assert merged(base, ours, theirs) == Merge({}, {"f": what})


@pytest.mark.parametrize("base", [BASE, None])
def test_lines_that_both_changed_stand_between_markers(base: bytes | None, tmp_path: Path) -> None:
    done = merged(base, BASE.replace(b"two", b"mine"), THEIRS)
    assert done.conflicts == {"f": RESOLVE}
    file = done.changes["f"]
    assert file and file.content == (
        b"one\n<<<<<<< before updating\nmine\n=======\nTWO\n>>>>>>> after updating\n"
        b"three\nfour\nfive\n"
    )
    # And they are found again, wherever they stand and whatever the line ends.
    run("git", "init", "--quiet", tmp_path)
    (tmp_path / "f ü").write_bytes(file.content)
    (tmp_path / "g").write_bytes(file.content.replace(b"\n", b"\r\n"))
    (tmp_path / "h").write_bytes(BASE + b"<<<<<<< HEAD\n=======\n>>>>>>> other\n")
    commit_all(tmp_path, "Conflict")
    assert sorted(unresolved(tmp_path, ".")) == ["f ü", "g"]


def test_an_executable_stays_one_and_becomes_one() -> None:
    mine = merged(File(BASE), File(BASE, "100755"), File(THEIRS))
    assert mine.changes == {"f": File(THEIRS, "100755")}
    theirs = merged(File(BASE), File(BASE + b"mine\n"), File(BASE, "100755"))
    assert theirs.changes == {"f": File(BASE + b"mine\n", "100755")}


def test_what_is_the_user_s_is_not_looked_at() -> None:
    done = merge({"f": File(BASE)}, {"f": File(b"mine\n")}, {}, lambda path: path == "f")
    assert done == Merge()


# --- Any edit at all ---------------------------------------------------------------------------

Files = Mapping[str, File]


@pytest.fixture(scope="module")
def renders(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Files, Files]:
    """A package at an older release and at the newest, in which each managed file differs."""
    root = tmp_path_factory.mktemp("renders")

    def render(version: str) -> Files:
        package = copy(releases, root / version / "new_pkg", vcs_ref=version)
        return {name: File(content) for name, content in tree(package).items()}

    return render(RELEASE), render(NEXT)


@st.composite
def edited(draw: st.DrawFn, base: bytes) -> bytes:
    """A file after some edits of its lines."""
    lines = base.splitlines(keepends=True)
    for number in range(draw(st.integers(1, 4))):
        words = draw(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=20))
        own = f"user {number} {words}\n".encode()
        at = draw(st.integers(0, len(lines)))
        lines[at : at + draw(st.integers(0, 3))] = draw(
            st.sampled_from([[], [own], [own, *lines[at : at + 2]], [own, own]])
        )
    content = b"".join(lines)
    content = content.removesuffix(b"\n") if draw(st.booleans()) else content
    return content.replace(b"\n", b"\r\n") if draw(st.integers(0, 9)) == 0 else content


def lines_of(file: File | None) -> set[bytes]:
    return {line.rstrip() for line in file.content.split(b"\n")} if file else set()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_edit_loses_a_line_of_the_user_s(
    renders: tuple[Files, Files], data: st.DataObject
) -> None:
    base, theirs = renders
    ours = dict(base)
    for name in data.draw(st.lists(st.sampled_from(sorted(base)), min_size=1, unique=True)):
        if data.draw(st.integers(0, 9)) == 0:
            del ours[name]
        else:
            ours[name] = File(data.draw(edited(base[name].content)), ours[name].mode)
    done = merge(base, ours, theirs, lambda path: False)
    result = {path: file for path, file in {**ours, **done.changes}.items() if file}
    for name, file in ours.items():
        lost = lines_of(file) - lines_of(base[name]) - lines_of(result.get(name))
        assert not lost, name
        # Nor one of the template's, but where the file is not text any more and is named.
        missing = lines_of(theirs.get(name)) - lines_of(base[name]) - lines_of(result.get(name))
        assert not missing or done.conflicts[name] == BINARY, name
    assert {name for name in base if name not in ours} & set(result) == set()
