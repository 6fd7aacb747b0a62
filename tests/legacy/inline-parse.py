import argparse
import os
from pyatlan.client.atlan import AtlanClient

parser = argparse.ArgumentParser()
parser.add_argument("file", nargs="?", default="assets.csv")
path = parser.parse_args().file

size = os.path.getsize(path) if os.path.exists(path) else 0
AtlanClient().asset.import_file(path)
print(path, size)
