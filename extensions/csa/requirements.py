"""What a script imports, as requirements: worked out from its source, merged into what it has."""

from __future__ import annotations

import ast
import re
import sqlite3
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from flake8_requirements.modules import KNOWN_3RD_PARTIES  # type: ignore[import-untyped]
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from .statements import imported_modules

# With what other Pythons had or have: the Python that csa runs in is not the package's.
# fmt: off
OTHER_STANDARD = {
    "__main__", "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "binhex", "cgi",
    "cgitb", "chunk", "compression", "crypt", "distutils", "formatter", "imghdr", "imp", "lib2to3",
    "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "parser", "pipes", "smtpd", "sndhdr",
    "spwd", "sunau", "symbol", "telnetlib", "tomllib", "uu", "xdrlib",
}
# fmt: on
STANDARD = sys.stdlib_module_names | OTHER_STANDARD

# The base image brings it.
SDK = {"pyatlan", "pyatlan_v9"}

# The checked table: which distributions have a module, by its name, which may have dots.
KNOWN = {
    module: {
        str(canonicalize_name(distribution))
        for distribution, modules in KNOWN_3RD_PARTIES.items()
        if module in modules
    }
    for module in set().union(*KNOWN_3RD_PARTIES.values())
}

# Names that many distributions share, each with a part below: those that the table shows, and more.
SHARED = {"backports", "databricks", "dbt", "mysql", "ruamel", "snowflake"} | {
    module[: dot.start()] for module in KNOWN for dot in re.finditer(r"\.", module)
}

# How the distribution that everyone uses is often named where the plain name was taken.
ENDINGS = ("api", "bot", "client", "core", "py", "python", "sdk")

# A name taken by somebody without content, most often.
PLACEHOLDER = Version("0.1")

REPLACES_SDK = "the base image has pyatlan, and this line would replace it: delete it"
FIRST_SILENT = "1.39"
SILENT = f"the SDK's log handler silently stops working from OpenTelemetry {FIRST_SILENT} on"
EXPORTING = SpecifierSet(f"<{FIRST_SILENT}")


@dataclass(frozen=True)
class Requirements:
    """A new requirements.txt, and where a person is needed.

    `added` has the import by the line added for it; `unknown` has file, line and what to do by
    import; `notes` has what to do with a line of the existing file.
    """

    text: str
    added: dict[str, str]
    unknown: dict[str, tuple[str, int, str]]
    notes: list[tuple[int, str]]


def plan_requirements(
    sources: Mapping[str, str],
    first_party: Callable[[str], bool],
    existing: str | None,
    template: str,
) -> Requirements:
    """Return the requirements.txt for Python sources, given by file name.

    `first_party` is asked for each name imported, with what is imported from it: `scripts.other`,
    `pandas.DataFrame`. All of `existing` stays; what it and `template` require is not added again.
    """
    base = existing or template
    lines = requirement_lines(base)
    notes = [(n, REPLACES_SDK) for n, line in lines if line.name == "pyatlan"]

    missing = []
    for text in template.splitlines():
        for _, wanted in requirement_lines(text):
            own = [(n, line) for n, line in lines if line.name == wanted.name]
            apart = [n for n, line in own if not _overlap(line.specifier, wanted.specifier)]
            notes += [(n, f"{SILENT}: the right range is {text}") for n in apart]
            if not apart and not any(
                is_within(line.specifier, wanted.specifier) for _, line in own
            ):
                missing.append(text)

    present = {line.name for _, line in [*lines, *requirement_lines(template)]}
    added: dict[str, str] = {}
    unknown: dict[str, tuple[str, int, str]] = {}
    for one in missing_requirements(sources, first_party, present):
        if one.requirement:
            added.setdefault(one.requirement, one.module)
        else:
            unknown[one.module] = (one.file, one.line, one.question)

    barrier = _barrier(base)
    if barrier and (missing or added):
        by_hand = ", ".join([*missing, *sorted(added)])
        notes.append((barrier, f"hashes or a \\ are used here, so add by hand: {by_hand}"))
        missing, added = [], {}
    above, below = _around(base, template, missing, sorted(added))
    notes = [(line + len(above), text) for line, text in sorted(notes)]
    text = _joined(above, base, below)
    return Requirements(text, dict(sorted(added.items())), unknown, notes)


@dataclass(frozen=True)
class Missing:
    """An import that no requirement stands for: its first file and line.

    `requirement` is the line that it needs, None when that is not known for sure; `question` what a
    person has to do then.
    """

    module: str
    file: str
    line: int
    requirement: str | None
    question: str


def missing_requirements(
    sources: Mapping[str, str],
    first_party: Callable[[str], bool],
    present: set[str],
    file: str = "requirements.txt",
) -> Iterator[Missing]:
    """Yield the imports of Python sources, by file name, that none of the distributions has.

    `first_party` is as for `plan_requirements`, `present` are the names of the distributions that
    `file` and what else is installed have.
    """
    places = _third_party(sources, first_party)
    for module, found in _look_up(places).items():
        if found.covered_by(present):
            continue
        distribution = found.distribution()
        requirement = None
        if distribution and distribution in found.versions:
            requirement = distribution + _range(found.versions[distribution])
        yield Missing(module, *places[module], requirement, found.question(file))


def unused_requirements(text: str, sources: Iterable[str]) -> Iterator[tuple[int, Requirement]]:
    """Yield line and requirement of a requirements.txt for what no source imports, anywhere.

    The SDK's are left out: what it logs with, and itself.
    """
    modules: set[str] = set()
    for source in sources:
        modules.update(map(module_of, imported_modules(_tree(source))))
        modules.update(module_of(name) for _, name in imports(source))
    found = _look_up(sorted(modules)).values()
    for line, requirement in requirement_lines(text):
        name = requirement.name
        if name == "pyatlan" or name.startswith("opentelemetry-"):
            continue
        if not any(one.covered_by({name}) for one in found):
            yield line, requirement


def is_first_party(folder: Path, top: Path) -> Callable[[str], bool]:
    """Return whether a name, as `plan_requirements` asks, is of a script's own repository.

    That is a module or package in the script's folder or in one above it, up to `top`.
    """
    folder, top = folder.resolve(), top.resolve()
    bases = [base for base in (folder, *folder.parents) if base.is_relative_to(top)]

    def first_party(name: str) -> bool:
        head, *rest = name.split(".")
        for base in bases:
            package = base / head
            if (base / f"{head}.py").is_file():
                return True
            # Scripts are named after what they import: a folder jira is not yet a module jira. It
            # is one where Python looks, and anywhere when it has what is imported from it.
            if (
                base in (folder, top)
                and package not in bases
                and (package / "__init__.py").exists()
            ):
                return True
            if rest and (
                (package / f"{rest[0]}.py").is_file() or any((package / rest[0]).rglob("*.py"))
            ):
                return True
        return False

    return first_party


def pinned_version(existing: str, distribution: str) -> str | None:
    """Return the X of the first line `distribution==X`."""
    for _, line in requirement_lines(existing):
        if line.name == canonicalize_name(distribution):
            pins = [s.version for s in line.specifier if s.operator in ("==", "===")]
            if len(line.specifier) == 1 and pins and not pins[0].endswith(".*"):
                return pins[0]
    return None


# --- what is imported -----------------------------------------------------------------------------


def _third_party(
    sources: Mapping[str, str], first_party: Callable[[str], bool]
) -> dict[str, tuple[str, int]]:
    """Return the first file and line of each import, by the name to look up for it."""
    places: dict[str, tuple[str, int]] = {}
    for file, source in sources.items():
        for line, name in sorted(imports(source)):
            if name.split(".")[0] not in STANDARD | SDK and not first_party(name):
                places.setdefault(module_of(name), (file, line))
    return places


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of what a source needs, of `from a import b` as `a.b`.

    Left out are relative imports, those for type checkers and those that may fail. Nothing is
    known of a source that is not Python.
    """
    # No recursion: expressions of any depth occur in generated code.
    nodes: list[tuple[ast.AST, bool]] = [(_tree(source), False)]
    while nodes:
        node, may_fail = nodes.pop()
        inside: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, ast.Try) and any(map(_goes_on, node.handlers)):
            nodes += [(child, True) for child in node.body]
            inside = [*node.handlers, *node.orelse, *node.finalbody]
        elif isinstance(node, ast.If) and _last_name(node.test) == "TYPE_CHECKING":
            inside = node.orelse
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            may_fail = False  # runs later, outside of the try
        nodes += [(child, may_fail) for child in inside]
        if not may_fail and isinstance(node, ast.stmt | ast.expr):
            yield from ((node.lineno, name) for name in _names(node))


def _tree(source: str) -> ast.Module:
    """Return what a source says, nothing where it is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the script's own, about its escapes
            return ast.parse(source.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _names(node: ast.AST) -> list[str]:
    """Return what a single statement or call imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [f"{node.module}.{alias.name}".removesuffix(".*") for alias in node.names]
    if isinstance(node, ast.Call) and _last_name(node.func) in ("import_module", "__import__"):
        name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")):
            return [name]
    return []


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Tell whether a script goes on without the import that failed."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not any(_last_name(kind) in ("ImportError", "ModuleNotFoundError") for kind in kinds):
        return False
    last = handler.body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return _last_name(last.value.func) not in ("exit", "_exit", "quit")
    return not isinstance(last, ast.Raise)


def _last_name(node: ast.AST | None) -> str | None:
    """Return b of `b` and of `a.b`."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


# --- where it comes from --------------------------------------------------------------------------


def module_of(name: str) -> str:
    """Return the part of a dotted name that a distribution is looked up for."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        module = ".".join(parts[:size])
        if module in KNOWN:
            return module
        if module in SHARED:
            return ".".join(parts[: size + 1])
    return parts[0]


@dataclass(frozen=True)
class _Found:
    """What is known of a module: distributions of the table and of the index, their versions."""

    module: str
    known: set[str]
    listed: set[str]
    versions: dict[str, Version]

    @property
    def shared(self) -> bool:
        """Whether the index says nothing of it: it knows the first part of a name only."""
        return self.module.split(".")[0] in SHARED

    def distribution(self) -> str | None:
        """Return the one distribution that has the module, if that is beyond doubt."""
        known = _without_variants(self.known & self.listed or self.known)
        likely = self._likely()
        if len(known) == 1 and (not likely or known <= likely):
            return min(known)
        return min(likely) if not known and len(likely) == 1 and not self._rivals() else None

    def covered_by(self, present: set[str]) -> bool:
        """Tell whether one of the distributions required may have the module."""
        top = self.module.split(".")[0]
        if self.shared:
            return bool(self.known & present) or (
                # opentelemetry-sdk brings opentelemetry, but google-cloud-storage-control has no
                # google.cloud.storage: there the table knows better.
                (not self.known or self.module in SHARED)
                and any(_is_part(name, self.module) or name == f"{top}-core" for name in present)
            )
        return bool(present & (self.known | self.listed | _namesakes(self.module)))

    def question(self, file: str) -> str:
        """Return what a person has to do with a requirements file, in a sentence."""
        if distribution := self.distribution():
            return (
                f"{distribution} has a module {self.module}, in versions that are not known:"
                f" add it with a range to {file}"
            )
        names = sorted(self.known | self._likely() | self._rivals())
        if names:
            what = f"{_either(names)} has a module {self.module}"
        elif self.shared:
            what = f"many distributions share {self.module.split('.')[0]}"
            parts = sorted(name for name in self._proper() if _is_part(name, self.module))
            if parts and self.module not in SHARED:
                what += f", perhaps {_either(parts[:5])} has {self.module}"
        else:
            what = f"no distribution is known to have a module {self.module}"
        return f"{what}: add the right one to {file}"

    def _proper(self) -> set[str]:
        """Return those of the index that are no placeholders."""
        return {name for name in self.listed if self.versions[name] >= PLACEHOLDER}

    def _likely(self) -> set[str]:
        """Return those of the index that have the module's name."""
        return set() if self.shared else self._proper() & _namesakes(self.module)

    def _rivals(self) -> set[str]:
        """Return those of the index that are newer than a namesake: websocket-client."""
        newest = max((self.versions[name] for name in self._likely()), default=PLACEHOLDER)
        names = {f"{name}-{end}" for name in _namesakes(self.module) for end in ENDINGS}
        rivals = set() if self.shared else self.listed & names
        return {name for name in rivals if self.versions[name] > newest}


def _namesakes(module: str) -> set[str]:
    """Return the names that the distribution of a module mostly has."""
    return {str(canonicalize_name(form + module)) for form in ("", "python-", "py")}


def _is_part(distribution: str, module: str) -> bool:
    """Tell whether a distribution has the name of a module, with more behind it or not."""
    name = canonicalize_name(module)
    same = distribution.replace("-", "") == name.replace("-", "")
    return same or distribution.startswith(f"{name}-")


def _without_variants(names: set[str]) -> set[str]:
    """Return the names without those that go on from another: pillow-simd, from pillow."""
    return {name for name in names if not any(name.startswith(f"{base}-") for base in names)}


def _either(names: list[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _look_up(modules: Iterable[str]) -> Mapping[str, _Found]:
    """Return what the table and pigar's index know of modules, in their order."""
    return _looked_up(tuple(modules))


@cache  # each look-up reads the whole index, and the packages of a fleet import the same
def _looked_up(modules: tuple[str, ...]) -> Mapping[str, _Found]:
    tops = sorted({module.split(".")[0] for module in modules})
    known = {module: KNOWN.get(module, set()) for module in modules}
    names = sorted(set().union(*known.values()))
    listed: dict[str, set[str]] = {top: set() for top in tops}
    versions: dict[str, Version] = {}

    def note(name: str, version: str) -> str:
        distribution = str(canonicalize_name(name))  # the index has some in two spellings
        versions[distribution] = max(Version(version), versions.get(distribution, Version("0")))
        return distribution

    # Not with pigar's own class, which opens the file to write.
    index = Path(str(files("pigar"))) / ".db.sqlite3"
    with closing(sqlite3.connect(f"{index.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        for top, name, version in database.execute(
            "SELECT module.name, distribution.name, version FROM top_level_module_names AS module"
            " JOIN distributions AS distribution ON distribution.id = distribution_id"
            f" WHERE module.name IN ({', '.join('?' * len(tops))})",
            tops,
        ):
            listed[top].add(note(name, version))
        for name, version in database.execute(
            f"SELECT name, version FROM distributions WHERE name IN ({', '.join('?' * len(names))})",
            names,
        ):
            note(name, version)
    return {
        module: _Found(module, known[module], listed[module.split(".")[0]], versions)
        for module in modules
    }


def _range(version: Version) -> str:
    """Return the range for a distribution from a version of it.

    It is as wide as a major: the SDK pins some distributions, and has to find one in it.
    """
    if version.major >= 2000:  # a date, which promises nothing
        return ">=" + ".".join(map(str, version.release[:2]))
    if version.major == 0:
        return f">=0.{version.minor},<1"
    return f">={version.major},<{version.major + 1}"


# --- the file -------------------------------------------------------------------------------------


def requirement_lines(text: str) -> list[tuple[int, Requirement]]:
    """Return the requirements of a requirements.txt by line, without what else pip reads there.

    Their names are canonical: lower case, with hyphens.
    """
    found = []
    for number, line in logical_lines(text):
        bare = re.split(r"\s--", line)[0]  # options such as --hash
        egg = re.search(r"#egg=([a-zA-Z0-9]+(?:[._-]+[a-zA-Z0-9]+)*)", bare)
        try:
            requirement = Requirement(f"{egg[1]} @ {bare.split()[-1]}" if egg else bare)
        except InvalidRequirement:
            continue
        requirement.name = str(canonicalize_name(requirement.name))
        found.append((number, requirement))
    return found


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield what stands in the lines of a requirements.txt, without comments: a line that goes on
    behind a \\ is one with the next."""
    begun, start = "", 0
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        start = start if begun else number
        begun += re.sub(r"(^|\s)#.*", "", line)
        if begun.endswith("\\"):
            begun = begun[:-1]
            continue
        if begun.strip():
            yield start, begun.strip()
        begun = ""
    if begun.strip():
        yield start, begun.strip()


def _barrier(text: str) -> int | None:
    """Return the first line with a hash or a \\, below which pip would misread a line added."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"(?!\s*#).*\\$|[^#]*--(hash|require-hashes)\b", line):
            return number
    return None


def _around(
    base: str, template: str, missing: list[str], imports: list[str]
) -> tuple[list[str], list[str]]:
    """Return the lines to put before and behind those of a file.

    What it lacks of the template goes before them, in the order of a rendered package: so an update
    can tell whose lines are whose. Imports go below the heading with which the template ends.
    """
    there = base.splitlines()
    heading = template.splitlines()[-1]
    if not missing:
        return [], imports if heading in there or not imports else ["", heading, *imports]
    above = [
        line
        for line in template.splitlines()
        if line in missing or not (requirement_lines(line) or (line and line in there))
    ]
    if above[-1] != heading:
        return above, imports
    parted = [""] if base.startswith(("#", "\ufeff#")) else []
    return [*above, *imports, *parted], []


def _joined(above: list[str], base: str, below: list[str]) -> str:
    """Return a file with more lines, which end as its own do."""
    crlf = base.count("\r\n")
    end = "\r\n" if crlf and crlf == base.count("\n") else "\n"
    mark = "\ufeff" if base.startswith("\ufeff") else ""
    own = base.removeprefix(mark)
    if own and not own.endswith("\n") and (above or below):
        own += end
    return "".join([mark, *(line + end for line in above), own, *(line + end for line in below)])


def _overlap(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Tell whether a version fits both."""
    return any(one.contains(v, True) and other.contains(v, True) for v in _bounds(one, other))


def is_within(one: SpecifierSet, other: SpecifierSet) -> bool:
    """Tell whether no version that fits the one is above what fits the other."""
    return all(other.contains(v, True) for v in _bounds(one, other) if one.contains(v, True))


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _bounds(*ranges: SpecifierSet) -> set[Version]:
    """Return the versions that ranges name, and for each the next one."""
    named = {
        Version(part.version.removesuffix(".*"))
        for specifiers in ranges
        for part in specifiers
        if part.operator != "===" or _is_version(part.version)  # which may be any string
    }
    return named | {Version(f"{v.major}.{v.minor}.{v.micro + 1}") for v in named}
