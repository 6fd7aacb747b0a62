import argparse

from pyatlan.client.atlan import AtlanClient


def where(page, largest):
    return f"page {page}, largest {largest}"


def read_pages(client, pages):
    page = -1
    largest = None
    while (page := page + 1) < pages:
        client.search.page(page)
        sizes = [largest := (largest or 0) + n for n in (page, 1)]
        print(where(page, largest), sizes)
    return page


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    page = read_pages(client, args.pages)
    if (rest := 5 - page) > 2:
        print("rest", rest)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=2)
    args = parser.parse_args()
    main(args)
