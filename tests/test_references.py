"""References to a folder that gets another name, in all files of a repository."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from csa.adopt.references import References, Rewrite, find_references
from csa.errors import Failed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import commit_all, git, run, tree

LATIN = "é".encode("latin-1")


@pytest.fixture
def mono(tmp_path: Path) -> Path:
    """A monorepo with scripts/old-name and scripts/MyScript, which no file refers to yet."""
    return a_monorepo(tmp_path / "mono")


def a_monorepo(top: Path) -> Path:
    top.mkdir()
    git(top, "init", "--quiet")
    for path in ("scripts/old-name/main.py", "scripts/MyScript/main.py", "scripts/other/main.py"):
        write(top, path, "")
    write(top, "docs/index.md", "# Docs\n")
    commit_all(top, "A monorepo")
    return top


def write(top: Path, path: str, content: str | bytes) -> None:
    file = top / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def link(top: Path, path: str, target: str) -> None:
    (top / path).parent.mkdir(parents=True, exist_ok=True)
    (top / path).symlink_to(target)


def find(top: Path, old: str = "scripts/old-name", new: str = "old_name") -> References:
    return find_references(top, top / old, new)


def check(top: Path, path: str, before: str, after: str | None, **names: str) -> None:
    """Write a file and check what becomes of it; after: None if it stays, and is mentioned."""
    write(top, path, before)
    found = find(top, **names)
    if after is None:
        assert found.changes == {}
        assert found.rewrites == []
        assert path in {mentioned for mentioned, _ in found.mentions}
    else:
        assert found.changes == {path: after.encode()}
        assert {rewrite.path for rewrite in found.rewrites} == {path}
        assert found.mentions == []


# --- Paths ----------------------------------------------------------------------------------

CHANGED = [
    # Relative to the top
    ("a.toml", 'path = "scripts/old-name"', 'path = "scripts/old_name"'),
    ("a/b.toml", 'include = ["scripts/old-name/*"]', 'include = ["scripts/old_name/*"]'),
    (".github/workflows/a.yml", "  - scripts/old-name/**", "  - scripts/old_name/**"),
    (".github/workflows/a.yml", "  - '!scripts/old-name/**'", "  - '!scripts/old_name/**'"),
    (".github/workflows/a.yml", "  uses: ./scripts/old-name", "  uses: ./scripts/old_name"),
    ("Makefile", "x:\n\tcd scripts/old-name && make", "x:\n\tcd scripts/old_name && make"),
    ("a.sh", 'cp -r scripts/old-name/. "$to"', 'cp -r scripts/old_name/. "$to"'),
    ("a.sh", "--out=scripts/old-name,x", "--out=scripts/old_name,x"),
    ("a.json", '{"scripts/old-name": 1}', '{"scripts/old_name": 1}'),
    ("a.json", '{"run": "a\\nscripts/old-name/x"}', '{"run": "a\\nscripts/old_name/x"}'),
    ("a.lock", 'source = { editable = "scripts/old-name" }',
     'source = { editable = "scripts/old_name" }'),
    (".gitignore", "/scripts/old-name/out", "/scripts/old_name/out"),
    (".github/CODEOWNERS", "/scripts/old-name/ @org/team", "/scripts/old_name/ @org/team"),
    (".pre-commit-config.yaml", "files: ^scripts/old-name/", "files: ^scripts/old_name/"),
    (".pre-commit-config.yaml", "files: ^scripts/old-name$", "files: ^scripts/old_name$"),
    ("a.txt", "See scripts/old-name.", "See scripts/old_name."),
    ("a.txt", "“scripts/old-name”, scripts/old-name: it", "“scripts/old_name”, scripts/old_name: it"),
    ("a.txt", "scripts/old-name:12: and scripts/old-name/x.py:3",
     "scripts/old_name:12: and scripts/old_name/x.py:3"),
    ("a.txt", "git show main:scripts/old-name/x", "git show main:scripts/old_name/x"),
    ("a.txt", "no/../scripts//old-name/../other", "no/../scripts//old_name/../other"),
    ("BUILD", "//scripts/old-name:target", "//scripts/old_name:target"),
    ("a.txt", "scripts/old-name", "scripts/old_name"),
    # After a variable
    ("a.sh", "$GITHUB_WORKSPACE/scripts/old-name/x", "$GITHUB_WORKSPACE/scripts/old_name/x"),
    ("a.yml", "a: ${{ github.workspace }}/scripts/old-name",
     "a: ${{ github.workspace }}/scripts/old_name"),
    ("a.py", 'f"{root}/scripts/old-name/x"', 'f"{root}/scripts/old_name/x"'),
    ("a.sh", '"$(pwd)/scripts/old-name:/app"', '"$(pwd)/scripts/old_name:/app"'),
    # Relative to the file's folder
    ("scripts/other/a.toml", 'x = { path = "../old-name" }', 'x = { path = "../old_name" }'),
    ("scripts/a.sh", "cd ./old-name; cd old-name/x", "cd ./old_name; cd old_name/x"),
    ("scripts/old-name/a.sh", "cd ../old-name", "cd ../old_name"),
    ("scripts/old-name/index.md", "`scripts/old-name/main.py`", "`scripts/old_name/main.py`"),
    ("docs/a/b.md", "[x](../../scripts/old-name/index.md#a)",
     "[x](../../scripts/old_name/index.md#a)"),
    ("docs/a.md", '[x](../scripts/old-name "A title")', '[x](../scripts/old_name "A title")'),
    ("docs/a.md", "**scripts/old-name**", "**scripts/old_name**"),
    # A bare name, as a target
    ("scripts/README.md", "[x](old-name)", "[x](old_name)"),
    ("scripts/README.md", "[x](old-name/) ![y](old-name#a)", "[x](old_name/) ![y](old_name#a)"),
    ("scripts/README.md", "[x]: old-name", "[x]: old_name"),
    ("scripts/README.md", "[x](<old-name>) and [a][x]", "[x](<old_name>) and [a][x]"),
    # Dotted
    ("a.yml", "args: [-m, scripts.old-name.main]", "args: [-m, scripts.old_name.main]"),
    ("a.py", 'patch("scripts.old-name.main.run")', 'patch("scripts.old_name.main.run")'),
    ("a.toml", 'module = "scripts.old-name.*"', 'module = "scripts.old_name.*"'),
    ("a.txt", "Run scripts.old-name.", "Run scripts.old_name."),
    # Python's strings and comments
    ("a.py", "X = 'scripts/old-name/x'  # in scripts/old-name", 
     "X = 'scripts/old_name/x'  # in scripts/old_name"),
    ("a.py", "no python: 'scripts/old-name'", "no python: 'scripts/old_name'"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), CHANGED)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""], ids=["LF", "CRLF", "no line end"])
def test_what_leads_to_the_folder_follows_it(
    mono: Path, path: str, before: str, after: str, end: str
) -> None:
    check(mono, path, before + end, after + end)


LEFT = [
    # Elsewhere, or nowhere
    ("a.txt", "other/old-name/x"),
    ("a.txt", "scripts/scripts/old-name"),
    ("a.txt", "~/scripts/old-name"),
    ("docs/a.md", "[x](old-name) and old-name/x"),
    ("docs/a.md", "[x](scripts2/old-name)"),
    ("a.txt", "/opt/scripts/old-name"),
    # Bare
    ("scripts/a.txt", "[x](old-name)"),
    ("scripts/README.md", "old-name, `old-name` and <old-name>"),
    ("a.sh", "cd scripts; cd old-name"),
    ("a.py", 'Path("scripts") / "old-name"'),
    # URLs and the like
    ("a.md", "[x](https://github.com/o/r/tree/main/scripts/old-name)"),
    ("a.md", "https://example.com/${X}/scripts/old-name"),
    ("a.yml", "x: https://h/${{ github.ref }}/scripts/old-name"),
    ("a.py", "f\"https://h/{a['b']}/scripts/old-name\""),
    ("a.py", '"https://h?at=scripts/old-name"'),
    ("a.txt", "git+https://h/o/r@main#subdirectory=scripts/old-name"),
    ("a.txt", "s3://scripts/old-name/x and s3:///scripts/old-name"),
    ("a.txt", "git@github.com:scripts/old-name"),
    ("a.txt", "git@github.com:scripts/old-name.git"),
    # Names of packages and images
    ("package.json", '"@csa/old-name": "1.0"'),
    ("package.json", '"@scripts/old-name": "1.0"'),
    ("a.yml", "image: ghcr.io/org/old-name:1.0"),
    ("a.yml", "image: scripts/old-name"),
    ("a.yml", "image: ${{ env.REGISTRY }}/scripts/old-name"),
    ("a.json", '"image": "scripts/old-name"'),
    ("a.sh", "docker push scripts/old-name:1.0 scripts/old-name:latest"),
    ("a.sh", "docker push $REGISTRY/scripts/old-name:$TAG"),
    ("Makefile", "IMAGE_NAME ?= scripts/old-name"),
    ("Dockerfile", "FROM scripts/old-name AS x"),
    ("a.txt", "scripts/old-name@sha256:12"),
    # Longer components
    ("a.txt", "scripts/old-name.py"),
    ("a.txt", "scripts/old-name.$X scripts/old-name.{a,b} scripts/old-name*"),
    ("a.py", 'f"scripts/old-name{version}"'),
    ("scripts/a.sh", "$old-name/x ${x}old-name/x **old-name/x"),
    # Dotted
    ("a.txt", "old-name.main and other.old-name.main"),
    ("a.txt", "a.scripts.old-name.main scripts.scripts.old-name"),
    ("a.txt", "$scripts.old-name.x me@scripts.old-name.x"),
    ("a.txt", "x/scripts.old-name.x scripts.old-name.x/y scripts.old-name*"),
]


@pytest.mark.parametrize(("path", "line"), LEFT)
def test_what_only_looks_alike_is_left_and_mentioned(mono: Path, path: str, line: str) -> None:
    check(mono, path, line + "\n", None)


@pytest.mark.parametrize(
    "line", ["scripts/old-name-v2", "scripts/my-old-name", "scripts/old-name_", "old-nameé"]
)
def test_a_longer_word_is_not_even_mentioned(mono: Path, line: str) -> None:
    write(mono, "a.txt", line)
    assert find(mono) == References()


def test_each_line_is_told_with_its_number_and_each_reference_on_it_follows(mono: Path) -> None:
    write(mono, "a.sh", "#\ncp scripts/old-name/a scripts/old-name/b\r\necho old-name\n")
    assert find(mono) == References(
        {"a.sh": b"#\ncp scripts/old_name/a scripts/old_name/b\r\necho old-name\n"},
        [
            Rewrite(
                "a.sh",
                2,
                "cp scripts/old-name/a scripts/old-name/b",
                "cp scripts/old_name/a scripts/old_name/b",
            )
        ],
        [],
        [("a.sh", 3)],
    )


def test_a_line_can_have_both_a_reference_and_a_mention(mono: Path) -> None:
    write(mono, "a.sh", "docker build -t org/old-name:1 scripts/old-name\n")
    found = find(mono)
    assert found.changes == {"a.sh": b"docker build -t org/old-name:1 scripts/old_name\n"}
    assert found.mentions == [("a.sh", 1)]


def test_only_the_outer_of_two_folders_with_the_name_follows(mono: Path) -> None:
    write(mono, "scripts/old-name/old-name/x", "")
    write(mono, "a.txt", "scripts/old-name/old-name/x")
    assert find(mono).changes == {"a.txt": b"scripts/old_name/old-name/x"}


def test_a_folder_at_the_top_has_paths_but_no_dotted_names(mono: Path) -> None:
    write(mono, "tool-x/main.py", "")
    write(mono, "docs/a.md", "tool-x/main.py ../tool-x /tool-x/ tool-x.main tool-x\n")
    found = find(mono, "tool-x", "tool_x")
    after = b"tool_x/main.py ../tool_x /tool_x/ tool-x.main tool-x\n"
    assert found.changes == {"docs/a.md": after}


def test_a_deep_folder_has_all_its_parents_in_a_dotted_name(mono: Path) -> None:
    write(mono, "a/b/my-x/main.py", "")
    write(mono, "c.txt", "a.b.my-x.main b.my-x.main a/b/my-x b/my-x\n")
    found = find(mono, "a/b/my-x", "my_x")
    assert found.changes == {"c.txt": b"a.b.my_x.main b.my-x.main a/b/my_x b/my-x\n"}


# --- mkdocs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["mkdocs.yml", "mkdocs.yaml", "site/mkdocs.yml"])
@pytest.mark.parametrize(
    ("settings", "docs"),
    [
        ("", "docs"),
        ("docs_dir: pages\n", "pages"),
        ("docs_dir: ./pages/\n", "pages"),
        ("site_url: !ENV [SITE, x]\ndocs_dir: pages\n", "pages"),
        ("a: !!python/name:x.y\ndocs_dir: 'pages'\n", "pages"),
        ("docs_dir: !ENV [DOCS, pages]\n", "docs"),
    ],
)
def test_a_page_is_found_from_the_docs_dir_through_a_link(
    mono: Path, path: str, settings: str, docs: str
) -> None:
    # Named so that only what is below the docs_dir leads to the folder.
    base = os.path.dirname(path) or "."
    folder = mono / base / docs / "linked"
    link(mono, os.path.join(base, docs, "linked"), os.path.relpath(mono / "scripts", folder.parent))
    nav = settings + "nav:\n  - Old: linked/{}/index.md\n  - /linked/{}/index.md\n"
    check(mono, path, nav.format("old-name", "old-name"), nav.format("old_name", "old_name"))


@pytest.mark.parametrize("docs_dir", [".", "./"])
def test_a_docs_dir_can_be_the_folder_of_its_settings(mono: Path, docs_dir: str) -> None:
    nav = f"docs_dir: {docs_dir}\nnav:\n  - /{{}}/index.md\n"
    check(mono, "scripts/mkdocs.yml", nav.format("old-name"), nav.format("old_name"))


@pytest.mark.parametrize("broken", ["a: [\n", "- a\n", "%x\n", "a: !x\n"])
def test_settings_that_are_not_as_expected_have_the_default(mono: Path, broken: str) -> None:
    link(mono, "docs/linked", "../scripts")
    before = f"{broken}# linked/old-name/index.md\n"
    check(mono, "mkdocs.yml", before, before.replace("old-name", "old_name"))


def test_only_mkdocs_settings_know_the_docs_dir(mono: Path) -> None:
    link(mono, "docs/linked", "../scripts")
    check(mono, "other.yml", "x: linked/old-name/index.md\n", None)


# --- Imports --------------------------------------------------------------------------------

IMPORTS = [
    ("a.py", "import MyScript", "import my_script as MyScript"),
    ("a.py", "import MyScript as m", "import my_script as m"),
    ("a.py", "import os, MyScript; import sys", "import os, my_script as MyScript; import sys"),
    ("a.py", "import MyScript.main", "import my_script.main"),
    ("a.py", "import MyScript.main as m", "import my_script.main as m"),
    ("a.py", "from MyScript import main", "from my_script import main"),
    ("a.py", "from MyScript.main import x", "from my_script.main import x"),
    ("a.py", "def f():\n    from MyScript.main import (\n        x)",
     "def f():\n    from my_script.main import (\n        x)"),
    ("a.py", "import scripts.MyScript.main as m", "import scripts.my_script.main as m"),
    ("a.py", "from scripts.MyScript.main import x", "from scripts.my_script.main import x"),
    ("a.py", "from scripts import MyScript as m", "from scripts import my_script as m"),
    ("a.py", "from scripts import (\n    other,\n    MyScript,\n)",
     "from scripts import (\n    other,\n    my_script as MyScript,\n)"),
    ("scripts/a.py", "from .MyScript import x", "from .my_script import x"),
    ("scripts/a.py", "from . import MyScript", "from . import my_script as MyScript"),
    ("scripts/other/a.py", "from ..MyScript import x", "from ..my_script import x"),
    ("docs/a.py", "from ..scripts.MyScript.main import x",
     "from ..scripts.my_script.main import x"),
    ("scripts/MyScript/main.py", "from MyScript.x import y", "from my_script.x import y"),
    ("scripts/MyScript/a.py", "from ..MyScript.x import y", "from ..my_script.x import y"),
    ("a.py", "'é'; import MyScript as m", "'é'; import my_script as m"),
    ("a.py", "\ufeffimport MyScript as m", "\ufeffimport my_script as m"),
    ("a.py", "import scripts.MyScript.main\nscripts.MyScript.main.run()",
     "import scripts.my_script.main\nscripts.my_script.main.run()"),
    ("a.py", "import scripts.MyScript\n'é', (scripts\n .MyScript).x",
     "import scripts.my_script\n'é', (scripts\n .my_script).x"),
    ("a.py", "import MyScript as m\nX = '\\d'", "import my_script as m\nX = '\\d'"),
    ("a.pyi", "import MyScript as m", "import my_script as m"),
    ("a.py", "X = 'scripts/MyScript', 'scripts.MyScript.main', '\\d'  # scripts/MyScript",
     "X = 'scripts/my_script', 'scripts.my_script.main', '\\d'  # scripts/my_script"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after"), IMPORTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.filterwarnings("error")
def test_an_import_of_the_folder_follows_it(
    mono: Path, path: str, before: str, after: str, end: str
) -> None:
    before, after = (text.replace("\n", end) + end for text in (before, after))
    check(mono, path, before, after, old="scripts/MyScript", new="my_script")


NO_IMPORTS = [
    ("a.py", "MyScript = 1\nprint(MyScript)"),
    ("a.py", "class MyScript: pass"),
    ("a.py", "x = scripts/MyScript/y"),
    ("a.py", "def f(scripts): return scripts.MyScript.main"),
    ("a.py", "from x import MyScript"),
    ("a.py", "from x.MyScript import y"),
    ("a.py", "from .MyScript import y"),
    ("a.py", "import x.MyScript"),
    ("scripts/other/a.py", "from . import MyScript"),
    ("a.py", "import MyScript as"),
    ("a.py", "'import MyScript'"),
    ("a.py", "d[x](MyScript)"),
    ("scripts/a.py", "d[x](MyScript)"),
    ("README.md", "import MyScript"),
]


@pytest.mark.parametrize(("path", "source"), NO_IMPORTS)
def test_what_is_no_import_of_the_folder_is_left(mono: Path, path: str, source: str) -> None:
    check(mono, path, source + "\n", None, old="scripts/MyScript", new="my_script")


@pytest.mark.parametrize("local", ["scripts/other/MyScript.py", "scripts/other/MyScript/x.py"])
def test_a_module_that_python_finds_first_is_another(mono: Path, local: str) -> None:
    write(mono, local, "")
    source = "import MyScript\nfrom MyScript import x\n"
    check(mono, "scripts/other/a.py", source, None, old="scripts/MyScript", new="my_script")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import scripts.MyScript\ndef f(scripts): return scripts.MyScript\n",
            "import scripts.my_script\ndef f(scripts): return scripts.MyScript\n",
        ),
        (
            "import MyScript.main as m\nMyScript = 1\nprint(MyScript.main, 'MyScript')\n",
            "import my_script.main as m\nMyScript = 1\nprint(MyScript.main, 'MyScript')\n",
        ),
    ],
)
def test_a_variable_of_the_name_is_left(mono: Path, before: str, after: str) -> None:
    write(mono, "a.py", before)
    found = find(mono, "scripts/MyScript", "my_script")
    assert found.changes == {"a.py": after.encode()}
    assert [line for _, line in found.mentions][-1] == before.count("\n")


@pytest.mark.parametrize(
    "imports",
    [
        "import MyScript.main\n",
        "import MyScript\nimport MyScript.main\n",
        "import MyScript.main, MyScript.more\n",
        "import MyScript.main\nimport MyScript.more\n",
        "from scripts import MyScript\nimport MyScript.main\n",
    ],
)
def test_what_an_import_binds_is_still_there(mono: Path, imports: str) -> None:
    write(mono, "scripts/MyScript/main.py", "VALUE = 1\n")
    write(mono, "scripts/MyScript/more.py", "VALUE = 2\n")
    write(mono, "a.py", imports + "print(MyScript.main.VALUE)\n")
    changed = find(mono, "scripts/MyScript", "my_script").changes["a.py"]
    write(mono, "a.py", changed)
    (mono / "scripts/MyScript").rename(mono / "scripts/my_script")
    path = {"PYTHONPATH": str(mono / "scripts")}
    assert run(sys.executable, "a.py", cwd=mono, env=path).stdout == "1\n"


def test_an_import_binds_the_old_name_once_and_only_if_it_is_used(mono: Path) -> None:
    write(mono, "a.py", "import MyScript.a, MyScript.b\nMyScript.a\n")
    write(mono, "b.py", "import MyScript.a, MyScript.b\n")
    assert find(mono, "scripts/MyScript", "my_script").changes == {
        "a.py": b"import my_script.a, my_script as MyScript, my_script.b\nMyScript.a\n",
        "b.py": b"import my_script.a, my_script.b\n",
    }


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


# --- Names ----------------------------------------------------------------------------------

NAMES = [
    ("a+b(c)", "[x](scripts/{}/i.md) scripts/{} 'scripts/{}/x'", "[x](scripts/{}/i.md)"),
    ("a b", "[x](<scripts/{}/i.md>)\n- 'scripts/{}'\n- \"scripts/{}/x\"", "x scripts/{}"),
    ("naïve-名", "[x](scripts/{}/i.md) `scripts/{}` scripts.{}.main", "[x](scripts/{})"),
    ("a.b", "[x](scripts/{}/i.md) scripts/{} scripts.{}.main", "scripts/{}."),
    ("[x]$^*", "[x](<scripts/{}/i.md>) 'scripts/{}/x'", "'scripts/{}'"),
    ("100%", "[x](scripts/{}/i.md)", "scripts/{}/x"),
]


@pytest.mark.parametrize(("name", "lines", "more"), NAMES)
def test_a_name_of_any_characters_is_found(mono: Path, name: str, lines: str, more: str) -> None:
    write(mono, f"scripts/{name}/main.py", "")
    text = f"{lines}\n{more}\n"
    check(
        mono, "a.md", text.replace("{}", name), text.replace("{}", "new"),
        old=f"scripts/{name}", new="new",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("a b", "a%20b"), ("naïve-x", "na%C3%AFve-x"), ("naïve-x", "na%c3%afve-x"), ("a(b", "a%28b")],
)
def test_a_name_is_found_as_links_have_it(mono: Path, name: str, spelled: str) -> None:
    write(mono, f"scripts/{name}/main.py", "")
    before = f"[x](../scripts/{spelled}/i.md#a) [x](../%73cripts/{spelled})\n"
    after = "[x](../scripts/new/i.md#a) [x](../%73cripts/new)\n"
    check(mono, "docs/a.md", before, after, old=f"scripts/{name}", new="new")


def test_the_characters_of_a_name_are_no_pattern(mono: Path) -> None:
    write(mono, "scripts/a.b+/main.py", "")
    write(mono, "a.txt", "scripts/axb scripts/a.bb scripts/aab+\n")
    assert find(mono, "scripts/a.b+", "new") == References()


# --- In general -----------------------------------------------------------------------------

PIECES = st.one_of(
    st.sampled_from(
        [
            b"scripts/", b"old-name", b"/", b"./", b"../", b".", b"\n", b"\r\n", b" ", b"$A", b"${B}",
            b"https://h/", b"scripts.", b"](", b")", b'"', b"-v2", b":1", b"\\", b"%2", b"\xef\xbb\xbf",
            b"import scripts", b" = 1", b"# ", b"*", b"MyScript", b"import ", b"from ", b" as ", b"\xe9",
        ]
    ),
    st.binary(max_size=3),
)  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_monorepo(tmp_path_factory.mktemp("shared") / "mono")


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(PIECES, max_size=20).map(b"".join),
    st.sampled_from(["a.txt", "scripts/a.md", "scripts/old-name/a.py", "mkdocs.yml"]),
)
def test_only_the_component_changes_and_a_second_pass_finds_no_more(
    shared: Path, content: bytes, path: str
) -> None:
    git(shared, "clean", "-fdq")
    write(shared, path, content)
    found = find(shared)
    changed = found.changes.get(path, content)
    assert set(found.changes) <= {path}
    pieces = zip(
        re.split(b"(old-name)", content), re.split(b"(old-name|old_name)", changed), strict=False
    )
    if b"old_name" not in content:
        assert all(
            before == after or (before, after) == (b"old-name", b"old_name")
            for before, after in pieces
        )
        assert changed.replace(b"old_name", b"old-name") == content
    assert bool(found.changes) == bool(found.rewrites) == (changed != content)

    old, new = shared / "scripts/old-name", shared / "scripts/old_name"
    write(shared, path, changed)
    old.rename(new)
    try:
        again = find_references(shared, old, "old_name")
    finally:
        new.rename(old)
    assert again.changes == {}
    assert again.rewrites == []
    assert [line for _, line in again.mentions] == [line for _, line in found.mentions]
