"""Count the assets of a tenant, by type."""

import argparse
import sys

from pyatlan.client.atlan import AtlanClient

seen = 0


def note(name):
    global seen
    seen += 1
    print("counted", name)


# Called by the scheduler, too.
def main(argv=None):
    """Print a table; return how many lines it has."""
    global title

    def line(name, count):
        return f"{name:<{args.width}}{count}"

    class Row:
        made = 0

        def __init__(self, name):
            Row.made += 1
            self.name = name

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("types", nargs="*", type=lambda text: text.title())
    parser.add_argument("--width", type=int, default=12)  # of the first column
    args, rest = parser.parse_known_args(argv)
    if args.width < 1:
        parser.error("--width must be positive")

    title = " ".join(rest) or "Assets"
    print(title)
    if not args.types:
        return 0
    client = AtlanClient()
    rows = [Row(name) for name in args.types]
    for row in rows:
        note(row.name)
        print(line(row.name, len(list(client.asset.find(row.name)))))
    return Row.made


if __name__ == "__main__":
    lines = main()
    print("done:", lines, title, seen)
    sys.exit(0 if lines else 3)
