"""The rule on secrets in recordings of HTTP.

It looks for them in another way than tests/recording.py, so that it finds what that passes over:
in the text of a recording, whatever the format, by names of secrets and by what stands near.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from ..yaml_text import load_yaml
from .layers import layers
from .package import Package
from .rule import Rule
from .scrubber import SECRET_NAME, Secrets, words
from .secrets import Lines, is_recording, is_secret, text_of
from .tokens import tokens

NO_RECORDING = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a file raises that is no recording: of the text, of what it holds, of a URL."""

LOGIN = re.compile(r"//(?P<value>[^\s/?#\"'<>]{1,500})@")

NAMED = re.compile(
    r"""(?<![A-Za-z0-9_])(?=(?P<name>[A-Za-z_][\w.-]{0,60}))(?P=name)
    [\\"'\]]{0,9} [\s+]{0,9} (?: => | [:=] ) [\s+]{0,9} (?P<open>[\[{])?""",
    re.VERBOSE,
)
ELEMENT = re.compile(
    r"""<(?:[\w-]{1,60}:)?(?P<name>[A-Za-z_][\w.-]{0,60})(?:\s[^<>]{0,300})?>
    | (?<=>)\s{0,9}(?P<key>[A-Za-z_][\w.-]{0,60})</[^<>]{1,60}>\s{0,9}<(?P<list>array|dict)>""",
    re.VERBOSE,
)
"""A name and what separates it from its value, which may be an object or a list."""

VALUE = re.compile(
    r"""[\\]{0,9}(?:(?:"{3}|")([^"]{1,4000})|(?:'{3}|')([^']{1,4000})
    | ((?:[A-Z][a-z]{1,20}[ ])?[^\s&"'<>,{}]{1,4000}(?:(?<=[=\\])"[^"]{1,4000})?))""",
    re.VERBOSE,
)
STRING = re.compile(
    r"""(?:"([^"\n]{0,60})"\s{0,9}:[\s\\]{0,9})?"([^"]{0,4000})"(\s{0,9}:)?|[\[{}\]]"""
)
_FIELD = r"[^\s=&\"'<>{}/?#]*(?:=[^&\r\n]*)?"
FORM = re.compile(rf"{_FIELD}(?:&{_FIELD})*[\r\n]*")
"""A body that is a form: what is not encoded there goes on to the next &."""

PACKED = re.compile(r"\b(br|bzip2|compress|dc[bz]|lz4|snappy|xz|zstd)\b", re.IGNORECASE)
ZSTD = b"\x28\xb5\x2f\xfd"
"""What a body is compressed with that nothing here undoes, and how such a one starts."""

KEY = re.compile(r"(?=(?:\D{0,99}\d){3})(?:[A-Za-z\d]{20,}|(?=.*[A-Z])(?=.*[a-z])[\w+/=-]{20,})")
"""What beside the name `key` is seldom the name of something else."""

LINE_END = re.compile(r"\\+[rn]")

END = re.compile(r"</(?:[\w-]{1,60}:)?([\w.-]{1,61})>")
TAGS = re.compile(r"<[^<>]{0,300}(?:>|\Z)")

LABEL = re.compile(
    r"""\b(?:name\*?|key|header|id|type)["']?\s{0,9}[:=]\s{0,9}["']?(?:[\w-]{1,20}'')?(?P<name>[A-Za-z_][\w.-]{0,60})""",
    re.IGNORECASE,
)
LABELLED = re.compile(
    r"""\b(?:content|value)["']?\s{0,9}[:=]\s{0,9}["']([^"']{1,4000}) | >([^<>]{1,4000})
    | \r?\n\r?\n([^\r\n]{1,4000})""",
    re.IGNORECASE | re.VERBOSE,
)
"""A name that is itself a value, as in name="token", and what may be the value of that name."""

JSON_ATTRIBUTE = re.compile(r"""[\w-]=\s{0,9}'\s{0,9}[{\[]["{\[][^'<>]{0,200}'(?=[\s/>])""")
"""What may stand between the two in a tag, and has the signs of an object's ends."""

BESIDE = re.compile(
    r"""[\[>]\s{0,9}["']?(?P<name>[A-Za-z_][\w.-]{0,60})
    (?: ["'],\s{0,9}["'] | </[^<>]{1,60}>\s{0,9}<[^<>]{1,60}> )(?P<value>[^"'<>]{1,4000})""",
    re.VERBOSE,
)
"""A pair in a list, as in ["token", "x"], or two elements, as in <key>token</key><value>x</value>."""

NEAR = 200
"""Characters around such a name in which its value is looked for."""

MOST = 10_000_000
"""Characters of one file that are looked through, those that are unwrapped included."""

INSIDE = 4000
"""Characters of an object, a list or an element that are looked through."""


class CleanRecordings(Rule):
    """No recording of HTTP may have a secret in it.

    tests/recording.py removes secrets from recordings, by the names of headers, parameters and
    fields. This rule searches again, in another way. It finds tokens of well-known services and
    values beside such names, also inside JSON strings, URL encoding, base64 and gzip. It also
    reports a body in Brotli, zstd or the like, which it cannot read. Delete the
    recording and run `pytest` to record it again; if a secret is still there, replace it in the file.
    Placeholders such as `**REDACTED**` are not reported. Recordings are `.yaml` and `.json` files below
    `tests`, in a folder `vcr_cassettes` or `cassettes`.
    """

    id = "CSA702"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in filter(is_recording, package.paths):
            text = text_of(package, path)
            if text is None:
                continue
            line_at = Lines(text)
            found: dict[int, str] = {}
            search = _Search(text)
            place = 0
            try:
                for interaction in _read(text)["interactions"]:
                    request = interaction["request"]
                    urlsplit(request["uri"])  # as vcrpy does
                    interaction["response"].items()
                    # One that is written in another way is not looked for again.
                    place = text.find(request["uri"], place) if place >= 0 else -1
                    names = ", ".join(map(_shown, search.names(interaction)))
                    if names:
                        method = _shown(request["method"])
                        what = f"the {method} there, or its answer, has what looks like a secret in"
                        found.setdefault(line_at(place) if place >= 0 else 0, f"{what} {names}")
                    for message in (request, interaction["response"]):
                        if packed := _packed(message):
                            what = f"a body is compressed with {packed}, which hides what is in it"
                            found.setdefault(line_at(place) if place >= 0 else 0, what)
            except NO_RECORDING:
                yield path, 0, "it cannot be read as a recording"
            for place, what, token in search.tokens:
                if not any(search.known.find(token)):
                    found.setdefault(line_at(place), f"{what} looks like a secret")
            for line, what in sorted(found.items()):
                yield path, line, what


def _read(text: str) -> Any:
    """Return what a recording holds, whatever its name: pyatlan writes JSON into .yaml."""
    try:
        return json.loads(text)
    except ValueError:
        return load_yaml(text)


class _Search:
    """Looks for secrets in one recording after another of a file."""

    def __init__(self, text: str):
        self.tokens = list(tokens(text))
        self.plain = {token for _, _, token in self.tokens}
        self.known = Secrets()
        self.names_of: dict[str, str] = {}
        self.left = MOST

    def names(self, interaction: Any) -> list[str]:
        """Return the names of what seem secrets in a request and its answer, or of their copies."""
        names: dict[str, None] = {}
        copies: dict[str, None] = {}
        seen: dict[str, str] = {}
        fields = _fields(interaction["request"].get("body"))
        for layer in layers([interaction["request"], interaction["response"]], self.left):
            self.left -= len(layer)
            for name, value in chain(fields, _named(layer)):
                parts = [part for part in re.split(r"""[\s"'<>&;,=\\()]+""", value) if part]
                for word in parts:
                    # Of a longer text, such as "Forgot your password?", most is words.
                    if is_secret(word) and (len(parts) < 3 or re.search(r"\d", word)):
                        names[name] = None
                        seen.setdefault(word, name)
            for _, what, token in tokens(layer):
                if token not in self.plain:
                    names[what.replace("this", "a")] = None
            for start, end in self.known.find(layer):
                copies[f"a copy of {self.names_of[layer[start:end]]}"] = None
        for word, name in seen.items():
            self.known.add(word)
            self.names_of.setdefault(word, name)
        return [*names] or [*copies]


def _fields(body: object) -> Iterator[tuple[str, str]]:
    """Yield the names of secrets in a form, and what stands there besides a placeholder."""
    text = body.decode("latin-1") if isinstance(body, bytes) else str(body)
    if FORM.fullmatch(text):
        for field in text.split("&"):
            name, _, value = field.partition("=")
            if _is_secret_name(unquote_plus(name)):
                yield name, value.replace("REDACTED", " ")


def _packed(message: Any) -> str:
    """Return what the body of a request or an answer is compressed with, if nothing here undoes it."""
    body, headers = message.get("body"), message.get("headers")
    if isinstance(body, dict):
        body = body.get("string")
    if isinstance(body, bytes) and body.startswith(ZSTD):
        return "zstd"
    for name, value in headers.items() if body and isinstance(headers, dict) else ():
        kind = str(name).lower() == "content-encoding" and PACKED.search(str(value))
        if kind:
            return kind[0]
    return ""


def _named(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names of secrets in a text, and what stands near."""
    for login in LOGIN.finditer(text):
        yield "its URL's credentials", login["value"].replace(":", " ")
    for label in LABEL.finditer(text):
        if _is_secret_name(label["name"]):
            before = JSON_ATTRIBUTE.sub("", text[max(label.start() - NEAR, 0) : label.start()])
            before = re.split(r"[{]|<\w|\n--", before)[-1]
            after = JSON_ATTRIBUTE.sub("", text[label.end() : label.end() + NEAR])
            after = re.split(r"[}]|</|/>|\n--", after)[0]
            for value in LABELLED.findall(before + after):
                yield label["name"], "".join(value)
    for beside in BESIDE.finditer(text):
        if _is_secret_name(beside["name"]):
            yield beside["name"], beside["value"]
    place = 0
    ends = {end[1].lower(): end.start() for end in END.finditer(text)}  # the last of each name
    while element := ELEMENT.search(text, place):
        name, place = element["name"] or element["key"], element.end()
        end = element["list"] or name
        if _is_secret_name(f"/<{name}") and place < ends.get(end.lower(), 0):
            ending = re.compile(f"{re.escape(end)}>", re.IGNORECASE)
            content = ending.split(text[place : place + INSIDE], maxsplit=1)[0]
            yield name, TAGS.sub(" ", content)
            place += len(content)
    place = 0
    while match := NAMED.search(text, place):
        name, place = match["name"], match.end()
        if not _is_secret_name(name) and name.lower() != "key":
            continue
        if match["open"]:
            strings, place = _inside(text, place)
            for inner, string in strings:
                if _is_secret_name(f"{name}/{inner}"):
                    yield name, string
        elif value := VALUE.match(text, place):
            # What is not quoted ends with its line, also where that is written in a string.
            content = value[1] or value[2] or LINE_END.split(value[3])[0]
            if name.lower() != "key" or KEY.fullmatch(content):
                yield name, content
            place = value.end()


def _inside(text: str, place: int) -> tuple[list[tuple[str, str]], int]:
    """Return the strings of an object or a list, each with its own name, and where that ends."""
    strings: list[tuple[str, str]] = []
    depth = 1
    for match in STRING.finditer(text, place, place + INSIDE):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if not depth:
            return strings, match.end()
        if match[2] and not match[3]:  # which is the name of what is no string
            strings.append((match[1] or "", match[2]))
    return strings, place + INSIDE


@lru_cache(10_000)
def _is_secret_name(name: str) -> bool:
    return bool(SECRET_NAME.match(words(name)))


def _shown(name: object) -> str:
    return re.sub(r"[^\w .'-]", "?", str(name))[:80]


RULES = (CleanRecordings(),)
