import argparse

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.core import Announcement


def say(text):
    if args.quiet:
        return
    print(text)


def announce(client, name):
    asset = client.asset.get_by_qualified_name(name)
    asset.set_announcement(Announcement(title="Note", message="changed"))
    client.asset.save(asset)
    say("announced on " + name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("assets", nargs="+")
    parser.add_argument("--message", default="")
    parser.add_argument("--quiet", action="store_true")
    args = parser.parse_args()
    client = AtlanClient()
    for name in args.assets:
        announce(client, name)
    say(args.message or "no message")
