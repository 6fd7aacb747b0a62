import argparse
import csv
import json
import sys


def export_csv(rows):
    csv.writer(sys.stdout, lineterminator="\n").writerows(rows)


def export_json(rows):
    print(json.dumps(rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("format", choices=[n[7:] for n in globals() if n.startswith("export_")])
    args = parser.parse_args()
    rows = [["a", 1], ["b", 2]]
    globals()["export_" + args.format](rows)
