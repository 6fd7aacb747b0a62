import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--guid", required=True)
    args = parser.parse_args()
    client = AtlanClient()
    print("checking", args.guid or "nothing")


def check(guid):
    return client.asset.get_by_guid(guid)


if __name__ == "__main__":
    if args.guid:
        print(check(args.guid))
    print("checked")
