import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "vendor"))
import roundup  # noqa: E402
from pyatlan.client.atlan import AtlanClient  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--value", type=int, default=1)

if __name__ == "__main__":
    args = parser.parse_args()
    result = roundup.roundup(args.value)
    AtlanClient().asset.score(result)
    print(result)
