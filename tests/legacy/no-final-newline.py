import argparse
from pyatlan.client.atlan import AtlanClient
parser = argparse.ArgumentParser()
parser.add_argument("queries", nargs="+")
args = parser.parse_args()
client = AtlanClient()
for query in args.queries:
    print("saving", query)
    client.asset.save_query(query)  # the folder is the user's own