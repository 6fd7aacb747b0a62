import argparse
import sys

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("state", choices=["fresh", "stale", "missing", "empty", "broken"])
    a = ap.parse_args()

    client = AtlanClient()
    client.search.freshness(a.state)
    if a.state == "missing":
        exit("no such asset")
    if a.state == "stale":
        print("stale")
        sys.exit(3)
    if a.state == "empty":
        quit()
    if a.state == "broken":
        raise SystemExit("broken: see the log")
    print("fresh")
    sys.exit(0)
