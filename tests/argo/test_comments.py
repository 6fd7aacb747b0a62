"""What `csa argo` takes out leaves the comments around it."""

from __future__ import annotations

import re
from itertools import count

import pytest
import yaml
from csa.argo.conversion import use_image
from csa.errors import Failed
from hypothesis import given, settings
from hypothesis import strategies as st

ENDS = "container: {workingDir: /s, args: [-m, scripts.x.main]}\n"
ENDED = "container: {image: img:1, args: [-m, x.main]}\n"


@pytest.mark.parametrize(
    ("inputs", "left"),
    [
        pytest.param(
            "inputs:\n  artifacts: [\n    {name: s, path: /s, git: {}}, # the scripts\n"
            "    # then the rest\n    {name: c, path: /c}, # c\n  ] # end\n",
            "inputs:\n  artifacts: [\n    # the scripts\n"
            "    # then the rest\n    {name: c, path: /c}, # c\n  ] # end\n",
            id="the first in brackets",
        ),
        pytest.param(
            "inputs:\n  artifacts: [{name: c, path: /c}, # c\n    # then\n    {name: s, path: /s, git: {}}\n  ]\n",
            "inputs:\n  artifacts: [{name: c, path: /c} # c\n    # then\n  ]\n",
            id="the last in brackets",
        ),
        pytest.param(
            "inputs: {artifacts: [{name: c, path: /c},#c\n  {name: s, path: /s, git: {}}#s\n  ,]}\n",
            "inputs: {artifacts: [{name: c, path: /c} #c\n  #s\n  ,]}\n",
            id="comments without a blank",
        ),
        pytest.param(
            "inputs: {artifacts: [ # one\n  {name: s, path: /s, git: {}} # two\n  ], # three\n  parameters: []}\n",
            "inputs: { # one\n  # two\n  # three\n  parameters: []}\n",
            id="the only one in brackets",
        ),
        pytest.param(
            "inputs: # in\r\n  # more\r\n  artifacts:\r\n  # a - b\r\n  - # its own\r\n    name: s # its own\r\n"
            "    path: /s\r\n    git: {} # its own\r\n  # behind\r\n",
            "# in\r\n  # more\r\n  # a - b\r\n  # behind\r\n",
            id="all of the inputs, CRLF",
        ),
        pytest.param(
            "dag:\n- arguments: # in\n    # more\n    artifacts:\n    - {name: s, git: {}}\n  name: m\n"
            "  template: t\n---\nname: t\ninputs:\n  artifacts: [{name: s, path: /s, git: {}}]\n",
            "dag:\n- arguments: # in\n    # more\n    artifacts:\n    - {name: s, git: {}}\n  name: m\n"
            "  template: t\n---\nname: t\n",
            id="another document",
        ),
    ],
)  # fmt: skip
def test_comments_around_an_artifact_stay(inputs: str, left: str) -> None:
    ends, ended = (text.replace("\n", "\r\n") if "\r" in inputs else text for text in (ENDS, ENDED))
    assert use_image(inputs + ends, "x", "img:1") == left + ended


def test_arguments_that_come_first_in_a_task_go_with_their_dash_left() -> None:
    text = (
        "templates:\n- dag:\n    tasks:\n    - arguments: # in\n        # more\n        artifacts:\n"
        "        - {name: s, git: {}}\n      name: t\n      template: m\n- name: m\n"
        "  inputs: {artifacts: [{name: s, path: /s}]}\n  " + ENDS
    )
    assert use_image(text, "x", "img:1") == (
        "templates:\n- dag:\n    tasks:\n    - # in\n      # more\n      name: t\n"
        "      template: m\n- name: m\n  " + ENDED
    )


def test_a_comment_that_would_be_lost_is_named() -> None:
    text = "container:\n  image: |  # pinned\n    old:1\n  args: [-m, scripts.x.main]\n"
    with pytest.raises(Failed, match="line 2: the comment there would be lost: change it by hand"):
        use_image(text, "x", "img:1")


SCRIPTS, OTHER = "{name: s, path: /s, git: {repo: 'r # no comment'}}", "{name: c%d, path: '/c#%d'}"


@st.composite
def templates(draw: st.DrawFn) -> str:
    """A template with comments anywhere but in the artifact with the scripts."""
    number = count()

    def comment() -> str:
        return draw(st.sampled_from(["", "", " # c%d", " #c%d [{,"])).replace(
            "%d", str(next(number))
        )

    def gap() -> str:
        rest = (
            [draw(st.sampled_from(["", " "]))] if (text := comment()) == "" else [text, "\n     "]
        )
        return "".join(rest) + draw(st.sampled_from(["", "", "\n      # c\n     "])).replace(
            "# c", f"# c{next(number)}"
        )

    others = [OTHER % (n, n) for n in range(draw(st.integers(0, 2)))]
    items = draw(st.permutations([*others, SCRIPTS]))
    if draw(st.booleans()):
        inner = ",".join(gap() + item + gap() for item in items)
        comma = draw(st.sampled_from(["", ","])) + gap()
        artifacts = f" [{inner}{comma}]{comment()}\n"
    else:
        lines = "".join(
            f"    -{comment()}\n      # c{next(number)}\n      {item}{comment()}\n"
            if item is not SCRIPTS
            else f"    # c{next(number)}\n    - {item}\n"
            for item in items
        )
        artifacts = f"{comment()}\n{lines}"
    more = draw(st.sampled_from(["", f"  parameters: []{comment()}\n"]))
    text = f"inputs:{comment()}\n  artifacts:{artifacts}{more}{comment().strip()}\n{ENDS}"
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@settings(max_examples=60, deadline=None)
@given(templates())
def test_whatever_the_layout_all_comments_stay_and_only_the_artifact_goes(text: str) -> None:
    changed = use_image(text, "x", "img:1")
    numbers = re.compile(r"#\s?(c\d+)(?!')")
    assert numbers.findall(changed) == numbers.findall(text)
    before, after = yaml.safe_load(text), yaml.safe_load(changed)
    kept = [artifact for artifact in before["inputs"]["artifacts"] if artifact["name"] != "s"]
    expected = {**before["inputs"], "artifacts": kept}
    expected = {key: value for key, value in expected.items() if key != "artifacts" or kept}
    assert after.get("inputs", {}) == expected
    assert after["container"] == {"image": "img:1", "args": ["-m", "x.main"]}
