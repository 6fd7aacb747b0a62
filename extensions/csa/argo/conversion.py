"""The Argo template of a script: from a checkout of the monorepo to the package's own image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import yaml

from ..errors import Failed
from .calls import Calls
from .defaults import is_template, sets_only_limits, unclear_defaults
from .edits import Edits
from .module import Module
from .nodes import as_path, entry, is_merge, items, path_of, text_of, tight, walk, words_of
from .paths import given_to, is_relative, paths_in, paths_in_command, variables_of, with_variables

MOST_CONTAINERS = 100
"""Of the package, in a file."""


def use_image(
    text: str, package: str, image: str, is_checked_out: Callable[[str], bool] = lambda path: False
) -> str:
    """Return an Argo template in which the container of a package runs an image.

    The container is the one that runs `python -m scripts.PACKAGE.main`, or `PACKAGE.main` once that
    was done. It gets the image and the module, and loses the git artifact with the scripts, wherever
    that is declared, and the workingDir in it. `is_checked_out` tells of a path below the workingDir
    whether the repository has such a file.

    Raises Failed when the template is another than that; the message names a line.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    edits = Edits(text.removeprefix(mark))  # positions are counted behind it
    module = Module(package)
    containers = [
        (node, container)
        for document in edits.documents
        for node in walk(document)
        if (container := entry(node, "container")) is not None and module.run_by(container)
    ]
    if len(containers) > MOST_CONTAINERS:
        raise Failed(f"more than {MOST_CONTAINERS} containers run it: csa changes no more")
    conversion = _Conversion(edits, Calls(edits), module, image, is_checked_out)
    for template, container in containers:
        conversion.contain(template, container)
    conversion.refuse_others()
    if not containers:
        raise Failed(f"no container runs python -m scripts.{package}.main")
    conversion.refuse_defaults()
    return mark + edits.applied()


@dataclass(frozen=True)
class _Conversion:
    """What is done to the containers of a package."""

    edits: Edits
    calls: Calls
    module: Module
    image: str
    is_checked_out: Callable[[str], bool]

    def failed(self, node: yaml.Node, what: str, part: str = "") -> Failed:
        """Return what to raise for a node, or for a part of its text."""
        return Failed(f"line {self.edits.line(node, part)}: {what}")

    def contain(self, template: yaml.Node, container: yaml.Node) -> None:
        """Plan the edits for one container, of a template among the documents."""
        used = [*walk(container), *walk(entry(template, "inputs"))]
        merges = isinstance(container, yaml.MappingNode) and any(
            is_merge(key) for key, _ in container.value
        )
        if merges or any(self.edits.seen[id(node)] > 1 for node in used):
            raise self.failed(container, "it has anchors or <<: change it by hand")
        program, module = words_of(container)[0], self.module.run_by(container)
        assert module is not None and isinstance(container, yaml.MappingNode)
        if not (program.value.startswith("-") or program.value in ("python", "python3")):
            what = f"the image may lack {program.value}: write python"
            raise self.failed(program, what)
        was_old = self.module.is_old(module.value)
        if was_old:
            self.edits.replace(module, self.module.new)
        image = entry(container, "image")
        if image is None:
            self.edits.add_first(container, "image", self.image)
        elif image.value != self.image:
            self.edits.replace(image, self.image)
        below = self._drop_checkout(template, container, required=was_old)
        folder = path_of(container, "workingDir")
        mounts = [
            (mount, path_of(mount, "mountPath"))
            for mount in items(entry(container, "volumeMounts"))
        ]
        mounted = any(_is_in(folder, path) for _, path in mounts)
        put = items(entry(entry(template, "inputs"), "artifacts"))
        for node, path in (*mounts, *((item, path_of(item, "path")) for item in put)):
            if id(node) not in self.edits.gone and _is_in(f"/app/{self.module.package}", path):
                raise self.failed(node, f"it would hide the package in the image: {path}")
        if below or (was_old and not mounted):
            self._refuse_relative_paths(template, container, module, below or ".")
        for variable in items(entry(container, "env")) if folder and not below else ():
            hides = text_of(variable, "name") == "PYTHONPATH"
            if hides and "/app" not in text_of(variable, "value").split(":"):
                what = "the image has the package in /app: add it to PYTHONPATH, or Python looks in"
                raise self.failed(variable, f"{what} {folder} instead")

    def refuse_defaults(self) -> None:
        """Raise Failed where a container gets more than what its template says."""
        for document in self.edits.documents:
            for node in walk(document):
                for key in unclear_defaults(node):
                    what = f"templateDefaults sets what containers run, with {key.value}"
                    raise self.failed(key, f"{what}: change it by hand")
                patch = entry(node, "podSpecPatch")
                runs = (
                    self.module.run_by(container)
                    if (container := entry(node, "container"))
                    else None
                )
                if patch is None or (is_template(node) and runs is None):
                    continue
                texts = (
                    self.calls.texts(node, patch.value)
                    if isinstance(patch, yaml.ScalarNode)
                    else [""]
                )
                if not all(map(sets_only_limits, texts)):
                    what = "podSpecPatch may set what the container runs: change it by hand"
                    raise self.failed(patch, what)

    def _drop_checkout(
        self, template: yaml.Node, container: yaml.Node, *, required: bool
    ) -> str | None:
        """Plan to drop the artifact with the scripts and the workingDir in it; return the path of that
        below the artifact, None without one. `required`: one of git's is the scripts', for they are
        run from there."""
        folder = path_of(container, "workingDir")
        declared = items(entry(entry(template, "inputs"), "artifacts"))
        from_git = [
            item
            for item in declared
            if any(entry(node, "git") for node in self._all_of(template, item))
        ]
        found = [
            item
            for item in (declared if required else from_git)
            if _is_in(folder, path_of(item, "path"))
        ]
        if not found:
            for item in from_git:
                if required or "{{" in folder + path_of(item, "path"):
                    what = "the workingDir is not in this git artifact: change it by hand"
                    raise self.failed(item, what)
            return None
        if len(found) > 1:
            raise self.failed(found[1], f"two artifacts have {folder} in them: change it by hand")
        [artifact] = found
        name, path = text_of(artifact, "name"), path_of(artifact, "path")
        handed = self.calls.handed_artifacts(template, name)
        for item in self._all_of(template, artifact):
            if entry(item, "git") is None and (item is not artifact or not handed):
                raise self.failed(item, f"the artifact {name} is not a git artifact here")
        self._drop_artifact(template, "inputs", artifact)
        for call, item in handed:
            self._drop_artifact(call.node, "arguments", item)
        self.edits.drop_entry(container, "workingDir")
        self._refuse_uses(template, name, path)
        return posixpath.relpath(folder, path)

    def _all_of(self, template: yaml.Node, artifact: yaml.Node) -> list[yaml.Node]:
        """Return an artifact of a template, and those that calls hand over for it."""
        handed = self.calls.handed_artifacts(template, text_of(artifact, "name"))
        return [artifact, *(item for _, item in handed)]

    def _drop_artifact(self, owner: yaml.Node, key: str, item: yaml.Node) -> None:
        parent = entry(owner, key)
        assert parent is not None
        self.edits.drop_item([(owner, key), (parent, "artifacts")], item)

    def _refuse_uses(self, template: yaml.Node, name: str, path: str) -> None:
        """Raise Failed where something of a template uses the artifact that goes, or its path."""
        paths = "|".join(re.escape(as_path(text)) for text in self.calls.texts(template, path))
        uses = re.compile(rf"(?<![\w.-])(?:{paths})(?![\w.-])")
        reads = re.compile(rf"inputs\.artifacts(\.|\[\s*['\"]){re.escape(name)}(?![\w-])")
        # The values of parameters are looked at where they are used.
        given = walk(entry(entry(template, "inputs"), "parameters"))
        passed = self.edits.gone.union(map(id, given))
        for node in walk(template):
            if not isinstance(node, yaml.ScalarNode) or id(node) in passed:
                continue
            if reads.search(node.value):
                raise self.failed(node, f"it uses the artifact {name}, which csa would remove")
            for text in self.calls.texts(template, node.value):
                if found := uses.search(re.sub(r"/(\.?/)+", "/", tight(text))):
                    raise self.failed(node, f"it uses {found[0]}, which is not in the image")

    def _refuse_relative_paths(
        self, template: yaml.Node, container: yaml.Node, module: yaml.ScalarNode, folder: str
    ) -> None:
        """Raise Failed where what a container is given has, or is, a path below the folder that the
        scripts ran in; `folder` is its path in the checkout."""
        variables = variables_of(container)
        handed, commands = given_to(container, module)
        for node in (*handed, *commands):
            for text in self._said(template, node.value, variables):
                for path in paths_in_command(text) if node in commands else paths_in(text):
                    if path.startswith("scripts."):
                        raise self.failed(node, f"it uses {path}, which is not in the image")
                    below = posixpath.normpath(f"{folder}/{path}")
                    if is_relative(path) or self.is_checked_out(below):
                        what = (
                            f"it uses the relative path {path}, which exists in the checkout only: "
                            "write the path that the file has in the image, below /app"
                        )
                        raise self.failed(node, what)

    def _said(self, template: yaml.Node, text: str, variables: Mapping[str, str]) -> Iterator[str]:
        """Yield what a text may say once its parameters, then its variables, are filled in."""
        for filled in self.calls.texts(template, text):
            said = with_variables(filled, variables)
            yield from [said] if said == filled else self.calls.texts(template, said)

    def refuse_others(self) -> None:
        """Raise Failed where the module is, or may be, run in any other way."""
        for document in self.edits.documents:
            for scalar, name in self.module.run_otherwise(document):
                if id(scalar) not in self.edits.replaced:
                    what = f"it may run {name} in another way: change it by hand"
                    raise self.failed(scalar, what, name)
            for node in walk(document):
                for word in words_of(entry(node, "container")):
                    if "{{" in word.value and any(
                        map(self.module.is_named, self.calls.texts(node, word.value))
                    ):
                        raise self.failed(word, "a parameter says what it runs: change it by hand")


def _is_in(folder: str, path: str) -> bool:
    """Tell whether a folder is at a path or below it; both may be empty, which is nowhere."""
    return bool(folder and path) and f"{folder}/".startswith(f"{path.rstrip('/')}/")
