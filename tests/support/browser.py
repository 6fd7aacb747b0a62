"""A real browser, without a window: what it makes of a page."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.commands import run

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

BROWSER = shutil.which("chromium")


def unavailable_reason() -> str | None:
    """Return why there is no browser here, None when there is one."""
    return None if BROWSER else "Chromium is not installed."


def dom(page: str, work: Path) -> str:
    """Return the document that a browser makes of a page once its scripts have run.

    `work` is a folder that is not there yet.
    """
    assert BROWSER
    work.mkdir()
    (work / "page.html").write_text(page, encoding="utf-8")
    profile, address = f"--user-data-dir={work / 'profile'}", (work / "page.html").as_uri()
    return run(BROWSER, *QUIET, profile, "--dump-dom", address).stdout
