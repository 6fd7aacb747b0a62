"""Which data files a script names, and what lets them into its image."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from csa.adopt.data import (
    Data,
    data_named,
    data_outside,
    why_left_out,
    with_data,
    with_working_directory,
)
from csa.dockerignore import lets_in


def write(folder: Path, paths: Iterable[str]) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("1\n")


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("open('a.csv')", ["a.csv"]),
        ("open('./a.csv')", ["a.csv"]),
        ("open('scripts/x/a.csv')", ["a.csv"]),
        ("open('./scripts/x/sub/b.json')", ["sub/b.json"]),
        ("open('sub/b.json')", ["sub/b.json"]),
        ("open('sub\\\\b.json')", ["sub/b.json"]),
        ("Path(__file__).parent / 'sub' / 'b.json'", ["sub/b.json", "sub/c.json"]),
        ("open(f'{HERE}/sub/b.json')", ["sub/b.json"]),
        ("open(HERE + '/a.csv')", ["a.csv"]),
        ("os.path.join('sub', 'b.json')", ["sub/b.json", "sub/c.json"]),
        ("os.listdir('sub')", ["sub/b.json", "sub/c.json"]),
        ("load('sub/')", ["sub/b.json", "sub/c.json"]),
        ("glob('*.csv')", ["a.csv"]),
        ("glob('sub/*.json')", ["sub/b.json", "sub/c.json"]),
        ("glob('**/*.json', recursive=True)", ["sub/b.json", "sub/c.json"]),
        ("glob('sub/**/*.json', recursive=True)", ["sub/b.json", "sub/c.json"]),
        ("open('.owners.json')", [".owners.json"]),
        ("parser.add_argument('--file', default='a.csv')", ["a.csv"]),
        ("row['sub']", []),
        ("'''a.csv'''", []),
        ("open('other.csv')", []),
        ("open('../a.csv')", []),
        ("open('main.py'); open('README.md'); open('.env')", []),
        ("open('requirements.txt'); open('\\0')", []),
    ],
)
def test_a_data_file_is_one_that_the_code_names(
    code: str, named: list[str], tmp_path: Path
) -> None:
    files = ["a.csv", "sub/b.json", "sub/c.json", "main.py", "README.md", ".env", ".owners.json"]
    write(tmp_path, [*files, "requirements.txt"])
    found = data_named(tmp_path, files, {"main.py": code.encode()}, "scripts/x")
    assert [data.path for data in found] == named
    from_top = "scripts/x/" in code
    assert all(data.from_top == from_top for data in found)
    assert all(data.relative == ("__file__" not in code and not from_top) for data in found)


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("open('../../shared/list.csv')", "shared/list.csv"),
        ("open('shared/list.csv')", "shared/list.csv"),
        ("open(f'{HERE}/../all.json')", "scripts/all.json"),
        ("open(HERE + '\\\\..\\\\all.json')", "scripts/all.json"),
        ("parser.add_argument('--file', default='../all.json')", "scripts/all.json"),
        ("open('all.json')", "scripts/all.json"),
        ("Path(__file__).parents[2] / 'shared' / 'list.csv'", "shared/list.csv"),
        ("os.path.join(HERE, '..', '..', 'shared', 'list.csv')", "shared/list.csv"),
        ("Path('..').joinpath('../shared', name)", "shared"),
        ("Path(HERE, '../../shared').glob('*.csv')", "shared"),
        ("glob('../../shared/*.csv')", "shared"),
        ("open(f'../../shared/{name}.csv')", "shared"),
        ("open('a.csv'); open('../x/a.csv')", None),  # its own
        ("open('../../shared/text.py'); open('../other/main.py'); open('../none.csv')", None),
        ("open('../../../outside.csv'); open('../..'); open('..'); open('/')", None),
        ("os.listdir('..'); row['all.json']; Path(a / b) / 1", None),
    ],
)
def test_a_data_file_elsewhere_in_the_repository_is_named(
    code: str, named: str | None, tmp_path: Path
) -> None:
    """The image has the package alone."""
    root = tmp_path / "mono"
    files = ("scripts/x/a.csv", "shared/list.csv", "shared/text.py", "scripts/all.json", "a.csv")
    write(root, [*files, "scripts/other/main.py", "../outside.csv"])
    found = data_outside(root / "scripts" / "x", root, {"main.py": f"1\n{code}".encode()})
    assert found == ([("main.py", 2, named)] if named else [])


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("a.csv", None),
        (".owners.json", ".owners.json is hidden, so it stays out of the image: give it a name"),
        ("link.csv", "leads out of the package by a link: copy the file"),
        ("links/b.csv", "leads out of the package by a link: copy the file"),
        ("ignored.csv", "git ignores ignored.csv"),
        ("token.csv", "token.csv may have credentials"),
    ],
)
def test_what_an_image_cannot_have_is_said_with_the_reason(
    path: str, says: str | None, tmp_path: Path
) -> None:
    folder = tmp_path / "x"
    write(folder, ["a.csv", ".owners.json", "ignored.csv", "token.csv"])
    write(tmp_path / "shared", ["b.csv"])
    (folder / "link.csv").symlink_to("../shared/b.csv")
    (folder / "links").symlink_to("../shared")
    reason = why_left_out(
        Data(path, "main.py", 1, False, True, False), ["a.csv", ".owners.json", "token.csv"], folder
    )
    assert bool(reason) == bool(says)
    assert (says or "") in (reason or "")


def test_the_users_own_lines_let_data_in_as_well(tmp_path: Path) -> None:
    data = [Data(path, "main.py", 1, False, True, False) for path in ("a.csv", "b.csv")]
    assert with_data("*\n!**/*.csv\n", data, (), tmp_path) == "*\n!**/*.csv\n"
    assert with_data("*\n!a.csv", data, (), tmp_path) == "*\n!a.csv\n!b.csv\n"


def test_a_name_lets_in_its_own_file_alone_whatever_it_means_in_a_pattern(tmp_path: Path) -> None:
    """Docker reads these lines in tests/template/test_images.py."""
    named = {"a[1]*.csv": False, "d\n!**/x.c\n!**": True, "in (a)/b.csv": True, "e ": False}
    data = [Data(path, "main.py", 1, by_folder, True, False) for path, by_folder in named.items()]
    lines = with_data("*\n", data, list(named), tmp_path).splitlines()
    assert lines == ["*", r"!a\[1\]\*.csv", r"!d?!\*\*/*.c?!\*\*", r"!in \(a\)/*.csv", "!e?"]
    assert [path for path in named if any(lets_in(line[1:], path) for line in lines)] == [*named]
    assert not any(lets_in(line[1:], path) for line in lines[1:] for path in (".env", "a1x.csv"))


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("*.csv", "a.csv", "a/a.csv"),
        ("/a/*.csv", "a/a.csv", "a/b/a.csv"),
        ("**/*.csv", "a/b/a.csv", "a/b.csv/c"),
        ("a/**/[^b]", "a/x/c", "a/x/b"),
        (r"\!\a", "!a", "a"),
    ],
)
def test_a_pattern_means_what_docker_takes_it_for(pattern: str, inside: str, outside: str) -> None:
    assert lets_in(pattern, inside)
    assert not lets_in(pattern, outside)


def test_a_dockerfile_has_one_working_directory() -> None:
    placed = with_working_directory('FROM x\nCMD ["x"]\n', "pkg")
    assert placed.endswith('directory.\nWORKDIR /app/pkg\nCMD ["x"]\n')
    assert with_working_directory(placed, "pkg") == placed
