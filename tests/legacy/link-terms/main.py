import argparse
import csv
import logging

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import AtlasGlossaryTerm


def find_term(name):
    return client.asset.find_term_fastpath_by_name(name=name, glossary="Business")


def link(row):
    term = find_term(row["term"])
    if dry_run:
        logger.info("would link %s to %s", row["asset"], term.name)
        stats["skipped"] += 1
        return
    client.asset.append_terms(qualified_name=row["asset"], terms=[term])
    stats["linked"] += 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("csv_file")
    parser.add_argument("-n", "--dry-run", action="store_true")
    args = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    logger = logging.getLogger("link-terms")
    client = AtlanClient()
    dry_run = args.dry_run
    stats = {"linked": 0, "skipped": 0}

    with open(args.csv_file, newline="") as f:
        for row in csv.DictReader(f):
            link(row)

    logger.info("linked %(linked)d, skipped %(skipped)d", stats)
