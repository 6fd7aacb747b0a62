"""Changes of a new package that the tests of csa check try."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from csa.bases import base_of

_QUESTIONS = yaml.safe_load((Path(__file__).parents[3] / "copier.yml").read_text())
BASE = base_of(
    {
        name: _QUESTIONS[name]["default"]
        for name in ("pyatlan_version", "python_version", "base_image")
    }
).image
"""What a new package builds on."""

Files = Mapping[str, str | bytes | None]
"""What to write below the package by path, None to delete it; + at the start is added to its end."""

NEW_REQUIREMENT = "+requests>=2.32,<3\n"
CASSETTE = "tests/vcr_cassettes/tests.integration.test_http_bin/TestHTTPBin.test_httpbin_{}.yaml"
KEY = "q8Zr3xV9Lk2Pm7Ns5Tt1Ww4Yy6Bb0Cc"  # pragma: allowlist secret


def a_test(body: str, imports: str = "import pytest\n") -> Files:
    return {"tests/test_more.py": f"{imports}\n\ndef test_more(mocker, monkeypatch):\n    {body}\n"}


def script(body: str) -> Files:
    return {"main.py": body}


GUARD = 'if __name__ == "__main__":\n    p = argparse.ArgumentParser()\n    main(p.parse_args())\n'

Breaking = list[tuple[str, Files, str, int, str]]
"""A rule, what breaks it, and what is found: path, line and a part of the sentence."""

Good = list[tuple[str, Files]]
"""A rule, and changes with which it still holds."""
