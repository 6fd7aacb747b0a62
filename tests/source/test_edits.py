"""Edits of exact ranges: what they do not name stays, and every place is found again."""

from __future__ import annotations

import ast

import pytest
from csa.source.edits import Edit, Edited, PythonText, changed_lines
from csa.source.syntax import NotPython
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(alphabet="ab\n\r\té😀#", max_size=40)


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(TEXTS)
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True).map(sorted))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Edit(start, end, draw(TEXTS)) for start, end in pairs]


@given(edited_texts())
def test_what_is_not_edited_stays_and_is_found_again(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    edited = Edited(text, edits)
    inside = {offset for edit in edits for offset in range(edit.start, edit.end)}
    kept = [offset for offset in range(len(text)) if offset not in inside]
    for offset in kept:
        assert edited.text[edited.after(offset)] == text[offset]
        assert edited.before(edited.after(offset)) == offset
    # All the rest is what took its place.
    assert len(edited.text) == len(kept) + sum(len(edit.text) for edit in edits)
    for edit in edits:
        begin = edited.starts[edit]
        assert edited.text[begin : begin + len(edit.text)] == edit.text
        if edit.text and edit.end > edit.start:
            assert edited.before(begin) == edit.start


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Edited("abc", [Edit(0, 2, "x"), Edit(1, 3, "y")])


SOURCE = (
    "# coding: {coding}\nx = 'äß'; yy = f(  # é\n    x,{end}    'b' 'c')\n{end}class A:\n\tz = (yy)"
)


@pytest.mark.parametrize(
    ("coding", "end", "mark"),
    [
        *[
            (coding, end, b"")
            for coding in ("utf-8", "latin-1", "cp1252")
            for end in ("\n", "\r\n")
        ],
        *[("utf-8", end, b"\xef\xbb\xbf") for end in ("\n", "\r\n", "\r")],
    ],
)
def test_every_expression_is_where_its_span_says(coding: str, end: str, mark: bytes) -> None:
    source = mark + SOURCE.format(coding=coding, end="\n").replace("\n", end).encode(coding)
    text = PythonText(source)
    assert text.encoded(text.text) == source
    names = [node for node in text.nodes if isinstance(node, ast.expr)]
    assert len(names) == 9
    for node in names:
        assert text.has(node) or isinstance(getattr(node, "ctx", None), ast.Store)
        start, end_of_it = text.span(node)
        assert text.offset(*text.place(start)) == start
        assert text.tokens_of(start, end_of_it)[0].start == start


def test_what_could_not_be_written_as_it_was_is_not_read() -> None:
    for source in (b"# coding: utf-7\nx = '+AOQ-+AOQ-'\n", b"def f(:\n"):
        with pytest.raises(NotPython):
            PythonText(source)


def test_an_expression_in_an_f_string_is_not_taken_for_another() -> None:
    text = PythonText(b"x = 1\ny = f'''\n{x:>{x}} {  x  !r}'''\n")
    for node in text.nodes:
        if isinstance(node, ast.Name) and text.has(node):
            start, end = text.span(node)
            assert text.text[start:end] == node.id


@pytest.mark.parametrize(
    ("statement", "lines"),
    [
        ("x = 1\n", "x = 1\n"),
        ("x = (\n    1\n)\n", "x = (\n    1\n)\n"),
        ("x = 1", "x = 1"),
        ("x = 1  # one\n", None),
        ("x = 1; y = 2\n", None),
        ("if y: x = 1\n", None),
    ],
)
def test_a_statement_has_lines_for_itself_or_not(statement: str, lines: str | None) -> None:
    text = PythonText(f"a = 0\r\n{statement}".encode())
    [node] = [
        node
        for node in text.nodes
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "x"
    ]
    found = text.lines_of(node)
    assert (text.text[slice(*found)] if found else None) == lines


def test_changed_lines_are_told_together_as_they_were_and_are() -> None:
    text = PythonText(b"import a\nx = 1\ny = f(x)\nz = 3\n")
    edits = [Edit(0, 9, ""), Edit(15, 15, "w,\n  "), Edit(19, 20, "g"), Edit(21, 22, "w")]
    edited = Edited(text.text, edits)
    assert edited.text == "x = 1\nw,\n  y = g(w)\nz = 3\n"
    found = changed_lines("main.py", text, edited)
    assert [(one.line, one.before, one.after) for one in found] == [
        (1, "import a", ""),
        (2, "y = f(x)", "w,\ny = g(w)"),
    ]
