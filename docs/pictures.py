"""Draw the pictures of README.md: python -m docs.pictures writes them beside this file."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from itertools import dropwhile
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
COPIER = Path(sys.executable).with_name("copier")
COMMAND = ("copy", "--defaults", "gh:atlanhq/csa-template", "scripts/new_pkg")


def screen_of_copy(template: Path) -> str:
    """Run the README's command in an empty folder; return what its user sees, with colours.

    `template` is a git repository: git takes it for the one on GitHub.
    """
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{template}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/atlanhq/csa-template.git",
    }
    with tempfile.TemporaryDirectory() as folder:
        shown = subprocess.run(
            [COPIER, *COMMAND],
            cwd=folder,
            env={**os.environ, **settings},
            check=True,
            capture_output=True,
            text=True,
        ).stderr
    command = " ".join(word for word in COMMAND if word != "--defaults")
    # Without the first lines: they name the release, which the picture outlives.
    lines = list(dropwhile(lambda line: "create" not in line, shown.splitlines()))
    return "\n".join([f"$ uvx copier {command}", *lines]).strip()


def picture(screen: str) -> str:
    """Return a screen as SVG."""
    text = Text.from_ansi(screen)
    width = max(len(line) for line in text.plain.splitlines()) + 2
    console = Console(record=True, file=io.StringIO(), width=width)
    console.print(text)
    svg = console.export_svg(title="A new package", unique_id="copy")
    # Rich names fonts on the web, which no image in a README may load.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    (HERE / "copy.svg").write_text(picture(screen_of_copy(HERE.parent)))
