"""A package's releases: its version, and the Argo template that runs its image."""

from __future__ import annotations

import re
import shutil
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from csa.argo import use_image_in
from csa.argo.conversion import use_image
from csa.errors import Failed
from csa.release import Version, release

from tests.support.commands import CSA, commit_all, run, run_csa, said, traced, tree
from tests.support.monorepo import init

TODAY = date(2026, 7, 1)


# --- csa release -----------------------------------------------------------------------------


def test_a_release_gets_its_version_and_today_s_date(package: Path) -> None:
    before = tree(package)
    assert run_csa("release", ".", cwd=package).stdout == "1.0.0\n"
    after = tree(package)
    assert after.pop("version.txt") == b"1.0.0\n"
    old, new = before["HISTORY.md"].decode(), after.pop("HISTORY.md").decode()
    heading = f"## 1.0.0 ({date.today():%B} {date.today().day}, {date.today().year})"
    assert new == old.replace("## 1.0.0-dev", heading)
    assert after == {
        name: content
        for name, content in before.items()
        if name not in ("version.txt", "HISTORY.md")
    }
    assert "1.0.0 is released: go on with --next major or minor or patch" in said(
        package, "release", ".", code=1
    )


@pytest.mark.parametrize("name", ["version.txt", "HISTORY.md"])
def test_a_release_puts_no_file_in_the_place_of_a_link(package: Path, name: str) -> None:
    (package / name).rename(package / "elsewhere")
    (package / name).symlink_to("elsewhere")
    assert f"{name} is a link" in said(package, "release", ".", code=1)
    assert (package / name).is_symlink()


def test_no_argo_template_is_changed_through_a_link_out_of_the_repository(
    package: Path, tmp_path: Path
) -> None:
    outside, top = tmp_path / "outside.yaml", package.parents[1]
    outside.write_text(f"container: {{args: [-m, scripts.{package.name}.main]}}\n")
    other = top / "other"
    other.mkdir()
    shutil.copy(outside, other / "inside.yaml")
    init(other)
    for name, target, says in (
        ("other.yaml", other / "inside.yaml", "it is a link that leads out of the repository"),
        ("link.yaml", outside, "it is a link that leads out of the repository"),
        ("folder", tmp_path, "it is a link that leads out of the repository"),
        ("loop.yaml", "loop.yaml", "its links form a loop"),
    ):
        (top / name).symlink_to(target)
        file = top / name / "outside.yaml" if name == "folder" else top / name
        assert says in said(package, "argo", file, "--package", ".", code=1)
    assert "image" not in outside.read_text() + (other / "inside.yaml").read_text()


def test_settings_of_git_in_the_environment_that_are_none_end_nothing(package: Path) -> None:
    env = {"GIT_CONFIG_COUNT": "many"}
    assert "Traceback" not in run_csa("list", cwd=package, env=env, code=None).stderr


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_release_keeps_line_ends_and_modes(package: Path, mark: str) -> None:
    version, history = package / "version.txt", package / "HISTORY.md"
    version.write_bytes(b"1.0.0-dev\r\n")
    history.write_bytes(f"{mark}## 1.0.0-dev\r\n\r\n- First.\r\n".encode())
    for path in (version, history):
        path.chmod(0o710)
    run_csa("release", ".", cwd=package)
    assert version.read_bytes() == b"1.0.0\r\n"
    commit_all(package.parents[1], "1.0.0")
    run_csa("release", ".", "--next", "minor", cwd=package)
    assert version.read_bytes() == b"1.1.0-dev\r\n"
    text = history.read_bytes().decode()
    assert text.startswith(f"{mark}## 1.1.0-dev\r\n")
    assert text.count("\n") == text.count("\r\n")
    assert {path.stat().st_mode & 0o777 for path in (version, history)} == {0o710}


@pytest.mark.parametrize(
    ("part", "version"), [("major", "2.0.0-dev"), ("minor", "1.3.0-dev"), ("patch", "1.2.4-dev")]
)
def test_after_a_release_the_next_version_gets_an_entry(
    package: Path, part: str, version: str
) -> None:
    (package / "version.txt").write_text("1.2.3")
    (package / "HISTORY.md").write_text("## 1.2.3 (July 1, 2026)\n\n- It runs.\n")
    refused = "1.2.3 is not committed: commit it, or no workflow publishes it"
    assert said(package, "release", ".", "--next", part, code=1) == refused
    commit_all(package.parents[1], "1.2.3")
    assert run_csa("release", ".", "--next", part, cwd=package).stdout == f"{version}\n"
    assert (package / "version.txt").read_text() == f"{version}\n"
    assert (package / "HISTORY.md").read_text() == (
        f"## {version}\n\n### Features\n\n### Bug Fixes\n\n### Breaking Changes\n\n"
        "### QOL Improvements\n\n## 1.2.3 (July 1, 2026)\n\n- It runs.\n"
    )
    assert "release it before the next one" in said(package, "release", ".", "--next", part, code=1)
    # To be filled in first.
    assert "has nothing about" in said(package, "release", ".", code=1)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_next_version_s_entry_can_be_given(package: Path, end: str) -> None:
    """Then it can be released at once."""
    history = package / "HISTORY.md"
    before = f"# History{end}{end}## 1.2.3 (July 1, 2026){end}{end}- It runs.{end}"
    (package / "version.txt").write_text("1.2.3\n")
    history.write_bytes(before.encode())
    commit_all(package.parents[1], "1.2.3")
    run_csa("release", ".", "--next", "patch", "--entry", "Built again.", cwd=package)
    assert run_csa("release", ".", cwd=package).stdout == "1.2.4\n"
    heading = f"## 1.2.4 ({date.today():%B} {date.today().day}, {date.today().year})"
    assert history.read_bytes().decode() == before.replace(
        "## 1.2.3", f"{heading}{end}{end}- Built again.{end}{end}## 1.2.3"
    )
    refused = "--entry is one line of text, for the version that --next starts"
    for options in (
        ("--entry", "x"),
        ("--next", "patch", "--entry", " "),
        ("--next", "patch", "--entry", "a\nb"),
    ):
        assert said(package, "release", ".", *options, code=2) == refused


@pytest.mark.parametrize(
    ("heading", "end"),
    [("## 1.0.0-dev", "\n"), ("## 1.0.0", "\n"), ("## v1.0.0 (unreleased)", "\n"), ("## 1.0.0-dev ", "\r\n")],
)  # fmt: skip
def test_the_heading_of_the_entry_is_found(package: Path, heading: str, end: str) -> None:
    rest = f"{end}{end}- New.{end}{end}## 1.0.0-beta{end}{end}## 0.9.0{end}- Old.{end}"
    (package / "HISTORY.md").write_bytes(f"# Releases{end}{heading}{rest}".encode())
    release(package, None, TODAY)
    assert (package / "HISTORY.md").read_bytes().decode() == (
        f"# Releases{end}## 1.0.0 (July 1, 2026){rest}"
    )


HIDDEN = [
    "```\n## 1.0.0-dev\n\n- Old.\n```\n",
    "~~~~ markdown\n## 1.0.0-dev\n~~~\n~~~~\n",
    "<!--\n## 1.0.0-dev\n\n- Old.\n-->\n",
    "<!-- ## 0.9.0\n## 1.0.0-dev -->\n",
    "<details>\n## 1.0.0-dev\n</details>\n",
    "- It said:\n\n  ## 1.0.0-dev\n",
    "> ## 1.0.0-dev\n",
    "1.0.0-dev\n---------\n",
    "    ## 1.0.0-dev\n",
    "---\ntitle: 1.0.0-dev\n---\n",
]
"""Texts without a heading of the entry."""


@pytest.mark.parametrize("hidden", HIDDEN)
def test_only_a_heading_begins_an_entry(package: Path, hidden: str) -> None:
    path = package / "HISTORY.md"
    for end in ("\n", "\r\n", "\r"):
        (package / "version.txt").write_text("1.0.0-dev\n")
        path.write_bytes(hidden.replace("\n", end).encode())
        with pytest.raises(Failed, match="no entry ## 1.0.0-dev"):
            release(package, None, TODAY)
        text = f"# History\n\n{hidden}\n## 1.0.0-dev\n\n- New.\n\n{hidden}"
        path.write_bytes(text.replace("\n", end).encode())
        release(package, None, TODAY)
        dated = text.replace("\n## 1.0.0-dev\n\n- New", "\n## 1.0.0 (July 1, 2026)\n\n- New")
        assert path.read_bytes() == dated.replace("\n", end).encode()


def test_the_next_entry_is_above_the_others_and_below_a_title(package: Path) -> None:
    (package / "version.txt").write_text("1.2.3")
    path, text = (
        package / "HISTORY.md",
        "# History\n\n<!--\n## 0.1.0\n-->\n\n## 1.2.3\n\n- It runs.\n",
    )
    path.write_text(text)
    commit_all(package.parents[1], "1.2.3")
    release(package, "minor", TODAY)
    entry, rest = path.read_text().partition("## 1.2.3")[::2]
    assert entry.startswith("# History\n\n<!--\n## 0.1.0\n-->\n\n## 1.3.0-dev\n\n### Features\n")
    assert rest == "\n\n- It runs.\n"
    # One that is there already stays the only one.
    (package / "version.txt").write_text("1.2.3")
    before = path.read_text()
    release(package, "minor", TODAY)
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("history", "says"),
    [
        ("", "HISTORY.md has no entry ## 1.0.0-dev: write one"),
        ("## 1.0.0-devel\n\n- New.\n", "has no entry"),
        ("### 1.0.0-dev\n\n- New.\n", "has no entry"),
        ("## 11.0.0-dev\n\n- New.\n", "has no entry"),
        ("## 1.0.0-dev\n", "HISTORY.md has nothing about 1.0.0: write what is new"),
        ("## 1.0.0-dev\n\n### Features\n\n-\n...\n\n## 0.9.0\n\n- Old.\n", "has nothing about"),
        ("## 1.0.0-dev\n\n<!--\nNew.\n-->\n-\n\n# Old\n\n- Old.\n", "has nothing about"),
        ("## 1.0.0-dev\n\n```python\n```\n- <!-- New. -->\n", "has nothing about"),
        ("## 1.0.0-dev\n\n[a]: https://a.b\n[c d]:\n <e f>\n 'g'\n", "has nothing about"),
        (
            "## 1.0.0-dev\n\n- New.\n\n## 1.0.0 (May 1, 2020)\n\n- Old.\n",
            "HISTORY.md has several entries for 1.0.0, in lines 1 and 5: keep one",
        ),
        (
            "## 1.0.0-dev\n\n<<<<<<< HEAD\n- New.\n=======\n- Newer.\n>>>>>>> work\n",
            "HISTORY.md still has the markers of a conflict: resolve it",
        ),
    ],
)
def test_a_release_of_which_nothing_is_said_is_refused(
    package: Path, history: str, says: str
) -> None:
    (package / "HISTORY.md").write_text(history)
    before = tree(package)
    assert says in said(package, "release", ".", code=1)
    assert tree(package) == before


def test_no_version_is_written_that_could_not_be_read(package: Path) -> None:
    (package / "version.txt").write_text("1.999999.0\n")
    commit_all(package.parents[1], "1.999999.0")
    sentence = "no number of a version is above 999999: raise another part"
    assert sentence in said(package, "release", ".", "--next", "minor", code=1)
    run_csa("release", ".", "--next", "major", cwd=package)


@pytest.mark.parametrize(
    "text", ["", "1.0", "1.0.0dev", "1.0.0-rc1", "v1.0.0", "01.0.0", "1.0.0\n2", "1.0.1\u0663"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(Failed, match=r"write 1\.0\.0-dev, or 1\.0\.0"):
        Version.of(text)


def test_a_folder_that_is_no_package_is_misuse(package: Path) -> None:
    for command in (["release", ".."], ["image", ".."], ["argo", "x.yaml", "--package", ".."]):
        assert "is not a package" in said(package, *command, code=2)


# --- csa argo --------------------------------------------------------------------------------

ARGO = "container:\n  workingDir: /s  # there\n  args: [-m, scripts.pkg_7100.main]\n"


def test_an_image_in_development_may_not_be_there_for_argo(package: Path) -> None:
    workflow = package.parents[1] / "sync.yaml"
    workflow.write_text(ARGO)
    commit_all(package.parents[1], "A workflow")
    shown = run_csa("argo", workflow, "--package", ".", cwd=package)
    tag = shown.stdout.strip().rpartition(":")[2]
    assert tag.startswith("1.0.0-dev-")
    assert shown.stderr == (
        f"{tag} is in development: Argo finds its image only if you published it\n"
    )


def test_argo_templates_run_the_image(package: Path, tmp_path: Path) -> None:
    (package / "version.txt").write_text("1.0.0\n")
    commit_all(package.parents[1], "Release")
    good, other, link = tmp_path / "good.yaml", tmp_path / "other.yaml", tmp_path / "link.yaml"
    good.write_text(ARGO)
    good.chmod(0o640)
    other.write_text("container: {}\n")
    link.symlink_to(good)
    command: list[str | Path] = ["argo", link, other, "--package", package]

    dry = run_csa(*command, "--dry-run", cwd=tmp_path, code=1)
    assert "+  image: ghcr.io/atlanhq/pkg-7100:1.0.0\n" in dry.stdout
    assert "other.yaml: no container runs python -m scripts.pkg_7100.main\n" in dry.stderr
    assert (good.read_text(), other.read_text()) == (ARGO, "container: {}\n")

    shown = run_csa(*command, cwd=tmp_path, code=1)
    assert shown.stdout == f"{link}: now runs ghcr.io/atlanhq/pkg-7100:1.0.0\n"
    assert good.read_text() == (
        "container:\n  image: ghcr.io/atlanhq/pkg-7100:1.0.0\n  workingDir: /s  # there\n"
        "  args: [-m, pkg_7100.main]\n"
    )
    assert stat.S_IMODE(good.stat().st_mode) == 0o640
    assert link.is_symlink()
    again = run_csa("argo", good, "--package", package, cwd=tmp_path).stdout
    assert again == f"{good}: runs ghcr.io/atlanhq/pkg-7100:1.0.0\n"
    assert {path.name for path in tmp_path.iterdir()} == {
        "good.yaml", "link.yaml", "mono", "other.yaml",
    }  # fmt: skip


def test_a_file_that_cannot_be_read_is_said(package: Path, tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe4\n")
    shown = run_csa(
        "argo", "gone.yaml", "latin.yaml", "--package", package, cwd=tmp_path, code=1
    ).stderr
    assert re.search(r"^gone\.yaml: .*No such file", shown, re.MULTILINE)
    assert "latin.yaml is not UTF-8\n" in shown


# --- Stopped, killed, or at the same time as somebody else -----------------------------------------

STEPS = [
    *[("?rename,?renameat,?renameat2", number) for number in range(1, 7)],
    *[("?link,?linkat", number) for number in (1, 2)],
    *[("?unlink,?unlinkat", number) for number in range(1, 7)],
]
FAST = [("?rename,?renameat,?renameat2", 5), ("?link,?linkat", 1)]


@pytest.mark.parametrize(
    ("calls", "number"),
    [pytest.param(*step, marks=[] if step in FAST else [pytest.mark.slow]) for step in STEPS],
)
def test_ctrl_c_during_a_release_lets_it_end(package: Path, calls: str, number: int) -> None:
    env = {"PYTHONDONTWRITEBYTECODE": "1"}
    interrupted = traced(calls, f"signal=INT:when={number}")
    run(*interrupted, CSA, "release", ".", cwd=package, env=env)
    assert (package / "version.txt").read_text() == "1.0.0\n"
    assert f"## 1.0.0 ({date.today():%B}" in (package / "HISTORY.md").read_text()
    assert not (package.parents[1] / ".git" / "csa").exists()


def test_ctrl_c_between_argo_templates_starts_no_other(package: Path) -> None:
    root = package.parents[1]
    names = ("a.yaml", "b.yaml")
    for name in names:
        (root / name).write_text(ARGO)
    interrupted = traced("?rename,?renameat,?renameat2", "signal=INT:when=2")
    env = {"PYTHONDONTWRITEBYTECODE": "1"}
    command = (CSA, "argo", *names, "--package", package)
    ended = run(*interrupted, *command, cwd=root, env=env, code=130)
    assert (root / "a.yaml").read_text() != ARGO
    assert ended.stdout.startswith("a.yaml: now runs ")
    assert (root / "b.yaml").read_text() == ARGO
    assert "Traceback" not in ended.stderr


def test_every_command_first_puts_back_what_a_killed_one_left(
    package: Path, template: Path, tmp_path: Path
) -> None:
    root = package.parents[1]
    (root / "argo.yaml").write_text(ARGO)
    commit_all(root, "Argo")
    before = tree(root)
    run(*traced("?link,?linkat", "signal=KILL:when=2"), CSA, "release", ".", cwd=package, code=None)
    assert tree(root).keys() < before.keys()  # HISTORY.md is away
    name = "scripts/pkg_7100"
    for command, writes in [
        (("list",), set()),
        (("list", name), set()),
        (("check", name), set()),
        (("image", name), set()),
        (("status",), set()),
        (("update",), set()),
        (("release", name), {f"{name}/version.txt", f"{name}/HISTORY.md"}),
        (("argo", "argo.yaml", "--package", name), {"argo.yaml"}),
        (("adopt", name, "--template", str(template)), set()),
    ]:
        copied = tmp_path / "-".join(command[:2]).replace("/", "-")
        shutil.copytree(root, copied)
        shown = run_csa(*command, cwd=copied, code=None)
        assert f"{copied} was half-written by a run that was killed: it is restored" in shown.stderr
        after = tree(copied)
        assert {path for path in before if before[path] != after.get(path)} == writes, command
        assert after.keys() == before.keys()


def test_an_argo_template_that_is_saved_meanwhile_stays(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (tmp_path / "argo.yaml", package.parents[1] / "argo.yaml"):
        file.write_text(ARGO)

        def slow(*arguments: Any, file: Path = file) -> str:
            changed = use_image(*arguments)
            file.write_text("saved: meanwhile\n")
            return changed

        monkeypatch.setattr("csa.argo.use_image", slow)
        with pytest.raises(Failed, match="argo.yaml was changed meanwhile: nothing was written"):
            use_image_in(file, package, "image:1", write=True)
        assert file.read_text() == "saved: meanwhile\n"
