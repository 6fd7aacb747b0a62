import argparse
import atexit
import sys
import threading

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    saved = []

    @atexit.register
    def summary():
        print("saved", saved)

    def work():
        client = AtlanClient()
        for name in args.names:
            client.asset.save(name)
            saved.append(name)

    if not args.names:
        sys.exit(5)
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    atexit.register(lambda: print("bye", len(saved)))
