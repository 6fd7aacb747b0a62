"""Requirements that are planned for sources given as text."""

from __future__ import annotations

from collections.abc import Mapping

from csa.source.distributions import Monorepo
from csa.source.requirements import Requirements, plan_requirements

from tests.support.commands import ROOT

TEMPLATE = (ROOT / "template/package/requirements.txt").read_text()
HEADING = TEMPLATE.splitlines()[-1]
OTEL = [line for line in TEMPLATE.splitlines() if line.startswith("opentelemetry")]


def plan(
    source: str | Mapping[str, str],
    existing: str | None = None,
    own: tuple[str, ...] = (),
    monorepo: Monorepo | None = None,
) -> Requirements:
    sources = {"main.py": source} if isinstance(source, str) else source
    return plan_requirements(
        sources,
        lambda name: name.startswith(own),
        existing,
        TEMPLATE,
        lambda: monorepo or Monorepo(),
    )


def modules(source: str) -> set[str]:
    """Return the modules that a source is found to need."""
    result = plan(source)
    return {*result.added.values(), *result.unknown}
