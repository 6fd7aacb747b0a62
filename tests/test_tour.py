"""A tour of the commands in the order of README.md, on one monorepo. What each promises has its own tests."""

from __future__ import annotations

from pathlib import Path

from tests.support.commands import BIN, commit_all, git, run, run_csa
from tests.support.package import NEXT, RELEASE

LEGACY = """\
import argparse

import requests

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Prints a page.")
    parser.add_argument("--url", default="https://example.com")
    args = parser.parse_args()
    print(requests.get(args.url, timeout=30).text)
"""

ARGO = """\
inputs:
  artifacts:
    - {name: scripts, path: "/tmp/scripts", git: {repo: "git@github.com:example/scripts"}}
container:
  workingDir: "/tmp/scripts"
  command: ["python"]
  args: ["-m", "scripts.print_page.main"]
"""


def test_a_package_is_created_kept_current_adopted_checked_and_released(
    releases: Path, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet")

    # Create a package, from the release before the newest.
    run(BIN / "copier", "copy", "--defaults", "--vcs-ref", RELEASE, releases, "scripts/new_pkg",
        cwd=tmp_path)  # fmt: skip
    commit_all(tmp_path, "A new package")

    # Keep it current.
    assert f"{RELEASE}, 1 behind" in run_csa("status", cwd=tmp_path).stdout
    assert "1 updated" in run_csa("update", cwd=tmp_path).stdout
    assert f"new_pkg  {NEXT}" in run_csa("status", cwd=tmp_path).stdout
    commit_all(tmp_path, "Updated")

    # Adopt an existing script.
    script = tmp_path / "scripts" / "print-page" / "main.py"
    script.parent.mkdir()
    script.write_text(LEGACY)
    commit_all(tmp_path, "A script")
    shown = run_csa("adopt", "scripts/print-page", "--template", releases, cwd=tmp_path).stdout
    assert "main.py: its logic is in main(args), proven to behave as before" in shown
    commit_all(tmp_path, "Adopted")

    # Check both.
    assert run_csa("check", cwd=tmp_path).stdout == "2 packages checked, 0 problems\n"

    # Release one, and have Argo run its image.
    assert run_csa("release", "scripts/print_page", cwd=tmp_path).stdout == "1.0.0\n"
    commit_all(tmp_path, "Released")
    image = run_csa("image", "scripts/print_page", cwd=tmp_path).stdout.strip()
    assert image.endswith("/print-page:1.0.0")
    (tmp_path / "page.yaml").write_text(ARGO)
    run_csa("argo", "page.yaml", "--package", "scripts/print_page", cwd=tmp_path)
    assert f"image: {image}" in (tmp_path / "page.yaml").read_text()
