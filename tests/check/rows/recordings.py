"""What breaks the rule of csa/check/recordings.py, and what does not."""

from __future__ import annotations

import json
from typing import Any

from .changes import CASSETTE, KEY, Breaking, Files, Good

RECORDING = CASSETTE.format("get")
GUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
AWS = "AKIAIOSFODNN7ABCDEFG"


def recording(*bodies: Any, path: str = RECORDING) -> Files:
    """Return a recording in JSON, as pyatlan writes it, with the bodies of some answers."""
    interactions = [
        {
            "request": {"method": "GET", "uri": "https://x/", "headers": {}, "body": None},
            "response": {"headers": {}, "body": body},
        }
        for body in bodies
    ]
    return {path: json.dumps({"interactions": interactions})}


def of_request(**fields: Any) -> str:
    request = {"method": "GET", "uri": "https://x/", "headers": {}, "body": ""} | fields
    answer = {"headers": {}, "body": {"string": ""}}
    return json.dumps({"interactions": [{"request": request, "response": answer}]})


BREAKING: Breaking = [
    *[("CSA702", {RECORDING: text}, RECORDING, 0, "it cannot be read as a recording") for text in [
        "", "interactions: 3\n", "interactions: [a]\n", "interactions: [{request: [a]}]\n", "- 1\n",
        "interactions: [{request: {uri: x, method: GET}, response: []}]\n", "x: 1" + ":1" * 300 + ".5\n",
        "interactions: [\n", "[" * 30_000, "[\n" * 30_000, "x: 2024-13-45\n",
        of_request(uri="https://[x"), of_request(uri=None),
    ]],
    ("CSA702", recording({"parsed_json": {"data": [{"apiKey": KEY}], "x": "\U0001f600"}}),
     RECORDING, 1, "the GET there, or its answer, has what looks like a secret in apiKey. "),
    ("CSA702", recording({"string": json.dumps({"token": KEY, "a": {"password": KEY}})}),
     RECORDING, 1, "in token, password. "),
    ("CSA702", {RECORDING: of_request(uri=f"https://x/?api_key={KEY}").replace("/", "\\/")},
     RECORDING, 0, "in api_key. "),
    ("CSA702", recording({"string": f"<key>{AWS}</key>"}), RECORDING, 1, "this AWS Access Key looks"),
    ("CSA702", {RECORDING: of_request(body="x", headers={"Content-Encoding": ["gzip, br"]})},
     RECORDING, 1, "a body is compressed with br, which hides what is in it. "),
    ("CSA702", {RECORDING: "interactions:\n- request: {uri: https://x/, method: GET}\n"
                           "  response: {body: {string: !!binary KLUv/SAA}}\n"},
     RECORDING, 2, "a body is compressed with zstd, which hides"),
    ("CSA702", recording({"parsed_json": {"token": KEY}}, path="tests/x/cassettes/a/b.yml"),
     "tests/x/cassettes/a/b.yml", 1, "in token. "),
]  # fmt: skip

GOOD: Good = [
    ("CSA702", recording({"parsed_json": {"token": "**REDACTED**", "password": "DUMMY",
                                          "secret": "REDACTED", "x": "\U0001f600"}})),
    ("CSA702", {RECORDING: of_request(headers={"Authorization": ["**REDACTED**"]})}),
    ("CSA702", {RECORDING: of_request(uri="HTTPS://x?", headers=["a", "b"])}),
    ("CSA702", {RECORDING: of_request(headers={"Content-Encoding": ["br"]})}),
    ("CSA702", {RECORDING: of_request(body="x", headers={"Accept-Encoding": "br", "content-encoding": "gzip"})}),
    ("CSA702", {RECORDING: "interactions: []\n"}),
    ("CSA702", recording({"parsed_json": {"credential": {"guid": GUID, "name": "prod-db-9z"}}})),
    ("CSA702", {RECORDING: of_request(body="[" * 30_000)}),
    ("CSA702", {"tests/cassettes/a.json": b"\0"}),
    ("CSA702", {RECORDING: "interactions: [{request: {uri: x, method: GET, body: {1: {2: a-b-c-9}}, "
                           "headers: {3: a-b-c-9}}, response: {}}]\n"}),
    ("CSA702", {
        "tests/fixtures/answer.yaml": f"api_key: {KEY}\n", "cassettes/a.yaml": "3\n",
        "tests/cassettes.yaml": "3\n", "tests/my_cassettes/a.yaml": "3\n", "tests/cassettes/a": "3",
    }),
]  # fmt: skip
