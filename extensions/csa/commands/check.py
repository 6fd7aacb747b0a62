"""csa check"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Failed
from ..git import repository_of
from ..output import Results, change_text, counted, escaped, line, path_of, print_json
from ..packages import legacy_scripts
from .options import (
    EPILOG,
    changed_of,
    changed_option,
    folders_of,
    listed,
    lost,
    packages_argument,
    sdk_option,
)

if TYPE_CHECKING:
    from ..check import Checked


@click.command("check", epilog=EPILOG)
@packages_argument
@changed_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="github: annotations in a run of GitHub Actions.",
)
@click.option("--explain", metavar="RULE", help="Print what a rule asks for, and why.")
@click.option("--fix", is_flag=True, help="First fix what can be fixed with certainty.")
@sdk_option
def check_command(
    packages: tuple[str, ...],
    changed_since: str | None,
    form: str,
    explain: str | None,
    fix: bool,
    require_sdk: bool,
) -> None:
    """Check packages against the rules.

    Without PACKAGE, all packages in and below this folder.

    With --fix, all changes of a package are written or none, and stay uncommitted. What is left is
    listed.

    A package ignores a rule with a reason, in its pyproject.toml: [tool.csa.ignore], and below it
    CSA502 = "the reason".
    """
    from ..check import Checked, check_packages, rule_of  # with libcst it takes longer than a start
    from ..check.fixing import fix_packages

    if explain is not None:
        rule = rule_of(explain)
        for paragraph in (f"{rule.id}: {rule.sentence}", *rule.reasons):
            click.echo(textwrap.fill(paragraph, 90, break_on_hyphens=False))
        return
    folders = folders_of(packages) if changed_since is None else listed(packages)
    checks = fix_packages if fix else check_packages
    results: Results[Checked] = {
        **lost(packages, changed_since),
        **dict(checks(changed_of(folders, changed_since), changed_since)),
    }
    if form == "json":
        print_json(results, lambda checked: {"result": "checked", **asdict(checked)})
    else:
        print_findings(results, github=form == "github")
    if form == "text" and not packages and changed_since is None:
        print_legacy(Path.cwd())
    checked = [result for result in results.values() if isinstance(result, Checked)]
    reasons = {reason for package in checked for reason in package.not_checked.values()}
    for reason in sorted(reasons):
        line(f"The SDK was not checked: {reason}", err=True)
    clean = len(checked) == len(results) and not any(package.findings for package in checked)
    sys.exit(0 if clean and not (reasons and require_sdk) else 1)


def print_legacy(here: Path) -> None:
    """Say how many scripts in or below a folder are no packages yet."""
    if folders := legacy_scripts(here):
        shown = ", ".join(map(path_of, folders[:3])) + (", ..." if len(folders) > 3 else "")
        are = "is no package" if len(folders) == 1 else "are no packages"
        line(f"{counted(len(folders), 'folder')} with a main.py {are} yet: {shown}", err=True)


def print_findings(results: Mapping[Path, Checked | Failed], *, github: bool) -> None:
    """Print a line for each finding and each failure, and without GitHub for each change, too, and
    how many there are."""
    count = fixed = 0
    for folder, result in results.items():
        label = _workspace_path(folder) if github else path_of(folder)
        if isinstance(result, Failed):
            lines = [(label, 0, "failed", str(result))]
        else:
            count += len(result.findings)
            fixed += len(result.fixed)
            if not github:
                for change in result.fixed:
                    place = os.path.normpath(f"{label}/{change.path}")
                    line(f"{place}:{change.line}: {change.rule} fixed: {change_text(change)}")
            lines = sorted(
                (f"{label}/{finding.path}", finding.line, finding.rule, finding.text)
                for finding in result.findings
            )
        for path, number, rule, text in lines:
            place = os.path.normpath(path)
            if github:
                at = f",line={number}" if number else ""
                file, message = _property(place), _escaped_for_github(text)
                click.echo(f"::error file={file}{at},title={rule}::{message}")
            else:
                line(f"{place}{f':{number}' if number else ''}: {rule}: {text}")
    if not github:
        failed = sum(isinstance(result, Failed) for result in results.values())
        good = len(results) - failed
        checked = f"{counted(good, 'package')} checked, {counted(count, 'problem')}"
        checked += f", {counted(fixed, 'change')} made" if fixed else ""
        click.echo(f"{checked}, {failed} failed" if failed else checked)


def _workspace_path(folder: Path) -> str:
    """Return a folder as GitHub's annotations name files: from where the repository lies."""
    workspace = os.environ.get("GITHUB_WORKSPACE") or repository_of(folder).top
    return os.path.relpath(folder, workspace)


def _property(text: str) -> str:
    """Return a text as a property of GitHub's workflow commands."""
    return _escaped_for_github(text, ":,")


def _escaped_for_github(text: str, also: str = "") -> str:
    """Return a text as GitHub's workflow commands take it; `also` is escaped, too."""
    for character in f"%\r\n{also}":
        text = text.replace(character, f"%{ord(character):02X}")
    return escaped(text)
