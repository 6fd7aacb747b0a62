import argparse
import sys

from pyatlan.client.atlan import AtlanClient


def list_products(args):
    for product in AtlanClient().search.products(args.domain):
        print(product.name)


def add_product(args):
    AtlanClient().asset.save({"name": args.name})
    print("added", args.name)


parser = argparse.ArgumentParser(description="Data products")
subparsers = parser.add_subparsers(title="commands")

list_parser = subparsers.add_parser("list", help="list products")
list_parser.add_argument("--domain")
list_parser.set_defaults(func=list_products)

add_parser = subparsers.add_parser("add", help="add a product")
add_parser.add_argument("name")
add_parser.set_defaults(func=add_product)

if __name__ == "__main__":
    args = parser.parse_args()
    if hasattr(args, "func"):
        args.func(args)
    else:
        parser.print_help()
        sys.exit(1)
