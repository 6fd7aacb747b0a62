"""A legacy script becomes a package: what it gets, and what is said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.adoptions import adopt, monorepo, state
from tests.support.commands import BIN, commit_all, git, run, run_csa, tree
from tests.support.legacy_runs import STANDINS, Case, cases
from tests.support.package import FILES, NEXT

LEFT = {"left": "left", "conforms": "conforms", "done": "refactored", "partly": "refactored"}


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
        "docs_dir: scripts\nnav:\n  - certify-tables: certify-tables/index.md # page\n"
    )
    (root / "docs.md").write_text(
        "[script](scripts/certify-tables/main.py), image ghcr.io/x/certify-tables:1.0.0\n"
    )
    commit_all(root, "Documents")
    adoption = adopt(root, template, "certify-tables", code=None)
    assert (root / "mkdocs.yml").read_text().splitlines()[2] == (
        "  - certify-tables: certify_tables/index.md # page"
    )
    assert (root / "docs.md").read_text() == (
        "[script](scripts/certify_tables/main.py), image ghcr.io/x/certify-tables:1.0.0\n"
    )
    places = [place for place, _, _ in adoption["rewritten"]]
    assert sorted(places) == ["docs.md:1", "mkdocs.yml:3"]
    assert (
        adoption["mentions"] == []
    )  # the name that stays there is shown with the rest of the line
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


def test_ignore_files_that_let_credentials_in_are_named(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path, "certify-tables")
    package = root / "scripts" / "certify-tables"
    (package / ".gitignore").write_text("*.log\n")
    (package / ".dockerignore").write_text("data/\n")
    commit_all(root, "Files")
    adoption = adopt(root, template, "certify-tables", code=1)
    told = {step["path"].rpartition("/")[2]: step["text"] for step in adoption["manual_steps"]}
    assert "git would take .env" in told[".gitignore"]
    assert "keep .env, keys and tests out" in told[".dockerignore"]


def test_what_a_helper_does_at_import_is_said_and_tests_are_skipped(
    template: Path, tmp_path: Path
) -> None:
    root = monorepo(tmp_path, "certify-tables")
    package = root / "scripts" / "certify-tables"
    (package / "main.py").write_text("import helper\n\nprint(helper)\n")
    (package / "helper.py").write_text("import sys\n\nsys.exit('no settings')\n")
    commit_all(root, "A helper")
    adoption = adopt(root, template, "certify-tables", code=1)
    steps = {(one["path"], one["line"]): one["text"] for one in adoption["manual_steps"]}
    said = steps["scripts/certify_tables/helper.py", 3]
    assert said == (
        "it runs at import: move it into main; until then the tests are skipped: "
        "sys.exit('no settings')"
    )
    tests = (root / "scripts/certify_tables/tests/test_main.py").read_text()
    assert "helper.py runs this when it is imported: sys.exit(" in tests


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
    assert lines[-2:] == ["# ours", "boto3>=1,<2"]
    assert adoption["changed_requirements"] == {"pyatlan==9.0.0": ""}
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
    (other / "requirements.txt").write_text(
        "acme-sdk==1.2\nacme-tools>=3,<4  # acme_api\njira\npyyaml>=6.0.1\n"
    )
    (root / "scripts" / "jira" / "tickets").mkdir(parents=True)
    (root / "scripts" / "jira" / "tickets" / "main.py").touch()
    commit_all(root, "More")
    adoption = adopt(root, template, "certify-tables", code=1)
    assert adoption["requirements"] == {
        "acme-sdk==1.2": "acme_sdk",
        "acme-tools>=3,<4  # acme_api": "acme_api",
        "pyyaml>=6.0.1,<7": "yaml",
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
    root = monorepo(tmp_path, "pass-through-crawler")
    (root / "notes.md").write_text("the image pass-through-crawler:1.0.0\n")
    commit_all(root, "Notes")
    shown = run_csa(
        "adopt", "scripts/pass-through-crawler", "--template", template, cwd=root, code=1
    ).stdout
    assert "renamed scripts/pass-through-crawler to scripts/pass_through_crawler" in shown
    done, rest = shown.split("Kept\n")
    kept, steps = rest.split("Manual steps\n")
    assert (
        kept == "  notes.md:1: mentions pass-through-crawler, but not as a path: left unchanged\n"
    )
    assert done.startswith("Done\n")
    assert "main.py: its logic is in main(args)" in done
    listed = done[done.index("  added: ") :].splitlines()
    assert listed[1:]
    assert all(len(line) <= 80 and not line.endswith("-") for line in listed)
    assert (
        "main reads `rest`, which is set under the guard: pass it as an attribute of args" in steps
    )
