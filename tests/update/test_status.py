"""What `csa status` tells of packages, and that it only looks."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import BIN, commit_all, git, missing_here, run, tree
from tests.support.monorepo import add_packages, copy, init
from tests.support.package import NEWEST, NEXT, RELEASE
from tests.support.standins.registry import push_empty_image, serve, unavailable_reason
from tests.support.updates import append, csa


def status(root: Path, *arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
    """Return what --json says, by the package's path."""
    shown, _ = csa("status", "--json", *arguments, cwd=root, code=code)
    return {one.pop("package"): one for one in json.loads(shown)["packages"]}


def test_a_new_package_is_current_and_as_the_template_made_it(
    releases: Path, tmp_path: Path
) -> None:
    init(copy(releases, tmp_path / "new_pkg"))
    before = tree(tmp_path)
    [found] = status(tmp_path / "new_pkg", "--check").values()
    assert found.pop("published") is not False  # as far as one knows here
    assert found == {
        "template": NEXT,
        "newest": NEXT,
        "behind": 0,
        "pyatlan_version": NEWEST,
        "python_version": "3.13",
        "base_image": f"ghcr.io/atlanhq/pyatlan:{NEWEST}-3.13",
        "version": "1.0.0-dev",
        "drift": {},
        "news": [],
        "unknown": None,
    }
    assert tree(tmp_path) == before


def test_how_far_behind_counts_releases_and_check_ends_with_one(
    releases: Path, tmp_path: Path
) -> None:
    template = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, template)
    for tag in ("v999.2.0", "v999.10.0", "v1000.0.0rc1", "not-a-version"):
        commit_all(template, tag, tag)
    root = tmp_path / "mono"
    add_packages(root, template, RELEASE, 1)
    current = copy(template, root / "scripts" / "current")
    init(root)
    found = status(root, "--check", code=1)
    assert found["scripts/pkg_7100"]["template"] == RELEASE
    assert found["scripts/pkg_7100"]["newest"] == "v999.10.0"
    assert found["scripts/pkg_7100"]["behind"] == 3
    assert found["scripts/current"]["behind"] == 0
    shown, _ = csa("status", cwd=root)
    assert f"{RELEASE}, 3 behind" in shown
    csa("status", "--check", current, cwd=root)


def test_where_nothing_is_released_it_counts_commits(template: Path, tmp_path: Path) -> None:
    untagged = tmp_path / "csa-template"
    run("git", "clone", "--quiet", template, untagged)
    git(untagged, "tag", "--delete", *git(untagged, "tag").split())
    package = copy(untagged, tmp_path / "mono" / "new_pkg")
    for message in ("one", "two"):
        commit_all(untagged, message)
    init(tmp_path / "mono")
    assert status(package)["."]["behind"] == 2


def test_drift_names_the_template_s_files_that_differ(releases: Path, tmp_path: Path) -> None:
    package = copy(releases, tmp_path / "mono" / "new_pkg")
    append(package / "requirements.txt", "requests>=2.32,<3\n")
    append(package / "main.py", "# ours\n")
    append(package / "own.py", "# ours\n")
    (package / ".snyk").unlink()
    (package / "Dockerfile").chmod(0o755)
    (package / "index.md").unlink()
    (package / ".gitignore").unlink()
    (package / ".gitignore").symlink_to("../.gitignore")
    conftest = (package / "tests" / "conftest.py").read_text()
    (package / "tests" / "conftest.py").write_text(
        "<<<<<<< before updating\n=======\n>>>>>>> after updating\n" + conftest
    )
    crlf = package / ".dockerignore"
    crlf.write_bytes(crlf.read_bytes().replace(b"\n", b"\r\n"))
    init(tmp_path / "mono")
    (package / "pyproject.toml").write_text("# not committed\n")
    expected = {
        ".gitignore": "changed",
        ".snyk": "deleted",
        "Dockerfile": "changed",
        "pyproject.toml": "changed",
        "requirements.txt": "customized",
        "tests/conftest.py": "conflict",
    }
    assert status(package)["."]["drift"] == expected
    shown, _ = csa("status", cwd=package)
    assert (
        "  changed: .gitignore, .snyk (deleted), Dockerfile, pyproject.toml, "
        "tests/conftest.py (conflict); customized: requirements.txt\n"
    ) in shown


@pytest.mark.parametrize(
    ("answers", "dockerfile", "image"),
    [
        ({"pyatlan_version": "8.0.1"}, None, "ghcr.io/atlanhq/pyatlan-wolfi-base:8.0.1-3.13"),
        ({"base_image": "registry.example.com/base:1"}, None, "registry.example.com/base:1"),
        ({}, "FROM --platform=linux/amd64 python:3.13 AS build\nfrom my/base:2 as final\n",
         "my/base:2"),
        ({}, "", None),
    ],
)  # fmt: skip
def test_the_base_image_is_the_dockerfile_s(
    releases: Path,
    tmp_path: Path,
    answers: dict[str, str],
    dockerfile: str | None,
    image: str | None,
) -> None:
    package = copy(releases, tmp_path / "mono" / "new_pkg", **answers)
    if dockerfile is not None:
        (package / "Dockerfile").write_text(dockerfile)
    init(tmp_path / "mono")
    [found] = status(package).values()
    assert found["base_image"] == image
    shown, _ = csa("status", cwd=package)
    assert (image or "none").rpartition("/")[2].partition(":")[0] in shown


@pytest.mark.slow
@pytest.mark.xdist_group("registry")
def test_a_base_image_is_published_only_if_its_registry_says_so(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := unavailable_reason():
        missing_here(reason)
    with serve(tmp_path / "registry") as (host, trust):
        monkeypatch.setenv("SSL_CERT_FILE", trust["SSL_CERT_FILE"])
        push_empty_image(f"{host}/team/base:1", trust, tmp_path)
        for number, name in enumerate(("base:1", "base:2")):
            folder = tmp_path / "mono" / f"pkg_{number}"
            copy(releases, folder, base_image=f"{host}/team/{name}")
        copy(releases, tmp_path / "mono" / "pkg_2", base_image="127.0.0.1:9/base:1")
        init(tmp_path / "mono")
        found = status(tmp_path / "mono")
        shown, _ = csa("status", cwd=tmp_path / "mono")
    assert [found[f"pkg_{number}"]["published"] for number in range(3)] == [True, False, None]
    assert shown.count("its base image is not in its registry") == 1


def test_a_package_that_cannot_be_read_is_said_beside_the_others(
    releases: Path, tmp_path: Path
) -> None:
    broken, good = add_packages(tmp_path / "mono", releases, NEXT, 2)
    (broken / ".copier-answers.yml").write_text("a: [\n")
    (good / "version.txt").unlink()
    init(tmp_path / "mono")
    found = status(tmp_path / "mono", code=1)
    assert found["scripts/pkg_7100"] == {
        "result": "failed",
        "message": ".copier-answers.yml is not YAML: see its line 2",
    }
    assert found["scripts/pkg_7101"]["version"] is None
    shown, _ = csa("status", cwd=tmp_path / "mono", code=1)
    assert "scripts/pkg_7100: .copier-answers.yml is not YAML: see its line 2" in shown


def test_answers_edited_by_hand_mean_what_they_mean_to_copier(
    releases: Path, tmp_path: Path
) -> None:
    package = copy(releases, tmp_path / "mono" / "new_pkg")
    (package / ".copier-answers.yml").write_text(
        f"_src_path: {releases}\n_commit: {NEXT}\nscope: package\npython_version: 3.13\n"
    )
    init(tmp_path / "mono")
    [found] = status(package).values()
    # What is not recorded is the default, and what is not quoted still text.
    assert (found["pyatlan_version"], found["python_version"]) == (NEWEST, "3.13")
    assert found["drift"] == {}
    assert "11.6.0" in csa("status", cwd=package)[0]


def test_a_package_inside_of_another_of_the_same_name_is_one_of_its_own(
    releases: Path, tmp_path: Path
) -> None:
    outer = copy(releases, tmp_path / "new_pkg")
    copy(releases, outer / "new_pkg", pyatlan_version="9.0.0")
    init(outer)
    shown, _ = csa("status", "--json", cwd=outer)
    packages = json.loads(shown)["packages"]
    assert [one["pyatlan_version"] for one in packages] == [NEWEST, "9.0.0"]


def test_a_package_takes_two_lines_of_a_narrow_terminal(releases: Path, tmp_path: Path) -> None:
    package = copy(releases, tmp_path / "mono" / "new_pkg")
    append(package / "requirements.txt", "requests>=2.32,<3\n")
    for name in (".snyk", ".dockerignore", ".gitignore", "pyproject.toml", "requirements-test.txt"):
        append(package / name, "# ours\n")
        (package / name).write_text((package / name).read_text().partition("\n")[2])
    broken = copy(releases, package / "broken")
    (broken / ".copier-answers.yml").write_text("a: [\n")
    init(tmp_path / "mono")
    # script gives csa a terminal.
    shown = run(
        "script", "--quiet", "--return", "--command", "stty cols 80; csa status", "/dev/null",
        cwd=package,
        env={"PATH": f"{BIN}:{os.environ['PATH']}", "TERM": "xterm"},
        code=1,
    ).stdout  # fmt: skip
    lines = [re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", line) for line in shown.splitlines()]
    start = next(number for number, line in enumerate(lines) if line.startswith("Package"))
    assert all(len(line) <= 80 for line in lines[start:])
    heading, row, drift, failed = lines[start:]
    assert heading.split() == [
        "Package",
        "Template",
        "Version",
        "pyatlan",
        "Python",
        "Base",
        "image",
    ]
    assert row.split() == ["new_pkg", f"{NEXT},", "current", "1.0.0-dev", NEWEST, "3.13", "pyatlan"]
    assert drift.startswith("  changed: .dockerignore, .gitignore, .snyk, ")
    assert drift.endswith("…")
    assert failed == "broken: .copier-answers.yml is not YAML: see its line 2"


def test_what_all_packages_share_is_said_once(releases: Path, tmp_path: Path) -> None:
    add_packages(tmp_path / "mono", releases, NEXT, 2)
    init(tmp_path / "mono")
    shown, _ = csa("status", cwd=tmp_path / "mono")
    assert shown.splitlines()[0].split() == ["Package", "Template", "Version"]
    assert f"All: pyatlan {NEWEST}, Python 3.13, Base image pyatlan" in shown
    csa("update", "scripts/pkg_7100", "-d", "pyatlan_version=9.0.0", cwd=tmp_path / "mono")
    shown, _ = csa("status", "--sort", "pyatlan", cwd=tmp_path / "mono")
    assert [line.split()[0] for line in shown.splitlines()[1:3]] == [
        "scripts/pkg_7100",
        "scripts/pkg_7101",
    ]
    assert "pyatlan-chainguard-base" in shown
    assert "All: Python 3.13\n" in shown


def test_what_newer_releases_bring_is_said(releases: Path, tmp_path: Path) -> None:
    template = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, template)
    old = copy(template, tmp_path / "mono" / "scripts" / "old", vcs_ref=NEXT)
    history = template / "HISTORY.md"
    history.write_text(
        history.read_text().replace(
            "## 1.0.0\n", "## 1.1.0\n\n- Fixes\n  the image.\n\n## 1.0.0\n", 1
        )
    )
    commit_all(template, "Fixes", "v999.4.0")
    copy(template, tmp_path / "mono" / "scripts" / "current")
    init(tmp_path / "mono")
    found = status(tmp_path / "mono")
    assert found["scripts/old"]["news"] == ["Fixes the image."]
    assert found["scripts/current"]["news"] == []
    shown, _ = csa("status", "--sort", "behind", cwd=tmp_path / "mono")
    assert shown.endswith("New in the template\n- Fixes the image.\n")
    shown, _ = csa("status", "--behind", cwd=tmp_path / "mono")
    assert "scripts/old" in shown
    assert "scripts/current" not in shown
    assert old.exists()


def test_a_table_for_a_summary_has_no_markup_of_others(releases: Path, tmp_path: Path) -> None:
    package = copy(releases, tmp_path / "mono" / "new_pkg")
    (package / "version.txt").write_text("`@team` | <img src=x> #1\n")
    init(tmp_path / "mono")
    shown, _ = csa("status", "--format", "markdown", cwd=tmp_path / "mono")
    heading, line, row = shown.splitlines()
    assert heading.startswith("| Package | Template | Version | pyatlan |")
    assert line.count("---") == heading.count("|") - 1
    assert f"| `new_pkg` | `{NEXT}, current` | `'@team' \\| <img src=x> #1` | `{NEWEST}` |" in row


def test_without_a_network_it_tells_what_is_known_here(releases: Path, tmp_path: Path) -> None:
    root = tmp_path / "mono"
    far, near = add_packages(root, releases, RELEASE, 2)
    answers = far / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(releases), "git://127.0.0.1:1/x"))
    init(root)
    shown, _ = csa("status", cwd=root, code=1)
    rows = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if "pkg_71" in line}
    assert rows[f"scripts/{far.name}"][:4] == [f"{RELEASE},", "not", "compared", "1.0.0-dev"]
    assert rows[f"scripts/{near.name}"][:3] == [f"{RELEASE},", "1", "behind"]
    assert (
        shown.count("Not compared with the template: the template cannot be fetched from git:") == 1
    )
    found = status(root, code=1)[f"scripts/{far.name}"]
    assert found["unknown"].startswith("the template cannot be fetched")
    assert found["pyatlan_version"] == NEWEST
    # The same where it was a folder here, which is gone.
    answers.write_text(answers.read_text().replace("git://127.0.0.1:1/x", str(root / "gone")))
    found = status(root, code=1)[f"scripts/{far.name}"]
    assert found["unknown"].startswith(f"the template's folder {root / 'gone'} is not there: ")
    assert found["pyatlan_version"] == NEWEST
    # Answers that are no text are shown as they are.
    answers.write_text(
        answers.read_text().replace(f"pyatlan_version: {NEWEST}", "pyatlan_version: [1]")
    )
    for form in ("text", "markdown"):
        assert "[1]" in csa("status", "--sort", "pyatlan", "--format", form, cwd=root, code=1)[0]


# --- csa diff --------------------------------------------------------------------------------


def test_a_diff_goes_from_a_fresh_render_to_the_files(releases: Path, tmp_path: Path) -> None:
    root = tmp_path / "mono"
    edited, untouched = add_packages(root, releases, RELEASE, 2)
    append(edited / "requirements.txt", "requests>=2.32,<3\n")
    append(edited / "main.py", "# ours\n")
    (edited / ".snyk").unlink()
    init(root)
    before = tree(root)
    patch, _ = csa("diff", cwd=root)
    assert tree(root) == before
    assert "+requests>=2.32,<3\n" in patch
    assert "main.py" not in patch
    assert untouched.name not in patch
    assert csa("diff", cwd=untouched)[0] == ""
    # Without it, the package is as the template made it.
    (tmp_path / "patch").write_text(patch)
    git(root, "apply", "--reverse", str(tmp_path / "patch"))
    assert status(root)["scripts/pkg_7100"]["drift"] == {}
    # A link in a file's place is shown as a link.
    (edited / ".dockerignore").unlink()
    (edited / ".dockerignore").symlink_to("there")
    linked, _ = csa("diff", cwd=root)
    assert "new file mode 120000" in linked
    (tmp_path / "patch").write_text(linked)
    git(root, "apply", "--reverse", str(tmp_path / "patch"))
    assert status(root)["scripts/pkg_7100"]["drift"] == {}
    # Nothing is read through a link out of the package.
    outside = tmp_path / "outside"
    (edited / "tests").rename(outside)
    append(outside / "conftest.py", "PRIVATE = 1\n")
    (edited / "tests").symlink_to(outside)
    assert "PRIVATE" not in csa("diff", cwd=root)[0]
    (edited / ".copier-answers.yml").write_text("a: [\n")
    _, said = csa("diff", cwd=root, code=1)
    assert "scripts/pkg_7100: .copier-answers.yml is not YAML" in said
