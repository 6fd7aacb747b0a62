import sys

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.enums import AtlanDeleteType


def archive(client, guid, how):
    print("archiving", guid, how)
    client.asset.delete_by_guid(guid, delete_type=how)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("usage: main.py GUID [purge]", file=sys.stderr)
        sys.exit(64)

    guid = sys.argv[1]
    how = AtlanDeleteType.PURGE if sys.argv[2:] == ["purge"] else AtlanDeleteType.SOFT
    archive(AtlanClient(), guid, how)
