import argparse
import json

from pyatlan.client.atlan import AtlanClient

deleted = []

def purge(client, asset):
    client.asset.purge_by_guid(asset.guid)
    deleted.append(str(asset.guid))

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--yes", action="store_true")
    args = parser.parse_args()
    client = AtlanClient()
    for asset in client.search.archived(older_than=args.days):
        if args.yes:
            purge(client, asset)
        else:
            print("would purge", asset.guid)

# always leave a trace for the audit
with open("audit.json", "w") as out:
    json.dump({"deleted": deleted, "days": args.days}, out)
print("audit.json written")
