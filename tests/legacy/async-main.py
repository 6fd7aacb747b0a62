import argparse
import asyncio

from pyatlan.client.aio import AsyncAtlanClient


async def main(args):
    client = AsyncAtlanClient()
    for name in args.names:
        asset = await client.asset.get_by_qualified_name(name)
        print(asset)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="+")
    asyncio.run(main(parser.parse_args()))
