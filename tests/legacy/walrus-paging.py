import argparse

from pyatlan.client.atlan import AtlanClient


def where():
    return f"page {page}, largest {largest}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=2)
    args = parser.parse_args()
    client = AtlanClient()
    page = -1
    largest = None
    while (page := page + 1) < args.pages:
        client.search.page(page)
        sizes = [largest := (largest or 0) + n for n in (page, 1)]
        print(where(), sizes)
    if (rest := 5 - page) > 2:
        print("rest", rest)
