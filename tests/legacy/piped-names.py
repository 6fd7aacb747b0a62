import argparse
import sys

from pyatlan.client.atlan import AtlanClient


def names(stream):
    for line in stream:
        line = line.strip()
        if line and not line.startswith("#"):
            yield line


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=argparse.FileType("r"))
    parser.add_argument("--all", action="store_true")
    args = parser.parse_args()

    client = AtlanClient()
    if args.all:
        client.asset.batch(sys.stdin.read().split())
        raise SystemExit
    for name in names(args.file):
        client.asset.touch(name)
        print(name)
