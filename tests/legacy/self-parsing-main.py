import argparse

from pyatlan.client.atlan import AtlanClient


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--guid", required=True)
    args = parser.parse_args()
    client = AtlanClient()
    print(client.asset.get_by_guid(args.guid))


if __name__ == "__main__":
    main()
