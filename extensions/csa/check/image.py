"""Rules on what a package's image builds on."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet

from ..bases import image_in
from ..requirements_txt import is_for_images, is_within, range_of, requirement_lines
from ..source.requirements import EXPORTING, REPLACES_SDK, SILENT
from .package import REQUIREMENTS, Package
from .rule import Rule

_EXPORTER = "opentelemetry-exporter-otlp"

NEEDED = (("opentelemetry-sdk",), (f"{_EXPORTER}-proto-grpc", _EXPORTER))
"""What pyatlan's handler imports, by the distributions of which one has it."""

RELEASED_TOGETHER = {
    *("opentelemetry-api", "opentelemetry-proto", "opentelemetry-sdk", _EXPORTER),
    *(f"{_EXPORTER}-proto-{kind}" for kind in ("common", "grpc", "http")),
}
"""Those of OpenTelemetry's distributions that have the same versions."""


class PublishedBase(Rule):
    """The Dockerfile must build on the base image of the answers, and that image must exist.

    Atlan publishes one for each release of pyatlan, for some Python versions only. `csa` asks the
    registry where `skopeo` is installed; if the answer is unclear, nothing is reported. `csa update -d
    python_version=3.13` chooses another tag, `-d base_image=REGISTRY/NAME:TAG` an image of your own:
    the workflow *Build pyatlan base image* makes one.
    """

    id = "CSA301"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        base = package.base
        if "Dockerfile" not in package.paths:
            return  # said by another rule
        line, image = image_in(package.text("Dockerfile")) or (0, None)
        if image is None:
            yield "Dockerfile", 0, "it has no FROM"
        elif base.image not in (image, image.partition("@")[0]):
            yield "Dockerfile", line, f"it builds on {image}, and the answers say {base.image}"
        elif (there := package.outside.has_base(package)) is False:
            public = f"csa update -d base_image={base.public} -d python_version={base.python}"
            instead = f"; for the public one: {public}" if base.public else ""
            yield "Dockerfile", line, f"{base.image} is not in its registry{instead}"
        elif there is None and package.answers.get("python_version") not in base.released:
            published = ", ".join(base.released)
            yield (
                "Dockerfile",
                line,
                f"{image} probably does not exist: only Python {published} images are published",
            )


class SdkOfBase(Rule):
    """requirements.txt must leave pyatlan to the base image.

    Another version there would silently replace the one that the base was made and scanned with.
    `csa update -d pyatlan_version=X` chooses another base.
    """

    id = "CSA302"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for line, requirement in requirement_lines(package.text(REQUIREMENTS)):
            if requirement.name == "pyatlan":
                yield REQUIREMENTS, line, REPLACES_SDK


class LogsLeave(Rule):
    """requirements.txt must have OpenTelemetry below 1.39, so that logs leave the container.

    pyatlan's handler needs `opentelemetry-sdk` and `opentelemetry-exporter-otlp-proto-grpc`, alone
    or as part of `opentelemetry-exporter-otlp`, below 1.39. With a newer one it exports nothing and
    raises no error.
    """

    id = "CSA303"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        if REQUIREMENTS not in package.paths:
            return  # said by another rule
        lines = requirement_lines(package.text(REQUIREMENTS))
        ranges: dict[str, SpecifierSet] = {}  # of several lines, all hold
        for _, requirement in lines:
            if is_for_images(requirement):
                range_ = ranges.get(requirement.name, SpecifierSet())
                ranges[requirement.name] = range_ & range_of(requirement)
        for alternatives in NEEDED:
            if ranges.keys().isdisjoint(alternatives):
                yield REQUIREMENTS, 0, f"it has no {alternatives[0]}"
        for line, requirement in lines:
            range_ = ranges.get(requirement.name, EXPORTING)
            if requirement.name in RELEASED_TOGETHER and not is_within(range_, EXPORTING):
                yield REQUIREMENTS, line, f"{requirement} lets a newer one in: {SILENT}"


RULES = (PublishedBase(), SdkOfBase(), LogsLeave())
