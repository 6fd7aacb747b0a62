"""The page that `csa status --format html` prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from csa.check import Checked
from csa.check.rule import Finding
from csa.commands.status_page import MOST_FINDINGS, page
from csa.errors import Failed
from csa.update.status import Status

from tests.support import browser
from tests.support.commands import missing_here
from tests.support.monorepo import add_packages, init
from tests.support.package import RELEASE
from tests.support.updates import append, csa

COLUMNS = 9
HOSTILE = (
    "<img src=x onerror=\"document.title='hostile'\"><script>document.title='hostile'</script>"
)
VOID = {"meta", "wbr"}

MEASURE = """<script>
const wide = [...document.querySelectorAll("*")].filter(
  element => element.getBoundingClientRect().right > innerWidth + 0.5);
const seen = [innerWidth, document.querySelectorAll("tbody tr").length, document.title,
  ...wide.map(element => element.outerHTML.slice(0, 80))];
parent.document.body.append(`seen: ${JSON.stringify(seen)}\n`);
</script>"""
"""Tells the page around it: the window's width, how many rows there are, the title, what is too wide."""


class Document(HTMLParser):
    """The elements of a page, each with its attributes, and the text of its rows."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if self.rows and tag in ("td", "th"):
            self.rows[-1] += " | "

    def handle_data(self, data: str) -> None:
        if "tr" in self._open:
            self.rows[-1] += data.strip("\n")

    def attributes(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.elements if name == tag)


def status(**differences: Any) -> Status:
    known: dict[str, Any] = {
        "template": "v1.1.0",
        "newest": "v1.1.0",
        "behind": 0,
        "pyatlan_version": "11.6.0",
        "python_version": "3.13",
        "base_image": "ghcr.io/atlanhq/pyatlan:11.6.0-3.13",
        "published": None,
        "version": "1.0.0-dev",
        "drift": {},
        "news": [],
    }
    return Status(**known | differences)


STATES = (
    status(),
    status(template="v1.0.0", behind=1, news=["Fixes the image."]),
    status(drift={"requirements.txt": "customized"}),
    status(drift={"requirements.txt": "customized", "Dockerfile": "changed", ".snyk": "deleted"}),
    status(base_image=f"registry.example.com:5000/team/base@sha256:{'0123456789abcdef' * 4}"),
    status(published=False, pyatlan_version="8.0.1"),
    status(unknown="the template cannot be fetched"),
    status(version=None, pyatlan_version=None, python_version=None, base_image=None),
    status(version=HOSTILE, template=HOSTILE, news=[HOSTILE], unknown=HOSTILE, base_image=HOSTILE,
           drift={HOSTILE: "changed"}),
    Failed(f"{HOSTILE}: {'long' * 100}"),
)  # fmt: skip


def fleet(folder: Path, packages: int) -> str:
    """Return the page of packages in all states, whose names and messages are hostile at times."""
    names = ("glossary_export", "designation_based_group_provisioning_of_all_users", HOSTILE)
    statuses = {
        folder / f"{names[number % 3]}_{number}": STATES[number % len(STATES)]
        for number in range(packages)
    }
    checks: dict[Path, Checked | Failed] = {
        path: Failed(HOSTILE)
        if number == 4
        else Checked([Finding("CSA502", HOSTILE, 3, HOSTILE)] * (number % 4), {"CSA801": HOSTILE})
        for number, path in enumerate(statuses)
    }
    return page(statuses, checks, HOSTILE, datetime(2026, 7, 1, tzinfo=UTC))


def test_the_page_tells_of_each_package_what_status_and_check_find(
    releases: Path, tmp_path: Path
) -> None:
    root = tmp_path / "mono"
    old, broken = add_packages(root, releases, RELEASE, 2)
    append(old / "requirements.txt", "requests\n")
    append(old / "main.py", "\nimport requests\n")
    (old / "HISTORY.md").write_text("## 1.1.0-dev\n\n- More\n\n## 1.0.0 (July 1, 2026)\n\n- All\n")
    (broken / ".copier-answers.yml").write_text("a: [\n")
    init(root)
    offline = {"UV_OFFLINE": "1", "XDG_CACHE_HOME": str(tmp_path / "empty")}
    shown, _ = csa("status", "--format", "html", cwd=root, code=1, **offline)
    heading, first, second = Document(shown).rows
    assert heading.startswith("Package | Template | Version | Last release | ")
    for text in (old.name, f"{RELEASE} 1 behind", "1.0.0 Jul 1, 2026", "1 customized", " problem"):
        assert text in first
    assert second.split(" | ")[:2] == [
        f"scripts/{broken.name}",
        "failed .copier-answers.yml is not YAML: see its line 2",
    ]
    assert "requests has no lower bound" in shown
    assert "The SDK was not checked: " in shown


def test_text_of_others_is_text_on_the_page(tmp_path: Path) -> None:
    document = Document(fleet(tmp_path, 2 * len(STATES)))
    assert not {"img", "script", "link", "iframe"} & {tag for tag, _ in document.elements}
    for tag, attributes in document.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
        assert (attributes.get("href") or "#").startswith("#"), tag
    # And where all that failed, no browser would run or load anything.
    [policy] = [meta for meta in document.attributes("meta") if "http-equiv" in meta]
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_page_s_table_has_a_cell_for_each_heading_and_a_target_for_each_link(
    tmp_path: Path,
) -> None:
    document = Document(fleet(tmp_path, 2 * len(STATES)))
    cells = [int(attributes.get("colspan") or 1) for attributes in document.attributes("td")]
    headings = [attributes["scope"] for attributes in document.attributes("th")]
    assert headings.count("col") == COLUMNS
    assert headings.count("row") == 2 * len(STATES)
    assert sum(cells) == 2 * len(STATES) * (COLUMNS - 1)
    targets = {f"#{attributes['id']}" for _, attributes in document.elements if "id" in attributes}
    links = [attributes["href"] for attributes in document.attributes("a")]
    assert links
    assert sorted(filter(None, links)) == sorted(targets)


def test_of_many_findings_the_page_shows_the_first(tmp_path: Path) -> None:
    found = [Finding("CSA502", "requirements.txt", number, "no bound") for number in range(1, 31)]
    folder = tmp_path / "glossary_export"
    text = page({folder: status()}, {folder: Checked(found)}, "mono", datetime.now(UTC))
    assert text.count("requirements.txt:") == MOST_FINDINGS
    assert f"csa check shows {30 - MOST_FINDINGS} more." in text


def test_text_of_a_page_is_as_distinct_as_wcag_asks_for_in_both_schemes(tmp_path: Path) -> None:
    schemes = re.findall(r":root \{(.*?)\}", fleet(tmp_path, 1), re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#\w+)", scheme)) for scheme in schemes)
    for colors in (light, dark):
        pairs = [
            (text, ground)
            for text in ("text", "soft", "link", "good", "warn", "bad")
            for ground in ("page", "band")
        ]
        pairs += [("warn", "warn-band"), ("bad", "bad-band"), ("text", "bad-band")]
        low = {pair: ratio for pair in pairs if (ratio := contrast(colors, *pair)) < 4.5}
        assert not low


def contrast(colors: Mapping[str, str], text: str, ground: str) -> float:
    """Return the contrast of two colours, by the formula of WCAG 2."""

    def luminance(color: str) -> float:
        digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
        parts = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(colors[text]), luminance(colors[ground])))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.slow
def test_in_a_browser_nothing_overflows_and_nothing_hostile_runs(tmp_path: Path) -> None:
    if reason := browser.unavailable_reason():
        missing_here(reason)
    text = fleet(tmp_path / "mono", 60)
    # Without its policy, which would keep hostile text from running where it is no text.
    text = re.sub("<meta http-equiv=.*\n", "", text).replace("</body>", f"{MEASURE}</body>")
    # A browser's own window is never as narrow as a telephone's.
    frames = [f'<iframe width={width} srcdoc="{escape(text)}"></iframe>' for width in (400, 1200)]
    style = "<style>iframe { border: 0; height: 1000px; }</style>"
    shown = browser.dom(f"<!doctype html>{style}<body>{''.join(frames)}</body>", tmp_path / "work")
    seen = sorted(json.loads(unescape(line)) for line in re.findall(r"seen: (\[.*)", shown))
    title = f"Script packages in {HOSTILE}"
    assert seen == [[400, 60, title], [1200, 60, title]]
