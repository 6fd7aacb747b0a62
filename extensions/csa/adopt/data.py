"""The data files that a script names, so that they are in its image."""

from __future__ import annotations

import ast
import os
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path

from ..check.secrets import has_secret
from ..dockerignore import allowed, lets_in, literal
from ..errors import Failed
from ..files import read_text
from ..source.names import last_name
from ..source.syntax import NotPython, nodes_of, parse

HAS_CREDENTIALS = re.compile(
    r"credential|secret|passw|token|service[-_]?account|(^|/)id_[a-z0-9]+$"
    r"|\.(pem|key|p12|pfx|jks|keystore|ppk)$",
    re.IGNORECASE,
)
"""Names of files that stay out of images."""

NOT_DATA = re.compile(
    r".*\.(py|pyc|md|toml|lock)|(.*/)?(\.(copier|docker|env|git|pylint|snyk|venv)[^/]*"
    r"|requirements.*\.txt|version\.txt|Dockerfile)|\.[^/]*/.*"
)
"""Names of files that are a script's, or those around it."""

PATHS = {"Path", "PurePath", "join", "open", "glob", "iglob", "rglob", "listdir", "scandir", "walk"}
PATHS |= {"FileSystemLoader", "PackageLoader", "iterdir", "read_text", "joinpath"}
"""Functions of which an argument may be a folder's name."""

JOINS = {"Path", "PurePath", "join", "joinpath"}
"""Functions that make one path of their arguments."""

FROM_TOP = (
    "it names {} by its path in the repository, but the image has the package alone: begin the path "
    "at Path(__file__).parent"
)

OUTSIDE = (
    "it names {}, which is outside of the package, but the image has the package alone: copy it into "
    "the package and begin its path at Path(__file__).parent"
)


@dataclass(frozen=True)
class Data:
    """A data file by its path below the folder, and where it is named: a Python file and a line.

    `by_folder` tells that the name is the folder's that it lies in, `relative` that the Python file
    looks for it from the working directory, as far as one can tell, `from_top` that the name is its
    path in the repository.
    """

    path: str
    source: str
    line: int
    by_folder: bool
    relative: bool
    from_top: bool

    @property
    def pattern(self) -> str:
        """What lets it into the image: itself, or all files of its kind in the folder."""
        if not self.by_folder:
            return literal(self.path)
        folder, name = posixpath.split(self.path)
        return f"{literal(folder)}/*{literal(posixpath.splitext(name)[1])}"


def data_named(
    folder: Path, files: Collection[str], sources: Mapping[str, bytes], place: str
) -> list[Data]:
    """Return the data files of a folder that Python files of it name, sorted, each once or, if one
    is also named by its path in the repository, twice.

    `files` are the paths of all that git knows or would add, `place` is the folder's in the
    repository. Files that are there and that git ignores are returned as well.
    """
    found: dict[tuple[str, bool], Data] = {}
    for source, content in sources.items():
        try:
            tree = parse(content)
        except NotPython:
            continue
        relative = not any(
            isinstance(node, ast.Name) and node.id == "__file__" for node in nodes_of(tree)
        )
        for line, text, is_path in _texts(tree):
            inside = text.removeprefix("./").removeprefix(f"{place}/")
            from_top = len(inside) < len(text.removeprefix("./"))
            for path, by_folder in _files_named(folder, files, inside, is_path):
                data = Data(path, source, line, by_folder, relative and not from_top, from_top)
                if not NOT_DATA.fullmatch(path):
                    found.setdefault((path, from_top), data)
    return [found[key] for key in sorted(found)]


def data_outside(
    folder: Path, top: Path, sources: Mapping[str, bytes]
) -> list[tuple[str, int, str]]:
    """Return where Python files of a folder name data files, or folders of them, that are elsewhere
    in the repository: the Python file, the line, and the path below the repository's top."""
    found: dict[tuple[str, str], tuple[str, int, str]] = {}
    for source, content in sources.items():
        try:
            tree = parse(content)
        except NotPython:
            continue
        here = (folder / source).parent
        above = [here, *(parent for parent in here.parents if parent.is_relative_to(top))]
        for line, text, is_path in [*_texts(tree), *_joined(tree)]:
            path = _outside(text, folder, above, is_path=is_path)
            if path and not NOT_DATA.fullmatch(named := path.relative_to(top).as_posix()):
                found.setdefault((source, named), (source, line, named))
    places = sorted(found.values())
    return [  # not the folder of what is named as well
        (source, line, path)
        for source, line, path in places
        if not any(
            other.startswith(f"{path}/") for *place, other in places if place == [source, line]
        )
    ]


def _outside(text: str, folder: Path, above: list[Path], *, is_path: bool) -> Path | None:
    """Return the file, or the folder of data files, that a text names from one of the folders that
    the script may run in, if it is not in the script's."""
    parts = text.replace("\\", "/").strip("/").split("/")
    fixed = [*takewhile(lambda part: "*" not in part, parts)]
    if not (is_path or len(parts) > 1) or not any(part.strip(".") for part in fixed):
        return None
    for start in above:
        path = Path(os.path.normpath(start / "/".join(fixed)))
        if os.path.lexists(path):
            elsewhere = path.is_relative_to(above[-1]) and not path.is_relative_to(folder)
            around = folder.is_relative_to(path)
            return path if elsewhere and not around and _is_data(path) else None
    return None


def _is_data(path: Path) -> bool:
    """Tell whether it is a file with a suffix, or a folder that has a data file in it."""
    if path.is_dir():
        names = os.listdir(path)
        return any((path / name).is_file() and not NOT_DATA.fullmatch(name) for name in names)
    return path.is_file() and bool(path.suffix)


def why_left_out(data: Data, files: Collection[str], folder: Path) -> str | None:
    """Return why a data file is not in the image, and what to do; None where it is. `files` are those
    of the script's folder that git knows or would add."""
    if not (folder / data.path).resolve().is_relative_to(folder.resolve()):
        return f"{data.path} leads out of the package by a link: copy the file to its place"
    if any(part.startswith(".") for part in data.path.split("/")):
        return (
            f"{data.path} is hidden, so it stays out of the image: give it a name without the dot"
        )
    if data.path not in files:
        return f"git ignores {data.path}, so the image cannot have it: pass it at run time"
    if _may_have_credentials(folder, data.path):
        return (
            f"{data.path} may have credentials, so it stays out of the image: pass them as "
            "environment variables"
        )
    return None


def _texts(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Yield each text that may name a file, with its line, and whether it is used as a path."""
    docstrings = {id(node.value) for node in nodes_of(tree) if isinstance(node, ast.Expr)}
    paths: set[int] = set()
    for node in nodes_of(tree):
        if isinstance(node, ast.Call):
            is_path = last_name(node.func) in PATHS
            paths |= {id(argument) for argument in node.args if is_path}
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            paths |= {id(node.left), id(node.right)}
    for node in nodes_of(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if id(node) not in docstrings and 0 < len(text) < 200 and text.isprintable():
                yield node.lineno, text, id(node) in paths or text.endswith("/")


def _joined(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Yield, as `_texts` does, what the ends of paths that are put together name."""
    inner: set[ast.expr] = set()
    for node in nodes_of(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call) and last_name(node.func) in JOINS:
            parts = node.args[::-1]
        elif isinstance(node, ast.BinOp) and node not in inner:
            side: ast.expr = node
            while isinstance(side, ast.BinOp) and isinstance(side.op, ast.Div):
                parts.append(side.right)
                side = side.left
                inner.add(side)
            parts.append(side)
        texts = [*takewhile(str.isprintable, (_text_of(part) or "\0" for part in parts))]
        if len(texts) > 1 and isinstance(node, ast.expr):
            yield node.lineno, "/".join(reversed(texts)), True


def _text_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _files_named(
    folder: Path, files: Collection[str], text: str, is_path: bool
) -> Iterator[tuple[str, bool]]:
    """Yield the files that a text names, and whether it is by their folder's name or a pattern."""
    # As the end of f"{HERE}/config.ini", too.
    name = posixpath.normpath(text.replace("\\", "/").lstrip("/"))
    if name.startswith("..") or name == ".":
        return
    if name in files or (os.path.isfile(folder / name) and posixpath.splitext(name)[1]):
        yield name, False
        return
    for path in files:
        if posixpath.basename(path) == name and posixpath.splitext(name)[1]:
            yield path, False  # joined with its folder's name somewhere
        elif posixpath.basename(path).startswith("."):
            continue  # neither glob nor most others look for it
        elif is_path and (path.startswith(f"{name}/") or _matches(path, name)):
            yield path, "/" in path


def _matches(path: str, pattern: str) -> bool:
    if "*" not in pattern or not pattern.strip("*/."):
        return False
    name = path if "/" in pattern else posixpath.basename(path)
    return fnmatchcase(name, pattern) or fnmatchcase(name, pattern.replace("**/", ""))


def _may_have_credentials(folder: Path, path: str) -> bool:
    """Tell so of a file, by its name or by what is in it."""
    if HAS_CREDENTIALS.search(path):
        return True
    try:
        return has_secret(path, read_text(folder, path))
    except (Failed, OSError):  # data that is no text
        return False


def with_data(
    dockerignore: str, data: Collection[Data], files: Collection[str], folder: Path
) -> str:
    """Return a .dockerignore of the template's that lets data files in; `files` are all there are."""
    patterns = {file.pattern for file in data}
    kept_out = [
        path
        for path in files
        if any(lets_in(pattern, path) for pattern in patterns)
        and _may_have_credentials(folder, path)
    ]
    missing = {
        literal(file.path)
        if any(lets_in(file.pattern, path) for path in kept_out)
        else file.pattern: None
        for file in data
        if not any(lets_in(pattern, file.path) for pattern in allowed(dockerignore))
    }
    end = "" if dockerignore.endswith("\n") else "\n"
    return dockerignore + "".join(f"{end}!{pattern}\n" for pattern in missing)


def with_working_directory(dockerfile: str, package: str) -> str:
    """Return a Dockerfile in which the script runs in its own folder, where its data files are."""
    if re.search(r"^\s*WORKDIR\b", dockerfile, re.MULTILINE | re.IGNORECASE):
        return dockerfile
    reason = "# The script looks for its data files in the working directory."
    before, command, after = dockerfile.rpartition("\nCMD ")
    return f"{before}\n{reason}\nWORKDIR /app/{package}{command}{after}"
