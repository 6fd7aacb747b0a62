"""Adopt scripts that others wrote, and tell what became of each: python -m benchmarks.public FOLDER

FOLDER has a folder for each script, with its main.py and what belongs to it, and in .repository what
its repository has at the top. Each is adopted in a monorepo of its own by a real `csa adopt`; then come
`csa check`, the generated tests, and runs of the script as it was and as it is. Strangers' code runs in
a sandbox without a network.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.commands import BIN, CSA, IMPORTED, forks
from tests.support.forks import Forks
from tests.support.monorepo import git, init
from tests.support.package import NEWEST

from .__main__ import ROOT, clone_of, environment
from .behaviour import differences, fakes, sandboxed

Facts = dict[str, Any]

AROUND = ".repository"

CLASSES = ("complete", "action needed", "left", "refused")
"""What becomes of a script, the best first.

complete: `csa adopt` ends with 0. action needed: main(args) is there, and manual steps are left.
left: main.py stays as it was. refused: `csa adopt` ends with an error.
"""


# --- What becomes of one script ------------------------------------------------------------------


def adopt(script: Path, template: Path, python: Path, work: Path) -> Facts:
    """Adopt one script; return what became of it. `work` is a folder that processes can share."""
    place = work / str(os.getpid())
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        root = Path(folder) / "mono"
        shutil.copytree(script, root / "scripts" / script.name)
        if (around := root / "scripts" / script.name / AROUND).exists():
            shutil.copytree(around, root, dirs_exist_ok=True)
            shutil.rmtree(around)
        init(root)
        shown = csa("adopt", f"scripts/{script.name}", "--template", template, "--json", cwd=root)
        if not shown.stdout:
            return {"class": "refused", "reasons": [shown.stderr.strip().splitlines()[-1]]}
        [adoption] = json.loads(shown.stdout)["packages"]
        done = "action needed" if shown.returncode else "complete"
        package = root / adoption["package"]
        facts = {
            "class": "left" if adoption["main"] == "left" else done,
            "reasons": [step["text"] for step in adoption["manual_steps"]],
            "places": [f"{step['path']}:{step['line']}" for step in adoption["manual_steps"]],
            "notes": adoption["notes"],
            "check": csa("check", package, cwd=root).stdout.splitlines()[:-1],
            "tests": run_tests(package, python, place),
        }
        if adoption["main"] == "refactored":
            facts["runs"], found = differences(script, package, python, place)
            # Where lines were fitted to the SDK, they are to call it otherwise.
            facts["sdk_differences" if adoption["sdk_changes"] else "differences"] = found
        return facts


def csa(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run csa offline, with the releases of the SDK that it fetched once."""
    env = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "UV_OFFLINE": "1",
    }
    command = [str(part) for part in (CSA, *arguments)]
    return forks(Path(sys.executable), *IMPORTED).run(command, cwd, env)


@cache
def testing(python: Path, place: Path) -> Forks:
    """Return a Python that has imported what tests need, in a sandbox."""
    return Forks(
        python, *TESTING, "pyatlan.client.atlan", before=sandboxed(place, place), place=place
    )


TESTING = ("pytest", "vcr")


def run_tests(package: Path, python: Path, place: Path) -> str:
    """Tell whether a package's generated tests pass, with fakes if a module is not installed."""
    command = [
        "-m",
        "pytest",
        "-q",
        *("-p", "no:cacheprovider", "-p", "no:sugar"),
        "tests/test_main.py",
    ]
    env = {**os.environ, "CI": "true", "HOME": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
    shown = testing(python, place).run(command, package, env, 120)
    how = ""
    if any(
        not any((package / f"{name}{end}").exists() for end in ("", ".py"))
        for name in re.findall(r"No module named '(\w+)", shown.stdout)
    ):
        how = " with fakes"
        env |= {"STANDINS_ONLY_FOR": str(package), "CALL_LOG": os.devnull}
        shown = fakes(python, place, *TESTING).run(command, package, env, 120)
    if shown.returncode == 0:
        return f"passed{how}"
    said = re.search(r"^(?:E +|ERROR |FAILED )(.*)", shown.stdout, re.MULTILINE)
    return f"failed{how}: {said[1] if said else shown.stdout[-200:]}"


def test_environment(folder: Path) -> Path:
    """Make an environment with the SDK and what packages' tests need; return its Python."""
    wanted = (ROOT / "template" / "package" / "requirements-test.txt.jinja").read_text()
    plain = [line for line in wanted.splitlines() if line[:1].isalpha() and "{" not in line]
    return environment(folder, f"pyatlan=={NEWEST}", *plain) / "python"


# --- What becomes of all -------------------------------------------------------------------------


def is_done(facts: Facts) -> bool:
    """Whether a package is complete and holds what that promises."""
    return facts["class"] == "complete" and not (
        facts["check"] or facts["tests"].startswith("failed") or facts.get("differences")
    )


def differs(how: str) -> Callable[[Facts], bool]:
    return lambda facts: any(one["how"] == how for one in facts.get("differences", ()))


def tests_are(result: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.get("tests", "").split(":")[0] == result


FIGURES: dict[str, Callable[[Facts], bool]] = {
    **{name: lambda facts, name=name: facts["class"] == name for name in CLASSES},  # type: ignore[misc]
    "main.py is done": lambda facts: (
        facts["class"] in ("complete", "action needed")
        and not any("CSA401" in line for line in facts["check"])
    ),
    "complete, with a clean check, no failing test, and runs as before": is_done,
    "complete, but csa check finds something": lambda facts: (
        facts["class"] == "complete" and bool(facts["check"])
    ),
    "complete, but runs otherwise": lambda facts: (
        facts["class"] == "complete" and bool(facts.get("differences"))
    ),
    **{f"tests {how}": tests_are(how) for how in
       ("passed", "passed with fakes", "failed", "failed with fakes")},
    "runs otherwise in its folder": differs("folder"),
    "runs otherwise as in the image": differs("image"),
}  # fmt: skip


def report(scripts: dict[str, Facts]) -> Iterator[str]:
    """Yield the figures, and the tables of reasons with three examples each."""
    runs = sum(facts.get("runs", 0) for facts in scripts.values())
    yield f"{len(scripts)} scripts, {runs} pairs of runs"
    for title, test in FIGURES.items():
        count = sum(map(test, scripts.values()))
        yield f"{count:4} {count / len(scripts):5.0%}  {title}"
    for name in CLASSES[1:]:
        reasons = {
            script: map(kind, facts["reasons"])
            for script, facts in scripts.items()
            if facts["class"] == name
        }
        yield from table(f"Reasons where {name}", reasons)
    rules = {
        script: re.findall(r"\bCSA\d+", " ".join(facts.get("check", ())))
        for script, facts in scripts.items()
    }
    yield from table("Rules of csa check that are broken", rules)


def table(title: str, found: dict[str, Any]) -> Iterator[str]:
    """Yield what was found in scripts, the most frequent first."""
    scripts = defaultdict(list)
    for script, texts in found.items():
        for text in dict.fromkeys(texts):
            scripts[text].append(script)
    yield f"\n{title}"
    for text, names in sorted(scripts.items(), key=lambda pair: -len(pair[1])):
        yield f"{len(names):4}  {text[:150]}\n      {', '.join(names[:3])}"


def kind(reason: str) -> str:
    """Return a reason as csa's source has it: with … for what differs from script to script."""
    return _kind(reason) or " ".join(re.sub(r"\S+[._(]\S+", "…", reason).split()[:4])


def _kind(reason: str) -> str | None:
    for pattern, text in messages():
        if match := pattern.fullmatch(reason):
            inner = text.endswith("…") and _kind(match.groups()[-1])
            return f"{text[:-1]}{inner}" if inner else text
    return None


@cache
def messages() -> list[tuple[re.Pattern[str], str]]:
    """Return the texts in csa's source, the longest first, each with a pattern."""
    texts = set()
    for path in (ROOT / "extensions" / "csa").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                texts.add("".join(str(value.value) if isinstance(value, ast.Constant) else "…"
                                  for value in node.values))  # fmt: skip
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(re.sub(r"\{\w*\}", "…", node.value))
    return [
        (re.compile(re.escape(text).replace("…", "(.*)"), re.DOTALL), text)
        for text in sorted(texts, key=lambda text: (-len(text), text))
        if len(re.findall(r"[a-z]", text)) >= 10
    ]


def compare(before: dict[str, Facts], after: dict[str, Facts]) -> Iterator[str]:
    """Yield each script that became better or worse since."""
    for name in sorted({*before} & {*after}):
        old, new = (
            (not is_done(facts), CLASSES.index(facts["class"]), len(facts["reasons"]))
            for facts in (before[name], after[name])
        )
        if old != new:
            word = "better" if new < old else "worse"
            yield f"{word}: {name}: {summary(before[name])} -> {summary(after[name])}"


def summary(facts: Facts) -> str:
    return "done" if is_done(facts) else f"{facts['class']} ({len(facts['reasons'])} reasons)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="write what became of each script to this file")
    parser.add_argument("--against", type=Path, help="such a file of before, to compare with")
    parser.add_argument("--python", type=Path, help="of an environment with pyatlan and pytest")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="scripts whose names match this expression")
    args = parser.parse_args()

    folders = sorted(one for one in args.folder.iterdir() if re.search(args.only, one.name))
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(args.jobs) as pool:
        work = Path(folder).resolve()
        template = clone_of(ROOT, work / "csa-template")
        python = args.python or test_environment(work / "environment")
        waiting = {pool.submit(adopt, one, template, python, work): one.name for one in folders}
        scripts = {}
        for future in as_completed(waiting):
            name = waiting[future]
            try:
                scripts[name] = future.result()
            except Exception as error:  # noqa: BLE001  # the others are still to be measured
                scripts[name] = {"class": "refused", "reasons": [f"not measured: {error!r}"]}
            print(
                f"{len(scripts)}/{len(folders)} {name}: {summary(scripts[name])}", file=sys.stderr
            )
    scripts = dict(sorted(scripts.items()))
    if args.json:
        revision = git(ROOT, "describe", "--always", "--dirty").strip()
        args.json.write_text(
            json.dumps({"revision": revision, "scripts": scripts}, indent=1) + "\n"
        )
    print("\n".join(report(scripts)))
    if args.against:
        before = json.loads(args.against.read_text())["scripts"]
        print("\n".join(["\nCompared with before", *compare(before, scripts)]))


if __name__ == "__main__":
    main()
