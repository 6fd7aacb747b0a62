import argparse
from pyatlan.client.atlan import AtlanClient
# nothing but helpers up to the guard

def helper(n):
    return n + 1
    # after the return
# belongs to nobody

if __name__ == "__main__":  # entry point
    # first comment in the guard
    parser = argparse.ArgumentParser()  # no description, on purpose
    # before an argument
    parser.add_argument("n", type=int)

    args = parser.parse_args()  # <- parsed here
    # right after the parsing

    client = AtlanClient()
    if args.n:
        client.asset.batch(helper(args.n))
        # TODO(jk): batch size from the environment
    else:
        # nothing asked for
        pass
    # before the last statement
    print("n =", args.n)  # last statement
  # oddly indented
    # client.close()

    # end of the guard
# after the guard
# vim: set ts=4 sw=4:
