import argparse

import helper
from lib.naming import normalise

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    for name in args.names:
        print(normalise(name), helper.save(name))
    helper.finish(len(args.names))
