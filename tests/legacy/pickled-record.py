import collections
import pickle
from enum import Enum

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    Row = collections.namedtuple("Row", "name guid")
    Level = Enum("Level", "LOW HIGH")
    rows = [Row(str(a.name), str(a.guid)) for a in AtlanClient().search.tables()]
    with open("rows.pickle", "wb") as f:
        pickle.dump((rows, Level.HIGH), f)
    with open("rows.pickle", "rb") as f:
        print(pickle.load(f))
