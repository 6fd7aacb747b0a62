"""Tell the owners of assets what has changed."""

import argparse

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.core import Announcement


def announce(client, guid, message):
    asset = client.asset.get_by_guid(guid)
    asset.set_announcement(Announcement(title="Note", message=message))
    client.asset.save(asset)
    print("announced on", guid)


def main():
    parser = argparse.ArgumentParser(description="Announce a change of assets.")
    parser.add_argument("guids", nargs="+")
    parser.add_argument("--message", default="It has changed.")
    args = parser.parse_args()
    client = AtlanClient()
    for guid in args.guids:
        announce(client, guid, args.message)


if __name__ == "__main__":
    main()
