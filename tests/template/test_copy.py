"""What `copier copy` makes, where, and what it leaves alone."""

from __future__ import annotations

import re
from pathlib import Path

import copier
import pytest
import yaml

from tests.support.sampling import sampled
from tests.support.commands import BIN, commit_all, git, run, tree
from tests.support.package import FILES, HTTP_FILES, NEWEST, SEEDED, Render, tags

COPIER = BIN / "copier"


@pytest.fixture
def monorepo(tmp_path: Path) -> Path:
    """A repository with a package beside the one to come, and work in progress."""
    root = tmp_path / "monorepo"
    (root / "scripts" / "other").mkdir(parents=True)
    (root / "scripts" / "other" / "main.py").write_text("print('other')\n")
    (root / "mkdocs.yml").write_text("site_name: scripts\n")
    run("git", "init", "--quiet", root)
    commit_all(root, "Another package")
    (root / "scripts" / "other" / "main.py").write_text("print('unfinished')\n")
    (root / "scripts" / "other" / "main.py.rej").write_text("kept\n")
    return root


def test_a_package_has_exactly_these_files(render: Render, tmp_path: Path) -> None:
    assert set(tree(render(tmp_path / "new_pkg"))) == FILES | HTTP_FILES


def test_without_third_party_http_nothing_speaks_of_it(render: Render, tmp_path: Path) -> None:
    package = render(tmp_path / "new_pkg", third_party_http=False)
    files = tree(package)
    assert set(files) == FILES
    assert [path.name for path in package.rglob("*") if path.is_dir()] == ["tests"]
    for name, content in files.items():
        if name != ".copier-answers.yml":
            assert not re.search(rb"vcr|cassette|httpbin", content, re.IGNORECASE), name


@pytest.mark.parametrize("tag", tags())
def test_no_release_needs_trust(render: Render, template: Path, tmp_path: Path, tag: str) -> None:
    config = yaml.safe_load(git(template, "show", f"{tag}:copier.yml"))
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(config)
    # unsafe=False: Copier itself refuses what would run code.
    assert (render(tmp_path / "new_pkg", vcs_ref=tag) / "main.py").is_file()


def test_the_command_of_the_readme_makes_a_package_beside_others(
    template: Path, monorepo: Path
) -> None:
    before = tree(monorepo)
    run(COPIER, "copy", "--defaults", template, "scripts/new_pkg", cwd=monorepo)
    after = tree(monorepo)
    added = {f"scripts/new_pkg/{name}" for name in FILES | HTTP_FILES}
    assert set(after) - set(before) == added
    assert {name: after[name] for name in before} == before
    status = git(monorepo, "status", "--porcelain", "--untracked-files=all").splitlines()
    assert {line[3:] for line in status if line.startswith("??")} - {
        "scripts/other/main.py.rej"
    } == added


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("asset-change-notification", "asset_change_notification"),
        ("Asset Change.Notification!", "asset_change_notification"),
        ("asset_change_notification", "asset_change_notification"),
    ],
)
def test_the_folder_s_name_becomes_the_package_s(
    render: Render, tmp_path: Path, folder: str, name: str
) -> None:
    package = render(tmp_path / folder)
    answers = yaml.safe_load((package / ".copier-answers.yml").read_text())
    assert answers["package_name"] == name
    assert f"python -m {name}.main" in (package / "index.md").read_text()


def test_the_current_folder_can_be_the_destination(template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "asset_lookup"
    folder.mkdir()
    run(COPIER, "copy", "--defaults", template, ".", cwd=folder)
    answers = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    assert answers["package_name"] == "asset_lookup"


def test_a_folder_whose_name_no_package_can_have_is_refused(template: Path, tmp_path: Path) -> None:
    refused = run(COPIER, "copy", "--defaults", template, "2026", cwd=tmp_path, code=None)
    assert refused.returncode != 0
    assert "use snake_case, such as tag_sync" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_copy_overwrites_no_seeded_file(render: Render, template: Path, tmp_path: Path) -> None:
    package = render(tmp_path / "new_pkg")
    for name in SEEDED:
        (package / name).write_text("mine\n")
    copier.run_copy(str(template), package, defaults=True, unsafe=False, quiet=True, overwrite=True)
    assert {name for name in SEEDED if (package / name).read_text() != "mine\n"} == set()


@pytest.mark.parametrize(
    ("typed", "recorded"),
    [
        ("gh:atlanhq/csa-template", "https://github.com/atlanhq/csa-template.git"),
        ("gh:/atlanhq/csa-template.git", "https://github.com/atlanhq/csa-template.git"),
    ],
)
def test_the_source_is_recorded_as_a_full_url(
    template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    recorded: str,
) -> None:
    # git itself takes the clone for the URL that Copier makes of what was typed.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{template}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", recorded)
    run(COPIER, "copy", "--defaults", typed, "new_pkg", cwd=tmp_path)
    answers = yaml.safe_load((tmp_path / "new_pkg" / ".copier-answers.yml").read_text())
    assert answers["_src_path"] == recorded

    run("git", "init", "--quiet", tmp_path)
    commit_all(tmp_path, "New package")
    run(COPIER, "update", "--defaults", cwd=tmp_path / "new_pkg")
    assert git(tmp_path, "status", "--porcelain") == ""


# --- The base image --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "image", "python", "warned"),
    sampled([
        ({"pyatlan_version": "8.0.1"}, "pyatlan-wolfi-base:8.0.1-3.13", "3.13", False),
        ({"pyatlan_version": "8.5.0"}, "pyatlan-wolfi-base:8.5.0-3.13", "3.13", False),
        ({"pyatlan_version": "8.5.1"}, "pyatlan-chainguard-base:8.5.1-3.13", "3.11", False),
        ({"pyatlan_version": "8.10.0"}, "pyatlan-chainguard-base:8.10.0-3.13", "3.11", False),
        ({"pyatlan_version": "10.0.0"}, "pyatlan-chainguard-base:10.0.0-3.13", "3.11", False),
        (
            {"pyatlan_version": "8.4.6", "python_version": "3.11"},
            "pyatlan-wolfi-base:8.4.6-3.11",
            "3.11",
            True,
        ),
        ({"pyatlan_version": "11.0.0"}, "pyatlan-chainguard-base:11.0.0-3.13", "3.11", False),
        ({"pyatlan_version": "11.0.1"}, "pyatlan:11.0.1-3.13", "3.11", False),
        ({"python_version": "3.9"}, f"pyatlan:{NEWEST}-3.9", "3.11", True),
        ({"python_version": "3.14"}, f"pyatlan:{NEWEST}-3.14", "3.11", True),
    ]),
)
def test_the_base_image_is_the_one_published_for_the_sdk(
    template: Path, tmp_path: Path, answers: dict[str, str], image: str, python: str, warned: bool
) -> None:
    data = [f"--data={name}={value}" for name, value in answers.items()]
    shown = run(COPIER, "copy", "--defaults", *data, template, "new_pkg", cwd=tmp_path).stderr
    image = f"ghcr.io/atlanhq/{image}"
    assert f"FROM {image}\n" in (tmp_path / "new_pkg" / "Dockerfile").read_text()
    assert f"the image runs {python}\n" in (tmp_path / "new_pkg" / "pyproject.toml").read_text()
    assert (f"Note: {image} probably does not exist:\n" in shown) is warned


def test_a_base_image_of_one_s_own_is_taken_as_it_is(template: Path, tmp_path: Path) -> None:
    data = ["--data=base_image=registry.example.com/base:1", "--data=python_version=3.12"]
    shown = run(COPIER, "copy", "--defaults", *data, template, "new_pkg", cwd=tmp_path).stderr
    assert "FROM registry.example.com/base:1\n" in (tmp_path / "new_pkg" / "Dockerfile").read_text()
    assert "the image runs 3.12\n" in (tmp_path / "new_pkg" / "pyproject.toml").read_text()
    assert "Note:" not in shown


# --- The message after the copy ----------------------------------------------------------------


def test_the_message_says_what_was_made_and_what_comes_next(template: Path, tmp_path: Path) -> None:
    shown = run(COPIER, "copy", "--defaults", template, "scripts/new_pkg", cwd=tmp_path).stderr
    assert f"new_pkg: a script package for pyatlan {NEWEST}" in shown
    assert shown.split("Next:")[1].split("\n")[2:5] == [
        "  cd scripts/new_pkg",
        '  pip install -e ".[test]"',
        "  pytest",
    ]
    page = re.search(r"https://github.com/atlanhq/csa-template/blob/main/(\S+)", shown)
    assert page
    assert (template / page[1]).is_file()
    assert "Note:" not in shown


def test_the_message_s_first_command_fits_the_destination(template: Path, tmp_path: Path) -> None:
    shown = run(COPIER, "copy", "--defaults", template, "our scripts/a", cwd=tmp_path).stderr
    assert "\n  cd 'our scripts/a'\n  pip install" in shown
    (tmp_path / "b").mkdir()
    shown = run(COPIER, "copy", "--defaults", template, ".", cwd=tmp_path / "b").stderr
    assert "Next:\n\n  pip install" in shown


def test_a_folder_that_python_cannot_import_is_reported(template: Path, tmp_path: Path) -> None:
    shown = run(COPIER, "copy", "--defaults", template, "new-pkg", cwd=tmp_path).stderr
    assert "Note: rename the folder new-pkg to new_pkg" in shown
