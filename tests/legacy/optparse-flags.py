import optparse
import sys

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = optparse.OptionParser()
    parser.add_option("--since", help="day, YYYY-MM-DD")
    parser.add_option("-q", "--quiet", action="store_true")
    options, _unused = parser.parse_args()
    if options.since is None:
        print("nothing to do without --since")
        sys.exit(0)
    audit = AtlanClient().audit.search(since=options.since)
    for entry in audit:
        if not options.quiet:
            print(entry)
    print("searched since", options.since)
