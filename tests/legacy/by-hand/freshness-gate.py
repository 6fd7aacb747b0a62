import argparse
import sys

from pyatlan.client.atlan import AtlanClient


def check(client: AtlanClient, state: str) -> None:
    client.search.freshness(state)
    if state == "missing":
        exit("no such asset")
    elif state == "stale":
        print("stale")
        sys.exit(3)
    elif state == "empty":
        quit()
    elif state == "broken":
        raise SystemExit("broken: see the log")
    print("fresh")
    sys.exit(0)


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    check(client, args.state)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("state", choices=["fresh", "stale", "missing", "empty", "broken"])
    main(ap.parse_args())
