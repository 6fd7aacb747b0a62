import argparse
import csv

from pyatlan.client.atlan import AtlanClient
from pyatlan.errors import AtlanError, NotFoundError


class ImportFailed(AtlanError):
    pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    args = parser.parse_args()
    client = AtlanClient()
    with open("progress.txt", "w") as progress, open(args.file) as f:
        for row in csv.DictReader(f):
            progress.write("row\n")
            try:
                client.asset.save(row["name"])
            except NotFoundError:
                print("not found:", row)
            except KeyError as missing:
                raise ImportFailed(f"no column {missing}") from missing
            print("saved", row["name"])
