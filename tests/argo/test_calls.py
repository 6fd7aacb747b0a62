"""What a template is handed over is looked at before the checkout goes."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from csa.argo.conversion import use_image
from csa.errors import Failed


def workflow(*words: str, arguments: str, more: str = "", at: str = "/s") -> str:
    """A task that calls the template m, with its arguments; m has the words behind the module."""
    return dedent("""\
        spec:
          arguments:
            parameters: [{name: root, value: /s}, {name: config, value: conf/all.json}]
          templates:
          - name: dag
            dag:
              tasks:
              - name: t
                template: m
        MORE
                arguments:
                  parameters: ARGUMENTS
          - name: other
            steps: [[{name: u, template: away, arguments: {parameters: [{name: p, value: /s/other}]}}]]
          - name: m
            inputs:
              parameters: [{name: p}, {name: at, value: AT}]
              artifacts: [{name: s, path: "{{inputs.parameters.at}}", git: {}}]
            container:
              workingDir: "{{ inputs.parameters.at }}/"
              args: [-m, scripts.x.main, WORDS]
        """).replace("AT}", f"{at}}}").replace("ARGUMENTS", arguments).replace(
        "WORDS", ", ".join(words)
    ).replace("MORE", indent(more, " " * 8))  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("--path=/data",),
        ('"{{inputs.parameters.p}}"',),
        ('"--path={{inputs.parameters.p}}/rows.csv"',),
        ('"{{workflow.parameters.unknown}}"', '"{{=sprig.trim(inputs.parameters.p)}}"'),
    ],
)
def test_a_path_that_is_handed_over_goes_where_nothing_else_uses_it(words: tuple[str, ...]) -> None:
    text = workflow(*words, arguments="[{name: p, value: /data}]")
    changed = use_image(text, "x", "img:1")
    assert changed == text.replace(
        '      artifacts: [{name: s, path: "{{inputs.parameters.at}}", git: {}}]\n', ""
    ).replace('      workingDir: "{{ inputs.parameters.at }}/"\n', "      image: img:1\n").replace(
        "scripts.x.main", "x.main"
    )


LINE = "line 20: "
USES = "it uses /s, which is not in the image"
RELATIVE = "it uses the relative path conf/all.json, which exists in the checkout only"


@pytest.mark.parametrize(
    ("word", "value", "more", "says"),
    [
        ('"{{inputs.parameters.at}}/conf"', "x", "", USES),
        ('"{{ inputs.parameters.at }}/conf"', "x", "", USES),
        ("/s/conf", "x", "", USES),
        ('"{{inputs.parameters.p}}"', "/s/conf", "", USES),
        ('"--p={{=inputs.parameters.p}}"', "/s/conf", "", USES),
        ("\"{{=inputs.parameters['p'] + '/x'}}\"", "/s/conf", "", USES),
        ('"{{workflow.parameters.root}}/conf"', "x", "", USES),
        ('"{{inputs.parameters.p}}"', "'{{workflow.parameters.root}}/conf'", "", USES),
        ('"{{inputs.parameters.p}}"', "'{{item}}'", "withItems: [/data, /s/conf]", USES),
        ('"{{inputs.parameters.p}}"', "'{{item.at}}'", "withParam: '[{\"at\": \"/s/conf\"}]'", USES),
        ('"{{=inputs.artifacts[\'s\'].path}}"', "x", "", "it uses the artifact s, which csa would remove"),
        ('"--p={{inputs.parameters.p}}"', "conf/all.json", "", RELATIVE),
        ('"{{inputs.parameters.p}}/all.json"', "conf", "", RELATIVE),
        ('"{{workflow.parameters.config}}"', "x", "", RELATIVE),
        ('"{{inputs.parameters.p}}"', "x, enum: [y, conf/all.json]", "", RELATIVE),
        ('"{{inputs.parameters.p}}"', "'{{item}}'", "withParam: '[\"conf/all.json\"]'", RELATIVE),
        (
            '"--p={{inputs.parameters.p}}"',
            "'{{item.at}}'",
            "withParam: '[{\"at\": \"conf/all.json\"}]'",
            RELATIVE,
        ),
    ],
)  # fmt: skip
def test_what_would_be_used_without_the_checkout_is_named(
    word: str, value: str, more: str, says: str
) -> None:
    text = workflow(word, arguments=f"[{{name: p, value: {value}}}]", more=more)
    with pytest.raises(Failed) as raised:
        use_image(text, "x", "img:1")
    line = 1 + text[: text.index("args:")].count("\n")
    assert str(raised.value).startswith(f"line {line}: {says}")


@pytest.mark.parametrize(
    ("value", "given"),
    [
        ("{{inputs.parameters.p}}", "[{name: p, value: conf/all.json}]"),
        ("{{workflow.parameters.config}}", "[]"),
        ("{{inputs.parameters.p}}/all.json", "[{name: p, value: ./conf}]"),
    ],
)
def test_a_relative_path_that_a_variable_of_the_environment_gets_is_named(
    value: str, given: str
) -> None:
    text = workflow(arguments=given).replace(
        "      args:", f"      env: [{{name: A, value: '{value}'}}]\n      args:"
    )
    line = 1 + text[: text.index("env:")].count("\n")
    with pytest.raises(Failed, match=f"^line {line}: it uses the relative path (./)?conf/all.json"):
        use_image(text, "x", "img:1")


def test_what_a_list_says_that_is_handed_over_is_looked_at() -> None:
    text = workflow(
        '"{{inputs.parameters.p}}"',
        arguments="[{name: p, value: '{{item}}'}]",
        more="withParam: '{{inputs.parameters.all}}'",
    ).replace(
        "- name: dag\n",
        "- name: dag\n    inputs: {parameters: [{name: all, value: '[\"./a\"]'}]}\n",
    )
    with pytest.raises(Failed, match="it uses the relative path ./a, which exists in"):
        use_image(text, "x", "img:1")


@pytest.mark.parametrize(
    ("path", "folder", "module"),
    [
        ("/s", "'{{inputs.parameters.at}}'", "scripts.x.main"),
        ("'{{inputs.parameters.at}}'", "/s", "scripts.x.main"),
        ("/s", "'{{inputs.parameters.at}}'", "x.main"),
        ("'{{inputs.parameters.at}}'", "/s", "x.main"),
    ],
)
def test_an_artifact_that_may_have_the_folder_in_it_is_refused(
    path: str, folder: str, module: str
) -> None:
    text = (
        f"inputs:\n  parameters: [{{name: at, value: /s}}]\n  artifacts: [{{name: s, path: {path}, "
        f"git: {{}}}}]\ncontainer: {{workingDir: {folder}, args: [-m, {module}]}}\n"
    )
    with pytest.raises(Failed, match="^line 3: the workingDir is not in this git artifact"):
        use_image(text, "x", "img:1")


@pytest.mark.parametrize(
    ("value", "module"),
    [("scripts.x.main", "{{inputs.parameters.m}}"), ("x", "scripts.{{inputs.parameters.m}}.main")],
)
def test_a_module_that_is_handed_over_is_refused(value: str, module: str) -> None:
    text = (
        f"inputs: {{parameters: [{{name: m, value: {value}}}]}}\n"
        f"container: {{args: [-m, '{module}']}}\n---\ncontainer: {{args: [-m, scripts.x.main]}}\n"
    )
    with pytest.raises(Failed, match=r"^line [12]: (it may run|a parameter says what it runs)"):
        use_image(text, "x", "img:1")


@pytest.mark.parametrize(
    "calls",
    [
        "steps: [[{template: m, withItems: [MANY], arguments: {parameters: [{name: p, value: '{{item}}{{item}}'}]}}]]",
        "steps: [[{template: c0}]]\nMORE",
    ],
)  # fmt: skip
def test_parameters_that_mean_very_much_are_refused_soon(calls: str) -> None:
    pass_on = "arguments: {parameters: [{name: p, value: '{{inputs.parameters.p}}'}]}"
    more = "".join(
        f"- {{name: c{n}, steps: [[{{template: c{n + 1}, {pass_on}}}]]}}\n" for n in range(300)
    ) + f"- {{name: c300, steps: [[{{template: m, {pass_on}}}]]}}\n"  # fmt: skip
    text = (
        "- " + calls.replace("MANY", ", ".join(map(str, range(2_000)))).replace("MORE", more).rstrip("\n")
        + "\n- name: m\n  inputs: {artifacts: [{name: s, path: /s, git: {}}]}\n"
        "  container: {workingDir: /s, args: [-m, scripts.x.main, '{{inputs.parameters.p}}']}\n"
    )  # fmt: skip
    with pytest.raises(Failed, match=r"^line \d+: csa cannot tell what the parameters of this"):
        use_image(text, "x", "img:1")


@pytest.mark.parametrize(
    ("kind", "reference", "is_one"),
    [
        ("", "{name: a, template: m}", True),
        ("", "{name: b, template: m}", False),
        ("", "{name: a, template: n}", False),
        ("WorkflowTemplate", "{name: a, template: m}", True),
        ("WorkflowTemplate", "{name: a, template: m, clusterScope: true}", False),
        ("ClusterWorkflowTemplate", "{name: a, template: m, clusterScope: true}", True),
        ("ClusterWorkflowTemplate", "{name: a, template: m}", False),
        ("Workflow", "{name: a, template: m}", False),
    ],
)
def test_only_calls_of_the_template_hand_over_what_goes(
    kind: str, reference: str, is_one: bool
) -> None:
    hands = "arguments: {artifacts: [{name: s, git: {}}]}"
    text = (
        f"metadata: {{name: a}}\nkind: {kind}\ntemplates:\n- name: m\n  inputs: {{artifacts: "
        "[{name: s, path: /s, git: {}}]}\n  container: {workingDir: /s, args: [-m, scripts.x.main]}\n"
        f"- name: d\n  steps: [[{{templateRef: {reference}, {hands}}}]]\n"
    )
    assert (hands not in use_image(text, "x", "img:1")) == is_one
