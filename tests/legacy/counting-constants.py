import argparse

from pyatlan.client.atlan import AtlanClient

count = 0
LIMIT = 100
PREFIX = "default"


def progress():
    return f"[{count}/{LIMIT}]"


def full(name):
    return f"{PREFIX}/{name}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    client = AtlanClient()
    count += args.start
    if args.start:
        LIMIT, PREFIX = 10, "offset"
    for name in args.names:
        count += 1
        client.asset.touch(full(name))
        print(progress(), full(name))
