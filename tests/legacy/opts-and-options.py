from argparse import ArgumentParser

from pyatlan.client.atlan import AtlanClient


def walk(client, path, depth):
    for child in client.asset.children(path):
        yield child
        if depth > 1:
            yield from walk(client, f"{path}/x", depth - 1)
            depth = 0


if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("--path", required=True)
    parser.add_argument("--depth", type=int, default=1)
    opts = parser.parse_args()
    # opts is passed around by its parts only
    for item in walk(AtlanClient(), opts.path, opts.depth):
        print(item)
    print(opts)
