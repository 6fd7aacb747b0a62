"""The corpus of legacy scripts, and what a refactored script looks like."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest
from csa.refactor import Refactoring, refactor
from csa.source.names import Function

from tests.support.legacy_runs import Case, cases, run_script, script_of
from tests.support.refactored import refactored
from tests.support.sampling import sampled

CASES = cases()


def outcome(old: bytes, result: Refactoring) -> str:
    if result.source == old:
        return "left" if result.notes else "conforms"
    return "partly" if result.notes else "done"


# --- The corpus ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "case"), sampled(CASES.items()), ids=CASES)
def test_a_legacy_script_runs_as_before(name: str, case: Case, tmp_path: Path) -> None:
    old = script_of(name).read_bytes()
    result = refactor(old)
    assert outcome(old, result) == case.expect, result.notes
    if case.line:
        assert case.line in [note.line for note in result.notes]
    if result.source == old:
        return
    new = tmp_path / "main.py"
    new.write_bytes(result.source)
    for run in case.runs:
        assert run_script(name, run, tmp_path, new) == run_script(name, run, tmp_path)


@pytest.mark.parametrize("name", CASES)
def test_a_refactored_script_has_one_main_and_stays_as_it_is(name: str) -> None:
    old = script_of(name).read_bytes()
    new = refactor(old).source
    if new == old:
        return
    mains = [one for one in ast.parse(new).body if getattr(one, "name", None) == "main"]
    assert [ast.unparse(main.args) for main in mains if isinstance(main, Function)] == [
        "args: argparse.Namespace"
    ]
    again = refactor(new)
    assert again.source == new
    assert again.notes == [] or refactor(old).notes


def test_the_corpus_has_every_outcome_and_enough_of_it() -> None:
    expected = [case.expect for case in CASES.values()]
    assert len(expected) >= 25
    assert set(expected) == {"done", "partly", "left", "conforms"}


# --- What it looks like ----------------------------------------------------------------------


def test_logic_under_the_guard_becomes_main_and_the_parsing_stays() -> None:
    assert refactored(
        """\
        import argparse


        def greet(name):
            print("hello", name)


        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            parser.add_argument("name")
            args = parser.parse_args()

            # politely
            greet(args.name)
        """
    ) == dedent(
        """\
        import argparse


        def greet(name):
            print("hello", name)


        def main(args: argparse.Namespace) -> None:
            # politely
            greet(args.name)


        if __name__ == "__main__":
            parser = argparse.ArgumentParser()
            parser.add_argument("name")
            args = parser.parse_args()
            main(args)
        """
    )


def test_a_script_without_arguments_or_guard_gets_both() -> None:
    assert refactored(
        '''\
        """Says hello."""

        for name in ("a", "b"):
            print("hello", name)
        '''
    ) == dedent(
        '''\
        """Says hello."""

        import argparse


        def main(args: argparse.Namespace) -> None:
            for name in ("a", "b"):
                print("hello", name)


        if __name__ == "__main__":
            main(argparse.Namespace())
        '''
    )


def test_what_the_guard_makes_of_the_arguments_arrives_in_the_namespace() -> None:
    new = refactored(
        """\
        import sys

        if __name__ == "__main__":
            path = sys.argv[1]
            print(path)
        """
    )
    assert "    path = args.path\n    print(path)\n" in new
    assert "    path = sys.argv[1]\n    main(argparse.Namespace(path=path))\n" in new


def test_a_result_of_another_name_is_taken_over() -> None:
    new = refactored(
        """\
        import argparse

        if __name__ == "__main__":
            opts = argparse.ArgumentParser().parse_args()
            print(opts)
        """
    )
    assert "    opts = args\n    print(opts)\n" in new
    assert "    main(opts)\n" in new


def test_what_a_helper_made_of_the_result_is_no_namespace() -> None:
    source = """\
        import argparse


        def parse():
            return {returned}


        if __name__ == "__main__":
            config = parse()
            print(config)
        """
    plain = source.format(returned="argparse.ArgumentParser().parse_args()")
    other = source.format(returned="vars(argparse.ArgumentParser().parse_args())")
    assert "    config = args\n" in refactored(plain)
    assert "    main(config)\n" in refactored(plain)
    assert "    config = args.config\n" in refactored(other)
    assert "    main(argparse.Namespace(config=config))\n" in refactored(other)


def test_where_a_function_stood_among_the_logic_one_blank_line_is_left() -> None:
    new = refactored("print(1)\n\n\ndef f():\n    return 2\n\n\n# the result\nprint(f())\n")
    assert "    print(1)\n\n    # the result\n    print(f())\n" in new


def test_names_that_functions_read_stay_global() -> None:
    new = refactored(
        """\
        import argparse


        def count():
            return len(items)


        if __name__ == "__main__":
            items = [1]
            other = count()
            print(other)
        """
    )
    assert "    global items\n    items = [1]\n" in new


def test_a_guard_above_functions_with_names_of_their_own_is_refactored() -> None:
    new = refactored(
        """\
        import argparse

        if __name__ == "__main__":
            total = 1
            print(total)


        def double(total):
            return 2 * total
        """
    )
    assert "    total = 1\n    print(total)\n" in new
    assert "global" not in new


def test_what_rows_and_clients_are_asked_for_is_no_class_that_has_to_stay_global() -> None:
    new = refactored(
        """\
        import argparse
        import boto3

        if __name__ == "__main__":
            s3 = boto3.client("s3")
            for row in s3.rows():
                name = row.get("name")
                print(name)
        """
    )
    assert "global" not in new


def test_what_parses_within_a_statement_is_handed_over() -> None:
    new = refactored(
        """\
        import argparse, sys


        def run(args):
            return 3


        if __name__ == "__main__":
            sys.exit(run(argparse.ArgumentParser().parse_args()))
        """
    )
    assert "    sys.exit(run(args))\n" in new
    assert "    main(argparse.ArgumentParser().parse_args())\n" in new
