"""What tests of updates share: csa as they run it, edits that people make, newer templates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from csa.template import Source, open_source

from tests.support.commands import BIN, commit_all, git, run, run_csa
from tests.support.package import NEXT

COPIER = BIN / "copier"
PACKAGE = "scripts/new_pkg"
"""Where the package of `monorepo` is."""

Fresh = Callable[..., dict[str, bytes]]


def csa(*arguments: str | Path, cwd: Path, code: int | None = 0, **env: str) -> tuple[str, str]:
    """Run csa; return what it printed on stdout and on stderr."""
    result = run_csa(*arguments, cwd=cwd, code=code, env=env)
    return result.stdout, result.stderr


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def line_that_changes(releases: Path, tag: str) -> str | None:
    """Return a line of the Dockerfile at a release that is another one at the newest."""
    old, new = (
        git(releases, "show", f"{version}:template/package/Dockerfile.jinja").splitlines()
        for version in (tag, NEXT)
    )
    return next((line for line in old if line not in new and "{" not in line), None)


def edit_in_conflict(package: Path, releases: Path, tag: str) -> None:
    line = line_that_changes(releases, tag)
    if line:
        dockerfile = package / "Dockerfile"
        dockerfile.write_text(dockerfile.read_text().replace(line, line + " # ours"))


def replace(package: Path, old: str, new: str) -> None:
    path = package / ".copier-answers.yml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def newer_template(releases: Path, tmp_path: Path, **files: str | None) -> Path:
    """A clone of the template with one more release that adds (or drops) rendered files."""
    clone = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, clone)
    for name, text in files.items():
        path = clone / "template" / "package" / name.replace("__", "/").replace("_DOT_", ".")
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    commit_all(clone, "Newer", "v999.2.0")
    return clone


def source_of(releases: Path) -> Source:
    return open_source(str(releases), None, releases)
