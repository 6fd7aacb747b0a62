import argparse

from pyatlan.client.atlan import AtlanClient

failed = []


def make_saver(client):
    def save(number):
        global saved, last
        if number % 2:
            failed.append(number)
            return
        client.asset.save(number)
        saved += 1
        last = number

    return save


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    args = parser.parse_args()
    saved = 0
    last = None
    save = make_saver(AtlanClient())
    for number in range(args.count):
        save(number)
    failed.sort(reverse=True)
    print(saved, last, failed)
