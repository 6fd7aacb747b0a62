import argparse
from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":

    def get_args():
        parser = argparse.ArgumentParser()
        parser.add_argument("--mode", choices=["fast", "safe"], default="safe")
        return parser.parse_args()

    args = get_args()

    def page_size():
        return sizes[args.mode]

    class Pager:
        """Pages through what is certified."""

        def __init__(self, client):
            self.client = client

        def pages(self):
            for page in self.client.search.pages(size=page_size()):
                yield page

    sizes = {"fast": 500, "safe": 20}
    for page in Pager(AtlanClient()).pages():
        print(page, page_size())
