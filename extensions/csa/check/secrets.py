"""The rule on secrets in files, and what tells a secret from what only stands in its place."""

from __future__ import annotations

import ast
import codecs
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.filters.allowlist import is_line_allowlisted
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
from detect_secrets.util.code_snippet import get_code_snippet

from ..files import TooLarge
from .package import Package
from .rule import Rule

LARGEST = 5_000_000
"""Bytes of the largest file that is looked at: what has more is data, and would take long."""

DETECTORS = [
    detector()
    for detector in get_mapping_from_secret_type_to_class().values()
    # Not those that do more than search: they go by names as well, which is done below, or take any
    # text with enough different letters for a secret, such as a GUID.
    if issubclass(detector, RegexBasedDetector) and detector.analyze_line is BasePlugin.analyze_line
]
"""What knows the tokens of well-known services by their shape."""

PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY( BLOCK)?-----(\\+[nr]|[\s\"'+\\])*[A-Za-z0-9+/]{32}"
)

IN_URL = re.compile(
    r"""://[^\s/:@"']{0,99}:(?P<password>[^\s/?\#@"']+)@(?![\w.-]*\bexample\.)
    | [?&;](?P<name>[\w.-]{1,60})=(?P<value>[^\s&;"'\\]+)""",
    re.VERBOSE,
)

TELLING = re.compile(
    r"""(?!.*(continuation|delta|next|page|sync).?token)
    [\w.-]*
    ( (access|account|api|auth|client|consumer|encryption|private|secret|service|shared|signing
        |subscription|webhook).?key
    | (\b|_)pass | passw(or)?d | passphrase | pwd | authorization | secret | token )
    ([_.-]?(default|dev|live|prod|production|staging|test|value|\d))*""",
    re.IGNORECASE | re.VERBOSE,
)
"""A name whose value is a secret: API_KEY, x-api-key, db_password_2; not token_url, page_token."""

READERS = {"add_argument", "get", "getenv", "option", "pop", "setdefault", "setenv"}
"""Functions that take a name and its value, or its default, by their last name."""

IN_TEXT = re.compile(
    r"""(?<![A-Za-z0-9_])(?P<name>[A-Za-z_][\w.-]{0,60}) (?:\\?["'])? [ \t]*
    (?= (?: =>? | :=? )(?!=) [ \t]*
      (?: (?P<quote>\\?["'])(?P<quoted>[^"'\n\\]{1,2000})(?P=quote)
      | (?P<bare>(?:(?:Basic|Bearer|Token)[ ])?[^\s"'`,;\\!*&|>\[{$<%(\#][^\s"'`,;\\]{0,200}) ) )""",
    re.VERBOSE,
)
"""A name and its value, in no language in particular."""

SETTINGS = re.compile(
    r"(.*/)?(\.env[^/]*|[^/]*Dockerfile[^/]*|[^/]*\.(cfg|conf|env|ini|properties|sh|ya?ml))"
)
"""The files in which a value needs no quotes."""

SCHEME = re.compile(r"(Basic|Bearer|Token)\s+", re.IGNORECASE)
"""What stands before a secret in a header."""

PLACEHOLDER = re.compile(
    r"""(.)\1{3} | \.\.\. | … | ^\$ | %\( | <[^<>]*> | \{[^{}]*\}
    | change.?me | dummy | example | placeholder | redacted | replace | sample | your
    | (?<![a-z])(fake|foo|here|mock|none|null|test|todo|xxx)(?![a-z])""",
    re.IGNORECASE | re.VERBOSE,
)

_NAME = r"(key|pass|passphrase|passw(or)?d|pwd|secrets?|token|credentials?)"
HARMLESS = re.compile(
    rf""".{{0,7}} | [^A-Za-z]*
    | [A-Z]?[a-z]{{0,11}} | [A-Z]{{0,11}}  # a word
    | [A-Z]+(_[A-Z]+)+ | [a-z]+(_[a-z]+)+ | [A-Za-z_]+\d*[\[(].*  # a variable, a type, a call
    | (?i:[^A-Za-z]*([a-z]+(\d[a-z]?)?[_./:-])*{_NAME}([_-]?(env|field|file|id|name|path|ref|value))?)
    | [A-Z]?[a-z]+(Key|Password|Secret|Token)
    | ([\w.*:-]*/)*{_NAME}/[\w./*:-]*  # where a secret is kept
    | (arn:|[a-z]+://|[.~]*/[\w.-]+/).* | .*\.[a-z]{{2,5}}""",
    re.VERBOSE,
)
"""What may stand beside such a name, and is none: access_token, prod/db/password, varchar(255)."""


_Named = tuple[str, str, int, int]
"""A name, what stands beside it, and the first and the last line of that."""


class NoSecret(Rule):
    """No file may have a secret in it, unless its line says `# pragma: allowlist secret`.

    A script takes them from its arguments or the environment, tests from `.env`, which git passes
    over. Take back one that was committed: history keeps it.

    What is found are tokens that a service gives a shape of their own, private keys, passwords in
    URLs, and what is written beside names such as `api_key`. There, a placeholder passes, and so
    does a single word, a text with spaces, or less than eight characters. Binary files and those of
    more than 5 MB are not looked at.
    """

    id = "CSA701"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in package.paths:
            text = None if is_recording(path) else text_of(package, path)
            if not text:
                continue
            # The search for that comment takes long where there are many spaces.
            lines = [" ".join(line.split()) for line in text.split("\n")]
            found: dict[int, str] = {}
            alone = ((line, line, what) for line, what in tokens(text))
            for line, end, what in chain(_secrets(package, path, text), alone):
                if not any(
                    is_line_allowlisted(path, lines[number - 1], get_code_snippet(lines, number))
                    for number in range(line, end + 1)
                ):
                    found.setdefault(line, what)
            for line, what in sorted(found.items()):
                yield path, line, f"{what} looks like a secret"


def is_recording(path: str) -> bool:
    """Tell whether a path below a package is a recording of HTTP."""
    *folders, name = path.split("/")
    below = folders[folders.index("tests") :] if "tests" in folders else []
    return bool({"cassettes", "vcr_cassettes"} & set(below)) and name.endswith(
        (".json", ".yaml", ".yml")
    )


def text_of(package: Package, path: str) -> str | None:
    """Return a file's text with \\n at the end of lines, None if it is binary or too large."""
    try:
        content = package.read(path, LARGEST)
    except TooLarge:
        return None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    elif b"\0" in content:
        return None
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def tokens(text: str) -> Iterator[tuple[int, str]]:
    """Yield what no name is needed for to know it for a secret: its line, and what it is."""
    line_at = _Lines(text)
    for detector in DETECTORS:
        for pattern in detector.denylist:
            for match in pattern.finditer(text):
                if any(detector.analyze_string(match[0])) and not PLACEHOLDER.search(match[0]):
                    yield line_at(match.start()), f"this {detector.secret_type}"
    for match in PRIVATE_KEY.finditer(text):
        yield line_at(match.start()), "this private key"


def is_secret(word: str) -> bool:
    """Tell whether a text without spaces, beside a name that tells of a secret, may be one."""
    return not HARMLESS.fullmatch(word) and not PLACEHOLDER.search(word)


def _secrets(package: Package, path: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the first and the last line of what seems a secret, and what it is."""
    named = [_in_urls(text)]
    if path.endswith(".py") and not package.unreadable(path):
        named.append(_in_python(package.tree(path)))
        text = re.sub(r"^(?!\s*#).*", "", text, flags=re.MULTILINE)  # its comments
    named.append(_in_text(text, bare=bool(SETTINGS.fullmatch(path))))
    for name, value, line, end in chain(*named):
        value = SCHEME.sub("", value.strip(), count=1)
        if TELLING.fullmatch(name) and not re.search(r"\s", value) and is_secret(value):
            yield line, end, name


def _in_urls(text: str) -> Iterator[_Named]:
    line_at = _Lines(text)
    for match in IN_URL.finditer(text):
        line = line_at(match.start())
        yield match["name"] or "password", match["value"] or match["password"], line, line


def _in_text(text: str, bare: bool) -> Iterator[_Named]:
    line_at = _Lines(text)
    for match in IN_TEXT.finditer(text):
        line = line_at(match.start())
        yield match["name"], match["quoted"] or (match["bare"] if bare else ""), line, line


def _in_python(tree: ast.Module) -> Iterator[_Named]:
    for named, given in _pairs(tree):
        values: list[ast.AST | None] = [given]
        while values:
            match values.pop():
                case ast.Constant(value=str() | bytes() as value) as node:
                    text = value if isinstance(value, str) else value.decode("latin-1")
                    yield _name(named), text, node.lineno, node.end_lineno or node.lineno
                case ast.BoolOp(values=operands):
                    values += operands
                case ast.IfExp(body=body, orelse=orelse):
                    values += [body, orelse]


def _pairs(tree: ast.Module) -> Iterator[tuple[ast.AST | None, ast.AST | None]]:
    """Yield what has a name, and what stands beside it."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield target, value
                    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                        yield from zip(target.elts, value.elts)
            case ast.AnnAssign() | ast.NamedExpr():
                yield node.target, node.value
            case ast.keyword():
                yield node, node.value
            case ast.Dict(keys=keys, values=values):
                yield from zip(keys, values)
            case ast.arguments():
                plain = [*node.posonlyargs, *node.args]
                yield from zip(reversed(plain), reversed(node.defaults))
                yield from zip(node.kwonlyargs, node.kw_defaults)
            case ast.Call(func=function, args=args) if _name(function) in READERS:
                defaults = [one.value for one in node.keywords if one.arg == "default"]
                for name in args[:3]:
                    for given in [*args[1:3], *defaults]:
                        yield name, given


def _name(node: ast.AST | None) -> str:
    match node:
        case (
            ast.Name(id=str(name))
            | ast.Attribute(attr=str(name))
            | ast.arg(arg=str(name))
            | ast.keyword(arg=str(name))
            | ast.Constant(value=str(name))
            | ast.Subscript(slice=ast.Constant(value=str(name)))
        ):
            return name
    return ""


class _Lines:
    """Tells the line of a place in a text."""

    def __init__(self, text: str):
        self.ends = list(accumulate(len(line) + 1 for line in text.split("\n")))

    def __call__(self, place: int) -> int:
        return bisect_right(self.ends, place) + 1


RULES = (NoSecret(),)
