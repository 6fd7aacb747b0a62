"""Recomputes the popularity scores once a day."""
import argparse
import logging

from pyatlan.client.atlan import AtlanClient

DAYS = 30

logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.INFO)
log = logging.getLogger("popularity")


def score(views: int, queries: int) -> int:
    """Weigh views twice."""
    return views * 2 + queries


def refresh(client: AtlanClient, number: int, table) -> int:
    """Save the score of one table, and return it."""
    value = score(number, len(table.queries))
    table.popularity_score = value
    client.asset.update_merging_cm(table)
    return value


def refresh_all(client: AtlanClient, days: int = DAYS) -> int:
    total = 0
    for number, table in enumerate(client.search.popular(days=days)):
        total += refresh(client, number, table)
    return total


def main(args: argparse.Namespace) -> None:
    total = refresh_all(AtlanClient())
    log.info("total score %d", total)
    print("done")


if __name__ == "__main__":
    main(argparse.Namespace())
