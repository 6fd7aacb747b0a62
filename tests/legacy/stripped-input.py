import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--upper", action="store_true")
    args = parser.parse_args()

    input = input("qualified name: ")
    input = input.strip()
    if args.upper:
        input = input.upper()
    filter = filter(None, input.split("/"))
    print(list(filter))
    AtlanClient().asset.get_by_qualified_name(input)
