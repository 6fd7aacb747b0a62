import argparse

parser = argparse.ArgumentParser()
parser.add_argument("tier")
args = parser.parse_args()

print("tier", args.tier)

from mapping import *
from pyatlan.client.atlan import AtlanClient

badge = BADGES.get(args.tier, "none")
AtlanClient().asset.badge(badge)
print("badge", badge)
