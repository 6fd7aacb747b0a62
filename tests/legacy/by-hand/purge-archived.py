import argparse
import json

from pyatlan.client.atlan import AtlanClient

deleted = []


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--yes", action="store_true")
    return parser.parse_args()


def purge(client, asset):
    client.asset.purge_by_guid(asset.guid)
    deleted.append(str(asset.guid))


def purge_archived(client: AtlanClient, days: int, confirmed: bool) -> None:
    """Purge what was archived long ago, or tell what would be."""
    for asset in client.search.archived(older_than=days):
        if not confirmed:
            print("would purge", asset.guid)
            continue
        purge(client, asset)


def write_audit(days: int) -> None:
    # always leave a trace for the audit
    with open("audit.json", "w") as out:
        json.dump({"deleted": deleted, "days": days}, out)
    print("audit.json written")


def main(args: argparse.Namespace) -> None:
    """Entry point."""
    client = AtlanClient()
    purge_archived(client, args.days, args.yes)
    write_audit(args.days)


if __name__ == "__main__":
    main(parse_arguments())
