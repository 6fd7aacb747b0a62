"""The command csa, so that Ctrl-C while it is loaded is no traceback either."""

from __future__ import annotations

import sys


def main() -> None:
    """Run csa."""
    try:
        from .cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("csa was stopped; nothing was left half-written.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
