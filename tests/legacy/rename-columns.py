"""Renames a column of a table (descriptions and terms are kept)."""
from optparse import OptionParser

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import Column

if __name__ == '__main__':
    parser = OptionParser(usage="%prog [options] OLD NEW", version="1.2")
    parser.add_option("-t", "--table", dest="table", help="qualified name")
    parser.add_option("-v", "--verbose", action="store_true", default=False)
    (options, args) = parser.parse_args()
    if len(args) != 2:
        parser.error("give the old and the new name")

    old, new = args
    client = AtlanClient()
    source = client.asset.get_by_qualified_name(options.table + "/" + old, Column)
    copy = source.trim_to_required()
    copy.name = new
    client.asset.save(copy)
    if options.verbose:
        print("saved", copy)
    print("%s: %s -> %s" % (options.table, old, new))
