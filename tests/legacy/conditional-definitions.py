import argparse
import sys

try:
    import ujson as json
except ImportError:
    import json

if sys.version_info >= (3, 0):
    def text(value):
        return str(value)
else:
    def text(value):
        return unicode(value)

parser = argparse.ArgumentParser()
parser.add_argument("--fast", action="store_true")
args = parser.parse_args()

if args.fast:
    def sizes():
        yield 500
else:
    def sizes():
        yield from (10, 20)

from pyatlan.client.atlan import AtlanClient
client = AtlanClient()
for size in sizes():
    client.search.page(size)
    print(text(size))
print(json.dumps({"size": size}))
