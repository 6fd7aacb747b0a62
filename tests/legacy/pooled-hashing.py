import argparse
import hashlib
import multiprocessing
import pickle

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="+")
    parser.add_argument("--salt", default="")
    args = parser.parse_args()
    salt = args.salt

    class Entry:
        kind = "entry"

        def __init__(self, name, digest):
            self.name = name
            self.digest = digest

    def digest(name):
        return hashlib.sha256((salt + name).encode()).hexdigest()[:12]

    # the salt reaches the children because they are forked
    with multiprocessing.get_context("fork").Pool(2) as pool:
        digests = pool.map(digest, args.names)
    entries = [Entry(name, value) for name, value in zip(args.names, digests)]
    again = pickle.loads(pickle.dumps(entries))
    for entry in again:
        print(entry.kind, entry.name, entry.digest)
    print(type(entry).__qualname__, digest.__qualname__)
