"""Each rule finds the packages that break it, says where, and leaves the others alone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from csa.check import RULES, check
from csa.check.package import Package
from csa.errors import Failed

from .conftest import BIN, Render, commit_all, copy, git, run
from .monorepo import init

CSA = BIN / "csa"

Files = dict[str, str | None]
"""What to write below the package by path, None to delete it; + at the start is added to its end."""

NEW_REQUIREMENT = "+requests>=2.32,<3\n"
CASSETTE = "tests/vcr_cassettes/tests.integration.test_http_bin/TestHTTPBin.test_httpbin_{}.yaml"
KEY = "q8Zr3xV9Lk2Pm7Ns5Tt1Ww4Yy6Bb0Cc"  # pragma: allowlist secret


def a_test(body: str, imports: str = "import pytest\n") -> Files:
    return {"tests/test_more.py": f"{imports}\n\ndef test_more(mocker, monkeypatch):\n    {body}\n"}


def script(body: str) -> Files:
    return {"main.py": body}


GUARD = 'if __name__ == "__main__":\n    p = argparse.ArgumentParser()\n    main(p.parse_args())\n'

BREAKING: list[tuple[str, Files, str, int, str]] = [
    ("CSA101", {"Dockerfile": None}, "Dockerfile", 0, "missing"),
    ("CSA101", {"tests/test_main.py": None}, "tests/test_main.py", 0, "missing"),
    ("CSA102", {"index.md": "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n"},
     "index.md", 2, "goes on to line 6"),
    ("CSA102", {"Dockerfile": "+<<<<<<< before updating\nx\n||||||| last update\n=======\ny\n"
                              ">>>>>>> after updating\n"}, "Dockerfile", 26, "conflict"),
    ("CSA104", {"../../mkdocs.yml": "nav: [{A: index.md}]\ndocs_dir: scripts\n"},
     "index.md", 0, "no link to new_pkg/index.md"),
    ("CSA104", {"../../mkdocs.yml": "nav:\n- A: other/new_pkg/index.md\n"},
     "index.md", 0, "no link to ../scripts/new_pkg/index.md"),
    ("CSA104", {"../../mkdocs.yml": "nav: ["}, "index.md", 0, "mkdocs.yml is not YAML"),
    ("CSA201", {"version.txt": "1.0.0.dev\n"}, "version.txt", 1, "it says 1.0.0.dev"),
    ("CSA201", {"version.txt": ""}, "version.txt", 1, "it says nothing"),
    ("CSA202", {"version.txt": "1.0.0\n"}, "HISTORY.md", 1, "the heading of 1.0.0 has no date"),
    ("CSA202", {"version.txt": "1.1.0\n"}, "HISTORY.md", 0, "no entry for 1.1.0"),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "## 1.0.0 (soon)\n\n- New.\n"},
     "HISTORY.md", 1, "no date"),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "# H\n\n## 1.0.0 (July 1, 2026)\n\n### X\n"},
     "HISTORY.md", 3, "is empty"),
    ("CSA301", {"Dockerfile": "FROM python:3.13\n"}, "Dockerfile", 1, "builds on python:3.13, and"),
    ("CSA301", {"Dockerfile": "# none\n"}, "Dockerfile", 0, "builds on None"),
    ("CSA302", {"requirements.txt": "+PyAtlan==8.5.1\n"}, "requirements.txt", 8, "delete it"),
    ("CSA303", {"requirements.txt": "requests>=2,<3\n"}, "requirements.txt", 0, "no opentelemetry-sdk"),
    ("CSA303", {"requirements.txt": "opentelemetry-sdk<1.39\nopentelemetry_exporter_otlp>=1.38\n"},
     "requirements.txt", 2, "lets a newer one in"),
    ("CSA401", script("import sys\n"), "main.py", 1, "it has no logic"),
    ("CSA401", script("def main():\n    print(1)\n\nmain()\n"), "main.py", 1, "main() takes no args"),
    ("CSA401", script("import argparse\n\n" + GUARD.replace("main(p", "print(p")),
     "main.py", 0, "some of it is elsewhere"),
    ("CSA401", script(f"import argparse\n\ndef main(args):\n    pass\n\n{GUARD}    main(None)\n"),
     "main.py", 9, "called once more"),
    ("CSA401", script("def main(:\n"), "main.py", 1, "cannot read it"),
    ("CSA402", script(f"import argparse\nimport shutil\n\nshutil.rmtree('x')\n\n"
                      f"def main(args):\n    pass\n\n{GUARD}"), "main.py", 4, "runs at import: shutil"),
    ("CSA501", {"main.py": "+import requests\n"}, "main.py", 139,
     "requests is imported: add requests>="),
    ("CSA501", {"lookup.py": "def f():\n    import yaml_of_nobody\n"}, "lookup.py", 2,
     "no distribution is known"),
    ("CSA501", a_test("pass", "import hypothesis\n"), "tests/test_more.py", 1,
     "to requirements-test.txt"),
    ("CSA502", {"requirements.txt": NEW_REQUIREMENT}, "requirements.txt", 8,
     "no import needs requests"),
    ("CSA502", {"requirements.txt": "+pyyaml>=6,<7 #\n"}, "requirements.txt", 8, "pyyaml"),
    ("CSA503", {"requirements.txt": "+requests\n"}, "requirements.txt", 8, "begin with"),
    ("CSA503", {"requirements.txt": "+requests>=2.32\n"}, "requirements.txt", 8, "end before"),
    ("CSA503", {"requirements-test.txt": "+responses<1\n"}, "requirements-test.txt", 14, "begin"),
    ("CSA601", {"tests/test_main.py": "def test_main(): ...\ndef test_main_functions(): ...\n"},
     "tests/test_main.py", 0, "test_after_main is missing"),
    *[("CSA602", a_test(body, imports), "tests/test_more.py", line, says)
      for body, imports, line, says in [
        ('mocker.patch("pyatlan.client.atlan.AtlanClient")', "", 4, "pyatlan.client.atlan.Atlan"),
        ('patch("new_pkg.main.get_client")', "", 4, "pyatlan.pkg.utils.get_client"),
        ('monkeypatch.setattr("pyatlan.pkg.utils.get_client", None)', "", 4, "get_client"),
        ("monkeypatch.setattr(AtlanClient, 'asset', None)",
         "from pyatlan.client.atlan import AtlanClient\n", 5, "AtlanClient"),
        ("x = Mock(spec=a.AtlanClient)", "import pyatlan.client.atlan as a\n", 5, "a"),
        ("x = create_autospec(AtlanClient)", "from pyatlan.client.atlan import AtlanClient\n", 5, ""),
        ("from pyatlan.pkg import utils; mocker.patch.object(utils, 'get_client')", "", 4,
         "pyatlan.pkg.utils"),
        ("monkeypatch.setattr(script, 'AtlanClient', None)", "from new_pkg import main as script\n",
         5, "pyatlan.client.atlan.AtlanClient"),
        ('mocker.patch(target="pyatlan.x")', "", 4, "pyatlan.x"),
      ]],
    ("CSA603", {CASSETTE.format("get"): None}, "tests/integration/test_http_bin.py", 15,
     "TestHTTPBin.test_httpbin_get has none"),
    ("CSA603", {"tests/test_more.py": "import pytest\n\npytestmark = [pytest.mark.vcr]\n\n\n"
                                      "def test_more():\n    pass\n"}, "tests/test_more.py", 6, "test_more"),
    ("CSA603", {"tests/test_more.py": "import pytest\n\n\n@pytest.mark.vcr\nclass TestMore:\n"
                                      "    def test_it(self):\n        pass\n"},
     "tests/test_more.py", 6, "TestMore.test_it"),
    ("CSA701", {"main.py": f'+API_KEY = "{KEY}"\n'}, "main.py", 139, "Secret Keyword"),
    ("CSA701", {"main.py": '+client = connect(\n+    password="hunter2hunter2")\n'}, "main.py", 140, ""),
    ("CSA701", {"notes.md": "AKIAIOSFODNN7ABCDEFG\n"}, "notes.md", 1, "AWS"),
    ("CSA702", {CASSETTE.format("get"): "interactions: 3\n"}, CASSETTE.format("get"), 0, "no recording"),
    ("CSA703", {".snyk": "ignore: [1\n"}, ".snyk", 0, "not the YAML"),
    ("CSA703", {".snyk": "[]\n"}, ".snyk", 0, "not the YAML"),
    ("CSA703", {".snyk": "ignore:\n  A:\n  - '*': {expires: someday}\n"}, ".snyk", 0, "not the YAML"),
    ("CSA704", {".snyk": "ignore:\n  B:\n  - '*': {expires: 2020-01-02T00:00:00.000Z}\n"},
     ".snyk", 2, "B was ignored until 2020-01-02"),
]  # fmt: skip
"""A rule, what breaks it, and what is found: path, line and a part of the sentence."""

GOOD: list[tuple[str, Files]] = [
    ("CSA101", {".snyk": None, "tests/integration/test_http_bin.py": None}),
    ("CSA102", {"index.md": "Heading\n=======\n\n>>>>>>> quoted\n"}),
    ("CSA104", {"../../mkdocs.yml": "docs_dir: scripts\nnav:\n- A: index.md\n"
                                    "- B:\n  - C: ./new_pkg/index.md\n"}),
    ("CSA104", {"../../mkdocs.yml": "site_name: !ENV NAME\nx: !!python/name:a.b\n"}),
    ("CSA201", {"version.txt": "12.0.1"}),
    ("CSA202", {"version.txt": "1.0.0\n", "HISTORY.md": "## v1.0.0 (July 1, 2026)\n\n- New.\n"}),
    ("CSA202", {"version.txt": "nonsense\n"}),
    ("CSA301", {"Dockerfile": None}),
    ("CSA302", {"requirements.txt": "+pyatlan-extras>=1,<2\n# pyatlan\n"}),
    ("CSA303", {"requirements.txt": "opentelemetry-sdk==1.38.0\n"
                                    "opentelemetry-exporter-otlp~=1.38.0\n"}),
    ("CSA401", script(f"import argparse\n\n\ndef main(args):\n    print(args)\n\n\n{GUARD}")),
    ("CSA402", script(f"import argparse\nimport os\n\nX = os.environ.get('X', '')\n\n"
                      f"def main(args):\n    pass\n\n{GUARD}")),
    ("CSA501", {"main.py": "+import requests\n", "requirements.txt": NEW_REQUIREMENT}),
    ("CSA501", {"main.py": "+import httpx, pyatlan.client, new_pkg.lookup\n", "lookup.py": ""}),
    ("CSA501", a_test("pass", "import dotenv\nimport new_pkg.main\nfrom . import conftest\n")),
    ("CSA501", {"main.py": None}),
    ("CSA502", {"deep.py": "x = " + "-" * 30000 + "1\n"}),
    ("CSA502", {"requirements.txt": "+openpyxl>=3.1,<4  # pandas reads Excel with it\n"}),
    ("CSA502", {"main.py": "+try:\n    import yaml\nexcept ImportError:\n    yaml = None\n",
                "requirements.txt": "+PyYAML>=6,<7\n"}),
    ("CSA503", {"requirements.txt": "+requests==2.32.5\nyaml~=6.0\nx @ https://e.com/x-1.whl\n"
                                    "-e git+https://e.com/y@1#egg=y\n# z\n-r other.txt\n"}),
    ("CSA601", {"tests/test_main.py": "class TestScript:\n    def test_main(self): ...\n"
                "    def test_main_functions(self): ...\n    async def test_after_main(self): ...\n"}),
    *[("CSA602", a_test(body, imports)) for body, imports in [
        ('mocker.patch("requests.get")', ""),
        ('monkeypatch.setattr("new_pkg.main.load_input_file", None)', ""),
        ('monkeypatch.setenv("ATLAN_BASE_URL", "pyatlan")', ""),
        ("x = Mock(spec=requests.Session)", "import requests\n"),
        ('log.object("pyatlan")', ""),
        ('mocker.spy(AssetClient, "save")', "from pyatlan.client.asset import AssetClient\n"),
        ("client.setattr(AtlanClient, 'a')", "from pyatlan.client.atlan import AtlanClient\n"),
    ]],
    ("CSA603", {"tests/test_more.py": "import pytest\n\n\n@pytest.mark.vcr('other.yaml')\n"
                                      "def test_more(): ...\n\n\ndef helper(): ...\n"}),
    ("CSA603", {"tests/test_more.py": "import pytest\n\n\n@pytest.mark.vcr()\n"
                                      "def test_more(x): ...\n",
                "tests/cassettes/test_more/test_more[1].yaml": "interactions: []\n"}),
    ("CSA701", {"main.py": '+PASSWORD = os.environ["PASSWORD"]\nTOKEN_NAME = "access_token"\n'
                           'secret = "${SECRET}"\napi_key = ""\n'
                           f'token = "{KEY}"  # pragma: allowlist secret\n'}),
    ("CSA702", {"tests/fixtures/answer.yaml": f"api_key: {KEY}\n"}),
    ("CSA703", {".snyk": None}),
    ("CSA703", {".snyk": "version: v1.25.0\nignore: {}\n"}),
    ("CSA704", {".snyk": "ignore:\n  B:\n  - '*': {reason: harmless}\n  C:\n  - '*': "
                         "{expires: 2999-01-01}\n"}),
]  # fmt: skip
"""A rule, and changes with which it still holds."""


@pytest.fixture(scope="session")
def fresh(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A monorepo with a package, new_pkg, as it is rendered."""
    top = tmp_path_factory.mktemp("check") / "mono"
    copy(template, top / "scripts" / "new_pkg")
    init(top)
    return top


@pytest.fixture
def package(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path / "mono")
    return tmp_path / "mono" / "scripts" / "new_pkg"


def write(package: Path, files: Files) -> None:
    for name, content in files.items():
        path = package / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith("+"):
            content = path.read_text() + content.replace("\n+", "\n").removeprefix("+")
        path.write_text(content)


def found(package: Path, rule: str) -> list[tuple[str, int, str]]:
    findings = RULES[rule].findings(Package(package))
    return [(one.path, one.line, one.text) for one in findings]


@pytest.mark.parametrize("answers", [{}, {"pyatlan_version": "8.0.1", "third_party_http": False},
                                     {"base_image": "registry.example.com/base:1"}])  # fmt: skip
def test_a_new_package_breaks_no_rule(
    render: Render, tmp_path: Path, answers: dict[str, str]
) -> None:
    package = render(tmp_path / "mono" / "scripts" / "new_pkg", **answers)
    init(tmp_path / "mono")
    assert check(package) == []


@pytest.mark.parametrize(("rule", "files", "path", "line", "says"), BREAKING)
def test_what_breaks_a_rule_is_found_where_it_is(
    package: Path, rule: str, files: Files, path: str, line: int, says: str
) -> None:
    write(package, files)
    matching = [one for one in found(package, rule) if one[:2] == (path, line)]
    assert matching, found(package, rule)
    assert says in matching[0][2]
    # It says what has to hold, too.
    assert matching[0][2].endswith(RULES[rule].sentence)


@pytest.mark.parametrize(("rule", "files"), GOOD)
def test_what_breaks_no_rule_is_left_alone(package: Path, rule: str, files: Files) -> None:
    write(package, files)
    assert found(package, rule) == []


def test_every_rule_is_tried_either_way() -> None:
    elsewhere = {"CSA100", "CSA103"}
    assert {rule for rule, *_ in BREAKING} | elsewhere == set(RULES)
    assert {rule for rule, *_ in GOOD} | elsewhere == set(RULES)
    assert list(RULES) == sorted(RULES)


def test_a_folder_with_another_name_than_the_package_is_found(package: Path) -> None:
    other = package.rename(package.with_name("new-pkg"))
    [(path, line, text)] = found(other, "CSA103")
    assert (path, line) == (".", 0)
    assert text.startswith("it is new-pkg, and the package is new_pkg. The folder has")


def test_a_base_image_that_may_not_exist_is_found(render: Render, tmp_path: Path) -> None:
    package = render(tmp_path / "mono" / "new_pkg", python_version="3.9")
    init(tmp_path / "mono")
    [(path, line, text)] = found(package, "CSA301")
    assert (path, line) == ("Dockerfile", 4)
    assert "11.6.0-3.9 may not exist: Python 3.13 alone is tagged" in text


@pytest.mark.parametrize("answers", ["pyatlan_version: 3", "other: 1"])
def test_answers_that_tell_no_base_image_are_said(package: Path, answers: str) -> None:
    path = package / ".copier-answers.yml"
    path.write_text(re.sub(r"pyatlan_version: .*", answers, path.read_text()))
    with pytest.raises(Failed, match="its answers tell no base image: "):
        check(package)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("uri: https://httpbin.org/get?page=1", f"uri: https://httpbin.org/get?api_key={KEY}"),
        ("uri: https://httpbin", "uri: https://me:pass-of-mine@httpbin"),
        ("body: ''", f"body: client_secret={KEY}"),
        ("headers: {}\n    method", f"headers: {{Authorization: [Bearer {KEY}]}}\n    method"),
        ('"args": {', f'"access_token": "{KEY}", "args": {{'),
        ("headers: {}\n    status", f"headers: {{Set-Cookie: [id={KEY}]}}\n    status"),
    ],
)
def test_a_secret_in_a_recording_is_found(package: Path, old: str, new: str) -> None:
    path = CASSETTE.format("get")
    text = (package / path).read_text()
    assert old in text
    (package / path).write_text(text.replace(old, new))
    [(where, line, _)] = found(package, "CSA702")
    assert where == path
    assert "uri: " in (package / path).read_text().splitlines()[line - 1]


# --- Rules that a package ignores --------------------------------------------------------------


def ignoring(package: Path, *lines: str) -> None:
    write(package, {"pyproject.toml": "+\n[tool.csa.ignore]\n" + "\n".join(lines) + "\n"})


def test_a_rule_is_ignored_with_a_reason(package: Path) -> None:
    write(package, {"requirements.txt": NEW_REQUIREMENT})
    ignoring(package, 'CSA502 = "A plugin, found by its entry point."')
    assert check(package) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('CSA502 = ""', "CSA502 is ignored without a reason"),
        ("CSA502 = true", "CSA502 is ignored without a reason"),
        ('CSA999 = "Why."', "there is no rule CSA999. "),
        ('CSA503 = "Why."', "nothing breaks CSA503 any more: delete the line"),
        ('CSA100 = "Why."', "CSA100 is ignored without a reason"),
    ],
)
def test_a_rule_is_not_ignored_without_a_reason_or_a_need(
    package: Path, line: str, says: str
) -> None:
    write(package, {"requirements.txt": NEW_REQUIREMENT})
    ignoring(package, line)
    [(path, number, text)] = found(package, "CSA100")
    assert (path, number) == ("pyproject.toml", 36)
    assert says in text


@pytest.mark.parametrize("settings", ["[tool", "tool.csa.ignore = 3\n", "tool = 3\n"])
def test_settings_that_cannot_be_read_are_said(package: Path, settings: str) -> None:
    write(package, {"pyproject.toml": settings})
    with pytest.raises(Failed, match="pyproject"):
        check(package)


# --- The command -------------------------------------------------------------------------------


def test_the_command_says_where_and_what_and_ends_with_1(package: Path) -> None:
    top = package.parents[1]
    assert run(CSA, "check", cwd=top).stdout == "1 checked, 0 to mend\n"
    write(package, {"requirements.txt": NEW_REQUIREMENT})
    shown = run(CSA, "check", cwd=top, code=1).stdout
    assert shown == (
        "scripts/new_pkg/requirements.txt:8: CSA502: no import needs requests. "
        f"{RULES['CSA502'].sentence}\n1 checked, 1 to mend\n"
    )


def test_a_script_s_own_warnings_and_long_expressions_are_no_trouble(package: Path) -> None:
    numbers = " + ".join(["1"] * 1500)
    main = (package / "main.py").read_text()
    numbers = f"PATTERN = '\\d'\nSUM = {numbers}\n"
    write(
        package, {"main.py": main.replace("class ScriptError", f"{numbers}\n\nclass ScriptError")}
    )
    shown = run(CSA, "check", cwd=package)
    assert (shown.stdout, shown.stderr) == ("1 checked, 0 to mend\n", "")


def test_what_cannot_be_checked_is_said_and_the_rest_checked(package: Path) -> None:
    top = package.parents[1]
    shutil.copytree(package, top / "scripts" / "broken")
    (top / "scripts" / "broken" / ".copier-answers.yml").write_text("- 1\n")
    shown = run(CSA, "check", cwd=top, code=1).stdout
    assert "scripts/broken: failed: .copier-answers.yml has no _src_path" in shown
    assert shown.endswith("1 checked, 0 to mend, 1 failed\n")


def test_json_and_annotations_say_the_same(package: Path) -> None:
    top = package.parents[1]
    write(package, {"requirements.txt": "+requests>=2\n", "version.txt": "100%, 1:0\n"})
    shown = json.loads(run(CSA, "check", "--format", "json", cwd=top, code=1).stdout)
    [one] = shown["packages"]
    assert one["package"] == "scripts/new_pkg"
    assert [finding["rule"] for finding in one["findings"]] == ["CSA201", "CSA502", "CSA503"]
    assert one["findings"][1]["path"] == "requirements.txt"
    lines = run(CSA, "check", "--format", "github", cwd=top, code=1).stdout.splitlines()
    assert lines[0].startswith(
        "::error file=scripts/new_pkg/version.txt,line=1,title=CSA201::it says 100%25, 1:0. version"
    )
    assert len(lines) == 3


def test_a_rule_is_explained() -> None:
    shown = run(CSA, "check", "--explain", "CSA503").stdout
    assert shown.startswith("CSA503: Every requirement has a range")
    assert "`requests==2.32.5`" in shown
    said = run(CSA, "check", "--explain", "CSA1", code=2).stderr
    assert said.startswith("Error: there is no rule CSA1: the rules are CSA100, CSA101,")


def test_only_what_has_changed_is_checked_or_listed(package: Path) -> None:
    top = package.parents[1]
    for name in ("other", "third"):
        shutil.copytree(package, top / "scripts" / name)
    commit_all(top, "More packages")
    git(top, "checkout", "--quiet", "-b", "work")
    (package / "main.py").write_text("print(1)\n")
    commit_all(top, "Work")

    def listed(*options: str) -> list[str]:
        return run(CSA, "list", *options, cwd=top).stdout.splitlines()

    assert listed() == ["scripts/new_pkg", "scripts/other", "scripts/third"]
    assert listed("--changed-since", "HEAD") == []
    assert listed("--changed-since", "HEAD^") == ["scripts/new_pkg"]
    (top / "scripts" / "other" / "notes.md").write_text("mine\n")
    assert listed("--changed-since", "HEAD") == ["scripts/other"]
    # What others did to the branch that this one left does not count.
    git(top, "stash", "--include-untracked", "--quiet")
    git(top, "checkout", "--quiet", "-")
    (top / "scripts" / "third" / "main.py").write_text("print(3)\n")
    commit_all(top, "Elsewhere")
    git(top, "tag", "elsewhere")
    git(top, "checkout", "--quiet", "work")
    assert listed("--changed-since", "elsewhere") == ["scripts/new_pkg"]
    shown = run(CSA, "list", "--json", "--changed-since", "elsewhere", cwd=top).stdout
    assert json.loads(shown) == ["scripts/new_pkg"]
    checked = run(CSA, "check", "--changed-since", "elsewhere", cwd=top, code=1).stdout
    assert re.search(r"^1 checked, \d to mend$", checked, re.MULTILINE)
    said = run(CSA, "list", "--changed-since", "nowhere", cwd=top, code=2).stderr
    assert said.startswith("Error: --changed-since nowhere: ")
