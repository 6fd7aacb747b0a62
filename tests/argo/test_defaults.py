"""What a container gets besides what its template says is looked at before anything changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from csa.argo.conversion import use_image
from csa.errors import Failed

RUNS = "container: {args: [-m, scripts.x.main]}"
RAN = "container: {image: img:1, args: [-m, x.main]}"


def workflow(spec: str = "", template: str = "", other: str = "", kind: str = "spec") -> str:
    return (
        f"{kind}:\n  a: b\n{spec}  templates:\n  - name: m\n{template}    {RUNS}\n"
        f"  - name: other\n{other}    container: {{args: [x]}}\n"
    )


def patch(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"podSpecPatch: {json.dumps(text)}\n"


def of_main(**keys: Any) -> dict[str, Any]:
    return {"containers": [{"name": "main", **keys}]}


UNCLEAR = [
    of_main(image="other"),
    of_main(args=["-m", "scripts.x.main"]),
    of_main(command=["sh"]),
    of_main(workingDir="/s"),
    of_main(env=[{"name": "PYTHONPATH", "value": "/s"}]),
    of_main(volumeMounts=[{"name": "v", "mountPath": "/app"}]),
    {"containers": {"name": "main", "image": "x"}},
    {"initContainers": [{"name": "i", "image": "x"}]},
    {"$patch": "replace"},
    "containers:\n- name: main\n  image: other\n",
    "{{workflow.parameters.patch}}",
    "x: [",
    "[]",
    "",
]
CLEAR = [
    of_main(resources={"limits": {"memory": "{{inputs.parameters.memory}}"}}),
    {"terminationGracePeriodSeconds": 5, "nodeSelector": {"a": "b"}, **of_main(securityContext={})},
    "containers:\n- name: main\n  resources: {requests: {cpu: {{workflow.parameters.cpu}}}}\n",
]


@pytest.mark.parametrize("value", UNCLEAR)
def test_a_patch_that_may_set_what_the_container_runs_is_refused(value: Any) -> None:
    says = "podSpecPatch may set what the container runs: change it by hand"
    for line, text in (
        (3, workflow(f"  {patch(value)}")),
        (5, workflow(template=f"    {patch(value)}")),
        (4, workflow(f"  templateDefaults:\n    {patch(value)}")),
        (3, workflow(f"  {patch(value)}", kind="workflowSpec")),
        (3, f"spec:\n  workflowTemplateRef: {{name: a}}\n  {patch(value)}---\n{workflow()}"),
    ):
        with pytest.raises(Failed, match=f"^line {line}: {says}"):
            use_image(text, "x", "img:1")
        with pytest.raises(Failed, match=f"^line {line}: {says}"):
            use_image(text.replace("scripts.", ""), "x", "img:1")


@pytest.mark.parametrize("value", CLEAR)
def test_a_patch_that_says_how_the_pod_runs_stays(value: Any) -> None:
    for text in (
        workflow(f"  {patch(value)}"),
        workflow(template=f"    {patch(value)}"),
        workflow(f"  templateDefaults:\n    {patch(value)}"),
    ):
        assert use_image(text, "x", "img:1") == text.replace(RUNS, RAN)


def test_a_patch_of_another_template_stays() -> None:
    text = workflow(other=f"    {patch(of_main(image='other'))}")
    assert use_image(text, "x", "img:1") == text.replace(RUNS, RAN)


def test_a_parameter_may_be_what_a_patch_sets() -> None:
    text = workflow(
        "  arguments: {parameters: [{name: a, value: '\"image\"'}]}\n",
        "    podSpecPatch: 'containers: [{name: main, {{workflow.parameters.a}}: x}]'\n",
    )
    with pytest.raises(Failed, match="^line 6: podSpecPatch may set what the container runs"):
        use_image(text, "x", "img:1")


@pytest.mark.parametrize(
    "key",
    [
        *("container: {workingDir: /s}", "inputs: {artifacts: []}", "script: {image: x}"),
        "sidecars: [{name: i, image: x, mirrorVolumeMounts: true, command: [cat, /s/x]}]",
        "initContainers: [{name: i, image: x, command: [cat, /s/x]}]",
        *("outputs: {artifacts: [{name: o, path: /s/out}]}", "plugin: {}", "'<<': {inputs: {}}"),
    ],
)
def test_defaults_that_set_what_containers_run_are_refused(key: str) -> None:
    name = key.split(":")[0].strip("'")
    text = workflow(f"  templateDefaults:\n    timeout: 5s\n    {key}\n")
    with pytest.raises(
        Failed, match=f"^line 5: templateDefaults sets what containers run, with {name}:"
    ):
        use_image(text, "x", "img:1")


def test_defaults_that_set_how_templates_run_stay() -> None:
    defaults = (
        "{timeout: 5s, retryStrategy: {limit: 2}, metadata: {labels: {a: b}}, nodeSelector: {a: b}}"
    )
    for text in (workflow(f"  templateDefaults: {defaults}\n"), workflow("  templateDefaults:\n")):
        assert use_image(text, "x", "img:1") == text.replace(RUNS, RAN)
