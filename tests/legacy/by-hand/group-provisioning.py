#!/usr/bin/env python
"""Creates the groups of a CSV file that do not exist yet."""

import argparse
import csv
from typing import Dict, List, Set

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.group import AtlanGroup


def read_groups(path: str) -> List[Dict[str, str]]:
    with open(path) as handle:
        return list(csv.DictReader(handle))


def create(client, name, alias):
    group = AtlanGroup.create(alias=alias)
    group.name = name
    return client.group.create(group)


def existing_groups(client: AtlanClient) -> Set[str]:
    return {str(g.name) for g in client.group.get_all()}


def provision(client: AtlanClient, row: Dict[str, str], existing: Set[str], prefix: str) -> None:
    name = prefix + row["name"]
    if name in existing:
        print("exists:", name)
        return
    create(client, name, row["alias"])
    print("created:", name)


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    existing = existing_groups(client)
    for row in read_groups(args.file):
        provision(client, row, existing, args.prefix)


if __name__ == "__main__":
    PARSER = argparse.ArgumentParser(description=__doc__)
    PARSER.add_argument("file", help="CSV with name,alias")
    PARSER.add_argument("--prefix", default="")
    main(PARSER.parse_args())
