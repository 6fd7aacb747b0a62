import argparse
import asyncio

import httpx


async def fetch(number):
    async with semaphore:
        response = await client.get(f"/api/meta/entity/{number}")
        return number, response.status_code


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--parallel", type=int, default=1)
    args = parser.parse_args()

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    semaphore = asyncio.Semaphore(args.parallel)
    client = httpx.AsyncClient(base_url="https://tenant.example.com")
    try:
        results = loop.run_until_complete(
            asyncio.wait_for(fetch(1), 10)
        )
        print(results)
        print(loop.run_until_complete(fetch(2)))
    finally:
        loop.run_until_complete(client.aclose())
        loop.close()
