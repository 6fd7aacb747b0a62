"""Adoptions as people make them, by the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.commands import git, run_csa, tree
from tests.support.legacy_runs import copy_case
from tests.support.monorepo import init


def monorepo(root: Path, *names: str) -> Path:
    """A repository with scripts of the corpus, committed."""
    for name in names:
        copy_case(name, root / "scripts" / name)
    init(root)
    return root


def adopt(
    root: Path, template: Path, name: str, *options: str, code: int | None = 0
) -> dict[str, Any]:
    """Run csa adopt; return what --json says."""
    folder = f"scripts/{name}"
    command = ("--template", str(template), "--json", *options)
    shown = run_csa("adopt", folder, *command, cwd=root, code=code)
    adoption: dict[str, Any]
    [adoption] = json.loads(shown.stdout)["packages"]
    return adoption


def refusal(root: Path, template: Path | str, folder: str, code: int) -> str:
    """Run csa adopt where it has to refuse; return its one sentence."""
    shown = run_csa("adopt", folder, "--template", template, cwd=root, code=code)
    assert shown.stdout == ""
    [line] = shown.stderr.splitlines()
    return line.removeprefix("Error: ")


def state(root: Path) -> tuple[dict[str, bytes], str, bytes]:
    """All files, what git says of them, and what is staged."""
    return tree(root), git(root, "status", "--porcelain"), git(root, "diff", "--cached").encode()
