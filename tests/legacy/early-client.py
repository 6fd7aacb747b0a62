import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    client = AtlanClient()
    me = client.user.get_current().username
    parser = argparse.ArgumentParser()
    parser.add_argument("--user", default="me")
    args = parser.parse_args()

    name = me if args.user == "me" else args.user
    for group in client.user.groups(name):
        print(name, "is in", group)
