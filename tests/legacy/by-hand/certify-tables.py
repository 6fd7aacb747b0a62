"""Sets the certificate of every table in a schema."""

import argparse
import logging

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import Table
from pyatlan.model.enums import CertificateStatus
from pyatlan.model.fluent_search import FluentSearch

logger = logging.getLogger(__name__)


def find_tables(client, schema):
    """Find all tables of a schema."""
    return (
        FluentSearch()
        .where(Table.SCHEMA_QUALIFIED_NAME.eq(schema))
        .page_size(50)
        .execute(client)
    )


def certify_table(client: AtlanClient, table: Table, status: str, dry_run: bool) -> None:
    # renamed tables keep their certificate, see DATA-311
    update = Table.updater(table.qualified_name, table.name)
    update.certificate_status = CertificateStatus[status]
    if dry_run:
        return
    client.asset.save(update)


def certify_tables(client: AtlanClient, schema: str, status: str, dry_run: bool) -> int:
    """Certify all tables of a schema; return how many there are."""
    changed = 0
    for table in find_tables(client, schema):
        certify_table(client, table, status, dry_run)
        changed += 1
    return changed


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    changed = certify_tables(client, args.schema, args.status, args.dry_run)
    print(f"{changed} tables set to {args.status}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Certify tables")
    parser.add_argument("--schema", required=True)
    parser.add_argument("--status", choices=["VERIFIED", "DRAFT"], default="DRAFT")
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args()

    main(args)
