import argparse
import csv
import logging

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import AtlasGlossaryTerm


def find_term(client, name):
    return client.asset.find_term_fastpath_by_name(name=name, glossary="Business")


def link(client, logger, stats, row, dry_run):
    term = find_term(client, row["term"])
    if dry_run:
        logger.info("would link %s to %s", row["asset"], term.name)
        stats["skipped"] += 1
        return
    client.asset.append_terms(qualified_name=row["asset"], terms=[term])
    stats["linked"] += 1


def set_up_logging():
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    return logging.getLogger("link-terms")


def link_all(client, logger, csv_file, dry_run):
    stats = {"linked": 0, "skipped": 0}
    with open(csv_file, newline="") as f:
        for row in csv.DictReader(f):
            link(client, logger, stats, row, dry_run)
    return stats


def main(args: argparse.Namespace) -> None:
    logger = set_up_logging()
    client = AtlanClient()
    stats = link_all(client, logger, args.csv_file, args.dry_run)
    logger.info("linked %(linked)d, skipped %(skipped)d", stats)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("csv_file")
    parser.add_argument("-n", "--dry-run", action="store_true")
    args = parser.parse_args()
    main(args)
