import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name"
    args = parser.parse_args()
    AtlanClient().asset.save(args.name)
