import argparse
import json
import os
from pathlib import Path

from pyatlan.client.atlan import AtlanClient

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    args = parser.parse_args()
    if not os.path.exists(args.file):
        raise SystemExit("missing: " + args.file)
    defaults = json.loads((HERE / "data" / "defaults.json").read_text())
    with open(args.file) as f:
        values = {**defaults, **json.load(f)}
    os.chdir(os.path.dirname(__file__) or ".")
    with open("merged.json", "w") as f:
        json.dump(values, f, sort_keys=True)
    AtlanClient().asset.update(values)
    print(sorted(os.listdir(HERE)), __file__)
