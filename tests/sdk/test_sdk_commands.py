"""What the commands tell of the SDK: which release a script gets, and what another one breaks."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from csa.adopt import adopt as csa_adopt
from csa.adopt.report import Adoption
from csa.check import check
from csa.errors import Failed, Misuse
from csa.sdk.type_checker import TY

from tests.support.commands import CSA, commit_all, executable, run_csa, tree
from tests.support.fixed import CLIENT, ROLES
from tests.support.monorepo import add_packages, copy, init
from tests.support.package import NEWEST, RELEASE

SCRIPT = """\
import argparse
from pyatlan.cache.role_cache import RoleCache
from pyatlan.client.atlan import AtlanClient
from pyatlan.model.packages import SnowflakeCrawler

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--name")
    args = parser.parse_args()
    client = AtlanClient()
    print(RoleCache.get_id_for_name(args.name))
    client.workflow.run(SnowflakeCrawler)
"""
WITHOUT_WORKFLOW = "".join(
    line for line in SCRIPT.splitlines(True) if "packages" not in line and "workflow" not in line
)
WITHOUT_CACHE = "".join(line for line in SCRIPT.splitlines(True) if "RoleCache" not in line)
HELPER = """\
from pyatlan.client.atlan import AtlanClient


def run(client: AtlanClient):
    from pyatlan.model.packages import SnowflakeCrawler

    client.workflow.run(SnowflakeCrawler)
"""
NAME = "RoleCache.get_name_for_id('x')"
USE = "RoleCache.get_id_for_name('x')\n"
OFFLINE = {"UV_OFFLINE": "1"}
"""With this and an empty cache, csa can install nothing."""


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    return {**OFFLINE, "XDG_CACHE_HOME": str(tmp_path / "empty")}


def legacy(root: Path, main: str = SCRIPT, **files: str) -> Path:
    """A monorepo with the script old-script, and other files of its folder by name."""
    folder = root / "scripts" / "old-script"
    folder.mkdir(parents=True)
    for name, text in {"main.py": main, **files}.items():
        (folder / name).write_text(text)
    init(root)
    return root


def places(items: list[dict[str, Any]]) -> list[str]:
    return [f"{Path(one['path']).name}:{one['line']}" for one in items]


def line_of(path: Path, part: str) -> int:
    [number] = [n for n, line in enumerate(path.read_text().splitlines(), 1) if part in line]
    return number


# --- csa adopt ------------------------------------------------------------------------------------


def test_an_adopted_script_is_told_each_line_that_its_sdk_breaks(
    template: Path, tmp_path: Path
) -> None:
    root = legacy(tmp_path / "mono", **{"helper.py": HELPER})
    command = ("adopt", "scripts/old-script", "--template", template, "--json")
    data = ("--data", f"pyatlan_version={NEWEST}")
    [adoption] = json.loads(run_csa(*command, *data, cwd=root, code=1).stdout)["packages"]
    assert (adoption["main"], adoption["pyatlan"]) == ("refactored", NEWEST)
    main = root / "scripts" / "old_script" / "main.py"
    calls = [line_of(main, part) for part in (".packages", ".workflow.run")]
    assert places(adoption["manual_steps"]) == [
        "helper.py:5", "helper.py:7", *(f"main.py:{line}" for line in calls),
    ]  # fmt: skip
    # csa check says the same of the package.
    commit_all(root, "Adopted")
    shown = run_csa("check", "--format", "json", cwd=root, code=1).stdout
    findings = json.loads(shown)["packages"][0]["findings"]
    assert places([one for one in findings if one["rule"] == "CSA801"]) == (
        places(adoption["manual_steps"])
    )


@pytest.mark.slow
def test_an_adopted_script_is_changed_to_fit_its_sdk(template: Path, tmp_path: Path) -> None:
    helper = f"{ROLES}{CLIENT}\n\ndef name(client: AtlanClient):\n    return {NAME}\n"
    root = legacy(tmp_path / "mono", WITHOUT_WORKFLOW, **{"helper.py": helper})
    command = ("adopt", "scripts/old-script", "--template", template)

    # A dry run says so, and shows the lines; so does JSON.
    shown = run_csa(*command, "--dry-run", cwd=root)
    assert f"To change for pyatlan {NEWEST}\n" in shown.stderr
    assert "+    print(client.role_cache.get_id_for_name(args.name))\n" in shown.stdout
    [planned] = json.loads(run_csa(*command, "--dry-run", "--json", cwd=root).stdout)["packages"]
    assert planned["result"] == "adopted"

    # All of it is done, apart from what is proven, and csa check finds nothing in these files.
    shown = run_csa(*command, cwd=root)
    main = root / "scripts" / "old_script" / "main.py"
    text = main.read_text()
    assert "RoleCache" not in text
    assert "main.py: its logic is in main(args), proven to behave as before\n" in shown.stdout
    lines = shown.stdout.partition(f"Changed for pyatlan {NEWEST}\n")[2].splitlines()
    place, old = line_of(main, "client.role_cache"), "RoleCache.get_id_for_name(args.name)"
    assert lines[:4] == [
        "  scripts/old_script/helper.py:1: from pyatlan.cache.role_cache import RoleCache → removed",
        f"  scripts/old_script/helper.py:5: return {NAME} → return client.role_cache.{NAME[10:]}",
        "  scripts/old_script/main.py:2: from pyatlan.cache.role_cache import RoleCache → removed",
        f"  scripts/old_script/main.py:{place}: print({old}) → print({old.replace('RoleCache', 'client.role_cache')})",
    ]
    assert [one["line"] for one in planned["sdk_changes"]] == [1, 5, 2, place]
    assert check_of(root) == []


@pytest.mark.slow
def test_a_second_adoption_changes_no_more(template: Path, tmp_path: Path) -> None:
    root = legacy(tmp_path / "mono", WITHOUT_WORKFLOW)
    assert adopted(root, template).sdk_changes
    commit_all(root, "Adopted")
    again = csa_adopt(root / "scripts" / "old_script", str(template))
    assert (again.result, again.sdk_changes) == ("current", [])


@pytest.mark.slow
def test_a_client_made_at_import_moves_into_main_once_nothing_breaks_in_its_sdk(
    template: Path, tmp_path: Path
) -> None:
    root = legacy(
        tmp_path / "mono",
        f"{ROLES}{CLIENT}\nclient = AtlanClient()\n\n\ndef show():\n    print({NAME})\n\n\n"
        "def main():\n    show()\n\n\nif __name__ == '__main__':\n    main()\n",
    )
    assert adopted(root, template).sdk_changes
    main = root / "scripts" / "old_script" / "main.py"
    assert "\nclient = AtlanClient()\n" in main.read_text()
    assert "    print(client.role_cache.get_name_for_id('x'))\n" in main.read_text()
    commit_all(root, "Adopted")
    csa_adopt(root / "scripts" / "old_script", str(template))
    assert "    global client\n    client = AtlanClient()\n    show()\n" in main.read_text()


def test_a_client_made_at_import_moves_into_main_where_its_sdk_breaks_without_it(
    template: Path, tmp_path: Path
) -> None:
    root = legacy(
        tmp_path / "mono",
        f"from pyatlan.utils import get_logger\n{CLIENT}\nclient = AtlanClient()\n"
        "logger = get_logger()\n\n\ndef main():\n    logger.info(client)\n\n\n"
        "if __name__ == '__main__':\n    main()\n",
    )
    adoption = adopted(root, template)
    assert (adoption.manual_steps, len(adoption.sdk_changes)) == ([], 3)
    main = (root / "scripts" / "old_script" / "main.py").read_text()
    assert "    global client, logger\n    client = AtlanClient()\n    logging.basic" in main


def check_of(root: Path) -> list[str]:
    return [one.path for one in check(root / "scripts" / "old_script") if one.rule == "CSA801"]


def adopted(root: Path, template: Path, **data: str) -> Adoption:
    """The same without the command, which takes a second to start."""
    return csa_adopt(root / "scripts" / "old-script", str(template), data)


@pytest.mark.slow
def test_an_adopted_script_gets_the_newest_sdk_on_which_nothing_breaks(
    template: Path, tmp_path: Path
) -> None:
    root = legacy(tmp_path / "mono", WITHOUT_CACHE)
    adoption = adopted(root, template)
    assert (adoption.pyatlan, adoption.manual_steps) == ("10.0.0", [])
    assert adoption.notes == [
        "pyatlan 10.0.0 is the newest release that has everything the script uses."
    ]
    dockerfile = (root / "scripts" / "old_script" / "Dockerfile").read_text()
    assert "pyatlan-chainguard-base:10.0.0-3.13\n" in dockerfile


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pin", "release"), [("9.10.3", "9.10.3"), ("7.1.0", "10.0.0"), ("99.0.0", "10.0.0")]
)
def test_an_sdk_that_is_pinned_stays_if_it_has_a_base_image(
    template: Path, tmp_path: Path, pin: str, release: str
) -> None:
    root = legacy(tmp_path / "mono", **{"requirements.txt": f"pyatlan=={pin}\n"})
    adoption = adopted(root, template)
    assert adoption.pyatlan == release
    assert not [one for one in adoption.manual_steps if one.path.endswith("main.py")]
    said = [one.text for one in adoption.manual_steps if one.path.endswith("Dockerfile")]
    assert said == (
        []
        if pin == release
        else [f"it has pyatlan {release}, because there is no base image for the pinned {pin}"]
    )


def test_an_sdk_can_be_chosen(template: Path, tmp_path: Path) -> None:
    root = legacy(tmp_path / "mono", WITHOUT_CACHE)
    adoption = adopted(root, template, pyatlan_version=NEWEST)
    assert (adoption.pyatlan, len(adoption.manual_steps)) == (NEWEST, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"pyatlan_version": "99.0.0"}, "pyatlan 99.0.0 does not exist on the package index"),
        ({"pyatlan_version": "9"}, "use 3 numbers, such as 11.6.0"),
        ({"pyatlan": "9.0.0"}, "--data pyatlan: the questions are base_image, "),
    ],
)
def test_an_answer_that_cannot_be_changes_nothing(
    template: Path, tmp_path: Path, answer: dict[str, str], says: str
) -> None:
    root = legacy(tmp_path / "mono")
    before = tree(root)
    with pytest.raises(Misuse, match=says):
        adopted(root, template, **answer)
    assert tree(root) == before


def test_a_template_of_something_else_is_refused(template: Path, tmp_path: Path) -> None:
    root = legacy(tmp_path / "mono")
    other = tmp_path / "other"
    other.mkdir()
    (other / "copier.yml").write_text("name: {type: str}\n")
    init(other)
    with pytest.raises(Failed, match=r"other is not a template of script packages"):
        adopted(root, other)


def test_an_adoption_without_a_network_says_that_the_sdk_was_not_checked(
    template: Path, tmp_path: Path, offline: dict[str, str]
) -> None:
    root = legacy(tmp_path / "mono")
    command = ("adopt", "scripts/old-script", "--template", template)
    shown = run_csa(*command, cwd=root, env=offline).stdout
    assert "\nThe SDK was not checked: pyatlan " in shown


# --- csa update -----------------------------------------------------------------------------------


def fleet(root: Path, template: Path, count: int, *broken: int) -> list[Path]:
    """Packages on pyatlan 10.0.0, some of which run a workflow."""
    [first, *_] = packages = add_packages(root, template, RELEASE, count)
    for package in packages:
        for path in ("Dockerfile", "requirements-test.txt", ".copier-answers.yml"):
            text = (package / path).read_text()
            (package / path).write_text(
                text.replace(NEWEST, "10.0.0").replace(
                    "atlanhq/pyatlan:", "atlanhq/pyatlan-chainguard-base:"
                )
            )
        # This breaks on the release that they have, too.
        (package / "helper.py").write_text("import pyatlan\n\nimport pyatlan.nothing\n")
    for number in broken:
        (packages[number] / "crawl.py").write_text(HELPER)
    init(root)
    assert [one.path for one in check(first) if one.rule == "CSA801"] == ["helper.py"]
    return packages


@pytest.mark.parametrize(
    ("count", "broken"), [(2, (1,)), pytest.param(30, (7, 21), marks=pytest.mark.slow)]
)
def test_an_upgrade_names_the_packages_that_it_breaks_and_updates_all(
    template: Path, tmp_path: Path, count: int, broken: tuple[int, ...]
) -> None:
    root = tmp_path / "mono"
    packages = fleet(root, template, count, *broken)
    update = ("update", "-d", f"pyatlan_version={NEWEST}")
    names = {f"scripts/{packages[number].name}" for number in broken}

    before = tree(root)
    shown = run_csa(*update, "--dry-run", "--json", cwd=root, code=1).stdout
    assert tree(root) == before
    told = {one["package"]: one for one in json.loads(shown)["packages"]}
    assert {name for name, one in told.items() if one["breaks"]} == names
    assert {one["result"] for one in told.values()} == {"updated"}
    for name in names:
        assert places(told[name]["breaks"]) == ["crawl.py:5", "crawl.py:7"]

    # All are updated, and people are told the same.
    shown = run_csa(*update, cwd=root, code=1).stdout
    assert all(NEWEST in (package / "Dockerfile").read_text() for package in packages)
    named = {line.split("/crawl.py:5: ")[0] for line in shown.splitlines() if "crawl.py:5" in line}
    assert named == names
    assert "AtlanClient.workflow is not in pyatlan" in shown
    assert shown.count('install the environment again, with pip install -e ".[test]"') == 1


@pytest.mark.slow
def test_an_upgrade_says_what_can_be_fixed_and_leaves_the_files_that_are_yours(
    template: Path, tmp_path: Path
) -> None:
    root = tmp_path / "mono"
    package = copy(template, root / "scripts" / "new_pkg")
    # A release that never was breaks nothing: all that breaks now is new.
    answers = package / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(NEWEST, "99.0.0"))
    more = f"{CLIENT}{ROLES}def f(client: AtlanClient):\n" + 2 * f"    {USE}"
    (package / "more.py").write_text(more)
    init(root)
    update = ("update", "-d", f"pyatlan_version={NEWEST}")
    shown = run_csa(*update, cwd=root, code=1).stdout
    assert "new_pkg/more.py:4: RoleCache.get_id_for_name needs name" in shown
    assert "new_pkg: csa check --fix changes 2 of the lines that break\n" in shown
    assert (package / "more.py").read_text() == more
    run_csa("check", "--fix", cwd=root, code=None)
    assert "RoleCache" not in (package / "more.py").read_text()


@pytest.mark.slow
def test_an_upgrade_that_breaks_nothing_needs_nobody(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "mono"
    fleet(root, template, 1)
    shown = run_csa("update", "-d", f"pyatlan_version={NEWEST}", cwd=root).stdout
    assert "nothing" not in shown


def test_a_release_that_does_not_exist_is_refused(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "mono"
    copy(template, root / "scripts" / "new_pkg")
    init(root)
    before = tree(root)
    shown = run_csa("update", "-d", "pyatlan_version=99.0.0", cwd=root, code=2)
    assert shown.stderr == (
        "Error: --data pyatlan_version=99.0.0: pyatlan 99.0.0 does not exist on the package index\n"
    )
    assert tree(root) == before


def test_an_upgrade_without_a_network_says_that_it_was_not_checked(
    template: Path, tmp_path: Path, offline: dict[str, str]
) -> None:
    root = tmp_path / "mono"
    copy(template, root / "scripts" / "new_pkg")
    init(root)
    before = tree(root)
    update = ("update", "-d", "pyatlan_version=11.5.0")
    shown = run_csa(*update, "--require-sdk", cwd=root, env=offline, code=1)
    assert shown.stderr.startswith("Error: pyatlan 11.5.0 cannot be downloaded: ")
    assert tree(root) == before
    shown = run_csa(*update, cwd=root, env=offline)
    assert "not checked against pyatlan 11.5.0: pyatlan 11.5.0 cannot be" in shown.stdout


# --- csa check ------------------------------------------------------------------------------------


def test_a_check_without_a_network_says_so_and_fails_on_request_alone(
    template: Path, tmp_path: Path, offline: dict[str, str]
) -> None:
    root = tmp_path / "mono"
    for name in ("a_pkg", "b_pkg"):
        copy(template, root / "scripts" / name)
    (root / "scripts" / "a_pkg" / "pyproject.toml").open("a").write(
        '\n[tool.csa.ignore]\nCSA801 = "Nobody can tell now whether that is needed."\n'
    )
    init(root)
    shown = run_csa("check", cwd=root, env=offline)
    assert shown.stdout == "2 packages checked, 0 problems\n"
    [line] = shown.stderr.splitlines()
    assert line.startswith(f"The SDK was not checked: pyatlan {NEWEST} cannot be downloaded: ")
    run_csa("check", "--require-sdk", cwd=root, env=offline, code=1)
    shown = run_csa("check", "--format", "json", cwd=root, env=offline)
    assert [list(one["not_checked"]) for one in json.loads(shown.stdout)["packages"]] == [
        [], ["CSA801"],
    ]  # fmt: skip
    run_csa("check", "--require-sdk", "scripts/b_pkg", cwd=root)


@pytest.mark.parametrize("command", [("check",), ("check", "--fix")])
def test_a_check_that_is_stopped_does_not_wait_for_the_type_checker(
    template: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Of which the one here would take ten minutes."""
    init(copy(template, tmp_path / "mono" / "scripts" / "new_pkg").parents[1])
    started = tmp_path / "started"
    os.mkfifo(started)
    for name in (f"pyatlan-{NEWEST}", TY.replace("==", "-")):
        folder = tmp_path / "cache" / "csa" / name
        folder.mkdir(parents=True)
        executable(folder / "bin" / "ty", f"echo > {started}; exec sleep 600")
        (folder / "complete").touch()
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with subprocess.Popen(
        [CSA, *command], cwd=tmp_path / "mono", env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        started.read_text()
        process.terminate()
        _, said = process.communicate(timeout=50)
    assert process.returncode == 130
    assert said == "csa was stopped, as by Ctrl-C; nothing was left half-written.\n"
