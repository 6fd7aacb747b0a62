import argparse
import itertools

import pandas as pd
from pyatlan.client.atlan import AtlanClient
from tqdm import tqdm


def parse_args():
    p = argparse.ArgumentParser(formatter_class=argparse.RawTextHelpFormatter,
                                description="Usage of a connection\n  as a sheet")
    p.add_argument("--connection", required=True)
    p.add_argument("--limit", type=int)
    return p.parse_args()


if __name__ == "__main__":
    args = parse_args()
    found = AtlanClient().search.usage(args.connection)
    rows = []
    for number, asset in enumerate(tqdm(itertools.islice(found, args.limit))):
        rows.append((number, str(asset)))
    frame = pd.DataFrame(rows, columns=["number", "asset"])
    frame.to_excel("usage.xlsx", index=False)
    print(rows)
