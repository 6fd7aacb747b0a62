from pyatlan.client.atlan import AtlanClient


def main(name):
    print(AtlanClient().asset.get(name))
