"""Which words of an Argo template run the package's module, and which only mention it."""

from __future__ import annotations

import pytest
from csa.argo.conversion import use_image
from csa.errors import Failed

RUNS = "container: {args: [-m, scripts.tag_sync.main]}\n"
RAN = "container: {image: img:1, args: [-m, tag_sync.main]}\n"


@pytest.mark.parametrize("folder", ["tag_sync", "tag-sync", "Tag-sync", "tag__sync"])
def test_the_module_of_a_folder_in_any_case_becomes_the_package_s(folder: str) -> None:
    text = RUNS.replace("tag_sync", folder)
    assert use_image(text, "tag_sync", "img:1") == RAN


@pytest.mark.parametrize("module", ["tagsync", "tag_sync_2", "x.tag_sync", "tag/sync"])
def test_the_module_of_another_folder_is_not_taken_for_it(module: str) -> None:
    with pytest.raises(Failed, match="no container runs python -m scripts.tag_sync.main"):
        use_image(RUNS.replace("tag_sync", module), "tag_sync", "img:1")


MENTIONS = [
    "container: {command: [echo], args: [python -m scripts.tag_sync.main]}",
    "container: {command: [/bin/echo, -m, scripts.tag-sync.main]}",
    "container: {command: [notify, 'scripts.tag_sync.main has ended']}",
    "container: {command: [cat, scripts/tag_sync/main.py]}",
    "container: {command: [sh, -c, 'echo scripts.tag_sync.main; date']}",
    "container: {command: [bash, -c], args: ['date && echo \"runs python -m scripts.tag-sync.main\"']}",
    "container: {command: [sh, -c, 'if true; then printf \"-m scripts.tag_sync.main\"; fi']}",
    "script:\n  command: [sh]\n  source: |\n    # python -m scripts.tag_sync.main\n    echo \\\n      scripts.tag_sync.main\n",
    "container: {command: [sh, -c, 'python -m scripts.tag_sync.mainframe']}",
    "script: {source: 'from scripts.tag_sync import helper  # for main'}",
    "script: {source: 'from scripts.other import main'}",
    "metadata: {annotations: {of: python -m scripts.tag_sync.main}}",
    "env: [{name: TITLE, value: 'scripts.tag_sync.main, each night'}]",
]  # fmt: skip


@pytest.mark.parametrize("mention", MENTIONS)
def test_what_only_mentions_it_is_no_obstacle(mention: str) -> None:
    assert use_image(f"{RUNS}---\n{mention}", "tag_sync", "img:1") == f"{RAN}---\n{mention}"


@pytest.mark.parametrize(
    ("line", "other"),
    [
        (1, "container: {command: [sh, -c, 'python -m scripts.tag_sync.main']}"),
        (1, "container: {command: [sh, -c, 'echo; python -m scripts.tag-sync.main']}"),
        (1, "container: {command: [sh, -c, 'M=scripts.tag_sync.main; python -m $M']}"),
        (1, "container: {command: [sh, -c, 'echo python -m scripts.tag_sync.main | sh']}"),
        (1, "container: {command: [sh, -c, 'echo $(python -m scripts.tag_sync.main)']}"),
        (1, "container: {command: [sh, -c, 'echo `python -m scripts.tag_sync.main`']}"),
        (1, "container: {command: [sh, -c, 'echo python -m scripts.tag_sync.main > a; sh a']}"),
        (1, "container: {command: [sh, -c, 'python3 scripts/tag-sync/main.py']}"),
        (1, "container: {command: [tini, --, bash, -c, exec python -m scripts.tag_sync.main]}"),
        (3, "container:\n  command:\n  - sh -c 'python -m scripts.tag_sync.main'"),
        (5, "container:\n  command: [sh, -c]\n  args:\n    - |\n      python -m scripts.tag_sync.main"),
        (6, "script:\n  source: |\n    # comment\n    set -e\n    python \\\n      -m scripts.tag_sync.main"),
        (1, "script: {source: 'import scripts.tag_sync.main'}"),
        (1, "script: {source: \"#!/bin/env -S python -m scripts.tag_sync.main\"}"),
        (1, "container: {command: [python, scripts/tag_sync/main.py]}"),
        (1, "container: {command: [python, -mscripts.tag_sync.main]}"),
        (1, "container: {command: [python, -c, 'import scripts.tag_sync.main']}"),
        (1, "container: {command: [env, python, -m, scripts.tag_sync.main]}"),
        (1, "container: {command: [wrapper, scripts.tag-sync.main]}"),
        (1, "containerSet: {containers: [{args: [-m, scripts.tag_sync.main]}]}"),
        (2, "sidecars:\n- {args: [-m, scripts.tag_sync.main]}"),
        (2, "initContainers:\n- {args: [-m, scripts.tag_sync.main]}"),
        (1, "parameters: [{name: module, value: scripts.tag_sync.main}]"),
    ],
)  # fmt: skip
def test_what_runs_it_in_another_way_is_named(line: int, other: str) -> None:
    says = rf"^line {line}: it may run (-m)?scripts[./]tag.sync[./]main(\.py)? in another way"
    for text in (other, f"{other}\n---\n{RUNS}"):
        with pytest.raises(Failed, match=says):
            use_image(text, "tag_sync", "img:1")


@pytest.mark.parametrize("names", ["main", "helper, main as run", "(", "*"])
def test_an_import_of_its_main_runs_it(names: str) -> None:
    for other in (
        f"script:\n  command: [python]\n  source: |\n    from scripts.tag-sync import {names}\n",
        f"container: {{command: [python, -c, 'from scripts.tag-sync import {names}']}}\n",
    ):
        with pytest.raises(Failed, match=r"it may run from scripts.tag-sync import in another way"):
            use_image(f"{RUNS}---\n{other}", "tag_sync", "img:1")


def test_a_file_runs_it_however_its_path_is_written() -> None:
    other = "container: {command: [python, scripts//./tag_sync/./main.py]}\n"
    with pytest.raises(Failed, match=r"it may run scripts//./tag_sync/./main.py in another way"):
        use_image(f"{RUNS}---\n{other}", "tag_sync", "img:1")


@pytest.mark.parametrize("program", ["python3.9", "/opt/venv/bin/python", "/usr/bin/python3"])
def test_a_python_that_the_image_may_not_have_is_refused(program: str) -> None:
    text = f"container:\n  command: [{program}]\n  args: [-m, scripts.tag_sync.main]\n"
    says = f"^line 2: the image may lack {program}: write python"
    with pytest.raises(Failed, match=says):
        use_image(text, "tag_sync", "img:1")
