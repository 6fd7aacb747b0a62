from argparse import ArgumentParser, ArgumentDefaultsHelpFormatter
import json

from pyatlan.client.atlan import AtlanClient

OPTIONS = (
    ("--asset", {"action": "append", "default": [], "help": "qualified name"}),
    ("--format", {"choices": ("text", "json"), "default": "text", "help": "output"}),
)
parser = ArgumentParser("owner-lookup", formatter_class=ArgumentDefaultsHelpFormatter)
for flag, keywords in OPTIONS:
    parser.add_argument(flag, **keywords)
args = parser.parse_args()

client = AtlanClient()
result = {}
for name in args.asset:
    asset = client.asset.find_by_qualified_name(name)
    result[name] = [str(owner) for owner in asset.owner_users]

if args.format == "json":
    print(json.dumps(result, indent=2))
else:
    for name, owners in result.items():
        print(f"{name}: {', '.join(owners)}")
