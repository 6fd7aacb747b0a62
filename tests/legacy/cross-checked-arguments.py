import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--schema")
    parser.add_argument("--table")
    args = parser.parse_args()
    if args.all and args.schema:
        parser.error("--all and --schema exclude each other")
    if args.table and not args.schema:
        parser.error("--table needs --schema")
    if args.schema:
        args.schema = args.schema.lower()

    client = AtlanClient()
    client.search.run(schema=args.schema, table=args.table)
    print("searched", args.schema, args.table)
