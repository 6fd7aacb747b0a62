"""No secret that a name gives away stays in a recording, whatever it is wrapped in."""

from __future__ import annotations

import base64
import gzip
import json
import re
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from csa.check import RULES
from csa.check.package import Package
from csa.check.scrubber import SECRET_NAME, Scrubber, words
from hypothesis import given
from hypothesis import strategies as st

from tests.support.harmless_bodies import HARMLESS_BODIES
from tests.support.monorepo import init
from tests.support.secret_shapes import NAMES, SHAPES, encodings

SECRETS = ("q8Zr3xV9Lk2Pm7Ns5Tt1Ww4Yy6Bb0Cc", "q8Zr3xV9Lk/+ \"ü&<'=1")
"""One of letters and digits, and one that each format writes in its own way."""

CASSETTE = "tests/cassettes/a.yaml"


@pytest.fixture
def scrubber(monkeypatch: pytest.MonkeyPatch) -> Scrubber:
    monkeypatch.setattr("os.environ", {})
    return Scrubber()


def as_bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body


def shown(body: bytes) -> bytes:
    """Return all that a body tells: as it is, unpacked, out of base64, without UTF-16's zeros."""
    found = [body]
    for place in (0, *(match.start() for match in re.finditer(b"\x1f\x8b", body))):
        for wbits in (47, -15):
            with suppress(zlib.error):
                found.append(zlib.decompressobj(wbits).decompress(body[place:]))
    text = b" ".join(found)
    for word in re.findall(rb"[A-Za-z0-9+/]{16,}={0,2}", text + b" " + text.replace(b"\n", b"")):
        with suppress(ValueError):
            found.append(base64.b64decode(word))
            found.append(shown(found[-1]))
    return b"\n".join(data.replace(b"\0", b"") for data in found)


def leaks(body: bytes, secret: str) -> list[str]:
    """Return the encodings in which a body has a secret, or its first letters and digits."""
    text = shown(body)
    forms = {"its start": secret[:10].encode(), **encodings(secret)}
    return [name for name, form in forms.items() if form in text]


def recorded(body: str | bytes) -> dict[str, Any]:
    """Return a recording of one request with that body, as vcrpy writes it into YAML."""
    try:
        body = as_bytes(body).decode()
    except UnicodeDecodeError:
        pass
    request: dict[str, Any] = {"method": "POST", "uri": "https://x.y/", "headers": {}, "body": body}
    return {"interactions": [{"request": request, "response": {"headers": {}, "body": {}}}]}


# --- tests/recording.py -------------------------------------------------------------------------


@pytest.mark.parametrize("secret", SECRETS, ids=["plain", "special"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_named_secret_is_taken_out_of_each_shape(
    monkeypatch: pytest.MonkeyPatch, shape: str, secret: str
) -> None:
    monkeypatch.setattr("os.environ", {})
    for name in NAMES[::9]:
        body = as_bytes(SHAPES[shape](name, secret))
        scrubbed = Scrubber().body(body)
        assert leaks(body, secret)
        assert leaks(scrubbed, secret) == [], (name, scrubbed)
        assert Scrubber().body(scrubbed) == scrubbed  # as when it is read for a replay


@pytest.mark.parametrize("name", NAMES)
def test_each_name_of_a_secret_is_known(scrubber: Scrubber, name: str) -> None:
    assert scrubber.body(json.dumps({name: SECRETS[0], "a": 1})) == json.dumps(
        {name: "REDACTED", "a": 1}
    )


@pytest.mark.parametrize(
    "name",
    ["token_url", "next_page_token", "continuationToken", "token_type", "token_expires_in", "author",
     "compass", "side", "authority", "keyboard", "design", "passport_number", "sidebar", "spin",
     "pinned", "credential/guid", "credentials.name", "next_page_tokens", "token_expiry_seconds",
     "accessTokenExpirationMs", "tokenizer", "tokenization", "secretary", "cookieConsent", "token_types",
     "access.token.lifespan", "paginationToken", "api_key/in", "auth/user", "AUTH0_DOMAIN", "SECRET_HOST"],
)  # fmt: skip
def test_names_that_only_look_like_it_are_none(name: str) -> None:
    assert not SECRET_NAME.match(words(name))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_body_without_secrets_stays_as_it_is(scrubber: Scrubber, shape: str) -> None:
    body = as_bytes(SHAPES[shape]("page_size", "q8Zr3xV9Lk2Pm7Ns5Tt1Ww4Yy6Bb0Cc"))
    assert scrubber.body(body) == body


@pytest.mark.parametrize("kind", HARMLESS_BODIES)
def test_answers_of_well_known_services_stay_as_they_are(
    scrubber: Scrubber, package: Package, kind: str
) -> None:
    body = HARMLESS_BODIES[kind]
    assert scrubber.body(body) == body
    assert found(package, yaml.dump(recorded(body))) == []


@pytest.mark.parametrize(
    "shape", ["JSON", "JSON in UTF-16", "JSON in Latin-1", "gzip", "zlib", "deflate"]
)
def test_a_body_is_afterwards_what_it_was_before(scrubber: Scrubber, shape: str) -> None:
    body = scrubber.body(as_bytes(SHAPES[shape]("token", SECRETS[0])))
    if shape in ("gzip", "deflate", "zlib"):
        body = zlib.decompress(body, {"gzip": 31, "zlib": 15, "deflate": -15}[shape])
    if shape == "zlib":
        assert body == b"a=1&token=REDACTED"
    else:
        text = body.decode("latin-1") if "Latin" in shape else body
        assert json.loads(text)["token"] == "REDACTED"


@pytest.mark.parametrize("encoding", encodings(SECRETS[1]))
def test_a_known_secret_is_replaced_in_each_encoding(scrubber: Scrubber, encoding: str) -> None:
    scrubber.body(json.dumps({"token": SECRETS[1]}))
    form = encodings(SECRETS[1])[encoding].decode()
    for body in (f"<{form}>", json.dumps({"x": f"a {form} b"})):
        assert leaks(as_bytes(scrubber.body(body)), SECRETS[1]) == []


def test_a_secret_is_replaced_before_its_name_as_well(scrubber: Scrubber) -> None:
    body = scrubber.body(json.dumps({"note": f"it is {SECRETS[0]}", "token": SECRETS[0]}))
    assert json.loads(body) == {"note": "it is REDACTED", "token": "REDACTED"}


@pytest.mark.parametrize(
    "body",
    [
        '{"passcode": 90817263544}',
        '{"tokens": [90817263544]}',
        '{"name": "prod", "key": "DB_PASSWORD", "value": "90817263544"}',
        '{"field": "password", "value": "90817263544"}',
    ],
)
def test_numbers_and_labels_tell_of_secrets_as_well(scrubber: Scrubber, body: str) -> None:
    assert "90817263544" not in scrubber.body(body)
    assert scrubber.body('{"token_count": 12, "total_tokens": 1523}') == (
        '{"token_count": 12, "total_tokens": 1523}'
    )


def test_a_known_number_leaves_json_what_it_is(scrubber: Scrubber) -> None:
    numbers = '{"x": 12345678901234567, "token": 12345678901234567, "y": [123456789012345678], "z": "%s"}'
    assert json.loads(scrubber.body(numbers % "12345678901234567")) == {
        "x": 0, "token": 0, "y": [0], "z": "REDACTED",
    }  # fmt: skip


@pytest.mark.parametrize("sign", ["#", '"', "<", " ", "'", ";", ">", "=", "{", "%"])
@pytest.mark.parametrize("form", ["a=b&password={}", "password={}&a=b", "a&j:b$password={}", "password={}", "a=&password={}&c\r\n"])
def test_a_field_of_a_form_goes_on_to_the_next_one(
    scrubber: Scrubber, package: Package, form: str, sign: str
) -> None:
    body = form.format(f"Tr0ub4dor{sign}dor99xyz")
    assert found(package, yaml.dump(recorded(body)))
    assert scrubber.body(body) == form.format("REDACTED")
    # As an older scrubber left it:
    assert found(package, yaml.dump(recorded(body.replace("Tr0ub4dor", "REDACTED"))))


@pytest.mark.parametrize("body", ["a=1; b=2 c", "note=it is \"x\" & y=<1>", "a=1&b&c=%7B\n", "a==", "x=1&&y=2"])
def test_a_form_without_secrets_stays_as_it_is(scrubber: Scrubber, body: str) -> None:
    assert scrubber.body(body) == body


@pytest.mark.parametrize("kind", ["zstd", "br", "gzip, zstd", "compress"])
@pytest.mark.parametrize("name", ["Content-Encoding", "content-encoding"])
def test_a_body_that_cannot_be_unpacked_is_not_recorded(
    scrubber: Scrubber, name: str, kind: str
) -> None:
    reason = f"compressed with {kind.rpartition(' ')[2]}: send"
    with pytest.raises(pytest.fail.Exception, match=reason):
        scrubber.response(answer(b"(\xb5/\xfd") | {"headers": {name: [kind]}})
    with pytest.raises(pytest.fail.Exception, match=reason):
        scrubber.request(Sent("POST", "http://x", b"(\xb5/\xfd", {name: kind}))
    scrubber.response(answer(b"") | {"headers": {name: [kind]}})  # as to HEAD
    scrubber.response(answer(b"1", Content_Encoding="gzip", Accept_Encoding="br"))


@pytest.mark.parametrize(
    ("name", "value", "known"),
    [
        ("AUTH0_DOMAIN", "my-tenant.eu.auth0.com", False),
        ("TOKEN_ISSUER", "https://login.example.com/", False),
        ("MY_TOKEN_SERVER", "http://127.0.0.1:8080/oauth/token", False),
        ("MY_TOKENS_FROM", "tokens.example.com:8443", False),
        ("MY_TOKEN", "https://me:q8Zr3xV9Lk2Pm7@example.com/", True),
        ("MY_TOKEN", "https://example.com/services/T01/q8Zr3xV9Lk2Pm7", True),
        ("MY_TOKEN", "q8Zr3xV9.Lk2Pm7Ns5Tt", True),
    ],
)
def test_a_variable_with_a_host_has_no_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, known: bool
) -> None:
    monkeypatch.setattr("os.environ", {name: value})
    assert (value not in Scrubber().body(f"a {value} b")) is known


def test_many_secrets_take_no_longer_each_than_a_few(scrubber: Scrubber) -> None:
    def seconds(secrets: int) -> float:
        text = json.dumps([{"token": f"{n}/+ \"ü&<'={n:08}"} for n in range(secrets)])
        before = time.process_time()
        Scrubber().body(text)
        return time.process_time() - before

    assert min(seconds(1_000) for _ in range(2)) < 40 * min(seconds(100) for _ in range(3))


def test_a_log_line_and_a_url_tell_of_secrets_as_well(scrubber: Scrubber) -> None:
    assert (
        scrubber.body("10:00 sent Authorization: Bearer a1") == "10:00 sent Authorization: REDACTED"
    )
    assert scrubber.body("Pin: in") == "Pin: REDACTED"
    body = "at postgres://me:q8Zr/3x#V9@db/x or http://db:5432/me@x.y"
    assert scrubber.body(body) == "at postgres://REDACTED@db/x or http://db:5432/me@x.y"
    for quoted in ("https://u:p'q8Zr3\"xV9@x.y", json.dumps(["https://u:p'q8Zr3\"xV9@x.y"])):
        assert "q8Zr3" not in scrubber.body(quoted)
    assert scrubber.body("\"https://x.y:443\",\"me@x.y\"") == "\"https://x.y:443\",\"me@x.y\""


def answer(body: bytes, message: str = "OK", **headers: str) -> dict[str, Any]:
    """A response as vcrpy has it."""
    lists = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return {"status": {"code": 200, "message": message}, "headers": lists, "body": {"string": body}}


def test_what_the_body_tells_of_is_nowhere_in_the_answer(scrubber: Scrubber) -> None:
    secret = SECRETS[0]
    response = answer(f'{{"session_token": "{secret}"}}'.encode(), f"Made {secret}",
                      Location=f"/sessions/{secret}", X_Auth_Token="1")  # fmt: skip
    assert secret not in str(scrubber.response(response))
    request = scrubber.request(
        Sent("POST", f"http://x/{secret}", f"token={secret}", {"Referer": f"http://x/?a={secret}"})
    )
    assert secret not in str(vars(request))


@pytest.mark.parametrize(
    "body",
    [
        b'{"key": "ED-24-LONG-KEY", "url": "/issue/ED-24-LONG-KEY"}',
        b'{"aggregations": {"buckets": [{"key": "Table-2024-x", "doc_count": 3}]}}',
        b'{"total_tokens": 57, "max_tokens": 4096.5}',
    ],
)
def test_keys_and_counts_are_no_secrets(scrubber: Scrubber, body: bytes) -> None:
    assert scrubber.body(body) == body


@pytest.mark.parametrize("body", ['{"pin": 482913}', '{"password": 4829137}', '{"secret": 91827.36}'])
def test_short_numbers_can_be_secrets(scrubber: Scrubber, body: str) -> None:
    assert not set(re.findall(r"\d+", body)) & set(re.findall(r"\d+", scrubber.body(body)))


def test_what_may_stand_anywhere_is_replaced_in_its_own_place_alone(scrubber: Scrubber) -> None:
    cookie = "sid=q8Zr3xV9Lk2Pm7; Path=/rest/api/v2; Domain=example.com; Max-Age=31536000"
    scrubber.response(answer(b"", Set_Cookie=cookie))
    body = b'{"expires_in": 31536000, "url": "https://example.com/rest/api/v2/disabled", "on": 20240131}'
    scrubber.body(b'{"secret_scanning": "disabled", "session_id": "20240131", "token": "CHARACTER VARYING"}')
    assert scrubber.body(body) == body
    assert scrubber.body(b"q8Zr3xV9Lk2Pm7") == b"REDACTED"


def test_a_page_that_leaves_tags_open_takes_no_longer_for_its_depth(scrubber: Scrubber) -> None:
    def calls(lines: int) -> int:
        """Count the characters of names that are looked at, which no other load changes."""
        seen = 0

        class Counting(Scrubber):
            def value(self, name: str, value: Any) -> Any:
                nonlocal seen
                seen += len(name)
                return super().value(name, value)

        Counting().body("<html>" + '<img src="/a.png"><br>\n' * lines)
        return seen

    assert calls(400) < 5 * calls(100)


@pytest.mark.parametrize(
    "text", ["{", "[{", '{"', "{\n{", "a=", "data:", "<a><!--", "token=\'\'\'"]
)
def test_a_text_that_begins_a_form_again_and_again_takes_as_long_as_others(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    def seconds(text: str) -> float:
        before = time.process_time()
        Scrubber().body(text * (100_000 // len(text)))
        return time.process_time() - before

    monkeypatch.setattr("os.environ", {})
    assert seconds(text) < 5 * seconds('a b="c" <d>\n')


@pytest.mark.parametrize("named", ["token=", "authorization: ", "cookie: a=b;"])
def test_secrets_in_each_other_are_read_a_few_times_each(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    read = 0

    class Counting(Scrubber):
        def learn(self, secret: str) -> None:
            nonlocal read
            read += len(secret)
            super().learn(secret)

    monkeypatch.setattr("os.environ", {})
    Counting().body(named * (4_000 // len(named)))
    assert read < 30 * 4_000


def test_the_password_of_basic_authentication_is_known(scrubber: Scrubber) -> None:
    login = base64.b64encode(f"me:{SECRETS[0]}".encode()).decode()
    assert scrubber.value("", {"Authorization": f"Basic {login}"}) == {"Authorization": "REDACTED"}
    assert scrubber.body(f"it is {SECRETS[0]}") == "it is REDACTED"
    assert leaks(as_bytes(scrubber.body(f"it is {login}")), SECRETS[0]) == []


@pytest.mark.parametrize(
    "body",
    [
        "x=" * 5_000,
        "[" * 50_000,
        "a: " * 5_000,
        "//a:" * 5_000,
        json.dumps({"token": "a=" * 5_000}),
        "a" * 9 + "\ud800",
        "--b\nContent-Disposition: form-data; name*=''%\n\n" * 2_000,
        "data:data:data:\n" * 2_000,
        "<a b=" * 5_000,
        'a\\"' * 5_000,
        '\\\\\\"' * 5_000 + '"',
        '"\\"' * 5_000,
        "a=1&" * 5_000 + "\n.",
        "\\u005c" + "u005c" * 500 + "u0022",
        "a=" + " " * 50_000 + "\n.",
        'a = """' * 5_000,
        "[1,[null," * 5_000,
        "<a>" * 5_000 + "</a>",
    ],
    ids=lambda body: body[:12],
)
def test_no_body_ends_a_recording(scrubber: Scrubber, body: str) -> None:
    scrubber.value("", {"Authorization": "Basic a", "Cookie": "=;;=", "X-Token": b"\xff"})
    scrubber.value("", body)


@dataclass
class Sent:
    """A request as vcrpy has it: these fields, and no others, make another one."""

    method: str
    uri: str
    body: Any
    headers: dict[str, str]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, iter])
def test_a_body_may_be_of_any_type_that_is_sent(scrubber: Scrubber, kind: Any) -> None:
    data = b'{"token": "q8Zr3xV9Lk2Pm7"}'
    body = kind([data]) if kind is iter else kind(data)
    request = scrubber.request(Sent("POST", "http://x", body, {}))
    assert b"q8Zr3xV9Lk2Pm7" not in request.body
    assert "q8Zr3xV9Lk2Pm7" not in scrubber.body("\ud800 token=q8Zr3xV9Lk2Pm7")


def _nested(document: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(document, min_size=1, max_size=2),
        st.dictionaries(st.sampled_from("abcd"), document, min_size=1, max_size=2),
        document.map(json.dumps),
        document.map(lambda inner: "a=1&b=" + encodings(json.dumps(inner))["plus"].decode()),
        document.map(lambda inner: base64.b64encode(json.dumps(inner).encode()).decode()),
    )


@given(
    document=st.recursive(
        st.sampled_from([*SHAPES]).map(lambda shape: SHAPES[shape])
        .filter(lambda shape: isinstance(shape("a", "b"), str))
        .flatmap(lambda shape: st.tuples(st.just(shape), st.sampled_from(NAMES)))
        .map(lambda chosen: chosen[0](chosen[1], SECRETS[1])),
        _nested, max_leaves=4,
    ),
    packed=st.booleans(),
)  # fmt: skip
def test_a_planted_secret_is_nowhere_however_it_is_nested(document: Any, packed: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.environ", {})
        body = json.dumps(document).encode()
        scrubbed = Scrubber().body(gzip.compress(body) if packed else body)
    assert leaks(scrubbed, SECRETS[1]) == []


# --- csa check ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = tmp_path_factory.mktemp("recorded") / "pkg"
    (folder / CASSETTE).parent.mkdir(parents=True)
    (folder / ".copier-answers.yml").write_text("_src_path: x\n_commit: v1\npackage_name: pkg\n")
    (folder / CASSETTE).touch()
    init(folder)
    return Package(folder)


def found(package: Package, cassette: str) -> list[tuple[str, int, str]]:
    """Return what csa check finds in a cassette."""
    (package.folder / CASSETTE).write_text(cassette)
    return list(RULES["CSA702"].broken(package))


@pytest.mark.parametrize("secret", SECRETS, ids=["plain", "special"])
@pytest.mark.parametrize("shape", SHAPES)
def test_csa_check_finds_a_secret_that_was_not_scrubbed(
    package: Package, shape: str, secret: str
) -> None:
    for number, name in enumerate(NAMES[::9]):
        recording = recorded(SHAPES[shape](name, secret))
        cassette = (
            json.dumps(recording) if number == 3 and _is_text(recording) else yaml.dump(recording)
        )
        assert found(package, cassette), name


def _is_text(recording: dict[str, Any]) -> bool:
    return isinstance(recording["interactions"][0]["request"]["body"], str)


@pytest.mark.parametrize("shape", SHAPES)
def test_csa_check_finds_nothing_in_what_was_scrubbed(
    scrubber: Scrubber, package: Package, shape: str
) -> None:
    for name in NAMES[::9]:
        for secret in SECRETS:
            body = scrubber.body(as_bytes(SHAPES[shape](name, secret)))
            assert found(package, yaml.dump(recorded(body))) == []


@pytest.mark.parametrize("placeholder", ["REDACTED", "**REDACTED**", "DUMMY", "xxxxx"])
def test_csa_check_takes_no_placeholder_for_a_secret(package: Package, placeholder: str) -> None:
    for shape in SHAPES.values():
        assert found(package, yaml.dump(recorded(shape("api_key", placeholder)))) == []
