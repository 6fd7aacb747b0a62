"""csa check"""

from __future__ import annotations

import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Failed
from ..output import Results, Screen, counted, line, path_of, print_json, print_value
from ..packages import legacy_scripts, misplaced
from .findings import print_annotations, print_findings
from .help import epilog
from .options import (
    changed_of,
    changed_option,
    folders_of,
    format_option,
    listed,
    lost,
    packages_argument,
    sdk_option,
)

if TYPE_CHECKING:
    from ..check import Checked

MISPLACED = (
    "the files around the packages were rendered here, where GitHub reads no workflow: undo it with git, "
    "and render them at the top of the repository"
)


@click.command(
    "check",
    epilog=epilog(
        "csa check --fix scripts/new_pkg", "csa check --explain CSA502  # what this rule asks for"
    ),
)
@packages_argument
@changed_option
@format_option(
    "github", "sarif", help="github: annotations in GitHub Actions; sarif: for code scanning."
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
    from ..check.sarif import sarif_of

    if explain is not None:
        rule = rule_of(explain)
        for paragraph in (f"{rule.id}: {rule.sentence}", *rule.reasons):
            click.echo(textwrap.fill(paragraph, 90, break_on_hyphens=False))
        return
    wrong = {} if packages else {folder: Failed(MISPLACED) for folder in misplaced(Path.cwd())}
    folders = listed(packages) if wrong or changed_since is not None else folders_of(packages)
    checks = fix_packages if fix else check_packages
    results: Results[Checked] = {
        **wrong,
        **lost(packages, changed_since),
        **dict(checks(changed_of(folders, changed_since), changed_since)),
    }
    if form == "json":
        print_json(results, lambda checked: {"result": "checked", **asdict(checked)})
    elif form == "sarif":
        print_value(sarif_of(results))
    elif form == "github":
        print_annotations(results)
    else:
        print_findings(results, Screen())
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
