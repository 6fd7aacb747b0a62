"""The Argo template of a script: from a checkout of the monorepo to the package's own image.

YAML is read with its positions and changed as text: what is not meant stays byte for byte.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml
from platformdirs import user_state_path

from .diff import diff
from .errors import Failed
from .files import File, is_file, mode_of, read_text
from .git import GitError, repository_of, worktree_of
from .transaction import Place, signature, undo_unfinished, write_all
from .yaml_text import Loader, NotYaml, parse_yaml

LARGEST_TEMPLATE = 300_000
"""Bytes of the largest file that is read."""

MOST_CONTAINERS = 100
"""Of the package, in a file."""

_STRING = "tag:yaml.org,2002:str"
_RUNS_PYTHON = re.compile(r"-|(.*/)?python[\d.]*$")
_OPTION = re.compile(r"-[bBdEiIOPqRsSuvx]+|-(?P<takes>[WX])(?P<value>.*)")
"""An option of Python's that may stand before -m."""

_SAID = {"annotations", "description", "labels"}
"""The keys of what is for people to read."""

_PATH = re.compile(r"@?(?P<path>\.{0,2}[^\s\"'{}$:,;|<>=@/-][^\s\"'{}$:,;|<>=]*|\.{1,2}/\S*)")
_ENDS_LIKE_A_FILE = re.compile(r".*/[^/]*\.[A-Za-z]\w{0,5}")

Shape = object
"""What a node says, as nested tuples."""


def use_image(
    text: str, package: str, image: str, is_checked_out: Callable[[str], bool] = lambda path: False
) -> str:
    """Return an Argo template in which the container of a package runs an image.

    The container is the one that runs `python -m scripts.PACKAGE.main`, or `PACKAGE.main` once that
    was done. It gets the image and the module, and loses the git artifact with the scripts, wherever
    that is declared, and the workingDir that equals its path. `is_checked_out` tells of a path below
    that workingDir whether the repository has such a file.

    Raises Failed when the template is another than that; the message names a line.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)  # positions are counted behind it
    documents = _compose(text)
    change = _Change(text, package, image, is_checked_out, documents)
    containers = [
        (node, container)
        for document in documents
        for node in _walk(document)
        if (container := _value(node, "container")) is not None and change.module_of(container)
    ]
    if not containers:
        raise Failed(f"no container runs python -m scripts.{package}.main")
    if len(containers) > MOST_CONTAINERS:
        raise Failed(f"more than {MOST_CONTAINERS} containers run it: csa changes no more")
    for template, container in containers:
        change.contain(template, container)
    change.refuse_others()
    changed = change.applied()
    try:
        after = [_shape(document) for document in _compose(changed)]
    except Failed:
        after = []
    if [change.shape(document) for document in documents] != after:
        raise Failed("its YAML is laid out in a way that csa cannot change: do it by hand")
    return mark + changed


def use_image_in(path: Path, package: Path, image: str, *, write: bool) -> tuple[bool, bytes]:
    """Do that to a file for the package in a folder; return whether it changes, and if it is not
    written the patch for its repository.

    Raises Failed when the template is another than that, OSError when it cannot be read or written:
    then it is as it was.
    """
    try:
        file = path.resolve()
    except RuntimeError as error:
        raise Failed("it is a loop of links") from error
    around = worktree_of(path.absolute().parent)
    if around and worktree_of(file.parent) != around.resolve():
        raise Failed("it is a link that leads out of the repository: name the file itself")
    place = _place_of(file)
    undo_unfinished(place)
    seen = signature(file)
    text = read_text(file.parent, file.name, LARGEST_TEMPLATE)
    top = repository_of(package).top
    changed = use_image(
        text, package.name, image, lambda word: is_file(top, word) or is_file(package, word)
    )
    old, new = (File(content.encode("utf-8"), mode_of(file)) for content in (text, changed))
    if write and new != old:
        write_all(place, file.parent, {file.name: new}, {file.name: seen})
    below = str(file.relative_to(place.top))
    return new != old, b"" if write else diff({below: old}, {below: new})


def _place_of(file: Path) -> Place:
    """Return the repository that a file is in, or else its own folder.

    The folder's journal is among the user's own files: nobody else could have put one there.
    """
    try:
        return Place.of(repository_of(file.parent))
    except GitError:
        name = hashlib.sha256(os.fsencode(file.parent)).hexdigest()
        return Place(file.parent, user_state_path("csa-template") / name)


def _compose(text: str) -> list[yaml.Node]:
    try:
        documents = parse_yaml(text, lambda text: [*yaml.compose_all(text, Loader=Loader)])
    except NotYaml as error:
        raise Failed(f"it is {error}") from error
    documents = [document for document in documents if document is not None]
    for node in (node for document in documents for node in _walk(document)):
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            for key in {key for key in keys if keys.count(key) > 1 and key != "<<"}:
                raise Failed(f"line {_line(node)}: a mapping there has {key} twice: delete one")
    return documents


@dataclass
class _Change:
    """The edits of a text, and what its nodes say then.

    `edits` are start, end and what to put there. Nodes are named by their ids: `gone` are those that
    are dropped, `replaced` the new texts of values, `given` the containers that get an image.
    """

    text: str
    package: str
    image: str
    is_checked_out: Callable[[str], bool]
    documents: list[yaml.Node]
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    replaced: dict[int, str] = field(default_factory=dict)
    given: set[int] = field(default_factory=set)

    def module_of(self, container: yaml.Node) -> yaml.ScalarNode | None:
        """Return the node of the package's module among the words that a container runs."""
        words = _words(container)
        # An image's own command takes options alone.
        if not words or not _RUNS_PYTHON.match(str(words[0].value)):
            return None
        texts = [str(word.value) for word in words]
        at = 0 if texts[0].startswith("-") else 1
        while at < len(texts) and (found := _OPTION.fullmatch(texts[at])):
            at += 1 if found["value"] or not found["takes"] else 2
        # Otherwise Python runs something else, which may get these words as its arguments.
        runs = texts[at : at + 1] == ["-m"] and "".join(texts[at + 1 : at + 2]) in self.modules
        module = words[at + 1] if runs else None
        return module if isinstance(module, yaml.ScalarNode) else None

    @property
    def modules(self) -> tuple[str, str]:
        """The module as it was, and as it is in the image."""
        return f"scripts.{self.package}.main", f"{self.package}.main"

    @cached_property
    def seen(self) -> Counter[int]:
        """How often each node occurs, with its aliases."""
        return Counter(id(node) for document in self.documents for node in _walk(document))

    @cached_property
    def calls(self) -> list[tuple[yaml.Node, yaml.Node]]:
        """The nodes that call a template, each with its document."""
        return [
            (node, document)
            for document in self.documents
            for node in _walk(document)
            if _value(node, "template") is not None or _value(node, "templateRef") is not None
        ]

    def contain(self, template: yaml.Node, container: yaml.Node) -> None:
        """Plan the edits for one container, of a template among the documents."""
        inputs = _value(template, "inputs")
        used = [*_walk(container), *(_walk(inputs) if inputs is not None else ())]
        if any(self.seen[id(node)] > 1 for node in used) or _value(container, "<<"):
            raise Failed(f"line {_line(container)}: it has anchors or <<: change it by hand")
        module = self.module_of(container)
        assert module is not None
        old, new = self.modules
        if module.value == old:
            self._replace(module, new)
        image = _value(container, "image")
        if image is None:
            self._give_image(container)
        elif image.value != self.image:
            self._replace(image, self.image)
        self._drop_checkout(template, container, required=module.value == old)

    # --- The checkout ------------------------------------------------------------------------

    def _drop_checkout(
        self,
        template: yaml.Node,
        container: yaml.Node,
        *,
        required: bool,
    ) -> None:
        """Plan to drop the artifact with the scripts and the workingDir; `required`: one of git's
        is the scripts', for they are run from there."""
        folder = _value(container, "workingDir")
        declared = list(_items(_value(_value(template, "inputs"), "artifacts")))
        path = str(folder.value).rstrip("/") if folder is not None else None
        found = [artifact for artifact in declared if _text(artifact, "path").rstrip("/") == path]
        if not found:
            others = [
                artifact
                for artifact in declared
                if any(
                    _value(item, "git") is not None
                    for item in (artifact, *(item for _, item in self._handed(template, artifact)))
                )
            ]
            if required and others:
                raise Failed(
                    f"line {_line(others[0])}: the path of this git artifact is not the "
                    "container's workingDir: change it by hand"
                )
            return
        if len(found) > 1:
            raise Failed(f"line {_line(found[1])}: two artifacts are at {path}")
        [artifact] = found
        name = _text(artifact, "name")
        handed = self._handed(template, artifact)
        for item in [artifact, *(item for _, item in handed)]:
            from_git = _value(item, "git") is not None
            if not from_git and (item is not artifact or not handed):
                raise Failed(f"line {_line(item)}: the artifact {name} is not one of git's here")
        self._drop_item(template, "inputs", artifact)
        for call, item in handed:
            self._drop_item(call, "arguments", item)
        self._drop_entry(container, "workingDir")
        self._refuse_relative_paths(container)
        uses = re.compile(rf"(?<![\w.-]){re.escape(path or '')}(?![\w.-])")
        reads = re.compile(rf"inputs\.artifacts\.{re.escape(name)}(?![\w-])")
        for node in _walk(template):
            if not isinstance(node, yaml.ScalarNode) or id(node) in self.gone:
                continue
            if path and uses.search(node.value):
                raise Failed(f"line {_line(node)}: it uses {path}, which the image has not")
            if reads.search(node.value):
                raise Failed(f"line {_line(node)}: it uses the artifact {name}, which goes")

    def _handed(
        self, template: yaml.Node, artifact: yaml.Node
    ) -> list[tuple[yaml.Node, yaml.Node]]:
        """Return the calls that hand a template one of its artifacts over, with what they hand."""
        home = next(
            document
            for document in self.documents
            if any(node is template for node in _walk(document))
        )
        return [
            (call, item)
            for call, document in self.calls
            if _calls(call, document, template, home)
            for item in _items(_value(_value(call, "arguments"), "artifacts"))
            if _text(item, "name") == _text(artifact, "name")
        ]

    def _refuse_relative_paths(self, container: yaml.Node) -> None:
        """Raise Failed where an argument is a path below the workingDir that goes."""
        for word in _words(container):
            if not isinstance(word, yaml.ScalarNode) or id(word) in self.replaced:
                continue
            option, equals, given = word.value.partition("=")
            found = _PATH.fullmatch(given if equals and option.startswith("-") else word.value)
            path = found["path"] if found else ""
            if path.startswith(("./", "../")) or (
                path and (_ENDS_LIKE_A_FILE.fullmatch(path) or self.is_checked_out(path))
            ):
                raise Failed(
                    f"line {_line(word)}: it uses the relative path {path}, which leads nowhere "
                    "without the checkout: write where the image has it, below /app"
                )

    def refuse_others(self) -> None:
        """Raise Failed where the module is run in any other way.

        That is a word of a command or a script, or what may be handed to one. What is only said of
        the module is left alone, and so are longer names.
        """
        module = rf"(?:(?<![\w.-])|(?<=-m)){re.escape(self.modules[0])}(?!\w|[.-]\w)"
        named, run = re.compile(module), re.compile(rf"\s*{module}\s*|.*-m\s*{module}.*", re.DOTALL)
        for document in self.documents:
            for key, node in _scalars(document):
                runs = named.search if key in ("command", "args", "source") else run.fullmatch
                if key not in _SAID and id(node) not in self.replaced and runs(node.value):
                    raise Failed(f"line {_line(node)}: it runs {self.modules[0]} in another way")

    # --- Edits -------------------------------------------------------------------------------

    def _replace(self, node: yaml.Node, new: str) -> None:
        start, end = node.start_mark.index, _end(self.text, node)
        quote = self.text[start : start + 1]
        quote = quote if quote in ("'", '"') else ""
        # An empty value begins right behind its colon.
        self.edits.append((start, end, f"{quote}{new}{quote}" if start < end else f" {new}"))
        self.replaced[id(node)] = new

    def _give_image(self, container: yaml.Node) -> None:
        first = container.value[0][0].start_mark
        line = _line_start(self.text, first.index)
        if _is_flow(container):
            self.edits.append((first.index, first.index, f"image: {self.image}, "))
        else:
            above = self.text[: _line_end(self.text, first.index)]
            end = "\r\n" if above.endswith("\r\n") else "\n"
            new = f"{self.text[line : first.index]}image: {self.image}{end}"
            self.edits.append((line, line, new))
        self.given.add(id(container))

    def _drop_item(self, owner: yaml.Node, key: str, item: yaml.Node) -> None:
        """Drop an artifact from an owner's inputs or arguments, with these if they get empty."""
        parent = _value(owner, key)
        artifacts = _value(parent, "artifacts")
        assert parent is not None and artifacts is not None
        if any(self.seen[id(node)] > 1 for node in (parent, artifacts, item)):
            raise Failed(
                f"line {_line(item)}: it has an anchor, which others use: change it by hand"
            )
        if len(artifacts.value) > 1:
            number = artifacts.value.index(item)
            spans = [(item.start_mark.index, _end(self.text, item)) for item in artifacts.value]
            dash = self.text.rfind("-", 0, item.start_mark.index)
            self._drop(artifacts, number, spans, dash)
            self.gone.update(map(id, _walk(item)))
        elif len(parent.value) > 1:
            self._drop_entry(parent, "artifacts")
        else:
            self._drop_entry(owner, key)

    def _drop_entry(self, mapping: yaml.Node, key: str) -> None:
        number = next(n for n, (name, _) in enumerate(mapping.value) if name.value == key)
        spans = [(k.start_mark.index, _end(self.text, v)) for k, v in mapping.value]
        self._drop(mapping, number, spans, spans[number][0])
        self.gone.update(id(inner) for node in mapping.value[number] for inner in _walk(node))

    def _drop(
        self, parent: yaml.Node, number: int, spans: list[tuple[int, int]], begin: int
    ) -> None:
        """Drop what a collection has at a number; in block style, it begins on a line of its own."""
        start, end = spans[number]
        if _is_flow(parent):
            if number + 1 < len(spans):
                end = spans[number + 1][0]
            elif number:
                start = spans[number - 1][1]
            self.edits.append((start, end, ""))
            return
        line = _line_start(self.text, begin)
        if self.text[line:begin].strip():
            raise Failed(f"line {self.text.count(chr(10), 0, begin) + 1}: change it by hand")
        self.edits.append((line, _line_end(self.text, end), ""))

    def applied(self) -> str:
        """Return the text with the edits."""
        parts, done = [], 0
        for start, end, new in sorted(self.edits):
            parts += [self.text[done:start], new]
            done = end
        return "".join([*parts, self.text[done:]])

    def shape(self, node: yaml.Node) -> Shape:
        """Return what a node says once everything is done."""
        return _shape(node, self)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    return text.find("\n", index) + 1 or len(text)


def _shape(node: yaml.Node, change: _Change | None = None) -> Shape:
    """Return what a node says, after a change if one is given."""
    if change and id(node) in change.replaced:
        return _STRING, change.replaced[id(node)]
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value
    gone = change.gone if change else set()
    if isinstance(node, yaml.SequenceNode):
        return tuple(_shape(item, change) for item in node.value if id(item) not in gone)
    entries = [(_shape(k, change), _shape(v, change)) for k, v in node.value if id(k) not in gone]
    if change and id(node) in change.given:
        entries.insert(0, ((_STRING, "image"), (_STRING, change.image)))
    return tuple(entries)


# --- Nodes ---------------------------------------------------------------------------------------


def _walk(node: yaml.Node) -> Iterator[yaml.Node]:
    """Yield a node and all below it; one that aliases repeat, each time."""
    yield node
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _walk(item)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk(key)
            yield from _walk(value)


def _scalars(node: yaml.Node, key: str = "") -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Yield the scalars that are values or items, each with the key that it is below.

    Of what is below one of _SAID, that is the key.
    """
    if isinstance(node, yaml.ScalarNode):
        yield key, node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item, key)
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _scalars(value, key if key in _SAID else str(name.value))


def _words(container: yaml.Node) -> list[yaml.Node]:
    """Return the words of the command that a container runs."""
    return [*_items(_value(container, "command")), *_items(_value(container, "args"))]


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """Return the value that a mapping has for a key."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                return value  # type: ignore[no-any-return]
    return None


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _text(node: yaml.Node | None, key: str) -> str:
    """Return the text that a mapping has for a key, or an empty one."""
    value = _value(node, key)
    return value.value if isinstance(value, yaml.ScalarNode) else ""


def _calls(call: yaml.Node, document: yaml.Node, template: yaml.Node, home: yaml.Node) -> bool:
    """Tell whether a task or step of a document calls a template, which is in the document `home`.

    Raises Failed where that cannot be told: a reference is by the name of a document.
    """
    reference, name = _value(call, "templateRef"), _text(template, "name")
    if reference is None:
        return document is home and _text(call, "template") == name
    if _text(reference, "template") != name:
        return False
    of = _text(_value(home, "metadata"), "name")
    if not of:
        raise Failed(f"line {_line(call)}: this may call the template {name} here, or another one")
    return _text(reference, "name") == of


def _is_flow(node: yaml.Node) -> bool:
    """Tell whether a collection stands in brackets."""
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _end(text: str, node: yaml.Node) -> int:
    """Return where a node's text ends: PyYAML takes blank lines and comments behind it, too."""
    if isinstance(node, yaml.CollectionNode) and node.value and not _is_flow(node):
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)
    start, end = node.start_mark.index, node.end_mark.index
    return int(start) + len(text[start:end].rstrip())
