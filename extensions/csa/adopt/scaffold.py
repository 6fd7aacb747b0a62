"""Which files an adoption makes for a script, besides those of the template."""

from __future__ import annotations

import ast

from ..git import git
from ..packages import is_test
from ..source.script_text import text_of
from ..source.syntax import NotPython, parse
from .changes import Changes
from .page import index
from .planned import Planned
from .tests import test_main, test_third_parties

MAIN, TESTS, CONFTEST = "main.py", "tests/test_main.py", "tests/conftest.py"
EXAMPLE = ("tests/integration/test_http_bin.py", "tests/vcr_cassettes/")
"""The template's example of recorded HTTP."""

RECORDED = "tests/integration/test_third_parties.py"


def files_for(changes: Changes) -> dict[str, bytes]:
    """Return the files of a new package but for the three that are merged or come last."""
    rendering = changes.legacy.rendering
    assert rendering is not None
    made = {path: file.content for path, file in rendering.files.items()}
    source = _readable(changes.content(MAIN))
    page = index(changes.legacy.name, str(rendering.facts["description"]), source)
    made["index.md"] = page.encode()
    modules = changes.modules().items()
    trees = {path: _tree(source) for path, source in modules if not is_test(path)}
    calling = test_third_parties(trees)
    if calling:
        made = {path: content for path, content in made.items() if not path.startswith(EXAMPLE)}
        made[RECORDED] = calling.encode()
    return {path: made[path] for path in made if path not in (MAIN, TESTS, "requirements.txt")}


def tests_for(changes: Changes, package: Planned) -> bytes | None:
    """Return tests/test_main.py for a script, None where there is one that somebody wrote or edited.

    They are skipped where its modules cannot be imported.
    """
    if changes.has(TESTS) and not _is_untouched(changes):
        return None
    problem = package.problem_at_import
    source = _readable(changes.content(MAIN))
    return _made(changes, source, problem.sentence if problem else None)


def _made(changes: Changes, source: str, problem: str | None) -> bytes:
    tenant = not changes.has(CONFTEST) or b"def tenant(" in changes.content(CONFTEST)
    return test_main(changes.legacy.name, source, tenant=tenant, problem=problem).encode()


def _is_untouched(changes: Changes) -> bool:
    """Tell whether the tests are those that csa made for main.py, as it is or as it was when they were
    committed."""
    folder, written = changes.legacy.folder, changes.content(TESTS)
    mains = [changes.content(MAIN)]
    commit = git(folder, "log", "--max-count=1", "--format=%H", "--", TESTS).decode().strip()
    if listed := commit and git(folder, "ls-tree", commit, "--", MAIN):
        mains.append(git(folder, "cat-file", "blob", listed.split()[2].decode()))
    reason = _reason_to_skip(written)
    return any(written == _made(changes, _readable(main), reason) for main in mains)


def _reason_to_skip(tests: bytes) -> str | None:
    """Return why all tests are skipped, None where they are not."""
    for statement in _tree(tests).body:
        if (
            isinstance(statement, ast.Assign)
            and ast.unparse(statement.targets[0]) == "pytestmark"
            and isinstance(statement.value, ast.Call)
            and statement.value.args
        ):
            reason = statement.value.args[0]
            return str(reason.value) if isinstance(reason, ast.Constant) else None
    return None


def _tree(source: bytes) -> ast.Module:
    """Return the syntax tree of a Python file, an empty one where Python cannot read it."""
    try:
        return parse(source)
    except NotPython:
        return ast.Module([], [])


def _readable(source: bytes) -> str:
    """Return the text of a Python file, nothing where Python cannot read it."""
    return text_of(source) if _tree(source).body else ""
