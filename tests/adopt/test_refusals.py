"""What cannot be adopted is refused and stays; what is written is written whole."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path

import csa.adopt
import pytest
from csa.adopt.changes import Changes
from csa.errors import Failed
from csa.refactor import refactor
from csa.source.script_text import taken_from_main

from tests.support.adoptions import adopt, monorepo, refusal, state
from tests.support.commands import CSA, commit_all, git, run, run_csa, traced, tree
from tests.support.legacy_runs import copy_case
from tests.support.monorepo import init
from tests.support.package import FILES


def test_what_cannot_be_adopted_is_refused_and_leaves_no_trace(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables", "sibling-helper")
    (root / "empty").mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.py").write_text("print(1)\n")
    (root / "main.py").write_text("print(1)\n")
    commit_all(root, "More")
    before = state(root)
    for folder, code, says in [
        ("scripts/gone", 2, "scripts/gone: no such folder"),
        ("empty", 2, "has no main.py"),
        (str(outside), 2, "not a git repository"),
        (".", 2, "the repository itself"),
    ]:
        assert says in refusal(root, template, folder, code)
    assert "folder /nowhere is not there" in refusal(root, "/nowhere", "scripts/certify-tables", 1)

    (root / "scripts" / "certify_tables").mkdir()
    assert "already exists" in refusal(root, template, "scripts/certify-tables", 1)
    (root / "scripts" / "certify_tables").rmdir()
    assert state(root) == before


@pytest.mark.parametrize("name", ["main.py", "notes.txt"])
def test_uncommitted_changes_in_the_folder_are_safe(
    name: str, template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    with (root / "scripts" / "certify-tables" / name).open("a") as file:
        file.write("# mine\n")
    before = state(root)
    assert "uncommitted changes" in refusal(root, template, "scripts/certify-tables", 1)
    assert state(root) == before


def test_uncommitted_changes_elsewhere_stay(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables", "sibling-helper")
    other = root / "scripts" / "sibling-helper" / "main.py"
    other.write_text(other.read_text() + "# mine, and scripts/certify-tables/main.py\n")
    adopt(root, template, "certify-tables", code=None)
    assert other.read_text().endswith("# mine, and scripts/certify_tables/main.py\n")


def test_expressions_that_are_nested_too_deeply_are_refused_in_one_sentence(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    script = root / "scripts" / "certify-tables" / "main.py"
    script.write_text(f"{script.read_text()}\nX = {'-' * 5_000}1\n")
    commit_all(root, "Deep")
    said = refusal(root, template, "scripts/certify-tables", 1)
    assert "a Python file has expressions that are nested too deeply for csa: split them" in said


def test_a_folder_whose_name_no_package_can_have_needs_another_one(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    (root / "scripts" / "certify-tables").rename(root / "scripts" / "requests")
    commit_all(root, "Rename")
    said = refusal(root, template, "scripts/requests", 1)
    assert "name the package with --name: try requests_script; requests is a name of" in said


def test_a_script_that_git_does_not_know_is_refused(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    (root / "scripts" / "new-one").mkdir()
    (root / "scripts" / "new-one" / "main.py").write_text("print(1)\n")
    assert "add and commit it first" in refusal(root, template, "scripts/new-one", 1)


def test_nothing_is_written_through_a_symbolic_link(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables")
    (tmp_path / "elsewhere").mkdir()
    (root / "scripts" / "certify-tables" / "tests").symlink_to(tmp_path / "elsewhere")
    commit_all(root, "Link")
    before = state(root)
    assert "symbolic link" in refusal(root, template, "scripts/certify-tables", 1)
    assert state(root) == before
    assert not list((tmp_path / "elsewhere").iterdir())


def test_one_package_is_never_inside_of_another(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    adopt(root, template, "certify-tables", code=None)
    for folder in ("scripts", "scripts/certify_tables/old"):
        (root / folder).mkdir(exist_ok=True)
        (root / folder / "main.py").write_text("print(1)\n")
    commit_all(root, "One above, one below")
    before = state(root)
    said = refusal(root, template, "scripts/certify_tables/old", 2)
    assert "is inside of the package" in said
    assert "name the folder of one script" in refusal(root, template, "scripts", 2)
    assert state(root) == before


def test_names_that_other_files_take_from_main_stay_the_module_s(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    script = root / "scripts" / "old_one"
    script.mkdir()
    names = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    sets = "".join(f"    {name} = print\n" for name in [*names, "other"])
    guard = f'if __name__ == "__main__":\n{sets}'
    (script / "main.py").write_text(f"from common.settings import x\n\n{guard}")
    (root / "common").mkdir()
    (root / "common" / "settings.py").write_text("from .inner import y\n")
    (root / "common" / "inner.py").write_text("from __main__ import six\n")
    (root / "loaded.py").write_text(
        "m = importlib.import_module('scripts.old_one.main')\nprint(m.seven)\n"
    )
    (root / "run.py").write_text("print(runpy.run_path('scripts/old_one/main.py')['eight'])\n")
    (root / "Makefile").write_text(
        "x:\n\tpython -c 'from scripts.old_one.main import nine, ten as t; print(nine)'\n"
    )
    (script / "test_it.py").write_text("from main import one\nmock.patch('main.two.get')\n")
    (root / "tool.py").write_text(
        "import scripts.old_one.main as m\nfrom scripts.old_one import main as n\n"
        "print(m.three, n.four)\n"
    )
    (root / "broken.py").write_text("scripts/old_one print 'a'\n")
    (root / "stranger.py").write_text("from main import other\n")
    (root / "late.py").write_text("# scripts/old_one\nimport main\nprint(main.five)\n")
    commit_all(root, "Scripts")
    adopt(root, template, "old_one", code=None)
    main = (script / "main.py").read_text()
    assert f"    global {', '.join(sorted(names))}\n" in main


def test_other_files_find_the_variables_of_the_script_that_runs(tmp_path: Path) -> None:
    finders = [
        "from __main__ import cfg; print(cfg)",
        "print(sys.modules['__main__'].cfg)",
        "print(getattr(sys.modules.get('__main__'), 'cfg', None))",
        "print(importlib.import_module('__main__').cfg)",
        "print(sys._getframe(1).f_globals.get('cfg'))",
        "print(inspect.stack()[1].frame.f_globals.get('cfg'))",
        "print(inspect.currentframe().f_back.f_globals.get('cfg'))",
        r"print(pickle.loads(b'c__main__\ncfg\n.'))",
        "import __main__ as m; print(m.cfg)",
    ]
    main = 'import helper\n\nif __name__ == "__main__":\n    cfg = {"a": 1}\n    helper.find()\n'
    for number, finder in enumerate(finders):
        root = tmp_path / str(number)
        script = root / "scripts" / "find_it"
        script.mkdir(parents=True)
        (script / "main.py").write_text(main)
        imports = "import importlib, inspect, pickle, sys\n"
        (script / "helper.py").write_text(f"{imports}\ndef find():\n    {finder}\n")
        names = taken_from_main((script / "helper.py").read_bytes())
        (script / "main.py").write_bytes(refactor(main.encode(), names).source)
        assert "def main(" in (script / "main.py").read_text()
        shown = run(sys.executable, "main.py", cwd=script)
        assert shown.stdout == "{'a': 1}\n", finder


def test_added_files_that_git_ignores_are_named(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    (root / ".gitignore").write_text(".snyk\n")
    commit_all(root, "Ignored")
    said = {
        one["path"]: one["text"]
        for one in adopt(root, template, "certify-tables", code=1)["manual_steps"]
    }
    assert said["scripts/certify_tables/.snyk"] == ("git ignores it: add it with git add --force")


def test_a_package_never_hides_what_it_imports(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    (root / "scripts" / "jira").mkdir()
    (root / "scripts" / "jira" / "main.py").write_text("from jira import JIRA\nprint(JIRA)\n")
    commit_all(root, "Jira")
    assert "such as to jira_script" in refusal(root, template, "scripts/jira", 1)


def test_files_in_the_place_of_python_s_own_modules_are_named(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    for path in ("scripts/certify-tables/argparse.py", "queue/__init__.py", "typing/notes.md"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).touch()
    main = root / "scripts/certify-tables/main.py"
    main.write_text("import queue, typing\nprint(queue, typing)\n")
    commit_all(root, "Files")
    for hidden in ("scripts/certify-tables/argparse.py", "queue/__init__.py"):
        adoption = adopt(root, template, "certify-tables", "--dry-run", code=1)
        said = [one["text"] for one in adoption["manual_steps"]]
        path = hidden.removesuffix("/__init__.py")
        assert any(text.startswith(f"{path} may be imported instead of Python's") for text in said)
        assert adoption["main"] == "left"
        git(root, "rm", "--quiet", hidden)
        commit_all(root, "Renamed")
    adoption = adopt(root, template, "certify-tables", "--dry-run", code=None)
    assert adoption["main"] == "refactored"


def test_an_empty_script_gets_a_package(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    (root / "scripts" / "certify-tables" / "main.py").write_text("")
    commit_all(root, "Empty")
    assert adopt(root, template, "certify-tables", code=1)["main"] == "left"


@pytest.mark.parametrize("name", ["2026-report", "json"])
def test_a_name_that_no_package_can_have_is_refused(
    name: str, template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    git(root, "mv", "scripts/certify-tables", f"scripts/{name}")
    commit_all(root, "Renamed")
    before = state(root)
    said = refusal(root, template, f"scripts/{name}", 1)
    assert "snake_case" in said or "json_script" in said
    assert state(root) == before


def test_what_was_written_is_undone_when_the_folder_cannot_be_renamed(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    (root / ".git" / "index.lock").touch()
    before = tree(root)
    assert "index.lock" in refusal(root, template, "scripts/certify-tables", 1)
    assert tree(root) == before
    (root / ".git" / "index.lock").unlink()
    assert git(root, "status", "--porcelain") == ""


def test_a_full_disk_leaves_everything_as_it_was(template: Path, small_disk: Path) -> None:
    root = monorepo(small_disk / "mono", "certify-tables")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as rest, suppress(OSError):
        while True:
            rest.write(b"x" * 4096)
    before = tree(root)
    assert "No space left" in refusal(root, template, "scripts/certify-tables", 1)
    filler.unlink()
    assert tree(root) == before
    assert git(root, "status", "--porcelain") == ""


def test_ctrl_c_while_the_folder_is_renamed_lets_that_end(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables")
    run(
        *traced("?rename,?renameat,?renameat2", "signal=INT", root / "scripts" / "certify-tables"),
        CSA, "adopt", "scripts/certify-tables", "--template", template, cwd=root,
    )  # fmt: skip
    assert {*FILES} <= {*tree(root / "scripts" / "certify_tables")}
    assert not (root / "scripts" / "certify-tables").exists()
    assert not (root / ".git" / "csa").exists()


@pytest.mark.slow
@pytest.mark.parametrize("free", [20, 60, 150, 270, 400, 700])
def test_a_disk_with_little_room_leaves_everything_as_it_was(
    template: Path, small_disk: Path, free: int
) -> None:
    """Many files make git's index large: it is what is written last."""
    root = small_disk / "mono"
    copy_case("certify-tables", root / "scripts" / "certify-tables")
    for number in range(1500):
        (root / f"{number:04d}-{'x' * 60}").touch()
    init(root)
    git(root, "gc", "--quiet")
    before = tree(root)
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - free * 1024))
    command = ("adopt", "scripts/certify-tables", "--template", template)
    adopted = run_csa(*command, cwd=root, code=None).returncode
    assert "Traceback" not in run_csa("list", cwd=root).stderr
    if not (root / "scripts" / "certify_tables").exists():
        assert adopted == 1
        assert {**tree(root)} == before
        filler.unlink()
        assert git(root, "status", "--porcelain") == ""
        run_csa(*command, cwd=root)
    assert {*FILES} <= {*tree(root / "scripts" / "certify_tables")}
    assert git(root, "status", "--porcelain", "scripts/certify_tables/tests/data") == ""


def test_files_that_can_be_executed_can_be_afterwards(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables")
    (root / "deploy.sh").write_text("python scripts/certify-tables/main.py\n")
    for path in ("deploy.sh", "scripts/certify-tables/main.py"):
        (root / path).chmod(0o755)
    commit_all(root, "Executable")
    adopt(root, template, "certify-tables", code=None)
    assert "scripts/certify_tables/main.py" in (root / "deploy.sh").read_text()
    for path in ("deploy.sh", "scripts/certify_tables/main.py"):
        assert (root / path).stat().st_mode & 0o777 == 0o755, path
    assert (root / "scripts/certify_tables/index.md").stat().st_mode & 0o111 == 0


@pytest.mark.parametrize("saved", ["deploy.sh", "scripts/certify-tables/main.py"])
def test_what_is_saved_during_an_adoption_stays(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: str
) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables")
    (root / "deploy.sh").write_text("python scripts/certify-tables/main.py\n")
    commit_all(root, "A reference")
    edited = (root / saved).read_text() + "# saved meanwhile\n"

    def write(changes: Changes) -> None:
        (root / saved).write_text(edited)
        original(changes)

    original = Changes.write
    monkeypatch.setattr(Changes, "write", write)
    with pytest.raises(Failed, match=f"{saved} was changed meanwhile: nothing was written"):
        csa.adopt.adopt(root / "scripts" / "certify-tables", str(template))
    assert (root / saved).read_text() == edited
    assert git(root, "status", "--porcelain") == f" M {saved}\n"
