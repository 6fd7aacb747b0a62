def dump(rows):
    return json.dumps(rows, default=str, indent=None)


if __name__ == "__main__":
    import argparse
    import os.path

    parser = argparse.ArgumentParser(prog=os.path.basename(__file__))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    import json
    from pyatlan.client.atlan import AtlanClient as Client
    import pyatlan.model.assets as assets

    rows = [str(t) for t in Client().search.of_type(assets.Table)]
    print(dump(rows) if args.json else rows)
    import sys, platform
    sys.stderr.write(os.path.join("a", "b") + "\n")
