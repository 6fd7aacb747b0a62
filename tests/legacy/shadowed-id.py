import argparse
from pyatlan.client.atlan import AtlanClient

parser = argparse.ArgumentParser()
parser.add_argument("id")
parser.add_argument("--type", default="Table")
args = parser.parse_args()

id = args.id
client = AtlanClient()

def describe(asset):
    return "%s (%s)" % (id, asset.type_name)

list = client.asset.find(guid=id, type=args.type)
for asset in list:
    print(describe(asset), type(asset).__name__)
max = 2
print(max, "of", len(list))
