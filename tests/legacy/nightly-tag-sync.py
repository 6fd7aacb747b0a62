import argparse
import csv
from pyatlan.client.atlan import AtlanClient

parser = argparse.ArgumentParser()
parser.add_argument("--tag", required=True)
parser.add_argument("--limit", type=int, default=10)
args = parser.parse_args()

client = AtlanClient()


def owners_of(asset):
    # the SDK gives None where there is nobody
    return sorted(str(owner) for owner in (asset.owner_users or []))

rows = []
for asset in client.search.tagged(args.tag):
    if len(rows) >= args.limit:
        break
    rows.append([asset.qualified_name, ";".join(owners_of(asset))])

with open("tagged.csv", "w", newline="") as f:
    writer = csv.writer(f)
    writer.writerow(["asset", "owners"])
    writer.writerows(rows)

print("wrote", len(rows), "rows")
