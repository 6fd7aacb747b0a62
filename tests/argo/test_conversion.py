"""`csa argo` changes the lines that the image needs, and no byte besides."""

from __future__ import annotations

import difflib
from textwrap import dedent

import pytest
from csa.argo.conversion import use_image
from csa.errors import Failed

IMAGE = "ghcr.io/atlanhq/group-sync:1.0.0"


def changed(text: str) -> list[str]:
    """Return the lines that go, then those that come once a template runs the image."""
    text = dedent(text)
    new = use_image(text, "group_sync", IMAGE)
    assert use_image(new, "group_sync", IMAGE) == new
    diff = [*difflib.ndiff(text.splitlines(), new.splitlines())]
    return [line for sign in "-+" for line in diff if line[0] == sign]


def refused(text: str) -> str:
    with pytest.raises(Failed) as raised:
        use_image(dedent(text), "group_sync", IMAGE)
    return str(raised.value)


SEED = """\
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata:
  name: csa-group-sync  # the package's
spec:
  templates:
    - name: main
      inputs:
        artifacts:
          - name: scripts
            path: "/tmp/marketplace-csa-scripts"
            git:
              repo: git@github.com:atlanhq/marketplace-csa-scripts
              insecureIgnoreHostKey: true
              singleBranch: true
              branch: "main"
              revision: "main"
              sshPrivateKeySecret:
                name: "git-ssh"
                key: "private-key"
          # what the user chose
          - name: config
            path: "/tmp/config"
            raw:
              data: |
                - name: scripts
                  workingDir: "/tmp/other"

                # no comment
      container:
        imagePullPolicy: IfNotPresent
        env:
          - name: OAUTHLIB_INSECURE_TRANSPORT
            value: "1"
        workingDir: "/tmp/marketplace-csa-scripts"
        command: [ "python" ]
        args:
          - "-m"
          - "scripts.group_sync.main"
          - "--config={{inputs.artifacts.config.path}}"

      # after it
      metadata: {}
"""


def test_the_change_is_that_of_the_documentation() -> None:
    assert changed(SEED) == [
        "-           - name: scripts",
        '-             path: "/tmp/marketplace-csa-scripts"',
        "-             git:",
        "-               repo: git@github.com:atlanhq/marketplace-csa-scripts",
        "-               insecureIgnoreHostKey: true",
        "-               singleBranch: true",
        '-               branch: "main"',
        '-               revision: "main"',
        "-               sshPrivateKeySecret:",
        '-                 name: "git-ssh"',
        '-                 key: "private-key"',
        '-         workingDir: "/tmp/marketplace-csa-scripts"',
        '-           - "scripts.group_sync.main"',
        "+         image: ghcr.io/atlanhq/group-sync:1.0.0",
        '+           - "group_sync.main"',
    ]


GIT_IN_THE_TASK = """\
metadata: {name: here}
spec:
  templates:
    - name: main
      dag:
        tasks:
          - name: sync
            template: sync
            arguments:
              parameters: [{name: x, value: "{{inputs.parameters.x}}"}]
              artifacts:
                - name: scripts
                  git: {repo: "git@github.com:atlanhq/marketplace-csa-scripts"}
                - name: config
                  raw: {data: "{{=sprig.toJson(inputs.parameters.x)}}"}
          - name: only
            templateRef: {name: here, template: sync}
            arguments:
              artifacts:
                - name: scripts
                  git: {repo: "git@github.com:atlanhq/marketplace-csa-scripts"}
          - name: another
            templateRef: {name: elsewhere, template: sync}
            arguments: {artifacts: [{name: scripts, git: {repo: other}}]}
    - name: sync
      inputs:
        artifacts:
          - {name: scripts, path: /tmp/scripts}
      container:
        image: "python:3.9"   # to be replaced
        workingDir: /tmp/scripts/
        command: [python, -m]
        args: ["scripts.group_sync.main", "--x", "{{inputs.parameters.x}}"]
---
metadata: {name: other}
spec:
  templates:
    - name: main
      steps: [[{template: sync, arguments: {artifacts: [{name: scripts, git: {repo: other}}]}}]]
"""

FLOW = """\
spec:
  templates:
  - {name: main, inputs: {artifacts: [{name: scripts, path: /s, git: {repo: r}}, {name: c, path: /c}]}, container: {workingDir: /s, command: [python], args: [-m, scripts.group_sync.main]}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            GIT_IN_THE_TASK,
            [
                "-                 - name: scripts",
                '-                   git: {repo: "git@github.com:atlanhq/marketplace-csa-scripts"}',
                "-             arguments:",
                "-               artifacts:",
                "-                 - name: scripts",
                '-                   git: {repo: "git@github.com:atlanhq/marketplace-csa-scripts"}',
                "-       inputs:",
                "-         artifacts:",
                "-           - {name: scripts, path: /tmp/scripts}",
                '-         image: "python:3.9"   # to be replaced',
                "-         workingDir: /tmp/scripts/",
                f'+         image: "{IMAGE}"   # to be replaced',
                '-         args: ["scripts.group_sync.main", "--x", "{{inputs.parameters.x}}"]',
                '+         args: ["group_sync.main", "--x", "{{inputs.parameters.x}}"]',
            ],
            id="git in the tasks, an image that is there, all that gets empty",
        ),
        pytest.param(
            FLOW,
            [
                ("-   - {name: main, inputs: {artifacts: [{name: scripts, path: /s, git: {repo: r}},"
                " {name: c, path: /c}]}, container: {workingDir: /s, command: [python], args: [-m,"
                " scripts.group_sync.main]}}"),
                (f"+   - {{name: main, inputs: {{artifacts: [{{name: c, path: /c}}]}}, container: {{image: {IMAGE},"
                " command: [python], args: [-m, group_sync.main]}}"),
            ],
            id="all in brackets",
        ),
        pytest.param(
            """\
            container:
              args:
              - -m
              - scripts.group_sync.main
              command:
              - python
            """,
            [
                f"+   image: {IMAGE}",
                "-   - scripts.group_sync.main",
                "+   - group_sync.main",
            ],
            id="no artifact, no workingDir, a document that is the template",
        ),
        pytest.param(
            """\
            a: {container: {image: ghcr.io/x/other:1, args: [-m, scripts.other.main]}}
            ---
            container:
              image: {{inputs.parameters.image}}
              args: [-m, scripts.group_sync.main]
              workingDir: /elsewhere
            """,
            [
                "-   image: {{inputs.parameters.image}}",
                "-   args: [-m, scripts.group_sync.main]",
                f"+   image: {IMAGE}",
                "+   args: [-m, group_sync.main]",
            ],
            id="several documents, another package, braces without quotes",
        ),
        pytest.param(
            """\
            initContainers:
              - name: wait
                image: busybox
                args: ["-m", "a"]
            inputs:
              artifacts:
                -
                  # the scripts
                  path: /s
                  name: s
                  git: {}   # all of it
                # comes with the package

                -   name: t
                    path: /t
            container:
              # begins
              command: ['python', '-m', 'scripts.group_sync.main']
              # where
              workingDir: '/s'
              # ends
            sidecars: []
            """,
            [
                "-     -",
                "-       # the scripts",
                "-       path: /s",
                "-       name: s",
                "-       git: {}   # all of it",
                "-   command: ['python', '-m', 'scripts.group_sync.main']",
                f"+   image: {IMAGE}",
                "+   command: ['python', '-m', 'group_sync.main']",
                "-   workingDir: '/s'",
            ],
            id="comments, a lone dash, other containers",
        ),
        pytest.param(
            "a: &x {b: 1}\nc: *x\ncontainer: {image: i, args: [-m, scripts.group_sync.main]}\n",
            [
                "- container: {image: i, args: [-m, scripts.group_sync.main]}",
                f"+ container: {{image: {IMAGE}, args: [-m, group_sync.main]}}",
            ],
            id="anchors elsewhere",
        ),
        pytest.param(
            "inputs:\n  artifacts: [{name: s, path: /s, git: {}}]\n  parameters: []\n"
            "container:\n    workingDir: /s\n    args: [-m, scripts.group_sync.main]",
            [
                "-   artifacts: [{name: s, path: /s, git: {}}]",
                f"+     image: {IMAGE}",
                "-     workingDir: /s",
                "-     args: [-m, scripts.group_sync.main]",
                "+     args: [-m, group_sync.main]",
            ],
            id="the only artifact, other inputs, no line end at the end",
        ),
        pytest.param(
            "inputs: {artifacts: [{name: c, path: /c}, {name: s, path: /s, git: {}}]}\n"
            "container: {args: [-m, scripts.group_sync.main], workingDir: /s}\n",
            [
                "- inputs: {artifacts: [{name: c, path: /c}, {name: s, path: /s, git: {}}]}",
                "- container: {args: [-m, scripts.group_sync.main], workingDir: /s}",
                "+ inputs: {artifacts: [{name: c, path: /c}]}",
                f"+ container: {{image: {IMAGE}, args: [-m, group_sync.main]}}",
            ],
            id="the last one in brackets",
        ),
        pytest.param(
            "b: {container: {args: [-m, scripts.group_sync.main]}}\n"
            "c: {container: {args: [-m, scripts.group_sync.main]}}\n",
            [
                "- b: {container: {args: [-m, scripts.group_sync.main]}}",
                "- c: {container: {args: [-m, scripts.group_sync.main]}}",
                f"+ b: {{container: {{image: {IMAGE}, args: [-m, group_sync.main]}}}}",
                f"+ c: {{container: {{image: {IMAGE}, args: [-m, group_sync.main]}}}}",
            ],
            id="two containers",
        ),
    ],
)  # fmt: skip
def test_only_the_lines_that_are_meant_change(text: str, expected: list[str]) -> None:
    assert changed(text) == sorted(expected, key=lambda line: "-+".index(line[0]))


def test_line_ends_and_the_mark_at_the_beginning_stay() -> None:
    text = "\ufeffcontainer:\r\n  args: [-m, scripts.group_sync.main]\r\n"
    assert use_image(text, "group_sync", IMAGE) == (
        f"\ufeffcontainer:\r\n  image: {IMAGE}\r\n  args: [-m, group_sync.main]\r\n"
    )


ARTIFACT = "inputs: {artifacts: [{name: s, path: /s, git: {}}]}\n"
RUNS = "container:\n  workingDir: /s\n  args: [-m, scripts.group_sync.main]\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [\n", "it is not YAML: see its line 2"),
        ("", "no container runs python -m scripts.group_sync.main"),
        ("container: {args: [-m, scripts.other.main]}", "no container runs"),
        ("container: {command: [echo, -m, scripts.group_sync.main]}", "no container runs"),
        *(
            (f"container: {{command: {command}, args: {args}}}\n",
            "line 1: it may run scripts.group_sync.main in another way: change it by hand")
            for command, args in (
                ("[]", "[-x, scripts.group_sync.main]"),
                ("[pytest]", "[-m, scripts.group_sync.main]"),
                ("[]", "[coverage, run, -m, scripts.group_sync.main]"),
                ("[python, other.py]", "[-m, scripts.group_sync.main]"),
                ("[python]", "[-c, x, -m, scripts.group_sync.main]"),
                ("[python]", "[-m, scripts.other.main, -m, scripts.group_sync.main]"),
            )
        ),
        (
            ("spec: {templates: [{name: t, dag: {tasks: [{templateRef: {name: x, template: m}, "
            "arguments: {artifacts: [{name: s, git: {}}]}}]}}]}\n"
            f"---\n{ARTIFACT}name: m\n{RUNS}"),
            "line 1: this may call the template m here, or another one",
        ),
        (
            "container:\n  command: [sh, -c]\n  args:\n    - |\n      python -m scripts.group_sync.main\n",
            "line 5: it may run scripts.group_sync.main in another way",
        ),
        (
            f"{RUNS}sidecars:\n  - args: ['python -m scripts.group_sync.main']\n",
            "line 5: it may run scripts.group_sync.main in another way",
        ),
        (
            "inputs: {artifacts: [{name: s, path: /t, git: {}}]}\n" + RUNS,
            "line 1: the workingDir is not in this git artifact",
        ),
        (
            ("inputs: {artifacts: [{name: s, path: /s, git: {}}]}\n"
            "container: {args: [-m, scripts.group_sync.main]}\n"),
            "line 1: the workingDir is not in this git artifact",
        ),
        *[
            (
                ("spec:\n  templates:\n"
                "  - {name: d, dag: {tasks: [{name: t, template: m, arguments: {artifacts: "
                "[{name: s, git: {}}]}}]}}\n"
                f"  - {{name: m, inputs: {{artifacts: [{{name: s, path: /s}}]}}, container: {{{where}"
                "args: [-m, scripts.group_sync.main]}}\n"),
                "line 4: the workingDir is not in this git artifact",
            )
            for where in ("", "workingDir: /opt, ", "workingDir: /sx, ")
        ],
        (
            ("inputs: {artifacts: [{name: s, path: /s, git: {}}]}\ncontainer:\n  workingDir: /s\n"
            "  args: [-m, scripts.group_sync.main, '{{inputs.artifacts.s.path}}/x']\n"),
            "line 4: it uses the artifact s, which csa would remove",
        ),
        (
            ("inputs:\n  artifacts:\n    - {name: s, path: /s, git: {}}\n"
            f"    - {{name: t, path: /s, git: {{}}}}\n{RUNS}"),
            "line 4: two artifacts have /s in them",
        ),
        (
            "inputs: {artifacts: [{name: s, path: /s}]}\n" + RUNS,
            "line 1: the artifact s is not a git artifact here",
        ),
        (
            ("templates:\n  - dag: {tasks: [{template: m, arguments: {artifacts: [{name: s, raw: x}]}}]}\n"
            "  - name: m\n    inputs: {artifacts: [{name: s, path: /s}]}\n"
            "    container: {workingDir: /s, args: [-m, scripts.group_sync.main]}\n"),
            "line 2: the artifact s is not a git artifact here",
        ),
        (
            f"{ARTIFACT}{RUNS}  env: [{{name: PYTHONPATH, value: /s/lib}}]\n",
            "line 5: it uses /s, which is not in the image",
        ),
        (
            f"{ARTIFACT}{RUNS}".replace("/s", "/s/t")
            + "  env: [{name: PYTHONPATH, value: '/x:/s/.//t/lib'}]\n",
            "line 5: it uses /s/t, which is not in the image",
        ),
        (
            "x: &a [-m, scripts.group_sync.main]\ncontainer: {args: *a}\n",
            "line 2: it has anchors or <<",
        ),
        (
            (
                "templates:\n  - dag:\n      tasks:\n"
                "        - {template: m, arguments: &all {artifacts: [{name: s, git: {}}, {name: x, raw: y}]}}\n"
                "        - {template: elsewhere, arguments: *all}\n"
                "  - name: m\n    inputs: {artifacts: [{name: s, path: /s}, {name: x, path: /x}]}\n"
                "    container: {workingDir: /s, args: [-m, scripts.group_sync.main]}\n"
            ),
            "line 4: it has an anchor, which others use",
        ),
        (
            "x: &a {image: y}\ncontainer:\n  <<: *a\n  args: [-m, scripts.group_sync.main]\n",
            "line 3: it has anchors or <<",
        ),
        *(
            (f"{RUNS}{more}\n", "line 2: a mapping there has ")
            for more in ("  args: [other]", "  workingDir: /x", "  image: a\n  image: b")
        ),
    ],
)  # fmt: skip
def test_what_is_laid_out_otherwise_is_refused_in_a_sentence(text: str, says: str) -> None:
    assert refused(text).startswith(says)
