"""The page of a legacy script, and what it says that it does."""

from __future__ import annotations

import ast
import re

from ..source.arguments import Argument, Arguments, arguments_of
from ..source.syntax import nodes_of, parse
from .tests import has_sdk


def index(package: str, description: str, source: str) -> str:
    """Return index.md of a script that was taken in. Raises NotPython."""
    tree = parse(source)
    arguments = arguments_of(tree)
    rows = arguments.arguments
    run = f"python -m {package}.main"
    image = package.replace("_", "-")
    told = [_table(rows)] if rows else []
    if not rows and not arguments.subcommands and arguments.complete:
        argv = re.search(r"\bsys\.argv\b|\bfrom sys import\b.*\bargv\b", source)
        reads = "`main.py` reads its arguments from `sys.argv`: see there."
        told.append(reads if argv else "It takes no arguments.")
    if arguments.subcommands:
        names = ", ".join(f"`{name}`" for name in arguments.subcommands)
        first = arguments.subcommands[0]
        told.append(f"Subcommands: {names}. `{run} {first} --help` tells what `{first}` takes.")
    if not arguments.complete:
        told.append(f"`{run} --help` lists them all.")
    sdk = has_sdk(tree)
    tenant = (
        "\n\nTests that need a tenant are skipped until `.env` names one\n"
        "(`cp .env.example .env`, then fill it in)."
    )
    environment = "set -a; . ./.env; set +a\n" if sdk else ""
    return f"""\
# {package.replace("_", " ").capitalize()}

{description}

## Arguments

{(chr(10) * 2).join(told)}

## Run it

In this folder:

```shell
pip install -e ".[test]"
pytest -rs
```

A skipped test says why.{tenant if sdk else ""}

```shell
{environment}{" ".join([run, *_command(arguments)])}
```

Argo runs the same module in the package's image. Build that image and run it:

```shell
docker build -t {image} .
docker run --rm {image} {run} --help
```
"""


def _table(rows: list[Argument]) -> str:
    lines = ["| Argument | Required | Meaning |", "| --- | --- | --- |"]
    for argument in rows:
        flags = ", ".join(f"`{flag}`" for flag in argument.flags)
        needed = "yes" if argument.required else "no"
        cells = " | ".join([flags, needed, _meaning(argument)])
        lines.append(f"| {cells} |".replace("  ", " "))
    return "\n".join(lines)


def _meaning(argument: Argument) -> str:
    """Return an argument's help and choices, as a cell of a Markdown table."""
    text = re.sub(r"([|<])", r"\\\1", argument.help or "")
    one_of = ", ".join(f"`{choice}`" for choice in argument.choices).replace("|", "\\|")
    if not one_of:
        return text
    end = "" if not text or text.endswith((".", "!", "?")) else "."
    return f"{text}{end} One of {one_of}.".strip()


def _command(arguments: Arguments) -> list[str]:
    """Return the words of a command that the parser requires, with placeholders."""
    words = []
    for argument in arguments.required:
        value = '"$ATLAN_USER_ID"' if argument.dest == "user_id" else argument.placeholder
        words.append(f"{argument.flag or ''} {value}".strip())
    return [*words, *(["SUBCOMMAND"] if arguments.subcommands else [])]


# --- The answer `description` ---


OF_THE_FILE = re.compile(
    r"[@:#\s]*("
    r"(authors?|blog|contact|created|credits?|date|e-?mail|file( ?name)?|git(hub|lab)"
    r"|inputs?|last[ _](changed|modified|updated)|license|maintainers?|modified|module|outputs?"
    r"|owners?|parameters?|requires?|requirements?|script( ?name)?|since|syntax|updated|usage"
    r"|version|website|written)(\s*:|\s+(on|by|at)\b|\s+v?[\d(]|\s*$)"
    r"|copyright\b|\(c\)|\N{COPYRIGHT SIGN}|spdx-|-\*-|\$\w+|[\w./-]+\.py\s*$|\S+@\S+\s*$"
    r"|examples?\s*:\s*$|https?://\S+\s*$)"
    r"|[@#]\S|\W*$",
    re.IGNORECASE,
)
"""What lines of a docstring begin with that tell of the file, or only part others."""

LEGAL = re.compile(
    r"all rights reserved|\blicen[cs]ed\b|released under|the license|warrant", re.IGNORECASE
)
"""What paragraphs have in them that are no description."""

LABEL = re.compile(r"(description|purpose|summary|synopsis|title)\s*:\s*", re.IGNORECASE)
"""What stands before what a script does."""


def description(source: str) -> str | None:
    """Return what a script says it does, if it is a valid answer to that question."""
    tree = parse(source)
    paragraph = _first_of_the_script(ast.get_docstring(tree) or "")
    texts = [paragraph] if paragraph else []
    for node in nodes_of(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Parser"):
            texts += [
                keyword.value.value
                for keyword in node.keywords
                if keyword.arg == "description"
                and isinstance(keyword.value, ast.Constant)
                and isinstance(keyword.value.value, str)
            ]
    return next((found for text in texts if (found := _valid_line(text))), None)


def _first_of_the_script(docstring: str) -> str:
    """Return the first paragraph of a docstring that tells what the script does, "" if none does."""
    for paragraph in re.split(r"\n\s*\n", docstring):
        told: list[str] = []
        for number, line in enumerate(paragraph.splitlines()):
            label = LABEL.match(line.strip())
            text = line.strip()[label.end() if label else 0 :]
            if LEGAL.search(text[:60]):  # a long line begins with something else
                told = told if number > 1 else []
                break
            is_of_file = OF_THE_FILE.match(text[:200])
            # Below Usage: stands an example, and a row of = ends a title.
            if is_of_file and (text.endswith(":") or (told and not re.search(r"\w", text))):
                break
            told += [] if is_of_file else [text]
        if told:
            return "\n".join(told)
    return ""


def _valid_line(text: str) -> str | None:
    """Return a text of one line, or its first sentence, or its first line, if valid."""
    lines = [line.strip() for line in text.strip().splitlines()] or [""]
    joined = " ".join(lines)
    sentence = re.match(r".+?[.!?](?=\s+[A-Z]|\s*$)", joined)
    candidates = [joined] if len(lines) == 1 else []
    candidates += [sentence[0]] if sentence else [lines[0]]
    return next(filter(_is_valid, candidates), None)


def _is_valid(text: str) -> bool:
    """Tell whether copier.yml takes it for a description; one without a letter says nothing."""
    return (
        1 <= len(text) <= 200
        and text == text.strip()
        and text.isprintable()
        and not any(part in text for part in ('"', "\\", "$", "%("))
        and any(map(str.isalpha, text))
    )
