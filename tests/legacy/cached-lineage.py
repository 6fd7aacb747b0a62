import argparse
from dataclasses import dataclass, field
from functools import lru_cache

from pyatlan.client.atlan import AtlanClient

parser = argparse.ArgumentParser()
parser.add_argument("guids", nargs="*")
parser.add_argument("--depth", type=int, default=1)
args = parser.parse_args()

client = AtlanClient()


@dataclass
class Node:
    guid: str
    depth: int = 0
    children: list = field(default_factory=list)


@lru_cache(maxsize=None)
def lineage(guid):
    return tuple(str(a.guid) for a in client.asset.get_lineage_list(guid))


for guid in args.guids:
    node = Node(guid, args.depth)
    node.children.extend(lineage(guid)[: args.depth])
    print(node)
print(lineage.cache_info())
