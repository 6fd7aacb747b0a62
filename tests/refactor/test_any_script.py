"""Any script runs as before."""

from __future__ import annotations

from textwrap import indent

import pytest
from csa.refactor import refactor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.refactored import execute

NAMES = ("a", "b", "count", "args", "id", "data", "f", "g")
names = st.sampled_from(NAMES)
numbers = st.integers(0, 9).map(str)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    form = draw(
        st.sampled_from(
            ["{n}", "{n}", "{a}", "seen('{a}', {n})", "[{a} for {a} in range({n})]", "len(str({a}))",
             "(lambda: {a})()", "f()", "g()", "({b} := {n})", "getattr(args, 'n', {n})"]
        )
    )  # fmt: skip
    return str(form.format(n=draw(numbers), a=draw(names), b=draw(st.sampled_from("ab"))))


@st.composite
def statements(draw: st.DrawFn) -> str:
    form = draw(
        st.sampled_from(
            ["{a} = {e}", "{a} = {e}", "print('{a}', {e})", "{a} += 1", "del {a}", "import json as {a}",
             "for {a} in range(2):\n    print({e})", "if {e}:\n    {a} = {e}\nelse:\n    print({e})",
             "try:\n    print({e})\nexcept (NameError, TypeError):\n    print('caught')",
             "with seen('{a}', 1) as {a}:\n    print({e})",
             "class {a}:\n    b = {e}", "def {a}():\n    return {e}", "print(globals().get('{a}'))",
             "raise SystemExit({n})", "{a}: int = {e}"]
        )
    )  # fmt: skip
    return str(form.format(e=draw(expressions()), a=draw(names), n=draw(numbers)))


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """Scripts whose statements share their names, with functions that use these names, too."""
    lines = ["import argparse", "from helpers import seen", ""]
    for name in draw(st.lists(st.sampled_from("fg"), max_size=2)):
        used = draw(names)
        change = draw(st.sampled_from(["", f"    global {used}\n    {used} = 5\n"]))
        lines.append(f"def {name}():\n{change}    return {used}\n")
    lines += draw(st.lists(statements(), max_size=2))
    parse = [
        "parser = argparse.ArgumentParser()",
        "parser.add_argument('--n', type=int, default=1)",
        draw(st.sampled_from(["args = parser.parse_args()", "opts = parser.parse_args()",
                              "args, data = parser.parse_known_args()"])),
    ]  # fmt: skip
    logic = draw(st.lists(statements(), min_size=1, max_size=6))
    before = draw(st.lists(statements(), max_size=1))
    body = [*before, *draw(st.sampled_from([parse, []])), *logic]
    if draw(st.booleans()):
        block = "\n".join(body)
        indented = "\n".join(f"    {line}" for line in block.splitlines())
        lines += ['if __name__ == "__main__":', indented]
        lines += draw(st.lists(statements(), max_size=1))
    else:
        lines += body
    return "\n".join(lines) + "\n"


@st.composite
def scripts_with_main(draw: st.DrawFn) -> str:
    """Scripts with a main that parses by itself, or gets what was parsed, and may end early."""
    lines = ["import argparse", "import sys", "from helpers import seen", ""]
    few = st.integers(0, 3).flatmap(lambda number: st.lists(statements(), max_size=number // 3))
    for name in draw(st.lists(st.sampled_from("fg"), max_size=2, unique=True)):
        used = draw(names)
        lines.append(f"def {name}():\n    return {used}\n")
    lines += draw(st.lists(statements(), max_size=1))
    parse = [
        "parser = argparse.ArgumentParser()",
        "parser.add_argument('--n', type=int, default=1)",
        draw(st.sampled_from(["args = parser.parse_args()", "opts = parser.parse_args()"])),
    ]
    inside = draw(st.booleans())
    returns = st.sampled_from(
        ["return", "return {e}", "if {e}:\n    return {n}", "def h():\n    return {a}", "print(h())",
         "class A:\n    b = {n}", "global {g}\n{g} = {n}", "print(sys.argv)", "f(lambda: {a})",
         *["{s}"] * 5]
    )  # fmt: skip

    def of_main() -> str:
        parts = {"e": expressions(), "n": numbers, "s": statements(), "a": names}
        values = {name: draw(part) for name, part in parts.items()}
        return draw(returns).format(g=draw(st.sampled_from(["count", "total"])), **values)

    body = [of_main() for _ in range(draw(st.integers(1, 5)))]
    if inside:
        more = draw(st.sampled_from(["", "parser.add_argument('--m', type=lambda t: {a})",
                                     "parser.set_defaults(k={e})"]))  # fmt: skip
        parse.insert(2, more.format(a=draw(names), e=draw(expressions())) or "pass")
        body = [*[of_main() for _ in range(draw(st.integers(0, 2)))], *parse, *body]
    parameters, given_values = draw(
        st.sampled_from(
            [("", ""), ("", ""), ("data", "args.n"), ("count, b=3", "1"), ("a", "a=seen('a', 2)"),
             ("args", "args"), ("count=4", ""), ("*args", ""), ("*data", "*[1, 2]"),
             ("a, *, b", "b=seen('b', 1), a=seen('a', 2)"), ("data, args", "args, args.n"),
             ("a, args", "args.n, args"), ("argv=None", "")]
        )
    )  # fmt: skip
    if parameters == "argv=None" and inside:
        parse[-1] = parse[-1].replace("()", "(argv)")
        body = [line.replace("parser.parse_args()", "parser.parse_args(argv)") for line in body]
    block = "\n".join(body)
    lines.append(f"def main({parameters}):\n" + indent(block, "    "))
    call = draw(
        st.sampled_from(
            ["main({})", "main({})", "sys.exit(main({}))", "raise SystemExit(main({}))",
             "data = main({})", "print(main({}))", "print(main({}) or 3, 4)", "print(1, main({}))",
             "if main({}):\n    print(3)", "for b in range(2):\n    main({})"]
        )
    )  # fmt: skip
    guarded = [] if inside else parse
    guarded += draw(st.lists(statements(), max_size=1))
    around = draw(
        st.sampled_from(
            ["{}", "{}", "try:\n    {}\nexcept TypeError:\n    print('type')",
             "try:\n    {}\nexcept (KeyError, SystemExit):\n    print('end')\nelse:\n    print('else')",
             "with seen('w', 1):\n    {}\n    print('more')"]
        )
    )  # fmt: skip
    called = call.format(given_values)
    inner = called if around == "{}" else called.replace("\n", "\n    ")
    guarded.append(around.format(inner))
    guarded += draw(few)
    block = "\n".join(guarded)
    if draw(st.booleans()) or draw(st.booleans()):
        lines += ['if __name__ == "__main__":', indent(block, "    ")]
        lines += draw(few)
    else:
        lines.append(block)
    return "\n".join(lines) + "\n"


SETTINGS = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,  # a script found by chance is for whoever changes the refactoring
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(source=scripts())
def test_any_script_runs_as_before(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    old = source.encode()
    result = refactor(old)
    if result.source == old:
        assert result.notes or "def main" in source
        return
    before, after = execute(old, monkeypatch), execute(result.source, monkeypatch)
    assert after == before, result.source.decode()


@SETTINGS
@given(source=scripts_with_main())
def test_any_script_with_a_main_runs_as_before(
    monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    test_any_script_runs_as_before.hypothesis.inner_test(monkeypatch, source)  # type: ignore[attr-defined]
