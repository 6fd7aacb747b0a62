"""A folder with a legacy script, and what the template and the SDK have for it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import Failed, Misuse
from ..files import is_file, read_file
from ..git import Repository, git
from ..packages import (
    ANSWERS_FILE,
    LARGEST_SOURCE,
    NAME,
    PACKAGE,
    REPOSITORY,
    is_package,
    listed_files,
    read_answers,
    read_python,
)
from ..refactor import refactor
from ..requirements_txt import pinned_version, text_of_requirements
from ..sdk.breaks import Sources
from ..sdk.choice import Choice, choose_release, has_base_image
from ..sdk.environments import PYTHON, NoSuchRelease
from ..sdk.fixing import need_client
from ..source.importers import taken_by_others, watcher_of
from ..source.script_text import modules_in, text_of
from ..source.syntax import NotPython
from ..template import Rendering, Source, render, without_secrets
from ..transaction import Rename, signature
from .page import description
from .tests import HTTP_MODULES


class Legacy:
    """What is known of a script's folder before anything is planned.

    `files` are its files by their path below it, `seen` their signatures from before they were read,
    `main` is main.py and `script` that refactored; `rendering` is the package as the template makes
    it, None for one that is a package already, and `sdk` the release of pyatlan for it. The folder
    is `before` and becomes `after`, below the repository's top.

    Raises Misuse and Failed as `adopt` does.
    """

    def __init__(
        self, repository: Repository, folder: Path, source: Source, data: Mapping[str, str]
    ):
        self.repository = repository
        self.top = repository.top
        self.folder = folder
        self.source = source
        self.data = data
        self.before = folder.relative_to(self.top).as_posix()
        self.files = self._listed()
        # From before anything is read: what is saved meanwhile is not overwritten.
        self.seen = {f"{self.before}/{path}": signature(folder / path) for path in self.files}
        self.main = read_file(folder, "main.py", LARGEST_SOURCE)
        is_package = (folder / ANSWERS_FILE).exists()
        if is_package and data:
            raise Misuse(f"{folder} is a package already: csa update --data changes its answers")
        answers = read_answers(folder) if is_package else None
        if answers and not (answers.get("scope") == PACKAGE and answers.get("package_name")):
            said = f"{folder} was made from another template: {answers['_src_path']}"
            raise Misuse(without_secrets(said))
        newest = "" if is_package else self._newest_release()
        with ThreadPoolExecutor(1) as pool:  # the type checker has a processor of its own
            choosing = pool.submit(self._choose_release, answers, newest)
            refactored = partial(
                refactor,
                self.main,
                taken_by_others(self.folder, self.top, self.sources),
                self._hiding(),
                watcher_of(self.folder, self.top, self.main),
            )
            self.script = refactored()
            release = self.pinned if self.pinned and has_base_image(self.pinned) else None
            self.rendering = None if is_package else self._render(release)
            self.sdk = choosing.result()
        if need_client(self.sdk.breaks, self.sdk.release):  # it is looked for at module level
            self.script = refactored(moves_effects=False)
        if self.rendering and self.rendering.facts["pyatlan_version"] != self.sdk.release:
            self.rendering = self._render(self.sdk.release)
        facts = self.rendering.facts if self.rendering else read_answers(folder)
        self.name = str(facts.get("package_name"))
        if not re.fullmatch(NAME, self.name):
            raise Failed(f"the template calls the package {self.name!r}, which is not snake_case")
        self.after = (PurePosixPath(self.before).parent / self.name).as_posix()
        self.rename = Rename(self.before, self.after)
        self.renamed = self.before != self.after

    def _listed(self) -> list[str]:
        """Return the folder's files that git knows or would add, by their path below it.

        Raises Failed when main.py is none of those that it knows.
        """
        if not git(self.folder, "ls-files", "--", "main.py"):
            raise Failed(f"git does not know {self.before}/main.py: add and commit it first")
        return listed_files(self.folder)

    def _render(self, release: str | None) -> Rendering:
        """Render the template for a release of pyatlan, with the answers that the script gives; else
        with its defaults."""
        target = self.source.target
        assert target is not None
        name = self.folder.name
        main = text_of(self.main)
        answers: dict[str, Any] = {"third_party_http": self._uses_http()}
        with suppress(NotPython):
            answers["description"] = description(main)
        if not answers.get("description"):
            answers["description"] = " ".join(re.findall(r"\w+", name)).capitalize() + "."
        if is_package(self.top, (REPOSITORY,)):  # what is around the packages has a registry, too
            answers["image_registry"] = read_answers(self.top).get("image_registry")
        if release:
            answers["pyatlan_version"] = release
        try:
            self.source.refuse_unknown(target, self.data)
            return render(self.source, target, {**answers, **self.data}, name)
        except Failed as error:
            if self.data:
                raise Misuse(str(error)) from error
            *_, problem = str(error).split("question 'package_name': ")
            if problem == str(error):
                raise
            raise Failed(f"name the package with --name: {problem}") from error

    def _newest_release(self) -> str:
        """Return the newest release of pyatlan that the template was tested with."""
        assert self.source.target is not None
        try:
            return str(self.source.config(self.source.target)["pyatlan_version"]["default"])
        except (KeyError, TypeError) as error:
            raise Failed(f"{self.source.address} is not a template of script packages") from error

    def _choose_release(self, answers: Mapping[str, Any] | None, newest: str) -> Choice:
        """Return the release of pyatlan for the script, for a package that of its answers."""
        script = Sources(self.folder.name, self.sources, PYTHON)
        if answers:
            release = str(answers.get("pyatlan_version"))
            try:
                return choose_release(script, release, release)
            except NoSuchRelease as error:
                return Choice(release, note=f"The SDK was not checked: {error}")
        chosen = self.data.get("pyatlan_version")
        try:
            return choose_release(script, chosen or self.pinned, newest)
        except NoSuchRelease as error:
            if chosen:
                raise Misuse(f"--data pyatlan_version={chosen}: {error}") from error
            return choose_release(script, None, newest)

    @cached_property
    def pinned(self) -> str | None:
        """The version of the SDK that the script, or else the repository, requires."""
        for folder in (self.folder, self.top):
            path = "requirements.txt"
            text = text_of_requirements(read_file(folder, path)) if is_file(folder, path) else ""
            if version := pinned_version(text, "pyatlan"):
                return version
        return None

    @cached_property
    def sources(self) -> dict[str, bytes]:
        """The folder's Python files, as they are."""
        return read_python(self.folder, self.files)

    def _uses_http(self) -> bool:
        return any(
            module.split(".")[0] in HTTP_MODULES
            for content in self.sources.values()
            for module in modules_in(content)
        )

    def _hiding(self) -> dict[str, str]:
        """Return the files that Python may find in the place of its own modules, by their names: a
        script runs from its folder, or from one above it."""
        own = sys.stdlib_module_names - {*sys.builtin_module_names}
        here = PurePosixPath(self.before)
        paths = [
            (place / name).as_posix()
            for place in (*reversed(here.parents), here)
            for name in sorted(os.listdir(self.top / place))
            if name.removesuffix(".py") in own
        ]
        return {
            path.rpartition("/")[2].removesuffix(".py"): path
            for path in paths
            if path.endswith(".py") or (self.top / path / "__init__.py").is_file()
        }

    def moved(self, path: str) -> str:
        """Return a path below the repository's top as it is once the folder is renamed."""
        return self.rename.moved(path)
