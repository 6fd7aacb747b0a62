"""The tests of a legacy script, written for the script as it is."""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from keyword import iskeyword

import jinja2

from ..source.arguments import Argument, Arguments, arguments_of
from ..source.names import (
    Definition,
    Function,
    bound_names,
    imported_modules,
    imported_names,
    is_guard,
    root,
)
from ..source.requirements import SDK
from ..source.syntax import nodes_of, parse

HTTP_MODULES = {"aiohttp", "httpx", "requests", "urllib3"}
"""What scripts call HTTP services with."""

WIDTH = 88  # of the lines in a package, as `ruff format` makes them


class Source(str):
    """A piece of Python, as against a text to quote."""


USER_ID = Source('os.environ.get("ATLAN_USER_ID", "")')

HARMLESS = {
    *("argparse.ArgumentParser", "ArgumentParser", "asyncio.run", "date", "date.today", "dict"),
    *("datetime.now", "dotenv.load_dotenv", "exit", "float", "int", "len", "list", "load_dotenv"),
    *("logging.basicConfig", "logging.getLogger", "os.environ.get", "os.getenv", "Path", "str"),
    *("sys.exit", "SystemExit", "timedelta"),
}
"""What a guard may call and still do no more than parse."""


def test_main(package: str, source: str, *, tenant: bool, problem: str | None) -> str:
    """Return tests/test_main.py of a script that was taken in, formatted as ruff does.

    `source` is main.py; `tenant`: conftest.py has that fixture; `problem`: a sentence why main.py
    cannot be imported yet. Raises NotPython.
    """
    tree = parse(source)
    arguments = arguments_of(tree)
    functions = [*_functions(tree)]
    guard, unrunnable = _guard(tree)
    parses = guard is not None and _only_parses(guard, _definitions_by_name(tree))
    facts = {
        "package": package,
        "problem": problem,
        "functions": functions,
        "signatures": any("parameters(" in line for line in functions),
        "config": guard is not None,
        "asynchronous": isinstance(_definitions_by_name(tree).get("main"), ast.AsyncFunctionDef),
        "unrunnable": unrunnable,
        "tenant": tenant and has_sdk(tree),
        "reason": _reason(arguments, tenant and has_sdk(tree)),
        "words": _words(arguments),
        "help": parses and bool(arguments.arguments),
        **_defaults(arguments, parses and guard is not None and _hands_over_parsed(guard)),
    }
    facts["imports"] = _imports(facts)
    facts["uses_script"] = facts["config"] or any("script." in line for line in functions)
    return _template().render(facts)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # it renders Python
    )
    environment.globals["call"] = _call
    return environment.from_string((files(__package__) / "test_main.py.jinja").read_text("utf-8"))


def _imports(facts: Mapping[str, object]) -> list[str]:
    """Return the import statements of what the rest uses of the standard library, sorted."""
    config, signatures, helps = facts["config"], facts["signatures"], facts["help"]
    used: dict[str, object] = {
        "import argparse": config,
        "import ast": config,
        "import asyncio": config and facts["asynchronous"],
        "import inspect": config or signatures or "isclass" in str(facts["functions"]),
        "import os": config and USER_ID in str(facts["words"]),
        "import subprocess": helps,
        "import sys": config or helps,
        "from collections.abc import Callable": signatures,
        "from contextlib import suppress": config,
        "from pathlib import Path": helps,
        "from types import FunctionType": config,
    }
    return [line for line, is_used in used.items() if is_used]


# --- How main is called ---------------------------------------------------------------------------


def _guard(tree: ast.Module) -> tuple[ast.If | None, str]:
    """Return the guard that calls main(args), or else why a test cannot run main."""
    main = _definitions_by_name(tree).get("main")
    if not isinstance(main, Function):
        return None, "main.py has no function main(args) yet."
    required = len(main.args.posonlyargs) + len(main.args.args) - len(main.args.defaults)
    if required != 1 or None in main.args.kw_defaults:
        return None, "main takes other parameters than args: call it here with what it needs."
    last = tree.body[-1]
    if not (isinstance(last, ast.If) and is_guard(last)):
        return None, "main.py does not end with the guard that calls main: call it here."
    return last, ""


def _reason(arguments: Arguments, tenant: bool) -> str:
    """Return why a test needs a person before it can run main, "" if it does not."""
    reasons = []
    if arguments.subcommands:
        reasons.append(f"Give the arguments of a run of {_listed(arguments.subcommands, 'or')}.")
    elif not arguments.complete:
        reasons.append(
            "Give the arguments of a test run: csa could not read all that the parser takes."
        )
    elif needed := [
        argument.flag or argument.dest
        for argument in arguments.required
        if argument.dest != "user_id"
    ]:
        values = "values" if len(needed) > 1 else "a value"
        reasons.append(f"Give {_listed(needed)} {values} that a test run may use.")
    if not tenant:
        reasons.append("This runs main for real: check what it reads, writes and calls.")
    return " ".join([*reasons, "Then delete this line."]) if reasons else ""


def _words(arguments: Arguments) -> list[str]:
    """Return the words of a command that runs main."""
    words: list[str] = []
    for argument in arguments.arguments:
        if argument.dest == "user_id" and argument.flag:
            words += [argument.flag, USER_ID]
    for argument in arguments.required:
        if argument.dest != "user_id":
            words += _sample(argument, "")
    return words


def _defaults(arguments: Arguments, parses: bool) -> dict[str, object]:
    """Return assertions on what the parser makes of the shortest command, and that command."""
    required = arguments.required
    if not parses or not arguments.complete or None in {argument.word for argument in required}:
        return {"defaults": [], "sample": []}
    dests = sorted({argument.dest for argument in arguments.arguments})
    lines = [_assertion("sorted(vars(args))", dests)] if dests else []
    optional = {
        argument.dest: argument for argument in arguments.arguments if not argument.required
    }
    for dest, argument in optional.items():
        if _is_plain(argument.default) and dest.isidentifier() and not iskeyword(dest):
            operator = "is" if argument.default in ("None", "False", "True") else "=="
            line = f"assert args.{dest} {operator} {_formatted(argument.default or '')}"
            lines += [line] if len(line) <= WIDTH - 4 else []
    sample = [word for argument in required for word in _sample(argument, argument.word or "")]
    return {"defaults": lines, "sample": sample}


def _is_plain(literal: str | None) -> bool:
    """Tell whether a literal is a text, a whole number, True, False or None."""
    return literal is not None and isinstance(ast.literal_eval(literal), str | int | None)


def _sample(argument: Argument, word: str) -> list[str]:
    flag = [argument.flag] if argument.flag else []
    return [*flag, word] if argument.placeholder else flag


def _only_parses(guard: ast.If, defined: Mapping[str, Definition]) -> bool:
    """Tell whether a guard, run without a tenant, does nothing but parse and call main."""
    made = {
        target.id
        for node in ast.walk(guard)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def is_harmless(call: ast.Call) -> bool:
        name = ast.unparse(call.func)
        if name == "main":
            return True
        if isinstance(own := defined.get(name), ast.FunctionDef):
            return _only_parses(ast.If(ast.Constant(True), own.body, []), {})
        return name in HARMLESS or root(call.func) in made | {"ArgumentParser", "argparse"}

    nodes = [node for statement in guard.body for node in ast.walk(statement)]
    stored = [node for node in nodes if isinstance(getattr(node, "ctx", None), ast.Store)]
    return all(isinstance(node, ast.Name) for node in stored) and all(
        is_harmless(node) for node in nodes if isinstance(node, ast.Call)
    )


def test_third_parties(trees: Mapping[str, ast.Module]) -> str | None:
    """Return tests of the functions that call HTTP services, still to be recorded; None for none.

    `trees` are the package's modules, parsed, by their path below it.
    """
    found = [
        (path.removesuffix(".py").replace("/", "."), node)
        for path in sorted(trees)
        for node in _calling_http(trees[path])
    ]
    if not found:
        return None
    methods = []
    for module, node in found:
        call = f"{module}.{node.name}({', '.join(_parameters(node))})"
        reason = f"To record it: mark it with @pytest.mark.vcr(), and call {call} in place of this."
        name = (
            f"test_{module.replace('.', '_')}_{node.name}"
            if module != "main"
            else f"test_{node.name}"
        )
        skip = textwrap.indent(_call("pytest.skip", reason, indent=8), " " * 8)
        methods.append(f"    def {name}(self) -> None:\n{skip}\n")
    return f'''\
"""What functions get from third parties, replayed from the cassettes in tests/vcr_cassettes.

A test without a cassette records one, outside of CI. To record it again, delete it.
"""

import pytest
from pyatlan.test_utils.base_vcr import BaseVCR


class TestThirdParties(BaseVCR):
{chr(10).join(methods)}'''


def _calling_http(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions, but for main, in which a library for HTTP is called by its name."""
    imported = imported_names(node for node in nodes_of(tree) if isinstance(node, ast.stmt))
    http = {name for name, origin in imported.items() if origin.split(".")[0] in HTTP_MODULES}
    for name, node in _definitions_by_name(tree).items():
        if name != "main" and isinstance(node, ast.FunctionDef):
            calls = (child for child in ast.walk(node) if isinstance(child, ast.Call))
            if any(root(call.func) in http for call in calls):
                yield node


def _hands_over_parsed(guard: ast.If) -> bool:
    """Tell whether main gets what was parsed, as it is."""
    nodes = [*ast.walk(guard)]
    calls = [node for node in nodes if isinstance(node, ast.Call) and root(node.func) == "main"]
    given = calls[0].args[0] if len(calls) == 1 and calls[0].args else None
    if isinstance(given, ast.Name):
        values = [
            node.value
            for node in nodes
            if isinstance(node, ast.Assign) and given.id in bound_names(node)
        ]
        given = values[0] if len(values) == 1 else None
    return (
        isinstance(given, ast.Call)
        and root(given.func) != "main"
        and ast.unparse(given.func).rpartition(".")[2]
        not in ("Namespace", "parse_known_args", "vars")
    )


def has_sdk(tree: ast.Module) -> bool:
    """Tell whether a script imports pyatlan, anywhere."""
    return any(module.partition(".")[0] in SDK for module in imported_modules(tree))


# --- What main.py defines -------------------------------------------------------------------------


def _functions(tree: ast.Module) -> Iterator[str]:
    """Yield assertions on what main.py defines: that it is there, with these parameters."""
    for name, node in _definitions_by_name(tree).items():
        names = _made_with(node) if isinstance(node, ast.ClassDef) else _parameters(node)
        if node.decorator_list or len(name) > 43:
            yield _call("assert callable", Source(f"script.{name}"))
        elif names is None:
            yield _call("assert inspect.isclass", Source(f"script.{name}"))
        else:
            yield _assertion(f"parameters(script.{name})", names)


def _definitions_by_name(tree: ast.Module) -> dict[str, Definition]:
    """Return what a module defines at its top level, once, under a name that stays its own."""
    bound = Counter(
        name
        for statement in tree.body
        if not is_guard(statement)
        for name in bound_names(statement)
    )
    return {
        statement.name: statement
        for statement in tree.body
        if isinstance(statement, Definition) and bound[statement.name] == 1
    }


def _parameters(node: Function) -> list[str]:
    """Return the names of a function's parameters, as inspect.signature orders them."""
    spec = node.args
    parameters = [*spec.posonlyargs, *spec.args, *([spec.vararg] if spec.vararg else [])]
    parameters += [*spec.kwonlyargs, *([spec.kwarg] if spec.kwarg else [])]
    return [parameter.arg for parameter in parameters]


def _made_with(node: ast.ClassDef) -> list[str] | None:
    """Return what a class takes; None where a base or a metaclass has a say in it."""
    own = {method.name: method for method in node.body if isinstance(method, ast.FunctionDef)}
    if node.bases or node.keywords or "__init__" not in own or "__new__" in own:
        return None
    if own["__init__"].decorator_list or not own["__init__"].args.args:
        return None
    return _parameters(own["__init__"])[1:]


# --- Python as ruff formats it --------------------------------------------------------------------


def _assertion(what: str, names: list[str]) -> str:
    """Return the lines of an assertion in a function that something is a list of names."""
    line = f"assert {what} == [{', '.join(map(_quoted, names))}]"
    if len(line) <= WIDTH - 4:
        return line
    return "\n".join([f"assert {what} == [", *(f"    {_quoted(name)}," for name in names), "]"])


def _call(function: str, *values: str, indent: int = 4) -> str:
    """Return the lines of a call that is indented; texts among its values are quoted."""
    given = [value if isinstance(value, Source) else _quoted(value) for value in values]
    line, inner = f"{function}({', '.join(given)})", f"    {', '.join(given)}"
    if len(line) <= WIDTH - indent:
        return line
    if len(given) == 1 and not isinstance(values[0], Source):
        lines = textwrap.wrap(values[0], WIDTH - indent - 8, break_on_hyphens=False) or [""]
        parts = [_quoted(text + (" " if text != lines[-1] else "")) for text in lines]
        return "\n".join([f"{function}(", *(f"    {part}" for part in parts), ")"])
    if len(inner) <= WIDTH - indent:
        return "\n".join([f"{function}(", inner, ")"])
    return "\n".join([f"{function}(", *(f"    {value}," for value in given), ")"])


def _formatted(literal: str) -> str:
    """Return a literal with the quotes that ruff prefers, where it is a text."""
    value = ast.literal_eval(literal)
    return _quoted(value) if isinstance(value, str) else literal


def _quoted(text: str) -> str:
    """Return the literal of a text, with the quotes that ruff prefers."""
    body = repr(text + "\"'")[1:-4]
    # With both kinds in it, repr takes single quotes and escapes those.
    quote = "'" if body.count('"') > body.count("\\'") else '"'
    body = body.replace("\\'", "'").replace(quote, f"\\{quote}")
    return f"{quote}{body}{quote}"


def _listed(names: Sequence[str], word: str = "and") -> str:
    return f" {word} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
