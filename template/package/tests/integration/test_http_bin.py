"""Calls to a third party, replayed from the cassettes in tests/vcr_cassettes.

A test without a cassette records one, outside of CI. To record one again, delete its file.
"""

import httpx
import pytest
from pyatlan.test_utils.base_vcr import BaseVCR


class TestHTTPBin(BaseVCR):
    URL = "https://httpbin.org"

    @pytest.mark.vcr()
    def test_httpbin_get(self) -> None:
        response = httpx.get(f"{self.URL}/get", params={"page": "1"})
        assert response.status_code == 200
        assert response.json()["args"] == {"page": "1"}

    @pytest.mark.vcr()
    def test_httpbin_post(self) -> None:
        response = httpx.post(f"{self.URL}/post", json={"name": "Atlan"})
        assert response.status_code == 200
        assert response.json()["json"] == {"name": "Atlan"}
