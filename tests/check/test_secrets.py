"""What looks like a secret is found in any file, and nothing in a file ends the search."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from csa.check import RULES
from csa.check.literals import READERS
from csa.check.package import Package

from tests.check.rows.changes import KEY
from tests.check.rows.recordings import recording
from tests.check.rows.secrets import AWS, OTHERS, PYTHON, TOKENS
from tests.support.monorepo import init

RECORDING = "tests/cassettes/a.yaml"

Found = list[tuple[str, int, str]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package in which there is nothing yet but its answers."""
    folder = tmp_path_factory.mktemp("plain") / "pkg"
    (folder / RECORDING).parent.mkdir(parents=True)
    (folder / ".copier-answers.yml").write_text("_src_path: x\n_commit: v1\npackage_name: pkg\n")
    init(folder)
    return folder


def found(folder: Path, path: str, content: str | bytes) -> Found:
    """Return what the rules on secrets find while a file has that content."""
    (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        package = Package(folder)
        return [
            found
            for name in RULES
            if name.startswith("CSA7")
            for found in RULES[name].broken(package)
        ]
    finally:
        (folder / path).unlink()


@pytest.mark.parametrize(("path", "line", "what"), [*(("a.py", *row) for row in PYTHON), *OTHERS])
def test_what_looks_like_a_secret_is_found_with_its_name_alone(
    plain: Path, path: str, line: str | bytes, what: str
) -> None:
    assert found(plain, path, line) == [
        (path, 2 if "key: |" in str(line) else 1, f"{what} looks like a secret")
    ]


@pytest.mark.parametrize(("what", "token"), TOKENS)
def test_a_token_is_found_by_its_form_in_whatever_stands_around(
    plain: Path, what: str, token: str
) -> None:
    for text in (
        token,
        f'x = f("{token}")',
        f"x: {token}\n",
        f'"a\\n{token}\\n"',
        f"<a>{token}</a>",
    ):
        assert found(plain, "x.md", text) == [("x.md", 1, f"this {what} looks like a secret")]
        if not token.startswith("eyJ"):  # of which a part is one as well
            assert found(plain, "x.md", text.replace(token, f"a{token}")) == []


NAMES = (
    *(
        "access_key",
        "account-key",
        "apiKey",
        "auth.key",
        "client_key",
        "consumer_key",
        "encryption_key",
    ),
    *("private_key", "secret_key", "service_key", "shared_key", "signing_key", "subscription_key"),
    *(
        "webhook_key",
        "db_pass",
        "password",
        "passwd",
        "passphrase",
        "PWD",
        "Authorization",
        "secret",
    ),
    *("token", "token_default", "token_dev", "token_live", "token_prod", "token_production"),
    *("token_staging", "token_test", "token_value", "dbPassword2"),
)

HARMLESS_NAMES = (
    *(
        "continuation_token",
        "deltaToken",
        "next_page_token",
        "nextToken",
        "page_token",
        "syncToken",
    ),
    *("compass", "bypass", "secret_name", "token_type", "keyboard", "qualified_name"),
)

PLACEHOLDERS = (
    *(
        "xxxxA-9-x",
        "eyJ9-abc...",
        "eyJ9-abc…",
        "$MY-TOKEN9",
        "%(my-token9)s",
        "<my-token9>",
        "a-{token}9",
    ),
    *(
        "change-me-9",
        "changeme-9",
        "dummy-9-x",
        "Example-9",
        "placeholder-9",
        "redacted-9",
        "replace-9",
    ),
    *(
        "sample-9-x",
        "your-token-9",
        "fake-9-abc",
        "foo-9-abc",
        "here-9-abc",
        "mock-9-abc",
        "none-9-abc",
    ),
    *("null-9-abc", "test-9-abc", "todo-9-abc", "xxx-9-abc"),
)

HARMLESS_VALUES = (
    *(
        "abc-1_x",
        "123-456-789",
        "undefined",
        "Undefined",
        "UNDEFINED",
        "ATLAN_DB_LOGIN",
        "send_message",
    ),
    *("varchar(255)", "list[Secret9]", "my-api_key", "db2_password", "tokens", "app/credentials"),
    *("key_env", "key_field", "key-file", "secret_id", "secret_name", "secret_path", "secret_ref"),
    *(
        "token_value",
        "accessKey",
        "accessToken",
        "dbPassword",
        "clientSecret",
        "projects/9/secrets/*",
    ),
    *(
        "arn:aws:9:secret",
        "https://x.y/9",
        "/etc/keys/rsa_9",
        "./keys/rsa_9",
        "~/keys/rsa_9",
        "rsa_9.pem",
    ),
)


def test_a_text_beside_a_telling_name_is_found(plain: Path) -> None:
    text = "".join(f'x["{name}"] = "{KEY}"\n' for name in (*NAMES, *HARMLESS_NAMES))
    assert [what.partition(" ")[0] for _, _, what in found(plain, "a.py", text)] == [*NAMES]


def test_what_stands_in_place_of_a_secret_is_not_found(plain: Path) -> None:
    for value in (*PLACEHOLDERS, *HARMLESS_VALUES):
        assert found(plain, "a.py", f'token = "{value}"\n') == [], value


@pytest.mark.parametrize("reader", sorted(READERS))
def test_what_is_given_to_a_function_with_a_telling_name_is_found(plain: Path, reader: str) -> None:
    [(_, _, what)] = found(plain, "a.py", f'x.{reader}("token", "{KEY}")\n')
    assert what == "token looks like a secret"


@pytest.mark.parametrize(
    "name", [".env", ".env.local", "x.env", "Dockerfile", "x.Dockerfile.prod", "x.cfg", "x.conf",
             "x.ini", "x.properties", "x.sh", "x.yml", "x.yaml"]
)  # fmt: skip
def test_a_file_of_settings_needs_no_quotes(plain: Path, name: str) -> None:
    assert found(plain, name, f"token={KEY}\n") == [(name, 1, "token looks like a secret")]


def test_elsewhere_a_value_without_quotes_needs_letters_and_digits(plain: Path) -> None:
    assert found(plain, "x.md", f"token={KEY}\n") == [("x.md", 1, "token looks like a secret")]
    assert found(plain, "x.md", "token=abcdefghijklmnop, token=1234-5678-9012\n") == []


def test_a_line_with_two_secrets_is_found_once(plain: Path) -> None:
    text = f'\nconnect(token="{KEY}",\n  password="{KEY}", secret="{KEY}")\n'
    assert [line for _, line, _ in found(plain, "a.py", text)] == [2, 3]


@pytest.mark.parametrize(
    "row",
    [
        "4711,a name: some text,2026-01-01T00:00:00,3f2504e0-4f89-41d3-9a0c-0305e82c3301\n",
        '{"a name": "some text", "token": null}, ',
        "A" * 60,
        "." * 60,
        " " * 60,
    ],
)
def test_a_large_file_is_looked_through_to_its_end(plain: Path, row: str) -> None:
    text = row * (1_000_000 // len(row)) + f"\n{row * 10_000} {AWS}"
    [(_, line, what)] = found(plain, "a.csv", text)
    assert (line, what) == (text.count("\n") + 1, "this AWS Access Key looks like a secret")


HOSTILE = {
    "spaces": '"sl_key' + " " * 125_000,
    "tokens of Slack": "xoxb-1-" * 17_000,
    "a JSON Web Token": "eyJ" * 40_000,
    "parts of one": "eyJ" + "a" * 20 + ".eyJ" * 30_000,
    "private keys": "-----BEGIN PRIVATE KEY-----" + r"\n" * 50_000,
    "names": "token " * 20_000,
    "names and =": "token=" * 20_000,
    "objects": '"token":{' * 12_000,
    "elements": "<token>" * 17_000,
    "names of fields": "name=token " * 10_000,
    "URLs": "//a:" * 30_000,
    "connections": "host=" * 25_000,
    "backslashes": "\\" * 125_000,
    "quotes": '\\"' * 62_000,
    "percent": "%25" * 40_000,
    "base64": "QUFBQUFBQUFBQUFB " * 7_000,
    "a long value": "token='" + "a." * 62_000 + "'",
    "comments": "# " * 62_000,
}
"""Texts of 0.1 MB on which expressions with nested repeats take minutes."""


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("path", ["x.yaml", RECORDING])
def test_no_text_takes_long(plain: Path, kind: str, path: str) -> None:
    text = HOSTILE[kind]
    if path == RECORDING:
        [text] = map(str, recording({"string": text}).values())
    before = time.process_time()
    found(plain, path, text)
    assert time.process_time() - before < 10


# --- Recordings ----------------------------------------------------------------------------------

RECORDED = """\
interactions:
- request:
    body: ''
    headers: {}
    method: GET
    uri: https://httpbin.org/get?page=1
  response:
    body: {string: '{"args": {}}'}
    headers: {}
- request: {body: '', headers: {}, method: POST, uri: https://x.y/anything}
  response: {headers: {}, body: {string: 'nothing'}}
"""


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("get?page=1", f"get?api_key={KEY}", "api_key"),
        ("https://httpbin", "https://me:pass-of-mine@httpbin", "its URL's credentials"),
        ("body: ''\n", f"body: client_secret={KEY}\n", "client_secret"),
        ("headers: {}\n    m", f"headers: {{Authorization: [Bearer {KEY}]}}\n    m", "Authorization"),
        ('"args": {', f'"access_token": "{KEY}", "args": {{', "access_token"),
        ("{}\n- req", f"{{Set-Cookie: [id={KEY}]}}\n- req", "Set-Cookie"),
    ],
)  # fmt: skip
def test_a_secret_in_a_recording_is_found_by_its_field_in_any_environment(
    plain: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, name: str
) -> None:
    monkeypatch.setenv("MY_TOKEN", "https://x.y/anything")
    assert old in RECORDED
    [(path, line, what)] = found(plain, RECORDING, RECORDED.replace(old, new))
    assert (path, line) == (RECORDING, 6)
    assert what == f"the GET there, or its answer, has what looks like a secret in {name}"


@pytest.mark.parametrize("body", [f"{{string: '<a>{KEY}</a>'}}", f"{{parsed_json: ['is {KEY}']}}"])
def test_a_secret_that_one_request_shows_is_found_in_those_that_follow(
    plain: Path, body: str
) -> None:
    text = RECORDED.replace("get?page=1", f"get?api_key={KEY}")
    text = text.replace("{string: 'nothing'}", body)
    assert [
        (line, what.rpartition(" in ")[2]) for _, line, what in found(plain, RECORDING, text)
    ] == [
        (6, "api_key"),
        (10, "a copy of api_key"),
    ]


def test_a_placeholder_is_no_secret_that_others_could_show(plain: Path) -> None:
    [text] = recording({"parsed_json": {"token": "**REDACTED**", "x": "**REDACTED**"}}).values()
    assert found(plain, RECORDING, text or "") == []
