"""Running the shell steps of rendered workflows as GitHub does."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from .conftest import BIN

WORKFLOWS = Path(".github", "workflows")

Contexts = Mapping[str, str]
"""What GitHub's expressions stand for, such as matrix.package."""


@dataclass(frozen=True)
class Ran:
    """A step that ran: its exit code, all that it printed, its outputs and its summary."""

    code: int
    text: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """What runs the workflows of a repository that is checked out, with a temporary folder."""

    def __init__(self, repository: Path, temporary: Path):
        self.repository = repository
        self.temporary = temporary
        temporary.mkdir(parents=True, exist_ok=True)

    def step(
        self,
        file: str,
        job: str,
        name: str,
        contexts: Contexts | None = None,
        *,
        path: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run the step of that name; `path` goes before PATH, `env` is what the runner has.

        Raises KeyError for an expression that the contexts say nothing of.
        """
        workflow = yaml.safe_load((self.repository / WORKFLOWS / file).read_text())
        [step] = [one for one in workflow["jobs"][job]["steps"] if one.get("name") == name]
        assert "${{" not in step["run"], "an expression in a script is text that it runs"
        contexts = contexts or {}
        levels = (workflow, workflow["jobs"][job], step)
        variables = {key: value for one in levels for key, value in one.get("env", {}).items()}
        output, summary = self.temporary / "output", self.temporary / "summary"
        output.write_text("")
        summary.write_text("")
        (self.temporary / "script.sh").write_text(step["run"])
        result = subprocess.run(
            ["bash", "-e", self.temporary / "script.sh"],
            cwd=self.repository / evaluated(step.get("working-directory", "."), contexts),
            env={
                **os.environ,
                **(env or {}),
                **{key: evaluated(str(value), contexts) for key, value in variables.items()},
                "PATH": os.pathsep.join(filter(None, [path, str(BIN), os.environ["PATH"]])),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(self.temporary),
                "CI": "true",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return Ran(result.returncode, result.stdout, outputs, summary.read_text())


def evaluated(text: str, contexts: Contexts) -> str:
    """Return a text with the values of its expressions."""
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: _value(found[1], contexts), text)


def _value(expression: str, contexts: Contexts) -> str:
    """Return what an expression stands for: a name, or one that is compared with ''."""
    name, unequal, _ = expression.partition(" != ''")
    value = contexts[name]
    return str(value != "").lower() if unequal else value
