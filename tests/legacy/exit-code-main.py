import argparse
import sys

from pyatlan.client.atlan import AtlanClient


def main(args):
    found = len(AtlanClient().search.certified())
    print("found", found)
    return 0 if found >= args.min else 4


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--min", type=int, required=True)
    args = parser.parse_args()
    sys.exit(main(args))
