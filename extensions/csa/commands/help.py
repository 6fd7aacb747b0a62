"""What ends the help of each command."""

from __future__ import annotations

EXIT_CODES = {
    0: "done",
    1: "action needed: a conflict, a failure or a broken rule, each named",
    2: "wrong usage; nothing was changed",
    130: "stopped, as by Ctrl-C; nothing was left half-written",
}
"""What each exit code of csa says."""


def epilog(*examples: str) -> str:
    """Return what ends the help of a command: examples and the exit codes."""
    codes = (f"{code:<4} {what}" for code, what in EXIT_CODES.items())
    lines = ["\b", "Examples:", *examples, "", "\b", "Exit codes:", *codes]
    return "\n".join(
        line if line in ("", "\b") or line[-1] == ":" else f"  {line}" for line in lines
    )
