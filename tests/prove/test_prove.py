"""csa prove, as people and programs run it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.adoptions import monorepo
from tests.support.commands import ROOT, commit_all, git, run_csa, tree
from tests.support.legacy_runs import LEGACY, copy_case

OLD, NEW = "purge-archived", "purge_archived"
BY_HAND = (LEGACY / "by-hand" / f"{OLD}.py").read_bytes()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return monorepo(tmp_path, OLD, "sibling-helper")


def refactor(root: Path, source: bytes = BY_HAND) -> None:
    """Do what the testing toolkit asks for: another name, and another main.py."""
    git(root, "mv", f"scripts/{OLD}", f"scripts/{NEW}")
    (root / "scripts" / NEW / "main.py").write_bytes(source)


def proof(root: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    shown = run_csa("prove", "--json", *arguments, cwd=root, code=code)
    said: dict[str, Any] = json.loads(shown.stdout)
    return said


def refusal(root: Path, *arguments: str) -> str:
    shown = run_csa("prove", *arguments, cwd=root, code=2)
    assert shown.stdout == ""
    [line] = shown.stderr.splitlines()
    return line.removeprefix("Error: ")


def test_a_folder_that_was_renamed_and_refactored_is_proven(root: Path) -> None:
    refactor(root)
    before = tree(root)
    shown = run_csa("prove", f"scripts/{NEW}", cwd=root)
    assert shown.stdout.splitlines() == [
        "main.py: proven to run as before",
        f"scripts/{NEW} runs as scripts/{OLD} did at HEAD",
    ]
    assert tree(root) == before


def test_a_folder_that_git_does_not_know_yet_is_found_by_its_old_name(root: Path) -> None:
    (root / "scripts" / OLD).rename(root / "scripts" / NEW)
    (root / "scripts" / NEW / "main.py").write_bytes(BY_HAND)
    assert proof(root, f"scripts/{NEW}")["before"] == f"scripts/{OLD}"


def test_a_refactoring_that_was_committed_is_compared_with_a_revision_before(root: Path) -> None:
    refactor(root)
    commit_all(root, "Refactor")
    assert "name with --since the revision" in refusal(root, f"scripts/{NEW}")
    said = proof(root, f"scripts/{NEW}", "--since", "HEAD~1")
    assert (said["result"], said["before"]) == ("proven", f"scripts/{OLD}")
    assert proof(root, f"scripts/{NEW}", "--since", "HEAD")["verdicts"] == {}


def test_what_differs_is_named_with_both_places(root: Path) -> None:
    refactor(root, BY_HAND.replace(b"if not confirmed", b"if confirmed"))
    shown = run_csa("prove", f"scripts/{NEW}", cwd=root, code=1)
    assert shown.stdout.splitlines() == [
        "main.py: differs",
        f"  before  scripts/{OLD}/main.py:9: client.asset.purge_by_guid(asset.guid)",
        f'  now     scripts/{NEW}/main.py:26: print("would purge", asset.guid)',
    ]
    assert proof(root, f"scripts/{NEW}", code=1) == {
        "result": "different",
        "folder": f"scripts/{NEW}",
        "before": f"scripts/{OLD}",
        "since": "HEAD",
        "verdicts": {
            "main.py": {
                "result": "different",
                "reason": "",
                "old": {"line": 9, "text": "client.asset.purge_by_guid(asset.guid)"},
                "new": {"line": 26, "text": 'print("would purge", asset.guid)'},
            }
        },
    }


def test_what_cannot_be_judged_says_why(root: Path) -> None:
    refactor(root, BY_HAND.replace(b"deleted = []", b"deleted = eval('[]')"))
    shown = run_csa("prove", f"scripts/{NEW}", cwd=root, code=1)
    assert shown.stdout.splitlines() == [
        "main.py: cannot be judged: variables may be looked up by their names",
        f"  now     scripts/{NEW}/main.py:6: deleted = eval('[]')",
    ]


def test_what_csa_adopt_makes_is_proven(root: Path, template: Path) -> None:
    run_csa("adopt", f"scripts/{OLD}", "--template", template, cwd=root, code=None)
    assert proof(root, f"scripts/{NEW}")["result"] == "proven"


def test_a_main_of_its_own_that_csa_adopt_changed_is_proven(root: Path, template: Path) -> None:
    """The tests that it adds import main: they say nothing of how the script runs."""
    copy_case("notify-owners", root / "scripts" / "notify-owners")
    commit_all(root, "A script")
    run_csa("adopt", "scripts/notify-owners", "--template", template, cwd=root, code=None)
    assert proof(root, "scripts/notify_owners")["result"] == "proven"


def test_modules_that_get_the_package_s_name_are_the_same_files(root: Path, template: Path) -> None:
    run_csa("adopt", "scripts/sibling-helper", "--template", template, cwd=root, code=None)
    main = root / "scripts" / "sibling_helper" / "main.py"
    assert "from sibling_helper import helper\n" in main.read_text()
    assert proof(root, "scripts/sibling_helper")["result"] == "proven"
    # Another file is another one, and what is loaded under two names runs twice.
    right = main.read_text()
    for wrong in (
        right.replace(
            "from sibling_helper import helper\n", "from sibling_helper.lib import helper\n"
        ),
        right + "\nimport helper\n",
    ):
        main.write_text(wrong)
        assert proof(root, "scripts/sibling_helper", code=1)["result"] == "different"


def test_modules_beside_main_are_compared_too(root: Path) -> None:
    helper = root / "scripts" / "sibling-helper" / "helper.py"
    main = helper.with_name("main.py")
    main.write_text(main.read_text() + "\n# more\n")
    whole = helper.read_text()

    def said_of_helper(text: str, code: int) -> dict[str, Any]:
        helper.write_text(text)
        return dict(proof(root, "scripts/sibling-helper", code=code)["verdicts"]["helper.py"])

    assert said_of_helper(f'"""More."""\n{whole}', 0)["result"] == "proven"
    changed = said_of_helper(whole.replace("return", "return not"), 1)
    assert changed["result"] == "different"
    assert changed["new"]["text"].startswith("return not")
    gone = said_of_helper(whole.replace("def ", "def more_"), 1)
    assert gone["result"] == "different"
    helper.unlink()
    verdicts = proof(root, "scripts/sibling-helper", code=1)["verdicts"]
    assert verdicts["helper.py"]["reason"] == "it was deleted, or has another name"


def test_new_files_are_of_interest_only_where_they_hide_a_module(root: Path) -> None:
    refactor(root)
    folder = root / "scripts" / NEW
    (folder / "tests").mkdir()
    (folder / "tests" / "test_main.py").write_text("import json\n")
    (folder / "more.py").write_text("")
    assert list(proof(root, f"scripts/{NEW}")["verdicts"]) == ["main.py"]
    (folder / "json.py").write_text("")
    said = proof(root, f"scripts/{NEW}", code=1)["verdicts"]["json.py"]
    assert said["reason"] == "it is new, and imported in the place of the module json"


def test_names_that_other_files_take_have_to_stay(root: Path) -> None:
    refactor(root, BY_HAND.replace(b"def purge(", b"def purge_one(").replace(
        b"        purge(client", b"        purge_one(client"))  # fmt: skip
    assert proof(root, f"scripts/{NEW}")["result"] == "proven"
    (root / "others.py").write_text(f"from scripts.{NEW}.main import purge\n")
    assert proof(root, f"scripts/{NEW}", code=1)["result"] == "different"


def test_nothing_of_the_script_runs_whatever_its_files_are_called(root: Path) -> None:
    refactor(root, BY_HAND + b"import logging, typing\nopen('ran', 'w')\n")
    folder = root / "scripts" / NEW
    for name in ("argparse", "json", "logging", "sitecustomize"):
        (folder / f"{name}.py").write_text("open('ran', 'w')\n")
    run_csa("prove", ".", cwd=folder, code=1)
    assert not list(root.rglob("ran"))


def test_the_page_shows_what_the_command_prints(root: Path) -> None:
    page = (ROOT / "docs" / "prove.md").read_text()
    shown = re.findall(r"```\n\$ csa (prove .*)\n((?:.+\n)+)```", page)
    refactor(root)
    assert [run_csa(*shown[0][0].split(), cwd=root).stdout] == [shown[0][1]]
    refactored = root / "scripts" / NEW / "main.py"
    refactored.write_bytes(BY_HAND.replace(b"if not confirmed", b"if confirmed"))
    assert [run_csa(*shown[1][0].split(), cwd=root, code=1).stdout] == [shown[1][1]]
    assert len(shown) == 2


def test_the_commands_of_the_page_run(root: Path) -> None:
    commands = re.findall(r"^csa (.*?) *#", (ROOT / "docs" / "prove.md").read_text(), re.MULTILINE)
    git(root, "mv", f"scripts/{OLD}", "scripts/old-script")
    commit_all(root, "Release", "v1.2.0")
    git(root, "mv", "scripts/old-script", "scripts/old_script")
    (root / "scripts" / "old_script" / "main.py").write_bytes(BY_HAND)
    assert len(commands) == 2
    for command in commands:
        run_csa(*command.split(), cwd=root)


def test_wrong_usage_is_one_sentence(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    refactor(root)
    assert refusal(root, "scripts/nope") == "scripts/nope: no such folder"
    assert "has no main.py" in refusal(root, "scripts")
    asked = (f"scripts/{NEW}", "--since", "nope")
    assert refusal(root, *asked) == "--since nope: git knows no such commit"
    (root / "scripts" / "new").mkdir()
    (root / "scripts" / "new" / "main.py").write_text("print(1)\n")
    assert "has no main.py at HEAD" in refusal(root, "scripts/new")
    alone = tmp_path_factory.mktemp("alone")
    (alone / "main.py").write_text("print(1)\n")
    assert "not a git repository" in refusal(alone, ".")
