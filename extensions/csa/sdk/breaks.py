"""What a script imports and calls of pyatlan that a release does not have.

Two runs of the type checker are compared: one with the release, one in which pyatlan has no content.
What both find is not of pyatlan. What cannot be told from types is left out: see docs/sdk.md.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.version import Version

from .changes import advice_on
from .definitions import Definitions, definitions_of
from .environments import PYTHON, NoSuchRelease, environment, newest_release
from .type_checker import Diagnostic, run_ty

OLDEST = "8.0.1"
"""The first release with a published base image."""

PACKAGES = ("pyatlan", "pyatlan_v9")
"""What the SDK's distribution has."""

_OF_SDK = re.compile(r"pyatlan(_v9)?(\.|$)")


@dataclass(frozen=True)
class Script:
    """A package's Python files by their path below it, the name that Python imports it by, and the
    version of Python that it runs on."""

    name: str
    files: Mapping[str, bytes]
    python: str


@dataclass(frozen=True, order=True)
class Break:
    """Where a script needs what a release of pyatlan does not have: path, line and column from 1,
    and a sentence."""

    path: str
    line: int
    column: int
    text: str

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it is, whatever is wrong there."""
        return self.path, self.line, self.column


def find_breaks(scripts: Sequence[Script], release: str) -> list[list[Break]]:
    """Return what breaks of each script on a release of pyatlan, by path and line.

    Raises NoSuchRelease for a release that the package index does not have, Unavailable when this
    cannot be told now.
    """
    scripts = [_safe(script) for script in scripts]
    found: dict[int, list[Break]] = {number: [] for number in range(len(scripts))}
    for group in _groups(scripts):
        files = {
            f"{scripts[number].name}/{path}": content
            for number in group
            for path, content in scripts[number].files.items()
        }
        owners = {scripts[number].name: number for number in group}
        for one in _breaks(files, scripts[group[0]].python, release):
            name, _, path = one.path.partition("/")
            found[owners[name]].append(Break(path, one.line, one.column, one.text))
    return [sorted(found[number]) for number in range(len(scripts))]


def newly_broken(scripts: Sequence[Script], old: str, new: str) -> list[list[Break]]:
    """Return what breaks of each script on a new release, and does not on the old one.

    An old release that does not exist has nothing. Raises what find_breaks raises of the new one.
    """
    after = find_breaks(scripts, new)
    before: list[list[Break]] = [[] for _ in scripts]
    if any(after):
        with suppress(NoSuchRelease):
            before = find_breaks(scripts, old)
    return [
        [one for one in broken if one.place not in {other.place for other in known}]
        for broken, known in zip(after, before, strict=True)
    ]


def newest_fitting(script: Script, newest: str) -> tuple[str, list[Break]]:
    """Return the newest release, up to `newest`, on which nothing of a script breaks.

    If there is none, that is `newest`, with what breaks on it. A thing that is gone is taken to stay
    gone: so not every release has to be tried. Raises what find_breaks raises.
    """
    [broken] = find_breaks([script], newest)
    gone = {one.place for one in broken}

    def fits(release: str) -> bool:
        [found] = find_breaks([script], release)
        return gone.isdisjoint(one.place for one in found)

    if not broken or not fits(OLDEST):
        return newest, broken
    best = _last(fits, OLDEST, newest)
    return (newest, broken) if any(find_breaks([script], best)[0]) else (best, [])


def _last(fits: Callable[[str], bool], low: str, high: str) -> str:
    """Return the last release for which something holds, if it holds for `low` and not for `high`."""
    first, last = _number(low), _number(high)
    while last - first > 1:
        middle = (first + last) // 2
        release = newest_release(f"{middle // 10**6}.{middle // 1000 % 1000}.{middle % 1000}")
        if release is None or _number(release) <= _number(low) or fits(release):
            low = max(low, release or low, key=Version)
            first = middle
        else:
            last = _number(release)
    return low


def _number(release: str) -> int:
    """Return a release as a number, in the order of releases."""
    major, minor, patch = Version(release).release[:3]
    return (major * 1000 + minor) * 1000 + patch


def _safe(script: Script) -> Script:
    """Return a script as it can be written and run: its name and Python are somebody's answers."""
    name = script.name if script.name.isidentifier() else "package"
    python = script.python if re.fullmatch(r"3\.\d{1,2}", script.python) else PYTHON
    return replace(script, name=name, python=python)


def _groups(scripts: Sequence[Script]) -> Iterator[list[int]]:
    """Yield the numbers of scripts that can be checked together; those without pyatlan are none."""
    groups: list[dict[str, int]] = []
    for number, script in enumerate(scripts):
        if any(b"pyatlan" in content for content in script.files.values()):
            for group in groups:
                other = scripts[next(iter(group.values()))]
                if script.name not in group and other.python == script.python:
                    group[script.name] = number
                    break
            else:
                groups.append({script.name: number})
    return (list(group.values()) for group in groups)


def _breaks(files: Mapping[str, bytes], python: str, release: str) -> Iterator[Break]:
    folder = environment(f"pyatlan=={release}")
    with TemporaryDirectory(prefix="csa-sdk-") as empty, ThreadPoolExecutor() as pool:
        for package in PACKAGES:
            (Path(empty) / package).mkdir()
            (Path(empty) / package / "__init__.py").write_text(
                "from typing import Any\ndef __getattr__(name: str) -> Any: ...\n"
            )
        runs = [
            pool.submit(run_ty, files, python, roots) for roots in ([folder], [Path(empty), folder])
        ]
        found, without = (run.result() for run in runs)
    anyway = {
        (one.path, one.line, one.column, one.rule)
        for one in without
        if not (one.rule == "import-not-found" and _OF_SDK.match(_quoted(one)[0]))
    }
    # Reading pyatlan_v9 takes as long as all else.
    has_v9 = any(b"pyatlan_v9" in content for content in files.values())
    packages = PACKAGES if has_v9 else PACKAGES[:1]
    for one in found:
        if (one.path, one.line, one.column, one.rule) not in anyway:
            definitions = definitions_of(folder, *packages)
            if said := _missing(one, definitions, files.get(one.path, b"")):
                name, what = said
                yield Break(one.path, one.line, one.column, _sentence(name, what, release))


def _sentence(name: str, what: str, release: str) -> str:
    return f"{what} in pyatlan {release}{advice_on(name, release)}"


def _quoted(diagnostic: Diagnostic) -> list[str]:
    """Return what stands between back quotes in a message."""
    return re.findall(r"`([^`]*)`", diagnostic.message)


def _missing(
    diagnostic: Diagnostic, definitions: Definitions, source: bytes
) -> tuple[str, str] | None:
    """Return the name of pyatlan that a diagnostic is about, and what is wrong with it.

    None if it is not about pyatlan, or may be none at all when the script runs.
    """
    quoted = _quoted(diagnostic)
    if diagnostic.rule == "import-not-found":
        name = quoted[0]
        return (name, f"there is no module {name}") if _OF_SDK.match(name) else None
    if diagnostic.message.startswith("Module "):
        name = f"{quoted[0]}.{quoted[1]}"
        return (name, f"{quoted[0]} has no {quoted[1]}") if _OF_SDK.match(name) else None
    if diagnostic.rule == "missing-attribute":
        return _missing_attribute(diagnostic, definitions)
    return _wrong_call(diagnostic, definitions, source)


def _missing_attribute(diagnostic: Diagnostic, definitions: Definitions) -> tuple[str, str] | None:
    if not diagnostic.message.startswith(("Class ", "Object of type ")):
        return None  # it is set, not read
    of, attribute = _quoted(diagnostic)
    owners = [name for name in re.findall(r"\w+", of) if name in definitions]
    if not owners or any(definitions.may_have(owner, attribute) for owner in owners):
        return None
    return f"{owners[0]}.{attribute}", f"{owners[0]} has no {attribute}"


def _wrong_call(
    diagnostic: Diagnostic, definitions: Definitions, source: bytes
) -> tuple[str, str] | None:
    quoted = _quoted(diagnostic)
    if re.search(r" (of|to) [a-z ]*`", diagnostic.message):
        name = quoted.pop().removesuffix(".__init__")
    else:  # the constructor of a dataclass or a model: models have aliases that ty does not know
        name = _constructed(diagnostic, definitions, source)
    if name.split(".")[0] not in definitions:
        return None
    words = " and ".join(quoted)
    if diagnostic.rule == "missing-argument":
        if "self" in quoted:
            return name, f"{name} is a method of an object"
        return name, f"{name} needs {words}"
    if diagnostic.rule == "unknown-argument":
        return name, f"{name} has no parameter {words}"
    most, given = re.findall(r"\d+", diagnostic.message)[-2:]
    return name, f"{name} takes at most {most} positional arguments, not {given},"


def _constructed(diagnostic: Diagnostic, definitions: Definitions, source: bytes) -> str:
    """Return the name of the dataclass that is made where a diagnostic is, "" if it is none."""
    for call in _calls(source):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        parts: Iterable[ast.expr | ast.keyword] = (call, *call.args, *call.keywords)
        places = {(part.lineno, part.col_offset + 1) for part in parts}
        if (diagnostic.line, diagnostic.column) in places and definitions.is_dataclass(name):
            return name
    return ""


@lru_cache(maxsize=1)  # a file's diagnostics follow each other
def _calls(source: bytes) -> list[ast.Call]:
    """Return the calls in a Python file, none where it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the script's own text
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
