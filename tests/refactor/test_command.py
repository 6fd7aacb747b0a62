"""A command of click or typer keeps its parsing; its logic goes into main(args)."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from csa.refactor import refactor
from csa.refactor.command_proof import prove_command
from csa.refactor.proof import Unproven
from hypothesis import given
from hypothesis import strategies as st

from tests.refactor.test_any_script import SETTINGS, statements
from tests.support.refactored import execute, note_of, refactored


def test_a_command_of_click_calls_main_with_its_parameters() -> None:
    assert refactored('''\
        """Purge."""
        import click
        from pyatlan.client.atlan import AtlanClient


        # What Argo runs.
        @click.command()
        @click.option("--limit", default=1)  # how many
        @click.argument("name")
        def purge(limit: int, name: str) -> None:
            """Purge assets."""
            client = AtlanClient()
            for _ in range(limit):
                client.asset.purge_by_guid(name)
            # the end


        if __name__ == "__main__":
            purge()
    ''') == dedent('''\
        """Purge."""
        import argparse

        import click
        from pyatlan.client.atlan import AtlanClient


        # What Argo runs.
        def main(args: argparse.Namespace) -> None:
            limit = args.limit
            name = args.name
            client = AtlanClient()
            for _ in range(limit):
                client.asset.purge_by_guid(name)
            # the end


        @click.command()
        @click.option("--limit", default=1)  # how many
        @click.argument("name")
        def purge(limit: int, name: str) -> None:
            """Purge assets."""
            main(argparse.Namespace(limit=limit, name=name))


        if __name__ == "__main__":
            purge()
    ''')  # fmt: skip


COMMANDS = {
    "typer": (
        "import typer\napp = typer.Typer()\n@app.command()\ndef run(n: int = 1): print(n)\n{guard}app()\n",
        "def run(n: int = 1):\n    main(argparse.Namespace(n=n))\n",
    ),
    "a function for typer": (
        "import typer\ndef run(n: int): print(n)\n{guard}typer.run(run)\n",
        "def run(n: int):\n    main(argparse.Namespace(n=n))\n",
    ),
    "a command called main": (
        "import click\n@click.command()\n@click.option('--n')\ndef main(n): print(n)\n{guard}main()\n",
        "def cli(n):\n    main(argparse.Namespace(n=n))\nif __name__ == '__main__':\n    cli()\n",
    ),
    "a function for typer called main": (
        "import typer\ndef main(n: int): print(n)\n{guard}typer.run(main)\n",
        "def cli(n: int):\n    main(argparse.Namespace(n=n))\nif __name__ == '__main__':\n    typer.run(cli)\n",
    ),
    "what it returns": (
        "import click\n@click.command()\ndef run():\n    if f(): return 1\n    print(1)\n{guard}run()\n",
        "def run():\n    return main(argparse.Namespace())\n",
    ),
    "a parameter called args": (
        "import click\n@click.command()\ndef run(args, n): print(args, n)\n{guard}run()\n",
        "    n = args.n\n    args = args.args\n    print(args, n)\n",
    ),
    "all other parameters": (
        "import click\n@click.command()\ndef run(**found): print(found)\n{guard}run()\n",
        "def run(**found):\n    main(argparse.Namespace(found=found))\n",
    ),
    "no guard": (
        "import click\n@click.command()\ndef run(): print(1)\nrun()\n",
        'if __name__ == "__main__":\n    run()\n',
    ),
}  # fmt: skip
GUARD = "if __name__ == '__main__':\n    "


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_keeps_its_parsing(name: str) -> None:
    source, shows = COMMANDS[name]
    new = refactored(source.replace("{guard}", GUARD))
    assert shows in new.replace("\n\n", "\n").replace("\n\n", "\n")
    assert "def main(args: argparse.Namespace)" in new
    assert refactor(new.encode()).source == new.encode()


CLICK = "import click\n@click.command()\n"

LEFT = {
    "two commands": (f"{CLICK}def a(): print(1)\n@click.command()\ndef b(): print(2)\n{GUARD}a()\n",
                     3, "it has several commands"),
    "a group": (f"import click\n@click.group()\ndef a(): print(1)\n{GUARD}a()\n",
                3, "it has several commands"),
    "a command of a group": (f"import click\n@click.group()\ndef a(): pass\n@a.command()\ndef b(): print(1)\n{GUARD}a()\n",
                             3, "it has several commands"),
    "commands of typer": (("import typer\napp = typer.Typer()\n@app.command()\ndef a(): print(1)\n"
                          f"@app.callback()\ndef b(): print(2)\n{GUARD}app()\n"), 4, "it has several commands"),
    "apps of typer": (f"import typer\napp = typer.Typer()\napp.add_typer(f())\n@app.command()\ndef a(): print(1)\n{GUARD}app()\n",
                      5, "it has several commands"),
    "nothing to move": (f"{CLICK}def a():\n    'text'\n{GUARD}a()\n", 3, "a has no logic"),
    "a name that is taken": (f"{CLICK}def main(): print(cli)\n{GUARD}main()\n", 3, "rename cli"),
    "its variables": (f"{CLICK}def a(n): print(locals())\n{GUARD}a()\n", 3, "left unchanged"),
    "tests": (f"import unittest\n{GUARD}unittest.main()\n", 3, "unittest.main parses the arguments itself"),
    "fire": (f"import fire\n{GUARD}fire.Fire(f)\n", 3, "fire.Fire parses the arguments itself"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_has_no_single_command_is_left_with_a_reason(name: str) -> None:
    source, line, text = LEFT[name]
    found, said = note_of(source)
    assert said.startswith(text)
    assert found == line


def test_a_command_that_another_file_imports_stays() -> None:
    source = f"{CLICK}def run(): print(1)\n{GUARD}run()\n".encode()
    result = refactor(source, imported=["run"])
    assert result.source == source
    assert [note.text for note in result.notes] == [
        "another file imports run: let it import what run calls"
    ]


@st.composite
def commands(draw: st.DrawFn) -> str:
    """Scripts with a command whose statements share their names with functions."""
    name = draw(st.sampled_from(["main", "run"]))
    lines = ["import click", "from helpers import seen", ""]
    for function in draw(st.lists(st.sampled_from("fg"), max_size=2, unique=True)):
        lines.append(f"def {function}():\n    return {draw(st.sampled_from('abn'))}\n")
    body = draw(st.lists(statements(), min_size=1, max_size=5))
    ends = draw(st.sampled_from(["return", "return n", "if n: return", ""]))
    body.insert(draw(st.integers(0, len(body))), ends or "pass")
    option = draw(st.sampled_from(["n", "n, args", "n, b"]))
    lines += ["@click.command()", "@click.option('--n', type=int)"]
    lines += [f"@click.option('--{more}', default=3)" for more in option.split(", ")[1:]]
    block = indent("\n".join(body), "    ")
    lines += [f"def {name}({option}):\n{block}", "", 'if __name__ == "__main__":', f"    {name}()"]
    return "\n".join(lines) + "\n"


@SETTINGS
@given(source=commands())
def test_any_command_runs_as_before(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    old = source.encode()
    result = refactor(old)
    if result.source == old:
        assert result.notes
        return
    before, after = execute(old, monkeypatch), execute(result.source, monkeypatch)
    assert after == before, result.source.decode()


# --- The proof -----------------------------------------------------------------------------------

OLD = f"""\
import argparse
import click
@click.command()
@click.option("--n")
@click.option("--m")
def main(n, m=2):
    "Text."
    if n:
        return m
    print(n)
{GUARD}main()
"""
NEW = f"""\
import argparse
import click
def main(args: argparse.Namespace):
    n = args.n
    m = args.m
    if n:
        return m
    print(n)
@click.command()
@click.option("--n")
@click.option("--m")
def cli(n, m=2):
    "Text."
    return main(argparse.Namespace(n=n, m=m))
{GUARD}cli()
"""


def test_the_proof_holds() -> None:
    prove_command(OLD.encode(), NEW.encode())


WRONG = [
    ("new", "args: argparse.Namespace", "args", "main is not main(args)"),
    ("new", "    n = args.n\n", "", "main does not take over n"),
    ("new", "    m = args.m\n", "    m = args.n\n", "main takes over something else"),
    ("new", "    m = args.m\n", "    m = 2\n", "main takes over something else"),
    ("new", "print(n)", "print(m)", "main does not have the command's statements"),
    ("new", "    print(n)\n", "", "main does not have the command's statements"),
    ("new", "n=n, m=m", "n=m, m=n", "the command does something else"),
    ("new", "n=n, m=m", "n=n", "the command does something else"),
    ("new", "return main", "main", "the command does something else"),
    ("new", "    return main", "    print(1)\n    return main", "the command does something else"),
    ("new", '"Text."', '"Another."', "the command does something else"),
    ("new", 'option("--n")', 'option("--k")', "code besides the command"),
    ("new", "m=2):", "m=3):", "code besides the command"),
    ("new", '@click.option("--n")\n', "", "code besides the command"),
    ("new", f"{GUARD}cli()", f"{GUARD}cli(1)", "code besides the command"),
    ("new", "import click\n", "import click\nimport os\n", "main does not stand before its command"),
    ("new", "Namespace):", "Namespace) -> int:", "main would have another return annotation"),
    ("new", "def main(", "@print\ndef main(", "main is not main(args)"),
    ("new", "print(n)", "print(n", "it would not compile"),
    ("both", "print(n)", "yield n", "the command yields"),
    ("both", "print(n)", "print(eval('n'))", "eval() gives other variables"),
    ("both", "print(n)", "print(args)", "args means something else in main"),
    ("both", "print(n)", "warn(n, stacklevel=2)", "a warning or log record with a stacklevel may report another function"),
    ("both", "print(n)", "print(click.info_name)", "the name of the command may be read"),
    ("both", "print(n)", "print(ctx.command.name)", "the name of the command may be read"),
    ("both", "import click\n", "import click\ncli = 1\n", "cli is something else already"),
    ("both", "import click\n", "import click\nx = globals()[f()]\n", "line 3 looks up names"),
    ("old", "print(n)", "print(n)  # kept", "'# kept' was lost"),
]  # fmt: skip


@pytest.mark.parametrize(("which", "right", "wrong", "says"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_move_is_refused(which: str, right: str, wrong: str, says: str) -> None:
    old = OLD if which == "new" else OLD.replace(right, wrong)
    new = NEW if which == "old" else NEW.replace(right, wrong)
    assert (old, new) != (OLD, NEW)
    with pytest.raises(Unproven) as raised:
        prove_command(old.encode(), new.encode())
    assert str(raised.value).startswith(says)
