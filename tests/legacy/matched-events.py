import argparse

from pyatlan.client.atlan import AtlanClient


def say(what):
    print(what, name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("event", nargs="+")
    args = parser.parse_args()
    client = AtlanClient()
    name = "nothing"
    match args.event:
        case ["create", kind, name]:
            client.asset.create(kind, name)
            say("created")
        case ["delete", name]:
            client.asset.delete(name)
            say("deleted")
        case [str() as first, *_]:
            say(first)
