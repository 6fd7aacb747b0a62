"""The name of a package's image: the same for people and for workflows."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .bases import base_of, valid_answer
from .errors import Failed, Misuse, Unavailable
from .git import git_line, overlooked, repository_of, uncommitted
from .packages import folders_with_answers, is_package, read_answers
from .release import Version, version_of

HASH_LENGTH = 7
"""Of the commit in a development image's tag, in characters."""

BASE_IMAGES = {"pyatlan", "pyatlan-base", "pyatlan-chainguard-base", "pyatlan-wolfi-base"}
"""The names of Atlan's base images, and of the one that the repository's workflow builds."""

UNKNOWN = re.compile(
    r"(manifest|name) unknown|repository name not known"
    r"|reading manifest .*(unknown: .*not found|(StatusCode:|HTTP) 404)"
)
"""What skopeo says of an image that is not there, for MANIFEST_UNKNOWN and NAME_UNKNOWN; for Harbor,
which answers NOT_FOUND; for registries that answer with the status alone."""

PATIENCE = 10
"""For a registry to answer, in seconds."""


@dataclass(frozen=True)
class Image:
    """An image by its parts.

    `release` tells whether its tag is a released version's; `python` is the Python in it, `base` the
    image that it is built on.
    """

    registry: str
    name: str
    tag: str
    release: bool
    python: str
    base: str

    @property
    def reference(self) -> str:
        """What docker, and Argo, know it by."""
        return f"{self.registry}/{self.name}:{self.tag}"


def image_of(package: Path, name: str | None = None, tag: str | None = None) -> Image:
    """Return the image of a package as it is committed, by another name or tag if one is given.

    A release is tagged with its version; what is in development with the commit, too. Raises Misuse
    for a given name or tag that no image can have, Failed where the folder's name gives none, for the
    name of a base image or of another package's image, and where the commit would not tell what is
    in it.
    """
    refused: type[Exception] = Misuse if name else Failed
    name = name or _name_of(package)
    if not re.fullmatch(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*", name):
        raise refused(f"{name} is not an image name: use lower case, digits and single . _ or -")
    if tag is not None and not re.fullmatch(r"\w[\w.-]{0,127}", tag, re.ASCII):
        raise Misuse(f"{tag} is not an image tag: use letters, digits, . _ and -, at most 128")
    if name in BASE_IMAGES:
        raise Failed(f"{name} is the name of a base image: use another name")
    top = repository_of(package).top
    for other in folders_with_answers(top):
        if _name_of(other) == name and is_package(other) and not other.samefile(package):
            place = other.relative_to(top).as_posix()
            raise Failed(f"{name} is already the image name of {place}: use another name")
    answers = read_answers(package)
    registry = valid_answer(answers, "image_registry")
    version = version_of(package)
    if tag is None and version.dev:
        refuse_uncommitted(package)
        commit = git_line(package, "rev-parse", f"--short={HASH_LENGTH}", "HEAD")
        tag = f"{version}-{commit}"
    tag = tag or str(version)
    base = base_of(answers)
    return Image(registry, name, tag, _is_release(tag), base.python, base.image)


def refuse_uncommitted(package: Path) -> None:
    """Raise Failed where an image of the package would have what its commit has not."""
    if uncommitted(package, ".") or overlooked(package, "."):
        text = "it has uncommitted changes: commit them, or use another tag with csa image --tag"
        raise Failed(text)


def _name_of(package: Path) -> str:
    return package.name.replace("_", "-")


def _is_release(tag: str) -> bool:
    try:
        return not Version.of(tag).dev
    except Failed:
        return False


def is_published(reference: str) -> bool:
    """Tell whether a registry has an image, with the credentials of `docker login`.

    Raises Unavailable when it does not say so.
    """
    command = ["skopeo", "inspect", "--raw", f"docker://{reference}"]
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except FileNotFoundError as error:
        raise Unavailable("skopeo is not installed: csa needs it to ask the registry") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{reference}: no answer in {PATIENCE} seconds") from error
    if asked.returncode and not UNKNOWN.search(asked.stderr):
        reason = asked.stderr.strip().rpartition("msg=")[2].strip('"').replace('\\"', '"')
        raise Unavailable(f"{reference} cannot be looked up: {reason}")
    return not asked.returncode


@cache  # packages of a fleet build on the same few
def has_image(reference: str) -> bool | None:
    """Tell whether a registry has an image, None when it does not say."""
    try:
        return is_published(reference)
    except Unavailable:
        return None
