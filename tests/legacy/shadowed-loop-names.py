import argparse
import json

from pyatlan.client.atlan import AtlanClient


def total(values):
    return sum(values)


def load(path):
    with open(path) as file:
        return json.load(file)


if __name__ == "__main__":
    argparse = argparse.ArgumentParser()
    argparse.add_argument("files", nargs="*")
    args = argparse.parse_args()
    documents = [load(path) for path in args.files]
    total = total(document["n"] for document in documents)
    AtlanClient().asset.total(total)
    print("total", total)
    for json in documents:
        print(json)
