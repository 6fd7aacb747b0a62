import argparse

from pyatlan.client.atlan import AtlanClient

VERSION = "3"


def version():
    import main as myself

    return myself.VERSION, myself is not None


if __name__ == "__main__":
    VERSION = "3-script"
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()
    AtlanClient().asset.save(args.name)
    print(VERSION, version() if args.again else "")
