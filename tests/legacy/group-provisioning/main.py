#!/usr/bin/env python
"""Creates the groups of a CSV file that do not exist yet."""

import argparse
import csv

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.group import AtlanGroup

PARSER = argparse.ArgumentParser(description=__doc__)
PARSER.add_argument("file", help="CSV with name,alias")
PARSER.add_argument("--prefix", default="")
args = PARSER.parse_args()


def read_groups(path):
    with open(path) as handle:
        return list(csv.DictReader(handle))


def create(client, name, alias):
    group = AtlanGroup.create(alias=alias)
    group.name = name
    return client.group.create(group)


if __name__ == "__main__":
    client = AtlanClient()
    existing = {str(g.name) for g in client.group.get_all()}
    for row in read_groups(args.file):
        name = args.prefix + row["name"]
        if name in existing:
            print("exists:", name)
            continue
        create(client, name, row["alias"])
        print("created:", name)
