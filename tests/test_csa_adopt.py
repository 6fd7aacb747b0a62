"""`csa adopt` makes a package of a legacy script, or leaves everything as it was."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import csa.adopt
import pytest
from csa.adopt.plan import Plan
from csa.errors import Failed
from csa.refactor import refactor
from csa.source.script_text import taken_from_main

from .conftest import BIN, CSA, FILES, NEXT, commit_all, git, run, run_csa, traced, tree
from .legacy_runs import STANDINS, Case, cases, copy_case
from .monorepo import init

LEFT = {"left": "left", "conforms": "conforms", "done": "refactored", "partly": "refactored"}


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
    adoption: dict[str, Any] = json.loads(shown.stdout)
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


@pytest.fixture(scope="session")
def python(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with what packages' tests need, but for the SDK."""
    work = tmp_path_factory.mktemp("environment")
    wanted = (template / "template" / "package" / "requirements-test.txt.jinja").read_text()
    plain = [line for line in wanted.splitlines() if line[:1].isalpha() and "{" not in line]
    run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, work)
    found = work / "bin" / "python"
    run(BIN / "uv", "pip", "install", "--quiet", "--python", found, *plain)
    return found


def run_tests(python: Path, package: Path) -> str:
    """Run a package's generated tests offline; its third-party imports are stand-ins."""
    env = {"PYTHONPATH": str(STANDINS), "STANDINS_ONLY_FOR": str(package), "CI": "true"}
    return run(
        python, "-m", "pytest", "-p", "no:sugar", "-p", "no:cacheprovider", "-rs",
        "tests/test_main.py", cwd=package, env=env,
    ).stdout  # fmt: skip


FAST = {"certify-tables", "python-two", "refresh-popularity"}


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, id=name, marks=[] if name in FAST else [pytest.mark.slow])
        for name, case in cases().items()
    ],
)
def test_a_legacy_script_becomes_a_package_whose_tests_pass(
    name: str, case: Case, template: Path, python: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path / "mono", name)
    before = tree(root)
    adoption = adopt(root, template, name, code=None)

    package = root / adoption["package"]
    assert adoption["package"] == f"scripts/{name.replace('-', '_')}"
    assert {*FILES} <= {*tree(package)}
    assert adoption["main"] == LEFT[case.expect]
    if case.expect in ("left", "partly"):
        assert adoption["manual_steps"]
    # What was there is there, but for what the report names.
    old, new = f"scripts/{name}/", f"{adoption['package']}/"
    for path, content in before.items():
        moved = path.replace(old, new)
        assert moved in adoption["files"] or (root / moved).read_bytes() == content
    assert "failed" not in run_tests(python, package)

    # Once more, it has nothing to do.
    adopted = state(root)
    again = adopt(root, template, package.name, code=None)
    assert again["files"] == {}
    assert state(root) == adopted


def test_the_folder_gets_its_name_and_what_refers_to_it_follows(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    (root / "mkdocs.yml").write_text(
        "docs_dir: scripts\nnav:\n  - Certify: certify-tables/index.md # page\n"
    )
    (root / "docs.md").write_text(
        "[script](scripts/certify-tables/main.py), image ghcr.io/x/certify-tables:1.0.0\n"
    )
    commit_all(root, "Documents")
    adoption = adopt(root, template, "certify-tables", code=None)
    assert (root / "mkdocs.yml").read_text().splitlines()[2] == (
        "  - Certify: certify_tables/index.md # page"
    )
    assert (root / "docs.md").read_text() == (
        "[script](scripts/certify_tables/main.py), image ghcr.io/x/certify-tables:1.0.0\n"
    )
    places = [place for place, _, _ in adoption["rewritten"]]
    assert sorted(places) == ["docs.md:1", "mkdocs.yml:3"]
    assert "R  scripts/certify-tables/" in git(root, "status", "--porcelain").replace("RM", "R ")
    assert not (root / "scripts" / "certify-tables").exists()


def test_a_dry_run_writes_nothing_and_its_diff_is_what_is_written_then(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables", "sibling-helper")
    (root / "README.md").write_text("see scripts/certify-tables/main.py\n")
    script = root / "scripts" / "certify-tables" / "main.py"
    # Latin-1, beside a line that changes.
    script.write_bytes(b"# -*- coding: latin-1 -*-\n" + script.read_bytes() + b"    # \xe4\n")
    commit_all(root, "Readme")
    before = state(root)
    planned = adopt(root, template, "certify-tables", "--dry-run", code=None)
    assert state(root) == before

    other = tmp_path / "other"
    run("git", "clone", "--quiet", root, other)
    patch = tmp_path / "adoption.diff"
    patch.write_text(planned["diff"])
    git(other, "apply", str(patch))
    done = adopt(root, template, "certify-tables", code=None)
    assert tree(other) == tree(root)
    assert {**planned, "diff": ""} == done


def test_an_adopted_package_is_current_and_can_be_updated(releases: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables")
    template = tmp_path / "template"
    run("git", "clone", "--quiet", releases, template)
    git(template, "tag", "--delete", NEXT)
    adopt(root, template, "certify-tables", code=None)
    commit_all(root, "Adopted")
    [status] = json.loads(run_csa("status", "--json", cwd=root).stdout)["packages"]
    assert status["behind"] == 0
    # Its own requirements, which are below the template's.
    assert set(status["drift"]) <= {"requirements.txt"}

    package = root / "scripts" / "certify_tables"
    mine = {name: (package / name).read_bytes() for name in ("main.py", "tests/test_main.py")}
    git(template, "fetch", "--quiet", "--tags")
    assert "1 updated" in run_csa("update", cwd=root).stdout
    assert "coverage>=7.10" in (package / "requirements-test.txt").read_text()
    assert {name: (package / name).read_bytes() for name in mine} == mine


def test_files_that_are_there_are_kept(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    mine = {
        name: f"# mine: {name}\n"
        for name in ("Dockerfile", "index.md", "HISTORY.md", ".gitignore", "tests/test_main.py")
    }
    package = root / "scripts" / "certify-tables"
    for name, text in mine.items():
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text(text)
    commit_all(root, "Files")
    adoption = adopt(root, template, "certify-tables", code=None)
    after = root / "scripts" / "certify_tables"
    assert {name: (after / name).read_text() for name in mine} == mine
    assert {f"scripts/certify_tables/{name}" for name in mine} <= {*adoption["kept"]}


def test_the_requirements_are_those_of_the_imports(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    main = root / "scripts" / "certify-tables" / "main.py"
    main.write_text(
        "import json, requests, yaml\nimport made_up_module\nfrom pyatlan import x\nprint(1)\n"
    )
    (main.parent / "requirements.txt").write_text("# ours\nboto3>=1,<2\npyatlan==9.0.0\n")
    commit_all(root, "Requirements")
    adoption = adopt(root, template, "certify-tables", code=1)
    lines = (root / "scripts/certify_tables/requirements.txt").read_text().splitlines()
    assert lines[-3:] == ["# ours", "boto3>=1,<2", "pyatlan==9.0.0"]
    assert set(adoption["requirements"].values()) == {"requests", "yaml"}
    assert set(adoption["requirements"]) <= set(lines)
    assert any(line.startswith("opentelemetry-sdk") for line in lines)
    said = [one["text"] for one in adoption["manual_steps"]]
    assert any("made_up_module" in text for text in said)
    assert any("pyatlan" in text for text in said)
    answers = (root / "scripts/certify_tables/.copier-answers.yml").read_text()
    assert "pyatlan_version: 9.0.0" in answers


def test_a_requirement_is_of_the_table_or_the_repository_or_left_to_a_person(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables", "sync-users")
    (root / "scripts" / "certify-tables" / "main.py").write_text(
        "from utils.rest import Client\nfrom helpers import log\nimport constants\n"
        "import acme_sdk, acme_api, jira, yaml\nimport sys\nsys.path.insert(0, '..')\nimport pandas\n"
    )
    other = root / "scripts" / "sync-users"
    (other / "requirements.txt").write_text("acme-sdk==1.2\nacme-tools>=3,<4  # acme_api\njira\n")
    (root / "scripts" / "jira" / "tickets").mkdir(parents=True)
    (root / "scripts" / "jira" / "tickets" / "main.py").touch()
    commit_all(root, "More")
    adoption = adopt(root, template, "certify-tables", code=1)
    assert adoption["requirements"] == {
        "acme-sdk==1.2": "acme_sdk",
        "acme-tools>=3,<4  # acme_api": "acme_api",
        "pyyaml>=6,<7": "yaml",
    }
    said = {one["text"].split(" is imported: ")[0]: one for one in adoption["manual_steps"]}
    for module, why in {
        "utils": "it is neither in this folder nor a known distribution",
        "helpers": "it is neither in this folder nor a known distribution",
        "constants": "it is neither in this folder nor a known distribution",
        "jira": "it may be scripts/jira or a distribution",
        "pandas": "sys.path was changed in line 6, so it may be any file",
    }.items():
        assert f"is imported: {why}: move it here, or add its" in said[module]["text"]
        assert said[module]["path"] == "scripts/certify_tables/main.py"
    # csa check says the same of those that are left, and nothing of the others.
    shown = run_csa("check", "--format", "json", "scripts/certify_tables", cwd=root, code=1).stdout
    findings = json.loads(shown)["packages"][0]["findings"]
    assert {one["text"].split()[0] for one in findings if one["rule"] == "CSA501"} == {
        *("utils", "helpers", "constants", "jira", "pandas")
    }


def test_the_report_says_what_was_done_kept_and_who_is_needed(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "announce-changes")
    (root / "notes.md").write_text("the image announce-changes:1.0.0\n")
    commit_all(root, "Notes")
    shown = run_csa(
        "adopt", "scripts/announce-changes", "--template", template, cwd=root, code=1
    ).stdout
    assert "renamed scripts/announce-changes to scripts/announce_changes" in shown
    done, rest = shown.split("Kept\n")
    kept, steps = rest.split("Manual steps\n")
    assert kept == "  notes.md:1: mentions announce-changes, but not as a path: left unchanged\n"
    assert done.startswith("Done\n")
    assert "main.py: its logic is in main(args)" in done
    assert "scripts/announce_changes/main.py:8: say reads the global `args`" in steps


# --- Refusals --------------------------------------------------------------------------------


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
    assert "not a git repository" in refusal(root, "/nowhere", "scripts/certify-tables", 1)

    (root / "scripts" / "certify_tables").mkdir()
    assert "is there already" in refusal(root, template, "scripts/certify-tables", 1)
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
    names = ["one", "two", "three", "four", "five"]
    sets = "".join(f"    {name} = print\n" for name in [*names, "other"])
    (script / "main.py").write_text(f'if __name__ == "__main__":\n{sets}')
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
    (root / ".gitignore").write_text(".env*\n")
    commit_all(root, "Ignored")
    said = {
        one["path"]: one["text"]
        for one in adopt(root, template, "certify-tables", code=1)["manual_steps"]
    }
    assert said["scripts/certify_tables/.env.example"] == (
        "git ignores it: add it with git add --force"
    )


def test_a_package_never_hides_what_it_imports(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    (root / "scripts" / "jira").mkdir()
    (root / "scripts" / "jira" / "main.py").write_text("from jira import JIRA\nprint(JIRA)\n")
    commit_all(root, "Jira")
    assert "such as to jira_script" in refusal(root, template, "scripts/jira", 1)


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
        CSA, "adopt", "scripts/certify-tables", "--template", template, cwd=root, code=1,
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
        run_csa(*command, cwd=root, code=1)
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

    def write(plan: Plan) -> None:
        (root / saved).write_text(edited)
        original(plan)

    original = Plan.write
    monkeypatch.setattr(Plan, "write", write)
    with pytest.raises(Failed, match=f"{saved} was changed meanwhile: nothing was written"):
        csa.adopt.adopt(root / "scripts" / "certify-tables", str(template))
    assert (root / saved).read_text() == edited
    assert git(root, "status", "--porcelain") == f" M {saved}\n"
