"""Write the assets with a tag to a file, with their owners."""

import argparse
import csv
from typing import Any, List

from pyatlan.client.atlan import AtlanClient


def owners_of(asset: Any) -> List[str]:
    # the SDK gives None where there is nobody
    return sorted(str(owner) for owner in (asset.owner_users or []))


def find_rows(client: AtlanClient, tag: str, limit: int) -> List[List[Any]]:
    """Collect up to ``limit`` rows, one for each asset."""
    rows = []
    for asset in client.search.tagged(tag):
        if len(rows) >= limit:
            break
        rows.append([asset.qualified_name, ";".join(owners_of(asset))])
    return rows


def write_rows(rows: List[List[Any]], path: str = "tagged.csv") -> None:
    with open(path, "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["asset", "owners"])
        writer.writerows(rows)


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    rows = find_rows(client, args.tag, args.limit)
    write_rows(rows)
    print("wrote", len(rows), "rows")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tag", required=True)
    parser.add_argument("--limit", type=int, default=10)
    args = parser.parse_args()
    main(args)
