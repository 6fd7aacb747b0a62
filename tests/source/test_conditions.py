"""What conditions come to in an image."""

from __future__ import annotations

import pytest
from csa.source.conditions import holds
from csa.source.syntax import parse_expression


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("sys.version_info < (3, 11)", False),
        ("sys.version_info >= (3, 9)", True),
        ("sys.version_info < (3, 12)", None),
        ("sys.version_info[0] == 2", False),
        ("sys.version_info[:2] <= (3, 8)", False),
        ("sys.version_info.major < 3", False),
        ("sys.version_info.minor > 20", False),
        ("(3, 9) <= sys.version_info", True),
        ("sys.platform == 'win32'", False),
        ("sys.platform != 'linux'", False),
        ("sys.platform.startswith('linux')", True),
        ("sys.platform in ('win32', 'cygwin')", False),
        ("'win' not in sys.platform", True),
        ("os.name == 'nt'", False),
        ("platform.system() == 'Windows'", False),
        ("TYPE_CHECKING", False),
        ("not t.TYPE_CHECKING", True),
        ("TYPE_CHECKING and other", False),
        ("TYPE_CHECKING or other", None),
        ("other or os.name == 'posix'", True),
        ("os.name == 'posix' and sys.platform == 'linux'", True),
        ("True", True),
        ("0", None),
        ("other", None),
        ("sys.version_info < 3", None),
        ("sys.version_info < other", None),
        ("sys.platform.startswith(3)", None),
        ("1 < 2 < 3", None),
        ("other == 'win32'", None),
    ],
)
def test_a_condition_on_system_python_or_type_checkers_is_known(
    test: str, verdict: bool | None
) -> None:
    assert holds(parse_expression(test)) is verdict
