from argparse import *
from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import *
from names import *

KINDS = {"Table": Table, "View": View, "Column": Column}

if __name__ == "__main__":
    parser = ArgumentParser()
    parser.add_argument("--kind", choices=sorted(KINDS), default="Table")
    args = parser.parse_args()
    client = AtlanClient()
    for asset in client.search.of(KINDS[args.kind]):
        if isinstance(asset, Asset):
            print(short(asset.qualified_name))
