"""The measurement on scripts that others wrote notices what it is there for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from benchmarks.behaviour import differences, sandboxed
from benchmarks.public import compare, kind, report
from tests.support.commands import missing_here

OLD = dedent(
    """\
    import argparse
    import os
    import subprocess
    import time

    import acme
    from helper import shown

    if __name__ == "__main__":
        parser = argparse.ArgumentParser()
        parser.add_argument("--name", required=True)
        args = parser.parse_args()
        client = acme.Client(os.environ["ACME_TOKEN"])
        client.send(shown(args.name), open("data.csv").readline())
        subprocess.run(["deploy"])
        print(time.time(), args.name)
    """
)
HELPER = "def shown(name):\n    return name.title()\n"
READING = HELPER.replace("name.title()", "open(__file__ + '.txt').read()")
PACKAGED = OLD.replace("from helper", "from new_name.helper")

Find = Callable[..., list[tuple[str, str]]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the sandbox can write."""
    place = tmp_path_factory.mktemp("place")
    if subprocess.run([*sandboxed(place, place), "true"], check=False).returncode:
        missing_here("No sandbox can be made here: unshare fails.")
    return place


@pytest.fixture
def find(place: Path, tmp_path: Path) -> Find:
    """How and in what the script OLD and a package differ."""

    def find(main: str, helper: str = HELPER) -> list[tuple[str, str]]:
        old, new = tmp_path / "old", tmp_path / "new_name"
        for folder, source in ((old, OLD), (new, main)):
            folder.mkdir()
            (folder / "main.py").write_text(source)
            (folder / "helper.py").write_text(helper)
            (folder / "helper.py.txt").write_text("found\n")
        (new / "__init__.py").touch()
        (new / "Dockerfile").touch()
        (new / ".dockerignore").write_text("*\n!**/*.py\n")
        count, found = differences(old, new, Path(sys.executable), place)
        assert count == 2 * len([[], ["--help"], ["--name", "made-up"]])
        parts = ("stdout", "stderr", "code", "calls", "files")
        return sorted({(one["how"], part) for one in found for part in parts if part in one})

    return find


def test_what_runs_as_before_has_no_difference_whatever_time_it_is(find: Find) -> None:
    assert find(PACKAGED) == []


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("args.name)\n", "args.name, '!')\n", {"stdout"}),
        ("    subprocess.run", "    # subprocess.run", {"calls"}),
        ("import acme\n", "", {"calls", "code", "stderr", "stdout"}),
        ("shown(args.name)", "args.name", {"calls"}),
        ('"ACME_TOKEN"', '"TOKEN"', {"calls", "code", "stderr", "stdout"}),
        ('"--name", ', '"--name", "-n", ', {"stdout", "stderr"}),
        ("client.send", "open('new', 'w'); client.send", {"files"}),
    ],
)
def test_what_runs_otherwise_is_found(before: str, after: str, parts: set[str], find: Find) -> None:
    assert before in PACKAGED
    found = find(PACKAGED.replace(before, after))
    assert {part for how, part in found if how == "folder"} == parts
    assert {part for how, part in found if how == "image"} == parts


def test_a_module_that_the_image_does_not_find_is_found(find: Find) -> None:
    assert find(OLD) == [("image", "calls")]


def test_a_file_that_is_not_in_the_image_is_found(find: Find) -> None:
    assert ("image", "code") in find(PACKAGED, READING)


def test_reasons_are_counted_without_the_names_in_them() -> None:
    first, second = (f"main gets {name} under another name: rename it" for name in ("n", "total"))
    assert kind(first) == kind(second) == "main gets … under another name: rename it"
    facts = {"class": "left", "check": [], "tests": "passed"}
    lines = list(report({"a": {**facts, "reasons": [first]}, "b": {**facts, "reasons": [second]}}))
    assert "   2  main gets … under another name: rename it\n      a, b" in lines


def test_two_measurements_are_compared() -> None:
    left = {"class": "left", "reasons": ["one"], "check": [], "tests": "passed"}
    done = {**left, "class": "complete", "reasons": []}
    assert list(compare({"a": left, "b": done, "c": done}, {"a": done, "b": left, "c": done})) == [
        "better: a: left (1 reasons) -> done",
        "worse: b: done -> left (1 reasons)",
    ]
