"""Sets the certificate of every table in a schema."""
import argparse
import logging

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import Table
from pyatlan.model.enums import CertificateStatus
from pyatlan.model.fluent_search import FluentSearch

logger = logging.getLogger(__name__)


def find_tables(client, schema):
    return (
        FluentSearch()
        .where(Table.SCHEMA_QUALIFIED_NAME.eq(schema))
        .page_size(50)
        .execute(client)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Certify tables")
    parser.add_argument("--schema", required=True)
    parser.add_argument("--status", choices=["VERIFIED", "DRAFT"], default="DRAFT")
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args()

    client = AtlanClient()
    changed = 0
    for table in find_tables(client, args.schema):
        # renamed tables keep their certificate, see DATA-311
        update = Table.updater(table.qualified_name, table.name)
        update.certificate_status = CertificateStatus[args.status]
        if not args.dry_run:
            client.asset.save(update)
        changed += 1
    print(f"{changed} tables set to {args.status}")
