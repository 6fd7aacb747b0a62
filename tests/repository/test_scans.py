"""What scans find: in a job's summary, in code scanning, in issues."""

from __future__ import annotations

import base64
import gzip
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from pydantic_sarif.model import (  # type: ignore[import-untyped]
    StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif,
)

from tests.support.commands import BIN, commit_all, executable, run
from tests.support.monorepo import copy
from tests.support.workflows import ACTIONS, Ran, Runner, evaluated, jobs

PACKAGE = "scripts/tag_report"
HOSTILE = 'scripts/`@team`: "a"\n::error::<!-- é -->'


def name_of(package: str) -> str:
    return sha256(package.encode()).hexdigest()[:16]


def finding(rule: str, text: str, **more: Any) -> dict[str, Any]:
    at = {"artifactLocation": {"uri": "somewhere"}, "region": {"startLine": 3}}
    return {
        "ruleId": rule,
        "message": {"text": text},
        "locations": [{"physicalLocation": at}],
        **more,
    }


def sarif_run(tool: str, results: list[dict[str, Any]], number: object = "7.5") -> dict[str, Any]:
    rules = [
        {
            "id": result["ruleId"],
            "shortDescription": {"text": f"About {result['ruleId']}"},
            "fullDescription": {"text": "(CVE-2026-1) requests@2.1"},
            "properties": {"security-severity": number},
        }
        for result in results
    ]
    return {
        "tool": {"driver": {"name": tool, "rules": rules}},
        "automationDetails": {"id": f"{tool}/0/2026"},
        "results": results,
    }


SNYK = "This file introduces a vulnerable requests package with a high severity vulnerability."


def described(
    runner: Runner, *runs: dict[str, Any], package: str = PACKAGE, kind: str = "image"
) -> tuple[Ran, dict[str, Any], str]:
    """Run the step on a scanner's SARIF; return how it ended, the SARIF that it hands over, the text."""
    (runner.temporary / "found.sarif").write_text(json.dumps({"version": "2.1.0", "runs": runs}))
    contexts = {"inputs.package": package, "inputs.kind": kind}
    ran = runner.action("scan", "Describe the findings", contexts)
    assert ran.code == 0, ran.text
    folder = runner.temporary / "findings"
    files = {path.suffix: path.read_text() for path in folder.iterdir()}
    assert {path.stem for path in folder.iterdir()} == {ran.outputs["name"]}
    Sarif.model_validate_json(files[".sarif"], strict=True)
    folder.rename(folder.with_name(ran.outputs["name"]))
    return ran, json.loads(files[".sarif"]), files[".md"]


def test_what_snyk_finds_is_one_run_in_a_category_of_its_own(runner: Runner) -> None:
    """Of an image it writes several runs, for which GitHub would want several categories."""
    ran, sarif, text = described(
        runner,
        sarif_run("Snyk Container", [finding("SNYK-1", SNYK)]),
        sarif_run("Snyk Container", [finding("snyk:lic:2", SNYK), finding("SNYK-1", SNYK)], "undefined"),
    )  # fmt: skip
    [of_image] = sarif["runs"]
    assert of_image["automationDetails"] == {"id": f"image/{PACKAGE}/"}
    assert [result["ruleId"] for result in of_image["results"]] == ["SNYK-1", "snyk:lic:2"]
    place = of_image["results"][0]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": f"{PACKAGE}/Dockerfile"},
        "region": {"startLine": 3},
    }
    assert of_image["results"][0]["partialFingerprints"] == {"primaryLocationLineHash": "SNYK-1:1"}
    # GitHub refuses a file with a severity that is no number.
    rules = of_image["tool"]["driver"]["rules"]
    assert [rule["properties"]["security-severity"] for rule in rules] == ["7.5", "0"]
    assert text == ran.summary == (
        "2 findings in the image of `scripts/tag_report`:\n\n"
        "- `SNYK-1: About SNYK-1 (CVE-2026-1) requests@2.1`\n"
        "- `snyk:lic:2: About snyk:lic:2 (CVE-2026-1) requests@2.1`\n\n"
    )  # fmt: skip
    _, sarif, _ = described(
        runner, sarif_run("Snyk", [finding("SNYK-1", SNYK)]), kind="requirements"
    )
    assert sarif["runs"][0]["automationDetails"] == {"id": f"requirements/{PACKAGE}/"}
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": f"{PACKAGE}/requirements.txt"}


@pytest.mark.parametrize(
    ("threshold", "found"),
    [("low", ["low", "medium", "high", "critical"]), ("high", ["high", "critical"]), ("critical", ["critical"])],
)  # fmt: skip
def test_what_grype_finds_below_the_threshold_is_left_out(
    template: Path, tmp_path: Path, threshold: str, found: list[str]
) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", severity_threshold=threshold)
    results = [
        finding(
            severity, f"A {severity} vulnerability in python package: requests, version 2.1 was"
        )
        for severity in ("low", "medium", "high", "critical")
    ]
    _, sarif, text = described(Runner(top, tmp_path / "runner"), sarif_run("grype", results))
    [of_image] = sarif["runs"]
    assert {result["ruleId"] for result in of_image["results"]} == set(found)
    assert {rule["id"] for rule in of_image["tool"]["driver"]["rules"]} == set(found)
    assert text.count("- `") == len(found)


def test_nothing_found_is_no_text(runner: Runner) -> None:
    """The SARIF is handed over all the same: it closes what code scanning has."""
    for runs in ([sarif_run("grype", [])], []):
        ran, sarif, text = described(runner, *runs)
        assert (text, ran.summary) == ("", "")
        assert sarif["runs"][0]["results"] == []
        assert sarif["runs"][0]["tool"]["driver"]["rules"] == []
        (runner.temporary / ran.outputs["name"]).rename(runner.temporary / f"{len(runs)}")


def test_names_and_findings_are_text_wherever_they_go(runner: Runner) -> None:
    """A folder may have any name, and a scanner says what others wrote."""
    hostile = "`@team`\n::error::evil <!-- -->"
    ran, sarif, text = described(
        runner, sarif_run("grype", [finding(hostile, SNYK)] * 101), package=HOSTILE
    )
    assert ran.outputs == {"name": f"image-{name_of(HOSTILE)}"}
    category = sarif["runs"][0]["automationDetails"]["id"]
    assert re.fullmatch(r"[\w/%!-]+", category, re.ASCII)
    assert unquote(category) == f"image/{HOSTILE}/"
    assert "::" not in ran.text
    head, _, line, *_ = text.splitlines()
    assert head == '1 finding in the image of `scripts/ @team : "a" ::error::<!-- é -->`:'
    assert (
        line
        == "- ` @team ::error::evil <!-- -->: About  @team ::error::evil <!-- --> (CVE-2026-1) requests@2.1`"
    )
    many = [finding(f"{number}", SNYK) for number in range(120)]
    _, _, text = described(runner, sarif_run("grype", many))
    assert text.count("\n- `") == 100
    assert text.endswith("\n- and 20 more\n\n")


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("image", "container test docker-archive:/tmp/image.tar --file=Dockerfile"),
        ("image-arm64", "container test docker-archive:/tmp/image.tar --file=Dockerfile"),
        ("requirements",
         "test --file=requirements.txt --package-manager=pip --command=.venv/bin/python"),
    ],
)  # fmt: skip
def test_snyk_scans_with_the_package_s_policy(
    runner: Runner, tmp_path: Path, kind: str, command: str
) -> None:
    """With a stand-in for snyk, which needs an account."""
    snyk = executable(tmp_path / "bin" / "snyk", 'echo "$SNYK_TOKEN $PWD $*"')
    contexts = {
        "inputs.package": PACKAGE, "inputs.token": "its", "inputs.kind": kind,
        "inputs.image": "/tmp/image.tar", "inputs.fails": "true",
    }  # fmt: skip
    scanned = runner.action("scan", "Scan with Snyk", contexts, path=str(snyk.parent))
    assert scanned.code == 0
    begin, told, end = scanned.text.splitlines()
    assert told == (
        f"its {runner.repository / PACKAGE} {command} --severity-threshold=high --policy-path=.snyk "
        f"--sarif-file-output={runner.temporary / 'found.sarif'}"
    )
    # What it prints about an image is no command for the runner.
    stop, word = begin.rsplit("::", 1)
    assert (stop, end, len(word)) == ("::stop-commands", f"::{word}::", 36)


@pytest.mark.parametrize(
    ("snyk_ends", "fails", "code"),
    [(0, "true", 0), (0, "false", 0), (1, "true", 1), (1, "false", 0), (2, "true", 2), (2, "false", 2),
     (3, "false", 3)],
)  # fmt: skip
def test_a_scan_that_failed_is_no_scan_that_found_something(
    runner: Runner, tmp_path: Path, snyk_ends: int, fails: str, code: int
) -> None:
    """With a stand-in for snyk, and its documented exit codes."""
    snyk = executable(tmp_path / "bin" / "snyk", f"exit {snyk_ends}")
    contexts = {"inputs.package": PACKAGE, "inputs.kind": "image", "inputs.fails": fails}
    ran = runner.action("scan", "Scan with Snyk", contexts, path=str(snyk.parent))
    assert ran.code == code
    # One that writes nothing has failed, whatever it says.
    contexts = {"inputs.package": PACKAGE, "inputs.kind": "image"}
    ran = runner.action("scan", "Describe the findings", contexts)
    assert (ran.code, ran.outputs, ran.summary) == (1, {}, "")
    assert ran.text == "::error::The scan failed: it has written no findings.\n"


def steps_of(mono: Path, action: str) -> list[dict[str, Any]]:
    content = yaml.safe_load((mono / ACTIONS / action / "action.yml").read_text())
    steps: list[dict[str, Any]] = content["runs"]["steps"]
    return steps


@pytest.mark.parametrize(
    ("token", "kind", "runs"),
    [("its", "image", {"snyk/actions/setup", "Scan with Snyk"}),
     ("", "image", {"anchore/scan-action"}),
     ("its", "requirements", {"snyk/actions/setup", "Scan with Snyk", "Install what it requires"})],
)  # fmt: skip
def test_snyk_scans_with_a_token_and_grype_without(
    rendered: Path, token: str, kind: str, runs: set[str]
) -> None:
    contexts = {"inputs.token": token, "inputs.kind": kind}
    conditional = {
        step.get("name", step.get("uses", "").partition("@")[0]): f"${{{{ {step['if']} }}}}"
        for step in steps_of(rendered, "scan")
        if "cancelled" not in step.get("if", "cancelled")
    }
    holds = evaluated(conditional.values(), contexts)
    assert {name for name, value in zip(conditional, holds, strict=True) if value == "true"} == runs


def test_grype_reads_the_image_from_its_file_and_keeps_the_threshold(
    template: Path, tmp_path: Path
) -> None:
    top = copy(template, tmp_path / "mono", scope="repository", severity_threshold="medium")
    [grype] = [one for one in steps_of(top, "scan") if "anchore" in one.get("uses", "")]
    given = evaluated(
        grype["with"].values(),
        {"inputs.image": "/tmp/image.tar", "inputs.fails": "false", "runner.temp": "/tmp"},
    )
    assert dict(zip(grype["with"], given, strict=True)) == {
        "image": "docker-archive:/tmp/image.tar",
        "severity-cutoff": "medium",
        "fail-build": "false",
        "output-file": "/tmp/found.sarif",
    }


def test_an_image_is_scanned_from_the_file_that_it_was_put_into(rendered: Path) -> None:
    for file, job in (
        ("pull-request.yml", "image"),
        ("release-package.yml", "scan"),
        ("scan.yml", "image"),
    ):
        *_, put, scan = jobs(rendered)[file][job]["steps"]
        [image] = evaluated([scan["with"]["image"]], {"runner.temp": "$RUNNER_TEMP"})
        told = str(put.get("run") or put["with"]["outputs"]).replace(
            "${{ runner.temp }}", "$RUNNER_TEMP"
        )
        assert image in told, (file, job)
        assert "docker-archive:" in told or told.startswith("type=docker,dest=")


def test_a_scanner_meets_no_login(runner: Runner, tmp_path: Path) -> None:
    """What it is downloaded from, and what it reads, need none."""
    steps = steps_of(runner.repository, "scan")
    assert steps[0]["name"] == "Log out, since a scanner needs no registry"
    assert "if" not in steps[0]
    settings = tmp_path / "home" / ".docker" / "config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text("{}")
    for _ in range(2):
        ran = runner.action(
            "scan", "Log out, since a scanner needs no registry",
            env={"HOME": str(tmp_path / "home")},
        )  # fmt: skip
        assert (ran.code, settings.exists()) == (0, False)
    # It comes last in each job.
    scanning = 0
    for workflow in jobs(runner.repository).values():
        for job in workflow.values():
            used = [step.get("uses", "") for step in job.get("steps", ())]
            assert not any(name.startswith(("snyk/", "anchore/")) for name in used)
            if "$/.github/actions/scan" in used:
                assert used.index("$/.github/actions/scan") == len(used) - 1
                scanning += 1
    assert scanning == 5


def test_findings_are_handed_over_by_names_of_their_own(rendered: Path) -> None:
    describe, hand_over = steps_of(rendered, "scan")[-2:]
    assert describe["if"] == "${{ !cancelled() }}"
    assert hand_over["if"] == "${{ !cancelled() && steps.findings.outputs.name != '' }}"
    assert hand_over["with"]["name"] == "scan-${{ steps.findings.outputs.name }}"
    # Within a run, no two jobs have the same kind for a package.
    for workflow in jobs(rendered).values():
        kinds = [
            step["with"]["kind"]
            for job in workflow.values()
            for step in job.get("steps", ())
            if step.get("uses") == "$/.github/actions/scan"
        ]
        assert len(set(kinds)) == len(kinds)
    scan = jobs(rendered)["release-package.yml"]["scan"]
    assert list(scan["strategy"]["matrix"]) == ["arch"]
    assert scan["steps"][-1]["with"]["kind"] == "image-${{ matrix.arch }}"
    # And they are read where they are written to.
    for steps in (steps_of(rendered, "report"), jobs(rendered)["scan.yml"]["issues"]["steps"]):
        assert steps[0]["with"] == {
            "pattern": "scan-*",
            "path": "${{ runner.temp }}/scans",
            "merge-multiple": True,
        }


def test_each_week_what_is_in_use_is_scanned(mono: Path, runner: Runner) -> None:
    """The last release of each package, also while the next one is developed."""
    package = mono / PACKAGE
    run(BIN / "csa", "release", ".", cwd=package)
    commit_all(mono, "A release")
    run(BIN / "csa", "release", ".", "--next", "minor", cwd=package)
    commit_all(mono, "Work on the next one")
    listed = runner.step("scan.yml", "released", "List the packages")
    assert listed.code == 0, listed.text
    image = {"package": PACKAGE, "image": "ghcr.io/atlanhq/tag-report:1.0.0"}
    assert json.loads(listed.outputs["packages"]) == [image]
    contexts = {"matrix.of.package": PACKAGE}
    named = runner.step("scan.yml", "requirements", "Look for its Python", contexts)
    assert json.loads(named.outputs["image"])["python"] == "3.11"
    # One of which nothing can be told keeps no other from its scan.
    (mono / "scripts" / "asset_lookup" / "version.txt").write_text("first\n")
    unknown = runner.step("scan.yml", "released", "List the packages")
    assert (unknown.code, unknown.outputs) == (1, listed.outputs)
    assert "scripts/asset_lookup: version.txt has no version" in unknown.text


# --- Code scanning ---------------------------------------------------------------------------


def report(runner: Runner, tmp_path: Path, script: str) -> Ran:
    """Run the upload with a program in gh's place."""
    gh = executable(tmp_path / "bin" / "gh", script)
    return runner.action("report", "Upload the findings", path=str(gh.parent))


def found(runner: Runner, *packages: str, kind: str = "image", text: str = "") -> None:
    """Put findings where a download of artifacts puts them."""
    folder = runner.temporary / "scans"
    folder.mkdir(exist_ok=True)
    for package in packages:
        name = f"{kind}-{name_of(package)}"
        (folder / f"{name}.sarif").write_text(json.dumps({"of": package}))
        (folder / f"{name}.md").write_text(text)


def test_each_scan_is_uploaded_by_itself(runner: Runner, tmp_path: Path) -> None:
    """With a stand-in for gh. Of one file, GitHub takes 20 runs."""
    assert report(runner, tmp_path, "exit 1").code == 0  # nothing was scanned
    packages = [f"scripts/p{number}" for number in range(30)]
    found(runner, *packages)
    kept = tmp_path / "kept"
    kept.mkdir()
    ran = report(runner, tmp_path, f'echo "$*"; cp "$6" {kept}/$(ls {kept} | wc -l)')
    assert (ran.code, ran.text) == (0, "")
    uploads = [json.loads(path.read_text()) for path in kept.iterdir()]
    assert {(one["commit_sha"], one["ref"]) for one in uploads} == {("0" * 40, "refs/pull/7/merge")}
    read = [json.loads(gzip.decompress(base64.b64decode(one["sarif"]))) for one in uploads]
    assert sorted(one["of"] for one in read) == sorted(packages)


@pytest.mark.parametrize(
    ("said", "code", "begins"),
    [
        ("gh: Resource not accessible by integration (HTTP 403)", 0, "::notice::The findings are in the"),
        ("gh: Code scanning is not enabled for this repository. (HTTP 403)", 0, "::notice::The findings"),
        ("gh: Not Found (HTTP 404)", 0, "::notice::The findings are in the summaries"),
        ("gh: sarif is\n::error::not valid (HTTP 400)", 1, "::error::GitHub did not take the findings: gh: sarif is ::"),
    ],
)  # fmt: skip
def test_where_code_scanning_is_off_the_report_says_so(
    runner: Runner, tmp_path: Path, said: str, code: int, begins: str
) -> None:
    """With a stand-in for gh, which says what GitHub answers, once: the answer is the same for all."""
    found(runner, "scripts/a", "scripts/b")
    (tmp_path / "said").write_text(said)
    ran = report(runner, tmp_path, f"cat {tmp_path / 'said'} >&2; exit 1")
    assert ran.code == code
    [line] = ran.text.splitlines()
    assert line.startswith(begins)


def test_no_report_holds_a_pull_request_up(rendered: Path) -> None:
    assert "report" not in jobs(rendered)["pull-request.yml"]["passed"]["needs"]
    assert {"image", "scan"} < set(jobs(rendered)["pull-request.yml"]["passed"]["needs"])


# --- Issues ----------------------------------------------------------------------------------

GH = """\
case "$2" in
  list) cat {folder}/open.json ;;
  *) echo "$@" >> {folder}/calls; for last in "$@"; do :; done; if [ -e "$last" ]; then cat "$last" > {folder}/body; fi ;;
esac"""


def issues(
    runner: Runner, tmp_path: Path, *packages: str, snyk: bool = False, there: object = ()
) -> tuple[Ran, list[str]]:
    """Run the step with a stand-in for gh; return how it ended and what gh was told to do."""
    gh = executable(tmp_path / "bin" / "gh", GH.format(folder=tmp_path))
    (tmp_path / "open.json").write_text(json.dumps(there))
    (tmp_path / "calls").unlink(missing_ok=True)
    listed = [{"package": one, "image": "ghcr.io/team/image:1.0.0"} for one in packages]
    contexts = {
        "needs.published.outputs.packages": json.dumps(listed),
        "needs.released.outputs.scanned": str(snyk).lower(),
    }
    ran = runner.step(
        "scan.yml", "issues", "Open, change or close the issues", contexts, path=str(gh.parent)
    )
    assert ran.code == 0, ran.text
    label, *calls = (tmp_path / "calls").read_text().splitlines()
    assert label.startswith("label create csa-scan --force ")
    return ran, calls


def issue(body: str, number: int = 4, is_bot: bool = True) -> dict[str, Any]:
    return {"author": {"is_bot": is_bot}, "body": body, "number": number}


def test_a_package_has_one_issue_as_long_as_something_is_found(
    runner: Runner, tmp_path: Path
) -> None:
    found(runner, PACKAGE, text="- `CVE-1`\n\n")
    found(runner, "scripts/asset_lookup")
    both = (PACKAGE, "scripts/asset_lookup")
    _, calls = issues(runner, tmp_path, *both)
    told = f"--title Findings in scripts/tag_report --body-file {runner.temporary / 'body.md'}"
    assert calls == [f"issue create --label csa-scan {told}"]
    body = (tmp_path / "body").read_text().strip()
    assert body.startswith("- `CVE-1`\n\nThe last release is `ghcr.io/team/image:1.0.0`. ")
    # As long as the same is found, nothing happens; somebody else's issue is none of them.
    assert issues(runner, tmp_path, *both, there=[issue(body)])[1] == []
    assert len(issues(runner, tmp_path, *both, there=[issue(body, is_bot=False)])[1]) == 1
    found(runner, PACKAGE, text="- `CVE-2`\n\n")
    _, calls = issues(runner, tmp_path, *both, there=[issue("other", 3), issue(body)])
    assert calls == [f"issue edit 4 --body-file {runner.temporary / 'body.md'}"]
    found(runner, PACKAGE)
    _, calls = issues(runner, tmp_path, *both, there=[issue(body)])
    assert calls == ["issue close 4 --comment Nothing is found any more."]
    assert issues(runner, tmp_path, *both)[1] == []


def test_an_issue_stays_while_a_scan_fails(runner: Runner, tmp_path: Path) -> None:
    """The requirements' is missing here."""
    body = f"<!-- {name_of(PACKAGE)} -->"
    found(runner, PACKAGE)
    ran, calls = issues(runner, tmp_path, PACKAGE, snyk=True, there=[issue(body)])
    assert calls == []
    assert "::warning::A scan has failed: issue 4 stays as it is." in ran.text
    found(runner, PACKAGE, kind="requirements")
    assert len(issues(runner, tmp_path, PACKAGE, snyk=True, there=[issue(body)])[1]) == 1
    # One that is found begins an issue, whatever failed.
    (runner.temporary / "scans" / f"requirements-{name_of(PACKAGE)}.md").unlink()
    found(runner, PACKAGE, text="- `CVE-1`\n\n")
    assert issues(runner, tmp_path, PACKAGE, snyk=True)[1][0].startswith("issue create ")


def test_a_package_of_any_name_has_an_issue(runner: Runner, tmp_path: Path) -> None:
    found(runner, HOSTILE, text="- `CVE-1`\n\n")
    ran, [call] = issues(runner, tmp_path, HOSTILE)
    assert "--title Findings in scripts/--team----a----error-------é---- --body-file" in call
    assert "::" not in ran.text
    body = (tmp_path / "body").read_text()
    assert issues(runner, tmp_path, HOSTILE, there=[issue(body.strip())])[1] == []
