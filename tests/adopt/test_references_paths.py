"""Paths to a folder that gets another name follow it, in all files of a repository."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from csa.adopt.references import References, Rewrite, find_references
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.commands import git
from tests.support.references import a_monorepo, check, find, link, write

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
