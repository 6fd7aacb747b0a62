import argparse
import os

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__" and not os.environ.get("DISABLED"):
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    args = parser.parse_args()
    AtlanClient().asset.save(args.name)
    print("saved", args.name)
