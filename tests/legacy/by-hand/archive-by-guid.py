import argparse
import sys

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.enums import AtlanDeleteType


def archive(client, guid, how):
    print("archiving", guid, how)
    client.asset.delete_by_guid(guid, delete_type=how)


def usage() -> None:
    print("usage: main.py GUID [purge]", file=sys.stderr)
    sys.exit(64)


def main(args: argparse.Namespace) -> None:
    archive(AtlanClient(), args.guid, args.how)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        usage()
    guid = sys.argv[1]
    how = AtlanDeleteType.PURGE if sys.argv[2:] == ["purge"] else AtlanDeleteType.SOFT
    main(argparse.Namespace(guid=guid, how=how))
