import argparse
import asyncio

from pyatlan.client.aio import AsyncAtlanClient


async def add_term(client, name):
    await client.asset.save({"term": name})
    print("saved", name)


async def run(args):
    async with AsyncAtlanClient() as client:
        for name in args.terms:
            await add_term(client, name)
        async for term in client.asset.find_terms():
            print("now there:", term)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--terms", nargs="*", default=[])
    args = p.parse_args()
    asyncio.run(run(args))
