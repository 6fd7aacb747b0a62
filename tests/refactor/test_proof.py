"""The proof that a script runs as before."""

from __future__ import annotations

import ast
import inspect
import re

import csa.refactor.proof
import pytest
from csa.refactor.proof import Unproven, prove
from csa.source.look_ups import OTHER_CALLER

from tests.refactor.proven import PROVEN
from tests.refactor.unproven import OTHERS


def unproven(old: str, new: str) -> str:
    with pytest.raises(Unproven) as raised:
        prove(old.encode(), new.encode())
    return str(raised.value)


@pytest.mark.parametrize(("old", "new"), PROVEN.values(), ids=PROVEN)
def test_the_proof_holds_when_main_gets(old: str, new: str) -> None:
    prove(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("sources", "says"), OTHERS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_the_proof_fails_and_says_where_scripts_differ(sources: tuple[str, str], says: str) -> None:
    said = unproven(*sources)
    assert said.startswith(says) if says.startswith("it would") else said == says


def test_every_sentence_of_the_proof_has_a_row() -> None:
    """Each `raise Unproven` stands for a difference that no other check sees."""
    sentences = [
        OTHER_CALLER if (shown := ast.unparse(node.exc.args[0])) == "OTHER_CALLER" else shown
        for node in ast.walk(ast.parse(inspect.getsource(csa.refactor.proof)))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    ]
    assert len(sentences) > 20
    said = [says for _, says in OTHERS]
    for sentence in sentences:
        pattern = re.escape(sentence.removeprefix("f").strip("'\""))
        pattern = re.sub(r"\\\{.*?\\\}", ".*", pattern)
        assert any(re.match(pattern, one) for one in said), sentence
