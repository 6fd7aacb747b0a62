import logging
import os

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import Table

PAGE = 20

# One client for all functions
client = AtlanClient()
handler = logging.FileHandler("drafts.log")
logger = logging.getLogger("drafts")
logger.addHandler(handler)
OWNER = "ada"


def drafts():
    return client.asset.find(Table, owner=os.environ.get("OWNER", OWNER), page=PAGE)


def main():
    """Reports the drafts of one owner."""
    found = drafts()
    logger.warning("looked for drafts")
    print("drafts:", found)
    client.close()


if __name__ == "__main__":
    main()
