"""`logger = get_logger(level="INFO")` becomes the three calls of `logging` that it stood for."""

from __future__ import annotations

import ast
import sys

import pytest
from csa.sdk.environments import environment
from csa.sdk.fixers.logger import FORMAT

from tests.sdk.fixers.cases import Case, check, check_that_all_break
from tests.support.commands import run
from tests.support.fixed import CLIENT, LEFT, fixed

IMPORT = "from pyatlan.utils import get_logger\n"
USE = f"{CLIENT}AtlanClient\n"
DEBUG = "logger = g(level=logging.DEBUG, name='x')\nnext_id()\n"


def written(name: str, level: str, logger: str = "logger", indentation: str = "") -> str:
    lines = (
        "logging.basicConfig(",
        "    level=logging.WARNING,",
        f'    format="{FORMAT}",',
        ")",
        f"{logger} = logging.getLogger({name})",
        f"{logger}.setLevel({level})",
    )
    return "".join(f"{indentation}{line}\n" for line in lines)


CASES = [
    Case(before, after)
    for before, after in [
        (f'import os\n{IMPORT}\nlogger = get_logger(level="INFO")\n',
         "import logging\nimport os\n\n" + written('"pyatlan.utils"', '"INFO"')),
        (f'"""Doc."""\nfrom __future__ import annotations\n{USE}{IMPORT}log = get_logger(__name__)\n',
         f'"""Doc."""\nfrom __future__ import annotations\nimport logging\n{USE}'
         + written("__name__", "logging.WARNING", "log")),
        (f"{USE}from pyatlan.utils import get_logger as g, next_id\nimport logging\n{DEBUG}",
         f"{USE}from pyatlan.utils import next_id\nimport logging\n"
         + written("'x'", "logging.DEBUG") + "next_id()\n"),
        (f"import os\n{IMPORT}def f(level):\n    logger = get_logger('x', level)\n    return logger\n",
         "import logging\nimport os\ndef f(level):\n"
         + written("'x'", "level", indentation="    ") + "    return logger\n"),
        (f"import argparse\n\n{IMPORT}log = get_logger('x')\n",
         "import argparse\nimport logging\n\n" + written("'x'", "logging.WARNING", "log")),
        # More than one call, or one whose result or arguments are something else's.
        (f"{IMPORT}a = get_logger('a')\nb = get_logger('b')\n", LEFT),
        (f"{IMPORT}get_logger().info('x')\n", LEFT),
        (f"{IMPORT}a = b = get_logger()\n", LEFT),
        (f"{IMPORT}a = get_logger(*b)\n", LEFT),
        (f"{IMPORT}a = get_logger(input())\n", LEFT),
        (f"{IMPORT}a = get_logger(names='x')\n", LEFT),
        (f"{IMPORT}a = get_logger\n", LEFT),
        (f"{IMPORT}a = get_logger()  # of the SDK\n", LEFT),
        # The name is taken, or comes too late.
        (f"{IMPORT}def logging(): ...\na = get_logger()\n", LEFT),
        (f"{IMPORT}def f(logging):\n    a = get_logger()\n", LEFT),
        (f"{IMPORT}a = get_logger()\nimport logging\n", LEFT),
        (f"import os; {IMPORT}a = get_logger()\n", LEFT),
        ("from pyatlan.utils import get_logger  # ours\na = get_logger()\n", LEFT),
    ]
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.before)
def test_get_logger_becomes_what_it_stood_for(case: Case) -> None:
    check(CASES, case)


def test_each_of_these_breaks_before() -> None:
    check_that_all_break(CASES)


SHOWN = """
root = logging.getLogger()
[handler] = root.handlers
print(root.level, handler.stream.name, handler.formatter._fmt, logger.name, logger.level)
"""


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ["", 'level="INFO"', '"x", "DEBUG"'])
def test_the_new_calls_set_up_what_the_last_release_with_get_logger_did(arguments: str) -> None:
    utils = environment("pyatlan==1.6.1") / "pyatlan/utils.py"
    [function] = [
        ast.unparse(node)
        for node in ast.parse(utils.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "get_logger"
    ]
    new = fixed(f"{IMPORT}import os\nlogger = get_logger({arguments})\n")
    old = f"import logging\n__name__ = 'pyatlan.utils'\n{function}\nlogger = get_logger({arguments})\n"
    before, after = (run(sys.executable, "-c", text + SHOWN).stdout for text in (old, new))
    assert before == after != ""
