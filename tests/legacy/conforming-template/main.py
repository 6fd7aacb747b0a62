"""Lists the connections of a tenant."""

import argparse
import logging

LOGGER = logging.getLogger("connections")


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--user-id", required=True)
    return parser


def main(args: argparse.Namespace) -> None:
    """Run the script."""
    from pyatlan.pkg.utils import get_client, set_package_headers

    client = set_package_headers(get_client(impersonate_user_id=args.user_id))
    for connection in client.connection.list():
        LOGGER.info("%s", connection.qualified_name)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    main(get_parser().parse_args())
