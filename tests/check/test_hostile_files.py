"""`csa check` reads whatever lies in a package, or says in a sentence why it does not."""

from __future__ import annotations

import base64
import gzip
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from csa.errors import Failed
from csa.files import TooLarge, is_file, read_file
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.commands import CSA, commit_all, git, run_csa
from tests.support.monorepo import init
from tests.support.package import Render
from tests.support.sampling import sampled


@pytest.fixture
def package(render: Render, tmp_path: Path) -> Path:
    folder = render(tmp_path / "mono" / "scripts" / "new_pkg")
    init(tmp_path / "mono")
    return folder


def a_socket(path: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)  # its whole path would be too long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.fchdir(here)
    os.close(here)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3_000_000_000)


def aliases(path: Path) -> None:
    names = "abcdefghij"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in pairwise(names)]
    path.write_text("\n".join(lines) + "\n")


HOSTILE: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link out of the package": lambda path: path.symlink_to("/etc/hostname"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a socket": a_socket,
    "3 GB": sparse,
    "a folder": lambda path: path.mkdir(),
    "aliases of aliases": aliases,
    "brackets": lambda path: path.write_text("[" * 100_000),
    "NUL": lambda path: path.write_bytes(b"\0" * 100_000),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\xff" * 1000),
}
FILES = ["Dockerfile", "HISTORY.md", "main.py", "pyproject.toml", "requirements.txt", "version.txt"]


@pytest.mark.parametrize("what", sampled(HOSTILE))
def test_files_that_are_something_else_are_said_at_once(package: Path, what: str) -> None:
    recorded = next((package / "tests" / "vcr_cassettes").rglob("*.yaml"))
    others = [package / name for name in FILES] + [recorded, package / "more.py"]
    for paths in (others, [package / ".copier-answers.yml"]):
        for path in paths:
            path.unlink(missing_ok=True)
            HOSTILE[what](path)
        # Fails the test where it does not end.
        shown = run_csa("check", cwd=package.parents[1], code=None, timeout=30)
        assert shown.returncode in (1, 2), (paths, shown.stderr)
        assert "unexpected" not in shown.stdout + shown.stderr
        for path in paths:
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()
        git(package, "checkout", "--quiet", ".")


def test_only_regular_files_of_a_folder_are_read_and_up_to_a_size(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside").write_text("x")
    (tmp_path / "inside" / "plain").write_text("text")
    (tmp_path / "inside" / "link").symlink_to("plain")
    (tmp_path / "inside" / "out").symlink_to("../outside")
    os.mkfifo(tmp_path / "inside" / "pipe")
    folder = tmp_path / "inside"
    assert read_file(folder, "link") == b"text"
    with pytest.raises(TooLarge, match="plain is larger than"):
        read_file(folder, "plain", 3)
    for path in ("out", "pipe", "../outside", ".", "gone", "a\0b"):
        assert not is_file(folder, path)
        with pytest.raises(Failed):
            read_file(folder, path)


LONG = 480_000
"""Bytes, a bit less than of the largest Python file that is read."""

COSTLY = {
    "imports": ("main.py", "import module{n} as other{n}\n"),
    "imports of a helper": ("helper.py", "import module{n}, pyatlan.m{n}\n"),
    "statements": ("main.py", "a\n"),
    "calls": ("helper.py", "f()\n"),
    "functions": ("main.py", "def f{n}(a): return a\n"),
    "tests": ("tests/test_more.py", "def test_{n}(): assert {n}\n"),
    "secrets": ("main.py", "api_key = 'abc{n}defgh4x'\n"),
    "strings": ("helper.py", "a = 'b' + 'c' + f'{{a}}' + 'd'\n"),
    "settings": ("settings.yaml", "api_key{n}: abc{n}defgh4x\n"),
    "requirements": ("requirements.txt", "module{n}>=1,<2\n"),
    "answers": ("tests/vcr_cassettes/many.yaml", '- {{body: \'{{"a": "b{n}"}}\', n: {n}}}\n'),
    "Docker": ("Dockerfile", "ENV A{n}=b{n}\n"),
}
"""Files, and lines of which they have as many as are read."""


def check_within_limits(package: Path) -> str:
    """Run `csa check` and return what it shows; fail where it takes more than README promises."""
    with tempfile.TemporaryFile("w+") as output:
        started = subprocess.Popen([CSA, "check"], cwd=package, stdout=output, stderr=output)
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        shown = output.read()
    assert started.returncode in (0, 1, 2), shown[-1000:]
    assert "Traceback" not in shown
    assert used.ru_maxrss < 500_000
    assert used.ru_utime + used.ru_stime < 20  # ten seconds of a machine with two processors
    return shown


@pytest.mark.parametrize("what", sampled(COSTLY))
def test_a_check_of_any_file_ends_in_ten_seconds_and_500_mb(package: Path, what: str) -> None:
    path, line = COSTLY[what]
    lines = (line.format(n=number) for number in range(LONG // len(line)))
    (package / path).write_text("".join(lines)[:LONG])
    assert len(check_within_limits(package)) < 1_000_000


BOMB = base64.b64encode(gzip.compress(b"a" * 5_000_000)).decode()
RECORDED = (
    "interactions:\n- request: {{uri: 'http://x', method: GET, body: '{body}'}}\n"
    "  response: {{body: {{string: ''}}}}\n"
)
EXCESSIVE = {
    "values of many targets": ("helper.py", "a=" * 30_000 + "[" + ",".join("x" * 15_000) + "]\n", "seconds"),
    "dotted keys": ("pyproject.toml", "".join(f"b{n}{'.a' * 4900}=1\n" for n in range(10)), "MB"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", EXCESSIVE)
def test_a_check_that_would_take_more_ends_and_the_next_package_is_checked(
    package: Path, what: str
) -> None:
    path, text, unit = EXCESSIVE[what]
    shutil.copytree(package, package.with_name("other"))
    (package / path).write_text(text)
    shown = check_within_limits(package.parent)
    assert re.match(rf"new_pkg: failed: its check (takes|needs) more than \d+ {unit}: make", shown)
    assert "other: failed" not in shown


@pytest.mark.parametrize(
    ("path", "text", "says"),
    sampled([
        ("requirements.txt", "requests>=2,<3; os_name ~= 'posix'\n", " is none\n"),
        ("requirements.txt", "x>=2,<3; a == 'b' and dependency_groups == 'a'\n", " is none\n"),
        ("main.py", f"# coding: idna\nprint('{'a' * 70}')\n", "its encoding cannot be written"),
        ("main.py", f"print(0x{'9' * 5000})\n", "a number in it is too long"),
        ("main.py", ("def p(): return p()\nif __name__ == '__main__':\n    v = 1\n    n = p().parse_args()\n"
         "    print(n, v)\n"), "CSA401"),
        ("main.py", ("import argparse\ndef parse(again=False):\n    q = argparse.ArgumentParser()\n"
         "    a = q.parse_args()\n    if again:\n        return a\n    return parse(True)\n"
         "if __name__ == '__main__':\n    ns = parse()\n    print(ns)\n"), "CSA401"),
        ("::error::boo.py", "x = (\n", r"\x3a:error::boo.py:1: Python"),
        ("##[error]x.py", "x = (\n", r"#\x23[error]x.py:1: Python"),
    ]),
)  # fmt: skip
def test_odd_files_are_findings_on_lines_that_command_nobody(
    package: Path, path: str, text: str, says: str
) -> None:
    (package / path).write_text(text)
    shown = run_csa("check", cwd=package, code=1).stdout
    assert says in shown
    assert "unexpected" not in shown
    assert not [
        line for line in shown.splitlines() if line.lstrip().startswith("::") or "##[" in line
    ]


FRAGMENTS = st.lists(
    st.sampled_from(["a", "b1", "'", '"', "(", ")", "[", "]", "{", "}", " = ", ": ", "- ", "\n", "\n    ",
                     "import ", "from ", "def f():", "class ", "@", "#", "\\", "&", "*", "!", "key=",
                     "token: ", "http://", "é", "\0", "\t", "lambda:", "await ", "%", "~", "|", ","]),
    min_size=1, max_size=12,
).map("".join)  # fmt: skip
PATHS = st.sampled_from(
    [".copier-answers.yml", ".dockerignore", ".snyk", "Dockerfile", "HISTORY.md", "index.md", "main.py",
     "more.json", "pyproject.toml", "requirements.txt", "tests/conftest.py", "tests/test_main.py",
     "tests/vcr_cassettes/a.yaml", "tests/vcr_cassettes/a.json", "version.txt", "../../mkdocs.yml"]
)  # fmt: skip


@pytest.mark.slow
def test_a_check_of_repeated_text_ends_in_ten_seconds_and_500_mb(package: Path) -> None:
    commit_all(package, "As rendered")

    @settings(max_examples=int(os.environ.get("CSA_RUNS", "8")), deadline=None)
    @given(PATHS, FRAGMENTS, FRAGMENTS, st.integers(1, 990_000))
    def holds(path: str, start: str, fragment: str, size: int) -> None:
        text = start + fragment * (size // len(fragment.encode()))
        (package / path).write_text(text)
        try:
            check_within_limits(package)
        finally:
            git(package, "checkout", "--quiet", ".")
            git(package, "clean", "--quiet", "--force", "-x", ".", "../..")

    holds()


NAME = "two\nlines\x1b[31m:smile:[red]\u202e"


def test_names_of_others_are_one_line_and_none_acts_on_a_terminal(
    package: Path, tmp_path: Path
) -> None:
    root = package.parents[1]
    package.rename(package.with_name(NAME))
    (package.with_name(NAME) / "::error::x\nindex.py").write_text("import x_y_z\n")
    commit_all(root, "Named")
    for command in (["list"], ["check"], ["check", "--format", "github"], ["status"]):
        shown = run_csa(*command, cwd=root, code=None).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert not [one for one in shown.splitlines() if one.startswith(("lines", "index.py"))]
    assert ":smile:[red]" in run_csa("list", cwd=root).stdout
