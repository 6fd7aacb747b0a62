"""What becomes of scripts that a newer pyatlan breaks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from csa.sdk.breaks import Break, Sources, breaks_of
from csa.sdk.fixing import FixedScript, fix_breaks

from tests.support.package import NEWEST

LEFT = ""
"""In a table, what a script becomes that is left as it is."""

CLIENT = "from pyatlan.client.atlan import AtlanClient\n"
ROLES = "from pyatlan.cache.role_cache import RoleCache\n"


def package(files: dict[str, str]) -> Sources:
    """A package of Python files with these texts."""
    return Sources("new_pkg", {path: text.encode() for path, text in files.items()}, "3.11")


def fixed_package(script: Sources) -> FixedScript:
    """What can be changed in a package to fit the newest pyatlan."""
    return fix_breaks(script, NEWEST, breaks_of(script, NEWEST))


def fixed(text: str, **others: str) -> str:
    """A script, and other modules beside it by name, after all that can be fixed in it."""
    files = {"main.py": text, **{f"{name}.py": other for name, other in others.items()}}
    changed = fixed_package(package(files)).files
    return changed["main.py"].decode() if "main.py" in changed else text


@cache
def fixed_together(texts: Sequence[str]) -> tuple[list[str], list[list[Break]]]:
    """Scripts that make no client, fixed as modules of one package, which takes the time of one;
    and what breaks of each then."""
    paths = [f"case_{number}.py" for number in range(len(texts))]
    files = dict(zip(paths, texts, strict=True))
    done = fixed_package(package(files))
    files |= {path: content.decode() for path, content in done.files.items()}
    left = breaks_of(package(files), NEWEST)
    assert left == list(done.left)
    return list(files.values()), [[one for one in left if one.path == path] for path in paths]
