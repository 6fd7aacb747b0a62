import argparse
import sys

from pyatlan.client.atlan import AtlanClient

DEBUG = "--debug" in sys.argv
if DEBUG:
    sys.argv.remove("--debug")

parser = argparse.ArgumentParser()
parser.add_argument("name")
args = parser.parse_args()


def command_line():
    return " ".join(sys.argv[1:])


print("started as", sys.argv[1:])
AtlanClient().asset.save(args.name, note=command_line())
if DEBUG:
    print("debug:", command_line())
