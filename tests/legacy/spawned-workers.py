import argparse
import multiprocessing

from pyatlan.client.atlan import AtlanClient

parser = argparse.ArgumentParser()
parser.add_argument("--factor", type=int, default=3)
args = parser.parse_args()


def scaled(number):
    return number * args.factor


if __name__ == "__main__":
    AtlanClient().admin.ping()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(scaled, [1, 2]))
