"""What is around the packages: what is rendered, who owns it, and how it is kept current."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.support.commands import BIN, commit_all, run, tree
from tests.support.monorepo import copy, init
from tests.support.package import NEXT, RELEASE
from tests.support.workflows import PACKAGES, WORKFLOWS


def test_what_is_around_the_packages_is_rendered_each_file_with_its_owner(
    template: Path, tmp_path: Path
) -> None:
    top = copy(template, tmp_path / "2024-Scripts.x", scope="repository")
    assert set(tree(top)) == {
        ".copier-answers.yml",
        ".cursor/rules/csa-scripts-tests.mdc",
        ".github/actions/csa/action.yml",
        ".github/actions/index/action.yml",
        ".github/actions/published/action.yml",
        ".github/actions/registry/action.yml",
        ".github/actions/report/action.yml",
        ".github/actions/scan/action.yml",
        ".github/actions/scan/findings.jq",
        ".github/workflows/base-update.yml",
        ".github/workflows/package-test-image.yml",
        ".github/workflows/propose.yml",
        ".github/workflows/pull-request.yml",
        ".github/workflows/pyatlan-base-image.yml",
        ".github/workflows/release-package.yml",
        ".github/workflows/release.yml",
        ".github/workflows/scan.yml",
        ".github/workflows/template-update.yml",
        ".pre-commit-config.yaml",
        "AGENTS.md",
        "images/pyatlan-base/Dockerfile",
        "mkdocs.yml",
        "scripts/index.md",
    }
    answers = yaml.safe_load((top / ".copier-answers.yml").read_text())
    assert sorted(answers) == [
        *("_commit", "_src_path", "image_registry", "pull_requests", "scope", "severity_threshold"),
        "site",
        "test_environment",
    ]
    rules = (top / ".cursor" / "rules" / "csa-scripts-tests.mdc").read_text()
    assert rules.split("---\n\n", 1)[1] == (top / "AGENTS.md").read_text()
    for name, content in tree(top).items():
        text = content.decode()
        assert not re.search(r"\{%|%\}|\{#|jinja", text), name
        assert not re.search(r"\n\n\n|[ \t]\n|\n\n\Z", text), f"blank litter in {name}"


def test_what_was_there_before_is_kept(template: Path, tmp_path: Path) -> None:
    top = tmp_path / "mono"
    mine = {"mkdocs.yml": "site_name: Mine\n", ".pre-commit-config.yaml": "repos: []\n"}
    top.mkdir()
    for name, content in mine.items():
        (top / name).write_text(content)
    copy(template, top, scope="repository")
    assert {name: (top / name).read_text() for name in mine} == mine


@pytest.mark.slow
def test_renovate_is_the_other_way_to_pull_requests(template: Path, tmp_path: Path) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", pull_requests="renovate")
    proposing = ("template-update.yml", "base-update.yml", "propose.yml")
    assert not any((top / WORKFLOWS / name).exists() for name in proposing)
    settings = json.loads((top / "renovate.json").read_text())
    assert settings["enabledManagers"] == ["copier"]
    # It can be changed later, either way.
    init(top)
    for answer, there in (("workflow", False), ("renovate", True)):
        run(BIN / "csa", "update", ".", "-d", f"pull_requests={answer}", cwd=top)
        commit_all(top, answer)
        assert (top / "renovate.json").exists() == there
        assert {(top / WORKFLOWS / name).exists() for name in proposing} == {not there}


@pytest.fixture
def newer(releases: Path, tmp_path: Path) -> Path:
    """The template with one more release, in which each workflow begins with another line."""
    clone = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, clone)
    for path in (clone / "template" / "repository" / WORKFLOWS).iterdir():
        path.write_text(f"# Newer.\n{path.read_text()}")
    for name in ("mkdocs.yml", "scripts/index.md"):
        with (clone / "template" / "repository" / name).open("a") as seeded:
            seeded.write("# newer\n")
    commit_all(clone, "Newer", "v999.2.0")
    return clone


def test_an_update_of_the_repository_writes_its_own_files_alone(
    newer: Path, tmp_path: Path
) -> None:
    mono = copy(newer, tmp_path / "mono", vcs_ref=NEXT, scope="repository")
    copy(newer, mono / "scripts" / "asset_lookup", vcs_ref=NEXT)
    init(mono)
    release = mono / WORKFLOWS / "release.yml"
    release.write_text(release.read_text().replace("timeout-minutes: 20", "timeout-minutes: 25"))
    commit_all(mono, "Mine")
    # Unfinished work everywhere else, conflicts among it.
    main = mono / "scripts" / "asset_lookup" / "main.py"
    main.write_text("<<<<<<< before updating\n>>>>>>> after updating\n")
    (mono / "scripts" / "notes.md").write_text("mine\n")
    before = tree(mono)

    shown = run(BIN / "csa", "update", ".", cwd=mono).stdout
    assert "mono" in shown
    after = tree(mono)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {
        ".copier-answers.yml",
        ".github/actions/csa/action.yml",
        *(f".github/workflows/{path.name}" for path in (mono / WORKFLOWS).iterdir()),
    }
    assert "timeout-minutes: 25" in release.read_text()
    assert release.read_text().startswith("# Newer.\n")

    (mono / WORKFLOWS / "release.yml").write_text("mine\n")
    said = run(BIN / "csa", "update", ".", "-d", "image_registry=example.com", cwd=mono, code=1)
    assert "it has uncommitted changes: commit or stash them first" in said.stdout


def test_status_shows_the_repository_beside_its_packages(mono: Path) -> None:
    shown = run(BIN / "csa", "status", cwd=mono).stdout
    row = next(line for line in shown.splitlines() if line.startswith("mono"))
    assert row.split() == ["mono", f"{RELEASE},", "1", "behind"]
    packages = json.loads(run(BIN / "csa", "status", "--json", cwd=mono).stdout)["packages"]
    assert [one["package"] for one in packages] == [".", *(f"scripts/{one}" for one in PACKAGES)]
    # It is no package: nothing of it is checked, released or built.
    assert run(BIN / "csa", "list", cwd=mono).stdout.split() == [f"scripts/{o}" for o in PACKAGES]
    assert "is not a package" in run(BIN / "csa", "release", ".", cwd=mono, code=2).stderr


@pytest.mark.slow
def test_csa_check_finds_what_belongs_at_the_top_and_is_elsewhere(
    template: Path, mono: Path
) -> None:
    """Rendered over a package's answers, and in the folder around the packages."""
    for wrong in ("scripts/tag_report", "scripts"):
        around = ("--overwrite", "--defaults", "--quiet", "--data", "scope=repository")
        run(BIN / "copier", "copy", *around, template, mono / wrong)
    shown = run(BIN / "csa", "check", cwd=mono, code=1).stdout
    assert shown.count("the files around the packages were rendered here, where GitHub") == 2
    assert "1 package checked, 0 problems, 2 failed" in shown
    assert run(BIN / "csa", "check", "scripts/asset_lookup", cwd=mono).stdout.count("failed") == 0
