"""Schemas of a connection (edited on Windows)."""
import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--schema", required=True)
    parser.add_argument("--note", action="store_true")
    args = parser.parse_args()

    client = AtlanClient()
    note = """two
lines"""
    for schema in client.search.schemas(args.schema):
        print(schema.name)
    if args.note:
        print(repr(note))
