"""Running the shell steps of rendered workflows as GitHub does."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

from tests.support.commands import BIN, ROOT, missing_here, run

WORKFLOWS = Path(".github", "workflows")

ACTIONS = Path(".github", "actions")

SHELLS = {None: ("bash", "-e"), "bash": ("bash", "-eo", "pipefail")}
"""How a runner starts the shell that a step names."""

RUN = {
    "CI": "true",
    "GITHUB_REF": "refs/pull/7/merge",
    "GITHUB_REPOSITORY": "team/scripts",
    "GITHUB_RUN_NUMBER": "1",
    "GITHUB_SHA": "0" * 40,
}
"""What a step finds in its environment."""

CONTEXTS = ("env", "github", "inputs", "matrix", "needs", "runner", "secrets", "steps")

EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")

PACKAGES = ("asset_lookup", "tag_report")
"""The packages of the monorepo that the tests have."""

NO_TENANT = {"secrets.ATLAN_BASE_URL": "", "secrets.ATLAN_API_KEY": ""}
"""What a run knows where no tenant is set up."""

Contexts = Mapping[str, str]
"""What GitHub knows when a step runs, by dotted names such as matrix.package."""


@dataclass(frozen=True)
class Ran:
    """A step that ran: its exit code, all that it printed, its outputs and its summary.

    `job_outputs` are those of its job that come from this step.
    """

    code: int
    text: str
    outputs: dict[str, str]
    job_outputs: dict[str, str]
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

        What the contexts do not have is empty, as it is for GitHub.
        """
        workflow = yaml.safe_load((self.repository / WORKFLOWS / file).read_text())
        levels = [workflow, workflow["jobs"][job]]
        return self._run(levels, levels[1]["steps"], name, contexts or {}, path, env or {})

    def action(
        self,
        action: str,
        name: str,
        contexts: Contexts | None = None,
        *,
        path: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run the step of that name of a local action, whose outputs are then `job_outputs`."""
        folder = self.repository / ACTIONS / action
        content = yaml.safe_load((folder / "action.yml").read_text())
        outputs = {key: one["value"] for key, one in content.get("outputs", {}).items()}
        env = {"GITHUB_ACTION_PATH": str(folder), **(env or {})}
        steps = content["runs"]["steps"]
        return self._run([{"outputs": outputs}], steps, name, contexts or {}, path, env)

    def _run(
        self,
        levels: list[dict[str, Any]],
        steps: list[dict[str, Any]],
        name: str,
        contexts: Contexts,
        path: str,
        env: Mapping[str, str],
    ) -> Ran:
        """Run a step; `levels` is what it stands in, from the outside in: a workflow, its job."""
        [step] = [one for one in steps if one.get("name") == name]
        assert "${{" not in step["run"], "an expression in a script is text that it runs"
        variables = {
            key: str(text) for one in (*levels, step) for key, text in one.get("env", {}).items()
        }
        folder, *values = evaluated(
            [step.get("working-directory", "."), *variables.values()], contexts
        )
        output, summary = self.temporary / "output", self.temporary / "summary"
        output.write_text("")
        summary.write_text("")
        (self.temporary / "script.sh").write_text(step["run"])
        result = subprocess.run(
            [*SHELLS[step.get("shell")], self.temporary / "script.sh"],
            cwd=self.repository / folder,
            env={
                **os.environ,
                **RUN,
                **env,
                **dict(zip(variables, values, strict=True)),
                "PATH": os.pathsep.join(filter(None, [path, str(BIN), os.environ["PATH"]])),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(self.temporary),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        outputs = read_outputs(output.read_text())
        prefix = f"steps.{step.get('id')}.outputs."
        of_job = {
            key: text
            for key, text in levels[-1].get("outputs", {}).items()
            if outputs and prefix in text
        }
        contexts = {f"{prefix}{key}": value for key, value in outputs.items()}
        job_outputs = dict(zip(of_job, evaluated(of_job.values(), contexts), strict=True))
        return Ran(result.returncode, result.stdout, outputs, job_outputs, summary.read_text())


def read_outputs(text: str) -> dict[str, str]:
    """Return the outputs in a file as the runner reads them: NAME=VALUE, or NAME<<END and lines."""
    outputs = {}
    lines = iter(re.split(r"\r\n|\r|\n", text))
    for line in lines:
        if not line:
            continue
        name, sign, value = re.split(r"(=|<<)", line, maxsplit=1)
        outputs[name] = value if sign == "=" else "\n".join(iter(partial(next, lines), value))
    return outputs


def errors_in(workflow: str) -> list[str]:
    """Return what GitHub's parser finds wrong with a workflow."""
    errors: list[str] = _ask({"workflow": workflow})
    return errors


def evaluated(texts: Iterable[str], contexts: Contexts) -> list[str]:
    """Return texts with the values of their expressions, which GitHub's own engine works out."""
    texts = list(texts)
    expressions = list({found[1]: None for text in texts for found in EXPRESSION.finditer(text)})
    if not expressions:
        return texts
    known: dict[str, Any] = {name: {} for name in CONTEXTS}
    for name, value in contexts.items():
        *parents, last = name.split(".")
        place = known
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    values = _ask({"expressions": expressions, "contexts": known})
    by_expression = dict(zip(expressions, values, strict=True))
    return [EXPRESSION.sub(lambda found: by_expression[found[1]], text) for text in texts]


def jobs_that_run(
    workflow: str,
    needs: Mapping[str, tuple[str, Mapping[str, str]]],
    branch: str,
    cancelled: bool,
    event: str,
) -> dict[str, Any]:
    """Return the jobs that GitHub starts, each with what its matrix is over, None without one.

    `needs` has each job's result and outputs, by name; `branch` is where it runs, in a repository
    whose default branch is `main`, and `event` what started it.
    """
    known = {name: {"result": result, "outputs": outs} for name, (result, outs) in needs.items()}
    github = {
        "event_name": event,
        "ref_name": branch,
        "event": {"repository": {"default_branch": "main"}},
    }
    contexts = {"github": github, "needs": known}
    answer = _ask({"workflow": workflow, "contexts": contexts, "cancelled": cancelled})
    return {job: json.loads(matrix) if matrix else None for job, matrix in answer.items()}


def _ask(question: dict[str, Any]) -> Any:
    answer = subprocess.run(
        ["node", _engine()], input=json.dumps(question), check=True, capture_output=True, text=True
    )
    return json.loads(answer.stdout)


@cache
def _engine() -> Path:
    """Return a program with GitHub's packages in it, which node cannot import as they are."""
    if not shutil.which("npm"):
        missing_here("GitHub's engine of expressions is an npm package, and there is no npm here.")
    folder = Path(tempfile.mkdtemp(prefix="github-engine-"))
    atexit.register(shutil.rmtree, folder)
    packages = ("@actions/expressions@0.3", "@actions/workflow-parser@0.3", "esbuild@0.28")
    run("npm", "install", "--silent", "--no-audit", "--no-fund", *packages, cwd=folder)
    program = folder / "engine.cjs"
    shutil.copy(ROOT / "tests" / "support" / "github_engine.mjs", folder / "source.mjs")
    options = ("--bundle", "--platform=node", "--format=cjs", f"--outfile={program}")
    run("npx", "esbuild", "--log-level=error", "source.mjs", *options, cwd=folder)
    return program


def jobs(monorepo: Path) -> dict[str, dict[str, Any]]:
    """Every workflow's jobs, by its file's name."""
    return {
        path.name: yaml.safe_load(path.read_text())["jobs"]
        for path in sorted((monorepo / WORKFLOWS).iterdir())
    }
