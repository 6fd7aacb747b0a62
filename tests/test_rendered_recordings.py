"""A rendered package records no secret, whatever a request and its answer wrap it in."""

from __future__ import annotations

import base64
import json

import yaml
from csa.check import RULES
from csa.check.package import Package as CheckedPackage

from .conftest import Package, tree
from .monorepo import init
from .secret_shapes import NAMES, SHAPES
from .standins.httpbin import HttpBin
from .test_recording import SECRETS, as_bytes, leaks
from .test_rendered_package import CASSETTES, httpbin, newest, recording

__all__ = ["httpbin", "newest", "recording"]  # fixtures

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
