"""`git apply` takes every patch that csa prints, and makes of a checkout what csa would have."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from csa.diff import diff
from csa.files import File, Tree
from csa.output import print_diff
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.adoptions import adopt, monorepo
from tests.support.commands import commit_all, git, run

LINES = st.sampled_from(
    [b"a\n", b"a\r\n", b"b\n", b"b\r\n", b"\n", b"\r\n", b"\r", b"\x0c\n", b"\xc3\xa9\n",
     b"\xff\r\n", b"-- a\n", b"+b", b"\\ No newline\n", b" \t\n", b"\0"]
)  # fmt: skip
CONTENTS = st.lists(LINES, max_size=6).map(b"".join)
FILES = st.one_of(
    st.builds(File, CONTENTS, st.sampled_from(["100644", "100755"])),
    st.builds(File, st.sampled_from([b"a", b"../there", b"no where"]), st.just("120000")),
)
TREES = st.dictionaries(
    st.sampled_from(["a", "b/c", "b/d e", 'q"\\', "tab\t", "line\nend", "é", "-x"]),
    FILES,
    max_size=5,
)


def write(root: Path, files: Tree) -> None:
    for path, file in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.mode == "120000":
            target.symlink_to(os.fsdecode(file.content))
        else:
            target.write_bytes(file.content)
            target.chmod(0o755 if file.mode == "100755" else 0o644)


def read(root: Path) -> dict[str, File]:
    listed = git(root, "ls-files", "-z", "--cached", "--others").split("\0")
    found = {path: File.read(root / path) for path in listed if path}
    return {path: file for path, file in found.items() if file}


def apply(root: Path, patch: bytes) -> None:
    command = ["git", "-C", str(root), "apply", "--allow-empty", "-"]
    applied = subprocess.run(command, input=patch, capture_output=True, check=False)
    assert applied.returncode == 0, (applied.stderr, patch)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES, TREES, st.booleans())
def test_a_patch_makes_any_files_of_any_others(before: Tree, after: Tree, moved: bool) -> None:
    if moved:
        after = {**after, **{f"moved/{path}": file for path, file in before.items()}}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        git(root, "init", "--quiet")
        write(root, before)
        apply(root, diff(before, after))
        assert read(root) == after


def test_the_patch_of_an_adoption_has_links_modes_and_any_line_ends(
    template: Path, tmp_path: Path
) -> None:
    source = monorepo(tmp_path / "mono", "certify-tables")
    script = "scripts/certify-tables"
    text = "see scripts/certify-tables/main.py\r\n"
    write(
        source,
        {
            ".gitattributes": File(b"*.bat text eol=crlf\n"),
            "text.md": File(text.encode()),
            "latin.md": File(b"\xe4\r\n" + text.encode()),
            "run.bat": File(text.encode(), "100755"),
            f"{script}/run.sh": File(b"true", "100755"),
            f"{script}/link.py": File(b"main.py", "120000"),
            f"{script}/nowhere": File(b"../no/where", "120000"),
            f"{script}/folder": File(b"..", "120000"),
        },
    )
    commit_all(source, "More")
    root, other = tmp_path / "root", tmp_path / "other"
    for clone in (root, other):
        run("git", "clone", "--quiet", "--config", "core.autocrlf=true", source, clone)
    planned = adopt(root, template, "certify-tables", "--dry-run", code=None)
    apply(other, planned["diff"].encode())
    adopt(root, template, "certify-tables", code=None)
    assert read(other) == read(root)


@pytest.mark.parametrize(
    ("shown", "rows"),
    [(b"", ""), (b"+a\r\n\n-b\xe2\x80\xa8c\rd\n", "+a\n\n-b\\u2028c\\rd\n")],
)
def test_a_diff_on_a_terminal_has_the_lines_that_git_has(
    shown: bytes, rows: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_diff(shown)
    assert capsys.readouterr().out == rows
