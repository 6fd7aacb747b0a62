import argparse
from dataclasses import dataclass, field
from functools import lru_cache

from pyatlan.client.atlan import AtlanClient


@dataclass
class Node:
    guid: str
    depth: int = 0
    children: list = field(default_factory=list)


@lru_cache(maxsize=None)
def lineage(guid):
    return tuple(str(a.guid) for a in client.asset.get_lineage_list(guid))


def show(guid, depth):
    node = Node(guid, depth)
    node.children.extend(lineage(guid)[:depth])
    print(node)


def main(args: argparse.Namespace) -> None:
    global client
    client = AtlanClient()
    for guid in args.guids:
        show(guid, args.depth)
    print(lineage.cache_info())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("guids", nargs="*")
    parser.add_argument("--depth", type=int, default=1)
    main(parser.parse_args())
