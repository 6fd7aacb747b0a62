"""What a script does at import moves to the start of main(args), where nobody could tell."""

from __future__ import annotations

from textwrap import dedent

import pytest
from csa.refactor import refactor
from csa.refactor.at_start_proof import prove_at_start
from csa.refactor.proof import Unproven

from tests.support.refactored import refactored

HEAD = "import argparse\nimport sys\nfrom acme import Client, connect\n"
GUARD = "if __name__ == '__main__':\n    main(argparse.Namespace())\n"


def test_a_client_and_what_needs_it_is_made_in_main() -> None:
    source = f"""\
{HEAD}
LIMIT = 3

# The tenant
client = connect()
session = client.session(LIMIT)  # kept open
NAME = "sales"

def load():
    return session.load(NAME)

def main():
    '''Loads.'''
    print(load())

if __name__ == "__main__":
    main()
"""
    assert refactored(source).removeprefix(HEAD) == dedent("""
        LIMIT = 3

        NAME = "sales"

        def load():
            return session.load(NAME)

        def main(args: argparse.Namespace) -> None:
            '''Loads.'''
            global client, session
            # The tenant
            client = connect()
            session = client.session(LIMIT)  # kept open
            print(load())

        if __name__ == "__main__":
            main(argparse.Namespace())
    """)


@pytest.mark.parametrize(
    "source",
    [
        # The arguments would be parsed before the connection is there.
        f"client = connect()\ndef main(args): print(client)\n{GUARD.replace('Namespace()', 'ArgumentParser().parse_args()')}",
        f"client = connect()\nimport acme.more\ndef main(args): print(client)\n{GUARD}",
        f"client = connect()\n@client.command\ndef f(): pass\ndef main(args): print(client)\n{GUARD}",
        f"client: Client = connect()\ndef main(args): print(client)\n{GUARD}",
        f"import multiprocessing\nclient = connect()\ndef main(args): print(client)\n{GUARD}",
    ],
)
def test_what_cannot_wait_until_main_runs_stays(source: str) -> None:
    assert b"\nclient" in refactor(f"{HEAD}{source}".encode()).source


def test_what_other_files_import_stays() -> None:
    source = f"{HEAD}client = connect()\ndef main(args):\n    print(client)\n{GUARD}".encode()
    assert refactor(source).source != source
    for imported in ("client", "*"):
        assert refactor(source, imported=[imported]).source == source


OLD = f"""\
{HEAD}
client = connect()
client.ping("now")
TEXT = "a"
def show(n):
    return client.show(n, TEXT)
def main(args: argparse.Namespace) -> None:
    '''Shows.'''
    total = 1
    print(show(total))
{GUARD}"""
NEW = f"""\
{HEAD}
TEXT = "a"
def show(n):
    return client.show(n, TEXT)
def main(args: argparse.Namespace) -> None:
    '''Shows.'''
    global client
    client = connect()
    client.ping("now")
    total = 1
    print(show(total))
{GUARD}"""
CALL = "main(argparse.Namespace())"


def test_the_proof_holds() -> None:
    prove_at_start(OLD.encode(), NEW.encode())


@pytest.mark.parametrize(
    ("which", "right", "wrong", "says"),
    [
        ("new", "    global client\n", "", "client would become two variables"),
        ("new", "global client", "global client, total", "another name would be the module's"),
        ("new", '    client.ping("now")\n', "", "line 6 would run at another time"),
        ("new", '    client.ping("now")\n    total = 1\n', '    total = 1\n    client.ping("now")\n', "main would do something else"),
        ("new", '    client = connect()\n    client.ping("now")\n', '    client.ping("now")\n    client = connect()\n', "line 5 would run at another time"),
        ("new", '"now"', '"then"', "line 6 would run at another time"),
        ("new", "connect()", "connect(1)", "line 5 would run at another time"),
        ("new", "show(total)", "show(2)", "main would do something else"),
        ("new", "    print(show(total))\n", "", "main would do something else"),
        ("new", "'''Shows.'''", "'''Other.'''", "main's signature or docstring would change"),
        ("new", "args: argparse.Namespace)", "args: argparse.Namespace, n=1)", "main's signature or docstring would change"),
        ("new", 'TEXT = "a"', 'TEXT = "b"', "statements were lost or added"),
        ("new", CALL, "main(argparse.Namespace(n=1))", "line 15 would run at another time"),
        ("new", CALL, f"{CALL}\n    print(1)", "statements were lost or added"),
        ("new", CALL, f"print(1)\n    {CALL}", "line 5 would run at another time"),
        ("new", "print(show(total))", "print(show(total)", "it would not compile"),
        ("old", 'client.ping("now")', 'client.ping("now")  # kept', "'# kept' was lost"),
        ("both", CALL, "main(client.args())", "what main gets may do something"),
        ("both", CALL, "main(argparse.Namespace(n=sys.argv))", "what main gets may do something"),
        ("both", CALL, "main(argparse.Namespace(n=client))", "what main gets would be evaluated earlier"),
        ("both", CALL, "main(client)", "what main gets would be evaluated earlier"),
        ("both", CALL, f"print(1, {CALL})", "main is not what its line begins with"),
        ("both", CALL, f"try: {CALL}\n    except OSError: pass", "main is called within another statement"),
        ("both", CALL, f"for n in 1, 2: {CALL}", "main is called within another statement"),
        ("both", CALL, f"if TEXT: {CALL}", "main is called within another statement"),
        ("both", CALL, f"print(1)\n    {CALL}", "line 5 would run at another time"),
        ("both", "def main", "def other(): main(1)\ndef main", "main is not called once"),
        ("both", "def show(n)", "@client.use\ndef show(n)", "line 5 would run at another time"),
        ("both", "def show(n)", "def show(n, c=client)", "line 5 would run at another time"),
        ("both", 'TEXT = "a"', 'TEXT = input("a")', "line 5 would run at another time"),
        ("both", "total", "client", "client would become two variables"),
        ("both", "connect()", "connect(total)", "total would become two variables"),
        ("both", "connect()", "connect(args)", "args would become two variables"),
        ("both", "connect()", "connect([total for total in 'a'])", "total would become two variables"),
        ("both", "connect()", "connect(locals())", "locals() gives something else"),
        ("both", "connect()", "connect([vars() for n in 'a'])", "vars() gives something else"),
        ("both", "connect()", "connect(stacklevel=2)", "a warning or log record with a stacklevel may report another function"),
        ("both", "client = connect()", "client = connect(); import os", "os would become two variables"),
        ("both", "client = connect()", "client = connect(); TEXT = 'b'", "line 5 would pass line 7"),
    ],
)  # fmt: skip
def test_a_wrong_move_is_refused(which: str, right: str, wrong: str, says: str) -> None:
    old = OLD if which == "new" else OLD.replace(right, wrong)
    new = NEW if which == "old" else NEW.replace(right, wrong)
    assert (old, new) != (OLD, NEW)
    with pytest.raises(Unproven) as raised:
        prove_at_start(old.encode(), new.encode())
    assert str(raised.value).startswith(says)
