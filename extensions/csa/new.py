"""A new package, rendered by Copier in the right place."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

from .errors import Failed, Misuse
from .git import GitError, configure, repository_of
from .output import Escaped
from .packages import ANSWERS_FILE, NAME, is_package, packages_around
from .template import expand, not_rendered, open_source, rendered_files

SCRIPTS = "scripts"
"""The folder of a monorepo that has its packages."""


def place_of(name: str, here: Path) -> Path:
    """Return the folder for a new package: a path is from `here`, a name alone is in the scripts/ of
    the repository, or in `here` if there is none and `here` is not the repository's top.

    Raises Misuse when no package can be there.
    """
    name = name.rstrip("/")  # as completion leaves it
    if not re.fullmatch(NAME, os.path.basename(name)):
        snake = re.sub(r"[^a-z0-9]+", "_", os.path.basename(name).lower()).strip("_")
        remedy = f", such as {snake}" if re.fullmatch(NAME, snake) else ""
        raise Misuse(f"{name}: name the folder as Python names modules, in snake_case{remedy}")
    place = Path(os.path.normpath(here / name))
    existing = next(folder for folder in (place, *place.parents) if folder.is_dir())
    try:
        top = repository_of(existing).top
    except GitError as error:
        raise Misuse(f"{error}: run git init in the folder that is to have the packages") from error
    scripts = top / SCRIPTS
    has_scripts = scripts.is_dir() or place.parent == top
    if "/" not in name and has_scripts and not place.parent.is_relative_to(scripts):
        place = scripts / name
    real = Path(os.path.realpath(place))
    if not real.is_relative_to(top) or any(part.lower() == ".git" for part in place.parts):
        raise Misuse(f"{place} leads out of the repository {top}")
    if place == top:
        raise Misuse(f"{name} is the repository's top: name a folder in it, such as scripts/{name}")
    for parent in place.parents:
        if os.path.lexists(parent) and not parent.is_dir():
            raise Misuse(f"{parent} is a file: name a folder that can have a package in it")
    if around := packages_around(place):
        raise Misuse(f"{around[0]} is a package: packages cannot be nested")
    if os.path.lexists(place) and not (place.is_dir() and not os.listdir(place)):
        raise Misuse(f"{place} already exists: {_remedy(name, place)}")
    return place


def _remedy(name: str, place: Path) -> str:
    if is_package(place):
        return "csa update updates it"
    if os.path.lexists(place / "main.py"):
        return f"csa adopt {name} converts it"
    return "choose another name, or move it away"


def new_package(
    place: Path,
    template: str,
    version: str | None,
    data: Mapping[str, str],
    *,
    ask: bool,
    work: Path,
) -> None:
    """Render the template into a folder, as `copier copy` does; `ask` has it ask its questions.

    `version` names a tag, branch or commit of the template, None its newest release; `work` is an
    empty folder. Raises Misuse for an answer that the template does not take, Failed when it cannot
    be rendered; then the folder is not there.
    """
    import copier.errors  # takes a second

    source = open_source(template, version, work)
    assert source.target is not None
    version = source.version(source.target)
    source.config(source.target)  # what is wrong with it is not the answers' fault
    try:
        source.refuse_unknown(source.target, data)
    except Failed as error:
        raise Misuse(str(error)) from error
    if (name := data.get("package_name", place.name)) != place.name:
        raise Misuse(f"a package is named as its folder: csa new {name} creates {name}")
    if work in source.repository.parents:  # fetched once, and recorded by its address
        configure({f"url.{source.repository}.insteadOf": expand(source.address)})
    shown = os.path.relpath(place)  # as its message names the folder
    with _folder_like_here(place, shown.split(os.sep).count("..")) as folder:
        try:
            with redirect_stderr(Escaped(sys.stderr)):  # the template's messages
                copier.run_copy(
                    source.address,
                    shown,
                    data=dict(data),
                    vcs_ref=source.target,
                    defaults=not ask,
                )
        except copier.errors.CopierAnswersInterrupt as error:
            raise KeyboardInterrupt from error
        except Exception as error:  # of Copier, Jinja, git: all are the template's
            if isinstance(error, ValueError) and not isinstance(error, copier.errors.CopierError):
                raise Misuse(" ".join(str(error).split())) from error  # an answer that is not valid
            raise not_rendered(version, error) from error
        rendered_files(folder / shown, version)
        _put(folder / shown, place)


@contextmanager
def _folder_like_here(place: Path, up: int) -> Iterator[Path]:
    """Work in a folder of the repository's own git directory, so many levels deep; remove it again.

    What is rendered there becomes the package at once, or not at all.
    """
    here = Path.cwd()
    existing = next(folder for folder in place.parents if folder.is_dir())
    git_directory = repository_of(existing).git_directory
    with tempfile.TemporaryDirectory(prefix="csa-new-", dir=git_directory) as top:
        folder = Path(top, *["x"] * up)
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(here)


def _put(rendered: Path, place: Path) -> None:
    """Move a folder to where there is none, or an empty one; raise Failed where there is more."""
    rendered = Path(os.path.normpath(rendered))
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        if rendered.stat().st_dev == place.parent.stat().st_dev:
            rendered.rename(place)
        else:
            with tempfile.TemporaryDirectory(prefix=".csa-", dir=place.parent) as near:
                copied = Path(near, place.name)
                shutil.copytree(rendered, copied, ignore=shutil.ignore_patterns(ANSWERS_FILE))
                # Last: until then, what a kill leaves is no package.
                shutil.copy2(rendered / ANSWERS_FILE, copied)
                copied.rename(place)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise Failed(
            f"{place}: files were saved there meanwhile, and stay: choose another folder"
        ) from error
