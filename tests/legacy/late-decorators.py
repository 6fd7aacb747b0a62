import argparse

from pyatlan.client.atlan import AtlanClient
from tenacity import retry, stop_after_attempt

parser = argparse.ArgumentParser()
parser.add_argument("names", nargs="*")
parser.add_argument("--attempts", type=int, default=3)
args = parser.parse_args()

client = AtlanClient()


@retry(stop=stop_after_attempt(args.attempts))
def touch(name):
    asset = client.asset.get_by_qualified_name(name)
    client.asset.save(asset)
    return asset


for name in args.names:
    print("touched", touch(name))
