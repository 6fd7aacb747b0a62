"""A fleet's processes clone a template once, with what Copier lets nobody say in public."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path

import copier._main
import copier._template
import csa.template

from tests.support.commands import run
from tests.support.package import NEXT

RENDER = """
import json, sys, tempfile
from pathlib import Path
from csa.template import open_source, render, share_clones

template, version, work, shared = sys.argv[1:]
if shared:
    share_clones(Path(work))
source = open_source(template, version, Path(work))
for name in ("one", "two"):
    rendering = render(source, source.target, {"package_name": name}, name)
    files = {path: [file.mode, file.content.hex()] for path, file in rendering.files.items()}
    seeded = sorted(path for path in files if rendering.is_seeded(Path(path)))
    print(json.dumps([files, seeded]))
print(len(list(Path(work).glob("clone-*"))))
"""


def test_copier_still_has_what_is_replaced() -> None:
    """If not, csa goes on, slowly: look for what took its place."""
    assert list(inspect.signature(vars(copier._template)["clone"]).parameters) == [
        "url",
        "ref",
        "location",
    ]
    after = getattr(copier._main.Worker, csa.template._AFTER_EACH_FILE)
    assert list(inspect.signature(after).parameters) == ["self", "dst_relpath", "src_mode"]


def test_renderings_from_a_shared_clone_are_those_of_copier(releases: Path, tmp_path: Path) -> None:
    said = []
    for shared in ("", "yes"):
        work = tmp_path / (shared or "no")
        work.mkdir()
        shown = run(sys.executable, "-c", RENDER, releases, NEXT, work, shared).stdout
        *renderings, clones = shown.splitlines()
        assert clones == ("1" if shared else "0")
        said.append(renderings)
    assert said[0] == said[1]
    assert "main.py" in json.loads(said[0][0])[0]
