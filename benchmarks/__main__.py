"""Print the figures of README.md, each a ratio of two things measured in this run.

Each stands beside the target it has to meet; a missed one is for a person to judge.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

from tests.support.monorepo import init, release
from tests.support.standins.docker import Docker, start, unavailable_reason

from .adopting import adopt_ratio
from .checking import check_ratios
from .fleet import fleet_ratios
from .looking import start_ratio, status_ratios

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

TARGETS = {
    "first copier copy of a package / of a two-file template": 1.5,
    "new_pkg.main --help / import of the SDK": 0.05,
    "csa update of 50 packages / a loop of copier update": 0.1,
    "memory of csa update of 50 packages / 500 MB": 1.0,
    "csa update, time per package of 50 / of 10": 1.5,
    "csa update, time per package of 200 / of 10": 1.5,
    "csa status of 60 packages / a copier copy of each": 0.5,
    "csa status, time per package of 60 / of 10": 1.5,
    "csa adopt of a 600-line script / copier copy of a package": 3.5,
    "csa check of one package / without the SDK": 1.5,
    "csa check of 60 packages / without the SDK": 2.0,
    "csa --help, more than a Python that does nothing / 0.15 s": 1.0,
    "image after an edit of main.py / its first build": 0.2,
}
"""Each figure, and the ratio it has to stay below."""

TWO_FILE_TEMPLATE = {
    "copier.yml": "_subdirectory: template\nname:\n  type: str\n  default: new_pkg\n",
    "template/main.py.jinja": "print('{{ name }}')\n",
    "template/{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml }}",
}


def run(*command: str | Path, cwd: Path | None = None) -> None:
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, capture_output=True)


def seconds(*actions: Callable[[], object], rounds: int) -> list[float]:
    """Return each action's least time, the one that other work on the machine disturbed least.

    The actions take turns, so that all of them meet the same machine.
    """
    taken: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for times, action in zip(taken, actions, strict=True):
            start = time.perf_counter()
            action()
            times.append(time.perf_counter() - start)
    return [min(times) for times in taken]


def environment(folder: Path, *install: str) -> Path:
    """Make a Python environment with what `uv pip install` is told; return its commands' folder."""
    run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, folder)
    run(BIN / "uv", "pip", "install", "--quiet", "--python", folder, *install)
    return folder / "bin"


def clone_of(source: Path, folder: Path) -> Path:
    """A tagged repository of the files, packed as a server's: both templates are copied so."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".git", ".venv", ".*cache"))
    init(folder)
    run("git", "tag", "v1.0.0", cwd=folder)
    run("git", "gc", "--quiet", cwd=folder)
    return folder


def copy(template: Path, parent: Path, commands: Path = BIN) -> Path:
    """Copy as a user does, into a folder that is not there yet; `commands` has copier."""
    destination = Path(tempfile.mkdtemp(dir=parent)) / "new_pkg"
    run(commands / "copier", "copy", "--defaults", "--quiet", template, destination)
    return destination


def copy_ratio(template: Path, work: Path) -> float:
    """Copies of the whole package against copies of the smallest template that can be.

    Each is the first of a Copier that was just installed: Python has compiled nothing of it.
    """
    small = work / "small"
    for name, content in TWO_FILE_TEMPLATE.items():
        (small / name).parent.mkdir(parents=True, exist_ok=True)
        (small / name).write_text(content)
    small = clone_of(small, work / "small-template")
    first = environment(work / "first", f"copier=={version('copier')}")
    with patch.dict(os.environ, PYTHONDONTWRITEBYTECODE="1"):
        whole, floor = seconds(
            lambda: copy(template, work, first),
            lambda: copy(small, work, first),
            rounds=7,
        )
    return whole / floor


def help_ratio(package: Path, work: Path) -> float:
    """What --help costs against the import that it avoids."""
    commands = environment(
        work / "environment", "--compile-bytecode", "--editable", f"{package}[test]"
    )
    python = commands / "python"
    helped, imported = seconds(
        lambda: run(python, "-m", "new_pkg.main", "--help", cwd=package.parent),
        lambda: run(python, "-c", "import pyatlan.pkg.utils", cwd=package.parent),
        rounds=5,
    )
    return helped / imported


def image_ratio(package: Path, docker: Docker) -> float:
    """A rebuild after an edit against the first build on a base that is there."""
    docker.ensure_base(package)
    # Another line in requirements.txt than any build before: its layers are not there yet.
    with (package / "requirements.txt").open("a") as requirements:
        requirements.write(f"# {time.time_ns()}\n")
    [first] = seconds(lambda: docker.build(package, "localhost/bench"), rounds=1)

    def rebuild() -> None:
        with (package / "main.py").open("a") as main:
            main.write("# edited\n")
        docker.build(package, "localhost/bench")

    [again] = seconds(rebuild, rounds=3)
    return again / first


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        template = clone_of(ROOT, work / "csa-template")
        package = copy(template, work)
        ratios = [copy_ratio(template, work), help_ratio(package, work)]
        release(template, "v1.1.0")
        ratios += fleet_ratios(template, work, BIN)
        ratios += status_ratios(template, work, BIN, seconds, lambda: copy(template, work))
        ratios.append(adopt_ratio(template, work, lambda: copy(template, work)))
        ratios += check_ratios(template, work, BIN, seconds)
        ratios.append(start_ratio(BIN, seconds))
        if reason := unavailable_reason():
            print(f"No figure of the image: {reason}", file=sys.stderr)
        else:
            with start(ROOT / ".cache" / "docker") as docker:
                ratios.append(image_ratio(package, docker))
    for (name, target), ratio in zip(TARGETS.items(), ratios, strict=False):
        print(f"{name}: {ratio:.3f} (at most {target})")


if __name__ == "__main__":
    main()
