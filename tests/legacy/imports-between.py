import argparse
import os

parser = argparse.ArgumentParser()
parser.add_argument("--tenant", required=True)
args = parser.parse_args()

os.environ["ATLAN_BASE_URL"] = f"https://{args.tenant}.example.com"

from pyatlan.client.atlan import AtlanClient  # noqa: E402

client = AtlanClient()
print("connected to", os.environ["ATLAN_BASE_URL"])

import json  # noqa

from pyatlan.model.fluent_search import FluentSearch

def count():
    return FluentSearch().count(client)

print(json.dumps({"tenant": args.tenant, "count": int(count())}))
