"""References to a folder, wherever they stand in a repository, that renaming it would break."""

from __future__ import annotations

import ast
import io
import os
import re
import stat
import tokenize
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote, unquote

import yaml

from ..errors import Failed
from ..git import git, run_git
from ..source.syntax import NotPython, parse
from ..transaction import Signature, signature
from ..yaml_text import NotYaml, parse_yaml


@dataclass(frozen=True)
class Rewrite:
    """A line that changes, without its line end; `path` is posix, below the repository's top."""

    path: str
    line: int
    before: str
    after: str


@dataclass
class References:
    """What to change in a repository's files, and where a person is needed.

    Paths are below the repository's top, as before the rename. `changes` has new contents by path,
    and `seen` the signature of each of these files from before it was read.
    `links` are the symbolic links that lead through the folder: they will lead nowhere. `mentions`
    are the lines, by path and number, on which the old name was left: as a word, so with no letter,
    digit, _ or - next to it. `absent` are the files that have the old name and are not there, since
    the checkout is sparse.
    """

    changes: dict[str, bytes] = field(default_factory=dict)
    rewrites: list[Rewrite] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    mentions: list[tuple[str, int]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    seen: dict[str, Signature] = field(default_factory=dict, compare=False)


def find_references(
    top: Path, folder: Path, name: str, planned: Mapping[str, bytes] | None = None
) -> References:
    """Find what to change in the repository at `top` when `folder` in it gets another name.

    `planned` are new contents of files, by their paths: they are read in the place of the files.

    The folder is absolute and resolved; the name is its new last part, a Python identifier. All
    text files that git tracks or would add are looked at, as they are in the working tree; nothing
    is written. Raises GitError where git knows no repository, and Failed for a file that cannot be
    read, or would change and has conflicts.
    """
    renamed = _Folder(top, folder, name)
    found = References()
    tags: dict[str, str] = {}
    listed = git(top, "ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard")
    for entry in filter(None, listed.split(b"\0")):
        tag, _, path = os.fsdecode(entry).partition(" ")
        tags[path] = tag
    for path in sorted(tags):
        file = top / path
        seen = signature(file)
        try:
            mode = file.lstat().st_mode
            if stat.S_ISLNK(mode) and renamed.is_on(file.readlink(), file.parent):
                found.links.append(path)
            content = file.read_bytes() if stat.S_ISREG(mode) else b""
            content = (planned or {}).get(path, content)
        except (FileNotFoundError, NotADirectoryError):
            continue  # deleted, or not checked out
        except OSError as error:
            raise Failed(f"{path} cannot be read: {error.strerror}") from error
        if b"\0" in content or not renamed.pattern_in_bytes.search(content):
            continue
        if os.path.realpath(file.parent) == str(file.parent):  # or git sees it at its real path
            _rewrite(renamed, path, content, found)
        if path in found.changes:
            found.seen[path] = seen
        if path in found.changes and tags[path] == "M":
            raise Failed(f"{path} has conflicts: resolve them first")
    if sparse := {path for path, tag in tags.items() if tag == "S"}:
        named = run_git(
            top, "grep", "--cached", "--text", "-l", "-z", "-F", "-e", folder.name, ok=(0, 1)
        )
        paths = {os.fsdecode(entry) for entry in named.stdout.split(b"\0")}
        found.absent += sorted(path for path in sparse & paths if not os.path.lexists(top / path))
    return found


# Where a path ends, in whatever language.
_STOP = (
    r"\s\"'`<>()\[\]{}|\\:;,!?*$&=^#\xab\xbb\u2010-\u205e\u3000-\u303f\uff00-\uff0f\uff1a-\uff20"
)
_RUN = re.compile(f"[^{_STOP}]*")
_LONGEST = 4096  # of a path

# A URL, or what scp and git take, with what programs put into it.
_REMOTE = re.compile(
    r"(?:://|(?<=\w)@[\w.-]+:)"
    r"(?:\{\{.{0,200}?\}\}|\{[^{}]{0,200}\}|\([^\s()]*\)|\[[^\s\[\]]*\]|[^\s\"'`<>|(){}\[\]])*"
)
# A name in a registry: by its tag, which is no line number, or by what is said of it.
_TAG = re.compile(r":(?!\d+(?:-\d+)?(?![\w-]|\.\w))[\w${<]")
_IMAGE = re.compile(
    r"(?:.*(?i:image(?:[_-]?name)?)[\"']?\s*[:?]?[:=]\s*|\s*FROM\s+(?:--\S+\s+)?)[\"']?"
    r"(?:\$\{\{[^{}]*\}\}|[^\s$]|\$(?!\{\{))*"
)

_LONGER = re.compile(r"[*{]|\$[\w{(]")  # the name goes on, as only a program or shell can tell
_LINK_TARGET = re.compile(r"(?:.*\]\(\s*|[\s>]*\[[^\]]+\]:\s*)<?")
_IN_WORD = re.compile(r"[\w\-\udc80-\udcff]")  # with the bytes that are not UTF-8


class _Folder:
    """A folder that gets another name, and what leads to it."""

    def __init__(self, top: Path, folder: Path, name: str) -> None:
        self.top, self.parent = str(top), str(folder.parent)
        self.old, self.new = folder.name, name
        self.package = "".join(f"{part}." for part in folder.parent.relative_to(top).parts)
        pattern = "".join(_spellings(character) for character in folder.name) + r"(?![\w-])"
        self.pattern = re.compile(pattern)
        self.pattern_in_bytes = re.compile(pattern.encode("utf-8", "surrogateescape"))
        self._real: Callable[[str], str] = cache(os.path.realpath)

    def is_parent(self, path: str, bases: Sequence[str]) -> bool:
        """Tell whether a path, from one of the bases, leads to the folder that this one is in.

        A path from / is also taken from each base but the first, which is a file's own folder.
        """
        paths: set[str] = set()
        for spelled in {path, unquote(path, errors="surrogateescape")}:
            paths.update(os.path.join(base, spelled) for base in bases)
            if spelled.startswith("/"):
                paths.update(os.path.join(base, spelled.lstrip("/")) for base in bases[1:])
        return any(self._real(path) == self.parent for path in paths if "\0" not in path)

    def is_on(self, target: Path, base: Path) -> bool:
        """Tell whether a link's target, from the folder with the link, leads through this one."""
        return any(
            part == self.old
            and self.is_parent(os.path.join("", *target.parts[:index]), [str(base)])
            for index, part in enumerate(target.parts)
        )

    def is_module(self, parents: Sequence[str], bases: Sequence[str]) -> bool:
        """Tell whether the module of the old name in these packages, from the bases, is this one.

        As for Python, the first base that has such a module decides.
        """
        for base in bases:
            package = os.path.join(base, *parents)
            module = os.path.join(package, self.old)
            if os.path.isdir(module) or os.path.isfile(module + ".py"):
                return self._real(package) == self.parent
        return False


def _spellings(character: str) -> str:
    """Return a pattern for a character of a name, also as links have it."""
    quoted = quote(character, safe="", errors="surrogateescape")
    plain = re.escape(character)
    return plain if quoted == character else f"(?:{plain}|(?i:{quoted}))"


@dataclass(frozen=True)
class _Edit:
    """What to put in place of a line's characters from `start` to `end`."""

    start: int
    end: int
    text: str


def _rewrite(folder: _Folder, path: str, content: bytes, found: References) -> None:
    """Add to what was found what there is in a file."""
    text = content.decode("utf-8", "surrogateescape")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = text[len(mark) :].split("\n")
    own = str(Path(folder.top, path).parent)
    bases = [own, folder.top]
    if os.path.basename(path) in ("mkdocs.yml", "mkdocs.yaml"):
        bases.append(os.path.join(own, _docs_dir(content)))
    markdown = path.endswith((".md", ".markdown", ".mdx"))
    module = _Module(folder, own, lines)
    if path.endswith((".py", ".pyi")):
        module.read(content)

    changed = False
    for index, line in enumerate(lines):
        matches = list(folder.pattern.finditer(line))
        if not matches:
            continue
        remote = [match.span() for match in _REMOTE.finditer(line)]
        edits = module.edits.get(index, [])
        starts = {edit.start for edit in edits}
        left = False
        for match in matches:
            start, end = match.span()
            if start in starts:
                continue
            if (
                not _overlap(remote, start, end)
                and not _overlap(module.code(index), start, end)
                and _refers(folder, line, start, end, bases, markdown)
            ):
                edits.append(_Edit(start, end, folder.new))
            elif not _IN_WORD.match(line[start - 1 : start]) and not _IN_WORD.match(line, end):
                left = True
        if left:
            found.mentions.append((path, index + 1))
        if edits:
            lines[index] = _edited(line, edits)
            found.rewrites.append(
                Rewrite(path, index + 1, _readable(line), _readable(lines[index]))
            )
            changed = True
    if changed:
        found.changes[path] = (mark + "\n".join(lines)).encode("utf-8", "surrogateescape")


def _overlap(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Tell whether what is between start and end has a part in one of the sorted spans."""
    before_end = bisect_left(spans, (end,))
    return before_end > 0 and spans[before_end - 1][1] > start


def _edited(line: str, edits: list[_Edit]) -> str:
    """Return a line after its edits."""
    parts, done = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [line[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, line[done:]])


def _readable(line: str) -> str:
    """Return a line that can be printed."""
    return line.removesuffix("\r").encode("utf-8", "surrogateescape").decode(errors="replace")


def _docs_dir(content: bytes) -> str:
    """Return where a mkdocs.yml has its pages, relative to it; the default if that is not plain."""
    try:
        node = parse_yaml(content, partial(yaml.compose, Loader=yaml.SafeLoader))
    except NotYaml:
        node = None
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "docs_dir" and value.tag == "tag:yaml.org,2002:str":
            return str(value.value)
    return "docs"


def _refers(
    folder: _Folder, line: str, start: int, end: int, bases: Sequence[str], markdown: bool
) -> bool:
    """Tell whether the name that a line has from start to end is that of the folder itself.

    So it does as a component of a path or a dotted name, or as all of a Markdown link's target.
    """
    prefix = _run(line[max(0, start - _LONGEST) : start][::-1])[::-1]
    tail = _run(line[end : end + _LONGEST])
    first, last = start - len(prefix), end + len(tail)
    before, after = line[max(0, first - _LONGEST) : first], line[last : last + _LONGEST]
    escaped = (len(before) - len(before.rstrip("\\"))) % 2 == 1
    if escaped and prefix[:1] in tuple("abfnrtv0"):
        prefix = prefix[1:]
    variable = before.endswith(("}", ")"))
    if before.endswith("$"):
        prefix, variable = re.sub(r"^\w+", "", prefix), True
        if not prefix:
            return False
    longer = _LONGER.match(after) and not (after[0] == "*" and before.endswith("*"))

    if prefix.endswith("/") or (not prefix and tail.startswith("/")):
        if not tail.startswith("/"):
            if tail.strip(".") or longer:
                return False
            plain = not prefix.startswith((".", "/")) or (prefix.startswith("/") and variable)
            if plain and (_TAG.match(after) or _IMAGE.fullmatch(before)):
                return False
        if not prefix and before.endswith("}"):
            return False
        if prefix[:1] in ("", "/") and before.endswith(("*", "?", "]")):
            return False  # a pattern, which other folders match, too
        return folder.is_parent(prefix, bases)
    if prefix:
        module = tail.startswith(".") or not (tail or longer)
        return module and "/" not in tail and prefix == folder.package
    linked = markdown and not tail and _LINK_TARGET.fullmatch(before)
    return bool(linked and re.match(r"[\s)>#?]|$", after)) and folder.is_parent("", bases)


def _run(text: str) -> str:
    """Return what of a path a text begins with."""
    match = _RUN.match(text)
    return match.group() if match else ""


class _Module:
    """The imports of a folder in a Python file, and the uses of what they bind."""

    def __init__(self, folder: _Folder, own: str, lines: list[str]) -> None:
        self._folder, self._own, self._lines = folder, own, lines
        self.edits: dict[int, list[_Edit]] = {}
        self._code: dict[int, list[tuple[int, int]]] = {}

    def code(self, index: int) -> list[tuple[int, int]]:
        """Return where a line has names and numbers, outside of strings and comments."""
        return self._code.get(index, [])

    def read(self, content: bytes) -> None:
        """Find the edits of imports and uses; none if the file does not parse."""
        text = "\n".join(self._lines)
        if re.search(r"\r(?!\n)", text):
            return  # a line end for Python alone
        try:
            nodes = list(ast.walk(parse(content)))
            source = io.StringIO(re.sub("[\udc80-\udcff]", "?", text))
            for token in tokenize.generate_tokens(source.readline):
                if token.type in (tokenize.NAME, tokenize.NUMBER):
                    span = (token.start[1], token.end[1])
                    self._code.setdefault(token.start[0] - 1, []).append(span)
        except (NotPython, SyntaxError, tokenize.TokenError):
            self._code.clear()
            return
        if not self._folder.old.isidentifier():
            return
        used = any(isinstance(node, ast.Name) and node.id == self._folder.old for node in nodes)
        for node in nodes:
            if isinstance(node, ast.Import):
                self._import(node, used)
            elif isinstance(node, ast.ImportFrom):
                self._import_from(node)
        self._uses(nodes)

    def _bases(self, level: int = 0) -> list[str]:
        """Return the folders from which an import, relative if it has a level, is looked up."""
        if level:
            return [os.path.join(self._own, *[".."] * (level - 1))]
        return [self._own, self._folder.top, self._folder.parent]

    def _find(self, parts: Sequence[str], bases: Sequence[str]) -> int | None:
        """Return which part of a dotted name is the folder."""
        for index, part in enumerate(parts):
            if part == self._folder.old and self._folder.is_module(parts[:index], bases):
                return index
        return None

    def _import(self, node: ast.Import, used: bool) -> None:
        old, new = self._folder.old, self._folder.new
        for alias in node.names:
            parts = alias.name.split(".")
            index = self._find(parts, self._bases())
            if index is None:
                continue
            column = self._column(alias.lineno, alias.col_offset)
            if index or alias.asname:
                self._replace(alias.lineno, column, parts, index, new)
                continue
            # The old name is what the import binds.
            texts = [alias.name.replace(old, new, 1)] if len(parts) > 1 else []
            if used or not texts:
                texts.append(f"{new} as {old}")
                used = False
            self._replace(alias.lineno, column, [alias.name], 0, ", ".join(texts))

    def _import_from(self, node: ast.ImportFrom) -> None:
        old, new = self._folder.old, self._folder.new
        parts = node.module.split(".") if node.module else []
        bases = self._bases(node.level)
        index = self._find(parts, bases)
        if index is not None:
            column = self._column(node.lineno, node.col_offset)
            start = re.compile(r"from[\s.]*").match(self._lines[node.lineno - 1], column)
            if start:
                self._replace(node.lineno, start.end(), parts, index, new)
        elif self._folder.is_module(parts, bases):
            for alias in node.names:
                if alias.name == old:
                    column = self._column(alias.lineno, alias.col_offset)
                    name = new if alias.asname else f"{new} as {old}"
                    self._replace(alias.lineno, column, [old], 0, name)

    def _uses(self, nodes: list[ast.AST]) -> None:
        """Rewrite `scripts.old` where `import scripts...` alone binds the first part."""
        roots = {
            alias.name.split(".")[0]
            for node in nodes
            if isinstance(node, ast.Import)
            for alias in node.names
            if not alias.asname
        } - set(_otherwise_bound(nodes))
        for node in nodes:
            if isinstance(node, ast.Attribute) and node.attr == self._folder.old:
                parents = _dotted(node.value)
                if roots.intersection(parents[:1]) and self._folder.is_module(
                    parents, self._bases()
                ):
                    line = node.end_lineno or node.lineno
                    end = self._column(line, node.end_col_offset or 0)
                    start = end - len(node.attr)
                    self._replace(line, start, [node.attr], 0, self._folder.new)

    def _column(self, line: int, offset: int) -> int:
        """Return which character of a line ast means: it counts the bytes before it in UTF-8."""
        before = self._lines[line - 1].encode("utf-8", "surrogateescape")[:offset]
        return len(before.decode("utf-8", "surrogateescape"))

    def _replace(self, line: int, column: int, parts: list[str], index: int, new: str) -> None:
        """Replace a part of the dotted name at a position, if the line has it there like that."""
        if self._lines[line - 1].startswith(".".join(parts), column):
            start = column + len("".join(f"{part}." for part in parts[:index]))
            edit = _Edit(start, start + len(parts[index]), new)
            self.edits.setdefault(line - 1, []).append(edit)


def _dotted(node: ast.expr) -> list[str]:
    """Return the parts of a dotted name; none for any other expression."""
    if isinstance(node, ast.Name):
        return [node.id]
    parents = _dotted(node.value) if isinstance(node, ast.Attribute) else []
    return [*parents, node.attr] if parents and isinstance(node, ast.Attribute) else []


def _otherwise_bound(nodes: list[ast.AST]) -> Iterator[str | None]:
    """Give the names that a module binds, at any depth, other than by `import a.b`."""
    named = (
        ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs,
        ast.MatchStar,
    )  # fmt: skip
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Import):
            yield from (alias.asname for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, named):
            yield node.name
