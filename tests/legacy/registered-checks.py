import argparse

from pyatlan.client.atlan import AtlanClient

parser = argparse.ArgumentParser()
parser.add_argument("checks", nargs="+")
args = parser.parse_args()

print("asked for", len(args.checks), "checks")
CHECKS = {}


def check(function):
    print("registering", function.__name__)
    CHECKS[function.__name__] = function
    return function


@check
def owners(client):
    return client.search.without("ownerUsers")


@check
def terms(client):
    return client.search.without("meanings")


client = AtlanClient()
for name in args.checks:
    print(name, CHECKS[name](client))
