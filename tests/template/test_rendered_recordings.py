"""A rendered package records no secret, whatever a request and its answer wrap it in."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import yaml
from csa.check import RULES
from csa.check.package import Package as CheckedPackage

from tests.support.commands import tree
from tests.support.monorepo import init
from tests.support.package import Package
from tests.support.secret_shapes import NAMES, SHAPES
from tests.support.standins.httpbin import HttpBin
from tests.template.test_recording import SECRETS, as_bytes, leaks

CASSETTES = Path("tests", "vcr_cassettes")


def test_the_shipped_cassettes_are_recordings_of_httpbin(
    recording: Package, httpbin: HttpBin
) -> None:
    shipped = {
        name: content for name, content in tree(recording.folder).items() if "vcr_cassettes" in name
    }
    shutil.rmtree(recording.folder / CASSETTES)
    recording.pytest("tests/integration", env={**httpbin.environment, "CI": ""})
    assert httpbin.hits == len(shipped) == 2
    # If httpbin or httpx answer otherwise by now: copy the new ones into template/package.
    assert {name: (recording.folder / name).read_bytes() for name in shipped} == shipped


def test_a_replay_calls_nobody(recording: Package, httpbin: HttpBin) -> None:
    recording.pytest("tests/integration", env={**httpbin.environment, "CI": ""})
    assert httpbin.hits == 0


def test_in_ci_a_missing_cassette_is_a_failure(recording: Package, httpbin: HttpBin) -> None:
    shutil.rmtree(recording.folder / CASSETTES)
    recording.pytest("tests/integration", env=httpbin.environment, code=1)
    assert httpbin.hits == 0
    assert not (recording.folder / CASSETTES).exists()


LEAKY_TEST = """
import io

import httpx
import pytest
from pyatlan.test_utils.base_vcr import BaseVCR

POST = "https://httpbin.org/post"


class TestLeaks(BaseVCR):
    @pytest.mark.vcr()
    def test_url(self) -> None:
        httpx.get("https://user:{userinfo}@httpbin.org/anything/{path}?api_key={query}&page=1")

    @pytest.mark.vcr()
    def test_token_as_user(self) -> None:
        httpx.get("https://{username}@httpbin.org/anything")

    @pytest.mark.vcr()
    def test_headers(self) -> None:
        headers = {"Authorization": "Bearer {bearer}", "X-Api-Key": "{header}"}
        httpx.get("https://httpbin.org/anything", headers=headers)

    @pytest.mark.vcr()
    def test_cookies(self) -> None:
        httpx.get("https://httpbin.org/cookies", headers={"Cookie": "a=1; sid={cookie}"})

    @pytest.mark.vcr()
    def test_json(self) -> None:
        deep = [{"accessToken": "{deep}"}, {"credentials": {"value": "{nested}"}}]
        httpx.post(POST, json={"client_secret": "{json}", "deep": deep, "page": "1"})

    @pytest.mark.vcr()
    def test_form(self) -> None:
        httpx.post(POST, data={"password": "{form}", "page": "1"})

    @pytest.mark.vcr()
    def test_text(self) -> None:
        httpx.post(POST, content="<key>{text}</key>")

    @pytest.mark.vcr()
    def test_file(self) -> None:
        httpx.post(POST, content=io.BytesIO(b"{file}"))

    @pytest.mark.vcr()
    def test_generator(self) -> None:
        httpx.post(POST, content=(part for part in [b"<", b"{generator}", b">"]))

    @pytest.mark.vcr()
    def test_binary(self) -> None:
        httpx.post(POST, content=bytes([255, 254]) + b"{binary}")

    @pytest.mark.vcr()
    def test_answer(self) -> None:
        httpx.get("https://httpbin.org/response-headers", params={"session_token": "{answer}"})
"""
IN_THE_ENVIRONMENT = ("path", "text", "file", "generator", "binary")
"""The places whose secret no name gives away: credentials that the environment holds."""


def test_no_secret_gets_into_a_cassette(recording: Package, httpbin: HttpBin) -> None:
    secrets = {
        place: f"sentinel-{place}-0123456789" for place in re.findall(r"\{([a-z]+)\}", LEAKY_TEST)
    }
    source = LEAKY_TEST
    for place, secret in secrets.items():
        source = source.replace("{" + place + "}", secret)
    module = recording.folder / "tests" / "integration" / "test_leaks.py"
    module.write_text(source)
    environment = {f"MY_{place.upper()}_TOKEN": secrets[place] for place in IN_THE_ENVIRONMENT}
    recording.pytest(module, env={**httpbin.environment, **environment, "CI": ""})
    cassettes = tree(recording.folder / CASSETTES / "tests.integration.test_leaks")
    assert len(cassettes) == httpbin.hits == source.count("mark.vcr")
    for name, content in cassettes.items():
        assert b"sentinel" not in content, name
        for binary in re.findall(rb"!!binary \|\n((?: +\S+\n)+)", content):
            assert b"sentinel" not in base64.b64decode(binary), name
    # And each is found again: what is sent is compared without its secrets as well.
    recording.pytest(module, env={**httpbin.environment, **environment})
    assert httpbin.hits == len(cassettes)


OUTSIDE_TEST = """
import httpx
import pytest


@pytest.mark.vcr()
def test_outside_of_a_class() -> None:
    answer = httpx.get("https://httpbin.org/anything?api_key=sentinel-0123456789&page=1")
    assert answer.json()["args"]["page"] == "1"
"""


def test_a_test_outside_of_a_class_is_recorded_without_secrets_as_well(
    recording: Package, httpbin: HttpBin
) -> None:
    module = recording.folder / "tests" / "integration" / "test_outside.py"
    module.write_text(OUTSIDE_TEST)
    recording.pytest(module, env={**httpbin.environment, "CI": ""})
    recording.pytest(module, env=httpbin.environment)
    assert httpbin.hits == 1
    cassette = module.parent / "cassettes" / "test_outside_of_a_class.yaml"
    assert "page=1" in cassette.read_text()
    assert "sentinel" not in cassette.read_text()


HOOKS_TEST = """
import httpx
import pytest
from pyatlan.test_utils.base_vcr import BaseVCR

URL = "https://httpbin.org/response-headers"


def seen(message):
    return message


def adds(request):
    request.headers["X-Api-Key"] = "sentinel-0123456789"
    return request


def get() -> None:
    headers = {"Authorization": "Bearer sentinel-9876543210"}
    httpx.get(URL, params={"api_key": "sentinel-0123456789", "a": "9876543210"}, headers=headers)
    httpx.get(URL, params={"a": "sentinel-9876543210"})  # which only what is left out names


@pytest.mark.vcr(before_record_request=seen, record_mode="all", decode_compressed_response=False)
def test_request() -> None:
    get()


@pytest.mark.vcr(before_record_response=seen, serializer="json", filter_headers=["accept"])
def test_response() -> None:
    get()


@pytest.mark.vcr(before_record=adds)
def test_before_record() -> None:
    get()


@pytest.mark.vcr(before_record_request=[adds, seen], before_record_response=(seen,))
class TestMarked(BaseVCR):
    def test_marked(self) -> None:
        get()


class TestConfigured:
    @pytest.fixture(scope="module")
    def vcr_config(self):
        return {"before_record_request": adds, "before_record_response": seen, "record_mode": "new_episodes"}

    @pytest.fixture(scope="module")
    def vcr(self, vcr):
        vcr.record_mode = "all"
        return vcr

    @pytest.mark.vcr()
    def test_configured(self) -> None:
        get()

    @pytest.mark.vcr(before_record_response=None, record_mode="new_episodes")
    def test_without(self) -> None:
        get()


class TestOfTheSDK(BaseVCR):
    @pytest.mark.vcr(record_mode="new_episodes")
    def test_sdk(self) -> None:
        get()
"""


def test_hooks_of_a_mark_or_a_class_do_not_replace_the_scrubber(
    recording: Package, httpbin: HttpBin
) -> None:
    module = recording.folder / "tests" / "integration" / "test_hooks.py"
    module.write_text(HOOKS_TEST)
    recording.pytest(module, env={**httpbin.environment, "CI": ""})
    recorded = {
        name: content
        for name, content in tree(recording.folder).items()
        if "cassettes" in name and "bin" not in name.rpartition("/")[2]
    }
    assert len(recorded) == 7
    assert httpbin.hits == 14
    for name, content in recorded.items():
        assert b"a=REDACTED" in content, name
        assert b"sentinel" not in content, name

    # In CI no mark and no class has anything recorded: all is replayed, or missing.
    recording.pytest(module, env=httpbin.environment)
    assert httpbin.hits == 14
    for name in recorded:
        (recording.folder / name).unlink()
    recording.pytest(module, env=httpbin.environment, code=1)
    assert httpbin.hits == 14
    assert not set(recorded) & set(tree(recording.folder))


PACKED_TEST = """
import httpx
import pytest


@pytest.mark.vcr()
def test_brotli() -> None:
    try:
        httpx.get("https://httpbin.org/brotli", headers={"Accept-Encoding": "br"})
    except Exception:
        pass
"""


def test_an_answer_that_cannot_be_unpacked_fails_the_test_with_one_sentence(
    recording: Package, httpbin: HttpBin
) -> None:
    module = recording.folder / "tests" / "integration" / "test_packed.py"
    module.write_text(PACKED_TEST)
    printed = recording.pytest(module, env={**httpbin.environment, "CI": ""}, code=1).stdout
    assert "No secret is found in what is compressed with br: send `Accept-Encoding: gzip`." in printed
    assert "Traceback" not in printed
    assert not (module.parent / "cassettes").exists()


HARMLESS_TEST = """
import httpx
import pytest
from pyatlan.test_utils.base_vcr import BaseVCR


class TestHarmless(BaseVCR):
    @pytest.mark.vcr()
    def test_fields_that_are_no_secrets(self) -> None:
        fields = {
            "token_type": "Bearer",
            "nextPageToken": "",
            "next_page_token": "customers.csv",
            "token_endpoint": "https://httpbin.org/token",
            "author": "somebody of the team",
            "max_tokens": 100,
            "items": ["customers.csv", "postgres"],
        }
        answer = httpx.post("https://httpbin.org/post", json=fields).json()
        assert answer["json"] == fields
"""


def test_harmless_fields_are_recorded_and_replayed_as_they_are(
    recording: Package, httpbin: HttpBin
) -> None:
    module = recording.folder / "tests" / "integration" / "test_harmless.py"
    module.write_text(HARMLESS_TEST)
    recording.pytest(module, env={**httpbin.environment, "CI": ""})
    # Where it is replayed, other variables may be set, with values that are common words.
    elsewhere = {"POSTGRES_PASSWORD": "postgres", "MY_TOKEN_URL": "https://httpbin.org/token"}
    recording.pytest(module, env={**httpbin.environment, **elsewhere})
    assert httpbin.hits == 1


TEST = """
import base64
import json

import httpx
import pytest
from pyatlan.test_utils.base_vcr import BaseVCR

BODIES = json.loads({bodies!r})


class TestShapes(BaseVCR):
    @pytest.mark.vcr()
    def test_shapes(self) -> None:
        with httpx.Client() as client:
            for number, body in enumerate(BODIES):
                content = base64.b64decode(body)
                url = f"https://httpbin.org/anything/{{number}}?api_key={secret}"
                headers = {{"Content-Type": "text/plain"}}
                assert client.post(url, content=content, headers=headers).status_code == 200
"""
"""httpbin's answer has the whole request in it, in JSON, and what is no text in base64."""


def test_what_is_posted_and_answered_in_each_shape_is_recorded_without_its_secret(
    recording: Package, httpbin: HttpBin
) -> None:
    bodies = [
        as_bytes(shape(NAMES[number * 7 % len(NAMES)], SECRETS[0]))
        for number, shape in enumerate(SHAPES.values())
    ]
    encoded = json.dumps([base64.b64encode(body).decode() for body in bodies])
    module = recording.folder / "tests" / "integration" / "test_shapes.py"
    module.write_text(TEST.format(bodies=encoded, secret=SECRETS[0]))
    recording.pytest(module, env={**httpbin.environment, "CI": ""})
    assert httpbin.hits == len(SHAPES)
    [cassette] = tree(recording.folder / CASSETTES / "tests.integration.test_shapes").values()
    for interaction in yaml.safe_load(cassette)["interactions"]:
        sent, answered = interaction["request"]["body"], interaction["response"]["body"]["string"]
        assert leaks(as_bytes(sent), SECRETS[0]) == []
        assert leaks(as_bytes(answered), SECRETS[0]) == []
    assert leaks(cassette, SECRETS[0]) == []

    # Each is found again, and csa check has nothing to say.
    recording.pytest(module, env=httpbin.environment)
    assert httpbin.hits == len(SHAPES)
    module.unlink()
    init(recording.folder)
    assert list(RULES["CSA702"].broken(CheckedPackage(recording.folder))) == []
