"""Renames a column of a table (descriptions and terms are kept)."""
import argparse
from optparse import OptionParser

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import Column


def rename_column(client, table, old, new):
    source = client.asset.get_by_qualified_name(table + "/" + old, Column)
    copy = source.trim_to_required()
    copy.name = new
    client.asset.save(copy)
    return copy


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    copy = rename_column(client, args.options.table, args.old, args.new)
    if args.options.verbose:
        print("saved", copy)
    print("%s: %s -> %s" % (args.options.table, args.old, args.new))


if __name__ == '__main__':
    parser = OptionParser(usage="%prog [options] OLD NEW", version="1.2")
    parser.add_option("-t", "--table", dest="table", help="qualified name")
    parser.add_option("-v", "--verbose", action="store_true", default=False)
    (options, args) = parser.parse_args()
    if len(args) != 2:
        parser.error("give the old and the new name")

    old, new = args
    main(argparse.Namespace(options=options, old=old, new=new))
