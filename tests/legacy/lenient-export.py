import argparse
from pyatlan.client.atlan import AtlanClient


def export(client, kind, target):
    with open(target, "w") as out:
        for asset in client.asset.by_type(kind):
            out.write(f"{asset.guid}\t{asset.name}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", default="Table")
    parser.add_argument("--target", default="export.tsv")
    # Argo adds arguments of its own
    args, _ = parser.parse_known_args()
    export(AtlanClient(), args.kind, args.target)
    print("exported", args.kind, "to", args.target)
