import argparse
import json

from pyatlan.client.atlan import AtlanClient


def columns(path):
    with open(path) as f:
        return {c["name"]: c["type"] for c in json.load(f)}


if __name__ == "__main__":
    """
    Compare two dumps of columns
    and announce the drift on the table.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("current")
    args = parser.parse_args()

    before, after = columns(args.base), columns(args.current)
    drift = sorted(set(before.items()) ^ set(after.items()))
    "a stray string that does nothing"
    if drift:
        AtlanClient().asset.announce("drift", drift)
    for name, kind in drift:
        print(name, kind)
