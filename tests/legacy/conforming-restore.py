"""Restores archived assets."""
import argparse

from pyatlan.client.atlan import AtlanClient


def main(args):
    client = AtlanClient()
    for guid in args.guid:
        client.asset.restore(guid)
        print("restored", guid)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--guid", action="append", required=True)
    args = parser.parse_args()
    main(args)
