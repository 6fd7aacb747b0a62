import argparse
import os

os.environ.setdefault("PYATLAN_LOG", "WARNING")
os.environ["ATLAN_BASE_URL"] = "https://" + os.environ.get("TENANT", "acme") + ".example.com"

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import Table

client = AtlanClient()

parser = argparse.ArgumentParser()
parser.add_argument("name")
args = parser.parse_args()

table = client.asset.find_table(args.name, Table)
print(table.qualified_name)
