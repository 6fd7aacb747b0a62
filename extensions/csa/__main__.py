"""The command csa, so that Ctrl-C while it is loaded is no traceback either."""

from __future__ import annotations

import io
import sys
from contextlib import suppress


class Messages(io.TextIOWrapper):
    """Stderr. What cannot be written there, as on a full disk, is lost; the exit code stays."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def main() -> None:
    """Run csa."""
    if sys.stderr is not None:
        sys.stderr = Messages(sys.stderr.buffer, sys.stderr.encoding, line_buffering=True)
    try:
        from .cli import main as run

        run()
    except KeyboardInterrupt:
        print("csa was stopped; nothing was left half-written.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
