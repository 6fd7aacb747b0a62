"""Where the package's container starts, and where Python finds the package from there."""

from __future__ import annotations

import pytest
from csa.argo.conversion import use_image
from csa.errors import Failed

GIT = "inputs: {artifacts: [{name: s, path: PATH, git: {}}]}\n"


@pytest.mark.parametrize("module", ["scripts.x.main", "x.main"])
@pytest.mark.parametrize(
    ("path", "folder"),
    [("/s", "/s"), ("/s/", "/s//"), ("/s", "/s/scripts"), ("/s", "/s/./a/"), ("/s/b", "/s/a/../b")],
)
def test_a_folder_in_the_checkout_goes_with_it(module: str, path: str, folder: str) -> None:
    text = f"container:\n  workingDir: {folder}\n  args: [-m, {module}]\n"
    changed = use_image(GIT.replace("PATH", path) + text, "x", "img:1")
    assert changed == "container:\n  image: img:1\n  args: [-m, x.main]\n"


@pytest.mark.parametrize(
    ("artifact", "folder"),
    [
        ("{name: s, path: /s, git: {}}", "/sx"),
        ("{name: s, path: /s, git: {}}", "/"),
        ("{name: s, git: {}}", "''"),
        ("{name: s, path: '', git: {}}", "/"),
        ("{name: s, path: /s, s3: {}}", "/s/a"),
        ("{name: s, path: /s, raw: {data: a}}", "/s"),
    ],
)
def test_a_folder_elsewhere_stays_once_the_package_s_module_runs(
    artifact: str, folder: str
) -> None:
    text = f"inputs: {{artifacts: [{artifact}]}}\ncontainer:\n  WHERE\n  args: [-m, x.main]\n"
    text = text.replace("WHERE", f"workingDir: {folder}")
    changed = use_image(text, "x", "img:1")
    assert changed == text.replace("  workingDir", "  image: img:1\n  workingDir")
    with pytest.raises(Failed, match=r"^line 1: (the workingDir|the artifact s) is not "):
        use_image(text.replace("x.main", "scripts.x.main"), "x", "img:1")


@pytest.mark.parametrize(
    ("container", "says"),
    [
        ("args: [-m, scripts.x.main, --at, conf/a.json]", "it uses the relative path conf/a.json"),
        ("args: [-m, scripts.x.main, ../a]", "it uses the relative path ../a"),
        ("args: [-m, scripts.x.main, --rules=@README.md]", "it uses the relative path README.md"),
        ("args: [-m, scripts.x.main, -fconf/a.json]", "it uses the relative path conf/a.json"),
        (
            "args: [-m, scripts.x.main, '--x=a,conf/a.json']",
            "it uses the relative path conf/a.json",
        ),
        (
            "args: [-m, scripts.x.main, '[\"conf/a.json\"]']",
            "it uses the relative path conf/a.json",
        ),
        (
            "args: [-m, scripts.x.main], env: [{name: A, value: scripts/x/a.json}]",
            "it uses the relative path scripts/x/a.json",
        ),
        (
            "args: [-m, scripts.x.main], env: [{name: A, value: '/b:./a'}]",
            "it uses the relative path ./a",
        ),
        (
            "args: [-m, scripts.x.main], env: [{name: A, value: README.md}]",
            "it uses the relative path README.md",
        ),
        (
            "args: [-m, scripts.x.main, --out, Report.CSV]",
            "it uses the relative path Report.CSV",
        ),
        (
            "args: [-m, scripts.x.main], volumeMounts: [{name: v, mountPath: /app/}]",
            "it would hide the package in the image: /app",
        ),
        (
            "args: [-m, scripts.x.main], volumeMounts: [{name: v, mountPath: /app/x}]",
            "it would hide the package in the image: /app/x",
        ),
        ("command: [python, -I, -m, scripts.x.main]", "it may run scripts.x.main in another way"),
        (
            "args: [-m, scripts.x.main, $(D)/a.json], env: [{name: C, value: co}, {name: D, value: $(C)nf}]",
            "it uses the relative path conf/a.json",
        ),
        (
            "args: [-m, scripts.x.main], livenessProbe: {exec: {command: [cat, conf/a.json]}}",
            "it uses the relative path conf/a.json",
        ),
        (
            "args: [-m, scripts.x.main], lifecycle: {preStop: {exec: {command: [sh, -c, 'rm b/c.lock']}}}",
            "it uses the relative path b/c.lock",
        ),
        (
            "args: [-m, scripts.x.main], startupProbe: {exec: {command: [python, -m, scripts.x.up]}}",
            "it uses scripts.x.up, which is not in the image",
        ),
        (
            "workingDir: /w, env: [{name: PYTHONPATH, value: /lib}], args: [-m, scripts.x.main]",
            "the image has the package in /app: add it to PYTHONPATH, or Python looks in /w",
        ),
    ],
)
def test_what_leads_nowhere_in_the_image_is_named(container: str, says: str) -> None:
    with pytest.raises(Failed) as raised:
        use_image(f"container: {{{container}}}\n", "x", "img:1", "README.md".__eq__)
    assert str(raised.value).startswith(f"line 1: {says}")


@pytest.mark.parametrize(
    "container",
    [
        "workingDir: /w/a, volumeMounts: [{name: w, mountPath: /w}], args: [-m, scripts.x.main, a/b.json]",
        "workingDir: /w, env: [{name: PYTHONPATH, value: '/lib:/app'}], args: [-m, scripts.x.main]",
        "env: [{name: PYTHONPATH, value: /lib}], args: [-m, scripts.x.main]",
        "args: [-m, scripts.x.main, /data/a.json, 's3://b/c.json', --a=b]",
        "args: [-m, scripts.x.main, -f/data/a.json, '--x=a,/b/c.json', '{\"a\": \"s3://b/c.json\"}']",
        "args: [-m, scripts.x.main], env: [{name: A, value: 'https://b.c/d.json'}, {name: B, value: 'see a/b.json there'}]",
        "args: [-m, scripts.x.main, $(D)/a.json, $$(D)/b.json], env: [{name: D, value: /conf}]",
        "args: [-m, scripts.x.main, $(D)/a.json], envFrom: [{configMapRef: {name: d}}]",
        "args: [-m, scripts.x.main], volumeMounts: [{name: v, mountPath: /app/x/data}]",
        "args: [-m, scripts.x.main], livenessProbe: {exec: {command: [cat, /tmp/a.json]}}",
        "args: [-m, scripts.x.main], env: [{name: A, valueFrom: {secretKeyRef: {name: a/b, key: c/d.json}}}]",
        "args: [-m, scripts.x.main], env: [{name: A, value: '{{workflow.parameters.b}}/c.json'}]",
    ],
)  # fmt: skip
def test_what_leads_somewhere_stays(container: str) -> None:
    changed = use_image(f"container: {{{container}}}\n", "x", "img:1")
    assert changed == f"container: {{image: img:1, {container}}}\n".replace("scripts.", "")


def test_paths_are_looked_for_where_the_scripts_ran() -> None:
    """The folder that they ran in is one of the checkout, which is not always its top."""
    runs = "container: {workingDir: /s/data, args: [-m, scripts.x.main, rows]}\n"
    with pytest.raises(Failed, match="it uses the relative path rows"):
        use_image(GIT.replace("PATH", "/s") + runs, "x", "img:1", "data/rows".__eq__)


def test_an_artifact_in_the_package_s_place_would_hide_it() -> None:
    for path in ("/app", "/app/x", "/"):
        text = f"inputs: {{artifacts: [{{name: d, path: {path}, s3: {{}}}}]}}\n"
        with pytest.raises(Failed, match="^line 1: it would hide the package in the image"):
            use_image(f"{text}container: {{args: [-m, scripts.x.main]}}\n", "x", "img:1")


def test_what_is_merged_into_a_template_is_taken_for_its_own() -> None:
    base = "x: &base\n  inputs: {artifacts: [{name: s, path: /s, git: {}}]}\n"
    runs = "  container: {workingDir: /s, args: [-m, scripts.x.main]}\n"
    with pytest.raises(Failed, match="^line 5: it has anchors or <<: change it by hand"):
        use_image(f"{base}t:\n  <<: *base\n{runs}", "x", "img:1")
    limits = f"x: &base {{activeDeadlineSeconds: 5}}\nt:\n  <<: *base\n{runs}"
    assert use_image(limits, "x", "img:1") == limits.replace(
        "{workingDir: /s, args: [-m, scripts.", "{image: img:1, workingDir: /s, args: [-m, "
    )


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (
            '{"container": {"args": ["-m", "scripts.x.main"]}}\n',
            '{"container": {"image": "img:1", "args": ["-m", "x.main"]}}\n',
        ),
        (
            '{"container": {\n  "args": ["-m", "scripts.x.main"]\n}}\n',
            '{"container": {\n  "image": "img:1",\n  "args": ["-m", "x.main"]\n}}\n',
        ),
        (
            "? container\n: args: [-m, scripts.x.main]\n  name: main\n",
            "? container\n: image: img:1\n  args: [-m, x.main]\n  name: main\n",
        ),
        (
            "container:\r\n  args: [-m, scripts.x.main]",
            "container:\r\n  image: img:1\r\n  args: [-m, x.main]",
        ),
    ],
)
def test_the_image_is_written_as_what_is_around_it(text: str, changed: str) -> None:
    assert use_image(text, "x", "img:1") == changed
