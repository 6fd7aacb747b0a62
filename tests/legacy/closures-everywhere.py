import argparse
from functools import partial

parser = argparse.ArgumentParser()
parser.add_argument("--threshold", type=int, default=1)
parser.add_argument("names", nargs="*")
args = parser.parse_args()

threshold = args.threshold
long = [n for n in args.names if len(n) > threshold]
by_length = {n: [m for m in args.names if len(m) == len(n) and m in long] for n in long}
key = lambda n: (-len(n) * threshold, n)


def make_counter():
    seen = 0

    def count(name):
        nonlocal seen
        seen += len(name) > threshold
        return seen

    return count


counter = make_counter()
total = sum(counter(n) for n in sorted(args.names, key=key))
callbacks = [lambda i=i: (i, threshold) for i in range(2)]
show = partial(print, *long, sep="|")
show(by_length, total)
for callback in callbacks: print(callback())
late = [lambda: n for n in long]
print([f() for f in late], any(n in long for n in args.names))
