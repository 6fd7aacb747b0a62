import argparse

from pyatlan.client.atlan import AtlanClient


def log(text):
    if options.verbose:
        print("#", text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("guid")
    options = parser.parse_args()
    log("deleting")
    AtlanClient().asset.delete_by_guid(options.guid)
    log("deleted")
