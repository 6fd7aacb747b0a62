"""Compare two dumps of columns and announce the drift on the table."""

import argparse
import json
from typing import Dict, List, Tuple

from pyatlan.client.atlan import AtlanClient


def columns(path: str) -> Dict[str, str]:
    with open(path) as f:
        return {c["name"]: c["type"] for c in json.load(f)}


def find_drift(base: str, current: str) -> List[Tuple[str, str]]:
    before, after = columns(base), columns(current)
    return sorted(set(before.items()) ^ set(after.items()))


def report(drift: List[Tuple[str, str]]) -> None:
    if drift:
        AtlanClient().asset.announce("drift", drift)
    for name, kind in drift:
        print(name, kind)


def main(args: argparse.Namespace) -> None:
    drift = find_drift(args.base, args.current)
    report(drift)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("current")
    args = parser.parse_args()
    main(args)
