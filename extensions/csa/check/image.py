"""Rules on what a package's image builds on."""

from __future__ import annotations

from collections.abc import Iterator

from ..bases import base_of, image_in
from ..requirements import EXPORTING, REPLACES_SDK, SILENT, is_within, requirement_lines
from .package import REQUIREMENTS, Package
from .rule import Rule


class PublishedBase(Rule):
    """The Dockerfile builds on the base image of the answers, and there is one.

    Atlan publishes it for each release of pyatlan, tagged for some Python versions only. `csa update
    -d python_version=3.13` chooses another, `-d base_image=REGISTRY/NAME:TAG` one of your own; the
    workflow *Build pyatlan base image* makes that.
    """

    id = "CSA301"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        dockerfile = package.text("Dockerfile")
        base, image = base_of(package.answers), image_in(dockerfile)
        line = package.line_of("Dockerfile", image) if image else 0
        if not dockerfile:
            return  # said by another rule
        if image != base.image:
            yield "Dockerfile", line, f"it builds on {image}, and the answers say {base.image}"
        elif package.answers.get("python_version") not in base.released:
            tagged = ", ".join(base.released)
            yield "Dockerfile", line, f"{image} may not exist: Python {tagged} alone is tagged"


class SdkOfBase(Rule):
    """requirements.txt leaves pyatlan to the base image.

    Another version there would silently replace the one that the base was made and scanned with.
    `csa update -d pyatlan_version=X` chooses another base.
    """

    id = "CSA302"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for line, requirement in requirement_lines(package.text(REQUIREMENTS)):
            if requirement.name == "pyatlan":
                yield REQUIREMENTS, line, REPLACES_SDK


class LogsLeave(Rule):
    """requirements.txt has an OpenTelemetry with which logs leave the container.

    The SDK's handler needs `opentelemetry-sdk` and an exporter, `opentelemetry-exporter-otlp…`,
    below 1.39: with a newer one it returns nothing, and no error tells.
    """

    id = "CSA303"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        text = package.text(REQUIREMENTS)
        lines = [
            (line, requirement)
            for line, requirement in requirement_lines(text)
            if requirement.name.startswith("opentelemetry-")
        ]
        for name in ("opentelemetry-sdk", "opentelemetry-exporter-otlp"):
            if text and not any(requirement.name.startswith(name) for _, requirement in lines):
                yield REQUIREMENTS, 0, f"it has no {name}"
        for line, requirement in lines:
            if not is_within(requirement.specifier, EXPORTING):
                yield REQUIREMENTS, line, f"{requirement} lets a newer one in: {SILENT}"


RULES = (PublishedBase(), SdkOfBase(), LogsLeave())
