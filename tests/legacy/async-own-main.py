"""Report how many assets each of several connections has."""

import argparse
import asyncio

from pyatlan.client.aio import AsyncAtlanClient


async def count(client, connection, limit):
    found = await client.asset.search(connection)
    return f"{connection}: {found} of {limit}"


async def main():
    """Ask for all connections at once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("connections", nargs="+")
    parser.add_argument("--limit", type=int, default=10)
    options = parser.parse_args()

    client = AsyncAtlanClient()
    asked = [count(client, name, options.limit) for name in options.connections]
    for line in await asyncio.gather(*asked):
        print(line)
    return 3


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
