#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""
Imports terms into a glossary from a CSV file
=============================================

Columns: name, description, parent, owners (;), synonyms (;)

1st pass: categories and terms
2nd pass: relations between terms, which must exist by then
"""
import argparse
import csv
import logging
import os
import sys
from collections import Counter, OrderedDict
from typing import Dict, List, Tuple

from pyatlan.client.atlan import AtlanClient
from pyatlan.errors import AtlanError, NotFoundError
from pyatlan.model.assets import AtlasGlossary, AtlasGlossaryCategory, AtlasGlossaryTerm
from tenacity import retry, stop_after_attempt, wait_fixed

REQUIRED = ("name", "description", "parent", "owners", "synonyms")
BATCH_SIZE = 2

logging.basicConfig(
    level=logging.INFO,
    format="%(levelname)-8s %(name)s  %(message)s",
    stream=sys.stdout,
)
logger = logging.getLogger("glossary-bulk-import")


class RowError(ValueError):
    """A row that cannot be imported."""

    def __init__(self, number, reason):
        super().__init__(f"row {number}: {reason}")
        self.number = number


# ---------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------

def read_rows(path):
    with open(path, newline="", encoding="utf-8-sig") as f:
        reader = csv.DictReader(f)
        missing = [c for c in REQUIRED if c not in (reader.fieldnames or [])]
        if missing:
            logger.error("missing columns: %s", ", ".join(missing))
            sys.exit(2)
        return list(reader)


def split(value):
    return [part.strip() for part in (value or "").split(";") if part.strip()]


def check_row(number, row):
    if not row["name"].strip():
        raise RowError(number, "has no name")
    if row["name"] in seen:
        raise RowError(number, f"repeats {row['name']!r}")
    seen.add(row["name"])


# ---------------------------------------------------------------------------
# Atlan
# ---------------------------------------------------------------------------

@retry(stop=stop_after_attempt(4), wait=wait_fixed(2))
def save(batch):
    if dry_run:
        stats["not saved"] += len(batch)
        return None
    response = client.asset.save(batch)
    stats["saved"] += len(batch)
    return response


def find_glossary(name):
    try:
        return client.asset.find_glossary_by_name(name)
    except NotFoundError:
        logger.warning("glossary %s is new", name)
        return AtlasGlossary.creator(name=name)


def category_for(name):
    if not name:
        return None
    if name not in categories:
        categories[name] = AtlasGlossaryCategory.creator(name=name, anchor=glossary)
        save([categories[name]])
        stats["categories"] += 1
    return categories[name]


def build_term(row):
    term = AtlasGlossaryTerm.creator(name=row["name"], anchor=glossary)
    term.user_description = row["description"]
    owners = split(row["owners"])
    if owners:
        term.owner_users = set(owners[:1])
    category = category_for(row["parent"])
    if category is not None:
        term.categories = [category]
    return term


def flush():
    global pending
    if pending:
        save(pending)
    pending = []


def import_terms(rows: List[Dict[str, str]], batch_size: int) -> Tuple[dict, list]:
    """1st pass: categories and terms."""
    terms = {}
    outcome = []
    for number, row in enumerate(rows, start=2):
        try:
            check_row(number, row)
            terms[row["name"]] = build_term(row)
        except RowError as error:
            logger.warning("%s", error)
            outcome.append((number, row["name"], "skipped", str(error)))
            stats["skipped"] += 1
            continue
        except AtlanError as error:
            logger.error("row %d: %s", number, error)
            outcome.append((number, row["name"], "failed", str(error)))
            continue
        outcome.append((number, row["name"], "imported", ""))
        pending.append(terms[row["name"]])
        if len(pending) >= batch_size:
            flush()
    flush()
    return terms, outcome


def relate_terms(rows: List[Dict[str, str]], terms: dict) -> int:
    """2nd pass: relations, also to terms that are not in the file."""
    related = 0
    for row in rows:
        if row["name"] not in terms:
            continue
        others = [terms.get(name) or client.asset.find_term_by_name(name, glossary)
                  for name in split(row["synonyms"])]
        if others:
            term = terms[row["name"]].trim_to_required()
            term.synonyms = others
            pending.append(term)
            related += len(others)
    flush()
    return related


def write_report(path: str, outcome: list) -> None:
    with open(path, "w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f)
        writer.writerow(("row", "term", "outcome", "reason"))
        writer.writerows(outcome)
    logger.info("report: %s", path)


def log_stats(related: int) -> None:
    width = max(map(len, stats), default=0)
    for key in sorted(stats):
        logger.info("%s %3d", key.ljust(width), stats[key])
    logger.info("%d relations in %d categories%s", related, len(categories),
                " (dry run)" if dry_run else "")


def main(args: argparse.Namespace) -> None:
    global dry_run, client, glossary, categories, seen, stats, pending

    if not os.path.exists(args.input):
        logger.error("there is no %s", args.input)
        sys.exit(2)

    rows = read_rows(args.input)
    if not rows:
        logger.info("nothing to import")
        sys.exit()

    dry_run = args.dry_run
    client = AtlanClient()
    glossary = find_glossary(args.glossary)
    categories = OrderedDict()
    seen = set()
    stats = Counter()
    pending = []

    terms, outcome = import_terms(rows, args.batch_size)
    related = relate_terms(rows, terms)
    if args.report:
        write_report(args.report, outcome)
    log_stats(related)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Imports terms into a glossary",
        epilog="Existing terms are updated; nothing is deleted.",
    )
    parser.add_argument("--input", required=True, metavar="CSV")
    parser.add_argument("--glossary", required=True)
    parser.add_argument("--report", default=None, help="CSV file for the outcome of every row")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--batch-size", type=int, default=BATCH_SIZE)
    main(parser.parse_args())
