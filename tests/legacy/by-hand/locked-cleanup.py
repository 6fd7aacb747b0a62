import argparse
from contextlib import contextmanager
from pathlib import Path

from pyatlan.client.atlan import AtlanClient

LOCK = "cleanup.lock"


@contextmanager
def lock(name):
    Path(name).write_text("locked")
    print("locked")
    try:
        yield
    finally:
        Path(name).unlink()
        print("unlocked")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("schemas", nargs="*")
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    for schema in args.schemas:
        print("cleaning", schema, Path(LOCK).exists())
        client.asset.delete_by_prefix(schema)


if __name__ == "__main__":
    with lock(LOCK):
        main(parse_arguments())
