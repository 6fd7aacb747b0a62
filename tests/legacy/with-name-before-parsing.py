import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    with open("trace.log", "w") as trace:
        print("start", file=trace)
        parser = argparse.ArgumentParser()
        parser.add_argument("names", nargs="+")
        args = parser.parse_args()
        client = AtlanClient()
        for name in args.names:
            client.asset.save(name)
            print("saved", name, file=trace)
        print("end", file=trace)
