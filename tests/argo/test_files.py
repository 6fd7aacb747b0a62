"""The files of `csa argo`: as patches that git applies, and put back after a kill."""

from __future__ import annotations

from pathlib import Path

import pytest
from csa.argo import use_image_in
from csa.diff import diff
from csa.errors import Failed
from csa.transaction import Place, undo_unfinished

from tests.support.commands import git, run, run_csa, tree
from tests.support.kills import killed_while

RUNS = "container:\n  # ✓\n  args: [-m, scripts.x.main]\n  name: main\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a folder scripts/x and argo/deep; beside it, out/deep is in none."""
    root = tmp_path / "mono"
    for folder in (root / "scripts" / "x", root / "argo" / "deep", tmp_path / "out" / "deep"):
        folder.mkdir(parents=True)
    git(root, "init", "--quiet")
    monkeypatch.chdir(root)
    return root


def assert_git_applies(root: Path, name: str | Path, real: Path, content: str, cwd: Path) -> None:
    """Fail unless the patch that is printed for a file does, in a folder, what csa does itself."""
    real.write_bytes(content.encode())
    trees = use_image_in(Path(name), root / "scripts" / "x", "img:1", write=False)
    assert real.read_bytes() == content.encode()
    (root / ".git" / "patch").write_bytes(diff(*trees))
    run("git", "apply", root / ".git" / "patch", cwd=cwd)
    by_git = real.read_bytes()
    real.write_bytes(content.encode())
    assert use_image_in(Path(name), root / "scripts" / "x", "img:1", write=True) == trees
    assert real.read_bytes() == by_git != content.encode()


@pytest.mark.parametrize(
    "content",
    [
        RUNS.rstrip("\n"),
        RUNS.replace("\n", "\r\n"),
        RUNS.replace("\n", "\r\n").rstrip(),
        "\ufeff" + RUNS,
        RUNS.replace("✓", "é\t"),
        "container: {args: [-m, scripts.x.main]}",
        *(f"a: 'x{odd}y'\n{RUNS}b: |\n  x\n" for odd in ("\u2028", "\u2029", "\x85", "\r")),
    ],
)
def test_git_applies_the_patch_whatever_ends_lines(root: Path, content: str) -> None:
    end = "crlf" if "\r\n" in content else "lf"
    for attributes in ("", f"*.yaml text eol={end}\n"):
        (root / ".gitattributes").write_text(attributes)
        assert_git_applies(root, "argo/a.yaml", root / "argo" / "a.yaml", content, root)


@pytest.mark.parametrize("name", ["a b.yaml", "ä.yaml", 'q"\\.yaml', "-n", "a\tb", "a\nb"])
def test_git_applies_the_patch_whatever_the_file_is_called(root: Path, name: str) -> None:
    assert_git_applies(root, Path("argo", name), root / "argo" / name, RUNS, root)


def test_git_applies_the_patch_however_the_file_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "link.yaml").symlink_to("argo/a.yaml")
    (root / "folder").symlink_to("argo")
    out = root.parent / "out"
    for here, name, real, cwd in (
        (root, root / "argo" / "a.yaml", root / "argo" / "a.yaml", root),
        (root, "link.yaml", root / "argo" / "a.yaml", root),
        (root, "folder/a.yaml", root / "argo" / "a.yaml", root),
        (root / "argo", "a.yaml", root / "argo" / "a.yaml", root / "argo"),
        (root / "argo" / "deep", "../a.yaml", root / "argo" / "a.yaml", root),
        # Outside of a repository, from this folder or else from the file's.
        (out, "a.yaml", out / "a.yaml", out),
        (out, "deep/a.yaml", out / "deep" / "a.yaml", out),
        (out, out / "deep" / "a.yaml", out / "deep" / "a.yaml", out),
        (out / "deep", "../a.yaml", out / "a.yaml", out),
        (root, out / "deep" / "a.yaml", out / "deep" / "a.yaml", out / "deep"),
    ):
        monkeypatch.chdir(here)
        assert_git_applies(root, name, real, RUNS, cwd)


# --- Killed outside of a repository --------------------------------------------------------------


def half_written(root: Path, file: Path) -> None:
    """Leave a file that is in no repository half written: killed when it was moved aside."""
    for operation in range(1, 100):
        file.write_text(RUNS)
        killed_while(lambda: _write(file, root), operation)
        if not file.exists():
            return
        undo_unfinished(Place.outside())
    pytest.fail("it was never half written")


def _write(file: Path, root: Path) -> None:
    use_image_in(file, root / "scripts" / "x", "img:1", write=True)


@pytest.mark.parametrize(
    ("here", "command"),
    [("out", ["list"]), ("mono", ["status"]), ("mono", ["check"]), ("out", ["adopt", "x"])],
)
def test_every_command_puts_back_what_was_left_outside_of_a_repository(
    root: Path, here: str, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, out = root.parent / "state", root.parent / "out"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    half_written(root, out / "a.yaml")
    shown = run_csa(*command, cwd=root.parent / here, code=None).stderr
    assert f"{out} was half-written by a run that was killed: it is restored" in shown
    assert tree(out) == {"a.yaml": RUNS.encode()}
    assert not list((state / "csa-template").iterdir())


def test_what_cannot_be_put_back_outside_of_a_repository_stops_no_command(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    journals = tmp_path / "state" / "csa-template" / "journal"
    journals.mkdir(parents=True)
    (journals / "journal").write_text("{}")
    shown = run_csa("list", cwd=root)
    assert f"delete {journals}: it cannot be read" in shown.stderr
    (tmp_path / "out" / "a.yaml").write_text(RUNS)
    with pytest.raises(Failed, match="it cannot be read"):
        _write(tmp_path / "out" / "a.yaml", root)
