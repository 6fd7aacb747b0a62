import argparse

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.core import Announcement


def say(text, quiet):
    """Print a text unless asked not to."""
    if quiet:
        return
    print(text)


def announce(client, name, quiet):
    asset = client.asset.get_by_qualified_name(name)
    asset.set_announcement(Announcement(title="Note", message="changed"))
    client.asset.save(asset)
    say("announced on " + name, quiet)


def announce_all(client, assets, quiet):
    for name in assets:
        announce(client, name, quiet)


def main(args: argparse.Namespace):
    client = AtlanClient()
    announce_all(client, args.assets, args.quiet)
    say(args.message or "no message", args.quiet)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("assets", nargs="+")
    parser.add_argument("--message", default="")
    parser.add_argument("--quiet", action="store_true")
    args = parser.parse_args()
    main(args)
