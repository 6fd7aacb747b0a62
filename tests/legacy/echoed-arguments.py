import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--b", type=int)
    parser.add_argument("--a", default="A")
    args = parser.parse_args()
    print(f"Running with {args}, {args!r:.20} and {args.a=}")
    print(vars(args))
    for name, value in vars(args).items():
        print(name.rjust(5), value)
    AtlanClient().audit.log(**vars(args))
