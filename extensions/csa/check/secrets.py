"""The rule on secrets in files, and what tells a secret from what only stands in its place."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain

from ..files import TooLarge
from .literals import GAP, Literal, literals
from .package import Package
from .rule import Rule
from .scrubber import SECRET_WORDS, words
from .tokens import PLACEHOLDER, tokens

LARGEST = 5_000_000
"""Bytes of the largest file that is looked at: what has more is data, and would take long."""

ALLOWED = re.compile(r"pragma: ?(allow|white)list[ -]secret")
NEXT_LINE_ALLOWED = re.compile(r"\W{0,9}pragma: ?allowlist[ -]nextline[ -]secret")
"""Comments that let a secret stand in their line, or in the one below."""

IN_URL = re.compile(
    r"""://(?:[^\s/:@"']{0,99}:(?P<password>[^\s/?\#@"']{1,500})|(?P<user>[\w-]{20,200}))
      @(?![\w.-]{0,99}\bexample\.)
    | [ ]-(?:u|-user)[ =]["']?[\w.@-]{1,60}:(?P<login>[^\s"']{1,500})
    | [?&;\#](?P<name>[\w.-]{1,60})=(?P<value>[^\s&;"'\\]{1,2000})""",
    re.VERBOSE,
)

SECRET_NAME = re.compile(
    rf""".*({SECRET_WORDS})s?
    (_?(default|dev|live|prod|production|staging|test|value|\d+))*""",
    re.VERBOSE,
)
"""A name whose value is a secret: API_KEY, x-api-key, db_password_2; not token_url, page_token.

In recordings such a word counts wherever it stands. In files it has to be the last: names such as
secret_name and token_field are too many in code."""

IN_TEXT = re.compile(
    # The name is taken in one piece: (?P=name) leaves no shorter one to try.
    r"""(?<![A-Za-z0-9_])(?=(?P<name>[A-Za-z_][\w.-]{0,60}))(?P=name) (?:\\?["'])? [ \t]{0,20}
    (?= (?: =>? | :=? )(?!=) [ \t]{0,20} (?:\[\s{0,20}(?=\\?["']))?
      (?: (?P<quote>"{3}|'{3}|\\?["'])\n?(?P<quoted>[^"'\n\\]{1,2000})(?P=quote)
      | (?:[|>][+-]?[ \t]{0,9}\n[ ]{1,40})?(?P<bare>(?:(?:Basic|Bearer|Token)[ ])?[^\s"'`,;\\!*&|>\[{$<%(\#][^\s"'`,;\\]{0,200}) ) )""",
    re.VERBOSE,
)
"""A name and its value, in no language in particular."""

_BETWEEN = r"""["']?,?\s{1,40}(?:["']?(?!name\b|value\b)\w{1,40}["']?:(?:[^\n]{0,200}\n|[^\n,{}]{0,200},)
    \s{0,40}){0,3}["']?"""
SIDE_BY_SIDE = re.compile(
    rf"""\bname["']?:[ ]?["']?(?P<name>[A-Za-z_][\w.-]{{0,60}}){_BETWEEN}value["']?:[ ]?
        ["']?(?P<bare>[^\s"',}}]{{1,500}})
    | \bvalue["']?:[ ]?["']?(?P<first>[^\s"',}}]{{1,500}}){_BETWEEN}name["']?:[ ]?
        ["']?(?P<then>[A-Za-z_][\w.-]{{0,60}})
    | <(?P<element>[A-Za-z_][\w.-]{{0,60}})>(?P<content>[^\s<>]{{1,500}})</
    | --(?P<option>[A-Za-z][\w-]{{0,60}})(?:[ ]|["'],\s{{0,40}}["'])(?P<given>(?!-)[^\s"'`,=\])]{{1,500}})(?!=)
    | ^[ ]{{0,40}}-[ ]["']?--(?P<item>[A-Za-z][\w-]{{0,60}})["']?\n
        [ ]{{0,40}}-[ ]["']?(?P<next>(?!-)[^\s"']{{1,500}})""",
    re.VERBOSE | re.MULTILINE,
)
"""A name and its value in YAML, in XML, and as the option of a command."""

MIXED = re.compile(r"(?=[\W_A-Za-z]{0,99}\d)(?=[\W_\d]{0,99}[A-Za-z])[\w+/=.~!@#$%^&*-]{12,}")
"""What can be a secret where values need no quotes, but are mostly none."""

ENV = re.compile(
    r"^[ \t]{0,20}ENV[ \t]{1,20}(?P<name>[A-Za-z_]\w{0,60})[ \t]{1,20}(?P<bare>[^\s\"'=]{1,500})",
    re.IGNORECASE | re.MULTILINE,
)
NETRC = re.compile(r"(?P<name>\bpassword)\s{1,20}(?P<bare>\S{1,500})")
"""A name and its value with a space between: `ENV NAME value` of a Dockerfile, .netrc."""

CONNECTION = re.compile(
    r"\b(?:data source|database|dbname|host|port|server|uid|user)[ ]?=[^\n\"']{1,500}",
    re.IGNORECASE,
)
IN_CONNECTION = re.compile(
    r"(?<![\w-])(?P<name>[A-Za-z_]{1,30})[ ]?=[ ]?(?P<bare>[^\s;,=()\[\]{}]{1,200})(?=[\s;]|\Z)"
)
"""Names and values in one string, such as `dbname=x password=y`."""

SETTINGS = re.compile(
    r"(.*/)?(\.env[^/]*|[^/]*Dockerfile[^/]*|[._](netrc|npmrc|pypirc)"
    r"|[^/]*\.(cfg|conf|env|ini|properties|sh|ya?ml))"
)
"""The files in which a value needs no quotes."""

SCHEME = re.compile(r"(Basic|Bearer|Token)\s+", re.IGNORECASE)
"""What stands before a secret in a header."""

_NAME = r"(key|pass|passphrase|passw(or)?d|pwd|secrets?|token|credentials?)"
HARMLESS = re.compile(
    rf""".{{0,7}} | [^A-Za-z]*
    | [A-Z]?[a-zß-ÿ]{{0,11}}[.:?]? | [A-Z]{{0,12}} | [A-Z][a-z]+(-[A-Z][a-z]+)+  # a word
    | [a-z]{{2,}}([A-Z][a-z]{{2,}})+ | [A-Za-z_]+(\.[A-Za-z_]+)+  # as getToken, session.token
    | [A-Z]+(_[A-Z]+)+ | [a-z]+(_[a-z]+)+ | [A-Za-z_]+\d*[\[(].*  # a variable, a type, a call
    | (?i:[^A-Za-z]*([a-z]+(\d[a-z]?)?[_./:-])*{_NAME}([_-]?(env|field|file|id|name|path|ref|value))?)
    | [A-Z]?[a-z]+(Key|Password|Secret|Token)
    | ([\w.*:-]*/)*{_NAME}/[\w./*:-]*  # where a secret is kept
    | (arn:|[a-z]+://|[.~]*/[\w.-]+/).* | .*\.[a-z]{{2,5}}
    | [a-z][a-z\d-]*(\.[a-z\d-]+){{1,5}}\.[a-z]{{2,12}}  # a host
    | v?\d+(\.\d+){{1,3}}([.+-][a-z\d]+)*  # a version
    | [A-Z]+(-[A-Z]+)+(-\d+)* | [A-Z\d-]*SHA-?\d+  # an error's number, an algorithm
    | \d{{4}}-\d\d-\d\d[T ][\d:.]+([+-][\d:]+|Z)?""",
    re.VERBOSE,
)
"""What may stand beside such a name, and is none: access_token, prod/db/password, varchar(255)."""


Named = tuple[int, str, str]
"""The place of a name, the name, and what stands beside it."""


class NoSecret(Rule):
    """No file may have a secret in it: a script takes it from an argument or the environment.

    Tests take secrets from `.env`, which git ignores. Revoke a secret that was committed: history
    keeps it. For what is none, write `# pragma: allowlist secret` behind the line.

    The rule finds tokens that a service gives a form of their own, private keys, passwords in URLs
    and connection strings, and values beside names such as `api_key`. Such a value is not reported if
    it is a placeholder, a single word, a text with spaces, or shorter than eight characters. A value
    without quotes is reported only if it has letters and digits, except in files of settings. Binary
    files and files of more than 5 MB are skipped.
    """

    id = "CSA701"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in package.paths:
            text = None if is_recording(path) else text_of(package, path)
            if not text:
                continue
            lines = ["", *text.split("\n")]
            line_at = Lines(text)
            found: dict[int, str] = {}
            alone = ((line_at(place), line_at(place), what) for place, what, _ in tokens(text))
            for line, end, what in chain(_secrets(package, path, text), alone):
                allowed = map(ALLOWED.search, lines[line : end + 1])
                if not any(allowed) and not NEXT_LINE_ALLOWED.match(lines[line - 1]):
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


def is_secret(word: str) -> bool:
    """Tell whether a text without spaces, beside a name that tells of a secret, may be one."""
    return not HARMLESS.fullmatch(word) and not PLACEHOLDER.search(word)


def has_secret(path: str, text: str) -> bool:
    """Tell whether a text file that is not Python seems to have a secret."""
    named = _named_in(path, text, text)
    return any(tokens(text)) or any(_is_secret_of(name, value) for _, name, value in named)


def _secrets(package: Package, path: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the first and the last line of what seems a secret, and what it is."""
    named: list[Literal] = []
    alone: list[tuple[int, int, str]] = []
    rest = text
    if path.endswith(".py") and not package.unreadable(path):
        for literal in literals(package.nodes(path)):
            if literal.name:
                named.append(literal)
                continue
            inside = chain(_in_connections(literal.text), _in_text("", literal.text))
            named += (literal._replace(name=name, text=value) for _, name, value in inside)
            for _, what, _ in tokens(literal.text):
                alone.append((literal.line, literal.end, what))
        rest = re.sub(r"^[^#\n]+", lambda code: " " * len(code[0]), text, flags=re.MULTILINE)
    line_at = Lines(text)
    found = _named_in(path, text, rest)
    named += (Literal(name, value, line_at(at), line_at(at)) for at, name, value in found)
    for name, value, line, end in named:
        if _is_secret_of(name, value):
            yield line, end, name
    yield from alone


def _named_in(path: str, text: str, rest: str) -> Iterator[Named]:
    """Yield the values with a name in a file's text; `rest` is that without the code of Python."""
    return chain(_in_urls(text), _in_connections(rest), _in_text(path, rest))


def _in_urls(text: str) -> Iterator[Named]:
    for match in IN_URL.finditer(text):
        value = match["value"] or match["password"] or match["user"] or match["login"]
        yield match.start(), match["name"] or "password", value


def _in_connections(text: str) -> Iterator[Named]:
    for connection in CONNECTION.finditer(text):
        for match in IN_CONNECTION.finditer(connection[0]):
            yield connection.start() + match.start(), match["name"], match["bare"]


def _in_text(path: str, text: str) -> Iterator[Named]:
    needs_no_quotes = SETTINGS.fullmatch(path)
    place = 0
    while match := IN_TEXT.search(text, place):
        place = match.end()
        bare = match["bare"] or ""
        if not needs_no_quotes:
            bare = bare.partition("&")[0]  # as in a form
            bare = bare if MIXED.fullmatch(SCHEME.sub("", bare, count=1)) else ""
        yield match.start(), match["name"], match["quoted"] or bare
        if _is_secret_name(match["name"]):
            # Another name may stand at the end of this value, but not in each part of a long one.
            place = max(place, match.end("quoted") - 60, match.end("bare") - 60)
    for match in SIDE_BY_SIDE.finditer(text):
        found = match.groupdict()
        [name] = filter(None, map(found.get, ("name", "then", "element", "option", "item")))
        [value] = filter(None, map(found.get, ("bare", "first", "content", "given", "next")))
        yield match.start(), name, value
    *_, name = path.split("/")
    spaced = NETRC if "netrc" in name else ENV if "Dockerfile" in name else None
    for match in spaced.finditer(text) if spaced else ():
        yield match.start(), match["name"], match["bare"]


def _is_secret_name(name: str) -> bool:
    """Tell whether a name in a file is one of a secret."""
    if len(name) > 100:
        return False
    return name == "_auth" or bool(SECRET_NAME.fullmatch(words(name)))


def _is_secret_of(name: str, value: str) -> bool:
    """Tell whether a value beside a name is a secret."""
    if not _is_secret_name(name):
        return False
    value = SCHEME.sub("", value.strip(), count=1)
    if GAP in value:
        return any(MIXED.fullmatch(word) and is_secret(word) for word in value.split())
    return not re.search(r"\s", value) and is_secret(value)


class Lines:
    """Tells the line of a place in a text."""

    def __init__(self, text: str):
        self.ends = list(accumulate(len(line) + 1 for line in text.split("\n")))

    def __call__(self, place: int) -> int:
        return bisect_right(self.ends, place) + 1


RULES = (NoSecret(),)
