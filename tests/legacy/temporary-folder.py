import argparse
import atexit
import os
import tempfile
import threading

from pyatlan.client.atlan import AtlanClient


def export(folder, go_on):
    go_on.wait(5)
    with open(os.path.join(folder, "export.txt"), "w") as f:
        f.write(str(AtlanClient().search.count()))
    print("exported", os.listdir(folder))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--prefix", default="export-")
    args = parser.parse_args()
    work = tempfile.TemporaryDirectory(prefix=args.prefix)
    atexit.register(lambda folder: print("still there:", os.path.exists(folder)), work.name)
    go_on = threading.Event()
    threading.Timer(0.2, go_on.set).start()
    threading.Thread(target=export, args=(work.name, go_on)).start()
    print("started")
