import argparse
from contextlib import contextmanager
from pathlib import Path

from pyatlan.client.atlan import AtlanClient


@contextmanager
def lock(name):
    Path(name).write_text("locked")
    print("locked")
    try:
        yield
    finally:
        Path(name).unlink()
        print("unlocked")


if __name__ == "__main__":
    with lock("cleanup.lock"):
        parser = argparse.ArgumentParser()
        parser.add_argument("schemas", nargs="*")
        args = parser.parse_args()

        client = AtlanClient()
        for schema in args.schemas:
            print("cleaning", schema, Path("cleanup.lock").exists())
            client.asset.delete_by_prefix(schema)
