"""The policy for questions: an answer once recorded stays valid, a new question changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from csa.template import Rendering, Source, open_source, render

from tests.support.commands import commit_all, git, run
from tests.support.package import NEXT, RELEASE, tags

ANSWERS: list[dict[str, Any]] = [
    {},
    {"pyatlan_version": "8.0.1", "python_version": "3.9", "third_party_http": False},
    {"base_image": "registry.example.com/base:1", "image_registry": "registry.example.com/team"},
]
"""What packages were rendered with: the defaults, and others."""

OTHER_ANSWERS: dict[str, Any] = {"test_environment": "ERP_TOKEN"}
"""For each question newer than the first release that takes any text: a valid answer, no default."""

OLDER = [*tags()[:-1], RELEASE]


def rendered(source: Source, version: str, answers: dict[str, Any]) -> Rendering:
    return render(source, source.commit(version), answers, "new_pkg")


def recorded(rendering: Rendering) -> dict[str, Any]:
    answers = yaml.safe_load(rendering.files[".copier-answers.yml"].content)
    return {name: answer for name, answer in answers.items() if not name.startswith("_")}


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("version", OLDER)
def test_recorded_answers_stay_valid_and_as_they_are(
    releases: Path, version: str, answers: dict[str, Any]
) -> None:
    source = open_source(str(releases), None, releases)
    before = recorded(rendered(source, version, answers))
    after = recorded(rendered(source, NEXT, before))
    assert {name: after[name] for name in before} == before


def other_answers(name: str, question: dict[str, Any]) -> list[Any]:
    """Return answers to a new question that are not its default."""
    choices = question.get("choices") or ([True, False] if question["type"] == "bool" else [])
    values = list(choices.values()) if isinstance(choices, dict) else list(choices)
    others = [value for value in values if value != question["default"]]
    if not others:
        assert name in OTHER_ANSWERS, f"give OTHER_ANSWERS a valid answer to {name}"
        others = [OTHER_ANSWERS[name]]
    return others


def lines(rendering: Rendering, path: str) -> set[bytes]:
    file = rendering.files.get(path)
    return set(file.content.splitlines()) if file else set()


def changed_by_new_questions(
    source: Source, old: str, new: str, answers: dict[str, Any]
) -> dict[str, set[bytes]]:
    """Return, by file, lines that came or went because a new question took its default.

    The template's own changes do not count: what a question decides are the lines that another
    answer to it would change. Its default must have them as the older package had them.
    """
    before = rendered(source, old, answers)
    answers = recorded(before)
    after = rendered(source, new, answers)
    config = yaml.safe_load(git(source.repository, "show", f"{new}:copier.yml"))
    changed: dict[str, set[bytes]] = {}
    for name in set(recorded(after)) - set(answers):
        for other in other_answers(name, config[name]):
            otherwise = rendered(source, new, {**answers, name: other})
            for path in {*after.files, *otherwise.files} - {".copier-answers.yml"}:
                default, had = lines(after, path), lines(before, path)
                decided = default ^ lines(otherwise, path)
                if moved := (decided & default - had) | (decided & had - default):
                    changed.setdefault(path, set()).update(moved)
    return changed


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("version", OLDER)
def test_no_new_question_changes_an_older_package(
    releases: Path, version: str, answers: dict[str, Any]
) -> None:
    source = open_source(str(releases), None, releases)
    assert changed_by_new_questions(source, version, NEXT, answers) == {}


@pytest.mark.parametrize(
    ("question", "files", "changed"),
    [
        ("jq: {type: bool, default: false}", "{% if jq %}\nRUN apk add jq\n{% endif %}\n", {}),
        (
            "jq: {type: bool, default: true}",
            "{% if jq %}\nRUN apk add jq\n{% endif %}\n",
            {"Dockerfile": {b"RUN apk add jq"}},
        ),
        (
            "user: {type: str, choices: [nonroot, root], default: root}",
            None,
            {"Dockerfile": {b"USER nonroot"}},
        ),
        ("user: {type: str, choices: [nonroot, root], default: nonroot}", None, {}),
    ],
    ids=["adds nothing", "adds a line", "takes a line", "takes nothing"],
)
def test_a_default_that_changes_older_packages_is_found(
    releases: Path,
    tmp_path: Path,
    question: str,
    files: str | None,
    changed: dict[str, set[bytes]],
) -> None:
    clone = tmp_path / "csa-template"
    run("git", "clone", "--quiet", releases, clone)
    with (clone / "copier.yml").open("a") as config:
        config.write(f"\n{question}\n")
    dockerfile = clone / "template" / "package" / "Dockerfile.jinja"
    if files:
        with dockerfile.open("a") as end:
            end.write(files)
    else:
        text = dockerfile.read_text()
        assert "USER nonroot\n" in text
        line = "{% if user == 'nonroot' %}\nUSER nonroot\n{% endif %}\n"
        dockerfile.write_text(text.replace("USER nonroot\n", line))
    commit_all(clone, "A new question", "v999.2.0")
    source = open_source(str(clone), None, clone)
    assert changed_by_new_questions(source, NEXT, "v999.2.0", {}) == changed
