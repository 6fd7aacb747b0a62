"""{{ description }}"""

import argparse
import logging
import os
from typing import TYPE_CHECKING

# The SDK takes seconds to import: functions that need it import it themselves,
# so that --help, a mistyped argument and the pure tests answer at once.
if TYPE_CHECKING:
    from pyatlan.client.atlan import AtlanClient

LOGGER = logging.getLogger("{{ package_name }}")


def log_user(client: "AtlanClient") -> None:
    """Log which user the script runs as: replace this with what it is for."""
    LOGGER.info("Running as %s.", client.user.get_current().username)


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--user-id",
        required=True,
        help="GUID of the user to impersonate; may be empty with an API token",
    )
    return parser


def main(args: argparse.Namespace) -> None:
    """Run the script."""
    from pyatlan.pkg.utils import add_otel_handler, get_client, set_package_headers

    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        add_otel_handler(LOGGER, logging.INFO, {"service.name": LOGGER.name})

    client = set_package_headers(get_client(impersonate_user_id=args.user_id))
    log_user(client)


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    main(get_parser().parse_args())
