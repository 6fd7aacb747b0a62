import argparse

from pyatlan.client.atlan import AtlanClient


def report():
    print("saving", args)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--names", default="x")
    args = parser.parse_args()
    report()
    args = args.names.split(",")
    client = AtlanClient()
    for name in args:
        client.asset.save(name)
    report()
