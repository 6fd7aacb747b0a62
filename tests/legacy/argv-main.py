import argparse
import sys

from pyatlan.client.atlan import AtlanClient


def main(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument("domain")
    args = parser.parse_args(argv)
    products = AtlanClient().search.data_products(args.domain)
    for product in products:
        print(product.name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
