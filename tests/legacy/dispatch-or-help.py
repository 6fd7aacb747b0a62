import argparse

from pyatlan.client.atlan import AtlanClient


def export(client):
    print("exported", client.search.all())


def load(client, file):
    client.asset.load(file)
    print("loaded", file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="terms")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("export")
    loading = commands.add_parser("load")
    loading.add_argument("file")
    args = parser.parse_args()

    client = AtlanClient()
    if args.command == "export":
        export(client)
    elif args.command == "load":
        load(client, args.file)
    else:
        # no command: say which there are
        parser.print_help()
