import argparse
from pyatlan.client.atlan import AtlanClient

if ("__main__" == __name__):
    parser = argparse.ArgumentParser(); parser.add_argument("name"); parser.add_argument("--count", type=int, default=1)
    args = parser.parse_args(); client = AtlanClient()
    for i in range(args.count): client.asset.save(args.name, i); print(i)
    print("saved", args.name)
