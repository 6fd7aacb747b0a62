"""What adoption calls complete is: its modules and data are in the image, and csa check is clean."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from csa.adopt.requirements import completed, pins_without_wheel, settled
from csa.check import check
from csa.sdk.environments import Resolved
from csa.source.requirements import Requirements
from packaging.version import Version

from tests.check.rows.changes import KEY
from tests.support.adoptions import adopt, monorepo
from tests.support.commands import commit_all, git, run_csa, tree
from tests.support.monorepo import init

MAIN = """\
import argparse
import configparser
import os

import helper
from lib.rates import RATE


def load() -> list[str]:
    parser = configparser.ConfigParser()
    parser.read("config.ini")
    return parser.sections()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="Ada")
    args = parser.parse_args()
    print(helper.greet(args.name), RATE, load(), sorted(os.listdir("data")))
"""

FILES = {
    "main.py": MAIN,
    "helper.py": "def greet(name: str) -> str:\n    return f'Hello {name}'\n",
    "lib/rates.py": "RATE = 3\n",
    "config.ini": "[dev]\n",
    "data/a.csv": "1\n",
    "data/b.csv": "2\n",
    "notes.txt": "nobody reads this\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A monorepo with a script that has modules and data of its own."""
    write(tmp_path / "scripts" / "old-script", FILES)
    init(tmp_path)
    return tmp_path


def output(*command: str, cwd: Path, path: str = "") -> str:
    """What Python prints."""
    return subprocess.run(
        [sys.executable, "-B", *command],
        cwd=cwd, env={"PYTHONPATH": path}, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def test_a_script_runs_with_its_modules_and_data_as_its_image_runs_it(
    root: Path, template: Path
) -> None:
    script = root / "scripts" / "old-script"
    before = output("main.py", cwd=script)
    adoption = adopt(root, template, "old-script")
    assert adoption["result"] == "adopted"
    assert adoption["data"] == {
        "config.ini": "main.py:11", "data/a.csv": "main.py:16", "data/b.csv": "main.py:16",
    }  # fmt: skip
    package = script.with_name("old_script")
    assert (package / ".dockerignore").read_text().endswith("it:\n!config.ini\n!data/*.csv\n")
    assert "\nWORKDIR /app/old_script\nCMD [" in (package / "Dockerfile").read_text()
    assert output("-m", "old_script.main", cwd=package, path=str(package.parent)) == before
    assert check(package) == []
    assert adopt(root, template, "old_script")["result"] == "current"


def test_files_that_cannot_be_in_the_image_are_named(root: Path, template: Path) -> None:
    script = root / "scripts" / "old-script"
    write(
        script,
        {
            "main.py": MAIN.replace('"config.ini"', '["config.ini", "local.ini"]'),
            ".gitignore": ".env\nlocal.ini\n",
            "local.ini": "",
            "data/token.csv": "",
            "data/c.csv": f"api_key={KEY}\n",
        },
    )
    commit_all(root, "More")
    adoption = adopt(root, template, "old-script", code=1)
    steps = {step["text"].partition(",")[0]: step["line"] for step in adoption["manual_steps"]}
    assert steps == {
        "CSA701: api_key looks like a secret": 1,  # in data/c.csv
        "data/c.csv may have credentials": 16,
        "data/token.csv may have credentials": 16,
        "git ignores local.ini": 11,
    }
    ignored = (script.with_name("old_script") / ".dockerignore").read_text()
    assert ignored.endswith("!config.ini\n!data/a.csv\n!data/b.csv\n")


def test_what_csa_check_finds_afterwards_adoption_has_said(root: Path, template: Path) -> None:
    script = root / "scripts" / "old-script"
    write(
        script,
        {
            "helper.py": "import os\nos.makedirs('out')\n",
            "requirements.txt": "acme-tools\n",
            "lib/rates.py": "import lib.units\nRATE = 3\n",
            "lib/units.py": "",
        },
    )
    write(root, {"mkdocs.yml": "nav: [index.md]\n"})
    commit_all(root, "What is not right")
    adoption = adopt(root, template, "old-script", code=1)
    said = {(step["path"], step["line"]) for step in adoption["manual_steps"]}
    package = script.with_name("old_script")
    found = {(f"scripts/old_script/{one.path}", one.line) for one in check(package)}
    assert found == said
    assert {path.removeprefix("scripts/old_script/") for path, _ in said} == {
        *("helper.py", "requirements.txt", "lib/rates.py", "index.md")
    }


def test_paths_of_the_folder_are_changed_in_a_main_that_moves(root: Path, template: Path) -> None:
    script = root / "scripts" / "old-script"
    moved = MAIN.replace(
        'parser.read("config.ini")', 'parser.read("scripts/old-script/config.ini")'
    )
    moved = moved.replace(
        "print(helper", "print(open('scripts/old-script/data/a.csv').read(), helper"
    )
    write(script, {"main.py": moved})
    commit_all(root, "Run at the top")
    adoption = adopt(root, template, "old-script", code=1)
    package = script.with_name("old_script")
    lines = (package / "main.py").read_text().splitlines()
    assert not [line for line in lines if "old-script" in line]
    # What is said to be written is what is written.
    for place, _, after in adoption["rewritten"]:
        path, _, line = place.partition(":")
        assert (root / path).read_text().splitlines()[int(line) - 1] == after
    assert {place.partition(":")[0] for place, *_ in adoption["rewritten"]} == {
        "scripts/old_script/main.py"
    }
    steps = [(step["line"], step["text"]) for step in adoption["manual_steps"]]
    for number, text in steps:
        assert "by its path in the repository" in text
        assert "scripts/old_script/" in lines[number - 1]
    assert len(steps) == 2


def test_a_module_that_a_text_names_is_reported(root: Path, template: Path) -> None:
    script = root / "scripts" / "old-script"
    write(script, {"main.py": MAIN.replace("import os\n", "import os\nGREET = 'helper.greet'\n")})
    commit_all(root, "Looked up by its name")
    [step] = adopt(root, template, "old-script", code=1)["manual_steps"]
    assert step["text"].startswith("it names helper.greet, which is old_script.helper.greet in the")
    lines = (root / step["path"]).read_text().splitlines()
    assert lines[step["line"] - 1] == "GREET = 'helper.greet'"


def test_a_data_file_elsewhere_is_a_manual_step(root: Path, template: Path) -> None:
    script = root / "scripts" / "old-script" / "main.py"
    shared = "OWNERS = '../shared/owners.csv'\n"
    script.write_text(script.read_text().replace("import os\n", f"import os\n{shared}"))
    write(root / "scripts" / "shared", {"owners.csv": "a,b\n"})
    commit_all(root, "Shared")
    adoption = adopt(root, template, "old-script", code=1)
    steps = {step["line"]: step["text"] for step in adoption["manual_steps"]}
    line = (root / "scripts" / "old_script" / "main.py").read_text().splitlines().index(shared[:-1])
    assert steps[line + 1].startswith("it names scripts/shared/owners.csv, which is outside of the")


# --- Many at once ---------------------------------------------------------------------------------


def test_all_scripts_of_a_folder_are_adopted_each_or_not(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables", "python-two")
    write(root / "scripts", {"common/text.py": "", "README.md": "", "odd/main.py": "print(1)\n"})
    init(root)
    write(root / "scripts", {"odd/main.py": "print(2)\n"})
    (root / "scripts" / "odd" / "Odd.md").symlink_to("../README.md")
    names = sorted(f"scripts/{path.name}" for path in (root / "scripts").iterdir())
    before = tree(root)
    command = ("adopt", *names, "--template", str(template))
    planned = run_csa(*command, "--dry-run", "--json", cwd=root, code=1)
    assert tree(root) == before
    shown = run_csa(*command, cwd=root, code=1)
    table, steps = shown.stdout.split("\nManual steps\n")
    rows = {line.split()[0]: line.split()[-1] for line in table.splitlines()[1:]}
    assert rows == {
        "scripts/certify-tables": "complete",
        "scripts/odd": "first",  # its uncommitted change
        "scripts/python-two": "step",
    }
    assert "scripts/python_two/main.py:" in steps
    assert shown.stdout.splitlines()[-2:] == [
        "1 complete, 1 with manual steps, 1 failed",
        "Skipped, without a main.py: scripts/README.md, scripts/common",
    ]
    skipped = run_csa("adopt", "scripts/common", "scripts/README.md", cwd=root, code=2)
    assert skipped.stderr == "Error: none of these folders has a main.py\n"
    results = {one["package"]: one["result"] for one in json.loads(planned.stdout)["packages"]}
    assert results == {
        "scripts/certify_tables": "adopted",
        "scripts/odd": "failed",
        "scripts/python_two": "action_needed",
    }
    assert "R  scripts/certify-tables/main.py" in git(root, "status", "--porcelain").replace(
        "RM", "R "
    )


def test_one_name_is_for_one_script(template: Path, tmp_path: Path) -> None:
    root = monorepo(tmp_path / "mono", "certify-tables", "python-two")
    command = ("adopt", "--template", template, "--name", "certify")
    shown = run_csa(*command, "scripts/certify-tables", "scripts/python-two", cwd=root, code=2)
    assert shown.stderr == "Error: --name is for one script: name that one\n"
    run_csa(*command, "scripts/certify-tables", cwd=root)
    assert (root / "scripts" / "certify" / "main.py").exists()


# --- Requirements of its own ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("pyatlan==9.1.0", ""),
        ("pyatlan", ""),
        ("argparse==1.4.0", ""),
        ("pandas", "pandas>=2,<3"),
        ("requests>=2.1  # why", "requests>=2.1,<3  # why"),
        ("boto3<2", "boto3<2,>=1"),
        ("slack_sdk[x] ; python_version > '3'", "slack_sdk[x]>=3,<4 ; python_version > '3'"),
        ("bs4", "beautifulsoup4>=4,<5"),  # a stub
        ("bs4==0.0.1  # as ever", "bs4==0.0.1  # as ever"),
        ("openpyxl==3.1.2", "openpyxl==3.1.2"),
        ("pytz>=2025.2", "pytz>=2025.2"),
        ("pandas<1", "pandas<1"),  # the table's would contradict it
        ("acme-tools", "acme-tools"),  # nothing is known of it
        ("pandas @ https://example.com/pandas.whl", "pandas @ https://example.com/pandas.whl"),
        ("-r other.txt", "-r other.txt"),
    ],
)
def test_a_line_of_ones_own_gets_the_range_that_is_known(line: str, new: str) -> None:
    own = settled(f"# What it needs\r\n{line}\r\n")
    assert own.text == "# What it needs\r\n" + (f"{new}\r\n" if new else "")
    assert own.changed == ({} if new == line else {line: new})
    hashed = f"{line}\nother==1 --hash=sha256:00\n"
    assert settled(hashed).text == hashed


def test_a_stub_goes_where_what_it_stands_for_is_required() -> None:
    assert settled("beautifulsoup4==4.9.3\nbs4\n").text == "beautifulsoup4==4.9.3\n"


def test_requirements_in_utf_16_as_powershell_writes_them_are_kept(
    root: Path, template: Path
) -> None:
    own = root / "scripts" / "old-script" / "requirements.txt"
    own.write_text("boto3>=1,<2  # for a plugin\r\npyatlan==9.0.0\r\n", "utf-16", newline="")
    commit_all(root, "Requirements")
    adoption = adopt(root, template, "old-script")
    assert "requirements.txt was UTF-16: it is UTF-8 now." in adoption["notes"]
    new = root / "scripts" / "old_script" / "requirements.txt"
    assert new.read_bytes().endswith(b"\r\nboto3>=1,<2  # for a plugin\r\n")
    assert adoption["pyatlan"] == "9.0.0"


def test_a_range_of_pyatlan_that_is_not_kept_is_named(root: Path, template: Path) -> None:
    write(root / "scripts" / "old-script", {"requirements.txt": "pyatlan>=2,<3\n"})
    commit_all(root, "Requirements")
    adoption = adopt(root, template, "old-script", code=1)
    [step] = adoption["manual_steps"]
    assert step["path"] == "scripts/old_script/Dockerfile"
    assert re.fullmatch(
        r"it has pyatlan [\d.]+, and the script required pyatlan<3,>=2", step["text"]
    )


def test_a_line_gets_a_reason_only_from_one_that_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = {"urllib3": {"requests"}, "idna": {"urllib3", "-r x"}, "werkzeug": {"flask"}}
    brought = {name: Resolved(Version("1"), by) for name, by in needed.items()}
    monkeypatch.setattr("csa.adopt.requirements.resolved", lambda *_: brought)
    text = "idna==3\r\nrequests==2\r\nurllib3==1\r\nflask==3\r\nwerkzeug==3"
    planned = Requirements(text, {}, {}, [])
    new, changed = completed(planned, [b"import requests"], "3.11")
    assert new.text.split("\r\n") == [
        "idna==3  # urllib3 needs it", "requests==2", "urllib3==1  # requests needs it",
        "flask==3", "werkzeug==3",
    ]  # fmt: skip
    assert changed == dict(
        zip(["urllib3==1", "idna==3"], new.text.split("\r\n")[2::-2], strict=True)
    )


def test_a_line_without_a_range_gets_that_of_what_is_installed_today(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    versions = {"acme-tools": "1.4.2", "tz-data": "2025.2", "zero": "0.3", "other": "9.1"}
    brought = {name: Resolved(Version(version), set()) for name, version in versions.items()}
    monkeypatch.setattr("csa.adopt.requirements.resolved", lambda *_: brought)
    lines = ["Acme_Tools  # acme", "tz-data>=2025", "zero[x] ; python_version > '3'  # zero", "other<9",
             "unknown  # u", "a @ git+https://example.com/a@v1  # a"]  # fmt: skip
    new, changed = completed(Requirements("\n".join(lines), {}, {}, []), [b""], "3.11")
    assert new.text.splitlines() == [
        "Acme_Tools>=1.4.2,<2  # acme", "tz-data>=2025", "zero[x]>=0.3,<1 ; python_version > '3'  # zero",
        *lines[3:],
    ]  # fmt: skip
    assert [*changed] == [lines[0], lines[2]]


@pytest.mark.slow
def test_a_line_that_another_one_needs_says_so(root: Path, template: Path) -> None:
    lines = ("requests==2.31.0", "idna==3.2  # its pin", "urllib3==1.26.18", "certifi==2023.7.22",
             "packaging>=25,<27", "wcwidth==0.2.13")  # fmt: skip
    write(root / "scripts" / "old-script", {"requirements.txt": "\n".join(lines) + "\n"})
    script = root / "scripts" / "old-script" / "main.py"
    script.write_text("import requests\n" + script.read_text())
    commit_all(root, "Requirements")
    adoption = adopt(root, template, "old-script", code=1)
    text = (root / "scripts" / "old_script" / "requirements.txt").read_text()
    *_, urllib3, certifi, packaging, wcwidth = text.splitlines()
    assert urllib3 == "urllib3==1.26.18  # requests needs it"
    assert certifi == "certifi==2023.7.22  # requests needs it"
    assert (packaging, wcwidth) == lines[-2:]
    assert "idna==3.2  # its pin\n" in text
    assert [step["text"] for step in adoption["manual_steps"]] == [
        f"CSA502: no import needs {name}" for name in ("packaging", "wcwidth")
    ]


@pytest.mark.slow
def test_a_pin_that_the_python_of_the_image_cannot_install_is_named() -> None:
    pins = "pandas==1.3.2\n# one without wheels is built\ndocopt==0.6.2\nrequests==2.32.3\n"
    [(line, text)] = pins_without_wheel(pins, "3.13")
    assert line == 1
    assert text.startswith("pandas==1.3.2 has no wheel for Python 3.13")


# --- Tests that nobody touched --------------------------------------------------------------------

LEFT = """\
import argparse


def main(name, times):
    print(name * times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="Ada")
    args = parser.parse_args()
    main(args.name, 1)
    main(args.name, 2)
"""
BY_HAND = """\
import argparse


def main(args: argparse.Namespace) -> None:
    print(args.name)
    print(args.name * 2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="Ada")
    args = parser.parse_args()
    main(args)
"""


@pytest.mark.parametrize("touched", [False, True])
def test_adopting_again_goes_on_and_makes_tests_anew_unless_somebody_edited_them(
    template: Path, tmp_path: Path, *, touched: bool
) -> None:
    root = tmp_path
    write(root / "scripts" / "greet_all", {"main.py": LEFT})
    init(root)
    assert adopt(root, template, "greet_all", code=1)["main"] == "left"
    package = root / "scripts" / "greet_all"
    tests = package / "tests" / "test_main.py"
    if touched:
        tests.write_text(tests.read_text() + "\n# Ours.\n")
    before = tests.read_text()
    commit_all(root, "Adopted")
    (package / "main.py").write_text(BY_HAND)
    commit_all(root, "What the report asked for")
    again = adopt(root, template, "greet_all")
    assert again["files"] == (
        {} if touched else {"scripts/greet_all/tests/test_main.py": "changed"}
    )
    assert ('assert args.name == "Ada"' in tests.read_text()) is not touched
    assert (tests.read_text() == before) is touched
    commit_all(root, "Tests")
    assert adopt(root, template, "greet_all")["files"] == {}
