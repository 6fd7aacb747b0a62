import argparse

from pyatlan.client.atlan import AtlanClient


def search(**kwargs):
    return AtlanClient().search.run(**kwargs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=10)
    parser.add_argument("--term")
    args = parser.parse_args()
    args = {k: v for k, v in vars(args).items() if v is not None}
    print(sorted(args))
    for hit in search(**args):
        print(hit)
