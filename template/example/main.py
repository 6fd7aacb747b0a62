"""{{ description }}"""

import argparse
import csv
import json
import logging
import os
from typing import TYPE_CHECKING

# The SDK takes seconds to import: functions that need it import it themselves,
# so that --help, a mistyped argument and the pure tests answer at once.
if TYPE_CHECKING:
    from pyatlan.client.atlan import AtlanClient

LOGGER = logging.getLogger("{{ package_name }}")


class ScriptError(Exception):
    """One sentence for whoever runs the script: what is wrong, what would be right."""


def load_input_file(file: str) -> list[str]:
    """Return the qualified names in the file's column of that name, each once."""
    try:
        with open(file, encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            columns = rows.fieldnames or []
            names = [(row.get("qualified_name") or "").strip() for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ScriptError(f"Cannot read {file} as a CSV file: {reason}.") from error
    if (columns or names) and "qualified_name" not in columns:
        raise ScriptError(f"{file} needs a column qualified_name in its first line.")
    if not any(names):
        raise ScriptError(f"{file} is empty: list one qualified name per line.")
    return list(dict.fromkeys(name for name in names if name))


def connect(user_id: str) -> "AtlanClient":
    """Return a client with the credentials in the environment."""
    from pyatlan.pkg.utils import get_client, set_package_headers

    try:
        client = get_client(impersonate_user_id=user_id)
    except ValueError as error:
        raise ScriptError("ATLAN_BASE_URL needs its https:// or http://.") from error
    return set_package_headers(client)


def find_assets(
    client: "AtlanClient", qualified_names: list[str], batch: int = 50
) -> set[str]:
    """Return those of the qualified names that belong to an active asset."""
    from pyatlan.model.assets import Asset
    from pyatlan.model.fluent_search import CompoundQuery, FluentSearch

    found: set[str] = set()
    for start in range(0, len(qualified_names), batch):
        names = qualified_names[start : start + batch]
        search = (
            FluentSearch()
            .where(CompoundQuery.active_assets())
            .where(Asset.QUALIFIED_NAME.within(names))
        )
        found.update(asset.qualified_name or "" for asset in search.execute(client))
    return found


def write_report(file: str, qualified_names: list[str], found: set[str]) -> None:
    """Write the input's qualified names, in its order, each with found or missing."""
    rows = [[name, "found" if name in found else "missing"] for name in qualified_names]
    try:
        with open(file, "w", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerows([["qualified_name", "status"], *rows])
    except OSError as error:
        raise ScriptError(f"Cannot write {file}: {error.strerror}.") from error


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--user-id",
        required=True,
        help="GUID of the user to impersonate; may be empty with an API token",
    )
    parser.add_argument(
        "--input-file",
        required=True,
        help="CSV file with a column qualified_name",
    )
    parser.add_argument(
        "--report-file",
        help="CSV file to write: each qualified name, found or missing",
    )
    return parser


def main(args: argparse.Namespace) -> None:
    """Run the script; what stops it is logged in one sentence, with exit code 1."""
    from httpx import HTTPError  # the SDK lets some of them through
    from pyatlan.errors import AtlanError

    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from pyatlan.pkg.utils import add_otel_handler

        add_otel_handler(LOGGER, logging.INFO, {"service.name": LOGGER.name})

    try:
        qualified_names = load_input_file(args.input_file)
        client = connect(args.user_id)
        found = find_assets(client, qualified_names)
        if args.report_file:
            write_report(args.report_file, qualified_names, found)
    except ScriptError as error:
        LOGGER.error("%s", error)
        raise SystemExit(1) from error
    except (AtlanError, HTTPError, json.JSONDecodeError) as error:
        # Their text may go on with advice.
        reason = str(error).partition(" Suggestion: ")[0].partition("\n")[0]
        LOGGER.error(
            "Atlan could not be reached or refused the request; "
            "check ATLAN_BASE_URL and the credentials: %s",
            reason,
        )
        raise SystemExit(1) from error

    for name in qualified_names:
        if name not in found:
            LOGGER.warning("Missing: %s", name)
    LOGGER.info("%d found, %d missing.", len(found), len(qualified_names) - len(found))


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    main(get_parser().parse_args())
