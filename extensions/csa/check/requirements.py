"""Rules on what a package requires."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

from packaging.requirements import InvalidRequirement

from ..errors import Failed
from ..packages import is_test
from ..requirements_txt import (
    MOST_LINES,
    commented_lines,
    logical_lines,
    needs,
    read_requirement,
    requirement_lines,
)
from ..source.distributions import module_of, read_monorepo, with_range
from ..source.edits import ChangedLines
from ..source.names import bound_in
from ..source.requirements import (
    Missing,
    Present,
    barrier_in,
    is_first_party,
    missing_requirements,
    unused_requirements,
    with_lines,
)
from .package import REQUIREMENTS, Package
from .rule import Fixes, Rule

TESTS = "requirements-test.txt"

WITH_THE_SDK = {"pyatlan", "httpx"}
"""In every image: the SDK, and what it raises errors of."""

BROUGHT = {
    "boto3": {"botocore", "s3transfer"},
    "google": {"google-api-core", "google-auth"},
    "pandas": {"numpy"},
    "requests": {"urllib3"},
    "azure": {"azure-core"},
}
"""What comes with a distribution, or with all whose names begin so, and is used along with it: its
range is theirs to choose."""


REPOSITORY = re.compile(r"(bzr|git|hg|svn)\+")
"""What the address of a repository begins with."""

FIXED = re.compile(
    r"[^/]*//[^/]*/[^#]*@(refs/tags/)?([0-9a-f]{7,64}|v?\d+|[^@/#]*\d\.\d[^@/#]*)(#.*)?"
)
"""The address of a commit, or of a tag of a version."""


class ImportsRequired(Rule):
    """Everything that is imported must come with a requirement.

    The script's belong in requirements.txt, which the image installs. Tests may also import what is in
    requirements-test.txt. The image has no other folder of the repository than the package's, and
    Python finds it by its name. Where a distribution has another name than the import,
    a comment behind its requirement names the import: `acme-tools>=1,<2  # acme_api`.

    `csa check --fix` adds the requirements of well-known modules, and of those that the repository
    requires elsewhere.
    """

    id = "CSA501"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for missing, stray in _missing_in_modules(package):
            what = f"{missing.module} is imported: {stray}" if stray else missing.problem
            yield missing.file, missing.line, what
        for path in package.modules:
            for module in package.imports(path).needed:
                own = module.name.split(".")[0] == package.name
                problem = _absent(package, module.name) if own else None
                if module.name.startswith("."):
                    problem = "that leads out of the package"
                if problem:
                    yield path, module.line, f"{module.name} is imported: {problem}"
        for missing in _missing_in_tests(package):
            yield missing.file, missing.line, missing.problem

    def fixes(self, package: Package) -> Fixes:
        known = {
            missing.requirement for missing, stray in _missing_in_modules(package) if not stray
        }
        tests = {missing.requirement for missing in _missing_in_tests(package)} - known
        fixes = Fixes()
        for path, wanted in ((REQUIREMENTS, known), (TESTS, tests)):
            text = _exact_text(package, path)
            lines = sorted(filter(None, wanted))
            new = with_lines(text, lines) if text is not None and lines else None
            if new is not None:
                first = len(new.splitlines()) - len(lines) + 1
                fixes = fixes.and_file(
                    f"{package.place}/{path}",
                    new.encode(),
                    [ChangedLines(path, first + at, "", line) for at, line in enumerate(lines)],
                )
        return fixes


def _missing_in_modules(package: Package) -> Iterator[tuple[Missing, str | None]]:
    """Yield what the script imports without a requirement; with what is right in its place where
    the repository has it."""
    in_repository = is_first_party(package.folder, package.top)
    modules = {path: package.imports(path) for path in package.modules}
    strays = {
        module_of(module.name): _stray(package, module.name)
        for imports in modules.values()
        for module in imports.needed
        if in_repository(module.name)
    }

    def of_package(name: str) -> bool:
        return name.split(".")[0] == package.name

    present = _installed(package.text(REQUIREMENTS))
    monorepo = cache(partial(read_monorepo, package.folder, package.top))
    for missing in missing_requirements(modules, of_package, present, monorepo):
        yield missing, strays.get(missing.module)


def _missing_in_tests(package: Package) -> Iterator[Missing]:
    """Yield what tests import without a requirement."""
    in_repository = is_first_party(package.folder, package.top)

    def first_party(name: str) -> bool:
        return name.split(".")[0] == package.name or in_repository(name)

    tests = {path: package.imports(path) for path in package.tests}
    present = _installed(package.text(REQUIREMENTS), package.text(TESTS))
    monorepo = cache(partial(read_monorepo, package.folder, package.top))
    return missing_requirements(tests, first_party, present, monorepo, TESTS)


def _exact_text(package: Package, path: str) -> str | None:
    """Return the text of a file that can be written as it was, None where there is none."""
    if path not in package.paths:
        return None
    try:
        return package.read(path).decode()
    except (Failed, UnicodeDecodeError):  # other rules say so
        return None


def _installed(*texts: str) -> Present:
    """Return what requirements files install, as far as that is known."""
    present = Present.of(*texts)
    names = present.distributions | WITH_THE_SDK
    brought = {
        other
        for begin, others in BROUGHT.items()
        for other in others
        if any(name == begin or name.startswith(f"{begin}-") for name in names)
    }
    return replace(present, distributions=names | brought)


def _stray(package: Package, name: str) -> str:
    """Return what is right in place of an import of the repository that the image has not."""
    head, *rest = name.split(".")
    if package.name in rest:
        return f"in the image it is {'.'.join(rest[rest.index(package.name) :])}"
    if any(path == f"{head}.py" or path.startswith(f"{head}/") for path in package.modules):
        return f"in the image it is {package.name}.{head}"
    return "the image has this folder alone, so move what is needed here"


def _absent(package: Package, name: str) -> str | None:
    """Return what is wrong with an import from the package itself, None if nothing is."""
    _, *rest = name.split(".")
    begin = ""
    for part in rest:
        path, folder = f"{begin}{part}.py", f"{begin}{part}/"
        inside = [file for file in package.python_files if file == path or file.startswith(folder)]
        if inside and all(map(is_test, inside)):
            return "the image has no tests"
        if not inside:
            bound = bound_in(package.tree(f"{begin}__init__.py").body)
            return None if bound & {part, "*", "__getattr__"} else f"there is no {path}"
        if path in inside:
            return None  # it knows what is in it
        begin = folder
    return None


class RequirementsUsed(Rule):
    """Every line of requirements.txt must be imported by the script, or say what needs it.

    Say so in a comment behind it: `openpyxl>=3.1,<4  # pandas reads Excel files with it`. A string that
    names the module counts as well, such as `engine="openpyxl"` or `mysql+pymysql://`. Unused
    requirements make the image larger and have to be scanned. `csa check --fix` deletes none of them:
    a requirement that nothing imports may be a plugin.
    """

    id = "CSA502"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        text = package.text(REQUIREMENTS)
        comments = {line: comment for line, _, comment in commented_lines(text)}
        modules = [package.imports(path) for path in package.modules]
        for line, requirement in unused_requirements(text, modules):
            reason = r"#\s*(?!(noqa|nosec|todo|fixme|pragma)\b|type:)\w"
            if not re.match(reason, comments.get(line, ""), re.IGNORECASE):
                yield REQUIREMENTS, line, f"no import needs {requirement.name}"


class RangesPinned(Rule):
    """Every requirement must have a lower and an upper bound.

    Write `requests>=2.32,<3`, or one version, `requests==2.32.5`. Then tomorrow's image is like today's.
    Calendar versions need no upper bound: `pytz>=2025.2`. A git requirement needs a commit or a tag.

    `csa check --fix` adds missing bounds for well-known distributions.
    """

    id = "CSA503"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in (REQUIREMENTS, TESTS):
            for line, requirement in requirement_lines(package.text(path)):
                name = requirement.name
                if name == "pyatlan":
                    continue  # said by another rule
                missing = needs(requirement.specifier)
                if requirement.url:
                    if REPOSITORY.match(requirement.url) and not FIXED.fullmatch(requirement.url):
                        yield path, line, f"{name} names no commit or tag"
                elif missing:
                    bound = "lower" if ">" in missing else "upper"
                    yield path, line, f"{name} has no {bound} bound"

    def fixes(self, package: Package) -> Fixes:
        fixes = Fixes()
        for path in (REQUIREMENTS, TESTS):
            text = _exact_text(package, path)
            if text is None or barrier_in(text):
                continue
            lines = text.splitlines(keepends=True)
            changed = []
            for number, requirement in requirement_lines(text):
                before = lines[number - 1]
                after = None if requirement.url else with_range(before, requirement)
                if after is not None and requirement.name != "pyatlan":
                    lines[number - 1] = after
                    changed.append(ChangedLines(path, number, before.strip(), after.strip()))
            if changed:
                new = "".join(lines).encode()
                fixes = fixes.and_file(f"{package.place}/{path}", new, changed)
        return fixes


class RequirementsReadable(Rule):
    """Every line must be a requirement, such as requests>=2.32,<3.

    With `pip install -e`, setuptools reads both files. It supports none of pip's options, such as `-r`,
    `-e` and `--hash`. The image has requirements.txt alone. Give a repository or a file a name:
    `name @ git+https://…@v1.0`.
    """

    id = "CSA504"

    def broken(self, package: Package) -> Iterator[tuple[str, int, str]]:
        for path in (REQUIREMENTS, TESTS):
            lines = list(logical_lines(package.text(path)))
            if len(lines) == MOST_LINES:
                yield (
                    path,
                    lines[-1][0],
                    f"there are {MOST_LINES} lines or more: csa reads no further",
                )
            for line, text in lines:
                try:
                    read_requirement(text)
                except InvalidRequirement:
                    yield path, line, f"{text[:60]!r} is none"


RULES = (ImportsRequired(), RequirementsUsed(), RangesPinned(), RequirementsReadable())
