import argparse

from pyatlan.client.atlan import AtlanClient


def push(client: AtlanClient, name: str, value: float) -> bool:
    """Push a metric; return False if there is no value."""
    if value is None:
        return False
    client.asset.metric(name=name, value=value)
    return True


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    pushed = push(client, args.metric, args.value)
    if pushed:
        print("pushed")
    else:
        print("no value for", args.metric)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--metric", required=True)
    parser.add_argument("--value", type=float)
    main(parser.parse_args())
