"""What packages, people and registries name gives a workflow's runner no command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import executable
from tests.support.workflows import Runner

HOSTILE = "x\nreference=evil\r\n::set-output name=packages::[]\n::error::evil\n##[add-mask]true"
IMAGE = {
    "package": HOSTILE, "image": HOSTILE, "reference": HOSTILE, "registry": HOSTILE, "name": HOSTILE,
    "tag": f"1-{HOSTILE}", "release": False, "python": HOSTILE, "base": HOSTILE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "job", "name", "printed", "outputs"),
    [
        ("pull-request.yml", "changed", "List the packages", [HOSTILE], {"packages"}),
        ("pull-request.yml", "test", "Look for its Python", IMAGE, {"image"}),
        ("pull-request.yml", "scan", "Look for its Python", IMAGE, {"image"}),
        ("release.yml", "released", "List the packages", [IMAGE], {"packages"}),
        ("base-update.yml", "released", "List the packages", [IMAGE], {"packages"}),
        ("scan.yml", "released", "List the packages", [IMAGE], {"packages"}),
        ("scan.yml", "requirements", "Look for its Python", IMAGE, {"image"}),
        ("release-package.yml", "prepare", "Name the image", IMAGE, {"image"}),
        ("package-test-image.yml", "prepare", "Name the image", IMAGE, {"image"}),
        ("package-test-image.yml", "prepare", "Name the image", {**IMAGE, "release": True}, set()),
        ("package-test-image.yml", "prepare", "Name the image", {**IMAGE, "tag": "1\nevil"}, set()),
    ],
)
def test_no_text_adds_an_output_or_gives_the_runner_a_command(
    runner: Runner, tmp_path: Path, file: str, job: str, name: str, printed: Any, outputs: set[str]
) -> None:
    """Whatever csa says, and whatever people enter."""
    (tmp_path / "said.json").write_text(json.dumps(printed))
    csa = executable(tmp_path / "bin" / "csa", f"cat {tmp_path / 'said.json'}")
    entered = ("package_directory", "package_name", "version_tag")
    contexts = {f"inputs.{one}": HOSTILE for one in entered}
    ran = runner.step(file, job, name, contexts, path=str(csa.parent))
    assert set(ran.outputs) == outputs, ran.text
    assert "evil" not in ran.text
    # Nothing is lost either.
    assert all(json.loads(value) for value in ran.outputs.values())
    assert ran.job_outputs.get("reference", HOSTILE) == HOSTILE


def test_what_csa_and_a_registry_say_is_one_line_for_the_runner(
    runner: Runner, tmp_path: Path
) -> None:
    (tmp_path / "said").write_text(HOSTILE)
    failed = {"package": HOSTILE, "result": "failed", "message": HOSTILE}
    (tmp_path / "updates.json").write_text(json.dumps({"packages": [failed]}))
    csa = executable(tmp_path / "bin" / "csa", f"cat {tmp_path / 'updates.json'}; exit 1")
    executable(tmp_path / "bin" / "skopeo", f"cat {tmp_path / 'said'} >&2; exit 1")
    path = str(csa.parent)
    asked = ({"inputs.packages": json.dumps([IMAGE])}, {"published": "[]", "unpublished": "[]"})
    for ran, outputs in (
        (
            runner.step("template-update.yml", "updates", "List the updates", path=path),
            {"packages": "[]"},
        ),
        (runner.action("published", "Ask the registry", asked[0], path=path), asked[1]),
        (runner.step("release-package.yml", "publish", "Tag it, unless the tag is taken", path=path), {}),
    ):  # fmt: skip
        assert ran.code == 1
        [command] = ran.text.splitlines()
        assert command.startswith("::error::")
        assert ran.outputs == outputs
    released = {"needs.released.outputs.packages": json.dumps([IMAGE])}
    compared = runner.step("base-update.yml", "outdated", "Compare the layers", released, path=path)
    [command] = compared.text.splitlines()
    assert command.startswith("::warning::")
    outdated = {"needs.outdated.outputs.packages": json.dumps([IMAGE])}
    ran = runner.step(
        "base-update.yml", "versions", "Release the next versions", outdated, path=path
    )
    assert (ran.code, ran.outputs) == (1, {"packages": "[]"})
    [command] = [line for line in ran.text.splitlines() if line.startswith("::")]
    assert command.endswith(" cannot be released again.")
