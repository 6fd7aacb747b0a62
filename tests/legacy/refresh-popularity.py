"""Recomputes the popularity scores once a day."""
import logging

from pyatlan.client.atlan import AtlanClient

logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.INFO)
log = logging.getLogger("popularity")


def score(views, queries):
    return views * 2 + queries


if __name__ == "__main__":
    client = AtlanClient()
    total = 0
    for number, table in enumerate(client.search.popular(days=30)):
        value = score(number, len(table.queries))
        table.popularity_score = value
        client.asset.update_merging_cm(table)
        total += value
    log.info("total score %d", total)
    print("done")
