import argparse
import logging

from pyatlan.client.atlan import AtlanClient


def reindex(client, dry_run):
    if not dry_run:
        client.admin.reindex()
    print("reindexed" if not dry_run else "would reindex")


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--dry-run', action='store_true')
    args = parser.parse_args()
    reindex(AtlanClient(), args.dry_run)
else:
    logging.getLogger(__name__).addHandler(logging.NullHandler())
