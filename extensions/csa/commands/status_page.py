"""The page that `csa status --format html` prints."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from ..check import Checked
from ..errors import Failed
from ..output import Results, counted, escaped, label_of
from ..release import Entry, last_release
from ..update.status import Status

MOST_FINDINGS = 20
"""Findings of a package that are shown: `csa check` shows the others."""


@dataclass(frozen=True)
class Row:
    """A package as the page shows it; `checked` is None for the files around all packages."""

    label: str
    status: Status | Failed
    release: Entry | None
    checked: Checked | Failed | None

    @property
    def failure(self) -> str | None:
        return str(self.status) if isinstance(self.status, Failed) else None

    @property
    def not_checked(self) -> str | None:
        """Why it could not be checked at all."""
        return str(self.checked) if isinstance(self.checked, Failed) else None

    @property
    def problems(self) -> int:
        return len(self.checked.findings) if isinstance(self.checked, Checked) else 0

    @property
    def needs_attention(self) -> bool:
        """Tell whether there is more to say than the table has room for."""
        if isinstance(self.status, Failed):
            return False
        missing = self.status.published is False
        return bool(missing or self.status.drift or self.problems or self.not_checked)


def page(
    statuses: Mapping[Path, Status | Failed], checks: Results[Checked], name: str, now: datetime
) -> str:
    """Return a page on packages, complete in itself: no script, and nothing that is loaded.

    `name` is what holds them, such as the repository. All names and messages are text in it,
    whatever stands in them.
    """
    rows = [
        Row(label_of(folder), status, _last_release(folder), checks.get(folder))
        for folder, status in statuses.items()
    ]
    known = [row.status for row in rows if isinstance(row.status, Status)]
    reasons = [
        *(
            f"Not compared with the template: {status.unknown}"
            for status in known
            if status.unknown
        ),
        *(
            f"The SDK was not checked: {reason}"
            for row in rows
            if isinstance(row.checked, Checked)
            for reason in row.checked.not_checked.values()
        ),
    ]
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=lambda value: escaped(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"counted": counted, "breakable": _breakable}
    template = (files(__package__) / "status_page.html.jinja").read_text()
    return environment.from_string(template).render(
        name=name,
        now=now,
        rows=rows,
        totals=_totals(rows),
        reasons=dict.fromkeys(reasons),
        news=max((status.news for status in known), key=len, default=[]),
        most=MOST_FINDINGS,
    )


def _totals(rows: list[Row]) -> list[tuple[int, str, str]]:
    """Return how many packages are in each state, what that is, and how the page marks it."""
    known = [row.status for row in rows if isinstance(row.status, Status)]
    return [
        (len(rows), "in all", ""),
        (sum(status.behind > 0 for status in known), "behind", "warn"),
        (sum(bool(status.changed) for status in known), "changed", "warn"),
        (sum(bool(status.customized) for status in known), "customized", ""),
        (sum(row.problems > 0 for row in rows), "with problems", "bad"),
        (sum(bool(row.failure or row.not_checked) for row in rows), "failed", "bad"),
    ]


def _breakable(path: str) -> Markup:
    """Return a path that a narrow column breaks between words."""
    text = escape(escaped(path))
    for end in "/_":
        text = text.replace(end, Markup(f"{end}<wbr>"))
    return text


def _last_release(folder: Path) -> Entry | None:
    with suppress(Failed, OSError):  # which csa check tells of
        return last_release(folder)
    return None
