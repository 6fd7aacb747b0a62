import argparse
from pyatlan.client.atlan import AtlanClient


class main:
    def __init__(self, size):
        self.client = AtlanClient()
        self.size = size

    def run(self):
        self.client.search.batches(size=self.size)
        print("searched in batches of", self.size)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("size", type=int)
    main(parser.parse_args().size).run()
