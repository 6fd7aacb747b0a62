"""What the type checker cannot see in a release of pyatlan by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from .environments import environment

DECORATOR = "def init_guid(func):"
"""The decorator of what creates assets. It has no types: behind it, parameters are not visible."""

TYPED = "def init_guid(func: _Function) -> _Function:"
TYPES = "\nfrom typing import TypeVar as _TypeVar\n_Function = _TypeVar('_Function')\n"


@contextmanager
def roots_of(release: str) -> Iterator[list[Path]]:
    """Give the folders in which the type checker finds a release of pyatlan.

    The first has stubs for the modules with that decorator: their text, in which it has types.
    Raises as `environment`.
    """
    folder = environment(f"pyatlan=={release}")
    with TemporaryDirectory(prefix="csa-stubs-") as stubs:
        for module in folder.glob("pyatlan*/utils.py"):
            text = module.read_text(encoding="utf-8", errors="replace")
            if DECORATOR in text:
                package = Path(stubs, f"{module.parent.name}-stubs")
                package.mkdir()
                (package / "py.typed").write_text("partial\n")
                typed = text.replace(DECORATOR, TYPED) + TYPES
                (package / "utils.pyi").write_text(typed, encoding="utf-8")
        yield [Path(stubs), folder]
