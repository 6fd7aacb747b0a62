"""Draw the pictures of README.md: python -m docs.pictures writes them beside this file."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
import termios
from contextlib import suppress
from pathlib import Path

from copier import run_copy
from rich.console import Console
from rich.text import Text

from tests.support.legacy_runs import copy_case
from tests.support.monorepo import git, init, release
from tests.support.terminal import Terminal

HERE = Path(__file__).resolve().parent
COPIER = Path(sys.executable).with_name("copier")
CSA = Path(sys.executable).with_name("csa")
PACKAGES = (
    "asset_change_notification",
    "designation_based_group_provisioning",
    "glossary_export",
    "tag_propagation",
)
ADOPTED = "notify-owners"
COMMAND = ("copy", "gh:atlanhq/csa-template", "scripts/new_pkg")
QUESTIONS = (
    *("What to render", "Name of the package", "What should main.py", "What the script does"),
    *(
        "Release of pyatlan",
        "Python version",
        "HTTP services",
        "Registry and owner",
        "Image to build",
    ),
)
"""What shows that Copier asks the next one."""


def screen_of_copy(template: Path) -> str:
    """Run the README's command in an empty folder; return what its user sees, with colours.

    `template` is a git repository: git takes it for the one on GitHub. Each question is answered with
    its default.
    """
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{template}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/atlanhq/csa-template.git",
    }
    with (
        tempfile.TemporaryDirectory() as cache,  # else that address would stay another repository's
        tempfile.TemporaryDirectory() as folder,
        Terminal(
            COPIER, *COMMAND, cwd=Path(folder), env={**settings, "COPIER_CACHE_DIR": cache}
        ) as terminal,
    ):
        for question in QUESTIONS:
            terminal.wait_for(question)
            terminal.press("\r")
        shown = terminal.end()
    # Without the line that names the release, which the picture outlives, and the list of files.
    first, last = (
        [number for number, line in enumerate(shown) if line.plain.startswith(start)][-1]
        for start in ("Copying from", "    create")
    )
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80)
    with console.capture() as captured:
        for line in [*shown[:first], Text("    create  ..."), *shown[last + 1 :]]:
            console.print(line)
    return f"$ uvx copier {' '.join(COMMAND)}\n{captured.get()}".strip()


def screen_of_update(template: Path) -> str:
    """Return what `csa status` and `csa update` show of four packages, one release behind."""
    with tempfile.TemporaryDirectory() as folder:
        newer, root = Path(folder) / "csa-template", Path(folder) / "monorepo"
        git(template, "clone", "--quiet", ".", str(newer))
        git(newer, "tag", "--delete", *git(newer, "tag").split())
        git(newer, "tag", "v1.0.0")
        release(newer, "v1.1.0")
        for name in PACKAGES:
            run_copy(
                str(newer), root / "scripts" / name, defaults=True, quiet=True, vcs_ref="v1.0.0"
            )
        edited, conflicting, unfinished = (root / "scripts" / name for name in PACKAGES[:3])
        with (edited / "requirements.txt").open("a") as requirements:
            requirements.write("requests>=2.32,<3\n")
        dockerfile = conflicting / "Dockerfile"
        dockerfile.write_text(
            dockerfile.read_text().replace("--no-cache ", "--no-cache --no-deps ")
        )
        init(root)
        with (unfinished / "main.py").open("a") as main:
            main.write("# unfinished\n")
        shown = ""
        for command in ("csa status", "csa update"):
            shown += f"$ {command}\n"
            shown += (
                subprocess.run(
                    [CSA, command.split()[1]],
                    cwd=root,
                    env={**os.environ, "FORCE_COLOR": "1"},
                    check=False,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                ).stdout
                + "\n"
            )
    return "\n".join(line.rstrip() for line in shown.splitlines()).strip()


def screen_of_adoption(template: Path) -> str:
    """Return what `csa adopt` shows of a script of the corpus, and what of its main.py changed."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "monorepo"
        copy_case(ADOPTED, root / "scripts" / ADOPTED)
        (root / "mkdocs.yml").write_text(
            f"docs_dir: scripts\nnav:\n  - Owners: {ADOPTED}/index.md\n"
        )
        init(root)
        shown = subprocess.run(
            [CSA, "adopt", f"scripts/{ADOPTED}", "--template", template],
            cwd=root,
            env={**os.environ, "FORCE_COLOR": "1"},
            check=False,
            capture_output=True,
            text=True,
        ).stdout
        diff = git(root, "diff", "--color=always", "-U2", "-w", "-M", "HEAD", "--", "*main.py")
    changed = diff.splitlines()[diff.count("\n", 0, diff.index("@@")) :]
    return "\n".join(
        [f"$ csa adopt scripts/{ADOPTED}", *shown.splitlines(), "$ git diff -w HEAD", *changed]
    )


def screen_of_check(template: Path) -> str:
    """Return what `csa check` shows on a terminal of a package in which a review would find faults."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "monorepo"
        package = root / "scripts" / PACKAGES[0]
        run_copy(str(template), package, defaults=True, quiet=True, vcs_ref="HEAD")
        requirements = package / "requirements.txt"
        text = requirements.read_text().replace(
            "exporter-otlp-proto-grpc>=1.38.0,<1.39", "exporter-otlp-proto-grpc>=1.38.0,<2"
        )
        requirements.write_text(f"{text}requests\n")
        main = package / "main.py"
        main.write_text(main.read_text().replace("import os\n", "import os\n\nimport yaml\n", 1))
        init(root)
        shown = on_terminal([CSA, "check"], root)
    return "\n".join(["$ csa check", *(line.rstrip() for line in shown.splitlines())]).strip()


def on_terminal(command: list[str | Path], folder: Path, columns: int = 80) -> str:
    """Run a command in a folder on a terminal of some width; return what it shows there."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (50, columns))
    with subprocess.Popen(
        command, cwd=folder, stdin=its, stdout=its, stderr=its, env={**os.environ, "TERM": "xterm"}
    ):
        os.close(its)
        shown = b""
        with suppress(OSError):  # what Linux says at the end
            while part := os.read(ours, 10_000):
                shown += part
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def picture(screen: str, title: str) -> str:
    """Return a screen as SVG."""
    text = Text.from_ansi(screen)
    width = max(len(line) for line in text.plain.splitlines()) + 2
    console = Console(record=True, file=io.StringIO(), width=width)
    console.print(text)
    svg = console.export_svg(title=title, unique_id="picture")
    # Rich names fonts on the web, which no image in a README may load.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    (HERE / "copy.svg").write_text(picture(screen_of_copy(HERE.parent), "A new package"))
    (HERE / "update.svg").write_text(picture(screen_of_update(HERE.parent), "A newer template"))
    (HERE / "adopt.svg").write_text(picture(screen_of_adoption(HERE.parent), "A legacy script"))
    (HERE / "check.svg").write_text(picture(screen_of_check(HERE.parent), "Before a review"))
