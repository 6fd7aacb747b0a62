"""The tests of a legacy script, written for the script as it is."""

from __future__ import annotations

import ast
import io
import re
import sys
import textwrap
import tokenize
from collections import Counter
from collections.abc import Iterable
from keyword import iskeyword

from ..source.arguments import SUPPRESSED, Arguments, arguments_of
from ..source.expressions import imports
from ..source.names import Definition, Function, bound_names, imported_modules, is_guard
from ..source.parsers import Argument
from ..source.requirements import SDK
from ..source.syntax import parse, parse_expression

WIDTH = 88  # of the lines in a package, as `ruff format` makes them
USER_ID = 'os.environ.get("ATLAN_USER_ID", "")'

# What the generated file has under these names is not the script's.
_TAKEN = {"argparse", "asyncio", "config", "isclass", "os", "pytest", "script", "signature"}
_TAKEN |= {"Callable", "parameters", "tenant", "test_after_main", "test_main"}
_TAKEN |= {"test_main_functions"}

_PARAMETERS = """
def parameters(function: Callable[..., object]) -> list[str]:
    return list(signature(function).parameters)
"""


def test_main(package: str, source: str, *, tenant: bool, problem: str | None) -> str:
    """Return tests/test_main.py of a script that was taken in, formatted as ruff does.

    `source` is main.py; `tenant`: conftest.py has that fixture; `problem`: a sentence why main.py
    cannot be imported yet. Raises NotPython.
    """
    tree = parse(source)
    needed: set[tuple[str, str | None]] = {("argparse", None), ("pytest", None)}
    functions = _test_functions(tree)
    config = _config(arguments_of(source), imports(tree), needed)
    run = _test_run(tree, arguments_of(source), tenant and has_sdk(tree))
    tests = [config, functions, *run]
    importing = f"from {package} import main as script"
    if problem:  # it can be imported once the mark is gone
        tests = [_importing(lines, f"    {importing}") for lines in tests]
    text = "\n\n".join("\n".join(lines) + "\n" for lines in tests)
    if "parameters(" in text:
        text = f"{_PARAMETERS}\n\n{text}".lstrip("\n")
    for used, module, name in (
        ("os.environ.get(", "os", None),
        ("asyncio.run(", "asyncio", None),
        ("Callable[", "collections.abc", "Callable"),
        ("isclass(", "inspect", "isclass"),
        ("signature(", "inspect", "signature"),
    ):
        if used in text:
            needed.add((module, name))
    standard = {pair for pair in needed if pair[0].partition(".")[0] in sys.stdlib_module_names}
    blocks = [_imports(standard), _imports(needed - standard)]
    if problem:
        blocks.append("\n".join(_call("pytestmark = pytest.mark.skip", [_quoted(problem)])))
    elif "script." in text:
        blocks.append(importing)
    docstring = '"""Tests of main.py: its functions on their own, then a whole run."""'
    return "\n\n".join([docstring, *blocks]) + "\n\n\n" + text


def _importing(lines: list[str], statement: str) -> list[str]:
    """Return a function's lines with an import at its beginning, if they use the script."""
    if not any("script." in line for line in lines):
        return lines
    at = next(number for number, line in enumerate(lines, 1) if line.endswith(":"))
    return [*lines[:at], statement, "", *lines[at:]]


def _imports(needed: Iterable[tuple[str, str | None]]) -> str:
    """Return import statements as isort orders them; of each the name in main.py is its own."""
    lines = sorted(f"import {module}" for module, name in needed if name is None)
    modules: dict[str, list[str]] = {}
    for module, name in needed:
        if name is not None:
            modules.setdefault(module, []).append(name)
    for module in sorted(modules, key=str.lower):
        names = sorted(modules[module], key=_isort_key)
        lines.append(f"from {module} import {', '.join(names)}")
    return "\n".join(lines)


def _isort_key(name: str) -> tuple[int, str]:
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _config(
    arguments: Arguments,
    imported: dict[str, tuple[str, str | None]],
    needed: set[tuple[str, str | None]],
) -> list[str]:
    """Return the fixture of main's arguments; what its defaults import goes into `needed`."""
    lines: list[str] = []
    missing: list[str] = []
    for argument in arguments.fields:
        if argument.default == SUPPRESSED:
            continue
        value, comment = "None", ""
        if argument.dest == "user_id":
            value = USER_ID
        elif argument.default is None:
            missing.append(argument.dest)
            comment = "  # a value is needed"
        else:
            value = _renamed(argument, imported, needed)
        if found := re.search(r"\bdatetime\.(today|utcnow)\(", value):
            comment = f"  # noqa: {'DTZ002' if found[1] == 'today' else 'DTZ003'}"
        lines += _item(argument.dest, value, comment)
    reasons = []
    if missing:
        reasons.append(f"Give {_listed(missing)} {_values(missing)} that a test run may use.")
    for group in {argument.alternatives: None for argument in arguments.fields}:
        if len(group) > 1:
            reasons.append(f"Give one of {', '.join(group)} a value.")
    if arguments.subcommands:
        reasons.append(f"Keep the arguments of one of {', '.join(arguments.subcommands)}.")
    if not arguments.complete:
        reasons.append("Complete the arguments: not all could be read in main.py.")
    body = _skip(" ".join(reasons)) if reasons else []
    if lines:
        body += ["    return argparse.Namespace(", *lines, "    )"]
    else:
        body += ["    return argparse.Namespace()"]
    head = ['@pytest.fixture(scope="module")', "def config() -> argparse.Namespace:"]
    return [*head, *body]


def _item(name: str, value: str, comment: str) -> list[str]:
    """Return the lines of a field in a call of Namespace."""
    plain = name.isidentifier() and not iskeyword(name)
    before, after = (f"{name}=", "") if plain else (f"**{{{_quoted(name)}: ", "}")
    lines = _wrapped(parse_expression(value), 8, before, f"{after},", value)
    return [*lines[:-1], lines[-1] + comment]


def _wrapped(node: ast.expr, indent: int, before: str, after: str, typed: str) -> list[str]:
    """Return an expression's lines; one that is too long and has brackets is taken apart."""
    line = " " * indent + before + _formatted(node, typed) + after
    if len(line) <= WIDTH:
        return [line]
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)) and node.elts:
        brackets = {ast.List: ("[", "]"), ast.Tuple: ("(", ")"), ast.Set: ("{", "}")}
        start, end = brackets[type(node)]
        parts = [("", element) for element in node.elts]
    elif isinstance(node, ast.Dict) and None not in node.keys and node.keys:
        start, end = "{", "}"
        keys = [_formatted(key) for key in node.keys if key]
        parts = [(f"{key}: ", value) for key, value in zip(keys, node.values, strict=True)]
    elif isinstance(node, ast.Call) and (node.args or node.keywords):
        start, end = f"{_formatted(node.func)}(", ")"
        parts = [("", argument) for argument in node.args]
        parts += [(f"{word.arg}=" if word.arg else "**", word.value) for word in node.keywords]
        inner = " " * (indent + 4) + ", ".join(name + _formatted(value) for name, value in parts)
        if len(inner) <= WIDTH:
            return [" " * indent + before + start, inner, " " * indent + end + after]
    else:
        return [line]
    lines = [" " * indent + before + start]
    for name, value in parts:
        lines += _wrapped(value, indent + 4, name, ",", "")
    return [*lines, " " * indent + end + after]


def _renamed(
    argument: Argument,
    imported: dict[str, tuple[str, str | None]],
    needed: set[tuple[str, str | None]],
) -> str:
    """Return a default as the test says it: what main.py imports, imported; else script.NAME."""
    own = set(argument.names)
    for name in argument.names:
        module, member = imported.get(name, ("", None))
        same_name = name == (member or module.partition(".")[0]) and (member or module == name)
        if same_name and (name not in _TAKEN or (module, member) == (name, None)):
            needed.add((module, member))
            own.discard(name)
    if not own:
        return argument.default or "None"
    tree = parse_expression(argument.default or "None")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in own:
            node.id = f"script.{node.id}"
    return ast.unparse(tree)


def _formatted(node: ast.expr, typed: str = "") -> str:
    """Return an expression as ruff formats it; a plain number as it was typed."""
    if re.fullmatch(r"-?[\d_]+(\.[\d_]+)?", typed):
        return typed
    text = ast.unparse(node)
    parts, end = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and token.string[0] in "b'\"":
            parts += [text[end : token.start[1]], _quoted(ast.literal_eval(token.string))]
            end = token.end[1]
        elif token.type == tokenize.NUMBER:
            parts += [text[end : token.start[1]], token.string.replace("e+", "e")]
            end = token.end[1]
        elif token.string == "**" and text[end : token.start[1]].endswith(" "):
            parts.append(text[end : token.start[1]].rstrip() + "**")
            end = token.end[1] + 1
    return "".join(parts) + text[end:]


def _quoted(text: str | bytes) -> str:
    """Return the literal of a string or of bytes, with the quotes that ruff prefers."""
    if isinstance(text, bytes):
        body, prefix = repr(text + b"\"'")[2:-4], "b"
    else:
        body, prefix = repr(text + "\"'")[1:-4], ""
    # With both kinds in it, repr takes single quotes and escapes those.
    quote = "'" if body.count('"') > body.count("\\'") else '"'
    body = body.replace("\\'", "'").replace(quote, f"\\{quote}")
    return f"{prefix}{quote}{body}{quote}"


def _test_functions(tree: ast.Module) -> list[str]:
    """Return the test of what main.py defines: that it is there, with these parameters."""
    body: list[str] = []
    for node in _definitions(tree):
        name, names = f"script.{node.name}", None
        if isinstance(node, ast.ClassDef):
            names = _made_with(node)
        else:
            names = _parameters(node)
        if node.decorator_list or len(name) > 50:
            body += _call("assert callable", [name], 4)
        elif names is None:
            body += _call("assert isclass", [name], 4)
        else:
            listed = parse_expression(repr(names))
            body += _wrapped(listed, 4, f"assert parameters({name}) == ", "", "")
    if not body:
        body = _skip("main.py has no functions that a test can import.")
    return ["def test_main_functions() -> None:", *body]


def _definitions(tree: ast.Module) -> list[Definition]:
    """Return what a module defines at its top level, once, under a name that stays its own."""
    bound = Counter(
        name
        for statement in tree.body
        if not is_guard(statement)
        for name in bound_names(statement)
    )
    return [
        statement
        for statement in tree.body
        if isinstance(statement, Definition) and bound[statement.name] == 1
    ]


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


def _test_run(tree: ast.Module, arguments: Arguments, tenant: bool) -> list[list[str]]:
    """Return the test that runs main and the one of what it did; `tenant`: on a tenant."""
    with_config = "config: argparse.Namespace" + (", tenant: str" if tenant else "")
    problem = _not_runnable(tree, arguments)
    if problem:
        first = ["def test_main() -> None:", *_skip(problem)]
    else:
        first = [f"def test_main({with_config}) -> None:"]
        if not tenant:
            first += _skip(
                "This runs main for real: check what it reads, writes and calls with config, "
                "then delete this line."
            )
        main = next(node for node in _definitions(tree) if node.name == "main")
        call = "script.main(config)"
        first.append(
            f"    asyncio.run({call})" if isinstance(main, ast.AsyncFunctionDef) else f"    {call}"
        )
    mark = '@pytest.mark.order(after="test_main")'
    after = _skip("Assert here what the run of main has written or changed.")
    return [first, [mark, f"def test_after_main({with_config}) -> None:", *after]]


def _not_runnable(tree: ast.Module, arguments: Arguments) -> str | None:
    """Return why main cannot be called with a namespace; None if it can."""
    mains = [node for node in _definitions(tree) if node.name == "main"]
    if not mains or isinstance(mains[0], ast.ClassDef):
        return "main.py has no function main(args) yet."
    spec = mains[0].args
    optional = len(spec.posonlyargs) + len(spec.args) - len(spec.defaults)
    if optional != 1 or None in spec.kw_defaults:
        return "main takes something else than the arguments alone: call it here as it needs."
    if not arguments.namespace:
        return "main gets something else than argparse's namespace: call it here as it needs."
    return None


def has_sdk(tree: ast.Module) -> bool:
    """Tell whether a script imports pyatlan, anywhere."""
    return any(module.partition(".")[0] in SDK for module in imported_modules(tree))


def _skip(reason: str) -> list[str]:
    return _call("pytest.skip", [_quoted(reason)], 4)


def _call(function: str, values: list[str], indent: int = 0) -> list[str]:
    """Return the lines of a call; of its values, a first string may be split."""
    space = " " * indent
    line = f"{space}{function}({', '.join(values)})"
    inner = f"{space}    {', '.join(values)}"
    if len(line) <= WIDTH:
        return [line]
    if len(inner) <= WIDTH:
        return [f"{space}{function}(", inner, f"{space})"]
    parts = _split(values[0], WIDTH - indent - 5)
    first = [f"{space}    {part}" for part in parts]
    if len(values) == 1:
        return [f"{space}{function}(", *first, f"{space})"]
    rest = [f"{space}    {value}," for value in values[1:]]
    return [f"{space}{function}(", *first[:-1], f"{first[-1]},", *rest, f"{space})"]


def _split(literal: str, width: int) -> list[str]:
    """Return a string's literal as several, each with the space after its last word."""
    if len(literal) <= width or literal[0] not in "'\"":
        return [literal]
    text = ast.literal_eval(literal)
    lines = textwrap.wrap(text, width - 8, break_long_words=False, break_on_hyphens=False)
    return [_quoted(line + (" " if line != lines[-1] else "")) for line in lines]


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _values(names: list[str]) -> str:
    return "values" if len(names) > 1 else "a value"
