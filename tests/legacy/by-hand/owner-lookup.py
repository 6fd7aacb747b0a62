import json
from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser, Namespace
from typing import Dict, List

from pyatlan.client.atlan import AtlanClient

OPTIONS = (
    ("--asset", {"action": "append", "default": [], "help": "qualified name"}),
    ("--format", {"choices": ("text", "json"), "default": "text", "help": "output"}),
)


def get_args() -> Namespace:
    parser = ArgumentParser("owner-lookup", formatter_class=ArgumentDefaultsHelpFormatter)
    for flag, keywords in OPTIONS:
        parser.add_argument(flag, **keywords)
    return parser.parse_args()


def look_up(client: AtlanClient, names: List[str]) -> Dict[str, List[str]]:
    result = {}
    for name in names:
        asset = client.asset.find_by_qualified_name(name)
        result[name] = [str(owner) for owner in asset.owner_users]
    return result


def show(result: Dict[str, List[str]], output_format: str) -> None:
    if output_format == "json":
        print(json.dumps(result, indent=2))
    else:
        for name, owners in result.items():
            print(f"{name}: {', '.join(owners)}")


def main(args: Namespace) -> None:
    client = AtlanClient()
    result = look_up(client, args.asset)
    show(result, args.format)


if __name__ == "__main__":
    main(get_args())
