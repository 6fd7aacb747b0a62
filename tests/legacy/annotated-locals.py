import argparse
from typing import Dict, List, Optional

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import Table

if __name__ == "__main__":
    parser: argparse.ArgumentParser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    args: argparse.Namespace = parser.parse_args()

    client: AtlanClient = AtlanClient()
    count: int = 0
    last: Optional[Table]
    found: Dict[str, List[str]] = {}
    for name in args.names:
        last = client.asset.find(name)
        found.setdefault(name, []).append(str(last))
        count += 1
    print(count, found)
